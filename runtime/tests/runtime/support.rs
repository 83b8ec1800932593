//! A chain in memory, and those who act on it.

use codec::Encode;
use frame_support::{
    genesis_builder_helper::build_state, migrations::MultiStepMigrator, storage::with_transaction_unchecked,
};
use medrec_primitives::{
    GrantTerms, MemberRole, RelationshipId, SealedTerms, TicketDigest, Viewer, TERMS_PLAINTEXT_BYTES,
};
use medrec_runtime::{
    configs::governance::CouncilCollective, constants::SLOT_DURATION, genesis, Access, AccountId, Address,
    Balances, Executive, Header, MultiBlockMigrations, Permissions, Registry, Relationships, Research,
    Runtime, RuntimeCall, RuntimeEvent, RuntimeGenesisConfig, SignedPayload, System, TxExtension,
    UncheckedExtrinsic, VERSION,
};
use sp_core::{sr25519, Pair};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
    generic::{Digest, DigestItem, Era},
    traits::{Hash as _, Header as _},
    transaction_validity::{TransactionSource, TransactionValidity, TransactionValidityError},
    ApplyExtrinsicResult, DispatchError, DispatchResult, MultiSignature, TransactionOutcome,
};

/// The slot of block 0: some day in 2026.
pub const FIRST_SLOT: u64 = 295_000_000;

/// A chain right after genesis, by preset.
pub fn genesis_ext(name: &str) -> TestExternalities {
    let mut ext = TestExternalities::new_empty();
    ext.execute_with(|| {
        let config = genesis::config(&name.into()).expect("there is such a preset");
        build_state::<RuntimeGenesisConfig>(serde_json::to_vec(&config).unwrap()).unwrap();
    });
    ext
}

/// Runs a test in block 1 of a development chain, and checks all invariants of our pallets after it.
pub fn run(test: impl FnOnce()) {
    genesis_ext("development").execute_with(|| {
        begin_block(1);
        test();
        try_state();
    });
}

/// Every invariant of our pallets.
pub fn try_state() {
    Registry::do_try_state().unwrap();
    Relationships::do_try_state().unwrap();
    Permissions::do_try_state().unwrap();
    Access::do_try_state().unwrap();
    Research::do_try_state().unwrap();
}

/// Starts block `number`, whatever the last one was. All invariants hold at the end of that, unless storage is
/// to be migrated.
pub fn begin_block(number: u32) {
    if number > 1 {
        let upgraded = System::last_runtime_upgrade_spec_version() == VERSION.spec_version;
        if upgraded && !MultiBlockMigrations::ongoing() {
            try_state();
        }
        System::note_finished_extrinsics();
        System::finalize();
    }
    jump_to_block(number);
}

/// Starts block `number` without the last one's header: that costs a root over all state.
pub fn jump_to_block(number: u32) {
    if number > 1 {
        System::set_block_number(number - 1);
        // As if the scheduler had looked through every block in between, and found nothing.
        pallet_scheduler::IncompleteSince::<Runtime>::put(number);
    }
    let slot = FIRST_SLOT + u64::from(number);
    let digest =
        Digest { logs: vec![DigestItem::PreRuntime(sp_consensus_aura::AURA_ENGINE_ID, slot.encode())] };
    let header = Header::new(number, Default::default(), Default::default(), Default::default(), digest);
    Executive::initialize_block(&header);
    // The timestamp's inherent; the parachain's own needs a relay chain.
    pallet_timestamp::Now::<Runtime>::put(slot * SLOT_DURATION);
}

/// Starts the next block.
pub fn next_block() {
    begin_block(System::block_number() + 1);
}

/// Everything that a transaction carries beside its call.
pub fn extension(era: Era, nonce: u32) -> TxExtension {
    TxExtension::new((
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        pallet_relationships::extension::FreeCalls::new(era, nonce),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
    ))
}

/// The account behind a key.
pub fn account(pair: &sr25519::Pair) -> AccountId {
    pair.public().into()
}

/// A transaction with the signer's next nonce and a mortal era.
pub fn sign(pair: &sr25519::Pair, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
    sign_with(pair, call, Era::mortal(64, u64::from(System::block_number() - 1)))
}

