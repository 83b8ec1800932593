//! The log of requests, and JSON-RPC.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use jsonrpsee::{
    core::client::{ClientT, Error},
    http_client::{HeaderMap, HttpClientBuilder},
    rpc_params,
    ws_client::WsClientBuilder,
};
use medrec_client::{
    answer::Answer,
    log::{LogProof, LogProofError},
    messages::LogPage,
};
use medrec_gatekeeper::{
    http,
    log::{root::root_between, verify::verify},
    store::proofs::IntervalState,
};
use medrec_policy::Purpose;
use medrec_primitives::RelationshipId;
use serde_json::{json, value::RawValue, Value};
use tokio::net::TcpListener;

const LABORATORY: &str = "patient/Observation.rs;purpose=TREAT";

async fn granted() -> (Fixture, RelationshipId) {
    let fixture = Fixture::new().await;
    let patient = fixture.enrol(&person("Carol"), "A-1").await;
    fixture.grant(patient, &person("Doctor"), LABORATORY);
    (fixture, patient)
}

#[tokio::test]
async fn log_should_hold_permits_and_denials_and_show_them_to_the_patient() {
    let (fixture, patient) = granted().await;
    let target = format!("/fhir/Observation?patient={patient}&code=718-7");
    assert_eq!(fixture.get_signed(&person("Doctor"), Purpose::Treatment, &target).await.0, 200);
    assert_eq!(fixture.get_signed(&person("Stranger"), Purpose::Treatment, &target).await.0, 403);
    let own = format!("/log?patient={patient}");
    let (status, page) = fixture.get_signed(&person("Carol"), Purpose::PatientRequest, &own).await;
    assert_eq!(status, 200, "{page}");
    let page: LogPage = serde_json::from_value(page).unwrap();
    let [permit, denial] = &page.entries[..] else { panic!("{page:?}") };
    assert_eq!((permit.permitted, permit.records, permit.grants.as_slice()), (true, 1, &[0][..]));
    assert_eq!((permit.capacity.as_deref(), permit.purpose.as_str()), (Some("viewer"), "TREAT"));
    assert_eq!((denial.permitted, denial.reason.as_deref()), (false, Some("NoGrant")));
    let verified = verify(&fixture.store, None, START).await.unwrap();
    assert_eq!(verified.entries, 3, "reading the log is on it, too");
    // No value of a parameter, no record number; and sealed, nothing of whom it is about.
    for row in fixture.store.log_rows(0, 10).await.unwrap() {
        let key = fixture.store.log_key(&row.key.unwrap()).await.unwrap().unwrap();
        let opened = serde_json::to_string(&key.open(&row.entry).unwrap()).unwrap();
        assert!(!opened.contains("718-7") && !opened.contains("A-1"), "{opened}");
        assert!(!row.entry.contains(&patient.to_string()) && !row.entry.contains("TREAT"), "{}", row.entry);
    }
}

#[tokio::test]
async fn log_should_be_shown_as_fhir_when_asked_for() {
    let (fixture, patient) = granted().await;
    let target = format!("/fhir/Observation?patient={patient}");
    fixture.get_signed(&person("Doctor"), Purpose::Treatment, &target).await;
    let events = format!("/fhir/AuditEvent?patient={patient}");
    let (status, bundle) = fixture.get_signed(&person("Carol"), Purpose::PatientRequest, &events).await;
    assert_eq!(status, 200);
    let [event] = entries(&bundle)[..] else { panic!("{bundle}") };
    assert_eq!((&event["resourceType"], &event["outcome"]), (&json!("AuditEvent"), &json!("0")));
    let one = format!("/fhir/AuditEvent/{}", event["id"].as_str().unwrap());
    let (status, read) = fixture.get_signed(&person("Carol"), Purpose::PatientRequest, &one).await;
    assert_eq!((status, &read), (200, event));
    assert_eq!(fixture.get_signed(&person("Doctor"), Purpose::Treatment, &one).await.0, 403);
}

