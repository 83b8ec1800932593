//! The gatekeeper's own file: one SQLite database beside the provider's, never in it.
//!
//! | Table | Holds |
//! |---|---|
//! | `meta` | the chain and the last finalised block that were relied on |
//! | `tickets` | digests of enrolment tickets, with the record each is for |
//! | `bindings` | which relationship is which record number: the only place where this is known |
//! | `nonces` | what was used up by sign-ins and signed requests |
//! | `sessions` | hashes of session tokens |
//! | `app_codes`, `app_tokens` | hashes of codes and tokens of apps |
//! | `inbox` | what was sent to be added to the records |
//! | `requests` | what was settled of requests made on chain |
//! | `ticket_purposes`, `guardians` | which tickets are for something else than a first key; who redeemed a minor's |
//! | `pending_keys` | keys that take a place in a binding once the finalised chain names them |
//! | `suspended_records` | records of which nothing is shown, as the hospital merges or splits them |
//! | `log` | every decision, hash-chained and sealed: see [`crate::log`] |
//! | `log_keys` | what opens the log's entries, until it is destroyed |
//! | `share_links` | digests of share links and of their passcodes, and how often a wrong one was tried |
//! | `research_answers`, `research_withdrawals` | answers to planned tables, once each; what patients took back: see [`crate::research`] |
//! | `proof_*` | versions of records, intervals and their roots: see [`crate::anchor`] |
//! | `offline_breaks` | breaks of the glass while the chain was away: see [`crate::emergency`] |
//! | `notices`, `webhooks` | what there is to tell, and where to: see [`crate::notices`] |
//!
//! Writes go through one connection and are on disk when they return (`synchronous = FULL`, write-ahead log).

use std::{path::Path, time::Duration};

use sqlx::{
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    SqlitePool,
};

pub mod bindings;
pub mod continuity;
pub mod emergency;
pub mod inbox;
pub mod log;
pub mod log_anchors;
pub mod log_keys;
pub mod meta;
pub mod nonces;
pub mod notices;
pub mod pending_keys;
pub mod pool;
pub mod proofs;
pub mod requests;
pub mod research;
pub mod sessions;
pub mod share_links;
pub mod smart;
pub mod suspended_records;
pub mod webhooks;

pub use pool::PoolVitals;

/// How the schema grew: step `n` makes version `n` out of the one before. What is released is never changed, only added to.
const STEPS: [&str; 10] = [
    include_str!("schema/1-core.sql"),
    include_str!("schema/2-requests.sql"),
    include_str!("schema/3-smart.sql"),
    include_str!("schema/4-log-keys.sql"),
    include_str!("schema/5-keys.sql"),
    include_str!("schema/6-proofs.sql"),
    include_str!("schema/7-inbox.sql"),
    include_str!("schema/8-share-links.sql"),
    include_str!("schema/9-notices.sql"),
    include_str!("schema/10-research.sql"),
];

/// The version of the schema that this program reads and writes.
pub const SCHEMA_VERSION: i64 = STEPS.len() as i64;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database complains.
    #[error("the gatekeeper's store: {0}")]
    Database(#[from] sqlx::Error),
    /// The file could not be made.
    #[error("the gatekeeper's store, or the marker beside it, cannot be opened: {0}")]
    File(#[from] std::io::Error),
    /// Written by another version.
    #[error("the gatekeeper's store has schema {found}, this program knows {SCHEMA_VERSION}: use the program that wrote it, or a newer one")]
    Schema {
        /// What was found.
        found: i64,
    },
    /// Somebody reads what should be destroyed.
    #[error("the gatekeeper's store is being read: what was shredded is not out of its file yet; it will be tried again")]
    Busy,
    /// A value is not what was written.
    #[error("the gatekeeper's store holds a value that makes no sense in {0}")]
    Corrupt(&'static str),
}

/// The gatekeeper's own database.
#[derive(Clone, Debug)]
pub struct Store {
    /// One connection, so that writers queue up instead of failing as busy.
    write: SqlitePool,
    read: SqlitePool,
}

impl Store {
    /// Opens the file, and makes it if it is not there.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        create_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            // What is destroyed is written over.
            .pragma("secure_delete", "ON")
            .pragma("trusted_schema", "OFF");
        let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        migrate(&write).await?;
        let read = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
        Ok(Self { write, read })
    }

    /// Waits for what is under way and closes the file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// Whether the file still answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM meta").fetch_optional(&self.read).await?;
        Ok(())
    }

    /// How its connections are doing, the one that writes and those that read together.
    pub fn vitals(&self) -> PoolVitals {
        PoolVitals::of(&self.write) + PoolVitals::of(&self.read)
    }
}

