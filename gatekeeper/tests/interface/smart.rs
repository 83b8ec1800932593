//! The whole launch, page by page, and everything that must not work.

use axum::{
    body::{to_bytes, Body},
    http::{header, HeaderMap, Method, Request},
};
use medrec_client::KeyPair;
use medrec_gatekeeper::form::encode;
use medrec_primitives::RelationshipId;
use serde_json::Value;
use sp_core::crypto::Ss58Codec;

use crate::common::*;

// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "https://app.example/cb";
const SCOPE: &str = "launch/patient patient/Observation.rs patient/Patient.rs";

pub fn form(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        text.push('&');
        text.push_str(name);
        text.push('=');
        encode(value, &mut text);
    }
    text.trim_start_matches('&').to_owned()
}

fn asked(scope: &str) -> Vec<(&str, &str)> {
    vec![
        ("response_type", "code"),
        ("client_id", "chart"),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("state", "s t&te"),
        ("aud", "https://gate.example.org/fhir"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

struct Said {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Said {
    fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        self.headers[header::LOCATION].to_str().unwrap()
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let pairs = medrec_gatekeeper::form::pairs(self.location().split_once('?')?.1).unwrap();
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The value of a hidden field.
    fn field(&self, name: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        let value = rest.split_once('"').unwrap().0;
        value.replace("&#10;", "\n").replace("&amp;", "&")
    }
}

async fn say(fixture: &Fixture, request: Request<Body>) -> Said {
    let response = fixture.send(request).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Said { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
}

async fn get(fixture: &Fixture, target: &str) -> Said {
    say(fixture, Request::get(target).body(Body::empty()).unwrap()).await
}

async fn post(fixture: &Fixture, target: &str, pairs: &[(&str, &str)]) -> Said {
    let request = Request::post(target).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    say(fixture, request.body(Body::from(form(pairs))).unwrap()).await
}

/// Up to the page that asks for consent.
async fn signed_in(fixture: &Fixture, key: &KeyPair, purpose: &str, query: &str) -> Said {
    let address = key.account().to_ss58check();
    let challenge = [("account", address.as_str()), ("purpose", purpose)];
    let page = post(fixture, &format!("/smart/challenge?{query}"), &challenge).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let message = page.field("message");
    let signature = key.sign_wrapped(message.as_bytes()).to_hex();
    // As browsers send it.
    let sent = message.replace('\n', "\r\n");
    let answer = [("message", sent.as_str()), ("signature", signature.as_str())];
    let page = post(fixture, &format!("/smart/sign-in?{query}"), &answer).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page
}

/// All of it; gives the code.
async fn code(
    fixture: &Fixture,
    key: &KeyPair,
    purpose: &str,
    patient: RelationshipId,
    scope: &str,
) -> String {
    let query = form(&asked(scope));
    let page = signed_in(fixture, key, purpose, &query).await;
    let (proof, patient) = (page.field("proof"), patient.to_string());
    let mut answer = vec![("proof", proof.as_str()), ("patient", patient.as_str()), ("answer", "allow")];
    answer.extend(scope.split(' ').map(|scope| ("scope", scope)));
    let back = post(fixture, &format!("/smart/consent?{query}"), &answer).await;
    assert!(back.location().starts_with(CALLBACK));
    assert_eq!(back.parameter("state").unwrap(), "s t&te");
    back.parameter("code").unwrap_or_else(|| panic!("{}", back.location()))
}

async fn redeem(fixture: &Fixture, code: &str) -> Said {
    let asked = [
        ("grant_type", "authorization_code"),
        ("client_id", "chart"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    post(fixture, "/smart/token", &asked).await
}

pub async fn token(
    fixture: &Fixture,
    key: &KeyPair,
    purpose: &str,
    patient: RelationshipId,
    scope: &str,
) -> Value {
    let said = redeem(fixture, &code(fixture, key, purpose, patient, scope).await).await;
    assert_eq!(said.status, 200, "{}", said.text);
    said.json()
}

fn access(token: &Value) -> &str {
    token["access_token"].as_str().unwrap()
}

#[tokio::test]
async fn app_should_read_what_was_granted_and_consented_to_and_nothing_else() {
    let fixture = Fixture::new().await;
    let (alice, doctor) = (person("Alice"), person("Doctor"));
    let id = fixture.enrol(&alice, "A-1").await;
    let other = fixture.enrol(&person("Bob"), "B-2").await;
    fixture.grant(
        id,
        &doctor,
        "patient/Encounter.rs patient/Observation.rs?_elements=code,encounter,valueQuantity;purpose=TREAT",
    );
    let query = form(&asked(SCOPE));
    let page = signed_in(&fixture, &doctor, "TREAT", &query).await;
    assert!(
        page.text.contains(&format!("value=\"{id}\" checked")) && !page.text.contains(&other.to_string())
    );

    let told = token(&fixture, &doctor, "TREAT", id, SCOPE).await;
    assert_eq!(
        (told["patient"].as_str(), told["token_type"].as_str()),
        (Some(id.to_string().as_str()), Some("Bearer"))
    );
    assert_eq!(told["scope"], "patient/Observation.rs patient/Patient.rs launch/patient");
    assert!(told.get("refresh_token").is_none());
    let token = access(&told);
    let (status, bundle) = fixture.get(token, &format!("/fhir/Observation?patient={id}")).await;
    assert_eq!((status, bundle["total"].as_u64()), (200, Some(2)));
    // Without the app, the doctor sees to which stay a result belongs. With it, stays are out of scope.
    assert!(!bundle.to_string().contains("Encounter"), "{bundle}");
    // Consented to, but not granted.
    assert_eq!(fixture.get(token, &format!("/fhir/Patient/{id}")).await.0, 403);
    // Granted, but not consented to.
    assert_eq!(fixture.get(token, &format!("/fhir/Encounter?patient={id}")).await.0, 403);
    // Another patient.
    assert_eq!(fixture.get(token, &format!("/fhir/Observation?patient={other}")).await.0, 403);
    // The rule falls, and the token is worth nothing.
    fixture.chain.advance(revoke_all(id));
    assert_eq!(fixture.get(token, &format!("/fhir/Observation?patient={id}")).await.0, 403);
}

#[tokio::test]
async fn patient_should_see_no_more_through_an_app_than_consented_to() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let told =
        token(&fixture, &alice, "PATRQT", id, "patient/Observation.rs?_elements=code patient/Encounter.rs")
            .await;
    let (status, bundle) = fixture.get(access(&told), &format!("/fhir/Observation?patient={id}")).await;
    assert_eq!(status, 200);
    assert!(bundle.to_string().contains("718-7") && !bundle.to_string().contains("7.2"), "{bundle}");
    // The stay on a psychiatric ward has a label that no scope names.
    let (_, bundle) = fixture.get(access(&told), &format!("/fhir/Encounter?patient={id}")).await;
    assert_eq!(bundle["total"], 1);
    // Who read what is not asked for.
    assert_eq!(fixture.get(access(&told), &format!("/log?patient={id}")).await.0, 403);
    assert_eq!(fixture.get(access(&told), &format!("/fhir/AuditEvent?patient={id}")).await.0, 403);
    let told = token(&fixture, &alice, "PATRQT", id, "patient/AuditEvent.rs").await;
    assert_eq!(fixture.get(access(&told), &format!("/log?patient={id}")).await.0, 200);
}

#[tokio::test]
async fn request_should_lead_to_a_page_when_app_or_address_is_not_known() {
    let fixture = Fixture::new().await;
    for (name, value) in [
        ("client_id", "nobody"),
        ("client_id", ""),
        ("redirect_uri", "https://app.example/cb/"),
        ("redirect_uri", "https://app.example/cb?x=1"),
        ("redirect_uri", "https://other.example/cb?x=1"),
        ("redirect_uri", "https://evil.example/cb"),
        ("redirect_uri", ""),
    ] {
        let mut pairs = asked(SCOPE);
        pairs.iter_mut().filter(|(key, _)| *key == name).for_each(|pair| pair.1 = value);
        let said = get(&fixture, &format!("/smart/authorize?{}", form(&pairs))).await;
        assert_eq!(said.status, 400, "{name}={value}");
        assert!(!said.headers.contains_key(header::LOCATION));
        let mut twice = asked(SCOPE);
        twice.push((name, value));
        assert_eq!(get(&fixture, &format!("/smart/authorize?{}", form(&twice))).await.status, 400, "{name}");
    }
}

#[tokio::test]
async fn request_should_go_back_with_an_error_when_anything_else_is_wrong() {
    let fixture = Fixture::new().await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "unsupported_response_type"),
        ("scope", "patient/*.read", "invalid_scope"),
        ("scope", "openid", "invalid_scope"),
        ("state", "", "invalid_request"),
        ("aud", "https://evil.example/fhir", "invalid_request"),
        ("aud", "https://gate.example.org", "invalid_request"),
        ("aud", "", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
    ] {
        let mut pairs = asked(SCOPE);
        pairs.iter_mut().filter(|(key, _)| *key == name).for_each(|pair| pair.1 = value);
        let said = get(&fixture, &format!("/smart/authorize?{}", form(&pairs))).await;
        assert_eq!(said.parameter("error").as_deref(), Some(error), "{name}={value}");
        assert!(said.location().starts_with(CALLBACK));
        if name != "state" {
            assert_eq!(said.parameter("state").as_deref(), Some("s t&te"));
        }
    }
    let mut pairs = asked(SCOPE);
    pairs.push(("launch", "xyz"));
    let said = get(&fixture, &format!("/smart/authorize?{}", form(&pairs))).await;
    assert_eq!(said.parameter("error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn pages_should_do_nothing_but_be_themselves() {
    let fixture = Fixture::new().await;
    let page = get(&fixture, &format!("/smart/authorize?{}", form(&asked(SCOPE)))).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(page.headers[header::X_FRAME_OPTIONS], "DENY");
    assert!(
        !page.text.contains("http://") && !page.text.contains("style=") && !page.text.contains("onclick")
    );
    assert!(!page.headers.contains_key(header::SET_COOKIE));
    for target in ["/smart/wallet.js", "/smart/style.css"] {
        assert_eq!(get(&fixture, target).await.status, 200);
    }
}

#[tokio::test]
async fn consent_should_be_refused_when_nobody_signed_in_for_this_very_request() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await.to_string();
    let query = form(&asked(SCOPE));
    let proof = signed_in(&fixture, &alice, "PATRQT", &query).await.field("proof");
    let wider = form(&asked("patient/*.rs"));
    let answer = |proof: &str| {
        vec![
            ("proof".to_owned(), proof.to_owned()),
            ("patient".to_owned(), id.clone()),
            ("scope".to_owned(), "patient/Patient.rs".to_owned()),
            ("answer".to_owned(), "allow".to_owned()),
        ]
    };
    async fn consent(fixture: &Fixture, query: &str, pairs: Vec<(String, String)>) -> Said {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        post(fixture, &format!("/smart/consent?{query}"), &pairs).await
    }
    assert_eq!(consent(&fixture, &wider, answer(&proof)).await.status, 401);
    for changed in ["", "x", &proof[1..], &proof.replace("PATRQT", "TREAT"), &format!("{proof}A")] {
        assert_eq!(consent(&fixture, &query, answer(changed)).await.status, 401, "{changed}");
    }
    // It counts once, and outlives a restart.
    let fixture = fixture.restart().await;
    assert_eq!(consent(&fixture, &query, answer(&proof)).await.status, 303);
    assert_eq!(consent(&fixture, &query, answer(&proof)).await.status, 400);
    // And not for long.
    let proof = signed_in(&fixture, &alice, "PATRQT", &query).await.field("proof");
    fixture.time.advance(600_000);
    assert_eq!(consent(&fixture, &query, answer(&proof)).await.status, 401);
}

#[tokio::test]
async fn consent_should_go_back_without_a_code_when_denied_and_stay_when_no_patient_is_seen() {
    let fixture = Fixture::new().await;
    let (alice, bob) = (person("Alice"), person("Bob"));
    let id = fixture.enrol(&alice, "A-1").await.to_string();
    let query = form(&asked(SCOPE));
    let target = format!("/smart/consent?{query}");
    let page = signed_in(&fixture, &bob, "TREAT", &query).await;
    assert!(!page.text.contains(&id));
    let proof = page.field("proof");
    let scope = ("scope", "patient/Patient.rs");
    let said =
        post(&fixture, &target, &[("proof", &proof), ("patient", &id), scope, ("answer", "allow")]).await;
    assert_eq!(said.status, 400);
    // Scopes that were never asked for are none.
    let wide = ("scope", "patient/*.rs");
    let said =
        post(&fixture, &target, &[("proof", &proof), ("patient", &id), wide, ("answer", "allow")]).await;
    assert_eq!(said.parameter("error").as_deref(), Some("access_denied"));
    let said = post(&fixture, &target, &[("proof", &proof), ("answer", "deny")]).await;
    assert_eq!(said.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(said.parameter("code"), None);
}

#[tokio::test]
async fn text_for_an_app_should_open_no_session_and_the_other_way_round() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let query = form(&asked(SCOPE));
    let address = alice.account().to_ss58check();
    let page =
        post(&fixture, &format!("/smart/challenge?{query}"), &[("account", &address), ("purpose", "TREAT")])
            .await;
    let message = page.field("message");
    let signature = alice.sign(message.as_bytes()).to_hex();
    let body = serde_json::json!({ "message": message, "signature": signature });
    assert_eq!(fixture.post("/auth/session", &body).await.0, 401);
    let other = query.replace("chart", "other").replace("app.example/cb", "other.example/cb%3Fx%3D1");
    let answer = [("message", message.as_str()), ("signature", signature.as_str())];
    assert_eq!(post(&fixture, &format!("/smart/sign-in?{other}"), &answer).await.status, 401);
    assert_eq!(post(&fixture, &format!("/smart/sign-in?{query}"), &answer).await.status, 200);
    assert_eq!(post(&fixture, &format!("/smart/sign-in?{query}"), &answer).await.status, 401);
    let asked = serde_json::json!({ "account": address, "purpose": "TREAT" });
    let message = fixture.post("/auth/challenge", &asked).await.1["message"].as_str().unwrap().to_owned();
    let signature = alice.sign(message.as_bytes()).to_hex();
    let answer = [("message", message.as_str()), ("signature", signature.as_str())];
    assert_eq!(post(&fixture, &format!("/smart/sign-in?{query}"), &answer).await.status, 401);
}

#[tokio::test]
async fn code_should_be_redeemed_once_and_end_what_came_of_it_when_it_comes_again() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let code = code(&fixture, &alice, "PATRQT", id, SCOPE).await;
    for (name, value) in [
        ("client_id", "other"),
        ("redirect_uri", "https://app.example/"),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"),
        ("code", "x"),
    ] {
        let mut asked = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "chart"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        asked.iter_mut().filter(|(key, _)| *key == name).for_each(|pair| pair.1 = value);
        let said = post(&fixture, "/smart/token", &asked).await;
        assert_eq!((said.status, said.json()["error"].as_str()), (400, Some("invalid_grant")), "{name}");
        asked.retain(|(key, _)| *key != name);
        let said = post(&fixture, "/smart/token", &asked).await;
        assert_eq!(said.json()["error"], "invalid_request", "{name}");
    }
    let fixture = fixture.restart().await;
    let told = redeem(&fixture, &code).await.json();
    let target = format!("/fhir/Patient/{id}");
    assert_eq!(fixture.get(access(&told), &target).await.0, 200);
    let fixture = fixture.restart().await;
    assert_eq!(fixture.get(access(&told), &target).await.0, 200);
    assert_eq!(redeem(&fixture, &code).await.json()["error"], "invalid_grant");
    assert_eq!(fixture.get(access(&told), &target).await.0, 401);
}

#[tokio::test]
async fn codes_and_tokens_should_end_when_their_time_is_over() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let late = code(&fixture, &alice, "PATRQT", id, SCOPE).await;
    let told = token(&fixture, &alice, "PATRQT", id, SCOPE).await;
    fixture.time.advance(60_000);
    assert_eq!(redeem(&fixture, &late).await.json()["error"], "invalid_grant");
    fixture.time.advance(840_000);
    fixture.chain.advance(|_| {});
    assert_eq!(fixture.get(access(&told), &format!("/fhir/Patient/{id}")).await.0, 401);
}

#[tokio::test]
async fn refresh_token_should_rotate_and_end_everything_when_it_comes_again() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let first = token(&fixture, &alice, "PATRQT", id, "patient/Patient.rs offline_access").await;
    let refresh = async |fixture: &Fixture, token: &Value, client: &str| {
        let token = token["refresh_token"].as_str().unwrap().to_owned();
        let asked =
            [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token.as_str())];
        post(fixture, "/smart/token", &asked).await
    };
    let target = format!("/fhir/Patient/{id}");
    // A refresh token reads nothing.
    assert_eq!(fixture.get(first["refresh_token"].as_str().unwrap(), &target).await.0, 401);
    assert_eq!(refresh(&fixture, &first, "other").await.json()["error"], "invalid_grant");
    let second = refresh(&fixture, &first, "chart").await;
    assert_eq!(second.headers[header::PRAGMA], "no-cache");
    let second = second.json();
    let fixture = fixture.restart().await;
    assert_eq!(fixture.get(access(&second), &target).await.0, 200);
    assert_eq!(refresh(&fixture, &first, "chart").await.json()["error"], "invalid_grant");
    assert_eq!(fixture.get(access(&second), &target).await.0, 401);
    assert_eq!(refresh(&fixture, &second, "chart").await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn refresh_should_give_less_when_less_is_asked_for_and_all_of_it_again() {
    let fixture = Fixture::new().await;
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    let all = "patient/Encounter.rs patient/Patient.rs offline_access";
    let told = token(&fixture, &alice, "PATRQT", id, all).await;
    let refresh = async |told: &Value, scope: &str| {
        let asked = [
            ("grant_type", "refresh_token"),
            ("client_id", "chart"),
            ("refresh_token", told["refresh_token"].as_str().unwrap()),
            ("scope", scope),
        ];
        post(&fixture, "/smart/token", &asked).await.json()
    };
    let encounters = format!("/fhir/Encounter?patient={id}");
    let more = refresh(&told, "patient/Observation.rs").await;
    assert_eq!(more["error"], "invalid_scope", "{more}");
    let less = refresh(&told, "patient/Patient.rs").await;
    assert_eq!(less["scope"], "patient/Patient.rs", "{less}");
    assert_eq!(fixture.get(access(&less), &format!("/fhir/Patient/{id}")).await.0, 200);
    assert_eq!(fixture.get(access(&less), &encounters).await.0, 403);
    // The refresh token is for all that was consented to, in any order.
    let again = refresh(&less, "offline_access patient/Patient.rs patient/Encounter.rs").await;
    assert_eq!(fixture.get(access(&again), &encounters).await.0, 200, "{again}");
}

#[tokio::test]
async fn app_should_be_able_to_ask_in_the_body_of_a_form() {
    let fixture = Fixture::new().await;
    let asked = asked(SCOPE);
    let page = post(&fixture, "/smart/authorize", &asked).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.text, get(&fixture, &format!("/smart/authorize?{}", form(&asked))).await.text);
    // What stands in both places counts as there twice.
    let twice = post(&fixture, "/smart/authorize?state=other", &asked).await;
    assert!(twice.status != 200, "{}", twice.text);
    let found = get(&fixture, "/fhir/.well-known/smart-configuration").await.json();
    assert!(found["capabilities"].to_string().contains("authorize-post"));
}

#[tokio::test]
async fn token_should_end_when_revoked_and_tell_of_itself_to_its_owner_only() {
    let fixture = Fixture::new().await;
    let (alice, bob) = (person("Alice"), person("Bob"));
    let id = fixture.enrol(&alice, "A-1").await;
    let told = token(&fixture, &alice, "PATRQT", id, SCOPE).await;
    let introspect = async |session: &str| {
        let request = with_token(Method::POST, session, "/smart/introspect");
        let (mut parts, _) = request.into_parts();
        parts.headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
        let body = Body::from(form(&[("token", access(&told))]));
        say(&fixture, Request::from_parts(parts, body)).await.json()
    };
    let (hers, his) =
        (fixture.sign_in(&alice, "PATRQT", None).await, fixture.sign_in(&bob, "TREAT", None).await);
    let found = introspect(&hers).await;
    assert_eq!((found["active"].as_bool(), found["client_id"].as_str()), (Some(true), Some("chart")));
    assert_eq!(introspect(&his).await, serde_json::json!({ "active": false }));
    let target = format!("/fhir/Patient/{id}");
    // No app of here; another than it was issued to; and no token at all, which is as good as ended.
    let ends = [("token", access(&told)), ("client_id", "nobody")];
    assert_eq!(post(&fixture, "/smart/revoke", &ends).await.json()["error"], "invalid_client");
    let ends = [("token", access(&told)), ("client_id", "other")];
    let refused = post(&fixture, "/smart/revoke", &ends).await;
    assert_eq!((refused.status, &refused.json()["error"]), (400, &serde_json::json!("invalid_grant")));
    let ends = [("token", "unknown"), ("client_id", "chart")];
    assert_eq!(post(&fixture, "/smart/revoke", &ends).await.status, 200);
    assert_eq!(fixture.get(access(&told), &target).await.0, 200);
    let ends = [("token", access(&told)), ("client_id", "chart")];
    assert_eq!(post(&fixture, "/smart/revoke", &ends).await.status, 200);
    assert_eq!(fixture.get(access(&told), &target).await.0, 401);
}

#[tokio::test]
async fn configuration_should_name_endpoints_that_are_there() {
    let fixture = Fixture::new().await;
    let found = get(&fixture, "/fhir/.well-known/smart-configuration").await.json();
    for name in ["authorization_endpoint", "token_endpoint", "revocation_endpoint", "introspection_endpoint"]
    {
        let target = found[name].as_str().unwrap().strip_prefix(AUDIENCE).unwrap().to_owned();
        let method = if name == "authorization_endpoint" { Method::GET } else { Method::POST };
        let request = Request::builder().method(method).uri(&target).body(Body::empty()).unwrap();
        assert!(![404, 405].contains(&say(&fixture, request).await.status), "{target}");
    }
    assert_eq!(found["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert!(!found["capabilities"].to_string().contains("launch-ehr"));
}

#[tokio::test]
async fn list_of_patients_should_count_against_the_account_when_it_is_long() {
    let fixture = Fixture::new().await;
    let doctor = person("Doctor");
    for (patient, record) in [("Alice", "A-1"), ("Bob", "B-2")] {
        let id = fixture.enrol(&person(patient), record).await;
        fixture.grant(id, &doctor, "patient/Observation.rs;purpose=TREAT");
    }
    let scopes = ["patient/Observation.rs".parse().unwrap()];
    let (account, purpose) = (doctor.account(), medrec_policy::Purpose::Treatment);
    let listed = async || fixture.gatekeeper.choices(&account, purpose, &scopes).await.unwrap().len();
    assert_eq!(listed().await, 2);
    // The limit refills while it is tried.
    for _ in 0..50 {
        while fixture.gatekeeper.rates.accounts.take(doctor.account(), std::time::Instant::now()).is_ok() {}
        if listed().await == 1 {
            return;
        }
    }
    panic!("the list costs nothing");
}
