//! Database servers of a test's own, reached over a socket only, which can take over what an SQLite file holds.

use std::{
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use sqlx::{
    sqlite::SqliteConnectOptions, AssertSqlSafe, Column, ConnectOptions, Connection, Executor, Row, ValueRef,
};

use crate::process::run;

mod mariadb;
mod postgres;

pub use mariadb::MariaDb;
pub use postgres::Postgres;

/// How long a server may take to start, after a crash among others.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whom a server runs as where a test runs as root, whom servers refuse.
#[derive(Clone, Copy)]
struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// The system's account of this name; `None` where the test's own will do.
    fn of(name: &str) -> Result<Option<Self>> {
        let id = |arguments: &[&str]| -> Result<u32> {
            Ok(run(Command::new("id").args(arguments))?.trim().parse()?)
        };
        if id(&["-u"])? != 0 {
            return Ok(None);
        }
        Ok(Some(Self { uid: id(&["-u", name])?, gid: id(&["-g", name])? }))
    }
}

/// A folder that the server may write to, with a path short enough for a socket.
fn folder(account: Option<Account>) -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new().prefix("medrec").tempdir_in("/tmp")?;
    if let Some(Account { uid, gid }) = account {
        chown(folder.path(), Some(uid), Some(gid))?;
    }
    Ok(folder)
}

/// The program, run by this account.
fn command(program: &Path, account: Option<Account>) -> Command {
    let mut command = Command::new(program);
    if let Some(Account { uid, gid }) = account {
        command = Command::new("setpriv");
        command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}"));
        command.args(["--clear-groups", "--pdeathsig", "KILL", "--"]).arg(program);
    }
    command.current_dir("/");
    command
}

/// A program in one of these folders, of this Debian package.
fn program(name: &str, folders: &[&str], package: &str) -> Result<PathBuf> {
    let found = folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    found.with_context(|| format!("there is no `{name}` (Debian package {package}): run scripts/setup"))
}

/// What these tables of an SQLite file hold, as statements that any database takes.
async fn inserts(tables: &[&str], file: &Path) -> Result<Vec<String>> {
    let mut from = SqliteConnectOptions::new().filename(file).connect().await?;
    let mut inserts = Vec::new();
    for table in tables {
        let rows = from.fetch_all(AssertSqlSafe(format!("SELECT * FROM {table}"))).await?;
        for row in rows {
            let values: Vec<String> =
                (0..row.columns().len()).map(|index| literal(&row, index)).collect::<Result<_>>()?;
            inserts.push(format!("INSERT INTO {table} VALUES ({})", values.join(", ")));
        }
    }
    from.close().await?;
    Ok(inserts)
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
