//! The mappings of `mappings/`, each on the database it is for, with rows as such databases have them.

use std::path::Path;

use medrec_gatekeeper::{
    fetch::{Database, FetchError, Record},
    mapping::{Mapping, Severity},
};
use serde_json::{json, Value};

use crate::{exercise, mariadb, postgres, sqlite};

struct Shape {
    mapping: Mapping,
    url: String,
    database: Database,
}

impl Shape {
    async fn new(mapping: &str, url: &str) -> Self {
        Self {
            mapping: Mapping::from_toml(mapping, Path::new("mapping.toml")).unwrap(),
            url: url.to_owned(),
            database: Database::connect(url, exercise::options()).await.unwrap(),
        }
    }

    async fn all(&self, number: &str, resource_type: &str) -> Vec<Record> {
        exercise::try_records(&self.database, &self.mapping, number, resource_type, 100).await.unwrap()
    }

    async fn resources(&self, number: &str, resource_type: &str) -> Vec<Value> {
        self.all(number, resource_type).await.into_iter().map(|record| record.resource).collect()
    }

    async fn with_text(&self, number: &str, resource_type: &str, text: &str) -> Value {
        let resources = self.resources(number, resource_type).await;
        let found = resources.iter().find(|resource| resource.to_string().contains(text));
        found.unwrap_or_else(|| panic!("no {text} in {resources:#?}")).clone()
    }

    /// What does not fit, but for the account, which owns the test's database.
    async fn errors(&self) -> Vec<String> {
        let mut errors = self.found(Severity::Error).await;
        errors.retain(|error| !error.contains("docs/databases.md"));
        errors
    }

    async fn notes(&self) -> Vec<String> {
        self.found(Severity::Note).await
    }

    /// What `check` finds, which connects anew each time: a connection remembers columns as they were.
    async fn found(&self, severity: Severity) -> Vec<String> {
        let database = Database::connect(&self.url, exercise::patient_options()).await.unwrap();
        let findings = self.mapping.check(&database).await;
        database.close().await;
        let found = findings.iter().filter(|finding| finding.severity == severity);
        found.map(ToString::to_string).collect()
    }

    /// Nothing of others, and nothing that was cancelled.
    async fn hides(&self, number: &str) {
        for resource_type in self.mapping.resource_types() {
            let text = format!("{:?}", self.resources(number, resource_type).await);
            assert!(!text.contains("must not be seen"), "{resource_type}: {text}");
        }
    }
}

