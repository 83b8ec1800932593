//! Two hospitals with two different, ordinary database schemas, filled from HL7's example records.
//!
//! Riverside has one table per kind of record with the record number in each; Hillcrest is older: code tables, a
//! table of units, times as seconds since 1970, and the patient of a measurement is the one of its episode. Neither
//! is a FHIR store. The schemas and the mapping files are in `tests/data`.
//!
//! What the loader decides, since HL7's examples are examples of the format and not of a hospital:
//! - the patient `f001` (Pieter van de Heuvel) is known to both, his records are spread over the two; everyone else
//!   is known to one ([`Hospital::patients`]); the animal among the patients is left out;
//! - observations whose subject is not among the example patients go to one who fits;
//! - the forty prescriptions, which HL7 all wrote for one patient, are dealt out over everybody;
//! - genetic results, alcohol and gender carry a sensitivity; one visit's note is filed as psychotherapy.

mod hillcrest;
mod records;
mod riverside;

use std::path::Path;

use anyhow::{Context, Result};
use sqlx::{
    sqlite::{SqliteConnectOptions, SqliteConnection},
    AssertSqlSafe, ConnectOptions, Connection,
};

use crate::examples::Examples;

/// The patient whom both hospitals know, by HL7's id.
pub const KNOWN_TO_BOTH: &str = "f001";

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hospital {
    /// Riverside General.
    Riverside,
    /// Hillcrest Clinic.
    Hillcrest,
}

/// How many rows of each kind were filled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Patients.
    pub patients: usize,
    /// Laboratory results, vital signs, assessments.
    pub measurements: usize,
    /// Prescriptions.
    pub prescriptions: usize,
    /// Diagnoses.
    pub diagnoses: usize,
    /// Allergies.
    pub allergies: usize,
    /// Notes and letters.
    pub notes: usize,
}

impl Hospital {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Riverside, Self::Hillcrest];

    /// Its name on the chain.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Riverside => "Riverside General",
            Self::Hillcrest => "Hillcrest Clinic",
        }
    }

    /// Its name in paths.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Riverside => "riverside",
            Self::Hillcrest => "hillcrest",
        }
    }

    /// The development account that signs for it on chain.
    pub const fn account(self) -> &'static str {
        match self {
            Self::Riverside => "//Dave",
            Self::Hillcrest => "//Eve",
        }
    }

    /// Its schema.
    pub const fn schema(self) -> &'static str {
        match self {
            Self::Riverside => include_str!("../../data/riverside/schema.sql"),
            Self::Hillcrest => include_str!("../../data/hillcrest/schema.sql"),
        }
    }

    /// Its mapping file.
    pub const fn mapping(self) -> &'static str {
        match self {
            Self::Riverside => include_str!("../../data/riverside/mapping.toml"),
            Self::Hillcrest => include_str!("../../data/hillcrest/mapping.toml"),
        }
    }

    /// The example patients it knows, by HL7's ids.
    pub const fn patients(self) -> &'static [&'static str] {
        match self {
            Self::Riverside => &[
                "dicom",
                "example",
                "f001",
                "genetics-example1",
                "infant-mom",
                "infant-twin-1",
                "mom",
                "pat1",
                "pat2",
                "pat3",
                "proband",
            ],
            Self::Hillcrest => &[
                "ch-example",
                "f001",
                "f201",
                "glossy",
                "ihe-pcd",
                "infant-fetal",
                "infant-twin-2",
                "newborn",
                "pat4",
                "xcda",
                "xds",
            ],
        }
    }

    /// The record number that it gave an example patient, if it knows them.
    pub fn record_number(self, patient: &str) -> Option<String> {
        let index = self.patients().iter().position(|known| *known == patient)?;
        Some(match self {
            Self::Riverside => format!("RG-{}", 100_107 + index * 311),
            Self::Hillcrest => {
                format!("{:05}{}", 4_711 + index * 97, char::from(b'A' + (index * 7 % 26) as u8))
            }
        })
    }

    /// Where its tables keep what names a patient or an illness: names, dates, numbers, codes, words.
    pub const fn telling_columns(self) -> &'static [&'static str] {
        match self {
            Self::Riverside => &[
                "patients.mrn",
                "patients.family_name",
                "patients.given_name",
                "patients.birth_date",
                "patients.phone",
                "patients.street",
                "lab_results.test_code",
                "lab_results.taken_at",
                "lab_results.remark",
                "prescriptions.drug_name",
                "prescriptions.directions",
                "diagnoses.snomed",
                "diagnoses.description",
                "diagnoses.recorded_on",
                "clinical_notes.body",
            ],
            Self::Hillcrest => &[
                "PERSON.PAT_NO",
                "PERSON.SURNAME",
                "PERSON.FORENAMES",
                "PERSON.DOB",
                "PERSON.TEL",
                "TEST_CATALOGUE.LOINC",
                "DRUG.LABEL",
                "DRUG.RXNORM",
                "DOCTOR.NAME",
                "RX.DIRECTIONS",
                "PROBLEM.SNOMED",
                "PROBLEM.LABEL",
                "PROBLEM.SINCE",
                "LETTER.BODY",
            ],
        }
    }

    /// Makes the database at `path` and fills it.
    pub async fn fill(self, examples: &Examples, path: &Path) -> Result<Filled> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut database = options
            .connect()
            .await
            .with_context(|| format!("cannot make the database {}", path.display()))?;
        sqlx::raw_sql(AssertSqlSafe(self.schema())).execute(&mut database).await.context("the schema")?;
        let records = records::of(self, examples);
        sqlx::raw_sql("BEGIN").execute(&mut database).await?;
        match self {
            Self::Riverside => riverside::fill(&mut database, &records).await,
            Self::Hillcrest => hillcrest::fill(&mut database, &records).await,
        }
        .with_context(|| format!("cannot fill the database of {}", self.name()))?;
        sqlx::raw_sql("COMMIT").execute(&mut database).await?;
        database.close().await?;
        Ok(Filled {
            patients: records.patients.len(),
            measurements: records.measurements.len(),
            prescriptions: records.prescriptions.len(),
            diagnoses: records.diagnoses.len(),
            allergies: records.allergies.len(),
            notes: records.notes.len(),
        })
    }
}

