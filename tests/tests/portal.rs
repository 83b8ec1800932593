//! The page for people in Debian's Chromium, with a wallet that signs: see `portal/tests`.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use medrec_client::{
    chain::{calls, events, Chain, Wait},
    gatekeeper::Access,
    keys::{new_phrase, patient_key, KeyPair, KeyType},
};
use medrec_policy::Purpose;
use medrec_primitives::{RelationshipId, StaffRole, DAY_MS};
use medrec_tests::{
    hospitals::{Hospital, KNOWN_TO_BOTH},
    network::{Network, NetworkOptions, COUNCIL, UNIT},
    portal::{browse, page},
};
use serde_json::json;

/// Another patient of Riverside's, who enrols in the browser.
const FRESH: &str = "pat1";

/// And one for whom a ticket is made at the desk.
const DESK: &str = "pat2";

/// A child at Riverside, whose guardian enrols in the browser.
const CHILD: &str = "infant-twin-1";

/// When the child comes of age; the chain gets the half-year after it.
const OF_AGE: &str = "2040-03-14";

/// More than the thirty days after which others may step in, and less than a rekey lasts.
const SILENCE: Duration = Duration::from_secs(31 * 86_400);

/// An emergency role starts a day after it was given: the chain begins that far behind, and catches up before anybody looks.
const BEHIND: Duration = Duration::from_secs(26 * 3_600);

/// The gatekeepers' clocks stay behind while this time passes on chain (ms).
const GAP: &str = "4000000000";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn page_should_do_what_people_need_when_used_in_a_browser() {
    let page = page().unwrap();
    let mut options = NetworkOptions::new("portal").with("chain", "max_clock_gap_ms", GAP);
    let definitions = medrec_tests::file("data/research");
    options = options
        .with("research", "definitions", format!("{definitions:?}"))
        .with("research", "place", "false");
    options.node.block_time_ms = 500;
    options.node.behind = BEHIND;
    let mut network = Network::prepare(options).await.unwrap();
    network.serve_page(&page).unwrap();
    for hospital in Hospital::ALL {
        network.apply(hospital).await.unwrap();
        network.fund(hospital).await.unwrap();
        network.admit(hospital).await.unwrap();
        network.provider_mut(hospital).gatekeeper.start().await.unwrap();
    }

    // A patient of both hospitals, staff, a group of hospitals, and a patient who has not enrolled yet.
    let [patient, doctor, fresh, rescuer, steward] =
        [(); 5].map(|()| new_phrase()).map(|phrase| phrase.to_string());
    let mut enrolled = Vec::new();
    for (number, hospital) in Hospital::ALL.into_iter().enumerate() {
        let key = patient_key(&patient, u32::try_from(number).unwrap()).unwrap();
        let record = hospital.record_number(KNOWN_TO_BOTH).unwrap();
        enrolled.push((network.enrol_and_accept(hospital, &record, &key).await.unwrap(), key));
    }
    for (hospital, phrase, role) in [
        (Hospital::Hillcrest, &doctor, StaffRole::Clinician),
        (Hospital::Hillcrest, &rescuer, StaffRole::Emergency),
        (Hospital::Riverside, &steward, StaffRole::Steward),
    ] {
        hire(&network, hospital, &KeyPair::from_suri(phrase, KeyType::Sr25519).unwrap(), role).await;
    }
    gather(&network).await;
    network.node.pass_time(BEHIND).await.unwrap();
    network.chain = Chain::connect(&network.node.url()).await.unwrap();
    for hospital in Hospital::ALL {
        network.provider_mut(hospital).gatekeeper.wait_until_ready().await.unwrap();
    }
    let (relationship, key) = &enrolled[0];
    send_in(&network, *relationship, key).await;

    let riverside = network.provider(Hospital::Riverside);
    let record = Hospital::Riverside.record_number(FRESH).unwrap();
    let mut world = json!({
        "node": network.node.url(),
        "page": format!("{}/portal/", riverside.gatekeeper.url()),
        "patient": patient,
        "doctor": doctor,
        "fresh": fresh,
        "rescuer": rescuer,
        "steward": steward,
        "hospital": Hospital::Riverside.account(),
        "council": COUNCIL,
        "record": Hospital::Riverside.record_number(DESK).unwrap(),
        "ticket": riverside.gatekeeper.ticket(&record).unwrap().to_string(),
    });
    let first = [
        "budget",
        "desk",
        "emergency",
        "german",
        "group",
        "hospital",
        "life",
        "link",
        "protocol",
        "readable",
        "release",
    ];
    browse(&first, &world).await.unwrap();

    let rekey = riverside.gatekeeper.ticket_for(&record, &["--rekey"]).unwrap();
    world["rekey"] = json!(rekey.to_string());
    let child = Hospital::Riverside.record_number(CHILD).unwrap();
    let minor = riverside.gatekeeper.ticket_for(&child, &["--minor", OF_AGE]).unwrap();
    world["minor"] = json!(minor.to_string());
    browse(&["custody"], &world).await.unwrap();

    network.provider_mut(Hospital::Hillcrest).gatekeeper.stop().unwrap();
    browse(&["missing"], &world).await.unwrap();

    network.node.pass_time(SILENCE).await.unwrap();
    network.provider_mut(Hospital::Riverside).gatekeeper.wait_until_ready().await.unwrap();
    browse(&["later"], &world).await.unwrap();
}

/// Puts somebody on a hospital's staff, with the money for the fees of requests.
async fn hire(network: &Network, hospital: Hospital, key: &KeyPair, role: StaffRole) {
    let provider = network.provider(hospital);
    let until = network.chain.finalised().await.unwrap().timestamp().await.unwrap() + 300 * DAY_MS;
    let call = calls::registry::add_staff(&key.account(), role, until);
    network.chain.submit(&call, &provider.key, Wait::Finalised).await.unwrap();
    let fees = calls::balances::transfer_keep_alive(&key.account(), UNIT);
    network.chain.submit(&fees, &provider.key, Wait::Finalised).await.unwrap();
}

/// Opens a group of which Hillcrest is a member.
async fn gather(network: &Network) {
    let key = &network.provider(Hospital::Riverside).key;
    let call = calls::registry::create_group("All emergency rooms");
    let created = network.chain.submit(&call, key, Wait::Finalised).await.unwrap();
    let group = created.expect::<events::GroupCreated>().unwrap().group;
    let call = calls::registry::add_to_group(group, network.provider(Hospital::Hillcrest).member);
    network.chain.submit(&call, key, Wait::Finalised).await.unwrap();
}

/// The patient sends a measurement of theirs to the hospital, twice.
async fn send_in(network: &Network, relationship: RelationshipId, key: &KeyPair) {
    let gatekeeper = network.gatekeeper(Hospital::Riverside).await.unwrap();
    let weight = json!({
        "resourceType": "Observation",
        "status": "final",
        "subject": { "reference": format!("Patient/{relationship}") },
        "category": [{ "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
            "code": "vital-signs",
        }] }],
        "code": { "text": "Body weight", "coding": [{ "system": "http://loinc.org", "code": "29463-7" }] },
        "effectiveDateTime": "2026-11-01",
        "valueQuantity": { "value": 71.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg" },
    });
    for _ in 0..2 {
        let access = Access::Signed { key, purpose: Purpose::PatientRequest };
        gatekeeper.send(&access, "/fhir/Observation", &weight).await.unwrap();
    }
}
