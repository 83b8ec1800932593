//! Odd values, generated: whatever stands in a row, what is the patient's comes back as it must, and nothing else does.

use std::path::Path;

use medrec_gatekeeper::{
    fetch::{Database, Options},
    mapping::Mapping,
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::Value;

use crate::{exercise, mariadb, postgres, sqlite};

const MAPPING: &str = r#"
version = 1
[[resource]]
type = "Observation"
table = "odd"
key = "k"
patient = "mrn"
[resource.elements]
status = "final"
"code.text" = { column = "txt" }
"valueQuantity.value" = { column = "num" }
effectiveDateTime = { column = "moment" }
"note[0].text" = { column = "note" }
"#;

#[derive(Clone, Debug)]
struct Odd {
    number: &'static str,
    text: Option<String>,
    decimal: Option<String>,
    moment: Option<String>,
    note: Option<String>,
}

/// Letters of all sorts and all that means something in SQL, JSON or TOML; no control characters, which FHIR forbids.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{1,40}",
        Just("'; DROP TABLE odd; --".to_owned()),
        Just("\\' OR 1=1 #".to_owned()),
        Just("${x} {txt} %s ? $1 :a \u{202e}abc".to_owned()),
        Just("NULL".to_owned()),
        Just("Zoë 𝄞 日本 e\u{301}".to_owned()),
        (1usize..200_000).prop_map(|length| "ä".repeat(length)),
    ]
}

fn row() -> impl Strategy<Value = Odd> {
    let numbers = prop_oneof![3 => Just("A1"), 1 => Just("a1"), 1 => Just("A1 "), 1 => Just("Á1"), 1 => Just("A10"), 1 => Just("%")];
    let zone = prop_oneof![
        Just("Z".to_owned()),
        (-11i8..=14, 0u8..2).prop_map(|(hours, half)| {
            let minutes = if hours == 14 { 0 } else { half * 30 };
            format!("{}{:02}:{minutes:02}", if hours < 0 { '-' } else { '+' }, hours.unsigned_abs())
        })
    ];
    let moment = (1900u16..2100, 1u8..=12, 1u8..=28, 0u8..24, 0u8..60, zone, 0u8..4).prop_map(
        |(year, month, day, hour, minute, zone, precision)| match precision {
            0 => format!("{year}"),
            1 => format!("{year}-{month:02}"),
            2 => format!("{year}-{month:02}-{day:02}"),
            _ => format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:07{zone}"),
        },
    );
    let option = proptest::option::of::<BoxedStrategy<String>>;
    (
        numbers,
        option(text().boxed()),
        option("-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,12}0{0,3})?".boxed()),
        option(moment.boxed()),
        option(text().boxed()),
    )
        .prop_map(|(number, text, decimal, moment, note)| Odd { number, text, decimal, moment, note })
}

fn rows() -> Vec<Odd> {
    let mut runner = TestRunner::deterministic();
    (0..120).map(|_| row().new_tree(&mut runner).unwrap().current()).collect()
}

fn sql(rows: &[Odd], schema: &str) -> String {
    let quoted = |value: &Option<String>| match value {
        Some(value) => format!("'{}'", value.replace('\'', "''")),
        None => "NULL".to_owned(),
    };
    let values: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(key, row)| {
            let (text, decimal, moment, note) =
                (quoted(&row.text), quoted(&row.decimal), quoted(&row.moment), quoted(&row.note));
            format!("({key}, '{}', {text}, {decimal}, {moment}, {note})", row.number)
        })
        .collect();
    format!("{schema}; CREATE INDEX odd_mrn ON odd (mrn); INSERT INTO odd VALUES {};", values.join(", "))
}

fn shown(value: &Option<String>) -> Option<String> {
    value.as_ref().map(|value| value.trim_end().to_owned()).filter(|value| !value.is_empty())
}

async fn come_back(url: &str, rows: &[Odd]) {
    let mapping = Mapping::from_toml(MAPPING, Path::new("odd.toml")).unwrap();
    let options = Options { timeout: std::time::Duration::from_secs(20), max_connections: 2 };
    let database = Database::connect(url, options).await.unwrap();
    let records = exercise::try_records(&database, &mapping, "A1", "Observation", 500).await.unwrap();
    let mut wanted: Vec<_> = rows
        .iter()
        .filter(|row| row.number == "A1")
        .map(|row| (shown(&row.text), row.decimal.clone(), row.moment.clone(), shown(&row.note)))
        .collect();
    let mut found: Vec<_> = records
        .iter()
        .map(|record| {
            let resource = &record.resource;
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let number = &resource["valueQuantity"]["value"];
            (
                text(&resource["code"]["text"]),
                number.is_number().then(|| number.to_string()),
                text(&resource["effectiveDateTime"]),
                text(&resource["note"][0]["text"]),
            )
        })
        .collect();
    wanted.sort();
    found.sort();
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(&wanted) {
        let utc = |moment: &Option<String>| {
            moment.as_ref().map(|moment| moment.replace("+00:00", "Z").replace("-00:00", "Z"))
        };
        assert_eq!(
            (&found.0, &found.1, utc(&found.2), &found.3),
            (&wanted.0, &wanted.1, utc(&wanted.2), &wanted.3)
        );
    }
}

#[tokio::test]
async fn odd_values_should_come_back_when_they_stand_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows();
    let schema = "CREATE TABLE odd (k INTEGER PRIMARY KEY, mrn TEXT COLLATE NOCASE, txt TEXT, num TEXT, moment TEXT, note TEXT)";
    let url = sqlite::made(&folder, &sql(&rows, schema)).await;
    come_back(&url, &rows).await;
}

#[tokio::test]
async fn odd_values_should_come_back_when_they_stand_in_postgres() {
    let rows = rows();
    let server = postgres::start().await;
    let schema =
        "CREATE TABLE odd (k integer PRIMARY KEY, mrn text, txt text, num numeric, moment text, note text)";
    let url = postgres::fill(&server, &sql(&rows, schema)).await;
    come_back(&url, &rows).await;
}

#[tokio::test]
async fn odd_values_should_come_back_when_they_stand_in_mariadb() {
    let rows = rows();
    let server = mariadb::start().await;
    // This collation takes a1, Á1 and "A1 " for A1.
    let schema = "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'; CREATE TABLE odd (k integer PRIMARY KEY, mrn varchar(20) COLLATE utf8mb4_unicode_ci, \
                  txt longtext, num varchar(60), moment varchar(60), note longtext) CHARACTER SET utf8mb4";
    let url = mariadb::fill(&server, &sql(&rows, schema)).await;
    come_back(&url, &rows).await;
}
