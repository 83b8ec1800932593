use std::path::Path;

use medrec_gatekeeper::fetch::Database;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    exercise,
    server::{postgres, postgres_address as url, postgres_ready as ready, Server},
};

/// A server with an empty database `hospital` that belongs to the user of the same name.
pub async fn start() -> Server {
    let server = postgres(&["-c", "fsync=off"]).await;
    run(&url(server.folder.path(), "hospital", "postgres"), "CREATE DATABASE hospital").await;
    server
}

async fn run(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
    connection.close().await.unwrap();
}

/// Runs statements as the owner of the database, and gives the address for that user.
pub async fn fill(server: &Server, sql: &str) -> String {
    let url = url(server.folder.path(), "hospital", "hospital");
    run(&url, sql).await;
    url
}

async fn filled(more: &[&str]) -> (Server, Database) {
    let server = start().await;
    let statements = [exercise::statements().join(";\n"), more.join(";\n")].join(";\n");
    fill(&server, &statements).await;
    fill(&server, &exercise::role("postgresql")).await;
    let url = url(server.folder.path(), "gatekeeper", "hospital");
    let database = Database::connect(&url, exercise::options()).await.unwrap();
    (server, database)
}

#[tokio::test]
async fn postgres_should_give_exactly_the_patients_records() {
    let (_server, database) = filled(&[]).await;
    exercise::everything(&database, true).await;
}

#[tokio::test]
async fn postgres_should_neither_write_nor_run_for_ever() {
    let (_server, database) = filled(&[
        "CREATE VIEW slow AS SELECT 1 AS id, CAST('A1' AS text) AS mrn FROM (SELECT pg_sleep(60)) AS s",
        "CREATE FUNCTION write_row() RETURNS text LANGUAGE sql VOLATILE AS $$ INSERT INTO note(note_id) VALUES (99) RETURNING 'A1' $$",
        "CREATE VIEW writing AS SELECT 1 AS id, write_row() AS mrn",
        "GRANT SELECT ON slow, writing TO PUBLIC",
    ])
    .await;
    exercise::slow_and_writing(&database, true).await;
}

#[tokio::test]
async fn postgres_should_compare_record_numbers_of_every_type() {
    const UUID: &str = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let (_server, database) = filled(&[
        "CREATE TABLE by_integer (id bigint PRIMARY KEY, mrn integer, taken timestamptz, raw bytea, big double precision)",
        "INSERT INTO by_integer VALUES (1, 12, '2026-01-05 23:30:00+00', '\\x00ff', 0.1), (2, 13, NULL, NULL, NULL)",
        "CREATE INDEX ON by_integer (mrn)",
        "CREATE TABLE by_uuid (id bigint PRIMARY KEY, mrn uuid, taken timestamptz, raw text, big numeric)",
        "INSERT INTO by_uuid VALUES (1, '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '2026-07-05 23:30:00.25+00', 'text', 1.10)",
        "CREATE INDEX ON by_uuid (mrn)",
        "CREATE TABLE by_char (id bigint PRIMARY KEY, mrn char(12), taken timestamp, raw text, big numeric)",
        "INSERT INTO by_char VALUES (1, 'A1', '2026-07-05 23:30:00', 'text', 'NaN')",
        "CREATE INDEX ON by_char (mrn)",
        "GRANT SELECT ON by_integer, by_uuid, by_char TO PUBLIC",
    ])
    .await;
    let fetch = |table: &str, kind: &str, number: &'static str| {
        let text = format!(
            "version = 1\ntimezone = \"Europe/Berlin\"\nrecord_number_type = \"{kind}\"\n[[resource]]\ntype = \"Observation\"\ntable = \"{table}\"\nkey = \"id\"\npatient = \"mrn\"\n[resource.elements]\nstatus = \"final\"\n\"code.text\" = \"x\"\neffectiveDateTime = {{ column = \"taken\" }}\n\"valueQuantity.value\" = {{ column = \"big\" }}\n\"extension[0].url\" = \"http://raw\"\n\"extension[0].valueBase64Binary\" = {{ column = \"raw\" }}\n"
        );
        let mapping = medrec_gatekeeper::mapping::Mapping::from_toml(&text, Path::new("m.toml")).unwrap();
        let database = &database;
        async move {
            let errors: Vec<_> = mapping
                .check(database)
                .await
                .into_iter()
                .filter(|finding| finding.message.contains("scan"))
                .collect();
            assert!(errors.is_empty(), "{errors:?}");
            exercise::try_records(database, &mapping, number, "Observation", 10).await
        }
    };
    let integer = fetch("by_integer", "integer", "12").await.unwrap();
    assert_eq!(integer.len(), 1);
    assert_eq!(integer[0].resource["effectiveDateTime"], "2026-01-06T00:30:00+01:00");
    assert_eq!(integer[0].resource["extension"][0]["valueBase64Binary"], "AP8=");
    assert_eq!(integer[0].resource["valueQuantity"]["value"].to_string(), "0.1");
    assert!(fetch("by_integer", "integer", "012").await.is_err());
    let uuid = fetch("by_uuid", "uuid", UUID).await.unwrap();
    assert_eq!(uuid[0].resource["effectiveDateTime"], "2026-07-06T01:30:00.25+02:00");
    assert_eq!(uuid[0].resource["extension"][0]["valueBase64Binary"], "dGV4dA==");
    assert_eq!(uuid[0].resource["valueQuantity"]["value"].to_string(), "1.10");
    let char = fetch("by_char", "char", "A1").await.unwrap();
    assert_eq!(char[0].resource["valueQuantity"]["_value"]["extension"][0]["valueCode"], "error");
}

