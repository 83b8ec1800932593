//! Puts persons into databases, in bulk.

use std::{fmt::Write, path::Path};

use anyhow::{Context, Result};
use sqlx::{
    postgres::PgConnection, sqlite::SqliteConnectOptions, AssertSqlSafe, ConnectOptions, Connection, Executor,
};

use super::people::Person;

/// The clinic's schema, for SQLite.
pub const CLINIC: &str = include_str!("../../data/census/clinic.sql");
/// Its mapping.
pub const CLINIC_MAPPING: &str = include_str!("../../data/census/clinic.toml");
/// The hospital's schema, for PostgreSQL.
pub const HOSPITAL: &str = include_str!("../../data/census/hospital.sql");
/// Its mapping.
pub const HOSPITAL_MAPPING: &str = include_str!("../../data/census/hospital.toml");

/// A role that only reads, as docs/databases.md has it; without password, since the server listens on a socket of the test's own.
const READER: &str = "
CREATE ROLE gatekeeper LOGIN;
ALTER ROLE gatekeeper SET default_transaction_read_only = on;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO gatekeeper;
GRANT SELECT ON persons, visits, visit_diagnoses, measurements TO gatekeeper";

/// How many rows one statement inserts.
const ROWS: usize = 500;

/// Makes a clinic's database.
pub async fn sqlite(path: &Path, people: &[Person]) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut database = options.connect().await.with_context(|| format!("cannot make {}", path.display()))?;
    let (mut patients, mut problems, mut labs) = (Vec::new(), Vec::new(), Vec::new());
    for Person { mrn, female, born, diagnoses, results } in people {
        patients.push(format!("('{mrn}', '{}', '{born}')", if *female { "F" } else { "M" }));
        let problem = |d: &super::people::Diagnosis| format!("(NULL, '{mrn}', '{}', '{}')", d.icd10, d.day);
        problems.extend(diagnoses.iter().map(problem));
        let lab = |r: &super::people::Measured| {
            format!("(NULL, '{mrn}', '{}', '{}', '{}', '{}')", r.loinc, r.value, r.unit, r.day)
        };
        labs.extend(results.iter().map(lab));
    }
    let mut script = format!("{CLINIC}BEGIN;\n");
    for (table, rows) in [("patient", patients), ("problem", problems), ("lab", labs)] {
        for some in rows.chunks(ROWS) {
            writeln!(script, "INSERT INTO {table} VALUES {};", some.join(","))?;
        }
    }
    script += "COMMIT;\nCREATE INDEX problem_by_mrn ON problem (mrn);\nCREATE INDEX lab_by_mrn ON lab (mrn);\nANALYZE;";
    sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut database).await.context("filling it")?;
    Ok(database.close().await?)
}

/// Fills a hospital's database, which is empty. Record numbers are whole numbers.
pub async fn postgres(url: &str, people: &[Person]) -> Result<()> {
    let mut database = PgConnection::connect(url).await?;
    database.execute(AssertSqlSafe(HOSPITAL)).await.context("the schema")?;
    let (mut persons, mut visits, mut diagnoses, mut measurements) =
        (String::new(), String::new(), String::new(), String::new());
    let (mut visit, mut measurement) = (0, 0);
    for person in people {
        let mrn = &person.mrn;
        writeln!(persons, "{mrn},{},{}", if person.female { "f" } else { "m" }, person.born)?;
        for diagnosis in &person.diagnoses {
            visit += 1;
            writeln!(visits, "{visit},{mrn},{} 10:30:00+00", diagnosis.day)?;
            writeln!(diagnoses, "{visit},{visit},{}", diagnosis.icd10)?;
        }
        for result in &person.results {
            measurement += 1;
            let super::people::Measured { loinc, value, unit, day } = result;
            writeln!(measurements, "{measurement},{mrn},{loinc},{value},{unit},{day}")?;
        }
    }
    let tables = [
        ("persons", persons),
        ("visits", visits),
        ("visit_diagnoses", diagnoses),
        ("measurements", measurements),
    ];
    for (table, rows) in tables {
        let mut copy = database.copy_in_raw(&format!("COPY {table} FROM STDIN WITH (FORMAT csv)")).await?;
        copy.send(rows.into_bytes()).await?;
        copy.finish().await.with_context(|| format!("filling {table}"))?;
    }
    let indexes = "CREATE INDEX ON visits (person_no); CREATE INDEX ON visit_diagnoses (visit_no);
         CREATE INDEX ON measurements (person_no); ANALYZE";
    database.execute(AssertSqlSafe(indexes)).await.context("the indexes")?;
    database.execute(AssertSqlSafe(READER)).await.context("the gatekeeper's role")?;
    Ok(database.close().await?)
}
