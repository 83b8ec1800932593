//! Keys, signed transactions, the calls that are measured.

use codec::Encode;
use medrec_primitives::{
    AccountId, GrantTerms, RelationshipId, SealedTerms, Viewer, DAY_MS, TERMS_PLAINTEXT_BYTES,
};
use medrec_runtime::{Address, Runtime, RuntimeCall, SignedPayload, System, TxExtension, UncheckedExtrinsic};
use sp_core::{sr25519, Pair};
use sp_io::hashing::blake2_256;
use sp_runtime::{generic::Era, MultiSignature};

/// The one provider.
pub const MEMBER: u32 = 0;

/// A key of its own for each pair of words and number.
pub fn key(words: &str, number: u32) -> sr25519::Pair {
    sr25519::Pair::from_seed(&blake2_256(&(words, number).encode()))
}

/// The account behind a key.
pub fn account(key: &sr25519::Pair) -> AccountId {
    key.public().into()
}

/// Patient `index` of the provider.
pub fn patient(index: u32) -> sr25519::Pair {
    key("patient", index)
}

/// Someone with a balance.
pub fn payer(index: u32) -> sr25519::Pair {
    key("payer", index)
}

/// Relationship `index` of the provider.
pub fn relationship(index: u32) -> RelationshipId {
    RelationshipId::new(MEMBER, index)
}

/// A transaction with the signer's next nonce and a mortal era, as a wallet makes it.
pub fn sign(key: &sr25519::Pair, call: RuntimeCall) -> UncheckedExtrinsic {
    let who = account(key);
    let era = Era::mortal(64, u64::from(System::block_number().saturating_sub(1)));
    let extension = TxExtension::new((
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        pallet_relationships::extension::FreeCalls::new(era, System::account_nonce(&who)),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
    ));
    let payload = SignedPayload::new(call.clone(), extension.clone()).expect("the chain has a block");
    let signature = payload.using_encoded(|bytes| key.sign(bytes));
    UncheckedExtrinsic::new_signed(call, Address::Id(who), MultiSignature::Sr25519(signature), extension)
}

/// A transfer that keeps both accounts.
pub fn transfer(to: AccountId) -> RuntimeCall {
    pallet_balances::Call::<Runtime>::transfer_keep_alive { dest: Address::Id(to), value: 1_000_000_007 }
        .into()
}

/// A grant of sealed terms to a key, until some day. Nobody can open these terms; the chain never tries.
pub fn grant(index: u32, viewer: u32) -> RuntimeCall {
    let noise = blake2_256(&(index, viewer).encode());
    let mut ciphertext = [0; TERMS_PLAINTEXT_BYTES + 16];
    for (place, byte) in ciphertext.iter_mut().enumerate() {
        *byte = noise[place % noise.len()];
    }
    let terms = GrantTerms::Sealed(SealedTerms { key: 0, enc: noise, ciphertext, commitment: noise });
    pallet_permissions::Call::<Runtime>::grant {
        relationship: relationship(index),
        viewer: Viewer::Key(account(&key("viewer", viewer))),
        terms,
        not_before: None,
        not_after: Some(pallet_timestamp::Now::<Runtime>::get() + 90 * DAY_MS),
        may_share: false,
    }
    .into()
}

/// Takes a grant back.
pub fn revoke(index: u32, grant: u32) -> RuntimeCall {
    pallet_permissions::Call::<Runtime>::revoke { relationship: relationship(index), grant }.into()
}

/// The provider proposes.
pub fn propose(patient: &sr25519::Pair) -> RuntimeCall {
    let mut ticket = [0; 16];
    ticket.copy_from_slice(&blake2_256(&patient.public().0)[..16]);
    pallet_relationships::Call::<Runtime>::propose { patient: account(patient), ticket }.into()
}

/// The patient accepts.
pub fn accept(index: u32) -> RuntimeCall {
    pallet_relationships::Call::<Runtime>::accept { relationship: relationship(index) }.into()
}
