//! From a file of a single gatekeeper's into a PostgreSQL that several can share: once, one way, all of it or nothing.
//!
//! Everything is copied and compared in one transaction of the server's, so a stop anywhere before its end leaves the file as it was and
//! the server empty. A stop after it is known by the server holding the very same rows: the move is then ended, not begun again.

use std::path::Path;

use sqlx::{PgConnection, SqliteConnection};

use super::{
    sql::{transfer, transfer::Table, Pool, Topic, Transaction},
    sqlite, Store, StoreError,
};

/// Why nothing was moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// Another program has the file open.
    #[error("the file is in use: stop the gatekeeper, and whatever else has it open")]
    InUse,
    /// It is moved from a file to a server and in no other way.
    #[error(
        "a store is moved from a file into a PostgreSQL: name that by store.url, and the file by --from"
    )]
    Engines,
    /// A gatekeeper works on the server.
    #[error(
        "the gatekeeper `{0}` is at work on the PostgreSQL: what is moved there must come before all else"
    )]
    AtWork(String),
    /// There is something on the server.
    #[error("the PostgreSQL holds another store already (there are rows in `{0}`): name an empty database")]
    NotEmpty(String),
    /// The two do not have the same tables.
    #[error("file and PostgreSQL do not have the same tables: {0} is in one of them alone")]
    Tables(String),
    /// What was written is not what was read.
    #[error("`{0}` came over otherwise than it was: nothing was kept of it in the PostgreSQL")]
    Altered(String),
    /// One of the stores complains.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for MoveError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What is moved.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The tables, with their rows.
    pub tables: Vec<Table>,
    /// Whether all of it had come over before, in a move that was broken off after that.
    pub before: bool,
}

impl Store {
    /// Opens the file of a store for this program alone. It is neither made nor brought up to date.
    pub async fn open_alone(path: &Path) -> Result<Self, MoveError> {
        const BUSY: &str = "5";
        match sqlite::open_alone(path).await {
            Ok(file) => Ok(Self::new(Pool::Sqlite(file.clone()), Pool::Sqlite(file), String::new())),
            Err(StoreError::Database(sqlx::Error::Database(error)))
                if error.code().is_some_and(|code| code == BUSY) =>
            {
                Err(MoveError::InUse)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Moves all that this file holds, opened by [`Store::open_alone`], into an empty store on a server; or only looks whether it could be.
    /// `tell` hears of each table how many rows are over.
    pub async fn move_into(
        &self,
        server: &Store,
        dry_run: bool,
        tell: &mut (dyn FnMut(&Table, u64) + Send),
    ) -> Result<Moved, MoveError> {
        let Pool::Sqlite(file) = &self.write else { return Err(MoveError::Engines) };
        // Of the schema, so that no gatekeeper begins on the server meanwhile.
        let Transaction::Postgres(mut to) = server.begin(Topic::Schema).await? else {
            return Err(MoveError::Engines);
        };
        let mut from = file.acquire().await?;
        let tables = transfer::tables(&mut from).await?;
        if let Some(other) = transfer::difference(&tables, &mut to).await? {
            return Err(MoveError::Tables(other));
        }
        if let Some(gatekeeper) = at_work(&mut to).await? {
            return Err(MoveError::AtWork(gatekeeper));
        }
        transfer::hold(&tables, &mut to).await?;
        if let Some(occupied) = transfer::first_with_rows(&tables, &mut to).await? {
            return match is_same(&tables, &mut from, &mut to).await? {
                true => Ok(Moved { tables, before: true }),
                false => Err(MoveError::NotEmpty(occupied.name.clone())),
            };
        }
        if dry_run {
            return Ok(Moved { tables, before: false });
        }
        for table in &tables {
            let read = transfer::copy(table, &mut from, &mut to, tell).await?;
            if transfer::sum_of_server(table, &mut to).await? != read || read.rows != table.rows {
                return Err(MoveError::Altered(table.name.clone()));
            }
        }
        transfer::count_on(&mut from, &mut to).await?;
        to.commit().await?;
        Ok(Moved { tables, before: false })
    }
}

async fn is_same(
    tables: &[Table],
    from: &mut SqliteConnection,
    to: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    for table in tables {
        if transfer::sum_of_file(table, from).await? != transfer::sum_of_server(table, to).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A gatekeeper that is alive on the server, if there is one.
async fn at_work(server: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT holder FROM leases WHERE name = 'alive ' || holder
             AND until > CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) LIMIT 1",
    )
    .fetch_optional(server)
    .await
}
