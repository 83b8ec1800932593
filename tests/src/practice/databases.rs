//! Where practices keep their records: in a file, unless they are moved into a server.

use anyhow::Result;

use super::{people, World};
use crate::servers::{MariaDb, Postgres};

impl<N> World<N> {
    /// Moves a practice's records from its file into a PostgreSQL, before which its gatekeeper starts again.
    pub async fn move_to_postgres(&mut self, letter: char) -> Result<Postgres> {
        let server = Postgres::start(&self.scratch).await?;
        let file = super::database_file(&self.scratch, letter);
        server.copy(people::SCHEMA, &people::TABLES, &file).await?;
        self.serve_from(letter, &server.url()).await?;
        Ok(server)
    }

    /// The same into a MariaDB.
    pub async fn move_to_mariadb(&mut self, letter: char) -> Result<MariaDb> {
        let server = MariaDb::start(&self.scratch).await?;
        let file = super::database_file(&self.scratch, letter);
        server.copy(people::SCHEMA, &people::TABLES, &file).await?;
        self.serve_from(letter, &server.url()).await?;
        Ok(server)
    }

    async fn serve_from(&mut self, letter: char, url: &str) -> Result<()> {
        let gatekeeper = &mut self.practice_mut(letter).gatekeeper;
        gatekeeper.stop()?;
        gatekeeper.set("database", "url", &format!("{url:?}"))?;
        gatekeeper.start().await
    }
}
