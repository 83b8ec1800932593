//! Share links: SMART Health Links, from making one to whoever opens it.

use axum::{
    body::{to_bytes, Body},
    http::{header, Method, Request},
};
use medrec_client::{
    messages::{LinkEntry, Links, MadeLink},
    share_link::{Manifest, Payload},
};
use medrec_primitives::{AccountId, Effect, RelationshipId};
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

use crate::common::*;

const TERMS: &str = "patient/Observation.rs?code=718-7;purpose=TREAT";

async fn make(fixture: &Fixture, token: &str, id: RelationshipId, more: Value) -> (u16, Value) {
    let mut body = json!({ "patient": id.to_string(), "purpose": "TREAT", "expires": START + 24 * HOUR });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let (mut parts, _) = with_token(Method::POST, token, "/links").into_parts();
    parts.headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    read(fixture.send(Request::from_parts(parts, Body::from(body.to_string()))).await).await
}

/// A link of Alice's, and its account.
async fn link(fixture: &Fixture, id: RelationshipId, more: Value) -> (Payload, AccountId) {
    let token = fixture.sign_in(&person("Alice"), "PATRQT", Some(id)).await;
    let (status, made) = make(fixture, &token, id, more).await;
    assert_eq!(status, 201, "{made}");
    let made: MadeLink = serde_json::from_value(made).unwrap();
    (Payload::parse(&made.link).unwrap(), Ss58Codec::from_ss58check(&made.account).unwrap())
}

fn path(url: &str) -> &str {
    url.strip_prefix(AUDIENCE).unwrap()
}

async fn open(fixture: &Fixture, link: &Payload, more: Value) -> (u16, Value) {
    let mut body = json!({ "recipient": "Dr Ng" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    fixture.post(path(&link.url), &body).await
}

fn embedded(link: &Payload, manifest: Value) -> Value {
    let manifest: Manifest = serde_json::from_value(manifest).unwrap();
    assert_eq!(manifest.files.len(), 1);
    let jwe = manifest.files[0].embedded.as_ref().unwrap();
    serde_json::from_slice(&link.open(jwe).unwrap()).unwrap()
}

#[tokio::test]
async fn link_should_show_what_its_account_is_granted_and_nothing_after_the_grant_is_gone() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let (link, account) = link(&fixture, id, json!({ "label": "For Dr Ng" })).await;
    assert_eq!((link.label.as_deref(), link.flag.as_deref()), (Some("For Dr Ng"), Some("L")));
    let (status, body) = open(&fixture, &link, json!({})).await;
    assert_eq!(status, 404, "nothing was granted: {body}");
    let rule = fixture.rule_for(id, account.clone(), Effect::Allow, TERMS);
    fixture.chain.advance(add(id, rule));
    let (status, manifest) = open(&fixture, &link, json!({})).await;
    assert_eq!(status, 200, "{manifest}");
    let bundle = embedded(&link, manifest);
    let shown = entries(&bundle);
    assert_eq!(shown.len(), 1, "{bundle}");
    assert_eq!(shown[0]["code"]["coding"][0]["code"], "718-7");
    assert!(!bundle.to_string().contains("2345-7"));
    // The patient sees who says to have opened it.
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    let (_, events) = fixture.get(&token, &format!("/fhir/AuditEvent?patient={id}")).await;
    assert!(events.to_string().contains("share link, opened by Dr Ng"), "{events}");
    assert!(events.to_string().contains(&account.to_ss58check()));
    fixture.chain.advance(|state| state.relationships.get_mut(&id).unwrap().grants.clear());
    assert_eq!(open(&fixture, &link, json!({})).await.0, 404);
}

#[tokio::test]
async fn link_should_want_its_passcode_and_lead_nowhere_after_ten_wrong_ones() {
    let fixture = Fixture::new().await;
    let id = fixture.enrol(&person("Alice"), "A-1").await;
    let (link, account) = link(&fixture, id, json!({ "passcode": "blue horse" })).await;
    fixture.chain.advance(add(id, fixture.rule_for(id, account, Effect::Allow, TERMS)));
    assert!(link.wants_passcode());
    assert_eq!(open(&fixture, &link, json!({})).await, (401, json!({ "remainingAttempts": 10 })));
    let (status, manifest) = open(&fixture, &link, json!({ "passcode": "blue horse" })).await;
    assert_eq!(status, 200);
    assert_eq!(entries(&embedded(&link, manifest)).len(), 1);
    for left in (0..10).rev() {
        let told = open(&fixture, &link, json!({ "passcode": "blue cow" })).await;
        assert_eq!(told, (401, json!({ "remainingAttempts": left })));
    }
    assert_eq!(open(&fixture, &link, json!({ "passcode": "blue horse" })).await.0, 404);
    let fixture = fixture.restart().await;
    assert_eq!(open(&fixture, &link, json!({ "passcode": "blue horse" })).await.0, 404);
}

#[tokio::test]
async fn file_should_come_by_an_address_of_its_own_when_it_is_too_long_for_the_manifest() {
    let fixture = Fixture::new().await;
    let id = fixture.enrol(&person("Alice"), "A-1").await;
    let (link, account) = link(&fixture, id, json!({ "passcode": "4711" })).await;
    fixture.chain.advance(add(id, fixture.rule_for(id, account, Effect::Allow, TERMS)));
    let asked = json!({ "passcode": "4711", "embeddedLengthMax": 100 });
    let (_, manifest) = open(&fixture, &link, asked).await;
    let manifest: Manifest = serde_json::from_value(manifest).unwrap();
    assert_eq!(manifest.files[0].embedded, None);
    let location = manifest.files[0].location.clone().unwrap();
    let get = |location: String| {
        let request = Request::get(path(&location)).body(Body::empty()).unwrap();
        fixture.send(request)
    };
    let response = get(location.clone()).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/jose".parse().unwrap())
    );
    let jwe = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let bundle: Value =
        serde_json::from_slice(&link.open(std::str::from_utf8(&jwe).unwrap()).unwrap()).unwrap();
    assert_eq!(entries(&bundle).len(), 1);
    assert_eq!(get(format!("{location}x")).await.status(), 404);
    // It is decided anew, too.
    fixture.chain.advance(|state| state.relationships.get_mut(&id).unwrap().grants.clear());
    assert_eq!(get(location.clone()).await.status(), 404);
    fixture.time.advance(HOUR);
    assert_eq!(get(location).await.status(), 404);
}

