//! A foreign FHIR server as the source. The server here is the test's own: small and strict, it serves HL7's examples over HTTP, and in
//! other folders it misbehaves in one way each.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{Path as Segments, Query, State},
    http::{header, HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
    Json, Router,
};
use medrec_gatekeeper::{
    fetch::{Database, FetchError, Options, Pseudonyms, Record},
    mapping::Mapping,
};
use medrec_primitives::RelationshipId;
use serde_json::{json, Value};

use crate::{exercise, hl7};

const RELATIONSHIP: RelationshipId = RelationshipId::new(0, 3);
const TYPES: &[&str] = &[
    "Patient",
    "AllergyIntolerance",
    "CarePlan",
    "Condition",
    "DiagnosticReport",
    "Encounter",
    "Immunization",
    "MedicationRequest",
    "Observation",
    "Procedure",
];
/// Resources on a page, whatever is asked.
const PAGE: usize = 7;

struct Records {
    examples: Vec<Value>,
    address: SocketAddr,
}

type Shared = State<Arc<Records>>;

fn answer(value: Value) -> Response {
    ([(header::CONTENT_TYPE, "application/fhir+json")], value.to_string()).into_response()
}

fn allowed(headers: &HeaderMap) -> bool {
    let is = |name, wanted: &str| headers.get(name).and_then(|value| value.to_str().ok()) == Some(wanted);
    is(header::AUTHORIZATION, "Bearer s3cret") && is(header::ACCEPT, "application/fhir+json")
}

async fn metadata(headers: HeaderMap, Segments(way): Segments<String>) -> Response {
    if !allowed(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let resource = |name: &&str| {
        json!({ "type": name, "interaction": [{ "code": "read" }, { "code": "search-type" }],
                "searchParam": [{ "name": "patient", "type": "reference" }, { "name": "identifier", "type": "token" }] })
    };
    let resources: Vec<Value> =
        TYPES.iter().filter(|name| way != "poor" || **name != "Condition").map(resource).collect();
    let version = if way == "old" { "3.0.2" } else { "4.0.1" };
    answer(
        json!({ "resourceType": "CapabilityStatement", "fhirVersion": version, "rest": [{ "mode": "server", "resource": resources }] }),
    )
}

async fn read(
    State(records): Shared,
    headers: HeaderMap,
    Segments((way, kind, id)): Segments<(String, String, String)>,
) -> Response {
    if !allowed(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if way == "swapping" {
        return answer(json!({ "resourceType": "Patient", "id": "another", "gender": "male" }));
    }
    match records.examples.iter().find(|value| value["resourceType"] == *kind && value["id"] == *id) {
        Some(found) => answer(found.clone()),
        None => (StatusCode::NOT_FOUND, Json(json!({ "resourceType": "OperationOutcome" }))).into_response(),
    }
}

async fn search(
    State(records): Shared,
    headers: HeaderMap,
    Segments((way, kind)): Segments<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if !allowed(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let base = format!("http://{}/{way}", records.address);
    let bundle = |entries: Vec<Value>, next: Option<String>| {
        let link: Vec<Value> =
            next.into_iter().map(|url| json!({ "relation": "next", "url": url })).collect();
        answer(json!({ "resourceType": "Bundle", "type": "searchset", "link": link, "entry": entries }))
    };
    match way.as_str() {
        "slow" => tokio::time::sleep(Duration::from_secs(30)).await,
        "failing" => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "redirecting" => {
            return (
                StatusCode::FOUND,
                [(header::LOCATION, format!("http://{}/fhir/{kind}", records.address))],
            )
                .into_response()
        }
        "huge" => {
            return answer(
                json!({ "resourceType": "Bundle", "type": "searchset", "junk": "x".repeat(40_000_000) }),
            )
        }
        "endless" => {
            let page: usize = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(0);
            return bundle(Vec::new(), Some(format!("{base}/{kind}?page={}", (page + 1) % 3)));
        }
        "luring" => {
            return bundle(
                Vec::new(),
                Some(format!("http://localhost:{}/fhir/{kind}", records.address.port())),
            )
        }
        "leaving" => return bundle(Vec::new(), Some(format!("http://{}/other/{kind}", records.address))),
        "babbling" => {
            return ([(header::CONTENT_TYPE, "application/json")], "{\"resourceType\":").into_response()
        }
        "erring" => return answer(json!({ "resourceType": "OperationOutcome" })),
        _ => {}
    }
    let patient = query.get("patient").map(String::as_str).unwrap_or_default();
    let token = query.get("identifier").and_then(|token| token.split_once('|'));
    let matches = |value: &&Value| {
        let own = value["subject"]["reference"] == *patient || value["patient"]["reference"] == *patient;
        let named = token.is_some_and(|(system, number)| {
            value["identifier"].as_array().is_some_and(|all| {
                all.iter().any(|identifier| identifier["system"] == *system && identifier["value"] == *number)
            })
        });
        value["resourceType"] == *kind && (way == "careless" || own || named)
    };
    let found: Vec<&Value> = records.examples.iter().filter(matches).collect();
    let page: usize = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let mut entries: Vec<Value> = found
        .iter()
        .skip(page * PAGE)
        .take(PAGE)
        .map(|value| json!({ "resource": value, "search": { "mode": "match" } }))
        .collect();
    let included = json!({ "resourceType": "Patient", "id": "must-not-be-seen" });
    entries.push(json!({ "resource": included, "search": { "mode": "include" } }));
    let more = (page + 1) * PAGE < found.len();
    bundle(entries, more.then(|| format!("{base}/{kind}?patient={patient}&page={}", page + 1)))
}

/// A server, and a file with credentials for it.
async fn start() -> (SocketAddr, tempfile::TempDir) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let records = Arc::new(Records { examples: hl7::examples(), address });
    let router = Router::new()
        .route("/{way}/metadata", get(metadata))
        .route("/{way}/{kind}", get(search))
        .route("/{way}/{kind}/{id}", get(read))
        .with_state(records);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "Bearer s3cret\n").unwrap();
    (address, folder)
}

fn mapping(patient: &str, unlabelled: &str) -> Mapping {
    let mut text =
        format!("version = 1\n[upstream]\npatient = \"{patient}\"\nunlabelled = \"{unlabelled}\"\n");
    for name in TYPES {
        text.push_str(&format!("[[upstream.resource]]\ntype = \"{name}\"\n"));
    }
    Mapping::from_toml(&text, Path::new("upstream.toml")).unwrap()
}

async fn connect(address: SocketAddr, folder: &tempfile::TempDir, way: &str) -> Result<Database, FetchError> {
    let options = Options { timeout: Duration::from_secs(3), max_connections: 2 };
    let credentials = folder.path().join("token");
    Database::connect_upstream(&format!("fhir+http://{address}/{way}"), Some(&credentials), options).await
}

async fn records(database: &Database, number: &str, resource_type: &str) -> Result<Vec<Record>, FetchError> {
    exercise::try_records(database, &mapping("id", "open"), number, resource_type, 500).await
}

/// Without what does not come through: addresses of attachments.
fn comparable(resource: &Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Object(object) => {
                if object.contains_key("contentType") {
                    object.remove("url");
                }
                object.values_mut().for_each(strip);
            }
            _ => {}
        }
    }
    let mut plain = hl7::plain(resource);
    strip(&mut plain);
    plain
}

