//! The rows of the log. What they mean is in [`crate::log`].

use medrec_primitives::RelationshipId;

use super::{
    inbox::{self, NewItem},
    log_keys, signed, unsigned, Store, StoreError,
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
    /// Hash of the row before; zeros before the first.
    pub previous: [u8; 32],
    /// Hash of this row.
    pub hash: [u8; 32],
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
}

impl Store {
    /// Appends entries in one transaction, which is on disk when this returns. Gives the number of the last.
    ///
    /// The end of the chain is read within the transaction, so that two programs on one file continue each other.
    pub async fn append_log(
        &self,
        entries: &[NewEntry],
        hash: fn(number: u64, previous: &[u8; 32], entry: &str) -> [u8; 32],
    ) -> Result<u64, StoreError> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let end: Option<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT number, hash FROM log ORDER BY number DESC LIMIT 1")
                .fetch_optional(&mut *transaction)
                .await?;
        let (mut number, mut previous) = match end {
            None => (0, [0; 32]),
            Some((number, bytes)) => (unsigned(number, "log")?, array(&bytes)?),
        };
        for NewEntry { key, entry, item } in entries {
            number += 1;
            let this = hash(number, &previous, entry);
            log_keys::keep(&mut transaction, key).await?;
            sqlx::query(
                "INSERT INTO log (number, relationship, key, entry, previous, hash) VALUES (?, ?, ?, ?, ?, ?)",
            )
            .bind(signed(number))
            .bind(&key.relationship)
            .bind(key.id.as_slice())
            .bind(entry)
            .bind(previous.as_slice())
            .bind(this.as_slice())
            .execute(&mut *transaction)
            .await?;
            if let Some(item) = item {
                inbox::insert(&mut transaction, item).await?;
            }
            previous = this;
        }
        transaction.commit().await?;
        Ok(number)
    }

    /// Whether something can be written, to where it lasts.
    pub async fn probe(&self) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO UPDATE SET value = 3 - CAST(value AS INTEGER)",
        )
        .bind(PROBE)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Rows after a number, oldest first.
    pub async fn log_rows(&self, after: u64, most: u32) -> Result<Vec<LogRow>, StoreError> {
        let rows: Vec<RawRow> = sqlx::query_as(
            "SELECT number, relationship, key, entry, previous, hash FROM log WHERE number > ? ORDER BY number LIMIT ?",
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
        let rows: Vec<RawRow> = sqlx::query_as(
            "SELECT number, relationship, key, entry, previous, hash FROM log
             WHERE relationship = ? AND number > ? ORDER BY number LIMIT ?",
        )
        .bind(relationship.to_string())
        .bind(signed(after))
        .bind(i64::from(most))
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(row).collect()
    }
}

type RawRow = (i64, Option<String>, Option<Vec<u8>>, String, Vec<u8>, Vec<u8>);

fn row((number, relationship, key, entry, previous, hash): RawRow) -> Result<LogRow, StoreError> {
    Ok(LogRow {
        number: unsigned(number, "log")?,
        relationship,
        key: key.map(|key| array(&key)).transpose()?,
        entry,
        previous: array(&previous)?,
        hash: array(&hash)?,
    })
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("log"))
}
