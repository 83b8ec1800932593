//! MariaDB.

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::{bail, Context, Result};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};

use super::{command, folder, inserts, program, Account, PATIENCE};
use crate::{
    process::{run, Process},
    scratch::Scratch,
};

/// Where Debian puts the programs.
const FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/bin"];

/// A server with one database.
pub struct MariaDb {
    _process: Process,
    folder: tempfile::TempDir,
}

impl MariaDb {
    /// Starts a server with an empty database.
    pub async fn start(scratch: &Arc<Scratch>) -> Result<Self> {
        let account = Account::of("nobody")?;
        let folder = folder(account)?;
        let data = format!("--datadir={}", folder.path().join("data").display());
        // A server that starts removes the temporary tables of all others from a folder that they share.
        let temporary = format!("--tmpdir={}", folder.path().display());
        let common = ["--no-defaults", "--innodb-use-native-aio=0", &data, &temporary];
        let mut install = command(&program("mariadb-install-db", &FOLDERS, "mariadb-server-core")?, account);
        install.args(common).args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
        run(&mut install)?;
        let mut server = command(&program("mariadbd", &FOLDERS, "mariadb-server-core")?, account);
        server.args(common).args(["--skip-networking", "--innodb-buffer-pool-size=32M"]);
        server.arg(format!("--socket={}", folder.path().join("socket").display()));
        server.arg(format!("--pid-file={}", folder.path().join("pid").display()));
        let mut process = Process::start(scratch, "mariadb", server)?;
        let started = Instant::now();
        let mut connection = loop {
            process.ensure_running()?;
            match MySqlConnection::connect(&address(folder.path(), "mysql")).await {
                Ok(connection) => break connection,
                Err(error) if started.elapsed() > PATIENCE => bail!("MariaDB does not start: {error}"),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
            }
        };
        connection.execute("CREATE DATABASE hospital CHARACTER SET utf8mb4").await?;
        connection.close().await?;
        Ok(Self { _process: process, folder })
    }

    /// Its address.
    pub fn url(&self) -> String {
        address(self.folder.path(), "hospital").replacen("mysql:", "mariadb:", 1)
    }

    /// Takes over what an SQLite file holds, tables made by `schema`, in which keys may be texts.
    pub async fn copy(&self, schema: &str, tables: &[&str], file: &Path) -> Result<()> {
        let mut to = MySqlConnection::connect(&address(self.folder.path(), "hospital")).await?;
        // A text without a bound cannot be a key here.
        let schema = schema.replace(" TEXT ", " VARCHAR(250) ");
        to.execute(sqlx::raw_sql(AssertSqlSafe(schema))).await.context("the schema")?;
        for insert in inserts(tables, file).await? {
            to.execute(sqlx::raw_sql(AssertSqlSafe(insert.clone()))).await.context(insert)?;
        }
        Ok(to.close().await?)
    }
}

fn address(folder: &Path, database: &str) -> String {
    format!("mysql://root@localhost/{database}?socket={}", folder.join("socket").display())
}
