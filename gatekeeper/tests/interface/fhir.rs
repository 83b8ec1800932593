//! FHIR as a standard client meets it: search, everything, pages, content negotiation, errors.

use axum::{
    body::Body,
    http::{header, Method, Request},
};
use serde_json::Value;

use crate::common::*;

async fn total(fixture: &Fixture, token: &str, target: &str) -> u64 {
    let (status, bundle) = fixture.get(token, target).await;
    assert_eq!(status, 200, "{target}: {bundle}");
    bundle["total"].as_u64().unwrap()
}

fn link(bundle: &Value, relation: &str) -> Option<String> {
    let link = bundle["link"].as_array()?.iter().find(|link| link["relation"] == relation)?;
    Some(link["url"].as_str()?.strip_prefix(AUDIENCE)?.to_owned())
}

#[tokio::test]
async fn search_should_find_by_reference_text_and_approximate_date() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let token = fixture.sign_in(&alice, "PATRQT", None).await;
    let (_, stays) = fixture.get(&token, &format!("/fhir/Encounter?patient={id}")).await;
    let stay = entries(&stays)[0]["id"].as_str().unwrap().to_owned();
    for (query, expected) in [
        (format!("Observation?patient={id}&encounter=Encounter/{stay}"), 1),
        (format!("Observation?patient={id}&encounter={stay}"), 1),
        (format!("Observation?patient={id}&encounter:Encounter={stay}"), 1),
        (format!("Observation?patient={id}&encounter=Condition/{stay}"), 0),
        (format!("Observation?subject=Patient/{id}"), 2),
        (format!("Observation?subject={id}&patient={id}"), 2),
        (format!("Observation?patient={id}&date=ap2025-01-02"), 2),
        (format!("Observation?patient={id}&date=ap2025-01-01"), 1),
        (format!("Patient?_id={id}&name=arch"), 1),
        (format!("Patient?_id={id}&family:exact=Archer"), 1),
        (format!("Patient?_id={id}&family:exact=archer"), 0),
        (format!("Patient?_id={id}&name:contains=CHE"), 1),
        (format!("Patient?_id={id}&name=x"), 0),
        (format!("Observation?patient=https://gate.example.org/fhir/Patient/{id}&encounter=https://gate.example.org/fhir/Encounter/{stay}"), 1),
        (format!("Observation?patient={id}&status=FINAL"), 2),
    ] {
        assert_eq!(total(&fixture, &token, &format!("/fhir/{query}")).await, expected, "{query}");
    }
    let (_, bundle) = fixture.get(&token, &format!("/fhir/Observation?patient={id}&_summary=count")).await;
    assert!(bundle["total"] == 2 && bundle.get("entry").is_none());
    let (_, bundle) = fixture.get(&token, &format!("/fhir/Observation?patient={id}&_total=none")).await;
    assert!(bundle.get("total").is_none() && entries(&bundle).len() == 2);
}

#[tokio::test]
async fn search_should_be_about_the_sessions_patient_when_none_is_named() {
    let fixture = Fixture::new().await;
    let (alice, bob) = (person("Alice"), person("Bob"));
    let id = fixture.enrol(&alice, "A-1").await;
    let other = fixture.enrol(&bob, "B-2").await;
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    assert_eq!(total(&fixture, &token, "/fhir/Observation").await, 2);
    assert_eq!(total(&fixture, &token, "/fhir/Patient").await, 1);
    assert_eq!(fixture.get(&token, &format!("/fhir/Observation?patient={other}")).await.0, 403);
    assert_eq!(fixture.get(&token, &format!("/fhir/Patient?_id={other}")).await.0, 403);
    let free = fixture.sign_in(&alice, "PATRQT", None).await;
    assert_eq!(fixture.get(&free, "/fhir/Observation").await.0, 400);
}

#[tokio::test]
async fn next_page_should_be_decided_again_and_be_the_askers_own() {
    let fixture = Fixture::new().await;
    let (alice, doctor) = (person("Alice"), person("Doctor"));
    let id = fixture.enrol(&alice, "A-1").await;
    fixture.grant(id, &doctor, "patient/Observation.rs;purpose=TREAT");
    let (hers, his) =
        (fixture.sign_in(&alice, "PATRQT", None).await, fixture.sign_in(&doctor, "TREAT", None).await);
    let (_, first) = fixture.get(&his, &format!("/fhir/Observation?patient={id}&_count=1")).await;
    let next = link(&first, "next").unwrap();
    let (status, second) = fixture.get(&his, &next).await;
    assert_eq!((status, entries(&second).len()), (200, 1));
    assert!(link(&second, "next").is_none());
    assert_ne!(entries(&first)[0]["id"], entries(&second)[0]["id"]);
    // Hers are others, and whoever has his cannot use them.
    assert_eq!(fixture.get(&hers, &next).await.0, 400);
    assert_eq!(fixture.get(&his, &format!("{next}&code=718-7")).await.0, 400);
    let fixture = fixture.restart().await;
    assert_eq!(fixture.get(&his, &next).await.0, 200);
    fixture.chain.advance(revoke_all(id));
    assert_eq!(fixture.get(&his, &next).await.0, 403);
}

