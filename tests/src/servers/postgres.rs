//! PostgreSQL.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{command, folder, inserts, program, Account, PATIENCE};
use crate::{
    process::{run, Process},
    scratch::Scratch,
};

/// Where Debian puts the programs.
const FOLDERS: [&str; 3] =
    ["/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin"];

/// The Debian package.
const PACKAGE: &str = "postgresql";

/// A server with one database, which can be killed and started again on its data.
pub struct Postgres {
    process: Option<Process>,
    account: Option<Account>,
    scratch: Arc<Scratch>,
    folder: tempfile::TempDir,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub async fn start(scratch: &Arc<Scratch>) -> Result<Self> {
        let account = Account::of("postgres")?;
        let folder = folder(account)?;
        let mut init = command(&program("initdb", &FOLDERS, PACKAGE)?, account);
        init.args([
            "--auth=trust",
            "--username=hospital",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "-D",
        ]);
        run(init.arg(folder.path().join("data")))?;
        let mut server = Self { process: None, account, scratch: scratch.clone(), folder };
        server.start_again().await?;
        Ok(server)
    }

    /// Kills it, as a power failure would.
    pub fn kill(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().map(drop),
            None => Ok(()),
        }
    }

    /// Starts it on what is there, and waits until it answers.
    pub async fn start_again(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            if self.process.as_mut().is_none_or(|process| process.ensure_running().is_err()) {
                // The workers of a killed server hold its memory until they notice.
                let mut command = command(&program("postgres", &FOLDERS, PACKAGE)?, self.account);
                command.arg("-D").arg(self.folder.path().join("data")).arg("-k").arg(self.folder.path());
                command.args(["-c", "listen_addresses="]);
                self.process = Some(Process::start(&self.scratch, "postgres", command)?);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            match PgConnection::connect(&self.url()).await {
                Ok(connection) => return Ok(connection.close().await?),
                Err(error) if started.elapsed() > PATIENCE => bail!("PostgreSQL does not start: {error}"),
                Err(_) => {}
            }
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("postgres:///postgres?host={}&user=hospital", self.folder.path().display())
    }

    /// Takes over what an SQLite file holds, tables made by `schema`.
    pub async fn copy(&self, schema: &str, tables: &[&str], file: &Path) -> Result<()> {
        let mut to = PgConnection::connect(&self.url()).await?;
        to.execute(AssertSqlSafe(schema.to_owned())).await.context("the schema")?;
        for insert in inserts(tables, file).await? {
            to.execute(AssertSqlSafe(insert.clone())).await.context(insert)?;
        }
        Ok(to.close().await?)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Before the folder goes.
        drop(self.process.take());
        let _ = fs::remove_dir_all(self.folder.path().join("data"));
    }
}
