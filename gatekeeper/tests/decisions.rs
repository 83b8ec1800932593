//! What is answered, and what not: from HTTP to the log, on a simulated chain.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::Method;
use common::*;
use medrec_policy::Purpose;
use medrec_primitives::{Effect, GrantTerms, MemberStatus, RelationshipId, RelationshipStatus};
use serde_json::Value;

const HAEMOGLOBIN: &str =
    "patient/Observation.rs?code=http://loinc.org|718-7&_elements=code,valueQuantity;purpose=TREAT";

async fn granted() -> (Fixture, RelationshipId) {
    let fixture = Fixture::new().await;
    let patient = fixture.enrol(&person("Carol"), "A-1").await;
    fixture.grant(patient, &person("Doctor"), HAEMOGLOBIN);
    (fixture, patient)
}

fn search(patient: RelationshipId) -> String {
    format!("/fhir/Observation?patient={patient}")
}

#[tokio::test]
async fn doctor_should_see_exactly_what_was_granted() {
    let (fixture, patient) = granted().await;
    let doctor = person("Doctor");
    let target = search(patient);
    let response = fixture.send(fixture.signed(&doctor, Purpose::Treatment, &target)).await;
    let (status, bundle) = fixture.verified(response, &doctor.account(), &target).await;
    assert_eq!(status, 200, "{bundle}");
    let [result] = entries(&bundle)[..] else { panic!("{bundle}") };
    assert_eq!(result["valueQuantity"]["value"].to_string(), "7.2");
    assert_eq!(result["valueQuantity"]["unit"], "g/dL");
    assert_eq!(result["code"]["coding"][0]["code"], "718-7");
    assert_eq!(result.get("effectiveDateTime"), None);
    assert_eq!(bundle["total"], 1);

    let id = result["id"].as_str().unwrap();
    let target = format!("/fhir/Observation/{id}");
    let response = fixture.send(fixture.signed(&doctor, Purpose::Treatment, &target)).await;
    let (status, read) = fixture.verified(response, &doctor.account(), &target).await;
    assert_eq!((status, &read), (200, result));
}

#[tokio::test]
async fn patient_should_see_their_own_records_and_nobody_elses() {
    let (fixture, patient) = granted().await;
    let other = fixture.enrol(&person("Bob"), "B-2").await;
    let token = fixture.sign_in(&person("Carol"), "PATRQT", None).await;
    let (status, bundle) = fixture.get(&token, &search(patient)).await;
    assert_eq!((status, entries(&bundle).len()), (200, 2));
    let (status, name) = fixture.get(&token, &format!("/fhir/Patient/{patient}")).await;
    assert_eq!((status, &name["name"][0]["family"]), (200, &Value::from("Archer")));
    assert_eq!(fixture.get(&token, &search(other)).await.0, 403);
}

#[tokio::test]
async fn denials_should_be_alike_whatever_their_reason() {
    let (fixture, patient) = granted().await;
    let ended = fixture.enrol(&person("Bob"), "B-2").await;
    fixture.chain.advance(|state| {
        state.relationships.get_mut(&ended).unwrap().status = RelationshipStatus::Ended;
    });
    let stranger = fixture.sign_in(&person("Stranger"), "TREAT", None).await;
    let payer = fixture.sign_in(&person("Doctor"), "HPAYMT", None).await;
    let emergency = fixture.sign_in(&person("Doctor"), "ETREAT", None).await;
    let doctor = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
    let pseudonym = format!("{patient}.{}", "0".repeat(32));
    let mut seen = Vec::new();
    for (token, target) in [
        (&stranger, search(patient)),
        (&stranger, format!("/fhir/Observation/{pseudonym}")),
        (&stranger, format!("/fhir/Patient/{patient}")),
        (&stranger, search(RelationshipId::new(0, 999_999))),
        (&stranger, search(RelationshipId::new(7, 0))),
        (&stranger, search(ended)),
        (&stranger, format!("/fhir/AuditEvent?patient={patient}")),
        (&payer, search(patient)),
        (&emergency, search(patient)),
        (&doctor, format!("/fhir/Patient/{patient}")),
        (&doctor, format!("/fhir/AuditEvent?patient={patient}")),
        (&doctor, search(ended)),
    ] {
        let response = fixture.send(with_token(Method::GET, token, &target)).await;
        let names: Vec<String> = response.headers().keys().map(ToString::to_string).collect();
        let (status, body) = read(response).await;
        seen.push((status, names, body));
        assert_eq!(seen.last(), seen.first(), "{target}");
    }
    assert_eq!(seen[0].0, 403);
}

#[tokio::test]
async fn hidden_records_should_look_like_absent_ones_when_the_type_is_granted() {
    let (fixture, patient) = granted().await;
    let own = fixture.sign_in(&person("Carol"), "PATRQT", None).await;
    let (_, all) = fixture.get(&own, &search(patient)).await;
    let glucose =
        entries(&all).into_iter().find(|result| result["code"]["coding"][0]["code"] == "2345-7").unwrap();
    let doctor = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
    let hidden =
        fixture.get(&doctor, &format!("/fhir/Observation/{}", glucose["id"].as_str().unwrap())).await;
    let absent = fixture.get(&doctor, &format!("/fhir/Observation/{patient}.{}", "ab".repeat(16))).await;
    assert_eq!(hidden.0, 404);
    assert_eq!(hidden, absent);
    // Searching for a hidden element finds nothing, and says nothing.
    let (status, bundle) = fixture.get(&doctor, &format!("{}&date=2025-01-02", search(patient))).await;
    assert_eq!((status, &bundle["total"], entries(&bundle).len()), (200, &Value::from(0), 0));
}

