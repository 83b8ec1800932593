//! Riverside General's tables.

use anyhow::Result;
use sqlx::sqlite::SqliteConnection;

use super::{
    insert,
    records::{Group, Measurement, Reading, Records, Sensitivity},
};

pub async fn fill(database: &mut SqliteConnection, records: &Records) -> Result<()> {
    for patient in &records.patients {
        let sex = match patient.gender.as_deref() {
            Some("male") => "M",
            Some("female") => "F",
            Some("other") => "O",
            _ => "U",
        };
        let row = [
            ("mrn", Some(patient.record.clone())),
            ("family_name", patient.family.clone()),
            ("given_name", patient.given.clone()),
            ("middle_name", patient.middle.clone()),
            ("birth_date", patient.birth_date.clone()),
            ("sex", Some(sex.to_owned())),
            ("phone", patient.phone.clone()),
            ("street", patient.street.clone()),
            ("city", patient.city.clone()),
            ("postal_code", patient.postal_code.clone()),
            ("country", patient.country.clone()),
            ("deceased", Some(u8::from(patient.deceased).to_string())),
        ];
        insert(database, "patients", &row).await?;
    }
    for (index, measurement) in records.measurements.iter().enumerate() {
        let id = 70_001 + index;
        match measurement.group {
            Group::Laboratory => lab_result(database, id, measurement).await?,
            Group::VitalSigns => vital_sign(database, id, measurement).await?,
            _ => assessment(database, id, measurement).await?,
        }
    }
    for (index, prescription) in records.prescriptions.iter().enumerate() {
        let status = match prescription.status.as_str() {
            "active" => "A",
            "completed" => "C",
            "stopped" => "S",
            "on-hold" => "H",
            "cancelled" => "X",
            "draft" => "D",
            "entered-in-error" => "E",
            _ => "U",
        };
        let row = [
            ("prescription_id", Some((5_001 + index).to_string())),
            ("mrn", Some(prescription.record.clone())),
            ("drug_name", Some(prescription.drug.clone())),
            ("code_system", prescription.code.as_ref().map(|_| system(prescription.system.as_deref()))),
            ("drug_code", prescription.code.clone()),
            ("directions", prescription.directions.clone()),
            ("reason", prescription.reason.clone()),
            ("status", Some(status.to_owned())),
            ("prescribed_on", prescription.written.clone()),
            ("prescriber", prescription.prescriber.clone()),
        ];
        insert(database, "prescriptions", &row).await?;
    }
    for diagnosis in &records.diagnoses {
        let row = [
            ("mrn", Some(diagnosis.record.clone())),
            ("snomed", diagnosis.snomed.clone()),
            ("description", Some(diagnosis.description.clone())),
            ("severity", diagnosis.severity.clone()),
            ("clinical_status", Some(diagnosis.clinical_status.clone())),
            ("onset_date", diagnosis.onset.clone()),
            ("recorded_on", diagnosis.recorded.clone()),
        ];
        insert(database, "diagnoses", &row).await?;
    }
    for allergy in &records.allergies {
        let row = [
            ("mrn", Some(allergy.record.clone())),
            ("category", allergy.category.clone()),
            ("substance", Some(allergy.substance.clone())),
            ("criticality", allergy.criticality.clone()),
            ("clinical_status", Some(allergy.clinical_status.clone())),
            ("reaction", allergy.reaction.clone()),
            ("recorded_at", allergy.recorded.clone()),
        ];
        insert(database, "allergies", &row).await?;
    }
    for note in &records.notes {
        let row = [
            ("mrn", Some(note.record.clone())),
            ("note_type", Some(note.kind.to_owned())),
            ("title", Some(note.title.clone())),
            ("body", Some(note.body.clone())),
            ("author", note.author.clone()),
            ("written_at", note.written.clone()),
        ];
        insert(database, "clinical_notes", &row).await?;
    }
    Ok(())
}

