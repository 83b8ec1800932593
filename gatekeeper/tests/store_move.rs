//! `store move` by the program itself: from a file into a PostgreSQL, once, all of it or nothing.
#![allow(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection};

#[path = "common/program.rs"]
mod program;
#[path = "databases/server.rs"]
#[allow(dead_code)]
mod server;

use program::{program, run};
use server::{postgres, postgres_address};

const MOVE: [&str; 4] = ["store", "move", "--from", "gatekeeper.sqlite"];

/// A gatekeeper's folder as `init` leaves it, with a store in which something happened, whose configuration names this PostgreSQL by now.
fn folder(address: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let init = "init --dir . --public-url https://gate.example.org --node ws://127.0.0.1:1 --database sqlite:hospital.sqlite";
    let (done, said) = run(folder.path(), &init.split(' ').collect::<Vec<_>>());
    assert!(done, "{said}");
    for record in ["A-1", "B-2"] {
        let suspend = ["record", "suspend", "--record", record, "--ground", "merge"];
        assert!(run(folder.path(), &suspend).0);
    }
    let path = folder.path().join("gatekeeper.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let section = format!("[store]\nurl = \"{address}\"\ninstance = \"a\"\n");
    std::fs::write(path, text.replace("[store]\n", &section)).unwrap();
    folder
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("gatekeeper.sqlite")
}

/// An empty database, and its address.
async fn empty(server: &server::Server, name: &str) -> String {
    let folder = server.folder.path();
    ask(&postgres_address(folder, "hospital", "postgres"), &format!("CREATE DATABASE {name}")).await;
    postgres_address(folder, "hospital", name)
}

async fn ask(address: &str, statement: &str) {
    let mut connection = PgConnection::connect(address).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn rows(address: &str, table: &str) -> i64 {
    let mut connection = PgConnection::connect(address).await.unwrap();
    let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    let count = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

#[tokio::test]
async fn store_should_move_when_the_program_is_told_so_and_only_then() {
    let server = postgres(&[]).await;
    let address = empty(&server, "whole").await;
    let folder = folder(&address);

    let (done, said) = run(folder.path(), &["store", "move", "--help"]);
    assert!(
        done && said.contains("medrec-gatekeeper store move --from gatekeeper.sqlite --dry-run"),
        "{said}"
    );
    let (done, said) = run(folder.path(), &["store", "move", "--from", "nothing.sqlite"]);
    assert!(!done && said.contains("there is no file nothing.sqlite"), "{said}");
    let (done, said) = run(folder.path(), &[&MOVE[..], &["--dry-run"]].concat());
    assert!(done && said.contains("would be moved; nothing was"), "{said}");
    assert!(file(&folder).exists() && rows(&address, "log").await == 0);

    // A gatekeeper that waits for its node has its store open already.
    std::fs::write(folder.path().join("hospital.sqlite"), "").unwrap();
    std::fs::write(folder.path().join("mapping.toml"), MAPPING).unwrap();
    let path = folder.path().join("gatekeeper.toml");
    let shared = std::fs::read_to_string(&path).unwrap();
    let before = shared
        .replace("url = \"postgresql", "# url = \"postgresql")
        .replace("\ninstance =", "\n# instance =");
    std::fs::write(folder.path().join("before.toml"), before).unwrap();
    let mut serving = program(folder.path(), &["serve", "--config", "before.toml"]);
    let mut serving = serving.stderr(Stdio::piped()).spawn().unwrap();
    let messages = BufReader::new(serving.stderr.take().unwrap());
    assert!(messages.lines().map_while(Result::ok).any(|line| line.contains("waiting for the node")));
    let (done, said) = run(folder.path(), &MOVE);
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert!(!done && said.contains("the file is in use: stop the gatekeeper"), "{said}");
    assert_eq!(rows(&address, "log").await, 0);

    let (done, said) = run(folder.path(), &MOVE);
    assert!(done && said.contains("are in the PostgreSQL, compared one by one;"), "{said}");
    assert!(!file(&folder).exists());
    assert_eq!(rows(&address, "suspended_records").await, 2);
    // Once more, after it was broken off between the last row and the file's new name.
    std::fs::rename(folder.path().join("gatekeeper.sqlite.moved"), file(&folder)).unwrap();
    let (done, said) = run(folder.path(), &MOVE);
    assert!(done && said.contains("they had come over before"), "{said}");
    // It goes on there.
    let (done, said) = run(folder.path(), &["record", "list"]);
    assert!(done && said.contains("A-1  merge") && said.contains("B-2  merge"), "{said}");
    assert!(run(folder.path(), &["audit", "verify"]).0);

    // Another gatekeeper's store does not go where there is one.
    let other = self::folder(&address);
    let (done, said) = run(other.path(), &MOVE);
    assert!(!done && said.contains("holds another store already"), "{said}");
    assert!(file(&other).exists() && rows(&address, "suspended_records").await == 2);
}

#[tokio::test]
async fn store_should_move_after_all_when_the_program_was_killed_half_way() {
    let server = postgres(&[]).await;
    let address = empty(&server, "killed").await;
    let folder = folder(&address);
    assert!(run(folder.path(), &[&MOVE[..], &["--dry-run"]].concat()).0);
    // The last table takes its time.
    ask(
        &address,
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$;
         CREATE TRIGGER wait BEFORE INSERT ON suspended_records FOR EACH ROW EXECUTE FUNCTION wait()",
    )
    .await;
    let begun = Instant::now();
    let mut moving = program(folder.path(), &MOVE).stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(moving.stdout.take().unwrap());
    assert!(said.lines().map_while(Result::ok).any(|line| line.starts_with("log: ")), "it moved no log");
    moving.kill().unwrap();
    assert!(!moving.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert!(file(&folder).exists());
    ask(&address, "DROP TRIGGER wait ON suspended_records").await;
    assert_eq!(rows(&address, "log").await, 0);
    let (done, said) = run(folder.path(), &MOVE);
    assert!(done && said.contains("compared one by one;"), "{said}");
    assert_eq!(rows(&address, "suspended_records").await, 2);
}

const MAPPING: &str =
    "version = 1\n[[resource]]\ntype = \"Patient\"\ntable = \"patient\"\nkey = \"mrn\"\npatient = \"mrn\"\n\
                       [resource.elements]\nactive = true\n";
