//! Signing and submitting calls, and waiting for what becomes of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use medrec_primitives::AccountId;
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use subxt::{
    config::DefaultExtrinsicParamsBuilder,
    error::{BackendError, ExtrinsicError, RpcError},
    rpcs::rpc_params,
    tx::{Payload, Signer, TransactionInBlock, TransactionStatus},
    utils::{AccountId32, MultiSignature},
    SubstrateConfig,
};

use super::{
    calls::Call,
    connect::Chain,
    error::ChainError,
    events::{Event, Kind},
};
use crate::{keys::KeyPair, signature::Signature};

/// For how many blocks a transaction may be included. Patients' transactions must not be valid for ever: a
/// signature that outlived its account's record could be used again.
pub const MORTALITY: u64 = 64;

/// How long [`Chain::submit`] waits for news of a transaction.
pub(super) const PATIENCE: Duration = Duration::from_secs(180);

/// So often a transaction is signed anew because another program was quicker, after this time each.
const MOST_OVERTAKEN: u32 = 5;
const OVERTAKEN: Duration = Duration::from_millis(500);

/// What to wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// A block that may still be taken back: enough for what narrows access.
    InBlock,
    /// A block that stays.
    #[default]
    Finalised,
}

/// A call that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The block it is in.
    pub block: H256,
    /// That block's number.
    pub block_number: u64,
    /// The extrinsic's hash.
    pub extrinsic: H256,
    /// The extrinsic's length (bytes).
    pub length: usize,
    /// What the call deposited.
    pub events: Vec<Event>,
}

impl Submitted {
    /// The first event of this kind.
    pub fn find<K: Kind>(&self) -> Result<Option<K>, ChainError> {
        self.events.iter().find_map(Event::as_kind).transpose()
    }

    /// The first event of this kind, which the call must have deposited.
    pub fn expect<K: Kind>(&self) -> Result<K, ChainError> {
        let missing =
            || ChainError::undecodable("the transaction's events", format!("there is no {}", K::NAME));
        self.find()?.ok_or_else(missing)
    }
}

struct ChainSigner<'a>(&'a KeyPair);

impl Signer<SubstrateConfig> for ChainSigner<'_> {
    fn account_id(&self) -> AccountId32 {
        AccountId32(self.0.account().into())
    }

    fn sign(&self, payload: &[u8]) -> MultiSignature {
        match self.0.sign(payload) {
            Signature::Sr25519(bytes) => MultiSignature::Sr25519(bytes),
            Signature::Ed25519(bytes) => MultiSignature::Ed25519(bytes),
            Signature::Ecdsa(bytes) => MultiSignature::Ecdsa(bytes),
        }
    }
}

impl Chain {
    /// The call, encoded for this chain's current runtime.
    pub async fn encode(&self, call: &Call) -> Result<Vec<u8>, ChainError> {
        let transactions = self.transactions().await?;
        encode(&transactions, call)
    }

