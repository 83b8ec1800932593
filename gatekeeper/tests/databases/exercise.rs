//! What must hold on every database.

use std::{path::Path, time::Duration};

use medrec_gatekeeper::{
    fetch::{fetch, Database, FetchError, Options, Pseudonyms, Record},
    mapping::{Mapping, Severity},
};
use medrec_primitives::RelationshipId;
use serde_json::{json, Value};

const RELATIONSHIP: RelationshipId = RelationshipId::new(0, 3);

fn block(language: &str, last: bool) -> String {
    let text = include_str!("../../../docs/mapping.md");
    let fence = format!("```{language}\n");
    let blocks: Vec<_> =
        text.split(fence.as_str()).skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    if last { blocks.last() } else { blocks.first() }.unwrap().to_string()
}

/// The mapping of the documentation.
pub fn mapping() -> Mapping {
    Mapping::from_toml(&block("toml", true), Path::new("mapping.toml")).unwrap()
}

/// The SQL for a role that only reads, as `docs/databases.md` has it.
pub fn role(database: &str) -> String {
    let text = include_str!("../../../docs/databases.md");
    let (_, rest) = text.split_once(&format!("```sql {database}\n")).unwrap();
    rest.split_once("\n```").unwrap().0.to_owned()
}

/// What nobody may do under that role.
pub const WRITING: &[&str] = &[
    "INSERT INTO note(note_id) VALUES (99)",
    "UPDATE patient SET last_name = 'x'",
    "DELETE FROM visit",
    "DROP TABLE note",
    "CREATE TABLE own (id INTEGER)",
    "CREATE INDEX own ON note(title)",
];

/// Statements that make the documentation's schema and fill it with three patients, two of whose numbers differ in case only.
pub fn statements() -> Vec<String> {
    let schema = block("sql", true);
    let mut statements: Vec<String> =
        schema.split(';').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    let rows = [
        "patient VALUES ('A1', 'Chalmers', 'Peter', 'James', '1974-12-25', 'M', '+61 3 5555 6473', '2026-01-02 10:00:00')",
        "patient VALUES ('a1', 'Other', 'Person', NULL, '1980-01-01', 'F', NULL, '2026-01-02 10:00:00')",
        "patient VALUES ('B2', 'O''Neil', 'Zoë', '', NULL, 'Q', NULL, NULL)",
        "visit VALUES (1, 'A1', 'I', 'PSYCH', '2026-01-01 08:00:00', '2026-01-05 12:00:00', 'D')",
        "visit VALUES (2, 'A1', 'A', 'CARDIO', '2026-03-29 02:30:00', NULL, 'O')",
        "visit VALUES (3, 'a1', 'A', 'CARDIO', '2026-02-01 08:00:00', NULL, 'O')",
        "lab_order VALUES (10, 'A1', 1, 'Dr. Meyer', 'LAB')",
        "lab_order VALUES (11, 'a1', 3, 'Dr. Secret', 'LAB')",
        "lab_order VALUES (12, 'A1', 3, 'Dr. Mixed-up', 'LAB')",
        "lab_result VALUES (100, 10, '718-7', 'Hemoglobin', 'NM', '7.40', 'g/dL', 'F', '2026-01-02 08:30:00', 'N')",
        "lab_result VALUES (101, 10, '2951-2', 'Sodium', 'NM', '<5', 'mmol/L', 'F', '2026-07-02 08:30:00', 'P')",
        "lab_result VALUES (102, 10, '883-9', 'Blood group', 'ST', 'A positive', NULL, 'F', '2026-01-02 08:30:00', NULL)",
        "lab_result VALUES (103, 10, '1-1', 'Unknown state', 'ST', 'x', NULL, 'Z', '2026-01-02 08:30:00', 'N')",
        "lab_result VALUES (104, 10, '1-2', 'Deleted', 'ST', 'must not be seen', NULL, 'D', '2026-01-02 08:30:00', 'N')",
        "lab_result VALUES (105, 11, '1-3', 'Of another', 'ST', 'must not be seen', NULL, 'F', '2026-01-02 08:30:00', 'N')",
        "lab_result VALUES (106, 12, '1-4', 'Stay of another', 'ST', 'must not be seen', NULL, 'F', '2026-01-02 08:30:00', 'N')",
        "lab_result VALUES (107, 10, '1-5', 'Not a number', 'NM', 'haemolysed', 'g/dL', 'F', '2026-01-02 08:30:00', 'N')",
        "lab_component VALUES (100, 2, '1-7', 5.4, 'mg')",
        "lab_component VALUES (100, 1, '1-6', 12.0625, 'mg')",
        "lab_component VALUES (105, 1, '1-8', 99, 'must not be seen')",
        "prescription VALUES (7, 1, 'A1', 'Aspirin 100 mg', '1191', 'one a day', 'A', '2026-01-03', 'Dr. Meyer')",
        "prescription VALUES (7, 2, 'A1', 'Home-made ointment', NULL, 'as needed', 'S', '2026-01-03', 'Dr. Meyer')",
        "note VALUES (1, 'A1', 'PROGRESS', 'Progress', 'Feels better. Müde.', '2026-01-04 09:00:00')",
        "note VALUES (2, 'A1', 'PSYCH', 'Session', 'Confided', '2026-01-04 10:00:00')",
    ];
    statements.extend(rows.map(|row| format!("INSERT INTO {row}")));
    statements
}

