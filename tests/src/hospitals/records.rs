//! Example resources as the plain records that hospitals' own tables hold.

use serde_json::Value;

use super::{Hospital, KNOWN_TO_BOTH};
use crate::examples::{text, Examples};

/// All records of one hospital.
pub struct Records {
    pub patients: Vec<Patient>,
    pub measurements: Vec<Measurement>,
    pub prescriptions: Vec<Prescription>,
    pub diagnoses: Vec<Diagnosis>,
    pub allergies: Vec<Allergy>,
    pub notes: Vec<Note>,
}

/// A person. `record` is the hospital's number for them, here and below.
pub struct Patient {
    pub record: String,
    pub family: Option<String>,
    pub given: Option<String>,
    pub middle: Option<String>,
    pub birth_date: Option<String>,
    pub gender: Option<String>,
    pub phone: Option<String>,
    pub street: Option<String>,
    pub city: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub deceased: bool,
}

/// What kind of measurement it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Laboratory,
    VitalSigns,
    Survey,
    Exam,
    SocialHistory,
    Procedure,
}

/// Why a record is sensitive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    None,
    Genetic,
    Alcohol,
    Gender,
}

/// What was found.
pub enum Reading {
    Nothing,
    Number { value: String, unit: Option<String>, ucum: Option<String> },
    Text(String),
    Coded(String),
}

/// A part of a panel.
pub struct Part {
    pub code: Option<String>,
    pub name: String,
    pub reading: Reading,
}

/// A laboratory result, a vital sign, an assessment.
pub struct Measurement {
    pub record: String,
    pub group: Group,
    pub sensitivity: Sensitivity,
    pub status: String,
    pub system: String,
    pub code: Option<String>,
    pub name: String,
    pub reading: Reading,
    pub low: Option<String>,
    pub high: Option<String>,
    pub flag: Option<String>,
    pub taken: Option<String>,
    pub remark: Option<String>,
    pub parts: Vec<Part>,
}

pub struct Prescription {
    pub record: String,
    pub drug: String,
    pub system: Option<String>,
    pub code: Option<String>,
    pub directions: Option<String>,
    pub reason: Option<String>,
    pub status: String,
    pub written: Option<String>,
    pub prescriber: Option<String>,
}

pub struct Diagnosis {
    pub record: String,
    pub snomed: Option<String>,
    pub description: String,
    pub severity: Option<String>,
    pub clinical_status: String,
    pub onset: Option<String>,
    pub recorded: Option<String>,
}

pub struct Allergy {
    pub record: String,
    pub category: Option<String>,
    pub substance: String,
    pub criticality: Option<String>,
    pub clinical_status: String,
    pub reaction: Option<String>,
    pub recorded: Option<String>,
}

pub struct Note {
    pub record: String,
    pub psychotherapy: bool,
    pub kind: &'static str,
    pub title: String,
    pub body: String,
    pub author: Option<String>,
    pub written: Option<String>,
}

/// What `hospital` keeps of the examples.
pub fn of(hospital: Hospital, examples: &Examples) -> Records {
    let owner = |resource_type: &'static str| -> Vec<(&Value, String)> {
        let mut shared = 0;
        examples
            .of_type(resource_type)
            .filter_map(|resource| {
                let patient = patient_of(resource)?;
                if patient == KNOWN_TO_BOTH {
                    // The first, fourth, seventh... record of the patient known to both is Hillcrest's.
                    let home = if shared % 3 == 0 { Hospital::Hillcrest } else { Hospital::Riverside };
                    shared += 1;
                    if home != hospital {
                        return None;
                    }
                }
                hospital.record_number(patient).map(|record| (resource, record))
            })
            .collect()
    };
    let notes = owner("ClinicalImpression")
        .into_iter()
        .chain(owner("Encounter"))
        .chain(owner("Procedure"))
        .filter_map(|(resource, record)| note(resource, record))
        .collect();
    Records {
        patients: examples
            .of_type("Patient")
            .filter_map(|value| {
                hospital.record_number(text(&value["id"])).map(|record| patient(value, record))
            })
            .collect(),
        measurements: owner("Observation")
            .into_iter()
            .map(|(value, record)| measurement(value, record))
            .collect(),
        prescriptions: prescriptions(hospital, examples),
        diagnoses: owner("Condition").into_iter().map(|(value, record)| diagnosis(value, record)).collect(),
        allergies: owner("AllergyIntolerance")
            .into_iter()
            .map(|(value, record)| allergy(value, record))
            .collect(),
        notes,
    }
}