#[tokio::test]
async fn everything_should_hold_what_searches_find_and_nothing_else() {
    let fixture = Fixture::new().await;
    let (alice, doctor) = (person("Alice"), person("Doctor"));
    let id = fixture.enrol(&alice, "A-1").await;
    let everything = format!("/fhir/Patient/{id}/$everything");
    let hers = fixture.sign_in(&alice, "PATRQT", None).await;
    assert_eq!(total(&fixture, &hers, &everything).await, 5);
    assert_eq!(total(&fixture, &hers, &format!("{everything}?_type=Observation")).await, 2);
    // The stays say no date.
    assert_eq!(total(&fixture, &hers, &format!("{everything}?start=2025-01-03")).await, 4);
    assert_eq!(total(&fixture, &hers, &format!("{everything}?start=2025-01-03&_type=Observation")).await, 1);
    let his = fixture.sign_in(&doctor, "TREAT", None).await;
    assert_eq!(fixture.get(&his, &everything).await.0, 403);
    fixture.grant(
        id,
        &doctor,
        "patient/Encounter.rs patient/Observation.rs?code=718-7,2345-7;purpose=TREAT"
            .replace("718-7,2345-7", "2345-7,718-7")
            .as_str(),
    );
    let (status, bundle) = fixture.get(&his, &everything).await;
    assert_eq!((status, bundle["total"].as_u64()), (200, Some(3)), "{bundle}");
    // The stay on the psychiatric ward is not there, and nothing leads to it.
    assert_eq!(bundle.to_string().matches("\"Encounter/").count(), 1, "{bundle}");
    assert!(!bundle.to_string().contains("Archer"));
    let (mut next, mut found) = (Some(format!("{everything}?_count=1")), 0);
    while let Some(target) = next {
        let (status, page) = fixture.get(&his, &target).await;
        assert_eq!(status, 200, "{page}");
        found += entries(&page).len();
        next = link(&page, "next");
    }
    assert_eq!(found, 3);
    assert_eq!(fixture.get(&his, &format!("{everything}?_type=Foo")).await.0, 400);
    assert_eq!(fixture.get(&his, &format!("/fhir/Observation/{id}/$everything")).await.0, 404);
    assert_eq!(fixture.get(&his, &format!("/fhir/Patient/{id}/$match")).await.0, 404);
}

#[tokio::test]
async fn unknown_parameters_should_be_left_out_when_asked_for_leniency_only() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let token = fixture.sign_in(&alice, "PATRQT", None).await;
    let target = format!("/fhir/Observation?patient={id}&_include=Observation:encounter&foo=bar&code=718-7");
    assert_eq!(fixture.get(&token, &target).await.0, 400);
    let mut request = with_token(Method::GET, &token, &target);
    request.headers_mut().insert("prefer", "handling=lenient".parse().unwrap());
    let (status, bundle) = read(fixture.send(request).await).await;
    assert_eq!((status, bundle["total"].as_u64()), (200, Some(1)));
    // A modifier that is not known changes the question.
    let mut request =
        with_token(Method::GET, &token, &format!("/fhir/Observation?patient={id}&code:not=718-7"));
    request.headers_mut().insert("prefer", "handling=lenient".parse().unwrap());
    assert_eq!(read(fixture.send(request).await).await.0, 400);
    let outcome =
        entries(&bundle).into_iter().find(|entry| entry["resourceType"] == "OperationOutcome").unwrap();
    assert!(outcome.to_string().contains("_include, foo"), "{outcome}");
    assert!(!link(&bundle, "self").unwrap().contains("foo"));
}

