//! Hillcrest Clinic's tables.

use std::collections::BTreeMap;

use anyhow::Result;
use sqlx::sqlite::SqliteConnection;

use super::{
    insert,
    records::{Group, Reading, Records, Sensitivity},
};

/// Rows that several others point to: the first one to need it makes it.
#[derive(Default)]
struct CodeTable {
    rows: BTreeMap<Vec<Option<String>>, usize>,
}

impl CodeTable {
    async fn id(
        &mut self,
        database: &mut SqliteConnection,
        table: &'static str,
        key: &'static str,
        row: Vec<(&'static str, Option<String>)>,
    ) -> Result<Option<String>> {
        let content: Vec<_> = row.iter().map(|(_, value)| value.clone()).collect();
        if let Some(id) = self.rows.get(&content) {
            return Ok(Some(id.to_string()));
        }
        let id = self.rows.len() + 1;
        let mut whole = vec![(key, Some(id.to_string()))];
        whole.extend(row);
        insert(database, table, &whole).await?;
        self.rows.insert(content, id);
        Ok(Some(id.to_string()))
    }
}

pub async fn fill(database: &mut SqliteConnection, records: &Records) -> Result<()> {
    let mut episodes = BTreeMap::new();
    for (index, patient) in records.patients.iter().enumerate() {
        let sex = match patient.gender.as_deref() {
            Some("male") => "1",
            Some("female") => "2",
            Some("other") => "9",
            _ => "0",
        };
        let forenames: Vec<_> = [&patient.given, &patient.middle].into_iter().flatten().cloned().collect();
        let row = [
            ("PAT_NO", Some(patient.record.clone())),
            ("SURNAME", patient.family.clone()),
            ("FORENAMES", Some(forenames.join(" ")).filter(|names| !names.is_empty())),
            ("DOB", patient.birth_date.as_deref().map(day_first)),
            ("SEX_CD", Some(sex.to_owned())),
            ("TEL", patient.phone.clone()),
            ("TOWN", patient.city.clone()),
        ];
        insert(database, "PERSON", &row).await?;
        let episode = 900 + index;
        let row = [
            ("EPISODE_NO", Some(episode.to_string())),
            ("PAT_NO", Some(patient.record.clone())),
            ("KIND_CD", Some((1 + index % 2).to_string())),
            ("OPENED", seconds(database, Some("2013-04-02T08:00:00+02:00")).await?),
            ("CLOSED", seconds(database, Some("2013-04-20T12:00:00+02:00")).await?),
        ];
        insert(database, "EPISODE", &row).await?;
        episodes.insert(patient.record.clone(), episode.to_string());
    }
    measurements(database, records, &episodes).await?;
    prescriptions(database, records).await?;
    for diagnosis in &records.diagnoses {
        let open = if diagnosis.clinical_status == "active" { "Y" } else { "N" };
        let row = [
            ("PAT_NO", Some(diagnosis.record.clone())),
            ("SNOMED", diagnosis.snomed.clone()),
            ("LABEL", Some(diagnosis.description.clone())),
            ("OPEN_YN", Some(open.to_owned())),
            ("SINCE", diagnosis.recorded.as_deref().map(day_first)),
        ];
        insert(database, "PROBLEM", &row).await?;
    }
    for allergy in &records.allergies {
        let risk = match allergy.criticality.as_deref() {
            Some("high") => Some("2"),
            Some("low") => Some("1"),
            _ => None,
        };
        let row = [
            ("PAT_NO", Some(allergy.record.clone())),
            ("LABEL", Some(allergy.substance.clone())),
            ("RISK", risk.map(str::to_owned)),
            ("NOTED", seconds(database, allergy.recorded.as_deref()).await?),
        ];
        insert(database, "ALERT", &row).await?;
    }
    for note in &records.notes {
        let row = [
            ("PAT_NO", Some(note.record.clone())),
            ("SUBJECT", Some(note.title.clone())),
            ("BODY", Some(note.body.clone())),
            ("RELEASE_YN", Some(if note.psychotherapy { "N" } else { "Y" }.to_owned())),
            ("WRITTEN", seconds(database, note.written.as_deref()).await?),
        ];
        insert(database, "LETTER", &row).await?;
    }
    Ok(())
}

async fn measurements(
    database: &mut SqliteConnection,
    records: &Records,
    episodes: &BTreeMap<String, String>,
) -> Result<()> {
    let (mut units, mut tests) = (CodeTable::default(), CodeTable::default());
    for (index, measurement) in records.measurements.iter().enumerate() {
        let id = Some((20_001 + index).to_string());
        let group = match measurement.group {
            Group::Laboratory => "L",
            Group::VitalSigns => "V",
            Group::Survey => "S",
            Group::Exam => "X",
            Group::SocialHistory => "H",
            Group::Procedure => "P",
        };
        let confidential = match measurement.sensitivity {
            Sensitivity::None => "0",
            Sensitivity::Genetic => "1",
            Sensitivity::Alcohol => "2",
            Sensitivity::Gender => "3",
        };
        let state = match measurement.status.as_str() {
            "preliminary" => "1",
            "final" => "2",
            "cancelled" => "3",
            "entered-in-error" => "9",
            _ => "8",
        };
        let loinc = measurement.code.clone().filter(|_| measurement.system == "http://loinc.org");
        let test = vec![
            ("LABEL", Some(measurement.name.clone())),
            ("LOINC", loinc),
            ("GROUP_CD", Some(group.to_owned())),
            ("CONFID", Some(confidential.to_owned())),
        ];
        let (number, unit, words) = values(database, &mut units, &measurement.reading).await?;
        let row = [
            ("M_ID", id.clone()),
            ("EPISODE_NO", episodes.get(&measurement.record).cloned()),
            ("TEST_ID", tests.id(database, "TEST_CATALOGUE", "TEST_ID", test).await?),
            ("NUM_VAL", number),
            ("UNIT_ID", unit),
            ("TXT_VAL", words),
            ("FLAG", measurement.flag.clone()),
            ("STATE", Some(state.to_owned())),
            ("TAKEN", seconds(database, measurement.taken.as_deref()).await?),
        ];
        insert(database, "MEASUREMENT", &row).await?;
        for (line, part) in measurement.parts.iter().enumerate() {
            let (number, unit, words) = values(database, &mut units, &part.reading).await?;
            let row = [
                ("M_ID", id.clone()),
                ("SEQ", Some((line + 1).to_string())),
                ("LABEL", Some(part.name.clone())),
                ("NUM_VAL", number),
                ("UNIT_ID", unit),
                ("TXT_VAL", words),
            ];
            insert(database, "MEASUREMENT_PART", &row).await?;
        }
    }
    Ok(())
}

/// A reading as number, unit and text.
async fn values(
    database: &mut SqliteConnection,
    units: &mut CodeTable,
    reading: &Reading,
) -> Result<(Option<String>, Option<String>, Option<String>)> {
    Ok(match reading {
        Reading::Nothing => (None, None, None),
        Reading::Number { value, unit, ucum } => {
            let unit = match unit {
                Some(label) => {
                    let row = vec![("LABEL", Some(label.clone())), ("UCUM", ucum.clone())];
                    units.id(database, "UNIT", "UNIT_ID", row).await?
                }
                None => None,
            };
            (Some(value.clone()), unit, None)
        }
        Reading::Text(found) | Reading::Coded(found) => (None, None, Some(found.clone())),
    })
}

async fn prescriptions(database: &mut SqliteConnection, records: &Records) -> Result<()> {
    let (mut drugs, mut doctors) = (CodeTable::default(), CodeTable::default());
    let mut sheets = BTreeMap::new();
    for prescription in &records.prescriptions {
        // One sheet for each patient, a line on it for each drug.
        let next = 3_000 + sheets.len();
        let (sheet, line) = sheets.entry(&prescription.record).or_insert((next, 0));
        *line += 1;
        let state = match prescription.status.as_str() {
            "active" => "1",
            "completed" => "2",
            "stopped" => "3",
            "on-hold" => "4",
            "cancelled" => "5",
            "draft" => "6",
            "entered-in-error" => "9",
            _ => "8",
        };
        let of_rxnorm = prescription.system.as_deref() == Some("http://www.nlm.nih.gov/research/umls/rxnorm");
        let drug = vec![
            ("LABEL", Some(prescription.drug.clone())),
            ("RXNORM", prescription.code.clone().filter(|_| of_rxnorm)),
        ];
        let doctor = match &prescription.prescriber {
            Some(name) => {
                doctors.id(database, "DOCTOR", "DOCTOR_ID", vec![("NAME", Some(name.clone()))]).await?
            }
            None => None,
        };
        let row = [
            ("RX_NO", Some(sheet.to_string())),
            ("LINE", Some(line.to_string())),
            ("PAT_NO", Some(prescription.record.clone())),
            ("DRUG_ID", drugs.id(database, "DRUG", "DRUG_ID", drug).await?),
            ("DOCTOR_ID", doctor),
            ("DIRECTIONS", prescription.directions.clone()),
            ("STATE", Some(state.to_owned())),
            ("ISSUED", seconds(database, prescription.written.as_deref()).await?),
        ];
        insert(database, "RX", &row).await?;
    }
    Ok(())
}

/// Seconds since 1970 of a date or time as FHIR writes them; SQLite itself knows how.
async fn seconds(database: &mut SqliteConnection, when: Option<&str>) -> Result<Option<String>> {
    // A year or a month alone is no moment.
    let Some(when) = when.filter(|when| when.len() >= 10) else { return Ok(None) };
    let seconds: Option<i64> = sqlx::query_scalar("SELECT CAST(strftime('%s', ?) AS INTEGER)")
        .bind(when.to_owned())
        .fetch_one(database)
        .await?;
    Ok(seconds.map(|seconds| seconds.to_string()))
}

/// `1944-11-17` as `17.11.1944`.
fn day_first(date: &str) -> String {
    date.get(..10).unwrap_or(date).split('-').rev().collect::<Vec<_>>().join(".")
}