/// The example patient that a resource is about, or one who fits where HL7's is not among the examples.
fn patient_of(resource: &Value) -> Option<&str> {
    let subject = if resource["patient"].is_object() { &resource["patient"] } else { &resource["subject"] };
    match text(&subject["reference"]) {
        "#newborn" => Some("newborn"),
        "Patient/infant" => Some("infant-twin-1"),
        "Patient/brcapat" => Some("proband"),
        "Patient/727127" => Some("genetics-example1"),
        "Patient/PatientId-patientId" => Some("ihe-pcd"),
        reference => reference.strip_prefix("Patient/"),
    }
}

fn patient(value: &Value, record: String) -> Patient {
    let name = &value["name"][0];
    let address = &value["address"][0];
    let phone =
        value["telecom"].as_array().into_iter().flatten().find(|contact| contact["system"] == "phone");
    Patient {
        record,
        family: string(&name["family"]).or_else(|| string(&name["text"])),
        given: string(&name["given"][0]),
        middle: string(&name["given"][1]),
        birth_date: string(&value["birthDate"]),
        gender: string(&value["gender"]),
        phone: phone.and_then(|contact| string(&contact["value"])),
        street: string(&address["line"][0]),
        city: string(&address["city"]),
        postal_code: string(&address["postalCode"]),
        country: string(&address["country"]),
        deceased: value["deceasedBoolean"] == true || value["deceasedDateTime"].is_string(),
    }
}

fn measurement(value: &Value, record: String) -> Measurement {
    let coding = &value["code"]["coding"][0];
    let category = text(&value["category"][0]["coding"][0]["code"]);
    let id = text(&value["id"]);
    let group = match category {
        "vital-signs" => Group::VitalSigns,
        "survey" => Group::Survey,
        "exam" => Group::Exam,
        "social-history" => Group::SocialHistory,
        "procedure" => Group::Procedure,
        _ if id == "eye-color" || id.starts_with("glasgow") || id.starts_with("gcs") => Group::Exam,
        _ => Group::Laboratory,
    };
    let genetic = ["genetic", "haplotype", "diplotype", "phenotype"].iter().any(|word| id.contains(word));
    let sensitivity = match id {
        "alcohol-type" => Sensitivity::Alcohol,
        "clinical-gender" => Sensitivity::Gender,
        _ if genetic => Sensitivity::Genetic,
        _ => Sensitivity::None,
    };
    let range = &value["referenceRange"][0];
    Measurement {
        record,
        group,
        sensitivity,
        status: text(&value["status"]).to_owned(),
        system: text(&coding["system"]).to_owned(),
        code: string(&coding["code"]),
        name: concept(&value["code"]).unwrap_or_else(|| "Measurement".to_owned()),
        reading: reading(value),
        low: number(&range["low"]["value"]),
        high: number(&range["high"]["value"]),
        flag: string(&value["interpretation"][0]["coding"][0]["code"]),
        taken: string(&value["effectiveDateTime"]).or_else(|| string(&value["effectivePeriod"]["start"])),
        remark: string(&value["note"][0]["text"]),
        parts: value["component"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|part| Part {
                code: string(&part["code"]["coding"][0]["code"]),
                name: concept(&part["code"]).unwrap_or_else(|| "Part".to_owned()),
                reading: reading(part),
            })
            .collect(),
    }
}

fn reading(value: &Value) -> Reading {
    if let Some(digits) = number(&value["valueQuantity"]["value"]) {
        let quantity = &value["valueQuantity"];
        let of_ucum = quantity["system"] == "http://unitsofmeasure.org";
        let ucum = string(&quantity["code"]).filter(|_| of_ucum);
        return Reading::Number {
            value: digits,
            unit: string(&quantity["unit"]).or_else(|| ucum.clone()),
            ucum,
        };
    }
    if let Some(found) = concept(&value["valueCodeableConcept"]) {
        return Reading::Coded(found);
    }
    let plain = ["valueString", "valueDateTime"].iter().find_map(|key| string(&value[key]));
    let yes_or_no = value["valueBoolean"].as_bool().map(|yes| if yes { "yes" } else { "no" }.to_owned());
    let whole = number(&value["valueInteger"]);
    plain.or(yes_or_no).or(whole).map_or(Reading::Nothing, Reading::Text)
}

