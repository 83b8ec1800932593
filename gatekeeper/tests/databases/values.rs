//! Dates and numbers of statistics, on every database, as databases and people write them: what counts, and as what. One row a person, so
//! that each is seen by itself.

use medrec_client::research::definition::Definition;
use medrec_gatekeeper::{fetch::Database, research::compute::exact};

use crate::{
    owner::{MariaDb, Owner, Postgres, Sqlite},
    planned::{definition, mapping, EPOCH},
};

const SCHEMA: &str = "
CREATE TABLE seen (id INTEGER PRIMARY KEY, mrn INTEGER NOT NULL, code VARCHAR(12), day VARCHAR(40), val DOUBLE PRECISION);
CREATE INDEX seen_by_mrn ON seen (mrn)";

const MAPPING: &str = r#"
version = 1
timezone = "UTC"
[[resource]]
type = "Observation"
table = "seen"
key = "id"
patient = "mrn"
record_number_type = "integer"
[resource.elements]
status = "final"
subject = { reference = "Patient" }
"code.coding[0].system" = "s"
"code.coding[0].code" = { column = "code" }
effectiveDateTime = { column = "day" }
"valueQuantity.value" = { column = "val" }
"valueQuantity.unit" = "%"
"#;

/// Dates, and whether the row counts: in the epoch, and before its end.
const DAYS: &[(&str, bool, bool)] = &[
    ("2026-01-01", true, true),
    (" 2026-03-31 ", true, true),
    ("\t2026-02-02", true, true),
    ("2026-03-31T23:59:59Z", true, true),
    ("2026-03-31 23:59:59.999", true, true),
    ("2026-04-01T00:30:00+02:00", true, true),
    ("2026-04-01T00:30:00Z", false, false),
    ("2026-01-01T00:30:00+02:00", false, true),
    ("2025-12-31T20:30:00-05:00", true, true),
    ("2025-12-31", false, true),
    ("1870-01-01", false, true),
    ("9999-12-31", false, false),
    ("10000-01-01", false, false),
    ("0000-00-00", false, false),
    ("2026-13-01", false, false),
    ("2026-02-30", false, false),
    ("2026- 2- 2", false, false),
    ("2026-02", false, false),
    ("2026", false, false),
    ("20260202", false, false),
    ("02.02.2026", false, false),
    ("soon", false, false),
    ("", false, false),
];

const OBSERVATION: &str = "resource = \"Observation\"\n";

/// Numbers as SQL has them, and what they count as, in tenths from -50 to 200.
const NUMBERS: &[(&str, Option<i128>)] = &[
    ("6.54", Some(65)),
    ("6.55", Some(66)),
    ("-0.0", Some(0)),
    ("1e-7", Some(0)),
    ("1e20", Some(200)),
    ("-1e300", Some(-50)),
    ("NULL", None),
];

fn counts(rows: &str, codes: &str) -> Definition {
    let group = format!("[[group]]\ntitle = \"G\"\ncodes = [{codes}]\n");
    definition(&format!("{OBSERVATION}kind = \"counts\"\nper_person = 1\nrows = \"{rows}\"\n{group}"))
}

/// The exact answer about one person, without the cohort's size.
async fn about(database: &Database, definition: &Definition, person: usize) -> Vec<i128> {
    let mapping = mapping(MAPPING);
    let records = [person.to_string()];
    let answer = exact(database, &mapping, definition, EPOCH, &records).await.unwrap();
    answer.into_iter().skip(1).flatten().collect()
}

/// `infinite` are numbers beyond all bounds, where the database has them.
async fn exercise(owner: &impl Owner, infinite: &[&str]) {
    let database = &owner.open(SCHEMA).await;
    let mut numbers = NUMBERS.to_vec();
    numbers.extend(infinite.iter().map(|number| (*number, None)));
    let row = |person: usize, day: &str, number: &str| {
        format!("INSERT INTO seen VALUES ({person}, {person}, 'A{person}', '{day}', {number})")
    };
    let days = DAYS.iter().enumerate().map(|(place, (day, ..))| row(place + 1, day, "1"));
    let values =
        numbers.iter().enumerate().map(|(place, (number, _))| row(place + 101, "2026-02-02", number));
    owner.run(&days.chain(values).collect::<Vec<_>>().join(";\n")).await;

    for (place, (day, in_epoch, so_far)) in DAYS.iter().enumerate() {
        for (rows, counted) in [("in-epoch", in_epoch), ("so-far", so_far)] {
            let found = about(database, &counts(rows, "\"s|A*\""), place + 1).await;
            assert_eq!(found, [i128::from(*counted)], "{day:?}, {rows}");
        }
    }
    let sum = &format!("{OBSERVATION}kind = \"sum\"\nlower = -50\nupper = 200\ndecimals = 1\nunit = \"%\"\ncodes = [\"s|A*\"]\n");
    let mean = sum.replace("\"sum\"", "\"mean\"");
    for (place, (number, expected)) in numbers.iter().enumerate() {
        let found = about(database, &definition(sum), place + 101).await;
        assert_eq!(found, [expected.unwrap_or_default()], "{number}");
        let found = about(database, &definition(&mean), place + 101).await;
        let above = expected.map_or([0, 0], |value| [1, value + 50]);
        assert_eq!(found, above, "{number}");
    }
    // As many codes as a definition may have, of several lengths, among them one that counts.
    let codes: Vec<String> = (0..1_999)
        .map(|number| format!("\"s|B{number}{}\"", if number % 2 == 0 { "*" } else { "" }))
        .collect();
    let found = about(database, &counts("in-epoch", &format!("{},\"s|A1\"", codes.join(","))), 1).await;
    assert_eq!(found, [1]);
}

#[tokio::test]
async fn sqlite_should_count_dates_and_numbers_as_they_are_meant() {
    exercise(&Sqlite::new(), &["9e999", "-9e999", "'NaN'", "'6.5 %'", "x'ff'"]).await;
}

#[tokio::test]
async fn postgres_should_count_dates_and_numbers_as_they_are_meant() {
    exercise(&Postgres::start().await, &["'Infinity'", "'-Infinity'", "'NaN'"]).await;
}

#[tokio::test]
async fn mariadb_should_count_dates_and_numbers_as_they_are_meant() {
    exercise(&MariaDb::start().await, &[]).await;
}
