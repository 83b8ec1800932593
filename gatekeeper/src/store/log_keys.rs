//! The keys that entries of the log are sealed by, and their destruction. What they seal is in [`crate::log::sealed`].

use medrec_primitives::RelationshipId;
use sqlx::{Sqlite, Transaction};
use zeroize::Zeroizing;

use super::{Store, StoreError};
use crate::log::sealed::{EntryKey, KeyId};

/// What would be shredded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Old {
    /// Keys.
    pub keys: u64,
    /// Entries that they open.
    pub entries: u64,
}

/// What was shredded.
pub type Shredded = Old;

/// Keeps a key, unless it is kept already. Within the transaction that keeps what it seals.
pub(super) async fn keep(
    transaction: &mut Transaction<'_, Sqlite>,
    key: &EntryKey,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO log_keys (id, relationship, year, key) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(key.id.as_slice())
    .bind(&key.relationship)
    .bind(i64::from(key.year))
    .bind(key.key.as_slice())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Store {
    /// A key, unless it was destroyed.
    pub async fn log_key(&self, id: &KeyId) -> Result<Option<EntryKey>, StoreError> {
        let row: Option<RawKey> =
            sqlx::query_as("SELECT id, relationship, year, key FROM log_keys WHERE id = ?")
                .bind(id.as_slice())
                .fetch_optional(&self.read)
                .await?;
        row.map(key).transpose()
    }

    /// The keys of a relationship.
    pub async fn log_keys_of(&self, relationship: RelationshipId) -> Result<Vec<EntryKey>, StoreError> {
        let rows: Vec<RawKey> =
            sqlx::query_as("SELECT id, relationship, year, key FROM log_keys WHERE relationship = ?")
                .bind(relationship.to_string())
                .fetch_all(&self.read)
                .await?;
        rows.into_iter().map(key).collect()
    }

    /// How many keys are of years before `year`, and entries they open.
    pub async fn log_keys_before(&self, year: u16) -> Result<Old, StoreError> {
        let (keys, entries): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM log_keys WHERE year < ?1),
                    (SELECT count(*) FROM log WHERE key IN (SELECT id FROM log_keys WHERE year < ?1))",
        )
        .bind(i64::from(year))
        .fetch_one(&self.read)
        .await?;
        Ok(Old { keys: keys.unsigned_abs(), entries: entries.unsigned_abs() })
    }

    /// Destroys the keys of all years before `year`, overwritten in the file, and forgets whom their entries are about.
    pub async fn shred_log_before(&self, year: u16) -> Result<Shredded, StoreError> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let entries = sqlx::query(
            "UPDATE log SET relationship = NULL WHERE key IN (SELECT id FROM log_keys WHERE year < ?)",
        )
        .bind(i64::from(year))
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        let keys = sqlx::query("DELETE FROM log_keys WHERE year < ?")
            .bind(i64::from(year))
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        transaction.commit().await?;
        if keys > 0 {
            // What was written over is still in the write-ahead log until it is taken into the file and emptied.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.write).await?;
        }
        Ok(Shredded { keys, entries })
    }
}

type RawKey = (Vec<u8>, String, i64, Vec<u8>);

fn key((id, relationship, year, key): RawKey) -> Result<EntryKey, StoreError> {
    let corrupt = || StoreError::Corrupt("log_keys");
    Ok(EntryKey {
        id: id.try_into().map_err(|_| corrupt())?,
        relationship,
        year: u16::try_from(year).map_err(|_| corrupt())?,
        key: Zeroizing::new(key.try_into().map_err(|_| corrupt())?),
    })
}
