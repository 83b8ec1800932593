//! A file for a single gatekeeper.

use std::{path::Path, time::Duration};

use sqlx::{
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqlitePoolOptions, SqliteSynchronous,
    },
    AssertSqlSafe, SqlitePool,
};

use super::{
    schema::{for_sqlite, SCHEMA_VERSION, STEPS},
    StoreError,
};

/// Opens the file, makes it if it is not there, and brings it up to date: the connection that writes, and those that read.
pub async fn open(path: &Path) -> Result<(SqlitePool, SqlitePool), StoreError> {
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
    // A file does not go away as a server may: no question whether it is there before each statement.
    let pool = || SqlitePoolOptions::new().test_before_acquire(false);
    let write = pool().max_connections(1).connect_with(options.clone()).await?;
    migrate(&write).await?;
    let read = pool().max_connections(4).connect_with(options.read_only(true)).await?;
    Ok((write, read))
}

/// Opens a file that is there and up to date, as the only program that does: by the one connection that there is then.
pub async fn open_alone(path: &Path) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .locking_mode(SqliteLockingMode::Exclusive)
        .busy_timeout(Duration::from_secs(1))
        .pragma("trusted_schema", "OFF");
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = pool.connect_with(options).await?;
    // The lock is taken now, and stays with the connection.
    pool.begin_with("BEGIN EXCLUSIVE").await?.commit().await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&pool).await?;
    if found != SCHEMA_VERSION {
        return Err(StoreError::Schema { found });
    }
    Ok(pool)
}

/// Has what was written over leave the file for good; says whether that worked.
pub async fn empty_write_ahead_log(write: &SqlitePool) -> Result<bool, sqlx::Error> {
    let (busy, _, _): (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(write).await?;
    Ok(busy == 0)
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
        sqlx::raw_sql(AssertSqlSafe(for_sqlite(step))).execute(&mut *transaction).await?;
    }
    // Pragmas take no bound parameters.
    sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA user_version = {SCHEMA_VERSION}")))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::Store;

    async fn fresh() -> (SqlitePool, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (open(&folder.path().join("store.sqlite")).await.unwrap().0, folder)
    }

    #[tokio::test]
    async fn store_should_be_durable_when_opened() {
        let (write, _folder) = fresh().await;
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&write).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&write).await.unwrap();
        assert_eq!((journal.as_str(), synchronous), ("wal", 2));
    }

    #[tokio::test]
    async fn store_should_be_private_when_made() {
        use std::os::unix::fs::PermissionsExt;
        let (_write, folder) = fresh().await;
        let mode = std::fs::metadata(folder.path().join("store.sqlite")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn store_should_be_refused_when_written_by_a_newer_version() {
        let (write, folder) = fresh().await;
        sqlx::query("PRAGMA user_version = 99").execute(&write).await.unwrap();
        write.close().await;
        let error = Store::open(&folder.path().join("store.sqlite")).await.unwrap_err();
        assert!(matches!(error, StoreError::Schema { found: 99 }));
    }

    #[tokio::test]
    async fn store_should_be_brought_up_to_date_when_written_by_an_older_version() {
        let (newest, _folder) = fresh().await;
        for version in 0..STEPS.len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.sqlite");
            let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
            let old = SqlitePool::connect_with(options).await.unwrap();
            for step in &STEPS[..version] {
                sqlx::raw_sql(AssertSqlSafe(for_sqlite(step))).execute(&old).await.unwrap();
            }
            sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA user_version = {version}")))
                .execute(&old)
                .await
                .unwrap();
            old.close().await;
            let (write, _) = open(&path).await.unwrap();
            assert_eq!(tables(&write).await, tables(&newest).await, "from version {version}");
        }
    }

    async fn tables(store: &SqlitePool) -> (i64, Vec<Option<String>>) {
        let version = sqlx::query_scalar("PRAGMA user_version").fetch_one(store).await.unwrap();
        let made = sqlx::query_scalar("SELECT sql FROM sqlite_schema ORDER BY name");
        (version, made.fetch_all(store).await.unwrap())
    }

    #[tokio::test]
    async fn numbers_of_notices_should_go_on_when_an_older_version_counted_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.unwrap();
        for step in &STEPS[..10] {
            sqlx::raw_sql(AssertSqlSafe(for_sqlite(step))).execute(&old).await.unwrap();
        }
        for statement in [
            "INSERT INTO notices (kind, made, source, details) VALUES ('a', 1, 'a', '{}'), ('b', 1, 'b', '{}')",
            "DELETE FROM notices",
            "PRAGMA user_version = 10",
        ] {
            sqlx::raw_sql(statement).execute(&old).await.unwrap();
        }
        old.close().await;
        assert_eq!(Store::open(&path).await.unwrap().newest_notice().await.unwrap(), 2);
    }
}