fn label(code: &str) -> Value {
    let system = match code {
        "R" => "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
        _ => "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    };
    json!([{ "system": system, "code": code }])
}

const OMOP_ROWS: &str = "
INSERT INTO concept VALUES
    (0, 'No matching concept', 'None', 'No matching concept'),
    (3000963, 'Hemoglobin [Mass/volume] in Blood', 'LOINC', '718-7'),
    (3013682, 'Urea nitrogen [Mass/volume] in Serum or Plasma', 'LOINC', '3094-0'),
    (3020891, 'ABO group [Type] in Blood', 'LOINC', '883-9'),
    (8713, 'gram per deciliter', 'UCUM', 'g/dL'),
    (4298794, 'Blood group A', 'SNOMED', '112144000'),
    (439727, 'Human immunodeficiency virus infection', 'SNOMED', '86406008'),
    (320128, 'Essential hypertension', 'SNOMED', '59621000'),
    (1112807, 'aspirin', 'RxNorm', '1191'),
    (4132161, 'Oral', 'SNOMED', '26643006'),
    (4275113, 'Insertion of pacemaker', 'SNOMED', '307280005'),
    (4275495, 'Tobacco smoking status', 'LOINC', '72166-2'),
    (45884037, 'Former smoker', 'LOINC', 'LA15920-4'),
    (777, 'Strange', 'HouseOwn', 'X1');
INSERT INTO person VALUES (1, 8507, 1974, 12, 5, 'MRN-0001'), (2, 8532, 1980, NULL, NULL, 'must not be seen'), (3, 0, 1990, 2, NULL, NULL);
INSERT INTO death VALUES (1, '2026-03-01', '2026-03-01 04:05:06');
INSERT INTO provider VALUES (5, 'Dr. Meyer');
INSERT INTO care_site VALUES (6, 'Main campus');
INSERT INTO visit_occurrence VALUES
    (10, 1, 9201, '2026-01-01', '2026-01-01 08:00:00', '2026-01-05', '2026-01-05 12:00:00', 5, 6, 'ward 3'),
    (11, 2, 9202, '2026-01-01', NULL, '2026-01-01', NULL, NULL, NULL, 'must not be seen');
INSERT INTO condition_occurrence VALUES
    (20, 1, 320128, '2026-01-02', NULL, NULL, NULL, 32902, 5, 10, 'I10'),
    (21, 1, 439727, '2026-01-02', '2026-01-02 09:30:00', '2026-02-01', NULL, NULL, NULL, NULL, 'B20'),
    (22, 1, 0, '2026-01-02', NULL, NULL, NULL, NULL, NULL, NULL, 'own code 17'),
    (23, 2, 320128, '2026-01-02', NULL, NULL, NULL, NULL, NULL, NULL, 'must not be seen'),
    (24, 1, 320128, '2026-01-02', NULL, NULL, NULL, NULL, NULL, 11, 'must not be seen');
INSERT INTO drug_exposure VALUES
    (30, 1, 1112807, '2026-01-03', '2026-01-03 08:00:00', '2026-01-10', NULL, NULL, 2.50, 'one a day', 4132161, 5, 10, 'ASS 100', 'po', 'tablet'),
    (31, 1, 1112807, '2026-02-03', NULL, '2026-02-04', NULL, 'rash', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO procedure_occurrence VALUES
    (40, 1, 4275113, '2026-01-04', '2026-01-04 10:00:00', NULL, NULL, 5, 10, 'pacemaker'),
    (41, 1, 4275113, '2026-01-04', '2026-01-04 10:00:00', '2026-01-04', '2026-01-04 11:30:00', NULL, NULL, 'long one');
INSERT INTO measurement VALUES
    (50, 1, 3000963, '2026-01-02', '2026-01-02 08:30:00', 4172703, 7.40, NULL, 8713, 12.0, 16.50, 5, 10, 'HB', 'g/dl', '7.40 g/dl'),
    (51, 1, 3013682, '2026-01-02', NULL, 4171756, 5, NULL, NULL, NULL, NULL, NULL, NULL, 'UREA', NULL, '<5'),
    (52, 1, 3020891, '2026-01-02', NULL, NULL, NULL, 4298794, NULL, NULL, NULL, NULL, NULL, 'BG', NULL, 'A'),
    (53, 1, 0, '2026-01-02', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'own test', NULL, 'positive'),
    (54, 1, 3013682, '2026-01-03', NULL, 9999, 6.10, NULL, NULL, NULL, NULL, NULL, NULL, 'ODD', NULL, '~6.10'),
    (55, 2, 3000963, '2026-01-02', NULL, NULL, 99, NULL, NULL, NULL, NULL, NULL, NULL, 'must not be seen', NULL, NULL),
    (56, 1, 777, '2026-01-02', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 'house', NULL, NULL);
INSERT INTO observation VALUES
    (60, 1, 4275495, '2026-01-02', NULL, NULL, NULL, 45884037, NULL, NULL, 10, 'smoking', NULL, NULL),
    (61, 1, 4275495, '2026-01-03', NULL, NULL, 'stopped in 2019', NULL, NULL, NULL, NULL, 'smoking note', NULL, NULL);
INSERT INTO note VALUES (70, 1, '2026-01-04', '2026-01-04 09:00:00', 0, 0, 'Progress', 'Feels better. Müde.', 5, 10);
";

async fn omop() -> (crate::server::Server, Shape) {
    let server = postgres::start().await;
    let schema = include_str!("../../mappings/omop-cdm-5.4/schema.sql");
    let url = postgres::fill(&server, &format!("{schema}{OMOP_ROWS}")).await;
    let shape = Shape::new(include_str!("../../mappings/omop-cdm-5.4/mapping.toml"), &url).await;
    (server, shape)
}

#[tokio::test]
async fn omop_should_become_fhir_when_rows_are_those_of_one_person() {
    let (_server, omop) = omop().await;
    let patient = &omop.resources("1", "Patient").await[0];
    assert_eq!(
        (
            &patient["birthDate"],
            &patient["gender"],
            &patient["deceasedDateTime"],
            &patient["identifier"][0]["value"]
        ),
        (&json!("1974-12-05"), &json!("male"), &json!("2026-03-01T04:05:06-05:00"), &json!("MRN-0001"))
    );
    assert_eq!(omop.resources("2", "Patient").await[0]["birthDate"], "1980");
    assert_eq!(omop.resources("3", "Patient").await[0]["birthDate"], "1990-02");
    let visits = omop.all("1", "Encounter").await;
    assert_eq!(visits.len(), 1);
    let visit = format!("Encounter/{}", visits[0].id());
    assert_eq!(visits[0].resource["class"]["code"], "IMP");
    assert_eq!(visits[0].resource["serviceProvider"], json!({ "display": "Main campus" }));

    let conditions = omop.resources("1", "Condition").await;
    assert_eq!(conditions.len(), 3);
    let hypertension = omop.with_text("1", "Condition", "59621000").await;
    assert_eq!(
        hypertension["code"],
        json!({ "coding": [{ "system": "http://snomed.info/sct", "code": "59621000", "display": "Essential hypertension" }], "text": "I10" })
    );
    assert_eq!(
        (&hypertension["encounter"]["reference"], &hypertension["onsetDateTime"]),
        (&json!(visit), &json!("2026-01-02"))
    );
    assert!(hypertension.get("meta").is_none());
    assert_eq!(omop.with_text("1", "Condition", "B20").await["meta"]["security"], label("HIV"));
    let own = omop.with_text("1", "Condition", "own code 17").await;
    assert_eq!((&own["meta"]["security"], &own["code"]), (&label("R"), &json!({ "text": "own code 17" })));

    assert_eq!(omop.resources("1", "Observation").await.len(), 8);
    let hemoglobin = omop.with_text("1", "Observation", "718-7").await;
    assert_eq!(
        hemoglobin["valueQuantity"].to_string(),
        r#"{"code":"g/dL","system":"http://unitsofmeasure.org","unit":"g/dl","value":7.40}"#
    );
    assert_eq!(hemoglobin["referenceRange"][0]["high"]["value"].to_string(), "16.50");
    assert_eq!(hemoglobin["effectiveDateTime"], "2026-01-02T08:30:00-05:00");
    assert!(hemoglobin.get("valueString").is_none() && hemoglobin.get("meta").is_none());
    let urea = omop.with_text("1", "Observation", "UREA").await;
    assert_eq!(urea["valueQuantity"], json!({ "value": 5, "comparator": "<" }));
    let odd = omop.with_text("1", "Observation", "ODD").await;
    assert_eq!(odd["valueQuantity"]["_comparator"]["extension"][0]["valueCode"], "unsupported");
    assert_eq!(odd["meta"]["security"], label("R"));
    let group = omop.with_text("1", "Observation", "883-9").await;
    assert_eq!(group["valueCodeableConcept"]["coding"][0]["code"], "112144000");
    let own = omop.with_text("1", "Observation", "own test").await;
    assert_eq!((&own["valueString"], &own["meta"]["security"]), (&json!("positive"), &label("R")));
    assert_eq!(omop.with_text("1", "Observation", "house").await["meta"]["security"], label("R"));
    assert_eq!(omop.with_text("1", "Observation", "smoking note").await["valueString"], "stopped in 2019");

    let aspirin = omop.with_text("1", "MedicationStatement", "one a day").await;
    assert_eq!(
        aspirin["dosage"][0].to_string(),
        r#"{"doseAndRate":[{"doseQuantity":{"unit":"tablet","value":2.50}}],"route":{"coding":[{"code":"26643006","display":"Oral","system":"http://snomed.info/sct"}],"text":"po"},"text":"one a day"}"#
    );
    let stopped = omop.with_text("1", "MedicationStatement", "rash").await;
    assert_eq!(
        (&stopped["status"], &stopped["medicationCodeableConcept"]["text"]),
        (&json!("stopped"), &json!("aspirin"))
    );
    let procedures = omop.resources("1", "Procedure").await;
    assert!(procedures.iter().any(|procedure| procedure["performedDateTime"] == "2026-01-04T10:00:00-05:00"));
    assert!(procedures
        .iter()
        .any(|procedure| procedure["performedPeriod"]["end"] == "2026-01-04T11:30:00-05:00"));
    let note = &omop.resources("1", "DocumentReference").await[0];
    assert_eq!(note["content"][0]["attachment"]["data"], "RmVlbHMgYmV0dGVyLiBNw7xkZS4=");
    assert_eq!(note["meta"]["security"], label("R"));
    omop.hides("1").await;
}

#[tokio::test]
async fn omop_check_should_name_file_and_line_when_something_does_not_fit() {
    let (server, omop) = omop().await;
    assert_eq!(omop.errors().await, Vec::<String>::new());
    let notes = omop.notes().await;
    let missing = notes.iter().find(|note| note.contains("column `vocabulary_id`")).unwrap();
    assert!(
        missing.contains("the map lacks 1 of its values, in 1 rows") && !missing.contains("HouseOwn"),
        "{missing}"
    );

    postgres::fill(
        &server,
        "DROP INDEX idx_measurement_person_id_1; CREATE INDEX other ON measurement (measurement_concept_id)",
    )
    .await;
    let found = omop.errors().await;
    let line =
        line_of(include_str!("../../mappings/omop-cdm-5.4/mapping.toml"), "table = \"measurement\"") - 2;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0]
            .starts_with(&format!("mapping.toml:{line}: error: the query scans the whole of `measurement`")),
        "{found:?}"
    );
    assert!(found[0].contains("(person_id"), "{found:?}");

    postgres::fill(&server, "ALTER TABLE note DROP COLUMN note_title; ALTER TABLE procedure_occurrence DROP COLUMN procedure_date; \
        ALTER TABLE procedure_occurrence ADD COLUMN procedure_date integer; CREATE INDEX again ON measurement (person_id)").await;
    let found = omop.errors().await;
    assert!(found.iter().any(|error| error.contains("table `note` has no column `note_title`")), "{found:?}");
    assert!(
        found
            .iter()
            .any(|error| error
                .contains("column `procedure_date`: the column holds whole numbers: write `format")),
        "{found:?}"
    );
}

