//! Starts a PostgreSQL and has all tests of what the store keeps run once more on it.

use std::path::Path;

use super::*;

#[path = "../../../tests/databases/server.rs"]
mod server;

pub(super) use server::postgres as start;
use server::{postgres_address, postgres_ready as ready};

/// The modules whose tests are about what is kept, in whichever engine.
const ABOUT: [&str; 6] = ["store::", "log::", "auth::", "notices::", "anchor::", "enrol::"];

/// What is about one of the engines.
const NOT_ABOUT: [&str; 4] =
    ["store::sqlite", "store::tests::engines", "store::tests::moving", "store::postgres"];

pub(super) fn address(folder: &Path) -> String {
    postgres_address(folder, "hospital", "postgres")
}

#[tokio::test]
async fn everything_kept_should_be_the_same_on_postgresql() {
    let server = start(&["-c", "max_connections=200"]).await;
    let mut again = tokio::process::Command::new(std::env::current_exe().unwrap());
    again.args(ABOUT).args(NOT_ABOUT.iter().flat_map(|name| ["--skip", name]));
    let output = again.env(ENGINE, address(server.folder.path())).kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("store::nonces"), "nothing was tried: {said}");
}

#[tokio::test]
async fn store_should_refuse_and_come_back_when_its_server_does() {
    let mut server = start(&[]).await;
    let store = Store::share(&Server::new(&address(server.folder.path()), "a").unwrap()).await.unwrap();
    let account = [1; 32].into();
    assert!(store.use_nonce(&account, b"n", 100).await.unwrap());
    server.stop();
    assert!(store.use_nonce(&account, b"n", 100).await.is_err());
    server.start_again(ready).await;
    assert!(!store.use_nonce(&account, b"n", 100).await.unwrap(), "what was used up stays so");
    assert!(store.use_nonce(&account, b"m", 100).await.unwrap());
}

#[tokio::test]
async fn server_should_be_refused_when_a_crash_could_undo_what_was_answered() {
    let server = start(&["-c", "fsync=off"]).await;
    let address = Server::new(&address(server.folder.path()), "a").unwrap();
    let error = Store::share(&address).await.unwrap_err().to_string();
    assert!(error.contains("fsync"), "{error}");
}

#[test]
fn server_should_be_refused_when_others_could_listen() {
    for (address, right) in [
        ("postgresql://gate@127.0.0.1/medrec", true),
        ("postgresql://gate@localhost/medrec", true),
        ("postgresql://gate@db.hospital.example/medrec?sslmode=verify-full", true),
        ("postgresql://gate@db.hospital.example/medrec", false),
        ("postgresql://gate@db.hospital.example/medrec?sslmode=require", false),
    ] {
        assert_eq!(Server::new(address, "a").is_ok(), right, "{address}");
    }
}
