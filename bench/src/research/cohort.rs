//! A table of a hospital: persons by diagnosis group, age and sex, of one quarter.
//!
//! Three sides, in turn on one SQLite file: the gatekeeper's own way to the answer with its noise, for all persons of the hospital, by
//! their record numbers; what somebody who may see everything would write in SQL; and the rows alone, fetched as the gatekeeper fetches
//! them, with nothing done about them.

use std::{fmt, path::Path, time::Instant};

use anyhow::Context;
use medrec_client::research::definition::Definition;
use medrec_gatekeeper::{
    fetch::{Database, Options},
    mapping::Mapping,
    research::{bound::Epoch, compute::exact},
};
use medrec_primitives::DAY_MS;
use medrec_release::{answer, Fresh};
use serde_json::{json, Value};
use sqlx::{sqlite::SqliteConnectOptions, AssertSqlSafe, ConnectOptions, Row, SqliteConnection};

use crate::stats::Spread;

const DEFINITION: &str = include_str!("../../../tests/data/census/definitions/diagnoses.toml");
const CLINIC: &str = include_str!("../../../tests/data/census/clinic.sql");
const CLINIC_MAPPING: &str = include_str!("../../../tests/data/census/clinic.toml");

/// What the answer costs (millionths).
const RHO: u32 = 10_000;

/// 2026-01-01 to 2026-04-01.
const EPOCH: Epoch = Epoch { begins: 20_454 * DAY_MS, ends: 20_544 * DAY_MS };

/// How many persons the gatekeeper names in one statement.
const CHUNK: usize = 200;

/// Ten diagnoses a person, of a dozen codes, spread over half a year.
const FILL: &str = "
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {persons})
INSERT INTO patient SELECT 100000 + i, CASE i % 2 WHEN 0 THEN 'F' ELSE 'M' END, date('2026-01-01', '-' || ((i * 7919) % 33000) || ' days') FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows})
INSERT INTO problem SELECT NULL, 100000 + i % {persons}, CASE (i * 31 + i / {persons}) % 12 WHEN 0 THEN 'E11.9' WHEN 1 THEN 'I10' WHEN 2 THEN 'I25.1'
    WHEN 3 THEN 'I50.9' WHEN 4 THEN 'J44.9' WHEN 5 THEN 'C61' ELSE 'Z00.' || (i % 10) END,
    date('2025-10-01', '+' || ((i * 104729) % 182) || ' days') FROM n;
CREATE INDEX problem_by_mrn ON problem (mrn); CREATE INDEX lab_by_mrn ON lab (mrn); ANALYZE;";

/// The same table, as somebody would ask for it who may see everything: nobody's consent, no bounds, no noise.
const PLAIN: &str = "
SELECT kind, age, sex, COUNT(*) FROM (
    SELECT DISTINCT patient.mrn, sex,
        CASE WHEN icd10 LIKE 'E10%' OR icd10 LIKE 'E11%' THEN 0 WHEN icd10 LIKE 'I10%' THEN 1
             WHEN icd10 LIKE 'I20%' OR icd10 LIKE 'I21%' OR icd10 LIKE 'I22%' OR icd10 LIKE 'I23%' OR icd10 LIKE 'I24%' OR icd10 LIKE 'I25%' THEN 2
             WHEN icd10 LIKE 'I50%' THEN 3 WHEN icd10 LIKE 'J44%' OR icd10 LIKE 'J45%' THEN 4 WHEN icd10 LIKE 'C%' THEN 5 END AS kind,
        CASE WHEN dob > '2008-03-31' THEN 0 WHEN dob > '1986-03-31' THEN 1 WHEN dob > '1961-03-31' THEN 2 ELSE 3 END AS age
    FROM problem JOIN patient ON patient.mrn = problem.mrn
    WHERE noted >= '2026-01-01' AND noted < '2026-04-01' AND kind IS NOT NULL)
GROUP BY kind, age, sex";

/// What came out.
pub struct Measured {
    persons: u32,
    /// Seconds of the gatekeeper.
    ours: Spread,
    /// Seconds of the plain SQL.
    plain: Spread,
    /// Seconds of the rows alone.
    rows: Spread,
    /// The gatekeeper's over the plain one's.
    over_plain: Spread,
    /// The gatekeeper's over the rows alone.
    over_rows: Spread,
}

