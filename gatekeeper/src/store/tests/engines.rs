//! Starts a PostgreSQL and has all tests of what the store keeps run once more on it.

use std::path::Path;

use super::*;

#[path = "../../../tests/databases/server.rs"]
mod server;

use server::{command, folder, prepare, program, User};

const FOLDERS: &[&str] =
    &["/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin"];

/// The modules whose tests are about what is kept, in whichever engine.
const ABOUT: [&str; 6] = ["store::", "log::", "auth::", "notices::", "anchor::", "enrol::"];

/// What is about one of the engines.
const NOT_ABOUT: [&str; 3] = ["store::sqlite", "store::tests::engines", "store::postgres"];

fn address(folder: &Path) -> String {
    format!("postgresql:///postgres?host={}&user=hospital", folder.display())
}

async fn ready(folder: &Path) -> bool {
    PgConnection::connect(&address(folder)).await.is_ok()
}

async fn start(settings: &[&str]) -> server::Server {
    let user = User::of("postgres", "postgresql");
    let folder = folder(user);
    let data = folder.path().join("data");
    let mut init = command(&program("initdb", FOLDERS, "postgresql"), user);
    init.args(["--auth=trust", "--username=hospital", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
    init.arg("-D").arg(&data);
    prepare(&mut init).unwrap();
    let mut run = command(&program("postgres", FOLDERS, "postgresql"), user);
    run.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-c", "listen_addresses="]).args(settings);
    server::Server::start(run, folder, "-INT", ready).await
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