#[tokio::test]
async fn errors_should_be_operation_outcomes_whatever_goes_wrong() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let token = fixture.sign_in(&alice, "PATRQT", None).await;
    let with = |method: Method, target: &str, name: &'static str, value: &'static str| {
        let mut request = with_token(method, &token, target);
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let observations = format!("/fhir/Observation?patient={id}");
    for (request, status) in [
        (Request::get(&observations).body(Body::empty()).unwrap(), 401),
        (with_token(Method::GET, &token, "/fhir"), 404),
        (with_token(Method::GET, &token, "/fhir/a/b/c/d"), 404),
        (with_token(Method::DELETE, &token, "/fhir/Observation/x"), 405),
        (with_token(Method::PUT, &token, "/fhir/Observation/x"), 405),
        (with_token(Method::GET, &token, "/fhir/Foo?patient=r0-0"), 404),
        // An id by FHIR's rules, which is nobody's here; and one that can be none.
        (with_token(Method::GET, &token, "/fhir/Observation/nonsense"), 404),
        (with_token(Method::GET, &token, "/fhir/Observation/non_sense"), 400),
        (with_token(Method::GET, &token, "/fhir/Observation/%ff"), 400),
        (with_token(Method::GET, &token, "/fhir/%zz"), 400),
        (with_token(Method::GET, "no such token", &observations), 401),
        (with(Method::POST, "/fhir/Goal", "content-type", "application/json"), 404),
        (with(Method::POST, "/fhir/Observation", "if-none-exist", "identifier=x"), 412),
        (with_token(Method::GET, &token, &format!("{observations}&status:not=final")), 400),
        (with_token(Method::GET, &token, &format!("/fhir/AuditEvent?patient={id}&date=ge2026")), 400),
        (with_token(Method::GET, &token, &format!("{observations}&_format=xml")), 406),
        (with(Method::GET, &observations, "accept", "application/fhir+xml"), 406),
        (with(Method::GET, "/fhir/metadata", "accept", "application/fhir+xml"), 406),
        (with_token(Method::GET, &token, "/fhir/metadata?_format=application%2Ffhir%2Bxml"), 406),
        (with_token(Method::GET, &token, "/fhir/metadata?_format=%zz"), 400),
        (with(Method::POST, "/fhir/Observation/_search", "content-type", "application/json"), 415),
    ] {
        let target = request.uri().to_string();
        let response = fixture.send(request).await;
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let (found, body) = read(response).await;
        assert_eq!(found, status, "{target}: {body}");
        assert_eq!(body["resourceType"], "OperationOutcome", "{target}");
        assert!(kind.starts_with("application/fhir+json"), "{target}: {kind}");
    }
}

#[tokio::test]
async fn log_should_come_in_pages_of_the_size_asked_for() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let token = fixture.sign_in(&alice, "PATRQT", None).await;
    for _ in 0..3 {
        total(&fixture, &token, &format!("/fhir/Observation?patient={id}")).await;
    }
    let mut found = Vec::new();
    let mut next = Some(format!("/fhir/AuditEvent?patient={id}&_count=2&_format=json"));
    while let Some(target) = next.filter(|_| found.len() < 3) {
        let (status, bundle) = fixture.get(&token, &target).await;
        assert_eq!(status, 200, "{target}: {bundle}");
        let page = entries(&bundle);
        assert!((1..=2).contains(&page.len()), "{bundle}");
        found.extend(page.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
        next = link(&bundle, "next");
    }
    let distinct: std::collections::BTreeSet<&String> = found.iter().collect();
    assert!(found.len() >= 3 && distinct.len() == found.len(), "{found:?}");
}

#[tokio::test]
async fn token_should_be_called_invalid_when_it_is_good_for_nothing() {
    let fixture = Fixture::new().await;
    for (request, invalid) in [
        (Request::get("/fhir/Observation?patient=r0-0").body(Body::empty()).unwrap(), false),
        (with_token(Method::GET, &"ab".repeat(32), "/fhir/Observation?patient=r0-0"), true),
    ] {
        let response = fixture.send(request).await;
        let said = response.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned();
        assert_eq!(said.contains("error=\"invalid_token\""), invalid, "{said}");
        assert!(said.starts_with("Bearer") && said.ends_with("MedRec-Signature"), "{said}");
    }
}

#[tokio::test]
async fn format_should_count_when_it_stands_in_a_search_form() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let token = fixture.sign_in(&alice, "PATRQT", None).await;
    for (form, status) in [
        (format!("patient={id}&_format=json"), 200),
        (format!("patient={id}"), 406),
        (format!("patient={id}&_format=xml"), 406),
    ] {
        let (mut parts, _) = with_token(Method::POST, &token, "/fhir/Observation/_search").into_parts();
        parts.headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
        parts.headers.insert(header::ACCEPT, "application/fhir+xml".parse().unwrap());
        let response = fixture.send(Request::from_parts(parts, Body::from(form.clone()))).await;
        assert_eq!(read(response).await.0, status, "{form}");
    }
}
