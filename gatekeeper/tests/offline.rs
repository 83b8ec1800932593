//! Emergencies with the chain and without it.
#![allow(clippy::unwrap_used)]

mod common;

use axum::{
    body::Body,
    http::{header, Request as HttpRequest},
};
use common::{add, person, read, Fixture, AUDIENCE, HOUR, START};
use medrec_client::{
    request::{build, Request},
    signature::sign_transaction,
    KeyPair,
};
use medrec_gatekeeper::{
    chain::ChainState,
    clock::Time,
    emergency::{snapshot::Keeper, submit::submit},
};
use medrec_policy::Purpose;
use medrec_primitives::{
    Effect, Grant, GrantTerms, MemberStatus, RelationshipFlags, RelationshipId, StaffFacts, StaffId,
    StaffRole, Viewer,
};
use serde_json::{json, Value};

const ALLERGIES: &str = r#"
[[resource]]
type = "AllergyIntolerance"
table = "allergy"
key = "id"
patient = "mrn"
[resource.elements]
patient = { reference = "Patient" }
"code.text" = { column = "name" }
"#;

const TABLES: &str = "
CREATE TABLE allergy (id INTEGER PRIMARY KEY, mrn TEXT NOT NULL, name TEXT);
INSERT INTO allergy VALUES (1, 'A-1', 'penicillin'), (2, 'B-2', 'latex');
";

const REASON: &str = "0x0909090909090909090909090909090909090909090909090909090909090909";

fn doctor() -> KeyPair {
    person("Emergency")
}

fn staff(role: StaffRole) -> StaffFacts {
    StaffFacts {
        id: StaffId::new(4, 1),
        role,
        from: 0,
        until: START + 1000 * HOUR,
        member_status: MemberStatus::Active,
        groups: Vec::new(),
    }
}

/// A hospital with two patients, and emergency staff.
async fn hospital() -> (Fixture, RelationshipId, RelationshipId) {
    let fixture = Fixture::with_mapping(TABLES, ALLERGIES).await;
    let first = fixture.enrol(&person("Alice"), "A-1").await;
    let second = fixture.enrol(&person("Bob"), "B-2").await;
    fixture.chain.advance(|state| {
        state.staff.insert(doctor().account(), staff(StaffRole::Emergency));
        state.staff.insert(person("Nurse").account(), staff(StaffRole::Clinician));
    });
    (fixture, first, second)
}

/// The gatekeeper reads the last finalised block; then the chain is lost for longer than a decision tolerates.
async fn lose_chain(fixture: &Fixture) {
    let keeper = Keeper {
        snapshot: fixture.gatekeeper.emergencies.snapshot.clone(),
        chain: fixture.chain.clone(),
        store: fixture.store.clone(),
        member: 0,
        time: fixture.time.clone(),
    };
    keeper.take(9, fixture.chain.finalised(), &[]).await.unwrap();
    fixture.chain.connect(false);
    fixture.time.advance(61_000);
}

async fn ask(fixture: &Fixture, key: &KeyPair, purpose: Purpose, target: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let request = Request {
        method: "POST",
        target,
        body: body.as_bytes(),
        audience: AUDIENCE,
        genesis: fixture.chain.genesis(),
    };
    let authorization = build(key, &request, purpose, fixture.time.now().wall + 60_000).to_string();
    let request = HttpRequest::post(target)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap();
    read(fixture.send(request).await).await
}

async fn draft(fixture: &Fixture, key: &KeyPair, id: RelationshipId) -> (u16, Value) {
    let body = json!({ "patient": id.to_string(), "reason": REASON });
    ask(fixture, key, Purpose::EmergencyTreatment, "/emergency/draft", &body).await
}

/// Draft, signature, break. Gives the first answer that is no success, or the last one.
async fn break_glass(fixture: &Fixture, key: &KeyPair, id: RelationshipId) -> (u16, Value) {
    let (status, drafted) = draft(fixture, key, id).await;
    if status != 200 {
        return (status, drafted);
    }
    let payload = drafted["payload"].as_str().unwrap();
    let bytes = hex::decode(&payload[2..]).unwrap();
    let signature = sign_transaction(key, &bytes).to_hex();
    let body =
        json!({ "patient": id.to_string(), "reason": REASON, "payload": payload, "signature": signature });
    ask(fixture, key, Purpose::EmergencyTreatment, "/emergency/break", &body).await
}

/// What a person sees of a type for a purpose.
async fn see(
    fixture: &Fixture,
    key: &KeyPair,
    purpose: Purpose,
    resource_type: &str,
    id: RelationshipId,
) -> (u16, String) {
    let (status, body) =
        fixture.get_signed(key, purpose, &format!("/fhir/{resource_type}?patient={id}")).await;
    (status, body.to_string())
}

