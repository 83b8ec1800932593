//! Notices from the chain and the database to those whom they concern: by request, stream, subscription and webhook, and after a crash.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use anyhow::{ensure, Context, Result};
use medrec_client::{
    gatekeeper::{Access, Gatekeeper},
    notices::{verify_webhook, NewWebhook, Notice, ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER},
    KeyPair,
};
use medrec_policy::purpose::Purpose;
use medrec_tests::{
    practice::{ask::Ask, eventually, rules::Rule, wall_clock, Patient, World},
    receiver::Receiver,
};
use serde_json::Value;
use sqlx::{sqlite::SqliteConnectOptions, ConnectOptions, Connection};
use subxt::rpcs::{rpc_params, RpcClient};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn notices_should_reach_whom_they_concern_and_survive_a_crash() {
    let settings = [("notices", "webhooks_to_loopback", "true"), ("anchors", "look_s", "1")];
    let mut world = World::start("notices", &['a'], &settings).await.unwrap();
    let patient = world.admit_patient('a').await.unwrap();
    let (viewer, stranger) = (world.key("viewer"), world.key("stranger"));
    let gatekeeper = gatekeeper(&world).await.unwrap();

    // What happens on chain reaches the patient, and who had read by a rule that is taken back.
    let grant = world.rule(&patient, &Rule::everything(&viewer)).await.unwrap();
    let granted = told(&gatekeeper, &patient.key, &patient, "granted").await.unwrap();
    assert_eq!(granted.details.viewer, Some(viewer.account().to_string()));
    Ask::search('a', &viewer, "Observation", patient.relationship).until(&world, 200).await.unwrap();

    // By a stream and by a subscription, too.
    let session = gatekeeper.sign_in(&patient.key, Purpose::PatientRequest, None).await.unwrap();
    let mut stream = gatekeeper.follow_notices(&session, None, Some(&granted.id)).await.unwrap();
    let socket = world.practice('a').gatekeeper.address();
    let socket = RpcClient::from_insecure_url(format!("ws://{socket}/rpc")).await.unwrap();
    let params =
        rpc_params![patient.relationship.to_string(), granted.id.clone(), session.session.token.clone()];
    let mut subscription = socket
        .subscribe::<Value>("medrec_subscribeNotices", params, "medrec_unsubscribeNotices")
        .await
        .unwrap();
    world.revoke(&patient, grant).await.unwrap();
    let revoked = told(&gatekeeper, &patient.key, &patient, "revoked").await.unwrap();
    let readers = revoked.details.readers.unwrap();
    assert_eq!(readers.len(), 1);
    assert_eq!(readers[0].account, viewer.account().to_string());
    assert!(readers[0].records > 0);
    assert!(within(stream.changed()).await.unwrap().unwrap());
    // It begins after the grant: the first that comes may be of records, if the first look came late.
    loop {
        let notice = within(subscription.next()).await.unwrap().unwrap().unwrap();
        if notice["kind"] == "revoked" {
            assert_eq!(notice["id"], revoked.id.as_str());
            break;
        }
    }
    let theirs = told(&gatekeeper, &viewer, &patient, "revoked").await.unwrap();
    assert_eq!(theirs.details.readers, None, "who else had read is the patient's alone to know");

    // New records reach the patient and who may see them; not who may not any more, and no stranger.
    let reader = world.key("reader");
    world.rule(&patient, &Rule::everything(&reader)).await.unwrap();
    add_result(&world, &patient).await.unwrap();
    for key in [&patient.key, &reader] {
        let told = told(&gatekeeper, key, &patient, "records").await.unwrap();
        let records: Vec<_> = told.details.records.iter().map(|changed| changed.reference.as_str()).collect();
        assert!(records.len() == 1 && records[0].starts_with("Observation/"), "{records:?}");
    }
    for key in [&viewer, &stranger] {
        let kinds = kinds(&gatekeeper, key, &patient).await.unwrap();
        assert!(!kinds.contains(&"records".to_owned()), "{kinds:?}");
    }
    assert_eq!(kinds(&gatekeeper, &stranger, &patient).await.unwrap(), [""; 0]);

    // A webhook, whose receiver is away when the gatekeeper dies.
    let receiver = Receiver::start(None).await.unwrap();
    let webhook = NewWebhook { url: receiver.url(), patient: Some(patient.relationship.to_string()) };
    let made = gatekeeper.add_webhook(&patient.key, Purpose::PatientRequest, &webhook).await.unwrap();
    world.rule(&patient, &Rule::everything(&world.key("first"))).await.unwrap();
    receiver.wait_for(1).await.unwrap();
    let port = receiver.stop();
    world.rule(&patient, &Rule::everything(&world.key("second"))).await.unwrap();
    eventually("a delivery fails", || async {
        let found = gatekeeper.webhooks(&patient.key, Purpose::PatientRequest).await?;
        let state = found.webhooks[0].state.clone();
        Ok(if state == "failing" { Ok(()) } else { Err(state) })
    })
    .await
    .unwrap();
    world.practice_mut('a').gatekeeper.kill().unwrap();
    let receiver = Receiver::start(Some(port)).await.unwrap();
    world.practice_mut('a').gatekeeper.start().await.unwrap();
    receiver.wait_for(1).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let got = receiver.got();
    assert_eq!(got.len(), 1, "told once: {got:?}");
    let (head, body) = &got[0];
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.split_once(':').filter(|(found, _)| *found == name));
        line.unwrap().1.trim().to_owned()
    };
    let timestamp = header(TIMESTAMP_HEADER).parse().unwrap();
    let now = wall_clock() / 1000;
    verify_webhook(&made.secret, &header(ID_HEADER), timestamp, &header(SIGNATURE_HEADER), body, now)
        .unwrap();
    for hidden in [patient.relationship.to_string(), patient.key.account().to_string(), "grant".into()] {
        assert!(!head.contains(&hidden) && !body.contains(&hidden), "{hidden} in {head} {body}");
    }

    // What is behind the last notice is told after a crash as before, and what was told is told under the same id.
    let again = told(&gatekeeper, &patient.key, &patient, "granted").await.unwrap();
    assert_eq!(again.id, granted.id);
    let granted = kinds(&gatekeeper, &patient.key, &patient).await.unwrap();
    assert_eq!(granted.iter().filter(|kind| *kind == "granted").count(), 4, "{granted:?}");
    gatekeeper.remove_webhook(&patient.key, Purpose::PatientRequest, &made.id).await.unwrap();
    world.shows_nothing().await.unwrap();
}

