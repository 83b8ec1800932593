//! Where accounts want to be told, and how far each of them was.

use medrec_primitives::{AccountId, Moment, RelationshipId};

use super::{
    account, signed,
    sql::{self, Row, Topic},
    unsigned, Store, StoreError,
};

/// A webhook's identifier.
pub type WebhookId = [u8; 16];

/// A webhook to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    /// Its identifier.
    pub id: WebhookId,
    /// Whose it is.
    pub account: AccountId,
    /// The purpose that its account claimed.
    pub purpose: String,
    /// The one relationship that it is about.
    pub relationship: Option<RelationshipId>,
    /// Where to.
    pub url: String,
    /// When it was made (ms).
    pub created: Moment,
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWebhook {
    /// What was asked for.
    pub made: NewWebhook,
    /// The last notice that is dealt with.
    pub told: u64,
    /// Deliveries that failed, one after the other.
    pub attempts: u32,
    /// Since when they fail (ms).
    pub failing: Option<Moment>,
    /// When it was given up (ms).
    pub given_up: Option<Moment>,
}

impl Store {
    /// Keeps a webhook that is told of what comes after `told`, unless its account has `most`. Returns whether it was kept.
    pub async fn add_webhook(&self, webhook: &NewWebhook, told: u64, most: u32) -> Result<bool, StoreError> {
        let NewWebhook { id, account, purpose, relationship, url, created } = webhook;
        let account: &[u8] = account.as_ref();
        let mut transaction = self.begin(Topic::Webhooks).await?;
        let kept = sql::query(
            "INSERT INTO webhooks (id, account, purpose, relationship, url, created, told)
             SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM webhooks WHERE account = $2) < $8",
        )
        .bind(id.as_slice())
        .bind(account)
        .bind(purpose)
        .bind(relationship.map(|id| id.to_string()))
        .bind(url)
        .bind(signed(*created))
        .bind(signed(told))
        .bind(i64::from(most))
        .execute(&mut transaction)
        .await?;
        transaction.commit().await?;
        Ok(kept == 1)
    }

    /// An account's webhooks, in the order of their making.
    pub async fn webhooks_of(&self, account: &AccountId) -> Result<Vec<StoredWebhook>, StoreError> {
        let account: &[u8] = account.as_ref();
        let rows = sql::query("SELECT * FROM webhooks WHERE account = $1 ORDER BY created, id")
            .bind(account)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Forgets a webhook of an account. Returns whether there was one.
    pub async fn remove_webhook(&self, account: &AccountId, id: &WebhookId) -> Result<bool, StoreError> {
        let account: &[u8] = account.as_ref();
        let done = sql::query("DELETE FROM webhooks WHERE id = $1 AND account = $2")
            .bind(id.as_slice())
            .bind(account)
            .execute(&self.write)
            .await?;
        Ok(done == 1)
    }

    /// Takes webhooks in hand that are due and behind the newest notice, until `until`: meanwhile no other gatekeeper on this store does.
    pub async fn claim_webhooks(
        &self,
        newest: u64,
        now: Moment,
        until: Moment,
        most: u32,
    ) -> Result<Vec<StoredWebhook>, StoreError> {
        let rows = sql::query(
            "UPDATE webhooks SET claimed = $1 WHERE id IN (
                 SELECT id FROM webhooks WHERE given_up IS NULL AND told < $2 AND due <= $3 AND claimed <= $3
                 ORDER BY due LIMIT $4)
             -- Once more of the row itself: another may have taken it since it was chosen.
             AND claimed <= $3
             RETURNING *",
        )
        .bind(signed(until))
        .bind(signed(newest))
        .bind(signed(now))
        .bind(i64::from(most))
        .fetch_all(&self.write)
        .await?;
        rows.iter().map(read).collect()
    }

    /// Everything up to `told` is dealt with.
    pub async fn webhook_told(&self, id: &WebhookId, told: u64, due: Moment) -> Result<(), StoreError> {
        sql::query(
            "UPDATE webhooks SET told = CASE WHEN told < $2 THEN $2 ELSE told END, attempts = 0, failing = NULL, due = $3, claimed = 0 WHERE id = $1",
        )
        .bind(id.as_slice())
        .bind(signed(told))
        .bind(signed(due))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// A delivery failed at `now`: it is tried again at `due`.
    pub async fn webhook_failed(&self, id: &WebhookId, now: Moment, due: Moment) -> Result<(), StoreError> {
        sql::query(
            "UPDATE webhooks SET attempts = attempts + 1, failing = coalesce(failing, $2), due = $3, claimed = 0 WHERE id = $1",
        )
        .bind(id.as_slice())
        .bind(signed(now))
        .bind(signed(due))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Nothing could be said of it now: it is looked at again at `due`, and nothing counts against its receiver.
    pub async fn webhook_later(&self, id: &WebhookId, due: Moment) -> Result<(), StoreError> {
        sql::query("UPDATE webhooks SET due = $2, claimed = 0 WHERE id = $1")
            .bind(id.as_slice())
            .bind(signed(due))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// It is not tried any more.
    pub async fn give_webhook_up(&self, id: &WebhookId, now: Moment) -> Result<(), StoreError> {
        sql::query("UPDATE webhooks SET given_up = $2, claimed = 0 WHERE id = $1")
            .bind(id.as_slice())
            .bind(signed(now))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// How many webhooks there are, and how many of them fail.
    pub async fn webhook_counts(&self) -> Result<(u64, u64), StoreError> {
        let (all, failing): (i64, i64) =
            sql::query_as("SELECT count(*), count(failing) FROM webhooks WHERE given_up IS NULL")
                .fetch_one(&self.read)
                .await?;
        Ok((unsigned(all, "webhooks")?, unsigned(failing, "webhooks")?))
    }
}

fn read(row: &Row) -> Result<StoredWebhook, StoreError> {
    let corrupt = || StoreError::Corrupt("webhooks");
    let moment = |name: &str| -> Result<Option<Moment>, StoreError> {
        row.try_get::<Option<i64>>(name)?.map(|moment| unsigned(moment, "webhooks")).transpose()
    };
    let relationship: Option<String> = row.try_get("relationship")?;
    Ok(StoredWebhook {
        made: NewWebhook {
            id: row.try_get::<Vec<u8>>("id")?.try_into().map_err(|_| corrupt())?,
            account: account(row.try_get("account")?, "webhooks")?,
            purpose: row.try_get("purpose")?,
            relationship: relationship.map(|id| id.parse().map_err(|_| corrupt())).transpose()?,
            url: row.try_get("url")?,
            created: unsigned(row.try_get("created")?, "webhooks")?,
        },
        told: unsigned(row.try_get("told")?, "webhooks")?,
        attempts: u32::try_from(row.try_get::<i64>("attempts")?).map_err(|_| corrupt())?,
        failing: moment("failing")?,
        given_up: moment("given_up")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::{beside, temporary};

    fn webhook(n: u8, account: u8) -> NewWebhook {
        NewWebhook {
            id: [n; 16],
            account: [account; 32].into(),
            purpose: "TREAT".into(),
            relationship: Some(RelationshipId::new(0, 3)),
            url: "https://a.example/".into(),
            created: n.into(),
        }
    }

    #[tokio::test]
    async fn webhook_should_be_its_accounts_alone_and_bounded_in_number() {
        let (store, _folder) = temporary().await;
        for n in 0..3 {
            assert_eq!(store.add_webhook(&webhook(n, 1), 0, 2).await.unwrap(), n < 2);
        }
        assert!(store.add_webhook(&webhook(9, 2), 0, 2).await.unwrap());
        let own = store.webhooks_of(&[1; 32].into()).await.unwrap();
        assert_eq!(
            own.iter().map(|hook| hook.made.clone()).collect::<Vec<_>>(),
            [webhook(0, 1), webhook(1, 1)]
        );
        assert!(!store.remove_webhook(&[2; 32].into(), &[0; 16]).await.unwrap());
        assert!(store.remove_webhook(&[1; 32].into(), &[0; 16]).await.unwrap());
        assert_eq!(store.webhook_counts().await.unwrap(), (2, 0));
    }

    #[tokio::test]
    async fn webhook_should_be_in_one_hand_when_several_reach_for_it() {
        let (store, folder) = temporary().await;
        let other = beside(&folder).await;
        for n in 0..8 {
            store.add_webhook(&webhook(n, n), 4, 2).await.unwrap();
        }
        let reaching = (0..8).map(|n| {
            let store = if n % 2 == 0 { store.clone() } else { other.clone() };
            async move { store.claim_webhooks(5, 10, 20, 3).await.unwrap() }
        });
        let taken = futures::future::join_all(reaching).await;
        let mut taken: Vec<_> = taken.into_iter().flatten().map(|webhook| webhook.made.id).collect();
        let count = taken.len();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), count, "in two hands");
    }

    #[tokio::test]
    async fn webhook_should_be_in_one_hand_at_a_time_and_come_back_when_that_dies() {
        let (store, _folder) = temporary().await;
        store.add_webhook(&webhook(1, 1), 4, 2).await.unwrap();
        assert!(store.claim_webhooks(4, 10, 20, 9).await.unwrap().is_empty(), "nothing is new");
        assert_eq!(store.claim_webhooks(5, 10, 20, 9).await.unwrap().len(), 1);
        assert!(store.claim_webhooks(5, 10, 20, 9).await.unwrap().is_empty(), "another has it");
        assert_eq!(store.claim_webhooks(5, 20, 30, 9).await.unwrap().len(), 1, "that one died");
        store.webhook_failed(&[1; 16], 21, 40).await.unwrap();
        assert!(store.claim_webhooks(5, 39, 60, 9).await.unwrap().is_empty(), "too early");
        let again = &store.claim_webhooks(5, 40, 60, 9).await.unwrap()[0];
        assert_eq!((again.attempts, again.failing, again.told), (1, Some(21), 4));
        assert_eq!(store.webhook_counts().await.unwrap(), (1, 1));
        store.webhook_told(&[1; 16], 5, 41).await.unwrap();
        assert!(store.claim_webhooks(5, 60, 70, 9).await.unwrap().is_empty());
        store.give_webhook_up(&[1; 16], 70).await.unwrap();
        assert!(store.claim_webhooks(6, 80, 90, 9).await.unwrap().is_empty());
    }
}
