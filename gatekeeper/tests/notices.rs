//! Notices: who is told what, when, by which way, and what happens when nobody listens.
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::Body,
    extract::State,
    http::{header, HeaderMap, Method, Request as HttpRequest, StatusCode},
    routing::post,
    Router,
};
use common::{add, person, read, revoke_all, Fixture, AUDIENCE, HOUR};
use futures::StreamExt;
use medrec_client::{
    notices::{verify_webhook, Details, ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER},
    request::{build, Request},
    KeyPair,
};
use medrec_gatekeeper::{
    chain::{ChainState, Hash},
    clock::Time,
    store::notices::NewNotice,
};
use medrec_policy::Purpose;
use medrec_primitives::{Effect, RelationshipId};
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

/// Changes the hospital's database.
async fn change(fixture: &Fixture, sql: &str) {
    let path = fixture.folder.path().join("hospital.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&pool).await.unwrap();
    pool.close().await;
    fixture.gatekeeper.look_at_all(0).await.unwrap();
}

/// A patient whose records were looked at once.
async fn patient(fixture: &Fixture) -> (KeyPair, RelationshipId) {
    let alice = person("Alice");
    let id = fixture.enrol(&alice, "A-1").await;
    fixture.gatekeeper.look_at_all(0).await.unwrap();
    (alice, id)
}

async fn notices(fixture: &Fixture, key: &KeyPair, target: &str) -> Value {
    let response = fixture.send(fixture.signed(key, Purpose::Treatment, target)).await;
    let (status, body) = fixture.verified(response, &key.account(), target).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// References and changes of all records in a page.
fn records(page: &Value) -> Vec<(String, String)> {
    let all = page["notices"].as_array().unwrap().iter();
    let all = all.flat_map(|notice| notice["records"].as_array().cloned().unwrap_or_default());
    all.map(|record| {
        let text = |name: &str| record[name].as_str().unwrap().to_owned();
        (text("reference").split('/').next().unwrap().to_owned(), text("change"))
    })
    .collect()
}

async fn noted(fixture: &Fixture, id: RelationshipId, kind: &str, source: &str, details: Details) {
    let notice = NewNotice {
        relationship: Some(id),
        kind: kind.into(),
        subject: None,
        source: source.into(),
        details,
    };
    fixture.store.add_notices(&[notice], fixture.time.now().wall, (1, Hash::zero())).await.unwrap();
}

#[tokio::test]
async fn records_should_be_told_to_those_who_may_see_them_and_to_nobody_else() {
    let fixture = Fixture::new().await;
    let (alice, id) = patient(&fixture).await;
    let (all, results, stranger) = (person("All"), person("Results"), person("Stranger"));
    fixture.grant(id, &all, "patient/*.rs;purpose=TREAT");
    fixture.grant(id, &results, "patient/Observation.rs?_elements=code;purpose=TREAT");
    change(
        &fixture,
        "INSERT INTO result VALUES (9, 'A-1', '718-7', '2025-02-01', '8.8', 'g/dL', NULL);
         UPDATE result SET value = '7.9' WHERE id = 1;
         UPDATE patient SET name = 'Bowman' WHERE mrn = 'A-1';
         DELETE FROM stay WHERE id = 2;",
    )
    .await;
    let own = |of: &[(&str, &str)]| {
        let mut of: Vec<_> = of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        of.sort();
        of
    };
    let told = async |key: &KeyPair| {
        let mut told = records(&notices(&fixture, key, &format!("/notices?patient={id}")).await);
        told.sort();
        told
    };
    let everything =
        [("Observation", "new"), ("Observation", "changed"), ("Patient", "changed"), ("Encounter", "gone")];
    // The second result loses its reference to the stay that is gone, or not: what it says is not the point here.
    let mut found = told(&alice).await;
    found.dedup();
    assert_eq!(found, own(&everything));
    // What is gone, a viewer cannot be shown to have been allowed to see.
    assert_eq!(told(&all).await, own(&everything[..3]));
    // Who sees a part is not told of changes, which may be in the other part.
    assert_eq!(told(&results).await, own(&everything[..1]));
    assert_eq!(told(&stranger).await, own(&[]));
    // Rights count when it is told, not when it happened.
    fixture.chain.advance(revoke_all(id));
    assert_eq!(told(&all).await, own(&[]));
    assert_eq!(told(&alice).await.len(), 4);
}

#[tokio::test]
async fn page_should_be_the_same_when_something_hidden_happened() {
    let (with, without) = (Fixture::new().await, Fixture::new().await);
    let viewer = person("Viewer");
    let mut pages = Vec::new();
    for (fixture, hidden) in [(&with, true), (&without, false)] {
        let (_, id) = patient(fixture).await;
        fixture.grant(id, &viewer, "patient/Observation.rs;purpose=TREAT");
        if hidden {
            change(fixture, "UPDATE patient SET name = 'Bowman' WHERE mrn = 'A-1'").await;
            noted(fixture, id, "glass-broken", "a", Details::default()).await;
        }
        let mut page = notices(fixture, &viewer, "/notices").await;
        // Another one at each request.
        assert_eq!(page["next"].as_str().unwrap().len(), 43);
        page["next"] = Value::Null;
        pages.push(page);
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn revocation_should_say_who_had_read_to_the_patient_alone() {
    let fixture = Fixture::new().await;
    let (alice, id) = patient(&fixture).await;
    let viewer = person("Viewer");
    fixture.grant(id, &viewer, "patient/Observation.rs;purpose=TREAT");
    for _ in 0..2 {
        let target = format!("/fhir/Observation?patient={id}");
        assert_eq!(fixture.get_signed(&viewer, Purpose::Treatment, &target).await.0, 200);
    }
    fixture.chain.advance(revoke_all(id));
    let address = viewer.account().to_ss58check();
    let details = Details { grant: Some(0), viewer: Some(address.clone()), ..Details::default() };
    noted(&fixture, id, "revoked", "a", details).await;
    let told = notices(&fixture, &alice, "/notices").await;
    let readers = &told["notices"][0]["readers"];
    assert_eq!((&readers[0]["account"], &readers[0]["answers"]), (&json!(address), &json!(2)), "{told}");
    assert_eq!(readers.as_array().unwrap().len(), 1);
    let theirs = notices(&fixture, &viewer, "/notices").await;
    assert_eq!(theirs["notices"][0]["kind"], "revoked");
    assert_eq!(theirs["notices"][0]["readers"], Value::Null);
    // That somebody was told is on the log, too.
    let (_, log) = fixture.get_signed(&alice, Purpose::PatientRequest, &format!("/log?patient={id}")).await;
    let logged = |account: &KeyPair| {
        let address = account.account().to_ss58check();
        let entries = log["entries"].as_array().unwrap().iter();
        entries.filter(|entry| entry["resource"] == "Communication" && entry["account"] == address).count()
    };
    assert_eq!((logged(&alice), logged(&viewer)), (1, 1));
}

#[tokio::test]
async fn page_should_go_on_after_the_last_notice_and_be_another_accounts_to_nobody() {
    let fixture = Fixture::new().await;
    let (alice, id) = patient(&fixture).await;
    for n in 0..250 {
        noted(&fixture, id, "suspended", &format!("s{n}"), Details::default()).await;
    }
    let (mut since, mut seen) = (String::new(), Vec::new());
    for _ in 0..4 {
        let target = if since.is_empty() { "/notices".to_owned() } else { format!("/notices?since={since}") };
        let page = notices(&fixture, &alice, &target).await;
        seen.extend(page["notices"].as_array().unwrap().iter().map(|notice| notice["id"].clone()));
        since = page["next"].as_str().unwrap().to_owned();
        if page["more"] == json!(false) {
            break;
        }
    }
    assert_eq!(seen.len(), 250);
    let last = seen[249].as_str().unwrap();
    let after = notices(&fixture, &alice, &format!("/notices?since={last}")).await;
    assert_eq!(after["notices"], json!([]));
    let other = person("Other");
    let response =
        fixture.send(fixture.signed(&other, Purpose::Treatment, &format!("/notices?since={last}"))).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn notices_should_wait_when_the_chain_is_away() {
    let fixture = Fixture::new().await;
    let (alice, id) = patient(&fixture).await;
    noted(&fixture, id, "suspended", "a", Details::default()).await;
    fixture.chain.connect(false);
    let (status, body) = fixture.get_signed(&alice, Purpose::Treatment, "/notices").await;
    assert_eq!((status, body["notices"].clone()), (503, Value::Null));
    fixture.chain.connect(true);
    assert_eq!(notices(&fixture, &alice, "/notices").await["notices"].as_array().unwrap().len(), 1);
}

/// The events of a stream as they come: id and kind.
struct Events {
    body: axum::body::BodyDataStream,
    read: String,
}

impl Events {
    async fn open(fixture: &Fixture, token: &str, target: &str, last: Option<&str>) -> Self {
        let mut request = HttpRequest::get(target).header(header::AUTHORIZATION, format!("Bearer {token}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = fixture.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// The next event; none if the stream ends.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let line = |name: &str| {
                    let found = event.lines().find_map(|line| line.strip_prefix(name));
                    found.map(|value| value.trim().to_owned())
                };
                let event = line("id:").zip(line("data:"));
                self.read = rest.to_owned();
                match event {
                    Some((id, data)) => return Some((id, serde_json::from_str(&data).unwrap())),
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.body.next()).await.unwrap()?;
            self.read.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn stream_should_tell_as_it_comes_go_on_after_a_break_and_end_with_the_session() {
    let fixture = Fixture::new().await;
    let (alice, id) = patient(&fixture).await;
    let token = fixture.sign_in(&alice, "PATRQT", None).await;
    noted(&fixture, id, "suspended", "a", Details::default()).await;
    let mut events = Events::open(&fixture, &token, "/notices/stream", None).await;
    let (first, notice) = events.next().await.unwrap();
    assert_eq!((notice["kind"].as_str(), notice["id"].as_str()), (Some("suspended"), Some(first.as_str())));
    noted(&fixture, id, "resumed", "b", Details::default()).await;
    assert_eq!(events.next().await.unwrap().1["kind"], "resumed");
    drop(events);
    let mut again = Events::open(&fixture, &token, "/notices/stream", Some(&first)).await;
    assert_eq!(again.next().await.unwrap().1["kind"], "resumed");
    // No more than the account may have.
    let _second = Events::open(&fixture, &token, "/notices/stream", Some(&first)).await;
    let third = fixture.get(&token, "/notices/stream").await;
    assert_eq!(third.0, 429);
    let end = common::with_token(Method::DELETE, &token, "/auth/session");
    assert_eq!(fixture.send(end).await.status(), 204);
    noted(&fixture, id, "ended", "c", Details::default()).await;
    assert!(again.next().await.is_none(), "nothing is told after the session has ended");
    let signed = fixture.send(fixture.signed(&alice, Purpose::Treatment, "/notices/stream")).await;
    assert_eq!(signed.status(), 400, "one signature is not good for a stream");
}

/// What a receiver of webhooks got: headers and body.
type Got = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A receiver on loopback that answers with these statuses in turn, the last one again and again.
async fn receiver(statuses: &[u16]) -> (String, Got) {
    let got = Got::default();
    let statuses: Vec<u16> = statuses.to_vec();
    let state = (got.clone(), Arc::new(statuses));
    let take = |State((got, statuses)): State<(Got, Arc<Vec<u16>>)>, headers: HeaderMap, body: String| async move {
        let mut got = got.lock().unwrap();
        let status = statuses[got.len().min(statuses.len() - 1)];
        got.push((headers, body));
        let elsewhere = [(header::LOCATION, "/elsewhere")];
        (StatusCode::from_u16(status).unwrap(), elsewhere)
    };
    let router = Router::new().route("/hook", post(take)).route("/elsewhere", post(take)).with_state(state);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/hook"), got)
}

/// A signed request with a body.
async fn ask(fixture: &Fixture, key: &KeyPair, method: &str, target: &str, body: &str) -> (u16, Value) {
    let request = Request {
        method,
        target,
        body: body.as_bytes(),
        audience: AUDIENCE,
        genesis: fixture.chain.genesis(),
    };
    let authorization =
        build(key, &request, Purpose::Treatment, fixture.time.now().wall + 60_000).to_string();
    let request = HttpRequest::builder()
        .method(method)
        .uri(target)
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap();
    read(fixture.send(request).await).await
}

async fn webhook(fixture: &Fixture, key: &KeyPair, id: RelationshipId, url: &str) -> (u16, Value) {
    let body = json!({ "url": url, "patient": id.to_string() }).to_string();
    ask(fixture, key, "POST", "/notices/webhooks", &body).await
}

/// Delivers, and lets time pass for the next attempt.
async fn deliver(fixture: &Fixture) {
    fixture.gatekeeper.deliver_webhooks().await.unwrap();
    fixture.time.advance(2_000);
    fixture.chain.advance(|_| {});
}

#[tokio::test]
async fn webhook_should_say_that_there_is_something_and_nothing_of_what() {
    let fixture = Fixture::new().await;
    let (alice, id) = patient(&fixture).await;
    let (url, got) = receiver(&[200]).await;
    let (status, made) = webhook(&fixture, &alice, id, &url).await;
    assert_eq!(status, 201, "{made}");
    deliver(&fixture).await;
    assert!(got.lock().unwrap().is_empty(), "there was nothing yet");
    for n in 0..3 {
        noted(&fixture, id, "glass-broken", &format!("s{n}"), Details::default()).await;
    }
    deliver(&fixture).await;
    deliver(&fixture).await;
    let got = got.lock().unwrap();
    assert_eq!(got.len(), 1, "one stands for all that there is");
    let (headers, body) = &got[0];
    let header = |name: &str| headers[name].to_str().unwrap();
    let seconds = fixture.time.now().wall / 1000;
    let timestamp = header(TIMESTAMP_HEADER).parse().unwrap();
    let secret = made["secret"].as_str().unwrap();
    verify_webhook(secret, header(ID_HEADER), timestamp, header(SIGNATURE_HEADER), body, seconds).unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&body["type"], &body["data"]), (&json!("medrec.notice"), &json!({ "webhook": made["id"] })));
    let text = format!("{body} {headers:?}");
    for hidden in [id.to_string(), "glass".into(), alice.account().to_ss58check(), "Alice".into()] {
        assert!(!text.contains(&hidden), "{hidden} in {text}");
    }
}

#[tokio::test]
async fn webhook_should_be_tried_again_under_the_same_id_when_a_delivery_fails_and_across_restarts() {
    let mut fixture = Fixture::new().await;
    let (alice, id) = patient(&fixture).await;
    // A redirect is a failure: where it leads, nobody has checked.
    let (url, got) = receiver(&[500, 307, 200]).await;
    assert_eq!(webhook(&fixture, &alice, id, &url).await.0, 201);
    noted(&fixture, id, "suspended", "a", Details::default()).await;
    deliver(&fixture).await;
    let state = async |fixture: &Fixture| {
        ask(fixture, &alice, "GET", "/notices/webhooks", "").await.1["webhooks"][0]["state"].clone()
    };
    assert_eq!(state(&fixture).await, "failing");
    fixture = fixture.restart().await;
    for _ in 0..4 {
        deliver(&fixture).await;
    }
    {
        let got = got.lock().unwrap();
        let ids: Vec<_> = got.iter().map(|(headers, _)| headers[ID_HEADER].clone()).collect();
        assert_eq!(ids, [ids[0].clone(), ids[0].clone(), ids[0].clone()]);
    }
    assert_eq!(state(&fixture).await, "ok");
}

#[tokio::test]
async fn webhook_should_be_given_up_when_it_has_failed_for_too_long_or_is_gone() {
    let fixture = Fixture::new().await;
    let (alice, id) = patient(&fixture).await;
    let (gone, _) = receiver(&[410]).await;
    // Nobody listens there any more.
    let silent = "http://127.0.0.1:9/hook";
    assert_eq!(webhook(&fixture, &alice, id, &gone).await.0, 201);
    assert_eq!(webhook(&fixture, &alice, id, silent).await.0, 201);
    noted(&fixture, id, "suspended", "a", Details::default()).await;
    deliver(&fixture).await;
    let states = async || {
        let (_, body) = ask(&fixture, &alice, "GET", "/notices/webhooks", "").await;
        let mut states: Vec<String> = body["webhooks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|webhook| webhook["state"].as_str().unwrap().to_owned())
            .collect();
        states.sort();
        states
    };
    assert_eq!(states().await, ["failing", "given-up"]);
    fixture.time.advance(72 * HOUR);
    fixture.chain.advance(|_| {});
    deliver(&fixture).await;
    assert_eq!(states().await, ["given-up", "given-up"]);
}

#[tokio::test]
async fn webhook_should_be_silent_when_its_account_may_be_told_nothing_any_more() {
    let fixture = Fixture::new().await;
    let (_, id) = patient(&fixture).await;
    let viewer = person("Viewer");
    fixture.grant(id, &viewer, "patient/*.rs;purpose=TREAT");
    let (url, got) = receiver(&[200]).await;
    assert_eq!(webhook(&fixture, &viewer, id, &url).await.0, 201);
    fixture.chain.advance(revoke_all(id));
    change(&fixture, "UPDATE patient SET name = 'Bowman' WHERE mrn = 'A-1'").await;
    deliver(&fixture).await;
    assert!(got.lock().unwrap().is_empty());
    // Given again, it is told of what comes then.
    fixture.chain.advance(add(id, fixture.rule(id, &viewer, Effect::Allow, "patient/*.rs;purpose=TREAT")));
    change(&fixture, "UPDATE patient SET name = 'Cooper' WHERE mrn = 'A-1'").await;
    deliver(&fixture).await;
    assert_eq!(got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn webhook_should_be_refused_when_not_by_the_account_itself_or_to_where_it_may_not_go() {
    let fixture = Fixture::new().await;
    let (alice, id) = patient(&fixture).await;
    let url = "http://127.0.0.1:9/hook";
    let token = fixture.sign_in(&alice, "PATRQT", None).await;
    let body = json!({ "url": url, "patient": id.to_string() }).to_string();
    let by_session = HttpRequest::post("/notices/webhooks")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap();
    assert_eq!(fixture.send(by_session).await.status(), 401);
    for private in [
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "http://a.example/",
        "nonsense",
    ] {
        assert_eq!(webhook(&fixture, &alice, id, private).await.0, 400, "{private}");
    }
    let stranger = person("Stranger");
    let refused = webhook(&fixture, &stranger, id, url).await;
    // Whether there is such a patient or not.
    assert_eq!(refused, webhook(&fixture, &stranger, RelationshipId::new(0, 77), url).await);
    assert_eq!(refused.0, 403);
    let staffless =
        ask(&fixture, &stranger, "POST", "/notices/webhooks", &json!({ "url": url }).to_string()).await;
    assert_eq!(staffless.0, 403);
    assert_eq!(webhook(&fixture, &alice, id, url).await.0, 201);
    let (_, made) = webhook(&fixture, &alice, id, url).await;
    assert_eq!(webhook(&fixture, &alice, id, url).await.0, 409, "more than an account may have");
    let target = format!("/notices/webhooks/{}", made["id"].as_str().unwrap());
    assert_eq!(ask(&fixture, &stranger, "DELETE", &target, "").await.0, 404);
    assert_eq!(ask(&fixture, &alice, "DELETE", &target, "").await.0, 204);
    let (_, left) = ask(&fixture, &alice, "GET", "/notices/webhooks", "").await;
    assert_eq!(left["webhooks"].as_array().unwrap().len(), 1);
    assert_eq!(left["webhooks"][0]["secret"], Value::Null);
}