async fn lab_result(database: &mut SqliteConnection, id: usize, measurement: &Measurement) -> Result<()> {
    let (kind, value, unit, ucum) = match &measurement.reading {
        Reading::Nothing => (None, None, None, None),
        Reading::Number { value, unit, ucum } => {
            (Some("NM"), Some(value.clone()), unit.clone(), ucum.clone())
        }
        Reading::Text(found) => (Some("ST"), Some(found.clone()), None, None),
        Reading::Coded(found) => (Some("CE"), Some(found.clone()), None, None),
    };
    let sensitivity = if measurement.sensitivity == Sensitivity::Genetic { "G" } else { "N" };
    let row = [
        ("result_id", Some(id.to_string())),
        ("mrn", Some(measurement.record.clone())),
        ("code_system", Some(system(Some(&measurement.system)))),
        ("test_code", measurement.code.clone()),
        ("test_name", Some(measurement.name.clone())),
        ("value_type", kind.map(str::to_owned)),
        ("value", value),
        ("unit", unit),
        ("unit_ucum", ucum),
        ("reference_low", measurement.low.clone()),
        ("reference_high", measurement.high.clone()),
        ("flag", measurement.flag.clone()),
        ("status", Some(status(&measurement.status))),
        ("sensitivity", Some(sensitivity.to_owned())),
        ("taken_at", measurement.taken.clone()),
        ("remark", measurement.remark.clone()),
    ];
    insert(database, "lab_results", &row).await
}

async fn vital_sign(database: &mut SqliteConnection, id: usize, measurement: &Measurement) -> Result<()> {
    let (value, unit, ucum) = match &measurement.reading {
        Reading::Number { value, unit, ucum } => (Some(value.clone()), unit.clone(), ucum.clone()),
        _ => (None, None, None),
    };
    let part = |code: &str| {
        measurement.parts.iter().find(|part| part.code.as_deref() == Some(code)).and_then(|part| match &part
            .reading
        {
            Reading::Number { value, .. } => Some(value.clone()),
            _ => None,
        })
    };
    let row = [
        ("vital_id", Some(id.to_string())),
        ("mrn", Some(measurement.record.clone())),
        ("loinc", Some(measurement.code.clone().unwrap_or_default())),
        ("name", Some(measurement.name.clone())),
        ("value", value),
        ("unit", unit),
        ("unit_ucum", ucum),
        ("systolic", part("8480-6")),
        ("diastolic", part("8462-4")),
        ("status", Some(status(&measurement.status))),
        ("taken_at", measurement.taken.clone()),
        ("remark", measurement.remark.clone()),
    ];
    insert(database, "vital_signs", &row).await
}

async fn assessment(database: &mut SqliteConnection, id: usize, measurement: &Measurement) -> Result<()> {
    let kind = match measurement.group {
        Group::Survey => "survey",
        Group::SocialHistory => "social-history",
        Group::Procedure => "procedure",
        _ => "exam",
    };
    let sensitivity = match measurement.sensitivity {
        Sensitivity::Alcohol => "A",
        Sensitivity::Gender => "X",
        _ => "N",
    };
    let row = [
        ("assessment_id", Some(id.to_string())),
        ("mrn", Some(measurement.record.clone())),
        ("kind", Some(kind.to_owned())),
        ("code_system", Some(system(Some(&measurement.system)))),
        ("code", measurement.code.clone()),
        ("name", Some(measurement.name.clone())),
        ("result", words(&measurement.reading)),
        ("status", Some(status(&measurement.status))),
        ("sensitivity", Some(sensitivity.to_owned())),
        ("assessed_at", measurement.taken.clone()),
    ];
    insert(database, "assessments", &row).await?;
    for (line, part) in measurement.parts.iter().enumerate() {
        let row = [
            ("assessment_id", Some(id.to_string())),
            ("line_no", Some((line + 1).to_string())),
            ("name", Some(part.name.clone())),
            ("answer", words(&part.reading)),
        ];
        insert(database, "assessment_items", &row).await?;
    }
    Ok(())
}

fn words(reading: &Reading) -> Option<String> {
    match reading {
        Reading::Nothing => None,
        Reading::Number { value, unit: Some(unit), .. } => Some(format!("{value} {unit}")),
        Reading::Number { value, .. } => Some(value.clone()),
        Reading::Text(found) | Reading::Coded(found) => Some(found.clone()),
    }
}

fn system(system: Option<&str>) -> String {
    match system.unwrap_or_default() {
        "http://loinc.org" => "LN",
        "http://snomed.info/sct" => "SCT",
        "http://www.nlm.nih.gov/research/umls/rxnorm" => "RX",
        "http://hl7.org/fhir/sid/ndc" => "NDC",
        _ => "L",
    }
    .to_owned()
}

fn status(fhir: &str) -> String {
    match fhir {
        "final" => "F",
        "preliminary" => "P",
        "cancelled" => "X",
        "entered-in-error" => "W",
        _ => "U",
    }
    .to_owned()
}