/// Inserts one row; every value is text or absent, and the column's type makes of it what it will.
async fn insert(
    database: &mut SqliteConnection,
    table: &'static str,
    row: &[(&'static str, Option<String>)],
) -> Result<()> {
    let columns: Vec<_> = row.iter().map(|(column, _)| *column).collect();
    let marks = vec!["?"; row.len()].join(", ");
    let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", columns.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (_, value) in row {
        query = query.bind(value.clone());
    }
    query.execute(database).await.with_context(|| format!("a row of {table}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;
    use sqlx::Row;

    #[test]
    fn record_numbers_should_be_distinct_when_patients_are() {
        for hospital in Hospital::ALL {
            let numbers: BTreeSet<_> =
                hospital.patients().iter().map(|patient| hospital.record_number(patient).unwrap()).collect();
            assert_eq!(numbers.len(), hospital.patients().len());
            assert!(hospital.record_number(KNOWN_TO_BOTH).is_some());
        }
    }

    #[tokio::test]
    async fn databases_should_hold_everything_when_filled() {
        let examples = Examples::load().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut all = Filled::default();
        for hospital in Hospital::ALL {
            let filled = hospital.fill(&examples, &folder.path().join(hospital.slug())).await.unwrap();
            println!("{}: {filled:?}", hospital.name());
            assert!(filled.patients >= 10 && filled.measurements >= 10 && filled.prescriptions >= 10);
            assert!(filled.diagnoses >= 1 && filled.allergies + filled.notes >= 1);
            all.patients += filled.patients;
            all.measurements += filled.measurements;
            all.prescriptions += filled.prescriptions;
        }
        // 22 patients less the animal, one of them twice; 64 observations less those of an oyster, of a herd and of nobody.
        assert_eq!((all.patients, all.measurements, all.prescriptions), (22, 61, 40));
    }

    #[tokio::test]
    async fn databases_should_keep_digits_and_times_when_filled() {
        let examples = Examples::load().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hillcrest");
        Hospital::Hillcrest.fill(&examples, &path).await.unwrap();
        let mut database = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        let row = sqlx::query("SELECT NUM_VAL, TAKEN FROM MEASUREMENT JOIN TEST_CATALOGUE USING (TEST_ID) WHERE LOINC = '11557-6'")
            .fetch_one(&mut database)
            .await
            .unwrap();
        // 2013-04-02T10:30:10+01:00
        assert_eq!((row.get::<String, _>(0).as_str(), row.get::<i64, _>(1)), ("6.2", 1_364_895_010));
    }
}
