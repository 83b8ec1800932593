//! The page for people in Debian's Chromium, with a wallet that signs: see `portal/tests`.
#![allow(clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use medrec_client::{
    chain::{calls, Wait},
    keys::{new_phrase, patient_key, KeyPair, KeyType},
};
use medrec_primitives::{StaffRole, DAY_MS};
use medrec_tests::{
    binaries,
    hospitals::{Hospital, KNOWN_TO_BOTH},
    network::{Network, NetworkOptions, COUNCIL, UNIT},
    process,
};
use serde_json::{json, Value};

/// Another patient of Riverside's, who enrols in the browser.
const FRESH: &str = "pat1";

/// A child at Riverside, whose guardian enrols in the browser.
const CHILD: &str = "infant-twin-1";

/// When the child comes of age; the chain gets the half-year after it.
const OF_AGE: &str = "2040-03-14";

/// More than the thirty days after which others may step in, and less than a rekey lasts.
const SILENCE: Duration = Duration::from_secs(31 * 86_400);

/// The gatekeepers' clocks stay behind while this time passes on chain (ms).
const GAP: &str = "4000000000";

fn portal() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("portal")
}

/// Builds the page as it is hosted. Its packages are there since set-up.
fn build() -> PathBuf {
    assert!(portal().join("node_modules/.bin/vite").exists(), "portal/ has no packages: run `scripts/setup`");
    process::run(Command::new("npm").args(["run", "--silent", "build"]).current_dir(portal())).unwrap();
    binaries::page().unwrap()
}

/// Runs one file of browser tests.
async fn browse(file: &str, world: &Value) {
    let mut command = Command::new("npx");
    command
        .args(["--no-install", "playwright", "test", file])
        .current_dir(portal())
        .env("MEDREC_WORLD", world.to_string());
    let run = tokio::task::spawn_blocking(move || process::run(&mut command)).await.unwrap();
    println!("{}", run.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn page_should_do_what_people_need_when_used_in_a_browser() {
    let page = build();
    let options = NetworkOptions::new("portal").with("chain", "max_clock_gap_ms", GAP);
    let mut network = Network::prepare(options).await.unwrap();
    network.serve_page(&page).unwrap();
    for hospital in Hospital::ALL {
        network.apply(hospital).await.unwrap();
        network.fund(hospital).await.unwrap();
        network.admit(hospital).await.unwrap();
        network.provider_mut(hospital).gatekeeper.start().await.unwrap();
    }

    // A patient of both hospitals, a doctor at the second, and a patient who has not enrolled yet.
    let [patient, doctor, fresh] =
        [new_phrase(), new_phrase(), new_phrase()].map(|phrase| phrase.to_string());
    for (number, hospital) in Hospital::ALL.into_iter().enumerate() {
        let key = patient_key(&patient, u32::try_from(number).unwrap()).unwrap();
        let record = hospital.record_number(KNOWN_TO_BOTH).unwrap();
        network.enrol_and_accept(hospital, &record, &key).await.unwrap();
    }
    hire(&network, &KeyPair::from_suri(&doctor, KeyType::Sr25519).unwrap()).await;

    let riverside = network.provider(Hospital::Riverside);
    let record = Hospital::Riverside.record_number(FRESH).unwrap();
    let mut world = json!({
        "node": network.node.url(),
        "page": format!("{}/portal/", riverside.gatekeeper.url()),
        "patient": patient,
        "doctor": doctor,
        "fresh": fresh,
        "hospital": Hospital::Riverside.account(),
        "council": COUNCIL,
        "ticket": riverside.gatekeeper.ticket(&record).unwrap().to_string(),
    });
    browse("protocol", &world).await;
    browse("life", &world).await;
    browse("budget", &world).await;
    browse("hospital", &world).await;
    browse("release", &world).await;
    browse("link", &world).await;

    let rekey = riverside.gatekeeper.ticket_for(&record, &["--rekey"]).unwrap();
    world["rekey"] = json!(rekey.to_string());
    let child = Hospital::Riverside.record_number(CHILD).unwrap();
    let minor = riverside.gatekeeper.ticket_for(&child, &["--minor", OF_AGE]).unwrap();
    world["minor"] = json!(minor.to_string());
    browse("custody", &world).await;

    network.provider_mut(Hospital::Hillcrest).gatekeeper.stop().unwrap();
    browse("missing", &world).await;

    network.node.pass_time(SILENCE).await.unwrap();
    network.provider_mut(Hospital::Riverside).gatekeeper.wait_until_ready().await.unwrap();
    browse("later", &world).await;
}

/// Puts a clinician on Hillcrest's staff, with the money for the fees of requests.
async fn hire(network: &Network, key: &KeyPair) {
    let hillcrest = network.provider(Hospital::Hillcrest);
    let until = network.chain.finalised().await.unwrap().timestamp().await.unwrap() + 300 * DAY_MS;
    let call = calls::registry::add_staff(&key.account(), StaffRole::Clinician, until);
    network.chain.submit(&call, &hillcrest.key, Wait::Finalised).await.unwrap();
    let fees = calls::balances::transfer_keep_alive(&key.account(), UNIT);
    network.chain.submit(&fees, &hillcrest.key, Wait::Finalised).await.unwrap();
}
