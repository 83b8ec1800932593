//! Whose a database is: who makes its tables and rows, on each kind.

use medrec_gatekeeper::fetch::Database;

use crate::{exercise::patient_options, mariadb, postgres, server::Server, sqlite};

/// The owner of a database of some kind.
pub trait Owner {
    /// Runs statements, and gives the address of the database.
    async fn run(&self, sql: &str) -> String;

    /// Runs statements that make tables, and opens the database as a gatekeeper does, with patience.
    async fn open(&self, schema: &str) -> Database {
        Database::connect(&self.run(schema).await, patient_options()).await.unwrap()
    }
}

/// The owner of a file.
pub struct Sqlite(tempfile::TempDir);

impl Sqlite {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Owner for Sqlite {
    async fn run(&self, sql: &str) -> String {
        sqlite::made(&self.0, sql).await
    }
}

/// The owner of a PostgreSQL.
pub struct Postgres(Server);

impl Postgres {
    pub async fn start() -> Self {
        Self(postgres::start().await)
    }
}

impl Owner for Postgres {
    async fn run(&self, sql: &str) -> String {
        postgres::fill(&self.0, sql).await
    }
}

/// The owner of a MariaDB.
pub struct MariaDb(Server);

impl MariaDb {
    pub async fn start() -> Self {
        Self(mariadb::start().await)
    }
}

impl Owner for MariaDb {
    async fn run(&self, sql: &str) -> String {
        mariadb::fill(&self.0, sql).await
    }
}
