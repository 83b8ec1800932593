//! Records that the hospital merges or splits. Nothing is shown of them, and no ticket for them counts, until it says how
//! to go on.

use medrec_primitives::{Moment, RelationshipId};

use super::{
    pending_keys::relationship,
    signed,
    sql::{self, Topic},
    unsigned, Store, StoreError,
};

/// A record of which nothing is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspendedRecord {
    /// Its number.
    pub record: String,
    /// Since when (ms).
    pub since: Moment,
    /// Why, in the hospital's words.
    pub ground: String,
}

impl Store {
    /// Suspends a record; `false` if it was suspended before.
    pub async fn suspend_record(&self, record: &str, ground: &str, now: Moment) -> Result<bool, StoreError> {
        let done =
            sql::query("INSERT INTO suspended_records (record, since, ground) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
                .bind(record)
                .bind(signed(now))
                .bind(ground)
                .execute(&self.write)
                .await?;
        Ok(done == 1)
    }

    /// Shows a record again, in one step with its new number if it has one: bindings and unused tickets go with it. `false` if it
    /// was not suspended.
    pub async fn resume_record(&self, record: &str, now_called: Option<&str>) -> Result<bool, StoreError> {
        let mut transaction = self.begin(Topic::Enrolment).await?;
        let done = sql::query("DELETE FROM suspended_records WHERE record = $1")
            .bind(record)
            .execute(&mut transaction)
            .await?;
        if done == 0 {
            return Ok(false);
        }
        if let Some(new) = now_called {
            for renumber in [
                "UPDATE bindings SET record = $1 WHERE record = $2",
                "UPDATE tickets SET record = $1 WHERE record = $2",
            ] {
                sql::query(renumber).bind(new).bind(record).execute(&mut transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// The suspended records, the oldest suspension first.
    pub async fn suspended_records(&self) -> Result<Vec<SuspendedRecord>, StoreError> {
        let rows: Vec<(String, i64, String)> =
            sql::query_as("SELECT record, since, ground FROM suspended_records ORDER BY since, record")
                .fetch_all(&self.read)
                .await?;
        rows.into_iter()
            .map(|(record, since, ground)| {
                Ok(SuspendedRecord { record, since: unsigned(since, "suspended_records")?, ground })
            })
            .collect()
    }

    /// Whether a record is suspended.
    pub async fn is_suspended(&self, record: &str) -> Result<bool, StoreError> {
        Ok(sql::query_scalar("SELECT EXISTS (SELECT 1 FROM suspended_records WHERE record = $1)")
            .bind(record)
            .fetch_one(&self.read)
            .await?)
    }

    /// The relationships that are bound to a record, suspended or not, ascending.
    pub async fn relationships_of(&self, record: &str) -> Result<Vec<RelationshipId>, StoreError> {
        let rows: Vec<(i64, i64)> = sql::query_as(
            "SELECT member, number FROM bindings WHERE record = $1 AND number IS NOT NULL ORDER BY member, number",
        )
        .bind(record)
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(|numbers| relationship(Some(numbers), "bindings")).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use medrec_primitives::AccountId;

    use super::*;
    use crate::store::{bindings::Redeemed, tests::temporary};

    const ID: RelationshipId = RelationshipId::new(0, 7);

    async fn bound() -> (Store, tempfile::TempDir, AccountId) {
        let (store, folder) = temporary().await;
        let key = AccountId::new([1; 32]);
        store.add_ticket(&[9; 16], "A-1", 0, 100).await.unwrap();
        assert_eq!(store.redeem(&[9; 16], &key, 1).await.unwrap(), Redeemed::Fresh);
        store.bind(&key, ID).await.unwrap();
        (store, folder, key)
    }

    #[tokio::test]
    async fn record_should_not_be_found_while_suspended() {
        let (store, _folder, key) = bound().await;
        assert!(store.suspend_record("A-1", "merge", 5).await.unwrap());
        assert!(!store.suspend_record("A-1", "split", 6).await.unwrap());
        assert_eq!(store.record(ID).await.unwrap(), None);
        assert_eq!(store.relationships_of("A-1").await.unwrap(), [ID]);
        let kept = SuspendedRecord { record: "A-1".into(), since: 5, ground: "merge".into() };
        assert_eq!(store.suspended_records().await.unwrap(), [kept]);
        assert!(store.resume_record("A-1", None).await.unwrap());
        assert!(!store.resume_record("A-1", Some("A-2")).await.unwrap());
        assert_eq!(store.record(ID).await.unwrap(), Some(("A-1".into(), key)));
    }

    #[tokio::test]
    async fn binding_should_go_with_the_record_when_that_gets_another_number() {
        let (store, _folder, key) = bound().await;
        store.suspend_record("A-1", "merge", 5).await.unwrap();
        assert!(store.resume_record("A-1", Some("B-2")).await.unwrap());
        assert_eq!(store.record(ID).await.unwrap(), Some(("B-2".into(), key)));
        assert!(!store.is_enrolled("A-1", 5).await.unwrap());
    }

    #[tokio::test]
    async fn ticket_should_be_refused_while_its_record_is_suspended() {
        let (store, _folder, _) = bound().await;
        store.add_ticket(&[3; 16], "A-3", 0, 100).await.unwrap();
        store.suspend_record("A-3", "split", 5).await.unwrap();
        assert!(store.is_suspended("A-3").await.unwrap());
        let key = AccountId::new([3; 32]);
        assert_eq!(store.redeem(&[3; 16], &key, 6).await.unwrap(), Redeemed::Refused);
        store.resume_record("A-3", None).await.unwrap();
        assert_eq!(store.redeem(&[3; 16], &key, 6).await.unwrap(), Redeemed::Fresh);
    }
}
