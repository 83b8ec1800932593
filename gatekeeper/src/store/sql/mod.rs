//! One set of queries for both engines: SQLite for a single gatekeeper, PostgreSQL for several that share a store.
//!
//! Queries are written in what both understand, with parameters `$1`, `$2`, ... Values are whole numbers (`BIGINT`), text and bytes,
//! and nothing else. What the engines do not share stands in this folder and nowhere else.
//!
//! On SQLite there is one connection that writes, so whatever writes is one after the other. On PostgreSQL a transaction takes the lock of
//! its [`Topic`] first, which does the same for each topic over all gatekeepers: none has to be tried again, and numbers that count upwards
//! are committed in their order. Single statements are made so that they hold beside each other.

use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool};

use super::PoolVitals;

mod query;
pub mod transfer;

pub use query::{query, query_as, query_scalar, Query, Row, Value};

/// The space of our advisory locks within a PostgreSQL database.
const LOCKS: i32 = 0x4d_44_52_43;

/// What transactions are about that must not run beside each other.
#[derive(Clone, Copy, Debug)]
pub enum Topic {
    /// The schema itself.
    Schema = 0,
    /// Tickets, bindings and keys.
    Enrolment = 1,
    /// Sessions.
    Sessions = 2,
    /// Codes and tokens of apps.
    Apps = 3,
    /// The log, its keys and the inbox.
    Log = 4,
    /// Versions of records, intervals, breaks of the glass and the notices of them.
    Notices = 5,
    /// Answers to planned tables.
    Research = 6,
    /// Share links.
    Links = 7,
    /// Webhooks.
    Webhooks = 8,
    /// How far things were followed, and what was forgotten.
    Meta = 9,
}

/// Connections to one of the engines.
#[derive(Clone, Debug)]
pub enum Pool {
    /// A file.
    Sqlite(SqlitePool),
    /// A server.
    Postgres(PgPool),
}

/// A transaction, rolled back where it is dropped.
pub enum Transaction {
    /// On a file.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// On a server.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// What a query runs on.
pub enum On<'a> {
    /// Any connection to the file.
    Sqlite(&'a SqlitePool),
    /// Any connection to the server.
    Postgres(&'a PgPool),
    /// A transaction on the file.
    InSqlite(&'a mut SqliteConnection),
    /// A transaction on the server.
    InPostgres(&'a mut PgConnection),
}

impl Pool {
    /// Begins a transaction that writes, when no other of the same topic is under way.
    pub async fn begin(&self, topic: Topic) -> Result<Transaction, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => Ok(Transaction::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?)),
            Self::Postgres(pool) => {
                // Each statement sees what was committed before it began: all that who had the lock before has written.
                let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
                sqlx::query("SELECT pg_advisory_xact_lock($1, $2)")
                    .bind(LOCKS)
                    .bind(topic as i32)
                    .execute(&mut *transaction)
                    .await?;
                Ok(Transaction::Postgres(transaction))
            }
        }
    }

    /// Whether other gatekeepers may be at work on the same store.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// How its connections are doing.
    pub fn vitals(&self) -> PoolVitals {
        match self {
            Self::Sqlite(pool) => PoolVitals::of(pool),
            Self::Postgres(pool) => PoolVitals::of(pool),
        }
    }

    /// Waits for what is under way and ends all connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    /// Makes it last: it is on disk when this returns.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }
}

impl<'a> From<&'a Pool> for On<'a> {
    fn from(pool: &'a Pool) -> Self {
        match pool {
            Pool::Sqlite(pool) => Self::Sqlite(pool),
            Pool::Postgres(pool) => Self::Postgres(pool),
        }
    }
}

impl<'a> From<&'a mut Transaction> for On<'a> {
    fn from(transaction: &'a mut Transaction) -> Self {
        match transaction {
            Transaction::Sqlite(transaction) => Self::InSqlite(transaction),
            Transaction::Postgres(transaction) => Self::InPostgres(transaction),
        }
    }
}