/// The line of a text, counted from 1.
fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line == part).unwrap() + 1
}

const OPENMRS_ROWS: &str = "
INSERT INTO person VALUES (7, 'M', '1974-12-25', 0, NULL, 0), (8, 'F', '1980-01-01', 1, '2026-02-01 10:00:00', 0), (9, 'F', '1990-01-01', 0, NULL, 1);
INSERT INTO patient VALUES (7, 0), (8, 0), (9, 1);
INSERT INTO person_name VALUES
    (1, 7, 1, NULL, 'Peter', 'James', 'Chalmers', 0), (2, 7, 0, NULL, 'Jim', NULL, 'Chalmers', 0),
    (3, 7, 0, NULL, 'must not be seen', NULL, NULL, 1), (4, 8, 1, NULL, 'must not be seen', NULL, NULL, 0);
INSERT INTO person_address VALUES (1, 7, 1, '534 Erewhon St', 'Pleasant Ville', 'Vic', '3999', 'Kenya', 0), (2, 7, 0, 'must not be seen', NULL, NULL, NULL, NULL, 1);
INSERT INTO patient_identifier_type VALUES (3, 'OpenMRS ID'), (4, 'Old number');
INSERT INTO patient_identifier VALUES (1, 7, '100GEJ', 3, 1, 0), (2, 7, 'A-17', 4, 0, 0), (3, 7, 'must not be seen', 4, 0, 1);
INSERT INTO encounter_type VALUES (1, 'Consultation');
INSERT INTO location VALUES (1, 'Unknown location');
INSERT INTO encounter VALUES (100, 1, 7, 1, '2026-01-02 08:00:00', 0), (101, 1, 7, 1, '2026-01-03 08:00:00', 1), (102, 1, 8, 1, '2026-01-03 08:00:00', 0);
INSERT INTO concept VALUES (21, 0), (1271, 0), (5089, 0), (1169, 0), (703, 0), (300, 0), (690, 0), (1498, 0), (5085, 0), (5086, 0), (71617, 0), (162553, 0), (121677, 0), (160240, 0), (161553, 0), (119481, 0);
INSERT INTO concept_name VALUES
    (1, 21, 'Haemoglobin', 'en', 1, 'FULLY_SPECIFIED', 0), (2, 21, 'Hb', 'en', 0, 'SHORT', 0), (3, 21, 'Hémoglobine', 'fr', 1, 'FULLY_SPECIFIED', 0),
    (4, 21, 'must not be seen', 'en', 0, 'FULLY_SPECIFIED', 1), (5, 5089, 'Weight (kg)', 'en', 1, 'FULLY_SPECIFIED', 0),
    (6, 1169, 'HIV status', 'en', 1, 'FULLY_SPECIFIED', 0), (7, 703, 'Positive', 'en', 1, 'FULLY_SPECIFIED', 0),
    (8, 300, 'Blood typing', 'en', 1, 'FULLY_SPECIFIED', 0), (9, 690, 'A positive', 'en', 1, 'FULLY_SPECIFIED', 0),
    (10, 1271, 'Tests ordered', 'en', 1, 'FULLY_SPECIFIED', 0), (11, 71617, 'Aspirin', 'en', 1, 'FULLY_SPECIFIED', 0),
    (12, 162553, 'Tablet', 'en', 1, 'FULLY_SPECIFIED', 0), (13, 160240, 'Oral', 'en', 1, 'FULLY_SPECIFIED', 0),
    (14, 121677, 'Severe', 'en', 1, 'FULLY_SPECIFIED', 0), (15, 161553, 'Rash', 'en', 1, 'FULLY_SPECIFIED', 0), (16, 119481, 'Diabetes mellitus', 'en', 1, 'FULLY_SPECIFIED', 0);
