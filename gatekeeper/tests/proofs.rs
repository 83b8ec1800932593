//! Proofs of who asks count once, here, and for what they say.
#![allow(clippy::unwrap_used)]

mod common;

use axum::{
    body::Body,
    http::{header, Method, Request as HttpRequest},
};
use common::*;
use medrec_client::request::{build, Request};
use medrec_gatekeeper::store::sessions::StoredSession;
use medrec_policy::Purpose;
use medrec_primitives::RelationshipId;
use serde_json::json;
use sp_core::crypto::Ss58Codec;

async fn own() -> (Fixture, RelationshipId) {
    let fixture = Fixture::new().await;
    let patient = fixture.enrol(&person("Carol"), "A-1").await;
    (fixture, patient)
}

fn clone(request: &HttpRequest<Body>) -> HttpRequest<Body> {
    let mut copy = HttpRequest::builder().method(request.method()).uri(request.uri());
    for (name, value) in request.headers() {
        copy = copy.header(name, value);
    }
    copy.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn request_should_be_refused_when_replayed_also_after_a_restart() {
    let (fixture, patient) = own().await;
    let request =
        fixture.signed(&person("Carol"), Purpose::PatientRequest, &format!("/fhir/Patient/{patient}"));
    let (first, second, third) = (clone(&request), clone(&request), clone(&request));
    assert_eq!(read(fixture.send(first).await).await.0, 200);
    assert_eq!(read(fixture.send(second).await).await.0, 401);
    let fixture = fixture.restart().await;
    assert_eq!(read(fixture.send(third).await).await.0, 401);
    assert_eq!(
        read(
            fixture
                .send(fixture.signed(&person("Carol"), Purpose::PatientRequest, "/fhir/Patient/r0-1000"))
                .await
        )
        .await
        .0,
        200
    );
}

#[tokio::test]
async fn request_should_be_refused_when_altered_or_meant_for_another() {
    let (fixture, patient) = own().await;
    let key = person("Carol");
    let target = format!("/fhir/Patient/{patient}");
    let good = fixture.unsigned(&target);
    let elsewhere = Request { audience: "https://other.example.org", ..good };
    let other_chain = Request { genesis: other_genesis(), ..good };
    let other_method = Request { method: "POST", ..good };
    let other_target = Request { target: "/fhir/Patient/r0-1", ..good };
    let other_body = Request { body: b"x", ..good };
    for request in [elsewhere, other_chain, other_method, other_target, other_body] {
        let header = build(&key, &request, Purpose::PatientRequest, START + 60_000).to_string();
        let sent =
            HttpRequest::get(&target).header(header::AUTHORIZATION, header).body(Body::empty()).unwrap();
        assert_eq!(read(fixture.send(sent).await).await.0, 401, "{request:?}");
    }
    let header = build(&key, &good, Purpose::PatientRequest, START + 60_000).to_string();
    let sent = HttpRequest::get(&target).header(header::AUTHORIZATION, header).body(Body::empty()).unwrap();
    assert_eq!(read(fixture.send(sent).await).await.0, 200);
}

#[tokio::test]
async fn form_should_be_refused_when_its_body_is_altered() {
    let (fixture, patient) = own().await;
    let key = person("Carol");
    let target = "/fhir/Observation/_search";
    let body = format!("patient={patient}&code=718-7");
    let request = Request { method: "POST", target, body: body.as_bytes(), ..fixture.unsigned(target) };
    let send = |header: String, body: String| {
        let sent = HttpRequest::post(target)
            .header(header::AUTHORIZATION, header)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        fixture.send(sent)
    };
    let header = || build(&key, &request, Purpose::PatientRequest, START + 60_000).to_string();
    assert_eq!(read(send(header(), body.replace("718-7", "2345-7")).await).await.0, 401);
    let (status, bundle) = read(send(header(), body.clone()).await).await;
    assert_eq!((status, entries(&bundle).len()), (200, 1), "{bundle}");
}

#[tokio::test]
async fn session_should_end_when_its_time_is_over_or_it_is_ended() {
    let (fixture, patient) = own().await;
    let target = format!("/fhir/Patient/{patient}");
    let token = fixture.sign_in(&person("Carol"), "PATRQT", None).await;
    assert_eq!(fixture.get(&token, &target).await.0, 200);
    let response = fixture.send(with_token(Method::DELETE, &token, "/auth/session")).await;
    assert_eq!(response.status(), 204);
    assert_eq!(fixture.get(&token, &target).await.0, 401);
    let token = fixture.sign_in(&person("Carol"), "PATRQT", None).await;
    fixture.time.advance(900_000);
    fixture.chain.advance(|_| {});
    assert_eq!(fixture.get(&token, &target).await.0, 401);
}

#[tokio::test]
async fn session_should_be_unknown_when_it_was_ended_whatever_is_asked_and_however_often() {
    let (fixture, patient) = own().await;
    let target = format!("/fhir/Patient/{patient}");
    let malformed = format!("{target}?colour=red");
    let token = fixture.sign_in(&person("Carol"), "PATRQT", None).await;
    let mut answers = Vec::new();
    while answers.last() != Some(&429) {
        answers.push(fixture.get(&token, &target).await.0);
        // Something changes of what is remembered: each answer is made anew, and is one request all the same.
        let other = StoredSession {
            account: person("Doctor").account(),
            purpose: "TREAT".into(),
            patient: None,
            expires: u64::MAX,
        };
        fixture.store.add_session(&[1; 32], &other, START, 8).await.unwrap();
        fixture.store.end_session(&[1; 32]).await.unwrap();
    }
    let permitted = answers.iter().filter(|status| **status == 200).count();
    let limit = config(fixture.folder.path()).limits.per_account_per_minute;
    assert!(permitted >= limit as usize && permitted + 1 == answers.len(), "{permitted} of {limit}");
    assert_eq!(fixture.get(&token, &malformed).await.0, 400);
    fixture.send(with_token(Method::DELETE, &token, "/auth/session")).await;
    assert_eq!(fixture.get(&token, &target).await.0, 401);
    assert_eq!(fixture.get(&token, &malformed).await.0, 401);
}

#[tokio::test]
async fn proof_should_be_refused_when_missing_malformed_or_doubled() {
    let (fixture, patient) = own().await;
    let target = format!("/fhir/Patient/{patient}");
    for header in
        [None, Some(""), Some("Bearer"), Some("Bearer x"), Some("Basic YTpi"), Some("MedRec-Signature x")]
    {
        let mut request = HttpRequest::get(&target);
        if let Some(header) = header {
            request = request.header(header::AUTHORIZATION, header);
        }
        let response = fixture.send(request.body(Body::empty()).unwrap()).await;
        assert!(response.headers().contains_key("www-authenticate"));
        let (status, body) = read(response).await;
        assert_eq!((status, &body["resourceType"]), (401, &json!("OperationOutcome")), "{header:?}");
    }
    let token = fixture.sign_in(&person("Carol"), "PATRQT", None).await;
    let mut doubled = with_token(Method::GET, &token, &target);
    doubled.headers_mut().append(header::AUTHORIZATION, "Bearer x".parse().unwrap());
    assert_eq!(read(fixture.send(doubled).await).await.0, 401);
}

#[tokio::test]
async fn ticket_should_be_refused_when_used_by_a_second_key() {
    let fixture = Fixture::new().await;
    let genesis = medrec_gatekeeper::chain::ChainState::genesis(&*fixture.chain);
    let issued = medrec_gatekeeper::enrol::issue(&fixture.store, AUDIENCE, genesis, 0, "A-1", START, HOUR)
        .await
        .unwrap();
    let body = |key: &medrec_client::KeyPair| {
        json!({
            "ticket": issued.ticket.secret.expose_hex(),
            "account": key.account().to_ss58check(),
            "signature": medrec_client::enrol::sign(key, &issued.ticket).to_hex(),
        })
    };
    let (status, enrolled) = fixture.post("/enrol", &body(&person("Carol"))).await;
    assert_eq!((status, &enrolled["member"]), (200, &json!(0)), "{enrolled}");
    let (status, refused) = fixture.post("/enrol", &body(&person("Mallory"))).await;
    assert_eq!((status, &refused["error"]), (403, &json!("refused")));
    // Whoever holds the key may hear the answer again.
    assert_eq!(fixture.post("/enrol", &body(&person("Carol"))).await, (200, enrolled));
    let mut stolen = body(&person("Carol"));
    stolen["account"] = json!(person("Mallory").account().to_ss58check());
    assert_eq!(fixture.post("/enrol", &stolen).await.0, 401);
}

#[tokio::test]
async fn request_should_be_refused_when_its_form_is_wrong() {
    let (fixture, patient) = own().await;
    let token = fixture.sign_in(&person("Carol"), "PATRQT", None).await;
    let own = format!("/fhir/Observation?patient={patient}");
    for target in [
        "/fhir/Observation".to_owned(),
        "/fhir/Observation?patient=3".to_owned(),
        "/fhir/Observation?patient=r0-1000'%20OR%201=1--".to_owned(),
        format!("{own}&patient=r0-1"),
        format!("{own}&_include=Observation:subject"),
        format!("{own}&_revinclude=Provenance:target"),
        format!("{own}&_has:Observation:patient:code=1"),
        format!("{own}&subject.name=Archer"),
        format!("{own}&code:text=haemoglobin"),
        format!("{own}&unknown=1"),
        format!("/fhir/Patient/{patient}?_summary=true"),
        "/fhir/Patient/A_1".to_owned(),
        format!("/log?patient={patient}&after=x"),
        "/log".to_owned(),
    ] {
        assert_eq!(fixture.get(&token, &target).await.0, 400, "{target}");
    }
    assert_eq!(fixture.get(&token, &format!("/fhir/Condition?patient={patient}")).await.0, 404);
    for target in ["/nothing", "/fhir/Patient/A-1", &format!("/fhir/Observation/{patient}.1")] {
        assert_eq!(fixture.get(&token, target).await.0, 404, "{target}");
    }
    let response = fixture.send(with_token(Method::PUT, &token, &format!("/fhir/Patient/{patient}"))).await;
    assert_eq!(response.status(), 405);
}

#[tokio::test]
async fn body_should_be_refused_when_too_large_or_no_json() {
    let fixture = Fixture::new().await;
    let large = json!({ "account": "x".repeat(70_000), "purpose": "TREAT" });
    assert_eq!(fixture.post("/auth/challenge", &large).await.0, 413);
    let send = |kind: &str, body: &str| {
        let request = HttpRequest::post("/auth/challenge").header(header::CONTENT_TYPE, kind);
        fixture.send(request.body(Body::from(body.to_owned())).unwrap())
    };
    assert_eq!(read(send("application/json", "{\"account\": \"5Gr").await).await.0, 400);
    assert_eq!(read(send("text/plain", "{}").await).await.0, 400);
    let unknown =
        json!({ "account": person("Carol").account().to_ss58check(), "purpose": "TREAT", "admin": true });
    assert_eq!(fixture.post("/auth/challenge", &unknown).await.0, 400);
}
