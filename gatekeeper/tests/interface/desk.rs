//! The desk: tickets, the inbox and records of which nothing is shown, for stewards alone.

use axum::{
    body::Body,
    http::{header, Method, Request as HttpRequest},
};
use medrec_client::{
    enrol::{sign, Ticket},
    messages::EnrolRequest,
    request::{build, Request},
    KeyPair,
};
use medrec_gatekeeper::{chain::ChainState, clock::Time};
use medrec_policy::Purpose;
use medrec_primitives::{MemberStatus, RelationshipStatus, StaffFacts, StaffId, StaffRole};
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

use crate::common::*;

fn hire(fixture: &Fixture, key: &KeyPair, member: u32, role: StaffRole) {
    let account = key.account();
    let facts = StaffFacts {
        id: StaffId::new(member, 0),
        role,
        from: START - HOUR,
        until: START + HOUR,
        member_status: MemberStatus::Active,
        groups: Vec::new(),
    };
    fixture.chain.advance(|state| {
        state.staff.insert(account, facts);
    });
}

async fn ask(
    fixture: &Fixture,
    key: &KeyPair,
    purpose: Purpose,
    method: Method,
    target: &str,
    body: Option<&Value>,
) -> (u16, Value) {
    let body = body.map(Value::to_string).unwrap_or_default();
    let signed = Request {
        method: method.as_str(),
        target,
        body: body.as_bytes(),
        audience: AUDIENCE,
        genesis: fixture.chain.genesis(),
    };
    let authorization = build(key, &signed, purpose, fixture.time.now().wall + 60_000).to_string();
    let request = HttpRequest::builder()
        .method(method)
        .uri(target)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap();
    read(fixture.send(request).await).await
}

async fn ticket(fixture: &Fixture, key: &KeyPair, wish: Value) -> (u16, Value) {
    ask(fixture, key, Purpose::PatientAdministration, Method::POST, "/desk/tickets", Some(&wish)).await
}

#[tokio::test]
async fn ticket_should_enrol_a_patient_when_a_steward_asked_for_it() {
    let fixture = Fixture::new().await;
    let (steward, alice) = (person("Steward"), person("Alice"));
    hire(&fixture, &steward, 0, StaffRole::Steward);
    let (status, made) = ticket(&fixture, &steward, json!({ "record": "A-1", "for": "first" })).await;
    assert_eq!(status, 201, "{made}");
    let issued: Ticket = made["ticket"].as_str().unwrap().parse().unwrap();
    assert_eq!((issued.gatekeeper.as_str(), issued.member), (AUDIENCE, 0));
    let request = EnrolRequest {
        ticket: issued.secret.expose_hex(),
        account: alice.account().to_ss58check(),
        signature: sign(&alice, &issued).to_hex(),
    };
    let enrolment = fixture.gatekeeper.enrolments.enrol(&request).await.unwrap();
    let id = enrolment.relationship.parse().unwrap();
    fixture.chain.advance(|state| {
        state.relationships.get_mut(&id).unwrap().status = RelationshipStatus::Active;
    });
    assert_eq!(
        fixture.store.relationships_of("A-1").await.unwrap(),
        [enrolment.relationship.parse().unwrap()]
    );
    // Who issued it stands in the log, by the digest that the chain was shown, and no record number.
    let log = fixture.store.log_rows(0, 100).await.unwrap();
    assert_eq!(log.len(), 1);

    // What cannot be is refused in a word.
    for (wish, expected) in [
        (json!({ "record": "A-1", "for": "first" }), (409, "enrolled")),
        (json!({ "record": "C-3", "for": "first" }), (404, "no-such-record")),
        (json!({ "record": "B-2", "for": "rekey" }), (409, "nobody-enrolled")),
        (json!({ "record": "B-2", "for": "minor", "ofAge": "2001-01-01" }), (409, "not-now")),
        (json!({ "record": "B-2", "for": "minor" }), (400, "malformed")),
        (
            json!({ "record": "B-2", "for": "first", "lost": alice.account().to_ss58check() }),
            (400, "malformed"),
        ),
        (json!({ "record": "B-2", "for": "first", "more": 1 }), (400, "malformed")),
    ] {
        let (status, body) = ticket(&fixture, &steward, wish.clone()).await;
        assert_eq!((status, body["error"].as_str().unwrap()), expected, "{wish}: {body}");
    }
    assert_eq!(ticket(&fixture, &steward, json!({ "record": "A-1", "for": "rekey" })).await.0, 201);
    let again = json!({ "record": "A-1", "for": "first", "again": true });
    assert_eq!(ticket(&fixture, &steward, again).await.0, 201);
}

