use medrec_gatekeeper::fetch::{Database, FetchError};
use sqlx::{sqlite::SqliteConnectOptions, AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::exercise;

/// A database made by statements; its address.
pub async fn made(folder: &tempfile::TempDir, sql: &str) -> String {
    let path = folder.path().join("hospital.sqlite");
    let mut connection =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
    connection.close().await.unwrap();
    format!("sqlite:{}", path.display())
}

async fn filled(folder: &tempfile::TempDir, more: &[&str]) -> String {
    made(folder, &[exercise::statements().join(";\n"), more.join(";\n")].join(";\n")).await
}

#[tokio::test]
async fn sqlite_should_give_exactly_the_patients_records() {
    let folder = tempfile::tempdir().unwrap();
    let url = filled(&folder, &[]).await;
    let database = Database::connect(&url, exercise::options()).await.unwrap();
    exercise::everything(&database, false).await;
}

#[tokio::test]
async fn sqlite_should_stop_a_query_when_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let slow = "CREATE VIEW slow AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS id, CASE WHEN x < 0 THEN 'A1' ELSE 'B2' END AS mrn FROM c";
    let url = filled(&folder, &[slow]).await;
    let database = Database::connect(&url, exercise::options()).await.unwrap();
    exercise::slow_and_writing(&database, false).await;
}

#[tokio::test]
async fn sqlite_should_not_be_made_when_the_file_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nothing.sqlite");
    let url = format!("sqlite:{}?mode=rwc", path.display());
    assert!(Database::connect(&url, exercise::options()).await.is_err());
    assert!(!path.exists());
    for url in ["", "oracle://x", "/etc/passwd", "http://localhost"] {
        assert!(
            matches!(Database::connect(url, exercise::options()).await, Err(FetchError::Address)),
            "{url}"
        );
    }
}

#[tokio::test]
async fn sqlite_should_serve_while_the_hospital_writes() {
    let folder = tempfile::tempdir().unwrap();
    let url = filled(&folder, &["PRAGMA journal_mode = WAL"]).await;
    let database = Database::connect(&url, exercise::options()).await.unwrap();
    let path = url.strip_prefix("sqlite:").unwrap();
    let mut hospital = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    hospital.execute("BEGIN IMMEDIATE").await.unwrap();
    hospital
        .execute("INSERT INTO visit VALUES (9, 'A1', 'A', 'CARDIO', '2026-05-01 08:00:00', NULL, 'O')")
        .await
        .unwrap();
    let before = exercise::try_records(&database, &exercise::mapping(), "A1", "Encounter", 10).await.unwrap();
    hospital.execute("COMMIT").await.unwrap();
    let after = exercise::try_records(&database, &exercise::mapping(), "A1", "Encounter", 10).await.unwrap();
    assert_eq!((before.len(), after.len()), (2, 3));
}