    /// Signs a call, submits it and waits for what becomes of it. The transaction is mortal ([`MORTALITY`]). Where another program that
    /// signs with the same key was quicker, or took its place in the pool, it is signed anew with the next nonce.
    pub async fn submit(&self, call: &Call, signer: &KeyPair, wait: Wait) -> Result<Submitted, ChainError> {
        let transactions = self.transactions().await?;
        encode(&transactions, call)?;
        let mut overtaken = 0;
        loop {
            match self.submit_once(&transactions, call, signer, wait).await {
                Err(error) if (error.is_overtaken() || error.is_usurped()) && overtaken < MOST_OVERTAKEN => {
                    overtaken += 1;
                    tokio::time::sleep(OVERTAKEN).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// The same, once. An error that says "usurped" is told only when the transaction will never come into a block.
    async fn submit_once(
        &self,
        transactions: &Transactions,
        call: &Call,
        signer: &KeyPair,
        wait: Wait,
    ) -> Result<Submitted, ChainError> {
        let Sent { extrinsic, length, birth, progress, under_way } =
            self.send(transactions, call, signer).await?;
        let settled = async {
            match follow(progress, wait, length).await {
                Err(error) if error.is_usurped() => {
                    match self.came_through(extrinsic, birth, &under_way).await? {
                        Some(block) => Err(ChainError::CameThrough { extrinsic, block }),
                        None => Err(error),
                    }
                }
                outcome => outcome,
            }
        };
        let late = |_| ChainError::TimedOut { extrinsic, seconds: PATIENCE.as_secs() };
        tokio::time::timeout(PATIENCE, settled).await.map_err(late)?
    }

    /// The final block of a transaction that lost its place in the node's pool, if it came into one by another node's. Known as soon as a
    /// final block counts its nonce.
    async fn came_through(
        &self,
        extrinsic: H256,
        birth: u64,
        under_way: &UnderWay,
    ) -> Result<Option<H256>, ChainError> {
        let account = AccountId::new(under_way.account.0);
        let mut block = loop {
            let head = self.finalised_head().await?;
            if self.nonce_at(head, &account).await? > under_way.nonce {
                break head;
            }
            tokio::time::sleep(OVERTAKEN).await;
        };
        loop {
            let found = self.rpc.chain_get_block(Some(block)).await;
            let found = found.map_err(|error| ChainError::rpc("for a block", &error))?;
            let found = found.ok_or_else(|| ChainError::undecodable("a block", "there is none"))?.block;
            if found.extrinsics.iter().any(|bytes| H256(blake2_256(&bytes.0)) == extrinsic) {
                return Ok(Some(block));
            }
            if found.header.number <= birth {
                return Ok(None);
            }
            block = found.header.parent_hash;
        }
    }

    async fn send(
        &self,
        transactions: &Transactions,
        call: &Call,
        signer: &KeyPair,
    ) -> Result<Sent, ChainError> {
        let signer = ChainSigner(signer);
        let _one_at_a_time = self.one_at_a_time.lock().await;
        let account = signer.account_id();
        let told = self.next_nonce(&account).await?;
        let under_way = UnderWay::next(&self.nonces, account, told);
        let (number, block) = self.birth(self.finalised_head().await?).await?;
        let params = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
            .nonce(under_way.nonce)
            .mortal_from_unchecked(MORTALITY, number, block)
            .build();
        let signed = transactions
            .create_signable_offline(call, params)
            .and_then(|mut signable| signable.sign(&signer))
            .map_err(|error| other_call(call, error))?;
        let (extrinsic, length) = (signed.hash(), signed.encoded().len());
        let progress = signed.submit_and_watch().await.map_err(not_taken)?;
        Ok(Sent { extrinsic, length, birth: number, progress, under_way })
    }

    /// The nonce after the account's last transaction: a node counts those that still wait in its pool, a light client has none.
    async fn next_nonce(&self, account: &AccountId32) -> Result<u64, ChainError> {
        self.rpc_client()
            .request("system_accountNextIndex", rpc_params![account])
            .await
            .map_err(|error| ChainError::rpc("for the account's nonce", &error))
    }

    pub(super) async fn transactions(&self) -> Result<Transactions, ChainError> {
        self.client
            .transactions()
            .await
            .map_err(|error| ChainError::Rpc { what: "for its metadata".into(), reason: error.to_string() })
    }
}

/// A transaction that the node has taken.
struct Sent {
    extrinsic: H256,
    length: usize,
    /// The number of the block from which on it may be included.
    birth: u64,
    progress: Progress,
    under_way: UnderWay,
}

/// Nonces of transactions that are under way over a connection: a light client does not count them.
pub(super) type Nonces = Arc<Mutex<BTreeMap<AccountId32, BTreeSet<u64>>>>;

/// A transaction that is under way until this is dropped: then the chain counts it, or never will.
struct UnderWay {
    nonces: Nonces,
    account: AccountId32,
    nonce: u64,
}

impl UnderWay {
    /// Takes the next nonce, where the node says `told`.
    fn next(nonces: &Nonces, account: AccountId32, told: u64) -> Self {
        let mut all = nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = all.entry(account).or_default();
        let nonce = sent.last().map_or(told, |last| told.max(last.saturating_add(1)));
        sent.insert(nonce);
        drop(all);
        Self { nonces: nonces.clone(), account, nonce }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut all = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sent) = all.get_mut(&self.account) {
            sent.remove(&self.nonce);
            if sent.is_empty() {
                all.remove(&self.account);
            }
        }
    }
}

type AtBlock = subxt::client::OnlineClientAtBlockImpl<SubstrateConfig>;
pub(super) type Transactions = subxt::tx::TransactionsClient<SubstrateConfig, AtBlock>;
type Progress = subxt::tx::TransactionProgress<SubstrateConfig, AtBlock>;

/// Encodes a call, and reads it back by the runtime's own types: what is signed must be what was meant.
fn encode(transactions: &Transactions, call: &Call) -> Result<Vec<u8>, ChainError> {
    let bytes = transactions.call_data(call).map_err(|error| other_call(call, error))?;
    transactions.from_call_data_bytes(&bytes).map_err(|error| other_call(call, error))?;
    Ok(bytes)
}

pub(super) async fn follow(
    mut progress: Progress,
    wait: Wait,
    length: usize,
) -> Result<Submitted, ChainError> {
    let gone = |reason: String| ChainError::Rpc { what: "what became of the transaction".into(), reason };
    while let Some(status) = progress.next().await {
        match status.map_err(|error| gone(error.to_string()))? {
            TransactionStatus::InBestBlock(block) if wait == Wait::InBlock => {
                return outcome(&block, length).await
            }
            TransactionStatus::InFinalizedBlock(block) => return outcome(&block, length).await,
            TransactionStatus::Error { message }
            | TransactionStatus::Invalid { message }
            | TransactionStatus::Dropped { message } => return Err(ChainError::refused(message)),
            _ => {}
        }
    }
    Err(gone("the connection ended".into()))
}

async fn outcome(
    block: &TransactionInBlock<SubstrateConfig, AtBlock>,
    length: usize,
) -> Result<Submitted, ChainError> {
    let deposited = block.wait_for_success().await.map_err(ChainError::of_events)?;
    let mut events = Vec::new();
    for event in deposited.iter() {
        let event = event.map_err(|error| ChainError::undecodable("the transaction's events", error))?;
        events.push(Event {
            pallet: event.pallet_name().into(),
            name: event.event_name().into(),
            fields: event.field_bytes().to_vec(),
        });
    }
    let at = block.at().await.map_err(|error| ChainError::undecodable("the transaction's block", error))?;
    Ok(Submitted {
        block: block.block_hash(),
        block_number: at.block_number(),
        extrinsic: block.extrinsic_hash(),
        length,
        events,
    })
}

pub(super) fn other_call(call: &Call, error: ExtrinsicError) -> ChainError {
    ChainError::OtherCall {
        call: format!("{}.{}", call.pallet_name(), call.call_name()),
        reason: error.to_string(),
    }
}

pub(super) fn not_taken(error: ExtrinsicError) -> ChainError {
    match error {
        ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(RpcError::ClientError(error))) => {
            match &error {
                subxt::rpcs::Error::User(refusal) => ChainError::refused_at_once(refusal),
                _ => ChainError::rpc("a transaction", &error),
            }
        }
        other => ChainError::Rpc { what: "a transaction".into(), reason: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_should_differ_when_the_node_does_not_count_what_is_under_way() {
        let (account, other) = (AccountId32([1; 32]), AccountId32([2; 32]));
        let nonces = Nonces::default();
        let next = |account: &AccountId32, told| UnderWay::next(&nonces, *account, told);
        let [first, second, elsewhere] = [next(&account, 7), next(&account, 7), next(&other, 7)];
        assert_eq!((first.nonce, second.nonce, elsewhere.nonce), (7, 8, 7));
        // A node that counts them says the same, or more if another program signs with this key.
        assert_eq!(next(&account, 9).nonce, 9);
        assert_eq!(next(&account, 12).nonce, 12);
    }

    #[test]
    fn nonce_should_be_taken_again_when_nothing_came_of_it() {
        let nonces = Nonces::default();
        for _ in 0..2 {
            assert_eq!(UnderWay::next(&nonces, AccountId32([1; 32]), 7).nonce, 7);
        }
        assert!(nonces.lock().unwrap().is_empty());
    }
}