#[tokio::test]
async fn desk_should_be_closed_to_everybody_but_this_providers_stewards() {
    let fixture = Fixture::new().await;
    let steward = person("Steward");
    hire(&fixture, &steward, 0, StaffRole::Steward);
    let [clinician, emergency, foreign, nobody] = ["Clinician", "Emergency", "Foreign", "Nobody"].map(person);
    hire(&fixture, &clinician, 0, StaffRole::Clinician);
    hire(&fixture, &emergency, 0, StaffRole::Emergency);
    hire(&fixture, &foreign, 1, StaffRole::Steward);
    let wish = json!({ "record": "A-1", "for": "first" });
    let decision = json!({ "reject": "no" });
    let routes = [
        (Method::POST, "/desk/tickets", Some(&wish)),
        (Method::GET, "/desk/inbox", None),
        (Method::POST, "/desk/inbox/1", Some(&decision)),
        (Method::GET, "/desk/records", None),
    ];
    let purpose = Purpose::RecordsManagement;
    for (method, target, body) in routes {
        for other in [&clinician, &emergency, &foreign, &nobody, &gate()] {
            let (status, said) = ask(&fixture, other, purpose, method.clone(), target, body).await;
            assert_eq!((status, &said["error"]), (403, &json!("forbidden")), "{target}");
        }
        // Nor for a purpose that a steward may not claim.
        let treating = ask(&fixture, &steward, Purpose::Treatment, method.clone(), target, body).await;
        assert_eq!(treating.0, 403, "{target}");
        // A session does not do, since it may be stolen.
        let session = fixture.sign_in(&steward, "RECORDMGT", None).await;
        let request = with_token(method.clone(), &session, target);
        assert_eq!(read(fixture.send(request).await).await.0, 401, "{target}");
        let bare = HttpRequest::builder().method(method).uri(target).body(Body::empty()).unwrap();
        assert_eq!(read(fixture.send(bare).await).await.0, 401, "{target}");
    }
    assert!(!fixture.store.is_enrolled("A-1", START).await.unwrap());
    // Who tried stands in the log: the five, and the steward for a wrong purpose, at each of four routes.
    assert_eq!(fixture.store.log_rows(0, 100).await.unwrap().len(), 4 * 6);
    // A steward whom one state does not know any more is none.
    fixture.chain.advance(|state| {
        state.staff.remove(&steward.account());
    });
    assert_eq!(ticket(&fixture, &steward, wish).await.0, 403);
}

#[tokio::test]
async fn item_should_be_served_or_not_as_a_steward_decides_once() {
    let fixture = Fixture::new().await;
    let (steward, alice) = (person("Steward"), person("Alice"));
    hire(&fixture, &steward, 0, StaffRole::Steward);
    let id = fixture.enrol(&alice, "A-1").await;
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    let weight = json!({
        "resourceType": "Observation", "status": "final",
        "category": [{ "coding": [{ "code": "vital-signs" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "29463-7" }] },
        "effectiveDateTime": "2025-02-01", "valueQuantity": { "value": 71.5, "unit": "kg" }
    });
    for _ in 0..2 {
        let (mut parts, _) = with_token(Method::POST, &token, "/fhir/Observation").into_parts();
        parts.headers.insert(header::CONTENT_TYPE, "application/fhir+json".parse().unwrap());
        let request = HttpRequest::from_parts(parts, Body::from(weight.to_string()));
        assert_eq!(read(fixture.send(request).await).await.0, 202);
    }
    let look =
        async || ask(&fixture, &steward, Purpose::RecordsManagement, Method::GET, "/desk/inbox", None).await;
    let decide = async |number: u64, decision: Value| {
        let target = format!("/desk/inbox/{number}");
        ask(&fixture, &steward, Purpose::RecordsManagement, Method::POST, &target, Some(&decision)).await.0
    };
    let (status, inbox) = look().await;
    assert_eq!((status, &inbox["waiting"]), (200, &json!(2)), "{inbox}");
    assert_eq!(inbox["items"][0]["resource"]["valueQuantity"]["value"], 71.5);
    assert_eq!(inbox["items"][0]["patient"], id.to_string());
    for wrong in [
        json!({}),
        json!({ "accept": { "labels": [] }, "reject": "both" }),
        json!({ "accept": { "labels": ["no label"] } }),
        json!({ "accept": {} }),
        json!({ "reject": "  " }),
        json!({ "reject": "x".repeat(501) }),
    ] {
        assert_eq!(decide(1, wrong.clone()).await, 400, "{wrong}");
    }
    assert_eq!(decide(3, json!({ "reject": "no" })).await, 409);
    assert_eq!(decide(1, json!({ "accept": { "labels": [] } })).await, 204);
    assert_eq!(decide(2, json!({ "reject": "sent twice" })).await, 204);
    assert_eq!(decide(2, json!({ "accept": { "labels": [] } })).await, 409);
    assert_eq!(look().await.1, json!({ "items": [], "waiting": 0 }));
    let target = format!("/fhir/Observation?patient={id}&code=29463-7");
    assert_eq!(fixture.get(&token, &target).await.1["total"], 1);
    // The patient reads in the log that a steward looked and decided.
    let (_, log) = fixture.get(&token, &format!("/log?patient={id}")).await;
    let by_steward: Vec<&Value> =
        log["entries"].as_array().unwrap().iter().filter(|entry| entry["capacity"] == "steward").collect();
    let actions: Vec<&Value> = by_steward.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["search", "update", "update"]);
    assert_eq!(by_steward[0]["records"], 2);
}