#[tokio::test]
async fn entry_should_be_proven_to_whom_it_is_about_and_to_nobody_else() {
    let (fixture, patient) = granted().await;
    let other = fixture.enrol(&person("Dora"), "B-2").await;
    let doctor = person("Doctor");
    for about in [patient, other] {
        let target = format!("/fhir/Observation?patient={about}");
        fixture.get_signed(&doctor, Purpose::Treatment, &target).await;
    }
    let prove = |about: RelationshipId, number: u64| format!("/log/proof?patient={about}&number={number}");
    let (status, body) =
        fixture.get_signed(&person("Carol"), Purpose::PatientRequest, &prove(patient, 1)).await;
    assert_eq!(status, 200, "{body}");
    let proof: LogProof = serde_json::from_value(body).unwrap();
    assert_eq!(proof.verify(&[0; 32]), Err(LogProofError::Pending), "nothing is anchored yet");
    let interval = fixture.store.open_interval(9, &[3; 32]).await.unwrap();
    let root = root_between(&fixture.store, &interval.secret, 0, interval.log_until).await.unwrap();
    fixture.store.prepare_interval(9, &[0; 32], &root, &[]).await.unwrap();
    fixture.store.settle_interval(9, IntervalState::Anchored).await.unwrap();
    let (_, body) = fixture.get_signed(&person("Carol"), Purpose::PatientRequest, &prove(patient, 1)).await;
    let proof: LogProof = serde_json::from_value(body).unwrap();
    let says = proof.verify(&root).unwrap();
    assert_eq!((&says["patient"], &says["resource"]), (&json!(patient.to_string()), &json!("Observation")));
    for (asker, about, number, status) in [
        ("Carol", patient, 2, 404),
        ("Carol", patient, 99, 404),
        ("Carol", other, 2, 403),
        ("Doctor", patient, 1, 403),
        ("Stranger", patient, 1, 403),
    ] {
        let target = prove(about, number);
        let (found, body) = fixture.get_signed(&person(asker), Purpose::PatientRequest, &target).await;
        assert_eq!(found, status, "{asker} {target}: {body}");
        assert!(!body.to_string().contains("stored"), "{body}");
    }
    let (status, _) = fixture
        .get_signed(&person("Carol"), Purpose::PatientRequest, &format!("/log/proof?patient={patient}"))
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn answer_should_not_leave_when_the_log_cannot_be_written() {
    let (fixture, patient) = granted().await;
    let request = fixture.signed(
        &person("Doctor"),
        Purpose::Treatment,
        &format!("/fhir/Observation?patient={patient}"),
    );
    let path = fixture.folder.path().join("gatekeeper.sqlite");
    let raw = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON log BEGIN SELECT RAISE(FAIL, 'disk full'); END";
    sqlx::raw_sql(broken).execute(&raw).await.unwrap();
    let (status, body) = read(fixture.send(request).await).await;
    assert_eq!(status, 500);
    assert!(!body.to_string().contains("7.2"));
}

#[tokio::test]
async fn capabilities_should_be_told_to_anyone() {
    let fixture = Fixture::new().await;
    let (status, statement) = fixture.get("", "/fhir/metadata").await;
    assert_eq!((status, &statement["resourceType"]), (200, &json!("CapabilityStatement")));
}

async fn served(fixture: &Fixture) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(http::serve(listener, None, fixture.gatekeeper.clone(), None, std::future::pending()));
    address
}

