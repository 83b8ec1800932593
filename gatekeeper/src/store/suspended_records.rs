//! Records that the hospital merges or splits. Nothing is shown of them, and no ticket for them counts, until it says how
//! to go on.
//!
//! A restored back-up does not know which records were suspended or got another number since it was made. So all are in doubt then, and
//! nothing is shown of any until staff say that what the back-up lacks is entered again.

use medrec_primitives::{Moment, RelationshipId};

use super::{
    pending_keys::relationship,
    signed,
    sql::{self, Topic},
    unsigned, Store, StoreError,
};

/// Since when all records are in doubt (ms).
pub(super) const DOUBTED: &str = "records_doubted";

/// The condition, in SQL, that something may be shown of a record: the name of the column with its number.
macro_rules! is_shown {
    ($record:literal) => {
        concat!(
            $record,
            " NOT IN (SELECT record FROM suspended_records)
              AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'records_doubted')"
        )
    };
}
pub(super) use is_shown;

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

    /// Since when nothing is shown of any record, because a back-up was restored; `None` if that was confirmed, or never so.
    pub async fn doubted_since(&self) -> Result<Option<Moment>, StoreError> {
        let since = self.meta(DOUBTED).await?;
        since.map(|since| since.parse().map_err(|_| StoreError::Corrupt("meta"))).transpose()
    }

    /// Ends the doubt: what a restored back-up lacked is entered again. `false` if there was none.
    pub async fn confirm_records(&self) -> Result<bool, StoreError> {
        Ok(sql::query("DELETE FROM meta WHERE key = $1").bind(DOUBTED).execute(&self.write).await? == 1)
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
    use crate::store::{
        bindings::Redeemed,
        tests::{back_up, bound_to, temporary},
    };

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
        assert_eq!(store.record(ID).await.unwrap(), Some(bound_to("A-1", key)));
    }

    #[tokio::test]
    async fn binding_should_go_with_the_record_when_that_gets_another_number() {
        let (store, _folder, key) = bound().await;
        store.suspend_record("A-1", "merge", 5).await.unwrap();
        assert!(store.resume_record("A-1", Some("B-2")).await.unwrap());
        assert_eq!(store.record(ID).await.unwrap(), Some(bound_to("B-2", key)));
        assert!(!store.is_enrolled("A-1", 5).await.unwrap());
    }

    #[tokio::test]
    async fn nothing_should_be_shown_of_any_record_when_a_back_up_was_restored_until_that_is_confirmed() {
        let (store, folder, key) = bound().await;
        let restored = back_up(&store, &folder).await;
        // What the back-up does not know.
        store.suspend_record("A-1", "split", 5).await.unwrap();
        store.resume_record("A-1", Some("B-2")).await.unwrap();
        restored.invalidate(100, 400, true).await.unwrap();
        assert_eq!(restored.doubted_since().await.unwrap(), Some(100));
        assert_eq!(restored.record(ID).await.unwrap(), None);
        assert_eq!(restored.bound_patients(0).await.unwrap().len(), 0);
        restored.add_ticket(&[3; 16], "A-3", 101, 1000).await.unwrap();
        let other = AccountId::new([3; 32]);
        assert_eq!(restored.redeem(&[3; 16], &other, 102).await.unwrap(), Redeemed::Refused);
        // A second restore changes nothing of it, and what is resumed stays in doubt with all others.
        restored.invalidate(200, 500, true).await.unwrap();
        assert_eq!(restored.doubted_since().await.unwrap(), Some(100));
        assert!(restored.suspend_record("A-1", "split", 201).await.unwrap());
        assert!(restored.resume_record("A-1", Some("B-2")).await.unwrap());
        assert_eq!(restored.record(ID).await.unwrap(), None);
        assert!(restored.confirm_records().await.unwrap());
        assert!(!restored.confirm_records().await.unwrap());
        assert_eq!(restored.record(ID).await.unwrap(), Some(bound_to("B-2", key)));
        restored.add_ticket(&[4; 16], "A-3", 202, 1000).await.unwrap();
        assert_eq!(restored.redeem(&[4; 16], &other, 203).await.unwrap(), Redeemed::Fresh);
        assert_eq!(store.doubted_since().await.unwrap(), None);
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
