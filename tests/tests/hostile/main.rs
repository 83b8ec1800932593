//! Hostile and unlucky requests, each refused with an answer that tells nothing about the patient.
//!
//! Every case comes with a control: the same request is permitted once the one thing that is wrong with it is put
//! right. All cases run, and those that fail are told together at the end.
#![allow(clippy::unwrap_used)]

mod enrolment;
mod grants;
mod hidden;
mod injection;
mod judge;
mod members;
mod rpc;
mod sessions;
mod signatures;
mod transport;

use judge::{Case, Judge};
use medrec_tests::practice::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn gatekeeper_should_refuse_and_tell_nothing_when_a_request_is_hostile_or_unlucky() {
    let unlimited = |key| ("limits", key, "1000000");
    let settings = [
        unlimited("per_address_per_minute"),
        unlimited("sign_ins_per_address_per_minute"),
        unlimited("per_account_per_minute"),
        unlimited("connections_per_address"),
        ("limits", "denial_quantum_ms", "10"),
        ("limits", "request_ms", "10000"),
        ("limits", "body_bytes", "32768"),
    ];
    let world = World::start("hostile", &['a', 'b'], &settings).await.unwrap();
    let judge = Judge::new(&world).await.unwrap();
    let mut cases: Vec<Case<'_>> = Vec::new();
    cases.extend(grants::cases(&judge));
    cases.extend(members::cases(&judge));
    cases.extend(signatures::cases(&judge));
    cases.extend(sessions::cases(&judge));
    cases.extend(enrolment::cases(&judge));
    cases.extend(hidden::cases(&judge));
    cases.extend(injection::cases(&judge));
    cases.extend(rpc::cases(&judge));
    cases.extend(transport::cases(&judge));
    let count = cases.len();
    assert!(count >= 40, "{count} cases");
    let failures = judge::run(cases).await;
    // Suspends a whole practice, so it goes alone and last.
    let last = judge::run(members::last_cases(&judge)).await;
    let failures: Vec<_> = failures.into_iter().chain(last).collect();
    assert!(failures.is_empty(), "{} cases failed:\n{}", failures.len(), failures.join("\n"));
    // Whatever was asked, nothing of anybody is on chain, in a log or in an audit log's open fields.
    let scanned = world.shows_nothing().await.unwrap();
    println!("nothing of anybody in {scanned:?}");
    assert!(scanned.entries > 40, "the audit logs have entries: {scanned:?}");
}