fn code(error: &Error) -> i32 {
    match error {
        Error::Call(error) => error.code(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn rpc_should_go_the_same_way_as_fhir_when_asked_over_http() {
    let (fixture, patient) = granted().await;
    let address = served(&fixture).await;
    let token = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    let client =
        HttpClientBuilder::default().set_headers(headers).build(format!("http://{address}/rpc")).unwrap();
    let found: Value = client
        .request("medrec_search", rpc_params![patient.to_string(), "Observation", "code=718-7"])
        .await
        .unwrap();
    assert_eq!(found["status"], 200);
    assert_eq!(entries(&found["resource"]).len(), 1);
    let id = entries(&found["resource"])[0]["id"].as_str().unwrap().to_owned();
    let read: Value =
        client.request("medrec_read", rpc_params![patient.to_string(), "Observation", id]).await.unwrap();
    assert_eq!(read["resource"]["code"]["coding"][0]["code"], "718-7");
    let refused =
        client.request::<Value, _>("medrec_log", rpc_params![patient.to_string()]).await.unwrap_err();
    assert_eq!(code(&refused), 403);
    let none = HttpClientBuilder::default().build(format!("http://{address}/rpc")).unwrap();
    let refused =
        none.request::<Value, _>("medrec_search", rpc_params![patient.to_string(), "Observation"]).await;
    assert_eq!(code(&refused.unwrap_err()), 401);
    assert_eq!(verify(&fixture.store, None, START).await.unwrap().entries, 3);
}

#[tokio::test]
async fn rpc_should_decide_each_call_again_when_a_websocket_stays_open() {
    let (fixture, patient) = granted().await;
    let address = served(&fixture).await;
    let client = WsClientBuilder::default().build(format!("ws://{address}/rpc")).await.unwrap();
    let status: Value = client.request("medrec_status", rpc_params![]).await.unwrap();
    assert_eq!(status, json!({ "ready": true }));
    let token = fixture.sign_in(&person("Doctor"), "TREAT", None).await;
    let ask = || {
        client.request::<Box<RawValue>, _>(
            "medrec_search",
            rpc_params![patient.to_string(), "Observation", "", token.clone()],
        )
    };
    let found = ask().await.unwrap();
    signed_as_told(&fixture, found.get());
    fixture.chain.add(fixture.chain.finalised(), revoke_all(patient));
    assert_eq!(code(&ask().await.unwrap_err()), 403);
    fixture.time.advance(900_000);
    assert_eq!(code(&ask().await.unwrap_err()), 401);
}

#[tokio::test]
async fn websockets_should_be_few_when_they_are_of_one_address() {
    let (fixture, _) = granted().await;
    let address = served(&fixture).await;
    let connect = async || WsClientBuilder::default().build(format!("ws://{address}/rpc")).await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(connect().await.unwrap());
    }
    assert!(connect().await.is_err());
    drop(open.pop());
    for _ in 0..50 {
        if connect().await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the place of the one that was closed is not free");
}

/// The signature covers the exact bytes of `resource`.
fn signed_as_told(fixture: &Fixture, text: &str) {
    #[derive(serde::Deserialize)]
    struct Told<'a> {
        status: u16,
        #[serde(borrow)]
        resource: &'a RawValue,
        target: String,
        date: u64,
        signature: String,
    }
    let told: Told<'_> = serde_json::from_str(text).unwrap();
    let answer = Answer {
        genesis: medrec_gatekeeper::chain::ChainState::genesis(&*fixture.chain),
        member: 0,
        target: &told.target,
        asker: &person("Doctor").account(),
        status: told.status,
        body: told.resource.get().as_bytes(),
        date: told.date,
    };
    let signature = medrec_client::answer::AnswerSignature {
        account: gate().account(),
        signature: hex::decode(told.signature.trim_start_matches("0x")).unwrap(),
    };
    answer.verify(&gate().account(), &signature).unwrap();
}

#[tokio::test]
async fn client_library_should_understand_the_gatekeeper() {
    let (fixture, patient) = granted().await;
    // The client compares what it is asked to sign with the address it speaks to, so it must be refused here...
    let address = served(&fixture).await;
    let genesis = medrec_gatekeeper::chain::ChainState::genesis(&*fixture.chain);
    let client = medrec_client::gatekeeper::Gatekeeper::new(
        &format!("http://{address}"),
        genesis,
        0,
        gate().account(),
    )
    .unwrap();
    let refused = client.sign_in(&person("Doctor"), Purpose::Treatment, Some(patient)).await;
    // ...because this gatekeeper calls itself by another name.
    assert!(refused.is_err());
}