#[tokio::test]
async fn examples_should_come_back_equal_when_they_come_from_a_foreign_server() {
    let (address, folder) = start().await;
    let database = connect(address, &folder, "fhir").await.unwrap();
    let findings = mapping("id", "open").check(&database).await;
    assert!(findings.is_empty(), "{findings:?}");
    let pseudonyms = Pseudonyms::new([1; 32]);
    let mut compared = 0;
    for resource_type in TYPES {
        let found = records(&database, "example", resource_type).await.unwrap();
        let own: Vec<Value> = hl7::examples()
            .into_iter()
            .filter(|value| value["resourceType"] == **resource_type)
            .filter(|value| {
                let patient = "Patient/example";
                value["subject"]["reference"] == patient
                    || value["patient"]["reference"] == patient
                    || (**resource_type == *"Patient" && value["id"] == "example")
            })
            .collect();
        assert_eq!(found.len(), own.len(), "{resource_type}");
        for example in own {
            let id = pseudonyms.id(
                RELATIONSHIP,
                resource_type,
                "upstream",
                &[hl7::text(&example["id"]).to_owned()],
            );
            let record = found.iter().find(|record| record.id() == id).unwrap_or_else(|| panic!("{example}"));
            assert_eq!(
                comparable(&record.resource),
                comparable(&example),
                "{resource_type}/{}",
                example["id"]
            );
            compared += 1;
        }
        let text = format!("{:?}", found.iter().map(|record| &record.resource).collect::<Vec<_>>());
        assert!(
            !text.contains("Patient/example") && !text.contains("must-not-be-seen") && !text.contains("<div"),
            "{text}"
        );
    }
    assert!(compared > 60, "{compared}");
    // References lead to what the gatekeeper itself shows.
    let stays = records(&database, "example", "Encounter").await.unwrap();
    let observations = records(&database, "example", "Observation").await.unwrap();
    let with_stay =
        observations.iter().filter_map(|record| record.resource["encounter"]["reference"].as_str());
    for reference in with_stay {
        let id = reference.strip_prefix("Encounter/").unwrap();
        assert!(id.starts_with("r0-3."), "{reference}");
    }
    assert!(stays.iter().all(|stay| stay.resource["subject"]["reference"] == "Patient/r0-3"));
}

