//! A file with something in every table moves into a PostgreSQL, as a whole or not at all.

use std::path::{Path, PathBuf};

use medrec_primitives::{AccountId, Moment, RelationshipId};

use super::{
    engines::{address, start},
    *,
};
use crate::{
    log::{tests::entry, verify::verify, AuditLog},
    store::{bindings::Redeemed, inbox::NewItem, moving::MoveError, sql::transfer},
};

const NOW: Moment = 1_700_000_000_000;
const ID: RelationshipId = RelationshipId::new(0, 7);

/// Something in every table, odd values among it: NULL and empty, the largest numbers, text and bytes of every kind, rows that are gone.
const EVERYTHING: &str = "
INSERT INTO requests VALUES (3, x'00ff', x'', x'01', 9223372036854775807);
INSERT INTO app_codes VALUES (x'01', x'02', 'chart', 'https://app.example/cb', 'c', zeroblob(32), 'TREAT', 'r0-7', '', 5, NULL);
INSERT INTO app_tokens VALUES (x'01', x'02', 1, 'chart', zeroblob(32), 'TREAT', 'r0-7', 'a b', 1, 2, 3);
INSERT INTO tickets VALUES (x'77', 'Ä''\"\\ \t\n🩺', 1, 2, NULL), (x'78', '', 1, 2, 3);
INSERT INTO ticket_purposes VALUES (x'77', 'minor', 99, NULL, NULL, NULL), (x'78', 'rekey', NULL, 0, 7, x'0a');
INSERT INTO guardians VALUES (zeroblob(32), x'77');
INSERT INTO pending_keys VALUES (x'78', x'0b', 0, 7, 1, NULL, 'superseded');
INSERT INTO suspended_records VALUES ('B-2', 5, 'merge');
INSERT INTO proof_versions VALUES ('r0-7', 'Patient/1', x'01', x'02', x'03', NULL, NULL, 1), ('r0-7', 'Patient/1', x'01', x'02', x'04', 1, 2, 0);
INSERT INTO proof_intervals VALUES (7, zeroblob(32), 'anchored', 0, 2, zeroblob(32), NULL);
INSERT INTO proof_roots VALUES (7, 'r0-7', x'05');
INSERT INTO proof_looks VALUES ('r0-7', NULL, 5);
INSERT INTO share_links VALUES (x'0c', x'0d', 'r0-7', 'FAMRQT', NULL, 3, 1, 2);
INSERT INTO notices (number, kind, made, source, details) VALUES (4, 'granted', 1, 'b', '{}');
INSERT INTO counters VALUES ('notices', 9);
INSERT INTO webhooks VALUES (x'0e', zeroblob(32), 'TREAT', NULL, 'https://x.example', 1, 4, 0, NULL, 0, 0, NULL);
INSERT INTO offline_breaks VALUES (6, zeroblob(32), 0, 1, 'r0-7', 1, 2, x'0f', 0, 4096, NULL);
INSERT INTO research_answers VALUES (0, 0, 10000, 19000, zeroblob(32), 'Title', x'00', zeroblob(32), zeroblob(32), x'00', 1);
INSERT INTO research_withdrawals VALUES (0, 3, 9);
INSERT INTO leases VALUES ('duty', '', -9223372036854775808);
";

fn item() -> NewItem {
    NewItem {
        relationship: ID.to_string(),
        resource_type: "Observation".into(),
        resource: "{}".into(),
        account: [1; 32].into(),
        capacity: "patient".into(),
        purpose: "PATRQT".into(),
        received: NOW,
    }
}

async fn run_on(store: &Store, statements: String) {
    let Pool::Sqlite(file) = &store.write else { unreachable!() };
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(file).await.unwrap();
}

