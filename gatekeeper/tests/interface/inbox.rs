//! Adding to the records.

use axum::{
    body::Body,
    http::{header, Method},
};
use medrec_client::KeyPair;
use serde_json::{json, Value};

use super::smart;
use crate::common::*;

fn weight() -> Value {
    json!({
        "resourceType": "Observation", "status": "final",
        "category": [{ "coding": [{ "code": "vital-signs" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "29463-7" }] },
        "effectiveDateTime": "2025-02-01", "valueQuantity": { "value": 71.5, "unit": "kg" }
    })
}

async fn add(fixture: &Fixture, token: &str, target: &str, body: &Value) -> (u16, Value) {
    let (mut parts, _) = with_token(Method::POST, token, target).into_parts();
    parts.headers.insert(header::CONTENT_TYPE, "application/fhir+json".parse().unwrap());
    read(fixture.send(axum::http::Request::from_parts(parts, Body::from(body.to_string()))).await).await
}

async fn session(fixture: &Fixture, key: &KeyPair, purpose: &str) -> String {
    fixture.sign_in(key, purpose, None).await
}

#[tokio::test]
async fn record_should_be_served_once_accepted_and_be_marked_and_redacted() {
    let fixture = Fixture::new().await;
    let (alice, doctor, other) = (person("Alice"), person("Doctor"), person("Other"));
    let id = fixture.enrol(&alice, "A-1").await;
    fixture.grant(id, &doctor, "patient/Observation.rs?_elements=code;purpose=TREAT");
    fixture.grant(id, &other, "patient/Observation.rs?category=laboratory;purpose=TREAT");
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    let (status, outcome) = add(&fixture, &token, "/fhir/Observation", &weight()).await;
    assert_eq!(status, 202, "{outcome}");
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    let target = format!("/fhir/Observation?patient={id}&code=29463-7");
    assert_eq!(fixture.get(&token, &target).await.1["total"], 0);
    assert!(fixture.store.accept_item(1, &[], "Observation/x", START).await.unwrap());
    let (_, bundle) = fixture.get(&token, &target).await;
    let record = entries(&bundle)[0].clone();
    assert_eq!(record["valueQuantity"]["value"], 71.5);
    assert_eq!(record["subject"]["reference"], format!("Patient/{id}"));
    assert_eq!(record["meta"]["tag"][0]["code"], "patient");
    let read_it = format!("/fhir/Observation/{}", record["id"].as_str().unwrap());
    assert_eq!(fixture.get(&token, &read_it).await.0, 200);
    // Redacted like everything else, and still marked.
    let his = session(&fixture, &doctor, "TREAT").await;
    let (_, shown) = fixture.get(&his, &read_it).await;
    assert_eq!(shown["meta"]["source"], "urn:medrec:inbox");
    assert!(
        !shown.to_string().contains("urn:medrec:sent-by"),
        "who sent it is the patient's to know: {shown}"
    );
    assert!(shown.get("valueQuantity").is_none() && shown.to_string().contains("29463-7"), "{shown}");
    let others = session(&fixture, &other, "TREAT").await;
    assert_eq!(fixture.get(&others, &target).await.1["total"], 0);
    assert_eq!(fixture.get(&others, &read_it).await.0, 404);
}

#[tokio::test]
async fn labelled_record_should_be_reached_by_scopes_that_name_the_label_only() {
    let fixture = Fixture::new().await;
    let (alice, doctor) = (person("Alice"), person("Doctor"));
    let id = fixture.enrol(&alice, "A-1").await;
    fixture.grant(id, &doctor, "patient/Observation.rs;purpose=TREAT");
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    assert_eq!(add(&fixture, &token, "/fhir/Observation", &weight()).await.0, 202);
    let label = "http://terminology.hl7.org/CodeSystem/v3-ActCode|PSY".to_owned();
    assert!(fixture.store.accept_item(1, &[label], "Observation/x", START).await.unwrap());
    let target = format!("/fhir/Observation?patient={id}&code=29463-7");
    assert_eq!(fixture.get(&token, &target).await.1["total"], 1);
    let his = session(&fixture, &doctor, "TREAT").await;
    assert_eq!(fixture.get(&his, &target).await.1["total"], 0);
}

#[tokio::test]
async fn record_should_be_taken_from_who_may_add_it_only() {
    let fixture = Fixture::new().await;
    let (alice, doctor, nurse) = (person("Alice"), person("Doctor"), person("Nurse"));
    let id = fixture.enrol(&alice, "A-1").await;
    fixture.grant(id, &doctor, "patient/Observation.rs;purpose=TREAT");
    fixture.grant(id, &nurse, "patient/Observation.c?category=vital-signs;purpose=TREAT");
    let mut about = weight();
    // The service's own address says the same.
    about["subject"] = json!({ "reference": format!("{AUDIENCE}/fhir/Patient/{id}") });
    let target = "/fhir/Observation";
    let his = session(&fixture, &doctor, "TREAT").await;
    assert_eq!(add(&fixture, &his, target, &about).await.0, 403);
    let hers = session(&fixture, &nurse, "TREAT").await;
    assert_eq!(add(&fixture, &hers, target, &about).await.0, 202);
    let mut laboratory = about.clone();
    laboratory["category"] = json!([{ "coding": [{ "code": "laboratory" }] }]);
    assert_eq!(add(&fixture, &hers, target, &laboratory).await.0, 403);
    // Who may add may not read.
    assert_eq!(fixture.get(&hers, &format!("/fhir/Observation?patient={id}")).await.0, 403);
    // An app needs the scope, too, even a patient's.
    let reading = smart::token(&fixture, &alice, "PATRQT", id, "patient/Observation.rs").await;
    assert_eq!(add(&fixture, reading["access_token"].as_str().unwrap(), target, &weight()).await.0, 403);
    let adding = smart::token(&fixture, &alice, "PATRQT", id, "patient/Observation.crs").await;
    assert_eq!(add(&fixture, adding["access_token"].as_str().unwrap(), target, &weight()).await.0, 202);
    assert_eq!(fixture.store.inbox(None).await.unwrap().len(), 2);
}

#[tokio::test]
async fn record_should_be_refused_when_it_is_not_one() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let other = fixture.enrol(&person("Bob"), "B-2").await;
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    let target = "/fhir/Observation";
    let mut odd = weight();
    odd["status"] = json!("finished");
    assert_eq!(add(&fixture, &token, target, &odd).await.0, 422);
    let mut foreign = weight();
    foreign["subject"] = json!({ "reference": format!("Patient/{other}") });
    assert_eq!(add(&fixture, &token, target, &foreign).await.0, 422);
    let free = fixture.sign_in(&alice, "PATRQT", None).await;
    assert_eq!(add(&fixture, &free, target, &foreign).await.0, 403);
    assert_eq!(add(&fixture, &free, target, &weight()).await.0, 400);
    assert_eq!(add(&fixture, &token, "/fhir/Patient", &json!({ "resourceType": "Patient" })).await.0, 400);
    assert_eq!(add(&fixture, &token, "/fhir/Condition", &weight()).await.0, 404);
    let mut long = weight();
    long["note"] = json!([{ "text": "x".repeat(70_000) }]);
    assert_eq!(add(&fixture, &token, target, &long).await.0, 413);
    assert!(fixture.store.inbox(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn record_should_not_be_taken_when_the_log_cannot_say_so() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    let path = fixture.folder.path().join("gatekeeper.sqlite");
    let raw = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query("ALTER TABLE log RENAME TO gone").execute(&raw).await.unwrap();
    assert_eq!(add(&fixture, &token, "/fhir/Observation", &weight()).await.0, 500);
    assert!(fixture.store.inbox(None).await.unwrap().is_empty());
    sqlx::query("ALTER TABLE gone RENAME TO log").execute(&raw).await.unwrap();
    assert_eq!(add(&fixture, &token, "/fhir/Observation", &weight()).await.0, 202);
    assert_eq!(fixture.store.inbox(None).await.unwrap().len(), 1);
}