async fn gatekeeper(world: &World) -> Result<Gatekeeper> {
    let state = world.chain.finalised().await?;
    Ok(Gatekeeper::of_member(&state, world.chain.genesis(), world.practice('a').member).await?)
}

/// The kinds of all that an account is told.
async fn kinds(gatekeeper: &Gatekeeper, key: &KeyPair, patient: &Patient) -> Result<Vec<String>> {
    let access = Access::Signed { key, purpose: Purpose::Treatment };
    let page = gatekeeper.notices(&access, Some(patient.relationship), None).await?;
    ensure!(!page.more, "this test makes few");
    Ok(page.notices.into_iter().map(|notice| notice.kind).collect())
}

/// The first notice of a kind that an account is told.
async fn told(gatekeeper: &Gatekeeper, key: &KeyPair, patient: &Patient, kind: &str) -> Result<Notice> {
    eventually(&format!("{kind} is told"), || async {
        let access = Access::Signed { key, purpose: Purpose::Treatment };
        let page = gatekeeper.notices(&access, Some(patient.relationship), None).await?;
        let kinds: Vec<String> = page.notices.iter().map(|notice| notice.kind.clone()).collect();
        Ok(page.notices.into_iter().find(|notice| notice.kind == kind).ok_or(format!("{kinds:?}")))
    })
    .await
}

async fn within<T>(what: impl std::future::Future<Output = T>) -> Result<T> {
    tokio::time::timeout(Duration::from_secs(20), what).await.context("not within 20 s")
}

/// Another laboratory result of the patient's, in the hospital's own database, once what was there has been looked at.
async fn add_result(world: &World, patient: &Patient) -> Result<()> {
    let store = world.practice('a').gatekeeper.folder().join("gatekeeper.sqlite");
    let store = SqliteConnectOptions::new().filename(store).read_only(true);
    eventually("the first look", || async {
        let mut store = store.clone().connect().await?;
        let looked: i64 =
            sqlx::query_scalar("SELECT count(*) FROM proof_looks").fetch_one(&mut store).await?;
        Ok(if looked > 0 { Ok(()) } else { Err("none yet".into()) })
    })
    .await?;
    let database = SqliteConnectOptions::new().filename(world.scratch.join("practice-a.sqlite"));
    let mut database = database.connect().await?;
    sqlx::query(
        "INSERT INTO result (file_no, kind, code, name, value, unit, taken_at, remark, performer, sensitivity)
         SELECT file_no, kind, code, name, value, unit, '2024-12-01T10:00:00Z', remark, performer, 'N' FROM result
         WHERE file_no = ? AND kind = 'LAB' ORDER BY result_id LIMIT 1",
    )
    .bind(&patient.person.file_no)
    .execute(&mut database)
    .await?;
    Ok(database.close().await?)
}