#[tokio::test]
async fn file_should_come_by_its_address_alone_when_the_link_says_so() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let (link, account) = link(&fixture, id, json!({ "direct": true })).await;
    assert!(link.is_direct() && !link.wants_passcode());
    assert_eq!(link.flag.as_deref(), Some("LU"));
    let get = async |url: &str, query: &str| {
        let target = format!("{}{query}", path(url));
        let response = fixture.send(Request::get(target).body(Body::empty()).unwrap()).await;
        let kind = response.headers().get(header::CONTENT_TYPE).cloned();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    };
    assert_eq!(get(&link.url, "?recipient=Dr+Ng").await.0, 404, "nothing was granted");
    fixture.chain.advance(add(id, fixture.rule_for(id, account, Effect::Allow, TERMS)));
    let (status, kind, jwe) = get(&link.url, "?recipient=Dr%20Ng%2C%20Riverside&other=1").await;
    assert_eq!((status, kind.unwrap().to_str().unwrap()), (200, "application/jose"));
    let bundle: Value = serde_json::from_slice(&link.open(&jwe).unwrap()).unwrap();
    assert_eq!(entries(&bundle).len(), 1);
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    let (_, events) = fixture.get(&token, &format!("/fhir/AuditEvent?patient={id}")).await;
    assert!(events.to_string().contains("share link, opened by Dr Ng, Riverside"), "{events}");
    let queries = [
        "",
        "?",
        "?recipient=",
        "?recipient=%20",
        "?recipient=a%0Ab",
        "?recipient=%ff",
        "?recipient=a&recipient=b",
    ];
    for query in queries {
        assert_eq!(get(&link.url, query).await.0, 400, "{query}");
    }
    // It can be asked by a manifest as well; one with a passcode cannot be fetched, and is none the wiser for it.
    assert_eq!(open(&fixture, &link, json!({})).await.0, 200);
    let (guarded, account) = self::link(&fixture, id, json!({ "passcode": "blue horse" })).await;
    fixture.chain.advance(add(id, fixture.rule_for(id, account, Effect::Allow, TERMS)));
    assert_eq!(get(&guarded.url, "?recipient=x").await.0, 404);
    assert_eq!(open(&fixture, &guarded, json!({})).await.1, json!({ "remainingAttempts": 10 }));
    assert_eq!(make(&fixture, &token, id, json!({ "direct": true, "passcode": "4711" })).await.0, 400);
    fixture.chain.advance(|state| state.relationships.get_mut(&id).unwrap().grants.clear());
    assert_eq!(get(&link.url, "?recipient=x").await.0, 404);
}

