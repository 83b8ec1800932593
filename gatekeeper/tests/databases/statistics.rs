//! Exact answers before noise, on every database: replacing all rows of one person moves them by no more than stated, and rows of
//! those who released nothing do not move them at all.

use medrec_client::research::definition::Definition;
use medrec_gatekeeper::{fetch::Database, research::compute::exact};
use medrec_primitives::research::Part;
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};

use crate::{
    owner::{MariaDb, Owner, Postgres, Sqlite},
    planned::{definition, mapping, EPOCH},
};

const SCHEMA: &str = "
CREATE TABLE person (id INTEGER PRIMARY KEY, mrn VARCHAR(12) NOT NULL, sex VARCHAR(2), dob DATE);
CREATE TABLE diagnosis (id INTEGER PRIMARY KEY, mrn VARCHAR(12) NOT NULL, icd VARCHAR(12), day DATE, state VARCHAR(20), ward VARCHAR(8));
CREATE TABLE lab (id INTEGER PRIMARY KEY, mrn VARCHAR(12) NOT NULL, loinc VARCHAR(12), taken DATE, val VARCHAR(40), unit VARCHAR(12), secret INTEGER);
CREATE TABLE stay (id INTEGER PRIMARY KEY, mrn VARCHAR(12) NOT NULL, adm DATE, dis DATE);
CREATE INDEX person_by_mrn ON person (mrn);
CREATE INDEX diagnosis_by_mrn ON diagnosis (mrn);
CREATE INDEX lab_by_mrn ON lab (mrn);
CREATE INDEX stay_by_mrn ON stay (mrn)";

const MAPPING: &str = r#"
version = 1
timezone = "UTC"

[[resource]]
type = "Patient"
table = "person"
key = "id"
patient = "mrn"
[resource.elements]
gender = { column = "sex", map = { F = "female", M = "male" }, otherwise = "unknown", harmless = true }
birthDate = { column = "dob" }

[[resource]]
type = "Condition"
table = "diagnosis"
key = "id"
patient = "mrn"
[resource.elements]
subject = { reference = "Patient" }
"code.coding[0].system" = "http://hl7.org/fhir/sid/icd-10"
"code.coding[0].code" = { column = "icd" }
"verificationStatus.coding[0].system" = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
"verificationStatus.coding[0].code" = { column = "state" }
recordedDate = { column = "day" }
[[resource.label]]
system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
column = "ward"
map = { PSY = "PSY" }
otherwise = []
null = []

[[resource]]
type = "Observation"
table = "lab"
key = "id"
patient = "mrn"
[resource.withheld]
when = { secret = 1 }
[resource.elements]
status = "final"
subject = { reference = "Patient" }
"code.coding[0].system" = "http://loinc.org"
"code.coding[0].code" = { column = "loinc" }
effectiveDateTime = { column = "taken" }
"valueQuantity.value" = { column = "val", comparator = true }
"valueQuantity.unit" = { column = "unit" }

[[resource]]
type = "Encounter"
table = "stay"
key = "id"
patient = "mrn"
[resource.elements]
status = "finished"
"class.system" = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
"class.code" = "IMP"
"period.start" = { column = "adm" }
"period.end" = { column = "dis" }
"#;

const ICD: &str = "http://hl7.org/fhir/sid/icd-10";

fn definitions() -> Vec<Definition> {
    let groups = format!(
        "[[group]]\ntitle = \"Diabetes\"\ncodes = [\"{ICD}|E1*\"]\n[[group]]\ntitle = \"Hypertension\"\ncodes = [\"{ICD}|I10\"]\n"
    );
    let lab = "codes = [\"http://loinc.org|4548-4\"]\nunit = \"%\"\ndecimals = 1\n";
    let stay = "codes = [\"http://terminology.hl7.org/CodeSystem/v3-ActCode|IMP\"]\nvalue = \"days\"\n";
    [
        format!("resource = \"Condition\"\nkind = \"counts\"\nper_person = 2\nages = [0, 18, 65]\nsexes = [\"female\", \"male\"]\n{groups}"),
        format!("resource = \"Condition\"\nkind = \"counts\"\nper_person = 1\nrows = \"so-far\"\n{groups}"),
        format!("resource = \"Observation\"\nkind = \"sum\"\nlower = -50\nupper = 200\nmerge = \"total\"\n{lab}"),
        format!("resource = \"Observation\"\nkind = \"mean\"\nlower = 40\nupper = 120\n{lab}"),
        format!("resource = \"Encounter\"\nkind = \"histogram\"\nedges = [0, 2, 5, 30]\nmerge = \"greatest\"\n{stay}"),
        format!("resource = \"Condition\"\nkind = \"incidents\"\nbins = 3\ncodes = [\"{ICD}|I10\"]\n"),
    ]
    .iter()
    .map(|text| definition(text))
    .collect()
}

