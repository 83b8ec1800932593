//! `check` finds rows that no key tells apart, and does not mind those that are shown to nobody.

use medrec_gatekeeper::{fetch::Database, mapping::Severity};

use crate::{
    exercise::patient_options,
    owner::{MariaDb, Owner, Postgres, Sqlite},
    planned,
};

const DROP: &str = "DROP TABLE IF EXISTS person; DROP TABLE IF EXISTS unit; DROP TABLE IF EXISTS result";

/// Tables of a hospital that left nothing to its database.
const TABLES: &str = "
CREATE TABLE person (mrn VARCHAR(12), name VARCHAR(12)); CREATE INDEX person_mrn ON person (mrn);
CREATE TABLE unit (code VARCHAR(12), list VARCHAR(12)); CREATE INDEX unit_code ON unit (code);
CREATE TABLE result (id VARCHAR(12), mrn VARCHAR(12), code VARCHAR(12)); CREATE INDEX result_mrn ON result (mrn);
INSERT INTO person VALUES ('A', 'Ann'), ('B', 'Bob');
INSERT INTO unit VALUES ('g', 'LAB');
INSERT INTO result VALUES ('1', 'A', 'g'), ('a', 'A', NULL), ('1', 'B', 'g');";

const UNIQUE: &str = "CREATE UNIQUE INDEX result_id ON result (mrn, id)";

const PATIENT: &str =
    "version = 1\n[[resource]]\ntype = \"Patient\"\ntable = \"person\"\nkey = \"name\"\npatient = \"mrn\"\n\
                       [resource.elements]\n\"name[0].text\" = { column = \"name\" }\n";

/// Results, with their units; `units` is more about the join.
fn results(units: &str) -> String {
    format!(
        "version = 1\n[[resource]]\ntype = \"Observation\"\ntable = \"result\"\nkey = \"id\"\npatient = \"mrn\"\n\
         [[resource.join]]\nname = \"u\"\ntable = \"unit\"\non = {{ code = \"code\" }}\n{units}\n\
         [resource.elements]\nstatus = \"final\"\n\"code.text\" = {{ column = \"u.list\" }}\n"
    )
}

/// What `check` says of keys after some statements: errors, and notes on tables that promise nothing.
async fn found(owner: &impl Owner, statements: &str, mapping: &str) -> (Vec<String>, Vec<String>) {
    let url = owner.run(&format!("{DROP};{TABLES}{statements}")).await;
    let database = Database::connect(&url, patient_options()).await.unwrap();
    let findings = planned::mapping(mapping).check(&database).await;
    database.close().await;
    let (mut errors, mut notes) = (Vec::new(), Vec::new());
    for finding in findings {
        match finding.severity {
            Severity::Error if finding.message.starts_with("this account") => {}
            Severity::Error => errors.push(finding.message),
            Severity::Note if finding.message.contains("promises") => notes.push(finding.message),
            Severity::Note => {}
        }
    }
    (errors, notes)
}

async fn exercise(owner: &impl Owner) {
    let plain = results("");
    let of_list = results("where = { list = \"LAB\" }");
    let (own, joined) = ("`key` does not name a row of `result`", "the join with `unit` finds several rows");
    for (statements, mapping, errors, notes) in [
        // Nothing is wrong today, and nothing promises that it stays so.
        ("", plain.as_str(), &[] as &[&str], &["of `result`", "of `unit`"] as &[&str]),
        (UNIQUE, &plain, &[], &["of `unit`"]),
        (&format!("{UNIQUE}; CREATE UNIQUE INDEX unit_list ON unit (code, list)"), &of_list, &[], &[]),
        ("INSERT INTO result VALUES ('1', 'A', 'g')", &plain, &[own], &[]),
        // As fetched keys are compared: letter by letter, without the blanks at their end.
        ("INSERT INTO result VALUES ('A', 'A', 'g')", &plain, &[], &["of `result`", "of `unit`"]),
        ("INSERT INTO result VALUES ('1 ', 'A', 'g')", &plain, &[own], &[]),
        (&format!("{UNIQUE}; INSERT INTO unit VALUES ('g', 'PHARMACY')"), &plain, &[joined], &[]),
        (&format!("{UNIQUE}; INSERT INTO unit VALUES ('g', 'PHARMACY')"), &of_list, &[], &["of `unit`"]),
        (
            "INSERT INTO result VALUES (NULL, 'A', 'g')",
            &plain,
            &["NULL in `id`"],
            &["of `result`", "of `unit`"],
        ),
        // Nobody's.
        (
            "INSERT INTO result VALUES (NULL, NULL, 'g'), ('1', NULL, 'g'), ('1', NULL, 'g')",
            &plain,
            &[],
            &["of `result`", "of `unit`"],
        ),
        ("INSERT INTO unit VALUES ('kg', 'LAB'), ('kg', 'LAB')", &plain, &[], &["of `result`", "of `unit`"]),
        ("", PATIENT, &[], &["of `person`"]),
        ("CREATE UNIQUE INDEX person_one ON person (mrn)", PATIENT, &[], &[]),
        ("CREATE UNIQUE INDEX person_one ON person (mrn, name)", PATIENT, &[], &["of `person`"]),
        (
            "INSERT INTO person VALUES ('A', 'Anna')",
            PATIENT,
            &["`person` has several rows of a patient"],
            &[],
        ),
    ] {
        let (wrong, doubtful) = found(owner, statements, mapping).await;
        let fits = |found: &[String], words: &[&str]| {
            found.len() == words.len() && found.iter().zip(words).all(|(found, words)| found.contains(words))
        };
        assert!(fits(&wrong, errors) && fits(&doubtful, notes), "{statements}: {wrong:?} {doubtful:?}");
    }
}

#[tokio::test]
async fn sqlite_check_should_find_rows_that_no_key_tells_apart() {
    exercise(&Sqlite::new()).await;
}

#[tokio::test]
async fn postgres_check_should_find_rows_that_no_key_tells_apart() {
    exercise(&Postgres::start().await).await;
}

#[tokio::test]
async fn mariadb_check_should_find_rows_that_no_key_tells_apart() {
    exercise(&MariaDb::start().await).await;
}