/// A file that was in use.
async fn full(folder: &Path) -> PathBuf {
    let path = folder.join("store.sqlite");
    let store = Store::open(&path).await.unwrap();
    let account = AccountId::new([1; 32]);
    store.set_member(0).await.unwrap();
    store.add_ticket(&[9; 16], "A-1", 0, 100).await.unwrap();
    assert_eq!(store.redeem(&[9; 16], &account, 1).await.unwrap(), Redeemed::Fresh);
    store.bind(&account, ID).await.unwrap();
    assert!(store.use_nonce(&account, b"n", 100).await.unwrap());
    let session = crate::store::sessions::StoredSession {
        account,
        purpose: "TREAT".into(),
        patient: Some(ID.to_string()),
        expires: 900,
    };
    store.add_session(&[7; 32], &session, 0, 8).await.unwrap();
    let (log, writer) = AuditLog::start(store.clone());
    for _ in 0..1_200 {
        log.append(&entry("r0-7")).await.unwrap();
    }
    drop(log);
    writer.await.unwrap();
    for _ in 0..3 {
        let mut transaction = store.begin(Topic::Log).await.unwrap();
        crate::store::inbox::insert(&mut transaction, &item()).await.unwrap();
        transaction.commit().await.unwrap();
    }
    run_on(&store, format!("{EVERYTHING}DELETE FROM inbox WHERE number = 3")).await;
    store.close().await;
    path
}

/// An empty store of its own on a server.
async fn empty(server: &str, schema: &str) -> Store {
    run(server, &format!("CREATE SCHEMA {schema}")).await;
    on(server, schema, "a").await
}

async fn on(server: &str, schema: &str, instance: &str) -> Store {
    let server = Server::new(&format!("{server}&options[search_path]={schema}"), instance).unwrap();
    Store::share(&server).await.unwrap()
}

/// What stands in the file.
async fn content(path: &Path) -> Vec<transfer::Sum> {
    let store = Store::open_alone(path).await.unwrap();
    let Pool::Sqlite(pool) = &store.write else { unreachable!() };
    let mut file = pool.acquire().await.unwrap();
    let mut sums = Vec::new();
    for table in transfer::tables(&mut file).await.unwrap() {
        sums.push(transfer::sum_of_file(&table, &mut file).await.unwrap());
    }
    drop(file);
    store.close().await;
    sums
}

fn silent(_: &transfer::Table, _: u64) {}

