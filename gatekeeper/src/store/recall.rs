//! What was read of sessions, tokens of apps and bindings, remembered for as long as nothing of it changes.
//!
//! The store counts each change of them, by triggers: whoever makes it, in whichever program. An answer may rest on what is remembered
//! ([`AsOf`]) on one condition: that the count is still the same within the transaction that puts the answer on the log
//! ([`Store::append_log`]). If it is not, neither the answer leaves nor the entry stays, and the answer is made anew from what is read
//! then. So a session that was ended, or a record that was suspended, counts no longer than it would without this.

use std::{
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use medrec_primitives::RelationshipId;

#[cfg(doc)]
use super::Store;
use super::{bindings::BoundRecord, sessions::StoredSession, smart::StoredToken};

/// Values of one kind remembered at most. One more, and all are forgotten.
const REMEMBERED: usize = 10_000;

/// The count of changes, in SQL, as a column: each table has its own, so that transactions that change several of them in the same order do not
/// wait for each other in a circle.
macro_rules! changes {
    () => {
        "COALESCE((SELECT CAST(SUM(last) AS BIGINT) FROM counters WHERE name LIKE 'changes %'), 0)"
    };
}
pub(super) use changes;

/// What an answer rests on: what was read for it, or also what was remembered at some count of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct AsOf(Option<i64>);

impl AsOf {
    /// All was read.
    pub const NOW: Self = Self(None);

    /// Both.
    pub fn and(self, other: Self) -> Self {
        // The count never goes back, so if the older still holds, the newer does.
        match (self.0, other.0) {
            (Some(one), Some(other)) => Self(Some(one.min(other))),
            (one, other) => Self(one.or(other)),
        }
    }

    /// Whether nothing was remembered.
    pub fn is_now(self) -> bool {
        self.0.is_none()
    }

    /// Whether it is still so when the count is this.
    pub(super) fn holds(self, count: i64) -> bool {
        self.0.is_none_or(|remembered| remembered == count)
    }
}

/// All that is remembered.
#[derive(Clone, Debug, Default)]
pub(super) struct Recall {
    pub sessions: Remembered<[u8; 32], StoredSession>,
    pub app_tokens: Remembered<[u8; 32], StoredToken>,
    pub records: Remembered<RelationshipId, BoundRecord>,
}

impl Recall {
    /// The count is this now.
    pub fn changed(&self, count: i64) {
        self.sessions.changed(count);
        self.app_tokens.changed(count);
        self.records.changed(count);
    }
}

/// Values of one kind, all read at one count of changes.
#[derive(Debug)]
pub(super) struct Remembered<K, V>(Arc<Mutex<Held<K, V>>>);

#[derive(Debug)]
struct Held<K, V> {
    count: i64,
    values: HashMap<K, V>,
}

impl<K, V> Clone for Remembered<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Held { count: 0, values: HashMap::new() })))
    }
}

impl<K: Hash + Eq, V: Clone> Remembered<K, V> {
    /// What is remembered by this key, if it is still good by itself, else what is read.
    pub async fn or_read<E>(
        &self,
        key: &K,
        is_good: impl Fn(&V) -> bool,
        read: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<(V, AsOf)>, E> {
        match self.find(key).filter(|(value, _)| is_good(value)) {
            Some(remembered) => Ok(Some(remembered)),
            None => Ok(read.await?.map(|value| (value, AsOf::NOW))),
        }
    }

    fn find(&self, key: &K) -> Option<(V, AsOf)> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some((held.values.get(key)?.clone(), AsOf(Some(held.count))))
    }

    /// Remembers what was read when the count was this, unless it has gone on since.
    pub fn keep(&self, key: K, value: V, count: i64) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if count > held.count {
            held.set(count);
        }
        if held.count == count {
            if held.values.len() >= REMEMBERED {
                held.values.clear();
            }
            held.values.insert(key, value);
        }
    }

    /// The count goes back only where the database was put back to an earlier state: then, too, nothing is remembered any more.
    fn changed(&self, count: i64) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if count != held.count {
            held.set(count);
        }
    }
}

impl<K, V> Held<K, V> {
    fn set(&mut self, count: i64) {
        self.count = count;
        self.values.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        log::{tests::entry, AuditLog, LogError},
        store::{
            tests::{beside, tamper, temporary},
            Store,
        },
    };

    const ID: RelationshipId = RelationshipId::new(0, 3);

    fn session() -> StoredSession {
        StoredSession { account: [1; 32].into(), purpose: "TREAT".into(), patient: None, expires: 100 }
    }

    async fn with_everything() -> (Store, tempfile::TempDir) {
        let (store, folder) = temporary().await;
        store.add_session(&[7; 32], &session(), 0, 8).await.unwrap();
        store.add_ticket(&[5; 16], "A-1", 0, 100).await.unwrap();
        store.redeem(&[5; 16], &[1; 32].into(), 1).await.unwrap();
        store.bind(&[1; 32].into(), ID).await.unwrap();
        (store, folder)
    }

    /// Reads both twice: what is remembered the second time, or nothing where neither is there any more.
    async fn remembered(store: &Store) -> Option<(AsOf, AsOf)> {
        for _ in 0..2 {
            store.session(&[7; 32], 1).await.unwrap();
            store.record(ID).await.unwrap();
        }
        let session = store.session_as_of(&[7; 32], 1).await.unwrap();
        let record = store.record_as_of(ID).await.unwrap();
        session.map(|(_, as_of)| as_of).zip(record.map(|(_, as_of)| as_of))
    }

