//! HL7's examples of every type that can be mapped go through each database and come back equal in every element. Left out are the few
//! that no mapping gives whole: those with an array of more than a hundred items.
//!
//! The loader makes a schema of them: each path that some example has becomes a column, of a type as databases have it, in tables of at most
//! a hundred columns that are joined one to one. What no mapping gives is named in `hl7::leaves`. Where references lead is not
//! compared: every one is mapped as a reference to the patient, since the examples refer to each other and to records of no one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use base64::{engine::general_purpose::STANDARD, Engine as _};
use medrec_gatekeeper::{
    fetch::{Database, Options},
    mapping::Mapping,
};
use serde_json::Value;

use crate::{exercise, hl7, mariadb, postgres, sqlite};

/// Columns of one table.
const WIDTH: usize = 100;
/// Columns of one mapping; databases have their limits.
const MOST: usize = 900;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sqlite,
    Postgres,
    MariaDb,
}

impl Kind {
    fn column(self, fhir_type: &str) -> &'static str {
        match (self, fhir_type) {
            (_, "boolean") => "BOOLEAN",
            (_, "integer" | "unsignedInt" | "positiveInt") => "INTEGER",
            (Self::Postgres, "decimal") => "NUMERIC",
            (Self::Postgres, "base64Binary") => "BYTEA",
            (Self::MariaDb, "base64Binary") => "LONGBLOB",
            (Self::Sqlite, "base64Binary") => "BLOB",
            (Self::MariaDb, _) => "LONGTEXT",
            _ => "TEXT",
        }
    }

    fn literal(self, fhir_type: &str, value: Option<&Value>) -> String {
        let Some(value) = value else { return "NULL".to_owned() };
        match (fhir_type, value) {
            ("base64Binary", value) => {
                let text: String = hl7::text(value).split_whitespace().collect();
                let bytes = hex::encode(STANDARD.decode(text).unwrap());
                match self {
                    Self::Postgres => format!("'\\x{bytes}'"),
                    _ => format!("X'{bytes}'"),
                }
            }
            (_, Value::String(text)) => format!("'{}'", text.replace('\'', "''")),
            // In quotes, so that SQLite keeps the digits.
            ("decimal", value) => format!("'{value}'"),
            (_, value) => value.to_string(),
        }
    }
}

