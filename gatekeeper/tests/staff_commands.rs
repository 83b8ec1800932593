//! What staff do at the command line, by the program itself, on a store of its own.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

#[path = "common/program.rs"]
mod program;

use program::run;

/// A folder as `init` leaves it, with a store in it.
fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (done, said) = run(
        folder.path(),
        &[
            "init",
            "--dir",
            ".",
            "--public-url",
            "https://gate.example.org",
            "--node",
            "ws://127.0.0.1:1",
            "--database",
            "sqlite:h.sqlite",
        ],
    );
    assert!(done, "{said}");
    assert_eq!(run(folder.path(), &["record", "list"]), (true, "none\n".to_owned()));
    folder
}

async fn change(folder: &Path, statement: &'static str) {
    let url = format!("sqlite:{}", folder.join("gatekeeper.sqlite").display());
    let mut file = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut file).await.unwrap();
    file.close().await.unwrap();
}

const JAM: &str = "CREATE TRIGGER jam BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'jammed'); END";
const DOUBT: &str = "INSERT INTO meta (key, value) VALUES ('records_doubted', '1750000000000')";

#[tokio::test]
async fn record_should_not_be_suspended_when_it_cannot_be_logged() {
    let folder = made();
    let suspend = ["record", "suspend", "--record", "A-1", "--ground", "merge"];
    change(folder.path(), JAM).await;
    let (done, said) = run(folder.path(), &suspend);
    assert!(!done && said.contains("the log cannot be written"), "{said}");
    assert_eq!(run(folder.path(), &["record", "list"]), (true, "none\n".to_owned()));
    change(folder.path(), "DROP TRIGGER jam").await;
    let (done, said) = run(folder.path(), &suspend);
    assert!(done && said.contains("nothing is shown of it"), "{said}");
    assert!(run(folder.path(), &["record", "list"]).1.contains("A-1  merge"));
}

#[tokio::test]
async fn records_should_stay_in_doubt_until_they_are_confirmed_and_that_is_logged() {
    let folder = made();
    let (done, said) = run(folder.path(), &["record", "confirm", "--yes"]);
    assert!(done && said.contains("Nothing is to be confirmed"), "{said}");
    change(folder.path(), DOUBT).await;
    let (done, said) = run(folder.path(), &["record", "confirm"]);
    assert!(done && said.contains("Since 2025-06-15") && said.contains("--yes"), "{said}");
    assert!(run(folder.path(), &["record", "list"]).1.contains("restored back-up"));
    change(folder.path(), JAM).await;
    let (done, said) = run(folder.path(), &["record", "confirm", "--yes"]);
    assert!(!done && said.contains("the log cannot be written"), "{said}");
    assert!(run(folder.path(), &["record", "list"]).1.contains("restored back-up"));
    change(folder.path(), "DROP TRIGGER jam").await;
    let (done, said) = run(folder.path(), &["record", "confirm", "--yes"]);
    assert!(done && said.contains("shown again"), "{said}");
    assert!(!run(folder.path(), &["record", "list"]).1.contains("restored back-up"));
    assert!(run(folder.path(), &["audit", "show"]).1.contains("confirm"));
}
