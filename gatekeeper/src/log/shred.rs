//! Shredding: after retention the keys of a year are destroyed, and with them what its entries say.

use medrec_primitives::Moment;

use super::sealed::year;
use crate::store::{
    log_keys::{Old, Shredded},
    Store, StoreError,
};

/// The first year that must still be readable at `now`. An entry can be read to the end of the `retention_years`th year after the
/// one that it was made in.
pub fn first_kept(now: Moment, retention_years: u16) -> u16 {
    year(now).saturating_sub(retention_years)
}

/// What would be shredded now.
pub async fn due(store: &Store, now: Moment, retention_years: u16) -> Result<Old, StoreError> {
    store.log_keys_before(first_kept(now, retention_years)).await
}

/// Destroys all keys of years that are past retention. There is no way back.
pub async fn shred(store: &Store, now: Moment, retention_years: u16) -> Result<Shredded, StoreError> {
    store.shred_log_before(first_kept(now, retention_years)).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        log::{
            tests::entry,
            verify::{verify, VerifyError},
            AuditLog, Entry,
        },
        store::tests::temporary,
    };
    use medrec_primitives::RelationshipId;

    /// The last moment of 2029, and the first of 2030.
    const LAST_OF_2029: Moment = 1_893_455_999_999;
    const FIRST_OF_2030: Moment = LAST_OF_2029 + 1;
    /// Of 2024.
    const LATER: Moment = 1_710_000_000_000;

    async fn two_years() -> (Store, tempfile::TempDir, AuditLog) {
        let (store, folder) = temporary().await;
        let (log, _) = AuditLog::start(store.clone());
        log.append(&entry("r0-3")).await.unwrap();
        log.append(&Entry { time: LATER, ..entry("r0-3") }).await.unwrap();
        (store, folder, log)
    }

    #[tokio::test]
    async fn shred_should_leave_everything_when_retention_is_not_over() {
        let (store, _folder, log) = two_years().await;
        assert_eq!(due(&store, LAST_OF_2029, 6).await.unwrap().keys, 0);
        assert_eq!(shred(&store, LAST_OF_2029, 6).await.unwrap().entries, 0);
        assert_eq!(log.page(RelationshipId::new(0, 3), 0).await.unwrap().0.len(), 2);
    }

    #[tokio::test]
    async fn shred_should_destroy_what_is_past_retention_and_leave_the_chain_whole() {
        let (store, folder, log) = two_years().await;
        let before = verify(&store, None, FIRST_OF_2030).await.unwrap();
        assert_eq!(before.shredded, 0);
        let old = due(&store, FIRST_OF_2030, 6).await.unwrap();
        assert_eq!((old.keys, old.entries), (1, 1));
        let done = shred(&store, FIRST_OF_2030, 6).await.unwrap();
        assert_eq!((done.keys, done.entries), (1, 1));
        let (entries, _) = log.page(RelationshipId::new(0, 3), 0).await.unwrap();
        assert_eq!(entries, [(2, Entry { time: LATER, ..entry("r0-3") })]);
        let head = before.heads.values().next().copied();
        let after = verify(&store, head, FIRST_OF_2030).await.unwrap();
        assert_eq!((after.entries, after.shredded, after.heads), (2, 1, before.heads));
        // Neither key nor relationship stays behind in the file.
        let rows = store.log_rows(0, 10).await.unwrap();
        assert_eq!((rows[0].relationship.as_deref(), rows[1].relationship.as_deref()), (None, Some("r0-3")));
        if !store.is_shared() {
            assert_eq!(std::fs::metadata(folder.path().join("store.sqlite-wal")).unwrap().len(), 0);
        }
    }

    #[tokio::test]
    async fn verify_should_notice_when_a_key_is_destroyed_before_its_time() {
        let (store, _folder, _) = two_years().await;
        store.shred_log_before(2024).await.unwrap();
        assert!(matches!(verify(&store, None, LAST_OF_2029).await, Err(VerifyError::Unreadable(1))));
    }
}