    #[tokio::test]
    async fn answer_should_stay_when_nothing_changed_of_what_it_rests_on() {
        let (store, folder) = with_everything().await;
        let (log, _) = AuditLog::start(store.clone());
        let (session, record) = remembered(&store).await.unwrap();
        assert!(!session.is_now() && session == record);
        // Others sign in, are enrolled, and a nonce is used up.
        let other = beside(&folder).await;
        other.add_session(&[8; 32], &session_of_another(), 0, 8).await.unwrap();
        other.add_ticket(&[6; 16], "A-2", 0, 100).await.unwrap();
        other.redeem(&[6; 16], &[2; 32].into(), 1).await.unwrap();
        other.use_nonce(&[1; 32].into(), b"n", 100).await.unwrap();
        log.append_with(&entry("r0-3"), None, session.and(record)).await.unwrap();
        assert_eq!(remembered(&store).await, Some((session, record)));
    }

    fn session_of_another() -> StoredSession {
        StoredSession { account: [2; 32].into(), ..session() }
    }

    #[tokio::test]
    async fn answer_should_not_stay_when_something_changed_of_what_it_rests_on() {
        for change in [
            "DELETE FROM sessions",
            "UPDATE sessions SET expires = 2",
            "INSERT INTO suspended_records (record, since, ground) VALUES ('A-1', 5, 'merge')",
            "INSERT INTO meta (key, value) VALUES ('records_doubted', '5')",
            "UPDATE bindings SET record = 'A-9' WHERE record = 'A-1'",
            "DELETE FROM bindings",
        ] {
            let (store, folder) = with_everything().await;
            let (log, _) = AuditLog::start(store.clone());
            let (session, record) = remembered(&store).await.unwrap();
            tamper(&beside(&folder).await, change).await;
            let stale = log.append_with(&entry("r0-3"), None, session.and(record)).await;
            assert!(matches!(stale, Err(LogError::Stale)), "{change}: {stale:?}");
            assert_eq!(store.log_rows(0, 9).await.unwrap(), [], "{change}");
            assert!(!log.is_failing());
            // What came in the same commit and rests on nothing of it is kept, and what is remembered is forgotten.
            log.append(&entry("r0-3")).await.unwrap();
            assert!(
                store.recall.sessions.find(&[7; 32]).is_none() && store.recall.records.find(&ID).is_none()
            );
        }
    }

    #[tokio::test]
    async fn token_should_be_forgotten_when_its_family_ends() {
        let (store, folder) = temporary().await;
        tamper(&store, "INSERT INTO counters (name, last) VALUES ('changes app_tokens', 41)").await;
        let insert = crate::store::sql::query(
            "INSERT INTO app_tokens (token, family, refresh, client, account, purpose, patient, scope, issued, expires)
             VALUES ($1, $2, 0, 'chart', $1, 'TREAT', 'r0-3', 'patient/*.rs', 1, 100)",
        );
        let insert = insert.bind([7_u8; 32].as_slice()).bind([2_u8; 16].as_slice());
        crate::store::tests::change(&store, insert).await;
        store.app_token(&[7; 32], 1).await.unwrap().unwrap();
        let (_, as_of) = store.app_token_as_of(&[7; 32], 1).await.unwrap().unwrap();
        assert_eq!(as_of, AsOf(Some(41)));
        assert_eq!(store.app_token_as_of(&[7; 32], 100).await.unwrap(), None, "it has expired");
        beside(&folder).await.end_family(&[2; 16]).await.unwrap();
        let (log, _) = AuditLog::start(store.clone());
        let stale = log.append_with(&entry("r0-3"), None, as_of).await;
        assert!(matches!(stale, Err(LogError::Stale)), "{stale:?}");
        assert_eq!(store.app_token_as_of(&[7; 32], 1).await.unwrap(), None);
    }

    #[test]
    fn value_should_not_be_kept_when_the_count_has_gone_on_since_it_was_read() {
        let remembered = Remembered::<u8, u8>::default();
        remembered.keep(1, 1, 5);
        assert_eq!(remembered.find(&1), Some((1, AsOf(Some(5)))));
        remembered.changed(6);
        assert_eq!(remembered.find(&1), None);
        remembered.keep(1, 1, 5);
        assert_eq!(remembered.find(&1), None);
        remembered.keep(1, 2, 7);
        assert_eq!(remembered.find(&1), Some((2, AsOf(Some(7)))));
        // Put back to an earlier state, in which seven is reached anew.
        remembered.changed(4);
        remembered.changed(7);
        assert_eq!(remembered.find(&1), None);
    }

    #[test]
    fn values_should_be_bounded() {
        let remembered = Remembered::<usize, u8>::default();
        for n in 0..2 * REMEMBERED {
            remembered.keep(n, 0, 1);
        }
        assert!(remembered.0.lock().unwrap().values.len() <= REMEMBERED);
    }

    #[test]
    fn answer_should_rest_on_the_oldest_of_what_was_remembered() {
        let (old, new) = (AsOf(Some(3)), AsOf(Some(4)));
        assert_eq!(old.and(new), old);
        assert_eq!(new.and(AsOf::NOW), new);
        assert!(AsOf::NOW.and(AsOf::NOW).is_now());
        assert!(!old.and(new).holds(4) && new.holds(4) && AsOf::NOW.holds(9));
    }
}
