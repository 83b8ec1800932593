//! Enrolment: from a ticket in a patient's hand to a relationship on chain.
//!
//! 1. Staff, having proofed the patient's identity, issue a ticket for a record number ([`issue`]). Only its digest is kept.
//! 2. The patient's fresh key signs ticket, provider and chain. The gatekeeper uses up the ticket and binds the key to the
//!    record, in one step and before anything is proposed ([`Enrolments::enrol`]).
//! 3. It proposes the relationship on chain, and once that is final names it in the binding.
//!
//! A crash between any two steps leaves a pending binding, which [`Enrolments::recover`] takes up again: it looks on chain
//! first, because the proposal may have come through, and proposes only if it has not. The chain admits a key once, so
//! proposing twice cannot make two relationships.
//!
//! A minor's guardian enrols in the same way; in the binding then stands the account that holds the minor's place on chain. What
//! comes later, a fresh key for a lost one and the own key of a patient who has come of age, is in `keys`.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, Weak},
    time::Duration,
};

use medrec_client::{
    chain::custody::minor_account,
    enrol::{self, Ticket, TicketSecret},
    messages::{EnrolRequest, Enrolment, EnrolmentStage},
    signature::SignatureError,
};
use medrec_primitives::{AccountId, MemberId, Moment, RelationshipId, TicketDigest};
use sp_core::crypto::Ss58Codec;
use tokio::sync::Mutex;

mod keys;
mod steps;
pub mod wish;

pub use steps::Unfit;
pub use wish::{Wish, WishError};

use crate::{
    chain::{ChainError, ChainState, Hash, Proposals, ProposeError},
    clock::Time,
    store::{
        bindings::{PendingBinding, Redeemed},
        pending_keys::TicketPurpose,
        Store, StoreError,
    },
};

/// How often, and how far apart, the chain is looked at before a key counts as used by someone else.
const LOOKS: u32 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(300);

/// Why nobody is enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The request makes no sense.
    #[error("ticket, account and signature must be 32 hexadecimal digits, an SS58 address, and 0x with hexadecimal digits")]
    Malformed,
    /// Not signed by the account.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Unknown, expired or used: which of these is nobody's business.
    #[error("the ticket is not valid here, has expired, or was used: ask the provider for a new one")]
    Refused,
    /// The chain refuses the key for good.
    #[error("the chain refuses this key: enrol with a fresh key and a new ticket")]
    Key,
    /// The proposal has not come through yet; it will be taken up again.
    #[error(
        "the ticket is accepted, but the chain does not answer yet: try again with the same key in a moment"
    )]
    Later,
    /// The ticket is good, and leads to nothing as things stand.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The store fails.
    #[error("the gatekeeper cannot enrol now")]
    Store(#[from] StoreError),
}

/// A ticket as issued, for one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// To be handed to the patient.
    pub ticket: Ticket,
    /// Until when (ms).
    pub expires: Moment,
}

/// Issues a ticket for the first key of a record's patient. Keeps its digest only.
pub async fn issue(
    store: &Store,
    gatekeeper: &str,
    genesis: Hash,
    member: MemberId,
    record: &str,
    now: Moment,
    lifetime_ms: u64,
) -> Result<Issued, StoreError> {
    let from = Issuer { gatekeeper, genesis, member };
    issue_for(store, &from, record, &TicketPurpose::First, now, lifetime_ms).await
}

/// Where tickets come from.
#[derive(Clone, Copy, Debug)]
pub struct Issuer<'a> {
    /// The gatekeeper's public address.
    pub gatekeeper: &'a str,
    /// The chain.
    pub genesis: Hash,
    /// The provider.
    pub member: MemberId,
}

/// Issues a ticket for a record and a purpose. Keeps its digest only.
pub async fn issue_for(
    store: &Store,
    from: &Issuer<'_>,
    record: &str,
    purpose: &TicketPurpose,
    now: Moment,
    lifetime_ms: u64,
) -> Result<Issued, StoreError> {
    let Issuer { gatekeeper, genesis, member } = *from;
    let secret = TicketSecret::generate();
    let expires = now.saturating_add(lifetime_ms);
    store.add_ticket_for(&secret.digest(), record, now, expires, purpose).await?;
    Ok(Issued { ticket: Ticket { gatekeeper: gatekeeper.to_owned(), genesis, member, secret }, expires })
}

/// Enrols patients.
pub struct Enrolments {
    store: Store,
    chain: Arc<dyn ChainState>,
    proposals: Arc<dyn Proposals>,
    time: Arc<dyn Time>,
    member: MemberId,
    /// One at a time for each key: looking on chain and proposing must not be torn apart.
    turns: Turns,
}

impl Enrolments {
    /// Enrols for `member`.
    pub fn new(
        store: Store,
        chain: Arc<dyn ChainState>,
        proposals: Arc<dyn Proposals>,
        time: Arc<dyn Time>,
        member: MemberId,
    ) -> Self {
        Self { store, chain, proposals, time, member, turns: Turns::default() }
    }

    /// Issues a ticket of this provider, whose gatekeeper is at `gatekeeper`. Keeps its digest only.
    pub async fn issue(
        &self,
        gatekeeper: &str,
        record: &str,
        purpose: &TicketPurpose,
        lifetime_ms: u64,
    ) -> Result<Issued, StoreError> {
        let from = Issuer { gatekeeper, genesis: self.chain.genesis(), member: self.member };
        issue_for(&self.store, &from, record, purpose, self.time.now().wall, lifetime_ms).await
    }

