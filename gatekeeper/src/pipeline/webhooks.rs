//! Webhooks as an account looks after them.

use std::time::Instant;

use medrec_client::notices::{secret_text, NewWebhook, RegisteredWebhook, Webhook, Webhooks};
use medrec_primitives::{AccountId, Moment, RelationshipId};
use rand::RngCore;

use super::Gatekeeper;
use crate::{
    auth::Asker,
    decide::{standing::Standing, Unavailable},
    notices::target::{Target, TargetError},
    store::{
        webhooks::{NewWebhook as Kept, StoredWebhook, WebhookId},
        Store, StoreError,
    },
};

/// Why a webhook is not made.
#[derive(Debug, thiserror::Error)]
pub enum WebhookRefusal {
    /// It names no relationship as one is named.
    #[error("{0}")]
    Malformed(&'static str),
    /// It cannot go there.
    #[error("url: {0}")]
    Target(#[from] TargetError),
    /// The account has nothing to do with the relationship, or there is none.
    #[error("access is not permitted, or there is nothing to be found")]
    Denied,
    /// The account has as many as it may.
    #[error("this account has as many webhooks as it may: remove one first")]
    TooMany,
    /// The account asks too often.
    #[error("too many requests: slow down")]
    Throttled(u64),
    /// No state to decide on.
    #[error("the chain cannot be relied on right now: try again")]
    Unavailable(#[from] Unavailable),
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gatekeeper {
    /// Makes a webhook for an account that has something to do with the relationship, or is on a member's staff.
    pub async fn add_webhook(
        &self,
        asker: &Asker,
        asked: &NewWebhook,
    ) -> Result<RegisteredWebhook, WebhookRefusal> {
        let started = Instant::now();
        self.rates.accounts.take(asker.account.clone(), started).map_err(WebhookRefusal::Throttled)?;
        let relationship = asked.patient.as_deref().map(str::parse::<RelationshipId>).transpose();
        let relationship = relationship
            .map_err(|_| WebhookRefusal::Malformed("patient: not a relationship, such as r0-3"))?;
        let target = Target::parse(&asked.url, self.notices.settings.webhooks_to_loopback)?;
        if !self.may_be_told(&asker.account, relationship).await? {
            self.wait_for_quantum(started).await;
            return Err(WebhookRefusal::Denied);
        }
        // Looked up at each delivery again: told now, as nobody is there to be told later.
        target.resolve().await?;
        let mut id: WebhookId = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut id);
        let kept = Kept {
            id,
            account: asker.account.clone(),
            purpose: asker.purpose.to_string(),
            relationship,
            url: asked.url.clone(),
            created: self.now(),
        };
        let newest = self.store.newest_notice().await?;
        if !self.store.add_webhook(&kept, newest, self.notices.settings.webhooks_per_account).await? {
            return Err(WebhookRefusal::TooMany);
        }
        let secret = secret_text(&self.notices.webhook_secret(&id));
        Ok(RegisteredWebhook { id: hex::encode(id), secret })
    }

    /// Whether there could be anything to tell an account. Else anybody could fill the store.
    async fn may_be_told(
        &self,
        account: &AccountId,
        relationship: Option<RelationshipId>,
    ) -> Result<bool, WebhookRefusal> {
        let any = match relationship {
            Some(named) => Some(named),
            // Who is on a staff is so whatever relationship it is asked about.
            None => self.store.newest_bindings(1).await?.first().copied(),
        };
        let Some(any) = any else { return Ok(false) };
        Ok(match self.decider.standing(any, account).await? {
            Standing::Patient | Standing::Custodian { .. } => relationship.is_some(),
            Standing::Other { staff, concerned } => staff.is_some() || (concerned && relationship.is_some()),
        })
    }

    /// An account's webhooks.
    pub async fn webhooks(&self, asker: &Asker) -> Result<Webhooks, StoreError> {
        let kept = self.store.webhooks_of(&asker.account).await?;
        Ok(Webhooks { webhooks: kept.iter().map(shown).collect() })
    }

    /// Forgets a webhook. Returns whether there was one.
    pub async fn remove_webhook(&self, asker: &Asker, id: &str) -> Result<bool, StoreError> {
        let mut bytes: WebhookId = [0; 16];
        if hex::decode_to_slice(id, &mut bytes).is_err() {
            return Ok(false);
        }
        self.store.remove_webhook(&asker.account, &bytes).await
    }

    /// Forgets notices that are old. To be called now and then.
    pub async fn prune_notices(&self) -> Result<(), StoreError> {
        const DAY: Moment = 24 * 3_600_000;
        let kept = DAY.saturating_mul(self.notices.settings.keep_days.into());
        self.store.prune_notices(self.now().saturating_sub(kept)).await
    }

    /// The local clock (ms).
    pub(crate) fn now(&self) -> Moment {
        self.time.now().wall
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }
}

fn shown(kept: &StoredWebhook) -> Webhook {
    let state = match (kept.given_up, kept.failing) {
        (Some(_), _) => "given-up",
        (None, Some(_)) => "failing",
        (None, None) => "ok",
    };
    Webhook {
        id: hex::encode(kept.made.id),
        url: kept.made.url.clone(),
        patient: kept.made.relationship.map(|of| of.to_string()),
        created: kept.made.created,
        state: state.into(),
    }
}