/// A transaction with the signer's next nonce.
pub fn sign_with(pair: &sr25519::Pair, call: impl Into<RuntimeCall>, era: Era) -> UncheckedExtrinsic {
    sign_at(pair, call, era, System::account_nonce(account(pair)))
}

/// A transaction with this nonce.
pub fn sign_at(
    pair: &sr25519::Pair,
    call: impl Into<RuntimeCall>,
    era: Era,
    nonce: u32,
) -> UncheckedExtrinsic {
    let call = call.into();
    let who = account(pair);
    let extension = extension(era, nonce);
    let payload = SignedPayload::new(call.clone(), extension.clone()).unwrap();
    let signature = payload.using_encoded(|bytes| pair.sign(bytes));
    UncheckedExtrinsic::new_signed(call, Address::Id(who), MultiSignature::Sr25519(signature), extension)
}

/// Signs and applies a call, as it would happen in a block.
pub fn try_submit(pair: &sr25519::Pair, call: impl Into<RuntimeCall>) -> ApplyExtrinsicResult {
    Executive::apply_extrinsic(sign(pair, call))
}

/// Signs and applies a call that is valid; answers with how it went.
pub fn submit(pair: &sr25519::Pair, call: impl Into<RuntimeCall>) -> DispatchResult {
    try_submit(pair, call).expect("the transaction is valid")
}

/// What the pool says of a transaction that came from another node.
pub fn pool(transaction: UncheckedExtrinsic) -> TransactionValidity {
    // Looking at it begins a block, which is taken back here.
    with_transaction_unchecked(|| {
        let hash = System::block_hash(0);
        let checked = Executive::validate_transaction(TransactionSource::External, transaction, hash);
        TransactionOutcome::Rollback(checked)
    })
}

/// Why a transaction was not let into the block.
pub fn refusal(pair: &sr25519::Pair, call: impl Into<RuntimeCall>) -> Option<TransactionValidityError> {
    try_submit(pair, call).err()
}

/// Alice, Bob, Charlie: the consortium.
pub fn council() -> [sr25519::Pair; 3] {
    [Sr25519Keyring::Alice.pair(), Sr25519Keyring::Bob.pair(), Sr25519Keyring::Charlie.pair()]
}

/// Who sits in the Council.
pub fn seats() -> Vec<AccountId> {
    pallet_collective::Members::<Runtime, CouncilCollective>::get()
}

/// Puts a motion to the Council with these votes, and closes it; answers with how its call went, or `None` if it was
/// not passed.
pub fn motion(call: impl Into<RuntimeCall>, votes: [bool; 3]) -> Option<DispatchResult> {
    let call = call.into();
    let members = council();
    let length = call.encoded_size() as u32;
    let weight = frame_support::dispatch::GetDispatchInfo::get_dispatch_info(&call).call_weight;
    let hash = sp_runtime::traits::BlakeTwo256::hash_of(&call);
    let index = pallet_collective::ProposalCount::<Runtime, CouncilCollective>::get();
    submit(
        &members[0],
        pallet_collective::Call::<Runtime, CouncilCollective>::propose {
            threshold: 2,
            proposal: Box::new(call),
            length_bound: length,
        },
    )
    .unwrap();
    for (member, approve) in members.iter().zip(votes) {
        submit(
            member,
            pallet_collective::Call::<Runtime, CouncilCollective>::vote { proposal: hash, index, approve },
        )
        .unwrap();
    }
    submit(
        &members[2],
        pallet_collective::Call::<Runtime, CouncilCollective>::close {
            proposal_hash: hash,
            index,
            proposal_weight_bound: weight,
            length_bound: length,
        },
    )
    .unwrap();
    let open = pallet_collective::Proposals::<Runtime, CouncilCollective>::get();
    assert!(!open.contains(&hash), "the motion is closed");
    System::events().into_iter().rev().find_map(|record| match record.event {
        RuntimeEvent::Council(pallet_collective::Event::Executed { proposal_hash, result })
            if proposal_hash == hash =>
        {
            Some(Some(result))
        }
        RuntimeEvent::Council(pallet_collective::Event::Disapproved { proposal_hash })
            if proposal_hash == hash =>
        {
            Some(None)
        }
        _ => None,
    })?
}

