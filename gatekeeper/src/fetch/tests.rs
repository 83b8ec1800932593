#![allow(clippy::unwrap_used)]
use std::path::Path;

use medrec_policy::{Action, ElementMask, Scope};
use serde_json::{json, Value};
use sqlx::{sqlite::SqliteConnectOptions, AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::{sql::Statement, *};
use crate::{
    fhir::{definitions::r4, definitions::ParameterKind, parse_query, run},
    redact::redact,
};

const RELATIONSHIP: RelationshipId = RelationshipId::new(0, 3);

const MAPPING: &str = r#"
    version = 1
    timezone = "UTC"
    [[resource]]
    type = "Observation"
    name = "lab"
    table = "result"
    key = "id"
    patient = "mrn"
    [resource.elements]
    status = { column = "state", map = { F = "final", A = "amended" } }
    subject = { reference = "Patient" }
    "category[0].coding[0].code" = { column = "category" }
    "code.coding[0].system" = "http://loinc.org"
    "code.coding[0].code" = { column = "loinc" }
    effectiveDateTime = { column = "taken" }
    valueString = { column = "value" }
    "method.text" = [{ column = "method" }, { column = "device" }]
    [[resource.label]]
    system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    column = "label"
    map = { N = [], P = "PSY" }
    [[resource.many]]
    element = "note"
    table = "remark"
    on = { result = "id" }
    order = ["id"]
    patient = "mrn"
    [resource.many.elements]
    text = { column = "body" }
    [[resource.many]]
    element = "interpretation"
    table = "flag"
    on = { result = "id" }
    order = ["line"]
    [resource.many.elements]
    "coding[0].system" = "http://flags"
    "coding[0].code" = { column = "code" }
    [[resource]]
    type = "Observation"
    name = "vital"
    table = "vital"
    key = "id"
    patient = "mrn"
    [resource.elements]
    status = "final"
    "code.text" = { column = "name" }
"#;

const SCHEMA: &str = "
    CREATE TABLE result (id INTEGER PRIMARY KEY, mrn TEXT COLLATE NOCASE, state TEXT, category TEXT, loinc TEXT, taken TEXT,
                         value, method TEXT, device TEXT, label TEXT);
    CREATE TABLE remark (id INTEGER PRIMARY KEY, result INTEGER, mrn TEXT, body TEXT);
    CREATE TABLE flag (result INTEGER, line INTEGER, code TEXT);
    CREATE TABLE vital (id INTEGER PRIMARY KEY, mrn TEXT, name TEXT);
    INSERT INTO result VALUES (1, 'A1', 'F', 'laboratory', '718-7', '2026-01-01', '7.4', 'm1', 'd1', 'N');
    INSERT INTO result VALUES (2, 'A1', 'A', 'laboratory', '8480-6', '2026-02-01', 120, NULL, 'd2', 'N');
    INSERT INTO result VALUES (3, 'a1', 'F', 'laboratory', '9999-9', '2026-02-01', 'of another', NULL, NULL, 'N');
    INSERT INTO remark VALUES (1, 1, 'A1', 'second'), (2, 1, 'B2', 'of another'), (3, 1, NULL, 'of nobody'), (0, 1, 'A1', 'first');
    INSERT INTO flag VALUES (1, 1, 'H'), (1, 2, NULL), (1, 3, 'HH');
    INSERT INTO vital VALUES (1, 'A1', 'Weight');
";

/// A row that a scope without labels does not reach, with something of its own for every search parameter.
const HIDDEN: &str = "
    INSERT INTO result VALUES (40, 'A1', 'F', 'therapy', '44249-1', '2026-03-01', 'PHQ-9', 'interview', NULL, 'P');
    INSERT INTO remark VALUES (40, 40, 'A1', 'hidden remark');
";

async fn database(folder: &Path, more: &str) -> Database {
    let path = folder.join(format!("{}.sqlite", more.len()));
    let mut connection =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await.unwrap();
    connection.execute(sqlx::raw_sql(AssertSqlSafe(format!("{SCHEMA}{more}")))).await.unwrap();
    connection.close().await.unwrap();
    Database::connect(&format!("sqlite:{}", path.display()), Options::default()).await.unwrap()
}

async fn observations(database: &Database) -> Vec<Record> {
    let mapping = Mapping::from_toml(MAPPING, Path::new("m.toml")).unwrap();
    fetch(database, &mapping, "A1", "Observation", &Pseudonyms::new([1; 32]), RELATIONSHIP, 50).await.unwrap()
}

#[tokio::test]
async fn fetch_should_unite_mappings_of_one_type_and_tell_their_rows_apart() {
    let folder = tempfile::tempdir().unwrap();
    let records = observations(&database(folder.path(), "").await).await;
    assert_eq!(records.len(), 3);
    let mut ids: Vec<&str> = records.iter().map(Record::id).collect();
    assert!(ids.is_sorted());
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn fetch_should_leave_out_rows_of_others_in_arrays_too() {
    let folder = tempfile::tempdir().unwrap();
    let records = observations(&database(folder.path(), "").await).await;
    let first = records.iter().find(|record| record.resource["valueString"] == "7.4").unwrap();
    assert_eq!(first.resource["note"], json!([{ "text": "first" }, { "text": "second" }]));
    let flags = json!([
        { "coding": [{ "system": "http://flags", "code": "H" }] },
        { "coding": [{ "system": "http://flags", "code": "HH" }] }
    ]);
    assert_eq!(first.resource["interpretation"], flags);
    assert_eq!(first.resource["method"]["text"], "m1");
    let second = records.iter().find(|record| record.resource["valueString"] == "120").unwrap();
    assert_eq!(second.resource["method"]["text"], "d2");
    assert!(!format!("{records:?}").contains("another"));
}

#[tokio::test]
async fn session_should_refuse_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let database = database(folder.path(), "").await;
    for sql in [
        "INSERT INTO flag VALUES (1, 9, 'X')",
        "DELETE FROM vital",
        "CREATE TABLE x (y)",
        "UPDATE vital SET name = 'x'",
    ] {
        let mut session = database.session().await.unwrap();
        let answer = session.rows(Statement { sql: sql.into(), binds: Vec::new(), binary: Vec::new() }).await;
        assert!(answer.unwrap_err().to_string().contains("readonly"), "{sql}");
    }
}

/// Every search that a client can send about observations, with values of visible and of hidden rows.
fn searches() -> Vec<String> {
    let tokens = [
        "final",
        "amended",
        "laboratory",
        "therapy",
        "718-7",
        "44249-1",
        "http%3A%2F%2Floinc.org%7C",
        "interview",
        "H",
    ];
    let dates = ["ge2026-03-01", "lt2026-03-01", "2026-03", "ne2026-01-01", "sa2026-02-15", "eb2026-02-15"];
    let mut searches = vec![
        String::new(),
        "_count=1".into(),
        "_count=2".into(),
        "_elements=code".into(),
        "_lastUpdated=gt2000".into(),
    ];
    let hidden = Pseudonyms::new([1; 32]).id(RELATIONSHIP, "Observation", "lab", &["40".into()]);
    searches.push(format!("_id={hidden}"));
    for parameter in r4().parameters("Observation") {
        let values: &[&str] = match parameter.kind {
            ParameterKind::Token => &tokens,
            ParameterKind::Date => &dates,
            ParameterKind::Reference if parameter.name == "patient" => &["Patient/r0-3"],
            ParameterKind::Reference => &["Encounter/r0-3.00", "r0-3.00"],
            ParameterKind::String => &["a", "b"],
        };
        searches.extend(values.iter().map(|value| format!("{}={value}", parameter.name)));
        searches.push(format!("{}={}&_count=1", parameter.name, values.join(",")));
    }
    searches
}

fn all_pages(raw: &str, resources: &[Value]) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut query = raw.to_owned();
    loop {
        let page = run(&parse_query("Observation", &query).unwrap(), resources.to_vec(), "https://x/fhir");
        let next = page["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next").cloned();
        pages.push(page);
        match next {
            Some(link) => query = link["url"].as_str().unwrap().split_once('?').unwrap().1.to_owned(),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn answers_should_be_the_same_whether_or_not_a_hidden_record_exists() {
    let folder = tempfile::tempdir().unwrap();
    let with = observations(&database(folder.path(), HIDDEN).await).await;
    let without = observations(&database(folder.path(), "").await).await;
    assert_eq!(with.len(), without.len() + 1);
    for scope in [
        "patient/Observation.rs",
        "patient/Observation.rs?_elements=code,valueString",
        "patient/*.rs?category=laboratory",
    ] {
        let scope: Scope = scope.parse().unwrap();
        let shown = |records: &[Record]| -> Vec<Value> {
            let mask = |record: &Record| record.attributes.mask(|row| scope.allowed(Action::Search, row));
            records.iter().filter_map(|record| redact(record, &mask(record))).collect()
        };
        let (with, without) = (shown(&with), shown(&without));
        assert!(!without.is_empty());
        for raw in searches() {
            assert_eq!(all_pages(&raw, &with), all_pages(&raw, &without), "{raw}");
        }
    }
    // Whoever may see everything sees it.
    let all: Vec<Value> = with.iter().filter_map(|record| redact(record, &ElementMask::All)).collect();
    assert_eq!(all_pages("code=44249-1", &all)[0]["total"], 1);
}
