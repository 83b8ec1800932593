//! A table of a hospital: persons by diagnosis group, age and sex, of one quarter.
//!
//! Three sides, in turn on one SQLite file: the gatekeeper's own way to the answer with its noise, for all persons of the hospital, by
//! their record numbers; what somebody who may see everything would write in SQL; and the rows alone, fetched as the gatekeeper fetches
//! them, with nothing done about them. Beside the time that passes the processor's is measured, which says the same whatever else the
//! machine has to do.

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
const CHUNK: usize = 500;

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
    /// Seconds that passed.
    passed: Sides,
    /// Seconds of the processor, all threads of this program together.
    processor: Sides,
}

/// One measure of the three sides.
struct Sides {
    ours: Spread,
    plain: Spread,
    rows: Spread,
    /// The gatekeeper's over the plain one's.
    over_plain: Spread,
    /// The gatekeeper's over the rows alone.
    over_rows: Spread,
}

impl Sides {
    /// From the gatekeeper's, the plain one's and the rows' seconds, by repetition.
    fn of([ours, plain, rows]: [Vec<f64>; 3]) -> Self {
        let ratio = |other: &[f64]| Spread::of(ours.iter().zip(other).map(|(ours, other)| ours / other));
        let (over_plain, over_rows) = (ratio(&plain), ratio(&rows));
        Self {
            ours: Spread::of(ours),
            plain: Spread::of(plain),
            rows: Spread::of(rows),
            over_plain,
            over_rows,
        }
    }

    fn json(&self) -> Value {
        json!({
            "seconds": { "gatekeeper": self.ours.json(), "sql": self.plain.json(), "rows": self.rows.json() },
            "ratio": { "sql": self.over_plain.json(), "rows": self.over_rows.json() },
        })
    }
}

/// A time that has begun to pass.
struct Watch {
    started: Instant,
    processor: f64,
}

impl Watch {
    fn start() -> anyhow::Result<Self> {
        Ok(Self { processor: processor_seconds()?, started: Instant::now() })
    }

    /// Seconds that passed, and seconds of the processor.
    fn stop(&self) -> anyhow::Result<[f64; 2]> {
        Ok([self.started.elapsed().as_secs_f64(), processor_seconds()? - self.processor])
    }
}

/// Seconds of the processor that this program has taken (proc(5): `utime` and `stime`, in hundredths on Linux).
fn processor_seconds() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat has a name")?;
    let ticks: u64 =
        fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<_, _>>()?;
    Ok(ticks as f64 / 100.0)
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

    let mut taken: [[Vec<f64>; 3]; 2] = Default::default();
    for _ in 0..repetitions {
        let watch = Watch::start()?;
        let counted = exact(&database, &mapping, &definition, EPOCH, &records).await?;
        let answered = answer(&mut Fresh::default(), kind, RHO, &counted)?;
        let ours = watch.stop()?;
        std::hint::black_box(answered);

        let watch = Watch::start()?;
        let groups = sqlx::query(PLAIN).fetch_all(&mut connection).await?;
        let plain = watch.stop()?;
        // Both count the same persons, but for who is in more than two groups.
        let sum: i64 = groups.iter().map(|row| row.get::<i64, _>(3)).sum();
        let counted: i128 = counted[1].iter().sum();
        anyhow::ensure!(counted > 0 && counted <= i128::from(sum), "{counted} of {sum} counted");

        let watch = Watch::start()?;
        let fetched = fetch(&mut connection, &records).await?;
        let rows = watch.stop()?;
        anyhow::ensure!(fetched > 0, "no rows");
        for (measure, all) in taken.iter_mut().enumerate() {
            for (side, seconds) in [ours, plain, rows].into_iter().enumerate() {
                all[side].push(seconds[measure]);
            }
        }
    }
    let [passed, processor] = taken.map(Sides::of);
    Ok(Measured { persons, passed, processor })
}

/// The rows that the gatekeeper looks at, by the same statements, and nothing done about them.
async fn fetch(connection: &mut SqliteConnection, records: &[String]) -> anyhow::Result<usize> {
    let mut fetched = 0;
    for some in records.chunks(CHUNK) {
        let places = vec!["?"; some.len()].join(", ");
        for what in ["sex, dob, mrn FROM patient", "icd10, noted, mrn FROM problem"] {
            let codes = if what.starts_with("icd10") {
                " AND noted >= '2025-12-30' AND noted < '2026-04-04' AND (SUBSTR(TRIM(icd10), 1, 3) IN ('E10', 'E11', 'I10', \
                 'I20', 'I21', 'I22', 'I23', 'I24', 'I25', 'I50', 'J44', 'J45') OR SUBSTR(TRIM(icd10), 1, 1) = 'C')"
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
            "passed": self.passed.json(),
            "processor": self.processor.json(),
        })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| cohort table, {} persons | seconds | gatekeeper over it | seconds of processor | gatekeeper over it |\n\
             |---|---|---|---|---|",
            self.persons
        )?;
        let (passed, taken) = (&self.passed, &self.processor);
        writeln!(f, "| gatekeeper, with bounds and noise | {} | | {} | |", passed.ours, taken.ours)?;
        writeln!(
            f,
            "| the same in SQL, without privacy | {} | {} | {} | {} |",
            passed.plain, passed.over_plain, taken.plain, taken.over_plain
        )?;
        writeln!(
            f,
            "| the rows alone, fetched | {} | {} | {} | {} |",
            passed.rows, passed.over_rows, taken.rows, taken.over_rows
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn measurement_should_count_the_same_persons_on_all_sides_when_the_hospital_is_small() {
        let measured = measure(2_000, 1).await.unwrap();
        assert!(
            measured.persons == 200
                && measured.passed.ours.median > 0.0
                && measured.passed.over_plain.median > 0.0
        );
    }
}