#[tokio::test]
async fn records_should_be_named_when_nothing_is_shown_of_them() {
    let fixture = Fixture::with_mapping(
        "CREATE TABLE note (id INTEGER PRIMARY KEY, mrn TEXT NOT NULL, kind TEXT);",
        "\n[[resource]]\ntype = \"Procedure\"\ntable = \"note\"\nkey = \"id\"\npatient = \"mrn\"\n\
         withheld = { when = { kind = [\"PSYCH\"] }, ground = \"45 CFR 164.524(a)(1)(i)\" }\n\
         [resource.elements]\nstatus = \"completed\"\nsubject = { reference = \"Patient\" }\n",
    )
    .await;
    let steward = person("Steward");
    hire(&fixture, &steward, 0, StaffRole::Steward);
    let id = fixture.enrol(&person("Alice"), "A-1").await;
    fixture.store.suspend_record("A-1", "merge", START).await.unwrap();
    let (status, kept) =
        ask(&fixture, &steward, Purpose::RecordsManagement, Method::GET, "/desk/records", None).await;
    assert_eq!(status, 200, "{kept}");
    let suspended =
        json!([{ "record": "A-1", "relationships": [id.to_string()], "ground": "merge", "since": START }]);
    assert_eq!(kept["suspended"], suspended);
    let rule = &kept["withheld"][0];
    assert_eq!((&rule["type"], &rule["all"]), (&json!("Procedure"), &json!(false)));
    assert_eq!(rule["ground"], "45 CFR 164.524(a)(1)(i)");
    assert_eq!(kept["withheld"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_should_be_done_at_the_desk_when_it_cannot_be_logged() {
    let fixture = Fixture::new().await;
    let (steward, alice) = (person("Steward"), person("Alice"));
    hire(&fixture, &steward, 0, StaffRole::Steward);
    let id = fixture.enrol(&alice, "A-1").await;
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    let note = json!({
        "resourceType": "Observation", "status": "final", "code": { "text": "weight" }, "valueString": "71 kg"
    });
    let (mut parts, _) = with_token(Method::POST, &token, "/fhir/Observation").into_parts();
    parts.headers.insert(header::CONTENT_TYPE, "application/fhir+json".parse().unwrap());
    let request = HttpRequest::from_parts(parts, Body::from(note.to_string()));
    assert_eq!(read(fixture.send(request).await).await.0, 202);
    fixture.jam_log().await;
    let wish = json!({ "record": "B-2", "for": "first" });
    let (accept, reject) = (json!({ "accept": { "labels": [] } }), json!({ "reject": "no" }));
    for (method, target, body) in [
        (Method::POST, "/desk/tickets", Some(&wish)),
        (Method::GET, "/desk/inbox", None),
        (Method::POST, "/desk/inbox/1", Some(&accept)),
        (Method::POST, "/desk/inbox/1", Some(&reject)),
        (Method::GET, "/desk/records", None),
    ] {
        for who in [&steward, &person("Nobody")] {
            let asked = ask(&fixture, who, Purpose::RecordsManagement, method.clone(), target, body).await;
            let (status, said) = asked;
            assert_eq!((status, &said["error"]), (500, &json!("internal")), "{target}: {said}");
            // Nothing but that it cannot be done.
            assert_eq!(said.as_object().unwrap().len(), 2, "{said}");
        }
    }
    let item = fixture.store.inbox_item(1).await.unwrap().unwrap();
    assert_eq!(item.status, medrec_gatekeeper::store::inbox::Status::Pending);
}
