//! The log as FHIR, judged by a validator that is not ours: PyPI's `fhir.resources`.
#![allow(clippy::unwrap_used)]

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use medrec_gatekeeper::log::{audit_event::audit_event, Entry};
use medrec_policy::Purpose;
use serde_json::{json, Value};

mod common;
use common::{entries, person, Fixture};

fn validate(resources: &[Value]) -> Output {
    let python = std::env::var("MEDREC_PYTHON")
        .expect("MEDREC_PYTHON is not set: run scripts/setup, source scripts/env.sh");
    let mut child = Command::new(python)
        .arg("../tests/python/validate.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the Python environment is missing: run scripts/setup");
    let lines: String = resources.iter().map(|resource| format!("{resource}\n")).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn audit_events_should_be_valid_when_a_patient_reads_them() {
    let fixture = Fixture::new().await;
    let patient = fixture.enrol(&person("Carol"), "A-1").await;
    fixture.grant(patient, &person("Doctor"), "patient/Observation.rs;purpose=TREAT");
    let search = format!("/fhir/Observation?patient={patient}&code=718-7");
    let (_, found) = fixture.get_signed(&person("Doctor"), Purpose::Treatment, &search).await;
    let id = entries(&found)[0]["id"].as_str().unwrap().to_owned();
    let absent = format!("/fhir/Observation/{patient}.{}", "0".repeat(32));
    for (asker, target) in [
        ("Doctor", format!("/fhir/Observation/{id}")),
        ("Doctor", absent),
        ("Stranger", search),
        ("Stranger", format!("/fhir/Observation/{id}")),
    ] {
        fixture.get_signed(&person(asker), Purpose::Treatment, &target).await;
    }
    let own = format!("/fhir/AuditEvent?patient={patient}");
    fixture.get_signed(&person("Carol"), Purpose::PatientRequest, &own).await;
    let (status, bundle) = fixture.get_signed(&person("Carol"), Purpose::PatientRequest, &own).await;
    assert_eq!(status, 200);
    assert_eq!(entries(&bundle).len(), 6);
    let mut resources: Vec<Value> = entries(&bundle).into_iter().cloned().collect();
    resources.push(bundle);
    let output = validate(&resources);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("7 looked at"), "{}", said(&output));
}

fn entry() -> Entry {
    let who = (&[1; 32].into(), "ETREAT");
    Entry {
        staff: Some("s7-0".into()),
        capacity: Some("emergency".into()),
        grants: vec![1, 2],
        records: 1,
        ..Entry::new(1_700_000_000_000, "r0-3", who, ("read", "Observation"), "chain")
    }
}

#[test]
fn audit_events_should_be_valid_whatever_became_of_a_request() {
    let all: Vec<Value> = [
        entry(),
        Entry { action: "search".into(), parameters: vec!["code".into(), "date".into()], ..entry() },
        Entry { permitted: false, capacity: None, status: 503, reason: Some("ChainStale".into()), ..entry() },
        Entry { status: 500, reason: Some("Fetch".into()), staff: None, ..entry() },
    ]
    .iter()
    .map(|entry| audit_event(1, entry, "5Gate", "https://gate.example.org/fhir"))
    .collect();
    let output = validate(&all);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn validator_should_find_what_is_wrong() {
    let right = audit_event(1, &entry(), "5Gate", "https://gate.example.org/fhir");
    for (pointer, wrong) in [
        ("/outcome", json!(["0"])),
        ("/recorded", json!("yesterday")),
        ("/agent/0/requestor", json!("often")),
    ] {
        let mut event = right.clone();
        *event.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validate(&[event]).status.success(), "{pointer}");
    }
}
