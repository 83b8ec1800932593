//! The rows of the log. What they mean is in [`crate::log`].

use std::sync::{atomic::Ordering, Arc, Mutex};

use medrec_primitives::RelationshipId;
use sha2::{Digest, Sha256};

use super::{
    inbox::{self, NewItem},
    log_keys,
    recall::{changes, AsOf},
    signed,
    sql::{self, Topic},
    unsigned, Store, StoreError,
};
use crate::log::sealed::{EntryKey, KeyId};

/// What [`Store::probe`] writes.
const PROBE: &str = "probe";

/// A row of the log as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Counts from 1 without gaps.
    pub number: u64,
    /// The relationship that the entry is about, until it is shredded.
    pub relationship: Option<String>,
    /// What opens the entry; none where it is not sealed.
    pub key: Option<KeyId>,
    /// The sealed entry, as JSON text. Its bytes are what is hashed.
    pub entry: String,
    /// Hash of the row before in the same chain; before the first, what [`start`] gives.
    pub previous: [u8; 32],
    /// Hash of this row.
    pub hash: [u8; 32],
    /// Whose chain it continues; empty where one gatekeeper is alone.
    pub instance: String,
}

/// An entry to be appended.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// What the entry is sealed by, and about whom.
    pub key: EntryKey,
    /// The sealed entry, as JSON text.
    pub entry: String,
    /// What is added to the inbox in the same step, if the entry is about that.
    pub item: Option<NewItem>,
    /// What the answer rests on that it is about.
    pub as_of: AsOf,
}

/// Where this gatekeeper left the end of its chain: it may be any of these, as it is not known of a commit that broke off whether it came
/// through. Empty until the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Left(Arc<Mutex<Vec<[u8; 32]>>>);

/// Commits that broke off one after the other, remembered at most.
const BROKEN_OFF: usize = 64;

impl Left {
    fn may_be(&self, end: &[u8; 32]) -> bool {
        self.0.lock().is_ok_and(|ends| ends.is_empty() || ends.contains(end))
    }

    /// A commit is tried that would leave the end here.
    fn trying(&self, end: [u8; 32]) {
        if let Ok(mut ends) = self.0.lock() {
            ends.truncate(BROKEN_OFF);
            ends.push(end);
        }
    }

    /// It came through.
    fn at(&self, end: [u8; 32]) {
        if let Ok(mut ends) = self.0.lock() {
            *ends = vec![end];
        }
    }
}

/// What stands in the place of a hash before the first entry of a gatekeeper's chain. Zeros where it is alone; else it is bound to its name.
pub fn start(instance: &str) -> [u8; 32] {
    if instance.is_empty() {
        return [0; 32];
    }
    Sha256::new_with_prefix(b"medrec/log/instance/v1").chain_update(instance).finalize().into()
}