    /// Redeems a ticket, and asks the chain for what it is for.
    pub async fn enrol(&self, request: &EnrolRequest) -> Result<Enrolment, EnrolError> {
        let secret = TicketSecret::from_hex(&request.ticket).ok_or(EnrolError::Malformed)?;
        let account = AccountId::from_ss58check(&request.account).map_err(|_| EnrolError::Malformed)?;
        let digits = request.signature.strip_prefix("0x").ok_or(EnrolError::Malformed)?;
        let signature = hex::decode(digits).map_err(|_| EnrolError::Malformed)?;
        enrol::verify(self.chain.genesis(), self.member, &secret, &account, &signature)?;
        let digest = secret.digest();
        let purpose = self.store.ticket_purpose(&digest).await?;
        let (relationship, stage) = match purpose {
            TicketPurpose::First => (self.bound(account, digest, None).await?, EnrolmentStage::Proposed),
            TicketPurpose::Minor { handover } => {
                (self.bound(account, digest, Some(handover)).await?, EnrolmentStage::Proposed)
            }
            TicketPurpose::Rekey { relationship, .. } | TicketPurpose::OfAge { relationship } => {
                (relationship, self.redeem_key(relationship, account, digest, &purpose).await?)
            }
        };
        Ok(Enrolment { member: self.member, relationship: relationship.to_string(), stage })
    }

    /// The relationship that a ticket for a first key, or a guardian's, leads to.
    async fn bound(
        &self,
        account: AccountId,
        digest: TicketDigest,
        handover: Option<Moment>,
    ) -> Result<RelationshipId, EnrolError> {
        match self.store.redeem(&digest, &account, self.time.now().wall).await? {
            Redeemed::Fresh | Redeemed::Pending => {
                self.complete(&PendingBinding { account, digest, handover }).await
            }
            // The answer may have been lost; whoever holds the key may hear it again.
            Redeemed::Bound(relationship) => Ok(relationship),
            Redeemed::Refused => Err(EnrolError::Refused),
        }
    }

    /// Takes up what an earlier run or a failed attempt left pending.
    pub async fn recover(&self) -> Result<(), StoreError> {
        for pending in self.store.pending_bindings().await? {
            match self.complete(&pending).await {
                Ok(relationship) => tracing::info!(%relationship, "took up a pending enrolment"),
                Err(EnrolError::Store(error)) => return Err(error),
                Err(error) => tracing::warn!(reason = %error, "an enrolment stays pending"),
            }
        }
        self.recover_keys().await
    }

    /// Finds or makes the relationship of a pending binding.
    async fn complete(&self, pending: &PendingBinding) -> Result<RelationshipId, EnrolError> {
        let turn = self.turns.of(&pending.account);
        let _turn = turn.lock().await;
        if let Some(relationship) = self.on_chain(pending).await.map_err(later)? {
            return self.bind(pending, relationship).await;
        }
        match self.propose(pending).await {
            Ok(relationship) => self.bind(pending, relationship).await,
            Err(ProposeError::KeyUsed) => {
                // Used by whom? By an earlier attempt of ours that nobody heard the answer of, or by someone else. What the
                // chain refused it for is final, but may not have been heard of here yet.
                for _ in 0..LOOKS {
                    if let Some(relationship) = self.on_chain(pending).await.map_err(later)? {
                        return self.bind(pending, relationship).await;
                    }
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                }
                self.store.refuse_binding(&pending.account, "KeyUsed").await?;
                Err(EnrolError::Key)
            }
            Err(ProposeError::Refused(reason)) => {
                tracing::error!(%reason, "the chain refuses to take proposals");
                Err(EnrolError::Later)
            }
            Err(ProposeError::Chain(error)) => Err(later(error)),
        }
    }

    async fn bind(
        &self,
        pending: &PendingBinding,
        relationship: RelationshipId,
    ) -> Result<RelationshipId, EnrolError> {
        match pending.handover {
            None => self.store.bind(&pending.account, relationship).await?,
            Some(_) => {
                let place = minor_account(relationship);
                self.store.bind_minor(&pending.account, &place, relationship).await?;
            }
        }
        Ok(relationship)
    }

    async fn propose(&self, pending: &PendingBinding) -> Result<RelationshipId, ProposeError> {
        let PendingBinding { account, digest, handover } = pending;
        let relationship = match handover {
            None => self.proposals.propose(account, *digest).await?,
            Some(handover) => self.proposals.propose_minor(account, *handover, *digest).await?,
        };
        if relationship.member == self.member {
            Ok(relationship)
        } else {
            Err(ProposeError::Chain(ChainError::Answer("a relationship of another member".into())))
        }
    }

    /// The relationship with this provider in which the key is the patient's, or the guardian's of a minor, on the finalised state.
    async fn on_chain(&self, pending: &PendingBinding) -> Result<Option<RelationshipId>, ChainError> {
        let account = &pending.account;
        let heads = self.chain.heads().ok_or(ChainError::NotReady)?;
        let at = heads.finalised.hash;
        for (id, _) in self.chain.relationships(at, account).await? {
            // A custodian's key has a relationship too, but it is not the custodian's.
            let facts =
                if id.member == self.member { self.chain.facts(at, id, account).await? } else { None };
            let holds = |patient: &AccountId| match pending.handover {
                None => patient == account,
                Some(_) => *patient == minor_account(id),
            };
            if facts.is_some_and(|facts| holds(&facts.patient)) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

/// A lock for each key that is being enrolled.
#[derive(Default)]
struct Turns(std::sync::Mutex<HashMap<AccountId, Weak<Mutex<()>>>>);

impl Turns {
    fn of(&self, account: &AccountId) -> Arc<Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(account).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        turns.insert(account.clone(), Arc::downgrade(&turn));
        turn
    }
}

fn later(error: ChainError) -> EnrolError {
    tracing::warn!(%error, "an enrolment has to wait for the chain");
    EnrolError::Later
}

#[cfg(test)]
mod tests;
