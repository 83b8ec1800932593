//! A PostgreSQL server of a test's own, which can be killed and started again on its data.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};
use sqlx::{
    sqlite::SqliteConnectOptions, AssertSqlSafe, Column, ConnectOptions, Connection, Executor, PgConnection,
    Row, ValueRef,
};

use crate::{
    process::{run, Process},
    scratch::Scratch,
};

/// How long a server may take to start, after a crash among others.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where Debian puts the programs.
const FOLDERS: [&str; 3] =
    ["/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin"];

/// A server with one database, reached over a socket only.
pub struct Postgres {
    process: Option<Process>,
    scratch: Arc<Scratch>,
    folder: tempfile::TempDir,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub async fn start(scratch: &Arc<Scratch>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("medrec").tempdir_in("/tmp")?;
        if is_root()? {
            chown(folder.path(), Some(id("-u")?), Some(id("-g")?))?;
        }
        let mut init = as_postgres(&program("initdb")?)?;
        init.args([
            "--auth=trust",
            "--username=hospital",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "-D",
        ]);
        run(init.arg(folder.path().join("data")))?;
        let mut server = Self { process: None, scratch: scratch.clone(), folder };
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
                let mut command = as_postgres(&program("postgres")?)?;
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
        let mut from = SqliteConnectOptions::new().filename(file).connect().await?;
        to.execute(AssertSqlSafe(schema.to_owned())).await.context("the schema")?;
        for table in tables {
            let rows = from.fetch_all(AssertSqlSafe(format!("SELECT * FROM {table}"))).await?;
            for row in rows {
                let values: Vec<String> =
                    (0..row.columns().len()).map(|index| literal(&row, index)).collect::<Result<_>>()?;
                let insert = format!("INSERT INTO {table} VALUES ({})", values.join(", "));
                to.execute(AssertSqlSafe(insert)).await.with_context(|| (*table).to_owned())?;
            }
        }
        from.close().await?;
        Ok(to.close().await?)
    }
}

/// A value of a test's own, as SQL spells it.
fn literal(row: &sqlx::sqlite::SqliteRow, index: usize) -> Result<String> {
    if row.try_get_raw(index)?.is_null() {
        return Ok("NULL".into());
    }
    let text = match row.try_get::<String, _>(index) {
        Ok(text) => text,
        Err(_) => {
            row.try_get::<i64, _>(index).with_context(|| row.column(index).name().to_owned())?.to_string()
        }
    };
    Ok(format!("'{}'", text.replace('\'', "''")))
}

fn program(name: &str) -> Result<PathBuf> {
    let found = FOLDERS.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    found.with_context(|| format!("there is no `{name}` (Debian package postgresql): run scripts/setup"))
}

fn is_root() -> Result<bool> {
    Ok(run(Command::new("id").arg("-u"))?.trim() == "0")
}

fn id(which: &str) -> Result<u32> {
    Ok(run(Command::new("id").args([which, "postgres"]))?.trim().parse()?)
}

/// The program, run by somebody whom PostgreSQL accepts: it refuses root.
fn as_postgres(program: &Path) -> Result<Command> {
    let mut command = Command::new(program);
    if is_root()? {
        command = Command::new("setpriv");
        command.arg(format!("--reuid={}", id("-u")?)).arg(format!("--regid={}", id("-g")?));
        command.args(["--clear-groups", "--pdeathsig", "KILL", "--"]).arg(program);
    }
    command.current_dir("/");
    Ok(command)
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Before the folder goes.
        drop(self.process.take());
        let _ = fs::remove_dir_all(self.folder.path().join("data"));
    }
}