#[tokio::test]
async fn grant_should_wait_for_finality_and_revocation_should_not() {
    let fixture = Fixture::new().await;
    let patient = fixture.enrol(&person("Carol"), "A-1").await;
    let token = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
    let rule = fixture.rule(patient, &person("Doctor"), Effect::Allow, HAEMOGLOBIN);
    let block = fixture.chain.add(fixture.chain.finalised(), add(patient, rule));
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 403);
    fixture.chain.finalise(block);
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 200);

    let revoked = fixture.chain.add(block, revoke_all(patient));
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 403);
    let kept = fixture.chain.add(block, |_| {});
    let kept = fixture.chain.add(kept, |_| {});
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 403, "the longer fork does not count alone");
    fixture.chain.finalise(revoked);
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 403);
    let _ = kept;
}

#[tokio::test]
async fn access_should_end_at_once_when_the_chain_says_so() {
    let changes: [fn(&mut medrec_primitives::Facts); 4] = [
        |facts| facts.status = RelationshipStatus::Suspended,
        |facts| facts.status = RelationshipStatus::Ended,
        |facts| facts.provider = MemberStatus::Suspended,
        |facts| facts.grants[0].grant.not_after = Some(START),
    ];
    for change in changes {
        let (fixture, patient) = granted().await;
        let token = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
        assert_eq!(fixture.get(&token, &search(patient)).await.0, 200);
        fixture
            .chain
            .add(fixture.chain.finalised(), |state| change(state.relationships.get_mut(&patient).unwrap()));
        assert_eq!(fixture.get(&token, &search(patient)).await.0, 403);
    }
}

#[tokio::test]
async fn denial_should_beat_the_grant_beside_it() {
    let (fixture, patient) = granted().await;
    let token = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
    let narrow = fixture.rule(
        patient,
        &person("Doctor"),
        Effect::Deny,
        "patient/Observation.cruds?_elements=valueQuantity",
    );
    fixture.chain.advance(add(patient, narrow));
    let (status, bundle) = fixture.get(&token, &search(patient)).await;
    assert_eq!(status, 200);
    assert!(entries(&bundle).iter().all(|result| result.get("valueQuantity").is_none()), "{bundle}");
    let mut all = fixture.rule(patient, &person("Doctor"), Effect::Deny, "patient/*.cruds");
    all.terms = GrantTerms::Everything;
    fixture.chain.advance(add(patient, all));
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 403);
}

#[tokio::test]
async fn everything_should_be_refused_when_the_chain_cannot_be_relied_on() {
    let (fixture, patient) = granted().await;
    let token = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
    let refused = |fixture: Fixture, token: String| async move {
        let response = fixture.send(with_token(Method::GET, &token, &search(patient))).await;
        assert!(response.headers().contains_key("retry-after"));
        assert_eq!(read(response).await.0, 503);
        assert_eq!(fixture.get("", "/ready").await.0, 503);
        assert_eq!(fixture.get("", "/health").await.0, 200);
        fixture
    };
    assert_eq!(fixture.get("", "/ready").await.0, 200);
    fixture.chain.connect(false);
    let fixture = refused(fixture, token.clone()).await;
    fixture.chain.connect(true);
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 200);
    // Finality stands still.
    fixture.time.advance(61_000);
    let fixture = refused(fixture, token.clone()).await;
    fixture.chain.advance(|_| {});
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 200);
    // The local clock is put back, then forward, far from the chain's.
    for wall in [START, START + 200_000] {
        fixture.time.set_wall(wall);
        let response = fixture.send(with_token(Method::GET, &token, &search(patient))).await;
        assert_eq!(read(response).await.0, 503);
    }
}

#[tokio::test]
async fn records_should_be_refused_when_the_number_is_bound_to_another_key() {
    let (fixture, patient) = granted().await;
    // The chain lost its past and counts anew: the same number is now another person's.
    fixture.chain.advance(|state| state.relate(patient, person("Mallory").account()));
    let token = fixture.sign_in(&person("Mallory"), "PATRQT", None).await;
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 403);
}

#[tokio::test]
async fn session_should_be_refused_when_it_is_about_another_patient() {
    let (fixture, patient) = granted().await;
    let doctor = person("Doctor");
    let right = fixture.sign_in(&doctor, "TREAT", Some(patient)).await;
    assert_eq!(fixture.get(&right, &search(patient)).await.0, 200);
    let wrong = fixture.sign_in(&doctor, "TREAT", Some(RelationshipId::new(0, 1))).await;
    assert_eq!(fixture.get(&wrong, &search(patient)).await.0, 403);
}

#[tokio::test]
async fn decision_should_be_made_again_when_the_session_goes_on() {
    let (fixture, patient) = granted().await;
    let token = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 200);
    fixture.chain.advance(revoke_all(patient));
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 403);
    fixture.grant(patient, &person("Doctor"), HAEMOGLOBIN);
    assert_eq!(fixture.get(&token, &search(patient)).await.0, 200);
}