impl Store {
    /// Appends entries in one transaction, which is on disk when this returns. Says of each whether it was: not, if what its answer rests
    /// on is no longer so.
    ///
    /// Numbers count over the whole store; each gatekeeper continues a chain of hashes of its own, whose end is read within the
    /// transaction, so that two programs on one file continue each other. Of a store that is shared it must be where this gatekeeper left
    /// it: a database that was put back under its feet is found out before anything is answered from it.
    pub async fn append_log(
        &self,
        entries: &[NewEntry],
        hash: fn(number: u64, previous: &[u8; 32], entry: &str) -> [u8; 32],
    ) -> Result<Vec<bool>, StoreError> {
        let mut transaction = self.begin(Topic::Log).await?;
        let (last, count): (Option<i64>, i64) =
            sql::query_as(concat!("SELECT MAX(number), ", changes!(), " FROM log"))
                .fetch_one(&mut transaction)
                .await?;
        let end: Option<Vec<u8>> =
            sql::query_scalar("SELECT hash FROM log WHERE instance = $1 ORDER BY number DESC LIMIT 1")
                .bind(&self.instance)
                .fetch_optional(&mut transaction)
                .await?;
        let mut number = unsigned(last.unwrap_or(0), "log")?;
        let mut previous = end.map_or_else(|| Ok(start(&self.instance)), |end| array(&end))?;
        if self.is_shared() && !self.left.may_be(&previous) {
            self.replaced.store(true, Ordering::Relaxed);
            return Err(StoreError::Replaced);
        }
        let mut kept = Vec::with_capacity(entries.len());
        for NewEntry { key, entry, item, as_of } in entries {
            kept.push(as_of.holds(count));
            if !as_of.holds(count) {
                continue;
            }
            number += 1;
            let this = hash(number, &previous, entry);
            log_keys::keep(&mut transaction, key).await?;
            sql::query(
                "INSERT INTO log (number, relationship, key, entry, previous, hash, instance)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(signed(number))
            .bind(&key.relationship)
            .bind(key.id.as_slice())
            .bind(entry)
            .bind(previous.as_slice())
            .bind(this.as_slice())
            .bind(&self.instance)
            .execute(&mut transaction)
            .await?;
            if let Some(item) = item {
                inbox::insert(&mut transaction, item).await?;
            }
            previous = this;
        }
        self.left.trying(previous);
        transaction.commit().await?;
        self.left.at(previous);
        self.recall.changed(count);
        Ok(kept)
    }

    /// Whether the database was found to be put back to an earlier state while this gatekeeper was at work on it.
    pub fn is_replaced(&self) -> bool {
        self.replaced.load(Ordering::Relaxed)
    }

    /// Whether something can be written, to where it lasts.
    pub async fn probe(&self) -> Result<(), StoreError> {
        sql::query(
            "INSERT INTO meta (key, value) VALUES ($1, '1') ON CONFLICT (key) DO UPDATE 
             SET value = CASE meta.value WHEN '1' THEN '2' ELSE '1' END",
        )
        .bind(PROBE)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Rows after a number, oldest first.
    pub async fn log_rows(&self, after: u64, most: u32) -> Result<Vec<LogRow>, StoreError> {
        let rows: Vec<RawRow> = sql::query_as(
            "SELECT number, relationship, key, entry, previous, hash, instance FROM log WHERE number > $1 ORDER BY number LIMIT $2",
        )
        .bind(signed(after))
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(row).collect()
    }

    /// Rows about one relationship after a number, oldest first.
    pub async fn log_rows_of(
        &self,
        relationship: RelationshipId,
        after: u64,
        most: u32,
    ) -> Result<Vec<LogRow>, StoreError> {
        let rows: Vec<RawRow> = sql::query_as(
            "SELECT number, relationship, key, entry, previous, hash, instance FROM log
             WHERE relationship = $1 AND number > $2 ORDER BY number LIMIT $3",
        )
        .bind(relationship.to_string())
        .bind(signed(after))
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(row).collect()
    }
}

type RawRow = (i64, Option<String>, Option<Vec<u8>>, String, Vec<u8>, Vec<u8>, String);

fn row((number, relationship, key, entry, previous, hash, instance): RawRow) -> Result<LogRow, StoreError> {
    Ok(LogRow {
        number: unsigned(number, "log")?,
        relationship,
        key: key.map(|key| array(&key)).transpose()?,
        entry,
        previous: array(&previous)?,
        hash: array(&hash)?,
        instance,
    })
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("log"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{
        log::{tests::entry, AuditLog},
        store::tests::{beside, tamper, temporary},
    };

    #[tokio::test]
    async fn nothing_should_be_appended_when_a_shared_log_was_put_back_meanwhile() {
        let (store, folder) = temporary().await;
        let (log, _) = AuditLog::start(store.clone());
        let (other, _) = AuditLog::start(beside(&folder).await);
        for _ in 0..3 {
            log.append(&entry("r0-3")).await.unwrap();
            other.append(&entry("r0-3")).await.unwrap();
        }
        tamper(&store, "DELETE FROM log WHERE number >= 5").await;
        assert_eq!(log.append(&entry("r0-3")).await.is_err(), store.is_shared());
        assert_eq!(store.is_replaced(), store.is_shared());
        assert_eq!(other.append(&entry("r0-3")).await.is_err(), store.is_shared());
    }
}