fn parts(definition: &Definition) -> Vec<Part> {
    definition.kind().unwrap().parts(1_000).unwrap().into_iter().flatten().collect()
}

/// Days around the epoch.
fn day(rng: &mut StdRng) -> String {
    let days =
        ["2025-11-30", "2025-12-31", "2026-01-01", "2026-02-03", "2026-03-31", "2026-04-01", "1999-09-09"];
    days.choose(rng).unwrap().to_string()
}

fn one(rng: &mut StdRng, of: &[&str]) -> String {
    match *of.choose(rng).unwrap() {
        "NULL" => "NULL".to_owned(),
        text => format!("'{text}'"),
    }
}

/// All rows of a person, as statements; `number` makes their keys.
fn rows(rng: &mut StdRng, mrn: &str, number: usize) -> Vec<String> {
    let mut id = number * 1_000;
    let mut next = || {
        id += 1;
        id
    };
    let mut all = Vec::new();
    for _ in 0..rng.gen_range(0..3) {
        let (sex, dob) = (
            one(rng, &["F", "M", "X", "NULL"]),
            one(rng, &["1950-05-05", "2008-04-01", "2020-02-29", "NULL"]),
        );
        all.push(format!("INSERT INTO person VALUES ({}, '{mrn}', {sex}, {dob})", next()));
    }
    for _ in 0..rng.gen_range(0..6) {
        let icd = one(rng, &["E11.9", "E10", "e11.9", "I10", " I10 ", "I10.0", "X", "", "NULL"]);
        let state = one(rng, &["confirmed", "refuted", "entered-in-error", "NULL"]);
        let ward = one(rng, &["PSY", "MED", "NULL"]);
        all.push(format!(
            "INSERT INTO diagnosis VALUES ({}, '{mrn}', {icd}, '{}', {state}, {ward})",
            next(),
            day(rng)
        ));
    }
    for _ in 0..rng.gen_range(0..6) {
        let loinc = one(rng, &["4548-4", "4548-4", "4548-5", "NULL"]);
        let val = one(
            rng,
            &[
                "6.54",
                "-3",
                "1e9",
                "99999999999999999999999999999",
                "<5",
                "abc",
                "",
                "NULL",
                "12.05",
                "-99999999999999999999",
            ],
        );
        let unit = one(rng, &["%", "%", "mmol/L", "NULL"]);
        let secret = rng.gen_range(0..4);
        all.push(format!(
            "INSERT INTO lab VALUES ({}, '{mrn}', {loinc}, '{}', {val}, {unit}, {secret})",
            next(),
            day(rng)
        ));
    }
    for _ in 0..rng.gen_range(0..4) {
        let dis = one(rng, &["2026-02-05", "2026-03-31", "2025-01-01", "NULL"]);
        all.push(format!("INSERT INTO stay VALUES ({}, '{mrn}', '{}', {dis})", next(), day(rng)));
    }
    all
}

fn delete(mrn: &str) -> Vec<String> {
    // By key: a database that takes p1 for P1 would delete too much.
    let number: usize = mrn[1..].parse().unwrap();
    let number = if mrn.starts_with('p') { number } else { 50 + number };
    let base = number * 1_000;
    ["person", "diagnosis", "lab", "stay"]
        .map(|table| format!("DELETE FROM {table} WHERE id BETWEEN {base} AND {}", base + 999))
        .to_vec()
}

async fn answers(database: &Database, cohort: &[String]) -> Vec<Vec<Vec<i128>>> {
    let mapping = mapping(MAPPING);
    let mut all = Vec::new();
    for definition in definitions() {
        all.push(exact(database, &mapping, &definition, EPOCH, cohort).await.unwrap());
    }
    all
}

async fn exercise(owner: &impl Owner) {
    let database = &owner.open(SCHEMA).await;
    fixed(database, owner).await;
    let rng = &mut StdRng::seed_from_u64(20_261_123);
    let cohort: Vec<String> = (0..5).map(|number| format!("p{number}")).collect();
    for case in 0..12 {
        let mut statements: Vec<String> =
            ["person", "diagnosis", "lab", "stay"].map(|table| format!("DELETE FROM {table}")).to_vec();
        for number in 0..5 {
            statements.extend(rows(rng, &format!("p{number}"), number));
            // Somebody else, whom some databases take for the same.
            statements.extend(rows(rng, &format!("P{number}"), 50 + number));
        }
        owner.run(&statements.join(";\n")).await;
        let before = answers(database, &cohort).await;

        // Those who released nothing are replaced: not a bit changes.
        let mut statements: Vec<String> = delete("P3");
        statements.extend(rows(rng, "P3", 53));
        owner.run(&statements.join(";\n")).await;
        assert_eq!(answers(database, &cohort).await, before, "case {case}");

        // One who counts is replaced: no part moves by more than stated.
        let person = rng.gen_range(0..5);
        let mut statements: Vec<String> = delete(&format!("p{person}"));
        statements.extend(rows(rng, &format!("p{person}"), person));
        owner.run(&statements.join(";\n")).await;
        let after = answers(database, &cohort).await;
        for ((definition, before), after) in definitions().iter().zip(&before).zip(&after) {
            for (part, (before, after)) in parts(definition).iter().zip(before.iter().zip(after)) {
                let squared = |(one, other): (&i128, &i128)| (one - other).unsigned_abs().pow(2);
                let distance: u128 = before.iter().zip(after).map(squared).sum();
                assert!(
                    distance <= part.sensitivity_squared,
                    "case {case}: {part:?} of {:?} moved by {distance}",
                    definition.what()
                );
                assert_eq!(before.len(), usize::from(part.width));
            }
            assert_eq!(before[0], after[0], "the cohort is not part of the records");
        }
    }
}