#[tokio::test]
async fn patient_should_be_found_by_an_identifier_when_the_mapping_says_so() {
    let (address, folder) = start().await;
    let database = connect(address, &folder, "fhir").await.unwrap();
    let mapping = mapping("urn:oid:1.2.36.146.595.217.0.1", "restricted");
    let by = |number: &'static str, resource_type: &'static str| {
        exercise::try_records(&database, &mapping, number, resource_type, 500)
    };
    let patient = by("12345", "Patient").await;
    // Several examples of HL7's carry this number: whose it is cannot be told.
    assert!(
        matches!(patient, Err(FetchError::DuplicateKey { .. }))
            || patient.is_ok_and(|found| found.len() == 1)
    );
    assert_eq!(by("99999", "Observation").await.unwrap().len(), 0);
    for number in ["", " ", "a\u{0}b"] {
        assert!(matches!(by(number, "Patient").await, Err(FetchError::RecordNumber { .. })), "{number:?}");
    }
    let restricted =
        exercise::try_records(&database, &self::mapping("id", "restricted"), "example", "Condition", 500)
            .await
            .unwrap();
    assert!(!restricted.is_empty());
    assert!(restricted.iter().all(|record| record.resource["meta"]["security"][0]["code"] == "R"));
}

#[tokio::test]
async fn resources_of_others_should_be_dropped_when_the_server_sends_them() {
    let (address, folder) = start().await;
    let strict = connect(address, &folder, "fhir").await.unwrap();
    let careless = connect(address, &folder, "careless").await.unwrap();
    for resource_type in TYPES {
        let ids = |found: Vec<Record>| found.iter().map(|record| record.id().to_owned()).collect::<Vec<_>>();
        let own = ids(records(&strict, "example", resource_type).await.unwrap());
        assert_eq!(ids(records(&careless, "example", resource_type).await.unwrap()), own, "{resource_type}");
    }
    let swapping = connect(address, &folder, "swapping").await.unwrap();
    assert!(records(&swapping, "example", "Patient").await.unwrap().is_empty());
    for number in ["example/../f001", "example?x=1", "", "%2e%2e", "a b", "example#x"] {
        let answer = records(&strict, number, "Observation").await;
        assert!(matches!(answer, Err(FetchError::RecordNumber { .. })), "{number}: {answer:?}");
    }
}

#[tokio::test]
async fn answer_should_be_refused_when_the_server_misbehaves() {
    let (address, folder) = start().await;
    for (way, passing, words) in [
        ("slow", true, "time limit"),
        ("failing", true, "500"),
        ("redirecting", false, "302"),
        ("huge", false, "bytes"),
        ("endless", false, "back to one another"),
        ("luring", false, "leads elsewhere"),
        ("leaving", false, "leads elsewhere"),
        ("babbling", false, "no JSON"),
        ("erring", false, "searchset"),
    ] {
        let database = connect(address, &folder, way).await.unwrap();
        let begin = Instant::now();
        let error = records(&database, "example", "Observation").await.unwrap_err();
        assert!(begin.elapsed() < Duration::from_secs(10), "{way}");
        assert!(error.to_string().contains(words) && error.is_passing() == passing, "{way}: {error}");
        assert!(!error.to_string().contains("Patient"), "{way}: {error}");
    }
    let limited = connect(address, &folder, "fhir").await.unwrap();
    let few = exercise::try_records(&limited, &mapping("id", "open"), "example", "Observation", 3).await;
    assert!(matches!(few, Err(FetchError::TooMany { .. })), "{few:?}");
}

#[tokio::test]
async fn check_should_tell_what_a_foreign_server_does_not_offer() {
    let (address, folder) = start().await;
    let found = async |way: &str| {
        let database = connect(address, &folder, way).await.unwrap();
        let findings = mapping("id", "open").check(&database).await;
        findings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let poor = found("poor").await;
    assert_eq!(poor, ["upstream.toml:11: error: the server does not offer Condition"]);
    let old = found("old").await;
    assert!(old[0].starts_with("upstream.toml:2: error: the server speaks FHIR \"3.0.2\""), "{old:?}");
    // The credentials are read again for each answer.
    let database = connect(address, &folder, "fhir").await.unwrap();
    std::fs::write(folder.path().join("token"), "Bearer other").unwrap();
    let refused = records(&database, "example", "Patient").await.unwrap_err();
    assert!(
        refused.to_string().contains("refuses our credentials") && !refused.to_string().contains("other"),
        "{refused}"
    );
    std::fs::remove_file(folder.path().join("token")).unwrap();
    assert!(records(&database, "example", "Patient").await.unwrap_err().to_string().contains("cannot read"));
    let tables = Mapping::from_toml(
        "version = 1\n[[resource]]\ntype = \"Observation\"\ntable = \"t\"\nkey = \"k\"\npatient = \"p\"\n[resource.elements]\nstatus = \"final\"\n\"code.text\" = \"x\"\n",
        Path::new("tables.toml"),
    )
    .unwrap();
    let mixed = exercise::try_records(&database, &tables, "example", "Observation", 3).await;
    assert!(matches!(mixed, Err(FetchError::OtherKind)));
}