/// Measures.
pub async fn measure(rows: u32, repetitions: u32) -> anyhow::Result<Measured> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("hospital.sqlite");
    let persons = rows / 10;
    let script = FILL.replace("{persons}", &persons.to_string()).replace("{rows}", &rows.to_string());
    let mut connection =
        SqliteConnectOptions::new().filename(&path).create_if_missing(true).connect().await?;
    sqlx::raw_sql(AssertSqlSafe(format!("{CLINIC}BEGIN;{script}COMMIT;"))).execute(&mut connection).await?;

    let definition = Definition::read(DEFINITION)?;
    let kind = definition.kind().context("a table")?;
    let mapping =
        Mapping::from_toml(CLINIC_MAPPING, Path::new("clinic.toml")).map_err(|e| anyhow::anyhow!("{e}"))?;
    let options = Options { timeout: std::time::Duration::from_secs(3_600), max_connections: 2 };
    let database = Database::connect(&format!("sqlite:{}", path.display()), options).await?;
    let records: Vec<String> = (0..persons).map(|n| (100_000 + n).to_string()).collect();

    let (mut ours, mut plain, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..repetitions {
        let started = Instant::now();
        let counted = exact(&database, &mapping, &definition, EPOCH, &records).await?;
        let answered = answer(&mut Fresh::default(), kind, RHO, &counted)?;
        ours.push(started.elapsed().as_secs_f64());
        std::hint::black_box(answered);

        let started = Instant::now();
        let groups = sqlx::query(PLAIN).fetch_all(&mut connection).await?;
        plain.push(started.elapsed().as_secs_f64());
        // Both count the same persons, but for who is in more than two groups.
        let sum: i64 = groups.iter().map(|row| row.get::<i64, _>(3)).sum();
        let counted: i128 = counted[1].iter().sum();
        anyhow::ensure!(counted > 0 && counted <= i128::from(sum), "{counted} of {sum} counted");

        let started = Instant::now();
        let fetched = fetch(&mut connection, &records).await?;
        alone.push(started.elapsed().as_secs_f64());
        anyhow::ensure!(fetched > 0, "no rows");
    }
    let ratio = |other: &[f64]| Spread::of(ours.iter().zip(other).map(|(ours, other)| ours / other));
    Ok(Measured {
        persons,
        over_plain: ratio(&plain),
        over_rows: ratio(&alone),
        ours: Spread::of(ours.iter().copied()),
        plain: Spread::of(plain),
        rows: Spread::of(alone),
    })
}

/// The rows that the gatekeeper looks at, by the same statements, and nothing done about them.
async fn fetch(connection: &mut SqliteConnection, records: &[String]) -> anyhow::Result<usize> {
    let mut fetched = 0;
    for some in records.chunks(CHUNK) {
        let places = vec!["?"; some.len()].join(", ");
        for what in ["sex, dob, mrn FROM patient", "icd10, noted, mrn FROM problem"] {
            let codes = if what.starts_with("icd10") {
                " AND (icd10 LIKE 'E1%' OR icd10 LIKE 'I%' OR icd10 LIKE 'J4%' OR icd10 LIKE 'C%')"
            } else {
                ""
            };
            let sql = format!("SELECT {what} WHERE mrn IN ({places}){codes}");
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for record in some {
                query = query.bind(record);
            }
            fetched += query.fetch_all(&mut *connection).await?.len();
        }
    }
    Ok(fetched)
}

impl Measured {
    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "persons": self.persons,
            "seconds": { "gatekeeper": self.ours.json(), "sql": self.plain.json(), "rows": self.rows.json() },
            "ratio": { "sql": self.over_plain.json(), "rows": self.over_rows.json() },
        })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| cohort table, {} persons | seconds | gatekeeper over it |\n|---|---|---|",
            self.persons
        )?;
        writeln!(f, "| gatekeeper, with bounds and noise | {} | |", self.ours)?;
        writeln!(f, "| the same in SQL, without privacy | {} | {} |", self.plain, self.over_plain)?;
        writeln!(f, "| the rows alone, fetched | {} | {} |", self.rows, self.over_rows)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn measurement_should_count_the_same_persons_on_all_sides_when_the_hospital_is_small() {
        let measured = measure(2_000, 1).await.unwrap();
        assert!(measured.persons == 200 && measured.ours.median > 0.0 && measured.over_plain.median > 0.0);
    }
}
