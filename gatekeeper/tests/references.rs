//! To point at a hidden record is to tell that it exists.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use medrec_client::keys::KeyPair;
use medrec_policy::Purpose;
use medrec_primitives::RelationshipId;
use serde_json::Value;

/// The stays that the laboratory results shown to somebody refer to.
async fn stays(fixture: &Fixture, key: &KeyPair, purpose: Purpose, patient: RelationshipId) -> Vec<String> {
    let target = format!("/fhir/Observation?patient={patient}");
    let (status, bundle) = fixture.get_signed(key, purpose, &target).await;
    assert_eq!((status, entries(&bundle).len()), (200, 2), "{bundle}");
    let mut found = Vec::new();
    for entry in entries(&bundle) {
        assert_eq!(entry["subject"]["reference"], format!("Patient/{patient}"));
        let id = entry["id"].as_str().unwrap();
        let (status, read) = fixture.get_signed(key, purpose, &format!("/fhir/Observation/{id}")).await;
        assert_eq!((status, &read), (200, entry));
        found.extend(entry["encounter"]["reference"].as_str().map(str::to_owned));
    }
    found
}

#[tokio::test]
async fn references_should_be_shown_to_those_who_may_read_their_targets_only() {
    let fixture = Fixture::new().await;
    let patient = fixture.enrol(&person("Carol"), "A-1").await;
    fixture.grant(patient, &person("Laboratory"), "patient/Observation.rs;purpose=TREAT");
    fixture.grant(patient, &person("Surgeon"), "patient/*.rs;purpose=TREAT");
    let own = stays(&fixture, &person("Carol"), Purpose::PatientRequest, patient).await;
    assert_eq!(own.len(), 2);
    assert_eq!(
        stays(&fixture, &person("Laboratory"), Purpose::Treatment, patient).await,
        Vec::<String>::new()
    );
    let seen = stays(&fixture, &person("Surgeon"), Purpose::Treatment, patient).await;
    assert_eq!(seen.len(), 1, "the psychiatric stay is labelled, and the scope does not name the label");
    for stay in own {
        let (status, body) =
            fixture.get_signed(&person("Surgeon"), Purpose::Treatment, &format!("/fhir/{stay}")).await;
        assert_eq!(status, if seen.contains(&stay) { 200 } else { 404 }, "{body}");
        if status == 200 {
            assert_eq!(body["status"], Value::from("finished"));
        }
    }
}
