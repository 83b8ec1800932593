//! Transactions that are signed while no node can be reached, and submitted later.

use codec::{DecodeAll, Encode};
use medrec_primitives::AccountId;
use sp_core::H256;
use subxt::{
    config::{DefaultExtrinsicParamsBuilder, ParamsFor},
    utils::{AccountId32, MultiSignature},
    SubstrateConfig,
};

use super::{
    calls::Call,
    connect::Chain,
    error::ChainError,
    submit::{follow, not_taken, other_call, Submitted, Transactions, Wait, PATIENCE},
};

/// What is needed of a chain to write transactions for it without asking it again.
#[derive(Clone)]
pub struct OfflineSigning {
    transactions: Transactions,
}

/// From where on, and in which turn, a transaction is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The signer's transactions so far.
    pub nonce: u64,
    /// Number and hash of the block from which it is valid.
    pub birth: (u64, H256),
    /// For how many blocks: a power of two.
    pub mortality: u64,
}

impl Chain {
    /// What the chain's present runtime needs to be told of transactions.
    pub async fn offline_signing(&self) -> Result<OfflineSigning, ChainError> {
        Ok(OfflineSigning { transactions: self.transactions().await? })
    }

    /// Submits a transaction that was signed before, and waits until it is final.
    pub async fn submit_signed(&self, extrinsic: Vec<u8>) -> Result<Submitted, ChainError> {
        let transactions = self.transactions().await?;
        let length = extrinsic.len();
        let signed = transactions.from_bytes(extrinsic);
        let hash = signed.hash();
        let progress = signed.submit_and_watch().await.map_err(not_taken)?;
        let late = |_| ChainError::TimedOut { extrinsic: hash, seconds: PATIENCE.as_secs() };
        tokio::time::timeout(PATIENCE, follow(progress, Wait::Finalised, length)).await.map_err(late)?
    }

    /// The nonce of an account in the state of a block: how many transactions of its were included.
    pub async fn nonce_at(&self, at: H256, account: &AccountId) -> Result<u64, ChainError> {
        let function = "AccountNonceApi_account_nonce";
        let nonce: u32 = self.at(at).call(function, &account.encode()).await?;
        Ok(nonce.into())
    }

    /// The keys of all persons on all members' staffs, in the state of a block.
    pub async fn staff_keys(&self, at: H256) -> Result<Vec<AccountId>, ChainError> {
        const PAGE: u32 = 512;
        let prefix = super::storage_key("Registry", "StaffKeys");
        let (mut keys, mut last): (Vec<AccountId>, Option<Vec<u8>>) = (Vec::new(), None);
        loop {
            let found = self.rpc.state_get_keys_paged(&prefix, PAGE, last.as_deref(), Some(at)).await;
            let found = found.map_err(|error| ChainError::rpc("for the staff's keys", &error))?;
            for key in &found {
                // Prefix, 16 bytes of a digest, the account.
                let account = key.get(48..).unwrap_or_default();
                let account = <[u8; 32]>::decode_all(&mut &*account)
                    .map_err(|error| ChainError::undecodable("a staff key", error))?;
                keys.push(account.into());
            }
            match found.last() {
                Some(key) if found.len() == PAGE as usize => last = Some(key.clone()),
                _ => return Ok(keys),
            }
        }
    }
}

impl OfflineSigning {
    /// The bytes to sign for a call.
    pub fn payload(&self, call: &Call, turn: &Turn) -> Result<Vec<u8>, ChainError> {
        let signable = self.transactions.create_signable_offline(call, params(turn));
        signable.and_then(|signable| signable.signer_payload()).map_err(|error| other_call(call, error))
    }

    /// The transaction, with the signature that was made under these bytes.
    pub fn extrinsic(
        &self,
        call: &Call,
        turn: &Turn,
        account: &AccountId,
        signature: crate::Signature,
    ) -> Result<Vec<u8>, ChainError> {
        let signature = match signature {
            crate::Signature::Sr25519(bytes) => MultiSignature::Sr25519(bytes),
            crate::Signature::Ed25519(bytes) => MultiSignature::Ed25519(bytes),
            crate::Signature::Ecdsa(bytes) => MultiSignature::Ecdsa(bytes),
        };
        let account = AccountId32(account.clone().into());
        let signable = self.transactions.create_signable_offline(call, params(turn));
        let signed = signable
            .and_then(|mut signable| signable.sign_with_account_and_signature(&account, &signature))
            .map_err(|error| other_call(call, error))?;
        Ok(signed.into_encoded())
    }
}

fn params(turn: &Turn) -> ParamsFor<SubstrateConfig> {
    let (number, hash) = turn.birth;
    DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
        .nonce(turn.nonce)
        .mortal_from_unchecked(turn.mortality, number, hash)
        .build()
}