/// A group of examples of one type that fit into one mapping.
struct Group {
    name: String,
    resource_type: String,
    /// Paths with their types, in order.
    columns: Vec<(String, &'static str)>,
    references: BTreeSet<String>,
    examples: Vec<Value>,
}

fn groups(examples: Vec<Value>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut left_out = 0;
    for example in examples {
        let mut references = Vec::new();
        let leaves = hl7::leaves(&example, &mut references);
        let paths = leaves.iter().map(|leaf| leaf.path.as_str()).chain(references.iter().map(String::as_str));
        if !paths.into_iter().all(can_be_mapped) {
            left_out += 1;
            continue;
        }
        let resource_type = hl7::text(&example["resourceType"]).to_owned();
        let fits = groups.last().is_some_and(|group| {
            group.resource_type == resource_type && group.columns.len() + leaves.len() <= MOST
                // One Patient is all that there is of one patient.
                && resource_type != "Patient"
        });
        if !fits {
            let name = format!("g{}", groups.len());
            groups.push(Group {
                name,
                resource_type,
                columns: Vec::new(),
                references: BTreeSet::new(),
                examples: Vec::new(),
            });
        }
        let group = groups.last_mut().unwrap();
        for leaf in &leaves {
            if !group.columns.iter().any(|(path, _)| *path == leaf.path) {
                group.columns.push((leaf.path.clone(), leaf.fhir_type));
            }
        }
        group.references.extend(references);
        group.examples.push(example);
    }
    assert!(left_out < 20, "{left_out} examples are left out");
    groups
}

fn can_be_mapped(path: &str) -> bool {
    let indices = path.split('[').skip(1).filter_map(|rest| rest.split(']').next()?.parse::<usize>().ok());
    indices.max() <= Some(99)
}

/// The record number of a group: a patient's own for each Patient, one for all others.
fn number(group: &Group) -> String {
    if group.resource_type == "Patient" {
        format!("P-{}", group.name)
    } else {
        "E-1".to_owned()
    }
}

fn mapping(groups: &[Group]) -> Mapping {
    let mut text = "version = 1\n".to_owned();
    for group in groups {
        let name = &group.name;
        write!(text, "[[resource]]\ntype = \"{}\"\nname = \"{name}\"\ntable = \"{name}_0\"\nkey = \"k\"\npatient = \"mrn\"\n", group.resource_type).unwrap();
        for part in 1..group.columns.len().div_ceil(WIDTH) {
            write!(text, "[[resource.join]]\nname = \"p{part}\"\ntable = \"{name}_{part}\"\non = {{ k = \"k\" }}\nrequired = true\n").unwrap();
        }
        text.push_str("[resource.elements]\n");
        for (place, (path, _)) in group.columns.iter().enumerate() {
            let alias = match place / WIDTH {
                0 => String::new(),
                part => format!("p{part}."),
            };
            writeln!(text, "\"{path}\" = {{ column = \"{alias}c{place}\" }}").unwrap();
        }
        for path in &group.references {
            writeln!(text, "\"{path}\" = {{ reference = \"Patient\" }}").unwrap();
        }
        text.push_str("[[resource.label]]\nsystem = \"http://terminology.hl7.org/CodeSystem/v3-ActCode\"\ncode = \"TEST\"\n");
    }
    Mapping::from_toml(&text, Path::new("examples.toml")).unwrap_or_else(|errors| panic!("{errors}"))
}

fn schema_and_rows(groups: &[Group], engine: Kind) -> String {
    let mut sql = String::new();
    for group in groups {
        let tables: Vec<&[(String, &str)]> = group.columns.chunks(WIDTH).collect();
        for (part, columns) in tables.iter().enumerate() {
            let name = format!("{}_{part}", group.name);
            let first = part * WIDTH;
            let list: Vec<String> = columns
                .iter()
                .enumerate()
                .map(|(place, (_, kind))| format!("c{} {}", first + place, engine.column(kind)))
                .collect();
            writeln!(
                sql,
                "CREATE TABLE {name} (k INTEGER PRIMARY KEY, mrn VARCHAR(20), {});",
                list.join(", ")
            )
            .unwrap();
            writeln!(sql, "CREATE INDEX {name}_mrn ON {name} (mrn);").unwrap();
            for (key, example) in group.examples.iter().enumerate() {
                let leaves = hl7::leaves(example, &mut Vec::new());
                let values: BTreeMap<&str, &Value> =
                    leaves.iter().map(|leaf| (leaf.path.as_str(), leaf.value)).collect();
                let literals: Vec<String> = columns
                    .iter()
                    .map(|(path, kind)| engine.literal(kind, values.get(path.as_str()).copied()))
                    .collect();
                writeln!(
                    sql,
                    "INSERT INTO {name} VALUES ({key}, '{}', {});",
                    number(group),
                    literals.join(", ")
                )
                .unwrap();
            }
        }
    }
    sql
}

async fn come_back_equal(url: &str, groups: &[Group]) {
    let mapping = mapping(groups);
    let options = Options { timeout: std::time::Duration::from_secs(60), max_connections: 2 };
    let database = Database::connect(url, options).await.unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    let mut types: Vec<(&str, String)> =
        groups.iter().map(|group| (group.resource_type.as_str(), number(group))).collect();
    types.dedup();
    for (resource_type, number) in types {
        let records = exercise::try_records(&database, &mapping, &number, resource_type, 200).await.unwrap();
        let mut found: Vec<Value> = records.iter().map(|record| hl7::plain(&record.resource)).collect();
        let own = groups
            .iter()
            .filter(|group| group.resource_type == resource_type && self::number(group) == number);
        for example in own.flat_map(|group| &group.examples) {
            let wanted = hl7::plain(example);
            match found.iter().position(|found| *found == wanted) {
                Some(place) => drop(found.swap_remove(place)),
                None => {
                    wrong.push(format!("{resource_type}/{}: {}", example["id"], difference(&wanted, &found)))
                }
            }
            compared += 1;
        }
        assert!(found.is_empty() || !wrong.is_empty(), "{resource_type}: more than went in: {found:?}");
    }
    assert!(wrong.is_empty(), "did not come back equal:\n{}", wrong.join("\n"));
    assert_eq!(compared, groups.iter().map(|group| group.examples.len()).sum::<usize>());
}

/// In what a record differs from the one most like it.
fn difference(wanted: &Value, found: &[Value]) -> String {
    let wanted: BTreeSet<String> = flat(wanted, String::new()).into_iter().collect();
    let found =
        found.iter().map(|found| flat(found, String::new()).into_iter().collect::<BTreeSet<String>>());
    let all = found.map(|found| wanted.symmetric_difference(&found).cloned().collect::<Vec<_>>());
    let least = all.min_by_key(Vec::len).unwrap_or_default();
    format!("{:.400}", least.join(", "))
}

fn flat(value: &Value, path: String) -> Vec<String> {
    match value {
        Value::Object(object) => {
            object.iter().flat_map(|(name, value)| flat(value, format!("{path}.{name}"))).collect()
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(place, item)| flat(item, format!("{path}[{place}]")))
            .collect(),
        value => vec![format!("{path} = {value:.100}")],
    }
}

#[tokio::test]
async fn examples_should_come_back_equal_when_they_go_through_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let groups = groups(hl7::examples());
    let url = sqlite::made(&folder, &schema_and_rows(&groups, Kind::Sqlite)).await;
    come_back_equal(&url, &groups).await;
}

#[tokio::test]
async fn examples_should_come_back_equal_when_they_go_through_postgres() {
    let groups = groups(hl7::examples());
    let server = postgres::start().await;
    let url = postgres::fill(&server, &schema_and_rows(&groups, Kind::Postgres)).await;
    come_back_equal(&url, &groups).await;
}

#[tokio::test]
async fn examples_should_come_back_equal_when_they_go_through_mariadb() {
    let groups = groups(hl7::examples());
    let server = mariadb::start().await;
    let sql = schema_and_rows(&groups, Kind::MariaDb);
    let mut url = String::new();
    // A packet of MariaDB's has its limit.
    for part in parts(&sql) {
        url =
            mariadb::fill(&server, &format!("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES';\n{part}")).await;
    }
    come_back_equal(&url, &groups).await;
}

/// Statements in parts of some megabytes.
fn parts(sql: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for statement in sql.split_inclusive(");\n") {
        if parts.last().unwrap().len() + statement.len() > 4_000_000 {
            parts.push(String::new());
        }
        parts.last_mut().unwrap().push_str(statement);
    }
    parts
}