async fn has_rows(store: &Store) -> bool {
    let Pool::Postgres(pool) = &store.write else { unreachable!() };
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT CAST(table_name AS TEXT) FROM information_schema.tables
         WHERE table_schema = current_schema() AND table_name <> 'store_schema'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(tables.len() > 20);
    for table in tables {
        let exists = AssertSqlSafe(format!("SELECT EXISTS (SELECT 1 FROM {table})"));
        if sqlx::query_scalar(exists).fetch_one(pool).await.unwrap() {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn store_should_be_the_same_when_it_was_moved_into_a_server() {
    let server = start(&[]).await;
    let address = address(server.folder.path());
    let folder = tempfile::tempdir().unwrap();
    let path = full(folder.path()).await;
    let source = Store::open_alone(&path).await.unwrap();
    let whole = verify(&source, None, NOW).await.unwrap();
    let target = empty(&address, "whole").await;

    let looked = source.move_into(&target, true, &mut silent).await.unwrap();
    for table in &looked.tables {
        assert!(table.rows > 0, "nothing was tried of {}", table.name);
    }
    assert!(!has_rows(&target).await, "a dry run moved something");

    let mut heard = Vec::new();
    let mut hear = |table: &transfer::Table, over: u64| heard.push((table.name.clone(), over));
    let moved = source.move_into(&target, false, &mut hear).await.unwrap();
    assert!(!moved.before && moved.tables.len() == looked.tables.len());
    assert!(heard.contains(&("log".into(), 500)) && heard.contains(&("log".into(), 1_200)), "{heard:?}");
    // Whoever gives the command again, because it was broken off after that, is told so.
    assert!(source.move_into(&target, false, &mut silent).await.unwrap().before);
    source.close().await;

    // It goes on where the file left off.
    assert_eq!(verify(&target, None, NOW).await.unwrap(), whole);
    assert_eq!(target.record(ID).await.unwrap(), Some(bound_to("A-1", [1; 32].into())));
    assert!(!target.use_nonce(&[1; 32].into(), b"n", 100).await.unwrap(), "a nonce counts twice");
    assert_eq!(target.session(&[7; 32], 1).await.unwrap().unwrap().purpose, "TREAT");
    assert!(target.is_suspended("B-2").await.unwrap());
    assert_eq!(target.kept_answers(9).await.unwrap()[0].rho, 10_000);
    assert_eq!(target.newest_notice().await.unwrap(), 9);
    assert_eq!(target.interval(7).await.unwrap().unwrap().log_until, 2);
    let mut transaction = target.begin(Topic::Log).await.unwrap();
    crate::store::inbox::insert(&mut transaction, &item()).await.unwrap();
    transaction.commit().await.unwrap();
    let numbers: Vec<u64> = target.inbox(None).await.unwrap().iter().map(|item| item.number).collect();
    assert!(numbers.contains(&4) && !numbers.contains(&3), "{numbers:?}");
    let (log, writer) = AuditLog::start(target.clone());
    log.append(&entry("r0-7")).await.unwrap();
    drop(log);
    writer.await.unwrap();
    let after = verify(&target, whole.heads.get("").copied(), NOW).await.unwrap();
    assert_eq!((after.entries, after.heads.len()), (1_201, 2));
    // And what has gone on is not what was moved.
    let source = Store::open_alone(&path).await.unwrap();
    let again = source.move_into(&target, false, &mut silent).await;
    assert!(matches!(again, Err(MoveError::NotEmpty(_))), "{again:?}");
}

#[tokio::test]
async fn store_should_stay_where_it_is_when_the_move_is_broken_off_or_refused() {
    let server = start(&[]).await;
    let address = address(server.folder.path());
    let folder = tempfile::tempdir().unwrap();
    let path = full(folder.path()).await;

    // In use.
    let open = Store::open(&path).await.unwrap();
    open.ping().await.unwrap();
    open.set_member(0).await.unwrap();
    assert!(matches!(Store::open_alone(&path).await, Err(MoveError::InUse)));
    open.close().await;
    let before = content(&path).await;
    let missing = Store::open_alone(&folder.path().join("none.sqlite")).await;
    assert!(missing.is_err() && !folder.path().join("none.sqlite").exists());

    // Broken off with half of it over.
    let target = empty(&address, "broken").await;
    let source = Store::open_alone(&path).await.unwrap();
    let (halfway, reached) = tokio::sync::oneshot::channel();
    let moving = tokio::spawn({
        let (source, target) = (source.clone(), target.clone());
        async move {
            let mut halfway = Some(halfway);
            let mut stop = move |table: &transfer::Table, over: u64| {
                if table.name == "log" && over == 500 {
                    halfway.take().unwrap().send(()).unwrap();
                }
            };
            source.move_into(&target, false, &mut stop).await.map(|_| ())
        }
    });
    reached.await.unwrap();
    moving.abort();
    assert!(moving.await.unwrap_err().is_cancelled());
    assert!(!has_rows(&target).await, "half of it stayed");

    // A gatekeeper is at work there, or was.
    let other = on(&address, "broken", "b").await;
    other.take_duty().await.unwrap();
    let refused = source.move_into(&target, false, &mut silent).await;
    assert!(matches!(&refused, Err(MoveError::AtWork(name)) if name == "b"), "{refused:?}");
    other.leave_duty().await.unwrap();
    other.set_member(0).await.unwrap();
    let refused = source.move_into(&target, false, &mut silent).await;
    assert!(matches!(&refused, Err(MoveError::NotEmpty(table)) if table == "meta"), "{refused:?}");
    // Not the other way round, either.
    assert!(matches!(target.move_into(&source, false, &mut silent).await, Err(MoveError::Engines)));
    source.close().await;
    assert!(content(&path).await == before, "the file is another");

    // Then it is moved after all.
    let source = Store::open_alone(&path).await.unwrap();
    let target = empty(&address, "fresh").await;
    assert!(!source.move_into(&target, false, &mut silent).await.unwrap().before);
}