INSERT INTO concept_numeric VALUES (21, 10.5, 14, 'g/dL'), (5089, NULL, NULL, 'kg');
INSERT INTO concept_reference_source VALUES (1, 'LOINC', 0), (2, 'CIEL', 0), (3, 'SNOMED CT', 0), (4, 'must not be seen', 0);
INSERT INTO concept_reference_term VALUES (1, 1, 'Hemoglobin', '718-7', 0), (2, 2, NULL, '21', 0), (3, 4, NULL, 'must not be seen', 0), (4, 3, NULL, '112144000', 0), (5, 1, NULL, 'must not be seen', 1), (6, 3, NULL, '387458008', 0), (7, 3, NULL, '73211009', 0), (8, 1, NULL, '883-9', 0);
INSERT INTO concept_map_type VALUES (1, 'SAME-AS'), (2, 'NARROWER-THAN');
INSERT INTO concept_reference_map VALUES (1, 1, 1, 21), (2, 2, 1, 21), (3, 3, 1, 21), (4, 5, 1, 21), (5, 4, 1, 690), (6, 4, 2, 21), (7, 6, 1, 71617), (8, 7, 1, 119481), (9, 8, 1, 300);
INSERT INTO obs (obs_id, person_id, concept_id, encounter_id, obs_datetime, obs_group_id, value_coded, value_datetime, value_numeric, value_modifier, value_text, comments, status, interpretation, voided) VALUES
    (1, 7, 1271, 100, '2026-01-02 08:30:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'FINAL', NULL, 0),
    (2, 7, 21, 100, '2026-01-02 08:30:00', 1, NULL, NULL, 7.4, NULL, NULL, 'drawn fasting', 'FINAL', 'LOW', 0),
    (3, 7, 300, 100, '2026-01-02 08:30:00', 1, 690, NULL, NULL, NULL, NULL, NULL, 'AMENDED', NULL, 0),
    (4, 7, 5089, NULL, '2026-01-02 08:30:00', NULL, NULL, NULL, 71, '>', NULL, NULL, 'FINAL', NULL, 0),
    (5, 7, 1169, NULL, '2026-01-02 08:30:00', NULL, 703, NULL, NULL, NULL, NULL, NULL, 'FINAL', NULL, 0),
    (6, 7, 5085, NULL, '2026-01-02 08:30:00', NULL, NULL, NULL, NULL, NULL, 'Übel seit gestern; ''quoted''', NULL, 'FINAL', NULL, 0),
    (7, 7, 5086, NULL, '2026-01-02 08:30:00', NULL, NULL, '2026-02-03 00:00:00', NULL, NULL, NULL, NULL, 'FINAL', NULL, 0),
    (8, 7, 21, 100, '2026-01-02 08:30:00', 1, NULL, NULL, 1, NULL, NULL, 'must not be seen', 'FINAL', NULL, 1),
    (9, 8, 21, 102, '2026-01-02 08:30:00', 1, NULL, NULL, 2, NULL, NULL, 'must not be seen', 'FINAL', NULL, 0),
    (10, 9, 21, NULL, '2026-01-02 08:30:00', NULL, NULL, NULL, 3, NULL, NULL, 'must not be seen', 'FINAL', NULL, 0),
    (11, 7, 21, 102, '2026-01-02 08:30:00', NULL, NULL, NULL, 4, NULL, NULL, 'must not be seen', 'FINAL', NULL, 0),
    (12, 7, 5089, 101, '2026-01-02 08:30:00', NULL, NULL, NULL, 70, NULL, NULL, 'visit is voided', 'FINAL', NULL, 0);
INSERT INTO drug VALUES (1, 71617, 'Aspirin 81 mg', '81 mg');
INSERT INTO orders VALUES
    (1, 71617, 100, 7, 'NEW', 'ROUTINE', '2026-01-02 09:00:00', NULL, NULL, NULL, 0),
    (2, 71617, 100, 7, 'NEW', 'STAT', '2026-01-02 09:00:00', NULL, '2026-01-05 09:00:00', NULL, 0),
    (3, 21, 100, 7, 'NEW', 'ROUTINE', '2026-01-02 09:00:00', NULL, NULL, NULL, 0),
    (4, 71617, 100, 7, 'DISCONTINUE', 'ROUTINE', '2026-01-05 09:00:00', NULL, NULL, NULL, 0),
    (5, 71617, 100, 7, 'NEW', 'ROUTINE', '2026-01-05 09:00:00', NULL, NULL, NULL, 1);
INSERT INTO drug_order VALUES (1, 1, NULL, 1.5, 162553, 0, 160240, 30, 2, 'after meals'), (2, NULL, 'Home-made ointment', NULL, NULL, 1, NULL, NULL, NULL, 'as needed'),
    (4, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'must not be seen'), (5, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'must not be seen');
INSERT INTO allergy VALUES (1, 7, 121677, 71617, NULL, 'DRUG', 'since childhood', '2026-01-02 09:00:00', 0), (2, 7, NULL, 71617, 'must not be seen', 'OTHER', NULL, '2026-01-02 09:00:00', 1), (3, 7, NULL, 5085, 'Bee venom', 'OTHER', NULL, '2026-01-02 09:00:00', 0);
INSERT INTO allergy_reaction VALUES (1, 1, 161553, NULL), (2, 1, 5085, 'Swollen lips');
INSERT INTO conditions VALUES
    (1, 7, 100, 119481, NULL, 'ACTIVE', 'CONFIRMED', NULL, '2020-05-01 00:00:00', NULL, '2026-01-02 09:00:00', 0),
    (2, 7, NULL, NULL, 'Feels watched', 'INACTIVE', NULL, NULL, NULL, '2025-01-01 00:00:00', '2026-01-02 09:00:00', 0),
    (3, 7, NULL, 119481, 'must not be seen', 'ACTIVE', NULL, NULL, NULL, NULL, '2026-01-02 09:00:00', 1);
";

async fn openmrs() -> (crate::server::Server, Shape) {
    let server = mariadb::start().await;
    mariadb::fill(&server, include_str!("../../mappings/openmrs-2/schema.sql")).await;
    let url = mariadb::fill(&server, OPENMRS_ROWS).await;
    let shape = Shape::new(include_str!("../../mappings/openmrs-2/mapping.toml"), &url).await;
    (server, shape)
}

#[tokio::test]
async fn openmrs_should_become_fhir_when_rows_are_not_voided() {
    let (_server, openmrs) = openmrs().await;
    let patient = &openmrs.resources("7", "Patient").await[0];
    assert_eq!(
        patient["name"],
        json!([{ "use": "official", "given": ["Peter", "James"], "family": "Chalmers" }, { "given": ["Jim"], "family": "Chalmers" }])
    );
    assert_eq!(
        patient["identifier"],
        json!([
            { "type": { "text": "OpenMRS ID" }, "system": "https://hospital.example/openmrs-id", "value": "100GEJ" },
            { "type": { "text": "Old number" }, "value": "A-17" }
        ])
    );
    assert_eq!(
        (&patient["deceasedBoolean"], &patient["address"][0]["city"]),
        (&json!(false), &json!("Pleasant Ville"))
    );
    assert_eq!(openmrs.resources("8", "Patient").await[0]["deceasedDateTime"], "2026-02-01T10:00:00+03:00");
    for resource_type in openmrs.mapping.resource_types() {
        assert!(
            openmrs.resources("9", resource_type).await.is_empty(),
            "{resource_type} of a voided patient"
        );
    }
    let encounters = openmrs.all("7", "Encounter").await;
    assert_eq!(encounters.len(), 1);

    let observations = openmrs.all("7", "Observation").await;
    assert_eq!(observations.len(), 8);
    let haemoglobin = openmrs.with_text("7", "Observation", "Haemoglobin").await;
    assert_eq!(
        haemoglobin["valueQuantity"],
        json!({ "value": serde_json::from_str::<Value>("7.4").unwrap(), "unit": "g/dL" })
    );
    assert_eq!(
        haemoglobin["code"],
        json!({ "text": "Haemoglobin", "coding": [{ "system": "http://loinc.org", "code": "718-7", "display": "Hemoglobin" }, { "system": "https://cielterminology.org", "code": "21" }] })
    );
    assert_eq!(haemoglobin["interpretation"][0]["coding"][0]["code"], "L");
    assert_eq!(haemoglobin["referenceRange"][0]["low"]["value"].to_string(), "10.5");
    assert_eq!(haemoglobin["effectiveDateTime"], "2026-01-02T08:30:00+03:00");
    assert_eq!(haemoglobin["encounter"]["reference"], format!("Encounter/{}", encounters[0].id()));
    let typing = openmrs.with_text("7", "Observation", "Blood typing").await;
    assert_eq!(
        typing["valueCodeableConcept"],
        json!({ "text": "A positive", "coding": [{ "system": "http://snomed.info/sct", "code": "112144000" }] })
    );
    let members = &openmrs.with_text("7", "Observation", "Tests ordered").await["hasMember"];
    let id = |resource: &Value| json!({ "reference": format!("Observation/{}", resource["id"].as_str().unwrap()) });
    assert_eq!(members, &json!([id(&haemoglobin), id(&typing)]));
    let weight = openmrs.with_text("7", "Observation", "\"comparator\":\">\"").await;
    assert_eq!(weight["valueQuantity"], json!({ "value": 71, "comparator": ">", "unit": "kg" }));
    assert_eq!(openmrs.with_text("7", "Observation", "HIV status").await["meta"]["security"], label("HIV"));
    let text = openmrs.with_text("7", "Observation", "gestern").await;
    assert_eq!(text["valueString"], "Übel seit gestern; 'quoted'");
    assert!(openmrs
        .with_text("7", "Observation", "2026-02-03T00:00:00+03:00")
        .await
        .get("valueDateTime")
        .is_some());
    assert!(openmrs.with_text("7", "Observation", "visit is voided").await.get("encounter").is_none());

    let orders = openmrs.resources("7", "MedicationRequest").await;
    assert_eq!(orders.len(), 2);
    let aspirin = openmrs.with_text("7", "MedicationRequest", "after meals").await;
    assert_eq!(
        (&aspirin["status"], &aspirin["medicationCodeableConcept"]["text"]),
        (&json!("active"), &json!("Aspirin 81 mg"))
    );
    assert_eq!(aspirin["medicationCodeableConcept"]["coding"][0]["code"], "387458008");
    assert_eq!(aspirin["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"].to_string(), "1.5");
    assert_eq!(openmrs.with_text("7", "MedicationRequest", "ointment").await["status"], "stopped");
    let allergy = openmrs.with_text("7", "AllergyIntolerance", "since childhood").await;
    assert_eq!(
        allergy["reaction"],
        json!([{ "manifestation": [{ "text": "Rash" }] }, { "manifestation": [{ "text": "Swollen lips" }] }])
    );
    assert_eq!((&allergy["criticality"], &allergy["category"]), (&json!("high"), &json!(["medication"])));
    assert_eq!(openmrs.with_text("7", "AllergyIntolerance", "Bee venom").await.get("category"), None);
    let diabetes = openmrs.with_text("7", "Condition", "73211009").await;
    assert_eq!(diabetes["verificationStatus"]["coding"][0]["code"], "confirmed");
    assert_eq!(openmrs.with_text("7", "Condition", "watched").await["meta"]["security"], label("R"));
    openmrs.hides("7").await;
}

#[tokio::test]
async fn openmrs_check_should_name_file_and_line_when_something_does_not_fit() {
    let (server, openmrs) = openmrs().await;
    assert_eq!(openmrs.errors().await, Vec::<String>::new());
    // An index on the flag that every query names leads to no patient.
    mariadb::fill(&server, "ALTER TABLE obs DROP KEY person_obs; CREATE INDEX flag ON obs (voided)").await;
    let found = openmrs.errors().await;
    assert!(
        !found.is_empty() && found.iter().all(|error| error.contains("scans the whole of `obs`")),
        "{found:?}"
    );
    let line = line_of(include_str!("../../mappings/openmrs-2/mapping.toml"), "table = \"obs\"") - 2;
    assert!(found[0].starts_with(&format!("mapping.toml:{line}: error: ")), "{found:?}");
    mariadb::fill(&server, "CREATE INDEX person_obs ON obs (person_id, voided); ALTER TABLE conditions MODIFY clinical_status BLOB; \
        ALTER TABLE allergy MODIFY voided VARCHAR(5) NOT NULL; ALTER TABLE encounter MODIFY location_id VARCHAR(9)").await;
    let found = openmrs.errors().await;
    for words in [
        "column `clinical_status`: the column holds bytes",
        "column `voided`: the column holds text: write what it is compared with in quotes",
        "a column of whole numbers is compared with one of text",
    ] {
        assert!(found.iter().any(|error| error.contains(words)), "{words}: {found:?}");
    }
}

const LEGACY_ROWS: &str = "
INSERT INTO T_PAT VALUES ('000123', 'Müller', 'Anna Lena', '05.01.1974', 'W', '0761 12', NULL), ('000124', 'must not be seen', NULL, '19800229', 'M', NULL, NULL),
    ('000125', NULL, NULL, '19800229', 'Q', NULL, NULL), ('000126', 'must not be seen', NULL, NULL, NULL, NULL, 'X');
INSERT INTO T_LIST VALUES ('WARD', '3A', 'Internal medicine', NULL, NULL, '0'), ('WARD', '9P', 'Psychiatry', NULL, NULL, '1'),
    ('LAB', 'HB', 'Haemoglobin', 'L', '718-7', '0'), ('LAB', 'HIV', 'HIV test', 'L', '5221-7', '2'), ('LAB', 'BG', 'Blood group', NULL, NULL, '0'),
    ('RES', 'AP', 'A positive', 'S', '112144000', NULL), ('RES', 'HB', 'must not be seen', NULL, NULL, NULL),
    ('MED', 'ASS', 'Aspirin', 'A', 'B01AC06', '0'), ('ICD', 'I10', 'Hypertension', 'I', 'I10', '0'), ('ICD', 'F32', 'Depression', 'I', 'F32', '1');
INSERT INTO T_FALL VALUES (1, '000123', 'S', '20260101', '0805', '20260105', '1200', '3A', NULL), (2, '000123', 'A', '20260301', NULL, NULL, NULL, '9P', NULL),
    (3, '000124', 'A', '20260301', NULL, NULL, NULL, 'must not be seen', NULL), (4, '000123', 'A', '20260301', NULL, NULL, NULL, 'must not be seen', 'X');
INSERT INTO T_LAB VALUES (1, 1, 'HB', '7.40', NULL, 'g/dl', 'L', 'F', '20260102', '830', NULL), (2, 1, 'HB', '<5', NULL, 'g/dl', 'LL', 'F', '20260102', NULL, NULL),
    (3, 1, 'BG', NULL, 'AP', NULL, NULL, 'F', '20260102', '0830', NULL), (4, 1, 'HIV', NULL, 'pos', NULL, NULL, 'V', '20260102', '0830', NULL),
    (5, 1, 'NEU', '1', NULL, 'Stk', NULL, 'F', '20260102', '0830', NULL), (6, 3, 'HB', '9', 'must not be seen', NULL, NULL, 'F', '20260102', '0830', NULL),
    (7, 1, 'HB', '9', 'must not be seen', NULL, NULL, 'F', '20260102', '0830', 'X'), (8, 4, 'HB', '9', 'must not be seen', NULL, NULL, 'F', '20260102', '0830', NULL),
    (9, 1, 'HB', 'lipaemic', NULL, 'g/dl', NULL, 'F', '20261399', '0830', NULL);
INSERT INTO T_DIAG VALUES (1, 1, 'I10', NULL, 'G', '02.01.2026', NULL), (2, 1, 'F32', 'Depression, mild', 'V', '02.01.2026', NULL), (3, 1, 'Z99', 'Not in the list', 'G', NULL, NULL);
INSERT INTO T_VO VALUES (7, 1, '000123', 'ASS', NULL, '1-0-0', 'A', '20260103'), (7, 2, '000123', NULL, 'Ointment', '0-0-1', 'X', '20260103');
INSERT INTO T_ALG VALUES (1, '000123', 'Penicillin', '2', NULL), (2, '000123', 'must not be seen', '1', 'X');
INSERT INTO T_BRF VALUES (1, '000123', 'Discharge', 'Dear colleague', 'J', '202601051200', NULL), (2, '000123', 'Session', 'Confided', NULL, '202601051200', NULL);
";

async fn legacy(folder: &tempfile::TempDir, more: &str) -> Shape {
    let schema = include_str!("../../mappings/legacy/schema.sql");
    let url = sqlite::made(folder, &format!("{schema}{LEGACY_ROWS}{more}")).await;
    Shape::new(include_str!("../../mappings/legacy/mapping.toml"), &url).await
}

#[tokio::test]
async fn legacy_should_become_fhir_when_dates_and_codes_are_text() {
    let folder = tempfile::tempdir().unwrap();
    let legacy = legacy(&folder, "").await;
    let patient = &legacy.resources("000123", "Patient").await[0];
    assert_eq!(
        (&patient["birthDate"], &patient["name"][0]["text"]),
        (&json!("1974-01-05"), &json!("Anna Lena Müller"))
    );
    assert_eq!(legacy.resources("000125", "Patient").await[0]["birthDate"], "1980-02-29");
    assert!(legacy.resources("000126", "Patient").await.is_empty());
    assert!(legacy.resources("123", "Patient").await.is_empty());
    let stay = legacy.with_text("000123", "Encounter", "Internal medicine").await;
    assert_eq!(
        stay["period"],
        json!({ "start": "2026-01-01T08:05:00+01:00", "end": "2026-01-05T12:00:00+01:00" })
    );
    let open = legacy.with_text("000123", "Encounter", "Psychiatry").await;
    assert_eq!(
        (&open["period"]["start"], &open["status"], &open["meta"]["security"]),
        (&json!("2026-03-01"), &json!("in-progress"), &label("PSY"))
    );
    let all = legacy.resources("000123", "Observation").await;
    assert_eq!(all.len(), 6);
    let haemoglobin = legacy.with_text("000123", "Observation", "7.40").await;
    assert_eq!(
        haemoglobin["valueQuantity"].to_string(),
        r#"{"code":"g/dL","system":"http://unitsofmeasure.org","unit":"g/dl","value":7.40}"#
    );
    assert_eq!(haemoglobin["effectiveDateTime"], "2026-01-02T08:30:00+01:00");
    assert_eq!(haemoglobin["code"]["coding"][0], json!({ "system": "http://loinc.org", "code": "718-7" }));
    assert_eq!(legacy.with_text("000123", "Observation", "\"<\"").await["effectiveDateTime"], "2026-01-02");
    let group = legacy.with_text("000123", "Observation", "A positive").await;
    assert_eq!(group["valueCodeableConcept"]["coding"][0]["code"], "112144000");
    let hiv = legacy.with_text("000123", "Observation", "HIV test").await;
    assert_eq!((&hiv["meta"]["security"], &hiv["valueString"]), (&label("HIV"), &json!("pos")));
    let unknown = legacy.with_text("000123", "Observation", "NEU").await;
    assert_eq!(
        (&unknown["meta"]["security"], &unknown["valueQuantity"]["unit"]),
        (&label("R"), &json!("Stk"))
    );
    let bad = all.iter().find(|resource| resource.to_string().contains("_value")).unwrap();
    assert_eq!(bad["_effectiveDateTime"]["extension"][0]["valueCode"], "error");
    assert_eq!(legacy.with_text("000123", "Condition", "mild").await["meta"]["security"], label("PSY"));
    assert_eq!(
        legacy.with_text("000123", "Condition", "Not in the list").await["meta"]["security"],
        label("R")
    );
    assert_eq!(
        legacy.with_text("000123", "MedicationRequest", "Aspirin").await["medicationCodeableConcept"]
            ["coding"][0]["code"],
        "B01AC06"
    );
    assert_eq!(legacy.resources("000123", "AllergyIntolerance").await.len(), 1);
    let letters = legacy.all("000123", "DocumentReference").await;
    assert_eq!(letters.iter().filter(|letter| letter.withheld).count(), 1);
    assert_eq!(
        letters.iter().find(|letter| !letter.withheld).unwrap().resource["date"],
        "2026-01-05T12:00:00+01:00"
    );
    legacy.hides("000123").await;
}

#[tokio::test]
async fn legacy_check_should_count_codes_and_see_scans() {
    let folder = tempfile::tempdir().unwrap();
    let series = "WITH RECURSIVE n(value) AS (SELECT 100 UNION ALL SELECT value + 1 FROM n WHERE value < 111) INSERT INTO T_VO SELECT value, 1, '000124', NULL, 'x', NULL, 'Z', NULL FROM n;";
    let legacy = legacy(&folder, series).await;
    assert_eq!(legacy.errors().await, Vec::<String>::new());
    let notes = legacy.notes().await;
    let status = notes.iter().find(|note| note.contains("column `ST`")).unwrap();
    assert!(
        status.contains("the map lacks 1 of its values, in 12 rows (\"Z\" 12 times); the element is marked"),
        "{status}"
    );
    let line = line_of(
        include_str!("../../mappings/legacy/mapping.toml"),
        "status = { column = \"ST\", map = { A = \"active\", B = \"completed\", X = \"stopped\" } }",
    );
    assert!(status.starts_with(&format!("mapping.toml:{line}: note: ")), "{status}");
    let ward = notes.iter().find(|note| note.contains("column `VT`")).unwrap();
    assert!(ward.contains("the rows are restricted"), "{ward}");

    let folder = tempfile::tempdir().unwrap();
    let scanning = self::legacy(&folder, "DROP INDEX I_VO_PNR; CREATE INDEX I_VO_ST ON T_VO (ST);").await;
    let found = scanning.errors().await;
    assert!(found.len() == 1 && found[0].contains("scans the whole of `T_VO`"), "{found:?}");
}

/// A database that gives rows of others, whatever it is asked.
#[tokio::test]
async fn rows_of_others_should_be_dropped_when_a_view_ignores_what_it_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    // Compared with anything, the patient's column of this view seems equal: a collation can do that.
    let hostile = "CREATE TABLE LIAR (ID INTEGER PRIMARY KEY, PNR TEXT COLLATE NOCASE, TX TEXT); INSERT INTO LIAR VALUES (1, 'abc', 'own'), (2, 'ABC', 'of another');";
    let url = sqlite::made(&folder, hostile).await;
    let mapping = "version = 1\n[[resource]]\ntype = \"Observation\"\ntable = \"LIAR\"\nkey = \"ID\"\npatient = \"PNR\"\n[resource.elements]\nstatus = \"final\"\n\"code.text\" = { column = \"TX\" }\n";
    let shape = Shape::new(mapping, &url).await;
    let found = shape.resources("abc", "Observation").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["code"]["text"], "own");
    let answer = exercise::try_records(&shape.database, &shape.mapping, "", "Observation", 10).await;
    assert!(matches!(answer, Err(FetchError::RecordNumber { .. })));
}
