//! Keys that take a place in a relationship that is bound already: a fresh one for a lost one, and the first one of a patient who
//! has come of age.
//!
//! The ticket is used up and the key pending in one step. Then the chain is asked for what [`super::steps`] says, and asked again for
//! whatever is still wanting after a crash. The binding changes in one step of its own, when the finalised chain names the
//! key, and not before: until then the old key goes on as the chain says, after it the chain itself refuses it.

use std::sync::Arc;

use medrec_client::{chain::custody::minor_account, messages::EnrolmentStage};
use medrec_primitives::{AccountId, RelationshipId, TicketDigest};
use tokio::sync::Mutex;

use super::{
    later,
    steps::{next, shows, Next, View},
    EnrolError, Enrolments, BETWEEN_LOOKS, LOOKS,
};
use crate::{
    chain::{ChainError, KeyChange, KeyStep, ProposeError},
    store::{
        pending_keys::{Ended, KeyRedeemed, PendingKey, TicketPurpose},
        StoreError,
    },
};

/// A rekey is taken back, asked for anew and seen: no ticket needs more.
const MOST_STEPS: u32 = 4;

impl Enrolments {
    /// Redeems a ticket for a key that takes a place in a bound relationship.
    pub(super) async fn redeem_key(
        &self,
        relationship: RelationshipId,
        account: AccountId,
        digest: TicketDigest,
        purpose: &TicketPurpose,
    ) -> Result<EnrolmentStage, EnrolError> {
        let turn = self.turn_in(relationship);
        let _turn = turn.lock().await;
        let now = self.time.now().wall;
        // What can lead to nothing must not use the ticket up; whoever has none learns nothing.
        if self.store.may_redeem_key(&digest, &account, now).await? {
            let view = self.view(relationship).await.map_err(later)?;
            let tried = PendingKey { digest, account: account.clone(), relationship, asked: None };
            let kept = self.store.pending_key(relationship).await?.filter(|kept| kept.digest == digest);
            if let Next::Never(unfit) = next(&view, purpose, &kept.unwrap_or(tried)) {
                return Err(EnrolError::Unfit(unfit));
            }
        }
        match self.store.redeem_key(&digest, &account, relationship, now).await? {
            KeyRedeemed::Pending(pending) => self.advance(pending, purpose).await,
            KeyRedeemed::Named => Ok(EnrolmentStage::Named),
            KeyRedeemed::Refused => Err(EnrolError::Refused),
        }
    }

    /// Takes up every pending key where it stands.
    pub(super) async fn recover_keys(&self) -> Result<(), StoreError> {
        for pending in self.store.pending_keys().await? {
            let relationship = pending.relationship;
            let turn = self.turn_in(relationship);
            let _turn = turn.lock().await;
            let purpose = self.store.ticket_purpose(&pending.digest).await?;
            match self.advance(pending, &purpose).await {
                Ok(EnrolmentStage::Named) => tracing::info!(%relationship, "a key has taken its place"),
                Ok(_) => {}
                Err(EnrolError::Store(error)) => return Err(error),
                Err(error) => tracing::warn!(%relationship, reason = %error, "a key waits for its place"),
            }
        }
        Ok(())
    }

    /// Gives a pending key its place if it is this one, which every state that a decision rests on, the finalised one among them, names as the
    /// patient's. Tells whether it did.
    pub async fn follow(&self, relationship: RelationshipId, named: &AccountId) -> Result<bool, StoreError> {
        match self.store.pending_key(relationship).await? {
            Some(pending) if pending.account == *named => {
                self.store.name_key(&pending, true).await?;
                tracing::info!(%relationship, "a key has taken its place");
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// One at a time in each relationship: two tickets for it must not take back what the other asked for, and ask again.
    fn turn_in(&self, relationship: RelationshipId) -> Arc<Mutex<()>> {
        // An account that no ticket can be redeemed by, and no other relationship has.
        self.turns.of(&minor_account(relationship))
    }

    /// Goes on with a pending key as far as it goes now.
    async fn advance(
        &self,
        mut pending: PendingKey,
        purpose: &TicketPurpose,
    ) -> Result<EnrolmentStage, EnrolError> {
        for _ in 0..MOST_STEPS {
            let view = self.view(pending.relationship).await.map_err(later)?;
            match next(&view, purpose, &pending) {
                Next::Named { is_patient } => {
                    self.store.name_key(&pending, is_patient).await?;
                    return Ok(EnrolmentStage::Named);
                }
                Next::Wait => return Ok(EnrolmentStage::Waiting),
                Next::Never(unfit) => {
                    self.store.end_pending_key(&pending.digest, Ended::TakenBack).await?;
                    return Err(EnrolError::Unfit(unfit));
                }
                Next::Ask(step) => self.ask(&mut pending, step).await?,
            }
        }
        Err(EnrolError::Later)
    }

    /// Asks the chain, and waits until it shows here what was asked.
    async fn ask(&self, pending: &mut PendingKey, step: KeyStep) -> Result<(), EnrolError> {
        let change = KeyChange { relationship: pending.relationship, step };
        let block = match self.proposals.change_key(&change).await {
            Ok(block) => block,
            Err(ProposeError::KeyUsed) => {
                self.store.end_pending_key(&pending.digest, Ended::Refused).await?;
                return Err(EnrolError::Key);
            }
            Err(ProposeError::Refused(reason)) => {
                tracing::error!(%reason, "the chain refuses a change of keys");
                return Err(EnrolError::Later);
            }
            Err(ProposeError::Chain(error)) => return Err(later(error)),
        };
        // Taking back what another ticket asked for is not yet asking for what this one is for.
        if change.step != KeyStep::Cancel {
            self.store.note_asked(&pending.digest, block).await?;
            pending.asked = Some(block);
        }
        for _ in 0..LOOKS {
            let view = self.view(pending.relationship).await.map_err(later)?;
            if view.number >= block && shows(&view, &change.step) {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err(EnrolError::Later)
    }

    /// What the last finalised block says of a relationship.
    async fn view(&self, relationship: RelationshipId) -> Result<View, ChainError> {
        let heads = self.chain.heads().ok_or(ChainError::NotReady)?;
        let (at, number) = (heads.finalised.hash, heads.finalised.number);
        // Anybody's: the parties are the same for all.
        let anybody = AccountId::new([0; 32]);
        let facts = self.chain.facts(at, relationship, &anybody).await?;
        let facts = facts.ok_or_else(|| ChainError::Answer("a bound relationship is not known".into()))?;
        let custody = self.chain.custody(at, relationship).await?;
        Ok(View { facts, custody, number })
    }
}