#[tokio::test]
async fn postgres_role_of_the_documentation_should_read_and_never_write() {
    let (server, database) = filled(&[]).await;
    assert_eq!(exercise::rights(&database).await, Vec::<String>::new());
    let url = |user| url(server.folder.path(), user, "hospital");
    let mut connection = PgConnection::connect(&url("gatekeeper")).await.unwrap();
    // What holds is the missing right, not only the default of its transactions.
    connection.execute("SET default_transaction_read_only = off").await.unwrap();
    for statement in exercise::WRITING {
        let error = connection.execute(*statement).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code()).unwrap();
        assert_eq!(code, "42501", "{statement}: {error}");
    }
    let owner = Database::connect(&url("hospital"), exercise::options()).await.unwrap();
    let found = exercise::rights(&owner).await;
    assert!(found.len() == 1 && found[0].contains("superuser"), "{found:?}");
    // What it may become counts, too, whether or not that is in force.
    fill(&server, "CREATE ROLE porter; GRANT DELETE ON visit TO porter; GRANT porter TO gatekeeper").await;
    for inherits in ["INHERIT", "NOINHERIT"] {
        fill(&server, &format!("ALTER ROLE gatekeeper {inherits}")).await;
        let found = exercise::rights(&database).await;
        assert!(found.len() == 1 && found[0].contains("may write `public.visit`"), "{inherits}: {found:?}");
    }
    fill(&server, "ALTER ROLE porter CREATEROLE").await;
    let found = exercise::rights(&database).await;
    assert!(found.len() == 1 && found[0].contains("may manage the server (porter)"), "{found:?}");
    fill(&server, "REVOKE porter FROM gatekeeper; ALTER ROLE gatekeeper INHERIT").await;
    fill(&server, "GRANT UPDATE (title) ON note TO gatekeeper; GRANT CREATE ON SCHEMA public TO gatekeeper")
        .await;
    let found = exercise::rights(&database).await;
    assert!(found.len() == 2 && found[0].contains("may write `public.note`"), "{found:?}");
    assert!(found[1].contains("may make tables in the schema `public`"), "{found:?}");
}

#[tokio::test]
async fn postgres_should_be_used_again_when_it_was_restarted() {
    let (mut server, database) = filled(&[]).await;
    exercise::restart(&database, &mut server, ready).await;
}