/// HL7 wrote all prescriptions for one patient: they are dealt out over everybody that a hospital knows.
fn prescriptions(hospital: Hospital, examples: &Examples) -> Vec<Prescription> {
    let everybody: Vec<_> = Hospital::ALL
        .iter()
        .flat_map(|home| home.patients().iter().map(|patient| (*home, *patient)))
        .collect();
    examples
        .of_type("MedicationRequest")
        .zip(everybody.iter().cycle())
        .filter(|(_, (home, _))| *home == hospital)
        .filter_map(|(value, (_, patient))| Some(prescription(value, hospital.record_number(patient)?)))
        .collect()
}

fn prescription(value: &Value, record: String) -> Prescription {
    let contained = value["contained"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|inner| inner["resourceType"] == "Medication");
    let medication = contained.map_or(&value["medicationCodeableConcept"], |inner| &inner["code"]);
    let ingredient = contained.and_then(|inner| concept(&inner["ingredient"][0]["itemCodeableConcept"]));
    let coding = &medication["coding"][0];
    let drug =
        concept(medication).or_else(|| string(&value["medicationReference"]["display"])).or(ingredient);
    let dosage = &value["dosageInstruction"][0];
    Prescription {
        record,
        drug: drug.unwrap_or_else(|| "Medication".to_owned()),
        system: string(&coding["system"]),
        code: string(&coding["code"]),
        directions: string(&dosage["text"]),
        reason: concept(&value["reasonCode"][0]),
        status: text(&value["status"]).to_owned(),
        written: string(&value["authoredOn"]),
        prescriber: string(&value["requester"]["display"]),
    }
}

fn diagnosis(value: &Value, record: String) -> Diagnosis {
    let coding = &value["code"]["coding"][0];
    Diagnosis {
        record,
        snomed: string(&coding["code"]).filter(|_| coding["system"] == "http://snomed.info/sct"),
        description: concept(&value["code"]).unwrap_or_else(|| "Finding".to_owned()),
        severity: concept(&value["severity"]),
        clinical_status: string(&value["clinicalStatus"]["coding"][0]["code"])
            .unwrap_or_else(|| "active".to_owned()),
        onset: string(&value["onsetDateTime"]),
        recorded: string(&value["recordedDate"]).or_else(|| string(&value["onsetDateTime"])),
    }
}

fn allergy(value: &Value, record: String) -> Allergy {
    Allergy {
        record,
        category: string(&value["category"][0]),
        substance: concept(&value["code"]).unwrap_or_else(|| "Substance".to_owned()),
        criticality: string(&value["criticality"]),
        clinical_status: string(&value["clinicalStatus"]["coding"][0]["code"])
            .unwrap_or_else(|| "active".to_owned()),
        reaction: concept(&value["reaction"][0]["manifestation"][0]),
        recorded: string(&value["recordedDate"]),
    }
}

fn note(value: &Value, record: String) -> Option<Note> {
    let (kind, title, body, written) = match text(&value["resourceType"]) {
        "ClinicalImpression" => (
            "IMPRESSION",
            "Clinical impression".to_owned(),
            format!("{}. {}", text(&value["description"]), text(&value["summary"])),
            string(&value["date"]),
        ),
        "Procedure" => (
            "PROCEDURE",
            concept(&value["code"])?,
            string(&value["note"][0]["text"])
                .or_else(|| concept(&value["followUp"][0]))
                .or_else(|| concept(&value["code"]))?,
            string(&value["performedDateTime"]).or_else(|| string(&value["performedPeriod"]["start"])),
        ),
        "Encounter" => (
            "VISIT",
            concept(&value["type"][0])?,
            concept(&value["reasonCode"][0])?,
            string(&value["period"]["start"]),
        ),
        _ => return None,
    };
    let psychotherapy = value["resourceType"] == "Encounter" && value["id"] == "f002";
    let author = ["participant", "performer"].iter().find_map(|key| {
        string(&value[key][0]["individual"]["display"]).or_else(|| string(&value[key][0]["actor"]["display"]))
    });
    Some(Note {
        record,
        psychotherapy,
        kind: if psychotherapy { "PSYCH" } else { kind },
        title,
        body,
        author,
        // An instant in FHIR: a mere date becomes its first one.
        written: written.map(|when| if when.len() == 10 { format!("{when}T00:00:00Z") } else { when }),
    })
}

/// The text of a concept, or the name of its first code.
fn concept(value: &Value) -> Option<String> {
    string(&value["text"]).or_else(|| {
        value["coding"].as_array().into_iter().flatten().find_map(|coding| string(&coding["display"]))
    })
}

fn string(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|found| !found.is_empty()).map(str::to_owned)
}

/// A number's own digits.
fn number(value: &Value) -> Option<String> {
    value.as_number().map(ToString::to_string)
}
