//! The gatekeeper's own store, beside the provider's database and never in it.
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
//! | `counters`, `leases` | numbers that are never given twice, the count of changes ([`recall`]) among them; which gatekeeper of several does what |
//!
//! It is a file of SQLite's for a single gatekeeper, or a PostgreSQL that several share; queries are the same ([`sql`]). What was
//! written is on disk when a call returns.

use std::{
    path::Path,
    sync::{atomic::AtomicBool, Arc},
};

pub mod bindings;
pub mod continuity;
pub mod duty;
pub mod emergency;
pub mod inbox;
pub mod log;
pub mod log_anchors;
pub mod log_keys;
pub mod meta;
pub mod moving;
pub mod nonces;
pub mod notices;
pub mod pending_keys;
pub mod pool;
mod postgres;
pub mod proofs;
pub mod recall;
pub mod requests;
pub mod research;
mod schema;
pub mod sessions;
pub mod share_links;
pub mod smart;
pub mod sql;
mod sqlite;
pub mod suspended_records;
pub mod webhooks;

pub use pool::{asked_after_a_rest, PoolVitals};
pub use postgres::Server;
pub use schema::SCHEMA_VERSION;
use sql::{Pool, Topic, Transaction};

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
    /// It keeps what is written in a way that a crash could undo, or cannot be written to, or can be listened to.
    #[error("the gatekeeper's store, {0}")]
    Server(String),
    /// The database is not what it was a moment ago.
    #[error(
        "the store's log does not end where this gatekeeper left it: the database was put back to an earlier state (a back-up, or a standby \
         that lagged behind), or another gatekeeper has the same store.instance. Nothing is answered until this one is started again"
    )]
    Replaced,
    /// A value is not what was written.
    #[error("the gatekeeper's store holds a value that makes no sense in {0}")]
    Corrupt(&'static str),
}

/// The gatekeeper's own database.
#[derive(Clone, Debug)]
pub struct Store {
    /// Of a file one connection, so that writers queue up instead of failing as busy.
    write: Pool,
    read: Pool,
    /// The name of this gatekeeper among those that share the store; empty where it is alone.
    instance: String,
    left: log::Left,
    replaced: Arc<AtomicBool>,
    duty: duty::Duty,
    recall: recall::Recall,
}

impl Store {
    /// Opens what a configuration names.
    pub async fn connect(config: &crate::config::Store) -> Result<Self, StoreError> {
        match Server::of(config)? {
            Some(server) => Self::share(&server).await,
            None => Self::open(&config.path).await,
        }
    }

    /// Opens the file, and makes it if it is not there.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let (write, read) = sqlite::open(path).await?;
        Ok(Self::new(Pool::Sqlite(write), Pool::Sqlite(read), String::new()))
    }

    /// Opens a database that several gatekeepers share, and makes its tables if they are not there.
    pub async fn share(server: &Server) -> Result<Self, StoreError> {
        let pool = postgres::open(server).await?;
        Ok(Self::new(Pool::Postgres(pool.clone()), Pool::Postgres(pool), server.instance.clone()))
    }

    fn new(write: Pool, read: Pool, instance: String) -> Self {
        Self {
            write,
            read,
            instance,
            left: log::Left::default(),
            replaced: Arc::default(),
            duty: duty::Duty::default(),
            recall: recall::Recall::default(),
        }
    }

    /// The same for a command that staff give beside a gatekeeper at work: in a log that is shared, it continues a chain of its own.
    pub fn by_command(mut self) -> Self {
        if self.is_shared() {
            self.instance.push_str(".command");
        }
        self
    }

    async fn begin(&self, topic: Topic) -> Result<Transaction, StoreError> {
        Ok(self.write.begin(topic).await?)
    }

    /// Whether other gatekeepers may be at work on the same store.
    pub fn is_shared(&self) -> bool {
        self.write.is_shared()
    }

    /// The name of this gatekeeper among those that share the store; empty where it is alone.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// Waits for what is under way and ends all connections.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// Whether the database still answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sql::query("SELECT value FROM meta LIMIT 1").fetch_optional(&self.read).await?;
        Ok(())
    }

    /// How its connections are doing, those that write and those that read together.
    pub fn vitals(&self) -> PoolVitals {
        match (&self.write, &self.read) {
            (Pool::Sqlite(_), Pool::Sqlite(_)) => self.write.vitals() + self.read.vitals(),
            _ => self.write.vitals(),
        }
    }
}

/// Databases have signed integers only; times and numbers of ours stay far below their bound.
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
pub(crate) mod tests;