/// Makes the file readable by its owner alone, before anything is written to it.
fn create_private(path: &Path) -> Result<(), std::io::Error> {
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(|_| ()),
    }
}

async fn migrate(pool: &SqlitePool) -> Result<(), StoreError> {
    // Immediate, so that two programs that start at the same time do not both make the tables.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let steps =
        usize::try_from(found).ok().and_then(|done| STEPS.get(done..)).ok_or(StoreError::Schema { found })?;
    for step in steps {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
    }
    // Pragmas take no bound parameters.
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {SCHEMA_VERSION}")))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// SQLite has signed integers only; times and numbers of ours stay far below its bound.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64, place: &'static str) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt(place))
}

fn account(bytes: &[u8], place: &'static str) -> Result<medrec_primitives::AccountId, StoreError> {
    <[u8; 32]>::try_from(bytes).map(Into::into).map_err(|_| StoreError::Corrupt(place))
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A store in a temporary folder, which goes when the guard does.
    pub(crate) async fn temporary() -> (Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.sqlite")).await.unwrap();
        (store, folder)
    }

    #[tokio::test]
    async fn store_should_be_durable_when_opened() {
        let (store, _folder) = temporary().await;
        let journal: String =
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&store.write).await.unwrap();
        let synchronous: i64 =
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(&store.write).await.unwrap();
        assert_eq!((journal.as_str(), synchronous), ("wal", 2));
    }

    #[tokio::test]
    async fn store_should_be_private_when_made() {
        use std::os::unix::fs::PermissionsExt;
        let (_store, folder) = temporary().await;
        let mode = std::fs::metadata(folder.path().join("store.sqlite")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn store_should_be_refused_when_written_by_a_newer_version() {
        let (store, folder) = temporary().await;
        sqlx::query("PRAGMA user_version = 99").execute(&store.write).await.unwrap();
        store.close().await;
        let error = Store::open(&folder.path().join("store.sqlite")).await.unwrap_err();
        assert!(matches!(error, StoreError::Schema { found: 99 }));
    }

    #[tokio::test]
    async fn store_should_be_brought_up_to_date_when_written_by_an_older_version() {
        let (newest, _folder) = temporary().await;
        for version in 0..STEPS.len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.sqlite");
            let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
            let old = SqlitePool::connect_with(options).await.unwrap();
            for step in &STEPS[..version] {
                sqlx::raw_sql(*step).execute(&old).await.unwrap();
            }
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}")))
                .execute(&old)
                .await
                .unwrap();
            old.close().await;
            let store = Store::open(&path).await.unwrap();
            assert_eq!(tables(&store).await, tables(&newest).await, "from version {version}");
        }
    }

    async fn tables(store: &Store) -> (i64, Vec<Option<String>>) {
        let version = sqlx::query_scalar("PRAGMA user_version").fetch_one(&store.read).await.unwrap();
        let made = sqlx::query_scalar("SELECT sql FROM sqlite_schema ORDER BY name");
        (version, made.fetch_all(&store.read).await.unwrap())
    }

    #[tokio::test]
    async fn store_should_open_again_when_it_exists() {
        let (store, folder) = temporary().await;
        store.close().await;
        Store::open(&folder.path().join("store.sqlite")).await.unwrap().ping().await.unwrap();
    }
}