/// A motion that all vote for.
pub fn decide(call: impl Into<RuntimeCall>) -> DispatchResult {
    motion(call, [true; 3]).expect("all voted for it")
}

/// Dave, who runs a hospital in these tests.
pub fn hospital() -> sr25519::Pair {
    Sr25519Keyring::Dave.pair()
}

/// The call by which someone applies as a provider.
pub fn application(name: &str) -> pallet_registry::Call<Runtime> {
    pallet_registry::Call::apply {
        role: MemberRole::Provider,
        name: name.as_bytes().to_vec().try_into().unwrap(),
        url: b"https://gatekeeper.example".to_vec().try_into().unwrap(),
        gatekeeper: account(&sr25519::Pair::from_string(&format!("//{name}//gatekeeper"), None).unwrap()),
        sealing_key: [7; 32],
    }
}

/// Lets Dave apply and be admitted by vote, as member 0, with enough on the deposit account for some patients.
pub fn admit_hospital() {
    submit(&hospital(), application("Dave Hospital")).unwrap();
    decide(pallet_registry::Call::admit { member: 0 }).unwrap();
    let footprint = <Runtime as pallet_relationships::Config>::RecordDeposit::get()
        + <Runtime as pallet_relationships::Config>::UseDeposit::get();
    submit(
        &hospital(),
        pallet_balances::Call::transfer_keep_alive {
            dest: Address::Id(pallet_relationships::Pallet::<Runtime>::deposit_account(0)),
            value: 10 * footprint,
        },
    )
    .unwrap();
}

/// A patient's key, which has no balance.
pub fn patient(n: u32) -> sr25519::Pair {
    let pair = sr25519::Pair::from_string(&format!("//Patient//medrec//{n}"), None).unwrap();
    assert_eq!(Balances::free_balance(account(&pair)), 0);
    pair
}

/// A ticket's digest.
pub const TICKET: TicketDigest = [5; 16];

/// The first relationship of the first member.
pub const FIRST: RelationshipId = RelationshipId::new(0, 0);

/// The call by which the hospital proposes.
pub fn proposal(patient: &sr25519::Pair) -> pallet_relationships::Call<Runtime> {
    pallet_relationships::Call::propose { patient: account(patient), ticket: TICKET }
}

/// Sealed terms that nobody can open.
pub fn sealed_terms() -> GrantTerms {
    GrantTerms::Sealed(SealedTerms {
        key: 0,
        enc: [1; 32],
        ciphertext: [2; TERMS_PLAINTEXT_BYTES + 16],
        commitment: [3; 32],
    })
}

/// The call by which a patient grants something sealed to a doctor's key, until some day.
pub fn sealed_grant() -> pallet_permissions::Call<Runtime> {
    pallet_permissions::Call::grant {
        relationship: FIRST,
        viewer: Viewer::Key(AccountId::new([9; 32])),
        terms: sealed_terms(),
        not_before: None,
        not_after: Some(pallet_timestamp::Now::<Runtime>::get() + 90 * medrec_primitives::DAY_MS),
        may_share: false,
    }
}

/// A patient of the hospital, who has accepted; relationship [`FIRST`].
pub fn enrolled_patient() -> sr25519::Pair {
    admit_hospital();
    let patient = patient(0);
    submit(&hospital(), proposal(&patient)).unwrap();
    submit(&patient, pallet_relationships::Call::accept { relationship: FIRST }).unwrap();
    patient
}

/// What the storage holds, by key.
pub fn storage() -> std::collections::BTreeMap<Vec<u8>, Vec<u8>> {
    let mut all = std::collections::BTreeMap::new();
    let mut key = Vec::new();
    while let Some(next) = sp_io::storage::next_key(&key) {
        let value = frame_support::storage::unhashed::get_raw(&next).unwrap_or_default();
        all.insert(next.clone(), value);
        key = next;
    }
    all
}

/// `CallFiltered`, as a failed dispatch shows it.
pub fn call_filtered() -> DispatchError {
    frame_system::Error::<Runtime>::CallFiltered.into()
}