#[tokio::test]
async fn glass_should_be_broken_on_chain_when_it_is_reachable() {
    let (fixture, id, _) = hospital().await;
    assert_eq!(break_glass(&fixture, &doctor(), id).await.0, 409);
    lose_chain(&fixture).await;
    fixture.chain.connect(true);
    fixture.chain.advance(|_| {});
    assert_eq!(break_glass(&fixture, &doctor(), id).await.1["error"], "chain-there");
    let (status, _) = see(&fixture, &doctor(), Purpose::EmergencyTreatment, "AllergyIntolerance", id).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn summary_should_be_read_and_nothing_else_when_the_chain_is_lost() {
    let (fixture, id, other) = hospital().await;
    lose_chain(&fixture).await;
    let emergency = Purpose::EmergencyTreatment;
    assert_eq!(see(&fixture, &doctor(), emergency, "AllergyIntolerance", id).await.0, 503, "not broken yet");
    for nobody in [person("Nurse"), person("Stranger"), person("Alice")] {
        assert_eq!(break_glass(&fixture, &nobody, id).await.0, 403);
    }
    // One that is not there is refused as one that may not be read.
    let none = break_glass(&fixture, &doctor(), RelationshipId::new(0, 77)).await;
    assert_eq!(none, break_glass(&fixture, &person("Nurse"), id).await);
    let (status, broken) = break_glass(&fixture, &doctor(), id).await;
    assert_eq!(status, 200, "{broken}");
    let (status, seen) = see(&fixture, &doctor(), emergency, "AllergyIntolerance", id).await;
    assert!(status == 200 && seen.contains("penicillin"), "{status} {seen}");
    assert_eq!(see(&fixture, &doctor(), emergency, "Observation", id).await.0, 403, "no part of the summary");
    assert_eq!(see(&fixture, &doctor(), Purpose::Treatment, "AllergyIntolerance", id).await.0, 503);
    assert_eq!(see(&fixture, &doctor(), emergency, "AllergyIntolerance", other).await.0, 503);
    assert_eq!(see(&fixture, &person("Nurse"), emergency, "AllergyIntolerance", id).await.0, 503);
    // For hours, not for days.
    fixture.time.advance(4 * HOUR);
    assert_eq!(see(&fixture, &doctor(), emergency, "AllergyIntolerance", id).await.0, 503);
    assert_eq!(break_glass(&fixture, &doctor(), other).await.0, 503);
    // The patient finds all of it on the log, and is told.
    fixture.chain.connect(true);
    fixture.chain.advance(|_| {});
    let alice = person("Alice");
    let (_, log) = fixture.get_signed(&alice, Purpose::PatientRequest, &format!("/log?patient={id}")).await;
    let emergencies =
        log["entries"].as_array().unwrap().iter().filter(|entry| entry["capacity"] == "emergency");
    let resources: Vec<_> = emergencies.map(|entry| entry["resource"].as_str().unwrap()).collect();
    assert_eq!(resources, ["Consent", "AllergyIntolerance"]);
    let (_, told) = fixture.get_signed(&alice, Purpose::PatientRequest, "/notices").await;
    assert_eq!(
        (&told["notices"][0]["kind"], &told["notices"][0]["outcome"]),
        (&json!("glass-broken"), &json!("offline"))
    );
}

#[tokio::test]
async fn glass_should_stay_whole_when_the_clock_is_wrong() {
    let (fixture, id, _) = hospital().await;
    lose_chain(&fixture).await;
    let right = fixture.time.now().wall;
    for wrong in [right + HOUR, right - HOUR] {
        fixture.time.set_wall(wrong);
        assert_eq!(break_glass(&fixture, &doctor(), id).await.0, 503, "{wrong}");
    }
    fixture.time.set_wall(right);
    assert_eq!(break_glass(&fixture, &doctor(), id).await.0, 200);
    // Nor is anything read by a break that was made before the clock was set.
    fixture.time.set_wall(right - 31_000);
    let (status, _) = see(&fixture, &doctor(), Purpose::EmergencyTreatment, "AllergyIntolerance", id).await;
    assert_eq!(status, 503);
}

#[tokio::test]
async fn glass_should_stay_whole_when_nothing_is_known_of_the_chain() {
    let (fixture, id, _) = hospital().await;
    fixture.chain.connect(false);
    fixture.time.advance(61_000);
    assert_eq!(break_glass(&fixture, &doctor(), id).await.0, 503);
    // What was known before a start, is not known after it.
    let fixture = fixture.restart().await;
    assert_eq!(break_glass(&fixture, &doctor(), id).await.0, 503);
}

#[tokio::test]
async fn denials_and_opting_out_should_hold_when_the_chain_is_lost() {
    let (fixture, id, other) = hospital().await;
    let denial = Grant {
        viewer: Viewer::Member(4),
        effect: Effect::Deny,
        terms: GrantTerms::Everything,
        not_before: None,
        not_after: None,
        may_share: false,
        parent: None,
    };
    fixture.chain.advance(add(id, denial));
    fixture.chain.advance(|state| {
        state.relationships.get_mut(&other).unwrap().flags = RelationshipFlags::EMERGENCY_OPT_OUT;
    });
    lose_chain(&fixture).await;
    for denied in [id, other] {
        assert_eq!(break_glass(&fixture, &doctor(), denied).await.0, 403, "{denied}");
    }
}

#[tokio::test]
async fn sealed_denial_should_hide_what_it_covers_when_the_chain_is_lost() {
    let (fixture, id, _) = hospital().await;
    let rule = fixture.rule(id, &doctor(), Effect::Deny, "patient/AllergyIntolerance.rs");
    fixture.chain.advance(add(id, rule));
    lose_chain(&fixture).await;
    assert_eq!(break_glass(&fixture, &doctor(), id).await.0, 200, "the rest of the summary is open");
    let (_, seen) = see(&fixture, &doctor(), Purpose::EmergencyTreatment, "AllergyIntolerance", id).await;
    assert!(!seen.contains("penicillin"), "{seen}");
}

#[tokio::test]
async fn glass_should_stay_whole_when_the_quota_is_used_up() {
    let (fixture, id, other) = hospital().await;
    lose_chain(&fixture).await;
    assert_eq!(break_glass(&fixture, &doctor(), id).await.0, 200);
    let (status, refused) = break_glass(&fixture, &doctor(), other).await;
    assert_eq!((status, refused["error"].as_str()), (403, Some("quota-used-up")));
    let (status, _) =
        see(&fixture, &doctor(), Purpose::EmergencyTreatment, "AllergyIntolerance", other).await;
    assert_eq!(status, 503);
}

#[tokio::test]
async fn break_should_be_refused_when_it_is_not_the_draft_or_not_signed_by_the_person() {
    let (fixture, id, _) = hospital().await;
    lose_chain(&fixture).await;
    let (_, drafted) = draft(&fixture, &doctor(), id).await;
    let payload = drafted["payload"].as_str().unwrap().to_owned();
    let bytes = hex::decode(&payload[2..]).unwrap();
    let tries = [
        (payload.clone(), sign_transaction(&person("Nurse"), &bytes).to_hex()),
        (payload.clone(), doctor().sign_wrapped(&bytes).to_hex()),
        (payload.replace("09", "08"), sign_transaction(&doctor(), &bytes).to_hex()),
    ];
    for (payload, signature) in tries {
        let body = json!({ "patient": id.to_string(), "reason": REASON, "payload": payload, "signature": signature });
        let (status, _) =
            ask(&fixture, &doctor(), Purpose::EmergencyTreatment, "/emergency/break", &body).await;
        assert_eq!(status, 400);
    }
    assert!(fixture.store.queued_breaks().await.unwrap().is_empty());
}

#[tokio::test]
async fn break_should_reach_the_chain_once_when_it_is_back_whatever_stops_in_between() {
    let (mut fixture, id, _) = hospital().await;
    lose_chain(&fixture).await;
    assert_eq!(break_glass(&fixture, &doctor(), id).await.0, 200);
    submit(&fixture.store, fixture.chain.as_ref()).await.unwrap();
    assert_eq!(fixture.store.queued_breaks().await.unwrap().len(), 1, "it waits");
    fixture = fixture.restart().await;
    fixture.chain.connect(true);
    // It gets there, and nobody here hears of it.
    fixture.chain.lose_next_proposal_answer();
    submit(&fixture.store, fixture.chain.as_ref()).await.unwrap();
    assert_eq!(fixture.store.queued_breaks().await.unwrap().len(), 1);
    for _ in 0..2 {
        submit(&fixture.store, fixture.chain.as_ref()).await.unwrap();
    }
    assert_eq!((fixture.chain.breaks(), fixture.store.queued_breaks().await.unwrap().len()), (1, 0));
}

#[tokio::test]
async fn record_number_should_be_found_by_emergency_staff_to_the_letter() {
    let (fixture, id, _) = hospital().await;
    lose_chain(&fixture).await;
    let find = async |key: &KeyPair, record: &str| {
        ask(&fixture, key, Purpose::EmergencyTreatment, "/emergency/find", &json!({ "record": record })).await
    };
    assert_eq!(find(&doctor(), "A-1").await, (200, json!({ "patient": id.to_string() })));
    assert_eq!(find(&doctor(), "a-1").await.0, 403);
    assert_eq!(find(&doctor(), "A-").await.0, 403);
    assert_eq!(find(&person("Nurse"), "A-1").await.0, 403);
}