#[tokio::test]
async fn links_should_be_made_listed_and_ended_by_the_patients_side_only() {
    let fixture = Fixture::new().await;
    let (alice, doctor) = (person("Alice"), person("Doctor"));
    let id = fixture.enrol(&alice, "A-1").await;
    let other = fixture.enrol(&person("Bob"), "B-2").await;
    fixture.grant(id, &doctor, "patient/*.rs;purpose=TREAT");
    let (_, account) = link(&fixture, id, json!({ "passcode": "4711" })).await;
    let list = format!("/links?patient={id}");
    let one = format!("/links/{}?patient={id}", account.to_ss58check());
    let end = async |token: &str, target: &str| {
        fixture.send(with_token(Method::DELETE, token, target)).await.status().as_u16()
    };
    for (key, purpose) in [(&doctor, "TREAT"), (&person("Bob"), "PATRQT"), (&person("Stranger"), "PATRQT")] {
        let token = fixture.sign_in(key, purpose, None).await;
        assert_eq!(make(&fixture, &token, id, json!({})).await.0, 403);
        assert_eq!(fixture.get(&token, &list).await.0, 403);
        assert_eq!(end(&token, &one).await, 403);
    }
    let token = fixture.sign_in(&alice, "PATRQT", Some(id)).await;
    assert_eq!(make(&fixture, &token, other, json!({})).await.0, 403);
    let (status, found) = fixture.get(&token, &list).await;
    assert_eq!(status, 200, "{found}");
    let found: Links = serde_json::from_value(found).unwrap();
    let expected = LinkEntry {
        account: account.to_ss58check(),
        purpose: "TREAT".into(),
        made: START,
        expires: START + 24 * HOUR,
        passcode: true,
        tries_left: Some(10),
    };
    assert_eq!(found.links.len(), 1);
    assert_eq!(LinkEntry { made: START, ..found.links[0].clone() }, expected);
    assert_eq!(end(&token, &one).await, 204);
    assert_eq!(end(&token, &one).await, 404);
    // The other's is not ended by naming one's own relationship.
    let elsewhere = format!("/links/{}?patient={other}", account.to_ss58check());
    assert_eq!(end(&token, &elsewhere).await, 403);
}

#[tokio::test]
async fn requests_should_be_refused_when_malformed() {
    let fixture = Fixture::new().await;
    let id = fixture.enrol(&person("Alice"), "A-1").await;
    let (link, account) = link(&fixture, id, json!({})).await;
    fixture.chain.advance(add(id, fixture.rule_for(id, account, Effect::Allow, TERMS)));
    for recipient in [json!(""), json!("  "), json!("a\nb"), json!("a".repeat(121)), json!(7), Value::Null] {
        assert_eq!(open(&fixture, &link, json!({ "recipient": recipient })).await.0, 400, "{recipient}");
    }
    for token in ["", "x", &"A".repeat(43), &"A".repeat(5000)] {
        let (status, _) = fixture.post(&format!("/shl/{token}"), &json!({ "recipient": "x" })).await;
        assert!(matches!(status, 404 | 400), "{token:.10}: {status}");
    }
    let alice = fixture.sign_in(&person("Alice"), "PATRQT", Some(id)).await;
    for more in [
        json!({ "expires": START }),
        json!({ "expires": START + 400 * 24 * HOUR }),
        json!({ "passcode": "123" }),
        json!({ "purpose": "FUN" }),
        json!({ "patient": "r0" }),
        json!({ "unknown": 1 }),
        json!({ "label": "a".repeat(81) }),
    ] {
        assert_eq!(make(&fixture, &alice, id, more.clone()).await.0, 400, "{more}");
    }
    assert_eq!(fixture.get(&alice, "/links").await.0, 400);
}

#[tokio::test]
async fn pages_of_any_origin_should_open_a_link_and_none_make_one() {
    let fixture = Fixture::new().await;
    let id = fixture.enrol(&person("Alice"), "A-1").await;
    let (link, _) = link(&fixture, id, json!({})).await;
    let preflight = |target: String| {
        let request = Request::builder()
            .method(Method::OPTIONS)
            .uri(target)
            .header(header::ORIGIN, "https://viewer.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
        fixture.send(request.body(Body::empty()).unwrap())
    };
    let allowed = preflight(path(&link.url).to_owned()).await;
    assert_eq!(allowed.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let refused = preflight("/links".to_owned()).await;
    assert!(!refused.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}