/// Rows of which somebody has counted by hand what comes out.
async fn fixed(database: &Database, owner: &impl Owner) {
    let rows = "
INSERT INTO person VALUES (1, 'p0', 'F', '2008-04-01'), (2, 'p1', 'M', '1950-01-01'), (3, 'p2', 'M', NULL);
INSERT INTO diagnosis VALUES
    (1, 'p0', 'E11.9', '2026-01-01', 'confirmed', NULL), (2, 'p0', 'E10', '2026-03-31', NULL, NULL),
    (3, 'p0', 'I10', '2026-04-01', NULL, NULL), (4, 'p1', ' I10 ', '2026-02-01', NULL, 'MED'),
    (5, 'p1', 'I10', '2025-12-01', NULL, NULL), (6, 'p1', 'E11', '2026-02-01', 'refuted', NULL),
    (7, 'p2', 'E11', '2026-02-01', NULL, NULL), (8, 'p2', 'I10', '2026-02-01', NULL, 'PSY'),
    (9, 'P1', 'E11', '2026-02-01', NULL, NULL), (10, 'p9', 'E11', '2026-02-01', NULL, NULL);
INSERT INTO lab VALUES
    (1, 'p0', '4548-4', '2026-01-05', '6.54', '%', 0), (2, 'p0', '4548-4', '2026-02-05', '7.25', '%', 0),
    (3, 'p0', '4548-4', '2026-03-05', '9.0', 'mmol/L', 0), (4, 'p1', '4548-4', '2026-01-05', '99', '%', 0),
    (5, 'p1', '4548-4', '2026-01-06', '8.0', '%', 1), (6, 'p2', '4548-4', '2026-01-05', '<5', '%', 0),
    (7, 'p2', '4548-5', '2026-01-05', '6.0', '%', 0), (8, 'p2', '4548-4', '2026-04-01', '6.0', '%', 0);
INSERT INTO stay VALUES
    (1, 'p0', '2026-01-01', '2026-01-02'), (2, 'p0', '2026-02-01', '2026-02-05'), (3, 'p1', '2026-02-01', NULL),
    (4, 'p2', '2025-12-31', '2026-02-05'), (5, 'p1', '2026-01-01', '2026-03-31')";
    owner.run(rows).await;
    let cohort = ["p0", "p1", "p2", "p3"].map(str::to_owned);
    let expected: Vec<Vec<Vec<i128>>> = vec![
        // Diabetes, 0 to 17, female: p0. Hypertension, 65 or older, male: p1. No age is known of p2.
        vec![vec![4], vec![1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
        // In one cell each: p0 and p2 with diabetes, p1 with hypertension.
        vec![vec![4], vec![2, 1]],
        // 65 + 73 of p0, 200 of p1, which is clamped.
        vec![vec![4], vec![338]],
        // p0's latest, 73, and p1's 120, above 40 each.
        vec![vec![4], vec![2], vec![113]],
        // p0: 1 and 4 days, the greatest is 4. p1: 89, at the last edge. p2's began before the epoch.
        vec![vec![4], vec![0, 1, 1]],
        // p1's first was before the epoch, p0's after it, p2's is of a kind that the table does not name.
        vec![vec![4], vec![0, 0, 0]],
    ];
    let found = answers(database, &cohort).await;
    for ((definition, found), expected) in definitions().iter().zip(found).zip(expected) {
        assert_eq!(found, expected, "{:?}", definition.what());
    }
}

#[tokio::test]
async fn sqlite_should_give_answers_that_one_person_moves_by_no_more_than_stated() {
    exercise(&Sqlite::new()).await;
}

#[tokio::test]
async fn postgres_should_give_answers_that_one_person_moves_by_no_more_than_stated() {
    exercise(&Postgres::start().await).await;
}

#[tokio::test]
async fn mariadb_should_give_answers_that_one_person_moves_by_no_more_than_stated() {
    exercise(&MariaDb::start().await).await;
}