async fn records(database: &Database, record_number: &str, resource_type: &str) -> Vec<Record> {
    try_records(database, &mapping(), record_number, resource_type, 100).await.unwrap()
}

pub async fn try_records(
    database: &Database,
    mapping: &Mapping,
    record_number: &str,
    resource_type: &str,
    limit: u32,
) -> Result<Vec<Record>, FetchError> {
    fetch(database, mapping, record_number, resource_type, &Pseudonyms::new([1; 32]), RELATIONSHIP, limit)
        .await
}

fn by_name<'a>(records: &'a [Record], name: &str) -> &'a Value {
    let found = records.iter().find(|record| record.resource["code"]["text"] == name);
    &found.unwrap_or_else(|| panic!("no {name}")).resource
}

/// A round trip through every table, and everything that must not come back.
pub async fn round_trip(database: &Database, exact_decimals: bool) {
    let patient = records(database, "A1", "Patient").await;
    assert_eq!(patient.len(), 1);
    assert_eq!(
        patient[0].resource,
        json!({
            "resourceType": "Patient", "id": "r0-3", "active": true, "gender": "male", "birthDate": "1974-12-25",
            "meta": { "lastUpdated": "2026-01-02T10:00:00+01:00" },
            "identifier": [{ "use": "usual", "system": "urn:oid:2.16.840.1.113883.19.5", "value": "A1" }],
            "name": [{ "use": "official", "family": "Chalmers", "given": ["Peter", "James"], "text": "Peter Chalmers" }],
            "telecom": [{ "system": "phone", "value": "+61 3 5555 6473" }]
        })
    );
    let other = &records(database, "B2", "Patient").await[0].resource;
    assert_eq!(
        (&other["name"][0]["given"], &other["name"][0]["family"]),
        (&json!(["Zoë"]), &json!("O'Neil"))
    );
    assert_eq!(other["gender"], "unknown");
    assert!(
        other.get("birthDate").is_none() && other.get("telecom").is_none() && other.get("meta").is_none()
    );

    let visits = records(database, "A1", "Encounter").await;
    assert_eq!(visits.len(), 2);
    let stay = visits.iter().find(|visit| visit.resource["status"] == "finished").unwrap();
    assert_eq!(
        stay.resource["period"],
        json!({ "start": "2026-01-01T08:00:00+01:00", "end": "2026-01-05T12:00:00+01:00" })
    );
    assert_eq!(stay.resource["meta"]["security"][0]["code"], "PSY");
    assert_eq!(stay.attributes.dates.len(), 2);
    let open = visits.iter().find(|visit| visit.resource["status"] == "in-progress").unwrap();
    assert_eq!(open.resource["period"], json!({ "start": "2026-03-29" }));

    let results = records(database, "A1", "Observation").await;
    assert_eq!(results.len(), 5);
    let text =
        serde_json::to_string(&results.iter().map(|record| &record.resource).collect::<Vec<_>>()).unwrap();
    assert!(!text.contains("must not be seen") && !text.contains("Secret"), "{text}");
    let hemoglobin = by_name(&results, "Hemoglobin");
    assert_eq!(
        hemoglobin["valueQuantity"].to_string(),
        r#"{"code":"g/dL","system":"http://unitsofmeasure.org","unit":"g/dL","value":7.40}"#
    );
    assert_eq!(hemoglobin["effectiveDateTime"], "2026-01-02T08:30:00+01:00");
    assert_eq!(hemoglobin["encounter"]["reference"], format!("Encounter/{}", stay.id()));
    assert_eq!(hemoglobin["subject"]["reference"], "Patient/r0-3");
    assert_eq!(hemoglobin["performer"], json!([{ "display": "Dr. Meyer" }]));
    assert!(hemoglobin.get("meta").is_none() && hemoglobin.get("valueString").is_none());
    let parts: Vec<String> = hemoglobin["component"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["valueQuantity"]["value"].to_string())
        .collect();
    assert_eq!(parts, if exact_decimals { ["12.0625", "5.4000"] } else { ["12.0625", "5.4"] });
    let sodium = by_name(&results, "Sodium");
    assert_eq!(
        (&sodium["valueQuantity"]["comparator"], &sodium["valueQuantity"]["value"]),
        (&json!("<"), &json!(5))
    );
    assert_eq!(sodium["effectiveDateTime"], "2026-07-02T08:30:00+02:00");
    assert_eq!(
        sodium["meta"]["security"],
        json!([{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY" }])
    );
    let restricted =
        json!([{ "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R" }]);
    let group = by_name(&results, "Blood group");
    assert_eq!((&group["valueString"], &group["meta"]["security"]), (&json!("A positive"), &restricted));
    assert!(group.get("valueQuantity").is_none());
    let unmapped = by_name(&results, "Unknown state");
    assert_eq!(unmapped["_status"]["extension"][0]["valueCode"], "unsupported");
    assert_eq!(unmapped["meta"]["security"], restricted);
    let malformed = by_name(&results, "Not a number");
    assert_eq!(malformed["valueQuantity"]["_value"]["extension"][0]["valueCode"], "error");

    let prescriptions = records(database, "A1", "MedicationRequest").await;
    assert_eq!(prescriptions.len(), 2);
    let ointment = prescriptions.iter().find(|record| record.resource["status"] == "stopped").unwrap();
    assert_eq!(ointment.resource["medicationCodeableConcept"], json!({ "text": "Home-made ointment" }));
    assert_eq!(ointment.attributes.dates[0].to_string(), "2026-01-03");

    let notes = records(database, "A1", "DocumentReference").await;
    assert_eq!(notes.iter().filter(|note| note.withheld).count(), 1);
    let shown = notes.iter().find(|note| !note.withheld).unwrap();
    assert_eq!(shown.resource["content"][0]["attachment"]["data"], "RmVlbHMgYmV0dGVyLiBNw7xkZS4=");
    let withheld = notes.iter().find(|note| note.withheld).unwrap();
    assert_eq!(withheld.ground.as_deref(), Some("45 CFR 164.524(a)(1)(i)"));
}

/// Record numbers that are none, or nearly one.
pub async fn strange_record_numbers(database: &Database) {
    for resource_type in ["Patient", "Encounter", "Observation", "MedicationRequest", "DocumentReference"] {
        for number in [
            "A1' OR '1'='1",
            "A1'; DROP TABLE patient; --",
            "' UNION SELECT * FROM patient --",
            "\" OR 1=1 --",
            "` OR 1=1 #",
            "%",
            "_1",
            "A1 ",
            " A1",
            "Á1",
            "A1\\",
            "$1",
            "?",
            ":mrn",
            "{mrn}",
            "A1/**/",
            "0",
            "1 OR 1=1",
            "NULL",
            "\u{feff}A1",
            "A1\u{200b}",
        ] {
            let found = records(database, number, resource_type).await;
            assert!(found.is_empty(), "{resource_type} {number:?}");
        }
    }
    assert_eq!(records(database, "a1", "Patient").await[0].resource["name"][0]["family"], "Other");
    assert_eq!(records(database, "a1", "Encounter").await.len(), 1);
    assert_eq!(records(database, "a1", "Observation").await.len(), 1);
    // All tables are still there.
    assert_eq!(records(database, "A1", "Observation").await.len(), 5);
}

pub async fn limits(database: &Database) {
    let answer = try_records(database, &mapping(), "A1", "Observation", 2).await;
    assert!(matches!(answer, Err(FetchError::TooMany { limit: 2, .. })), "{answer:?}");
    let answer = try_records(database, &mapping(), "A1", "Condition", 2).await;
    assert!(matches!(answer, Err(FetchError::NotMapped)), "{answer:?}");
    for empty in ["", " ", "A\u{0}1"] {
        let answer = try_records(database, &mapping(), empty, "Patient", 2).await;
        assert!(matches!(answer, Err(FetchError::RecordNumber { .. })), "{answer:?}");
    }
}

fn minimal(table: &str, column: &str, more: &str) -> Mapping {
    let text = format!(
        "version = 1\n[[resource]]\ntype = \"Observation\"\ntable = \"{table}\"\nkey = \"{column}\"\npatient = \"mrn\"\n{more}\n[resource.elements]\nstatus = \"final\"\n\"code.text\" = {{ column = \"mrn\" }}\n"
    );
    Mapping::from_toml(&text, Path::new("mapping.toml")).unwrap()
}

/// What `check` says of the account's rights.
pub async fn rights(database: &Database) -> Vec<String> {
    errors(&mapping(), database).await
}

async fn errors(mapping: &Mapping, database: &Database) -> Vec<String> {
    let findings = mapping.check(database).await;
    findings.iter().filter(|finding| finding.severity == Severity::Error).map(ToString::to_string).collect()
}

/// `check` finds nothing wrong with the documentation's mapping, and says what is wrong with others.
pub async fn check(database: &Database) {
    assert_eq!(errors(&mapping(), database).await, Vec::<String>::new());
    let missing = errors(&minimal("no_such_table", "id", ""), database).await;
    assert!(
        missing[0].starts_with("mapping.toml:2: error: there is no table `no_such_table`"),
        "{missing:?}"
    );
    let missing = errors(&minimal("visit", "no_such_column", ""), database).await;
    assert!(missing[0].contains("table `visit` has no column `no_such_column`"), "{missing:?}");
    let join = "[[resource.join]]\ntable = \"visit\"\non = { ward = \"ward\" }\n";
    let joined = errors(
        &minimal(
            "visit",
            "visit_id",
            &join.replace("table = \"visit\"", "name = \"same\"\ntable = \"visit\""),
        ),
        database,
    )
    .await;
    assert!(joined[0].contains("scans the whole of"), "{joined:?}");
    let by_other = minimal("visit", "visit_id", "").resources().len();
    assert_eq!(by_other, 1);
    let scanning = "version = 1\n[[resource]]\ntype = \"Observation\"\ntable = \"visit\"\nkey = \"visit_id\"\npatient = \"ward\"\n[resource.elements]\nstatus = \"final\"\n\"code.text\" = { column = \"mrn\" }\n";
    let mapping = Mapping::from_toml(scanning, Path::new("mapping.toml")).unwrap();
    let scans = errors(&mapping, database).await;
    assert!(scans.len() == 1 && scans[0].contains("add an index"), "{scans:?}");
    let allowed = scanning.replace("key =", "allow_scan = true\nkey =");
    let mapping = Mapping::from_toml(&allowed, Path::new("mapping.toml")).unwrap();
    assert_eq!(errors(&mapping, database).await, Vec::<String>::new());
}

/// A view `slow(id, mrn)` that takes for ever, and a view `writing(id, mrn)` that would write.
pub async fn slow_and_writing(database: &Database, writing: bool) {
    let begin = std::time::Instant::now();
    let answer = try_records(database, &minimal("slow", "id", ""), "A1", "Observation", 10).await;
    assert!(answer.as_ref().is_err_and(FetchError::is_passing), "{answer:?}");
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    if writing {
        let answer = try_records(database, &minimal("writing", "id", ""), "A1", "Observation", 10).await;
        assert!(
            matches!(&answer, Err(FetchError::Database(error)) if error.to_string().to_lowercase().contains("read")),
            "{answer:?}"
        );
    }
    // The pool still serves.
    assert_eq!(records(database, "A1", "Encounter").await.len(), 2);
}

/// A restart under the pool: failures in between say that they pass, and the pool serves again afterwards.
pub async fn restart(
    database: &Database,
    server: &mut crate::server::Server,
    ready: impl AsyncFn(&Path) -> bool,
) {
    assert_eq!(records(database, "A1", "Encounter").await.len(), 2);
    server.stop();
    for _ in 0..2 {
        let answer = try_records(database, &mapping(), "A1", "Encounter", 10).await;
        assert!(answer.as_ref().is_err_and(FetchError::is_passing), "{answer:?}");
    }
    server.start_again(ready).await;
    for _ in 0..4 {
        assert_eq!(records(database, "A1", "Encounter").await.len(), 2);
    }
}

/// For what may take its time on a busy machine.
pub fn patient_options() -> Options {
    Options { timeout: Duration::from_secs(60), ..options() }
}

pub fn options() -> Options {
    Options { timeout: Duration::from_secs(3), max_connections: 2 }
}

/// A join that finds two rows is a fault, not two records, and `check` says so; as of a key that names none, and one that is NULL.
pub async fn ambiguous_join(database: &Database) {
    let join = "[[resource.join]]\nname = \"o\"\ntable = \"lab_order\"\non = { mrn = \"mrn\" }\n";
    let answer = try_records(database, &minimal("visit", "visit_id", join), "A1", "Observation", 100).await;
    assert!(matches!(answer, Err(FetchError::DuplicateKey { .. })), "{answer:?}");
    let scans = "allow_scan = true\n";
    let joined = errors(&minimal("visit", "visit_id", &format!("{scans}{join}")), database).await;
    assert!(
        joined.len() == 1 && joined[0].contains("since the join with `lab_order` finds several"),
        "{joined:?}"
    );
    let part = errors(&minimal("visit", "mrn", scans), database).await;
    assert!(part.len() == 1 && part[0].contains("since `key` does not name a row of `visit`"), "{part:?}");
}

pub async fn everything(database: &Database, exact_decimals: bool) {
    database.ping().await.unwrap();
    round_trip(database, exact_decimals).await;
    strange_record_numbers(database).await;
    limits(database).await;
    check(database).await;
    ambiguous_join(database).await;
}
