//! The keys that entries of the log are sealed by, and their destruction. What they seal is in [`crate::log::sealed`].

use medrec_primitives::RelationshipId;
use zeroize::Zeroizing;

use super::{
    sql::{self, Pool, Topic, Transaction},
    sqlite, Store, StoreError,
};
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
pub(super) async fn keep(transaction: &mut Transaction, key: &EntryKey) -> Result<(), sqlx::Error> {
    sql::query(
        "INSERT INTO log_keys (id, relationship, year, key) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(key.id.as_slice())
    .bind(&key.relationship)
    .bind(i64::from(key.year))
    .bind(key.key.as_slice())
    .execute(transaction)
    .await?;
    Ok(())
}

impl Store {
    /// A key, unless it was destroyed.
    pub async fn log_key(&self, id: &KeyId) -> Result<Option<EntryKey>, StoreError> {
        let row: Option<RawKey> =
            sql::query_as("SELECT id, relationship, year, key FROM log_keys WHERE id = $1")
                .bind(id.as_slice())
                .fetch_optional(&self.read)
                .await?;
        row.map(key).transpose()
    }

    /// The keys of a relationship.
    pub async fn log_keys_of(&self, relationship: RelationshipId) -> Result<Vec<EntryKey>, StoreError> {
        let rows: Vec<RawKey> =
            sql::query_as("SELECT id, relationship, year, key FROM log_keys WHERE relationship = $1")
                .bind(relationship.to_string())
                .fetch_all(&self.read)
                .await?;
        rows.into_iter().map(key).collect()
    }

    /// How many keys are of years before `year`, and entries they open.
    pub async fn log_keys_before(&self, year: u16) -> Result<Old, StoreError> {
        let (keys, entries): (i64, i64) = sql::query_as(
            "SELECT (SELECT count(*) FROM log_keys WHERE year < $1),
                    (SELECT count(*) FROM log WHERE key IN (SELECT id FROM log_keys WHERE year < $1))",
        )
        .bind(i64::from(year))
        .fetch_one(&self.read)
        .await?;
        Ok(Old { keys: keys.unsigned_abs(), entries: entries.unsigned_abs() })
    }

    /// Destroys the keys of all years before `year`, overwritten in the file, and forgets whom their entries are about.
    pub async fn shred_log_before(&self, year: u16) -> Result<Shredded, StoreError> {
        let mut transaction = self.begin(Topic::Log).await?;
        let entries = sql::query(
            "UPDATE log SET relationship = NULL WHERE key IN (SELECT id FROM log_keys WHERE year < $1)",
        )
        .bind(i64::from(year))
        .execute(&mut transaction)
        .await?;
        let keys = sql::query("DELETE FROM log_keys WHERE year < $1")
            .bind(i64::from(year))
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        match &self.write {
            // What was written over is still in the write-ahead log until it is taken into the file and emptied: at every run, since
            // the last one may have been in somebody's way.
            Pool::Sqlite(pool) => {
                if !sqlite::empty_write_ahead_log(pool).await? {
                    return Err(StoreError::Busy);
                }
            }
            // Rows that were deleted stay in the table's file until it is written anew. Its own write-ahead log and copies of it are
            // the operator's.
            Pool::Postgres(_) => {
                sql::query("VACUUM FULL log_keys").execute(&self.write).await?;
            }
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
