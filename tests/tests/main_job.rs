//! The whole life of a grant, on HL7's example records in two hospitals' databases.
#![allow(clippy::unwrap_used)]

use std::{sync::OnceLock, time::Instant};

use medrec_client::{
    chain::{
        calls::{permissions, registry, relationships},
        events, Wait,
    },
    gatekeeper::{Access, Gatekeeper, GatekeeperError, Verified},
    keys::{patient_key, KeyPair},
    sealing::{self, TermsContext},
};
use medrec_policy::purpose::Purpose;
use medrec_primitives::{
    DecisionSummary, DenyReason, Effect, GrantTerms, RelationshipId, RelationshipStatus, StaffRole, Viewer,
    DAY_MS,
};
use medrec_tests::{
    canaries::{Canaries, KEEP_STATES},
    hospitals::{Hospital, KNOWN_TO_BOTH},
    network::{dev_key, Network, NetworkOptions},
    ports,
    practice::wall_clock,
};
use serde_json::Value;

const PATIENT: &str = "//The patient of the main job";

/// What no refusal may show.
static CANARIES: OnceLock<Canaries> = OnceLock::new();

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grant_should_open_exactly_what_it_says_when_made_and_nothing_when_revoked() {
    let mut options = NetworkOptions::new("main-job");
    options.node.block_time_ms = 500;
    options.node.arguments = KEEP_STATES.map(str::to_owned).to_vec();
    options.node.prometheus_port = Some(ports::free_port().unwrap());
    let network = Network::start(options).await.unwrap();
    let chain = &network.chain;
    let canaries = network.canaries().await.unwrap();
    assert!(canaries.count() > 50, "{} canaries", canaries.count());
    assert!(CANARIES.set(canaries).is_ok());
    for hospital in Hospital::ALL {
        let check = network.provider(hospital).gatekeeper.check();
        assert!(check.is_ok(), "{}: {check:?}", hospital.name());
    }

    // One patient, two hospitals, two keys that nothing on chain joins.
    let (first, second) = (patient_key(PATIENT, 0).unwrap(), patient_key(PATIENT, 1).unwrap());
    let enrol = |hospital: Hospital, key: &KeyPair| {
        let (record, key) = (hospital.record_number(KNOWN_TO_BOTH).unwrap(), key.clone());
        let network = &network;
        async move { network.enrol(hospital, &record, &key).await.unwrap() }
    };
    let at_riverside = enrol(Hospital::Riverside, &first).await;
    let at_hillcrest = enrol(Hospital::Hillcrest, &second).await;
    let state = chain.finalised().await.unwrap();
    assert_eq!(
        state.my_relationships(&first.account()).await.unwrap(),
        [(at_riverside, RelationshipStatus::Proposed)]
    );
    // Nobody reads before the patient has accepted, not even the patient.
    let riverside = gatekeeper(&network, Hospital::Riverside).await;
    let hillcrest = gatekeeper(&network, Hospital::Hillcrest).await;
    forbidden(search(&riverside, &first, Purpose::PatientRequest, "Observation", at_riverside).await);
    for (key, relationship) in [(&first, at_riverside), (&second, at_hillcrest)] {
        let accepted =
            chain.submit(&relationships::accept(relationship), key, Wait::Finalised).await.unwrap();
        assert!(accepted.find::<events::Accepted>().unwrap().is_some());
        assert_eq!(free_balance(&network, key).await, 0, "a patient pays nothing and holds nothing");
    }

    // The patient reads all their own records at both, each under its own key alone.
    let own =
        eventually_permitted(&riverside, &first, Purpose::PatientRequest, "Observation", at_riverside).await;
    assert!(own.len() > 1, "{own:?}");
    eventually_permitted(&hillcrest, &second, Purpose::PatientRequest, "Patient", at_hillcrest).await;
    forbidden(search(&riverside, &second, Purpose::PatientRequest, "Observation", at_riverside).await);
    forbidden(search(&hillcrest, &first, Purpose::PatientRequest, "Observation", at_hillcrest).await);

    // A doctor on Hillcrest's staff is granted one laboratory field at Riverside, for treatment, until a date.
    let doctor = hire(&network, Hospital::Hillcrest, "//Doctor").await;
    let colleague = hire(&network, Hospital::Hillcrest, "//Colleague").await;
    forbidden(search(&riverside, &doctor, Purpose::Treatment, "Observation", at_riverside).await);
    let code = laboratory_code(&own);
    let words = format!(
        "patient/Observation.rs?category=laboratory&code={code}&_elements=code,valueQuantity;purpose=TREAT"
    );
    let until = wall_clock() + 30 * DAY_MS;
    let grant = grant(&network, &first, at_riverside, &Viewer::Key(doctor.account()), &words, until).await;
    let state = chain.finalised().await.unwrap();
    assert_eq!(
        state.may_read(at_riverside, &doctor.account()).await.unwrap(),
        DecisionSummary::NeedsOpening,
        "the chain cannot read the terms"
    );
    assert_eq!(
        state.may_read(at_riverside, &colleague.account()).await.unwrap(),
        DecisionSummary::Deny(DenyReason::NoGrant)
    );

    // The doctor reads exactly that.
    let shown =
        eventually_permitted(&riverside, &doctor, Purpose::Treatment, "Observation", at_riverside).await;
    let expected: Vec<_> =
        own.iter().filter(|record| is_laboratory(record) && has_code(record, &code)).collect();
    assert_eq!(shown.len(), expected.len(), "{shown:?}");
    for (shown, whole) in shown.iter().zip(&expected) {
        assert_eq!(shown["id"], whole["id"]);
        assert_eq!(shown["code"], whole["code"]);
        assert_eq!(shown["valueQuantity"], whole["valueQuantity"]);
        for hidden in ["effectiveDateTime", "note", "referenceRange", "interpretation", "category", "text"] {
            assert!(shown[hidden].is_null(), "{hidden} in {shown}");
        }
    }
    // By session, too, and a single record by its id.
    let open = riverside.sign_in(&doctor, Purpose::Treatment, Some(at_riverside)).await.unwrap();
    let id = shown[0]["id"].as_str().unwrap();
    let read = riverside.read(&Access::Session(&open), "Observation", id).await.unwrap();
    assert_eq!(read.json().unwrap(), shown[0]);

    // A stranger, another purpose, another type, another hospital, a second record are refused.
    forbidden(search(&riverside, &colleague, Purpose::Treatment, "Observation", at_riverside).await);
    forbidden(search(&riverside, &doctor, Purpose::Research, "Observation", at_riverside).await);
    forbidden(search(&riverside, &doctor, Purpose::Treatment, "MedicationRequest", at_riverside).await);
    forbidden(search(&hillcrest, &doctor, Purpose::Treatment, "Observation", at_hillcrest).await);
    if let Some(other) = own.iter().find(|record| !has_code(record, &code)) {
        let id = other["id"].as_str().unwrap();
        let access = Access::Signed { key: &doctor, purpose: Purpose::Treatment };
        status(riverside.read(&access, "Observation", id).await, 404);
    }

    // Revocation: refused within one block of the one it is in.
    let revoked =
        chain.submit(&permissions::revoke(at_riverside, grant), &first, Wait::InBlock).await.unwrap();
    let started = Instant::now();
    let refused_at = loop {
        if search(&riverside, &doctor, Purpose::Treatment, "Observation", at_riverside).await.is_err() {
            break network.node.best_number().await.unwrap();
        }
        assert!(started.elapsed().as_secs() < 20, "still permitted after a revocation");
    };
    println!("refused {:?} after the revocation was seen in its block", started.elapsed());
    assert!(
        refused_at <= revoked.block_number + 1,
        "in block {}, refused in {refused_at}",
        revoked.block_number
    );
    forbidden(search(&riverside, &doctor, Purpose::Treatment, "Observation", at_riverside).await);
    // The session stands for the same person, who may read nothing now.
    forbidden(riverside.search(&Access::Session(&open), "Observation", at_riverside, &[]).await);

    // The patient reads the log: every permit and denial, and who it was.
    let access = Access::Signed { key: &first, purpose: Purpose::PatientRequest };
    let log = riverside.log(&access, at_riverside).await.unwrap();
    let by = |key: &KeyPair, permitted: bool| {
        let account = key.account().to_string();
        log.entries.iter().filter(|entry| entry.account == account && entry.permitted == permitted).count()
    };
    assert!(by(&doctor, true) >= 2 && by(&doctor, false) >= 4, "{log:?}");
    assert_eq!(by(&colleague, true), 0);
    assert!(by(&colleague, false) >= 1 && by(&second, false) >= 1, "{log:?}");
    let permit =
        log.entries.iter().find(|entry| entry.permitted && entry.account == doctor.account().to_string());
    assert_eq!(permit.unwrap().grants, [grant]);
    assert!(log.entries.windows(2).all(|pair| pair[0].number < pair[1].number), "in order");
    forbidden(
        riverside.log(&Access::Signed { key: &doctor, purpose: Purpose::Treatment }, at_riverside).await,
    );
    for hospital in Hospital::ALL {
        network.provider(hospital).gatekeeper.audit_verify().unwrap();
    }

    // The end.
    chain.submit(&relationships::end(at_riverside), &first, Wait::Finalised).await.unwrap();
    for _ in 0..200 {
        if search(&riverside, &first, Purpose::PatientRequest, "Observation", at_riverside).await.is_err() {
            break;
        }
    }
    forbidden(search(&riverside, &first, Purpose::PatientRequest, "Observation", at_riverside).await);
    eventually_permitted(&hillcrest, &second, Purpose::PatientRequest, "Patient", at_hillcrest).await;

    // Nothing of the databases has got anywhere but into answers to those who may read.
    let scanned = network.shows_nothing().await.unwrap();
    println!("nothing of the databases in {scanned:?}");
    assert!(scanned.entries > 10, "the audit logs have entries: {scanned:?}");
}

async fn gatekeeper(network: &Network, hospital: Hospital) -> Gatekeeper {
    let state = network.chain.finalised().await.unwrap();
    Gatekeeper::of_member(&state, network.chain.genesis(), network.provider(hospital).member).await.unwrap()
}

async fn hire(network: &Network, hospital: Hospital, suri: &str) -> KeyPair {
    let key = dev_key(suri).unwrap();
    let call = registry::add_staff(&key.account(), StaffRole::Clinician, wall_clock() + 365 * DAY_MS);
    network.chain.submit(&call, &network.provider(hospital).key, Wait::Finalised).await.unwrap();
    key
}

async fn grant(
    network: &Network,
    patient: &KeyPair,
    relationship: RelationshipId,
    viewer: &Viewer,
    words: &str,
    until: u64,
) -> u32 {
    let state = network.chain.finalised().await.unwrap();
    let (number, sealing_key) = state.current_sealing_key(relationship.member).await.unwrap().unwrap();
    let context = TermsContext {
        genesis: network.chain.genesis(),
        relationship,
        viewer: viewer.clone(),
        effect: Effect::Allow,
        not_before: None,
        not_after: Some(until),
        may_share: false,
    };
    let sealed = sealing::seal_terms(&words.parse().unwrap(), &sealing_key.public, number, &context).unwrap();
    let terms = GrantTerms::Sealed(sealed);
    let call = permissions::grant(relationship, viewer, &terms, None, Some(until), false);
    let granted = network.chain.submit(&call, patient, Wait::Finalised).await.unwrap();
    granted.expect::<events::Granted>().unwrap().grant
}

async fn search(
    gatekeeper: &Gatekeeper,
    key: &KeyPair,
    purpose: Purpose,
    resource_type: &str,
    relationship: RelationshipId,
) -> Result<Verified, GatekeeperError> {
    let access = Access::Signed { key, purpose };
    if resource_type == "Patient" {
        return gatekeeper.read(&access, "Patient", &relationship.to_string()).await;
    }
    gatekeeper.search(&access, resource_type, relationship, &[]).await
}

/// The resources shown, once the gatekeeper has seen what permits it.
async fn eventually_permitted(
    gatekeeper: &Gatekeeper,
    key: &KeyPair,
    purpose: Purpose,
    resource_type: &str,
    relationship: RelationshipId,
) -> Vec<Value> {
    let started = Instant::now();
    loop {
        match search(gatekeeper, key, purpose, resource_type, relationship).await {
            Ok(verified) => {
                let shown = verified.json().unwrap();
                let entries = shown["entry"].as_array().cloned();
                return entries.map_or(vec![shown], |entries| {
                    entries.into_iter().map(|mut entry| entry["resource"].take()).collect()
                });
            }
            Err(error) => assert!(started.elapsed().as_secs() < 30, "{error}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

fn forbidden<T: std::fmt::Debug>(answer: Result<T, GatekeeperError>) {
    status(answer, 403);
}

fn status<T: std::fmt::Debug>(answer: Result<T, GatekeeperError>, expected: u16) {
    match answer {
        Err(GatekeeperError::Refused { status, message, .. }) if status == expected => {
            let canaries = CANARIES.get().unwrap();
            canaries.not_in(message.as_bytes(), || format!("a refusal: {message}")).unwrap();
        }
        other => panic!("not refused with {expected}: {other:?}"),
    }
}

async fn free_balance(network: &Network, key: &KeyPair) -> u128 {
    let state = network.chain.finalised().await.unwrap();
    // `AccountInfo`: nonce, consumers, providers, sufficients, then the balances, free first.
    type Info = (u32, u32, u32, u32, (u128, u128, u128, u128));
    let account = key.account();
    let hash = sp_crypto_hashing::blake2_128(account.as_ref());
    let key = [hash.as_slice(), account.as_ref()].concat();
    let info: Option<Info> = state.storage("System", "Account", &key).await.unwrap();
    let (_, _, providers, sufficients, (free, ..)) = info.unwrap();
    assert_eq!((providers, sufficients), (0, 1), "the account exists by the relationship alone");
    free
}

fn is_laboratory(record: &Value) -> bool {
    record["category"][0]["coding"][0]["code"] == "laboratory"
}

fn has_code(record: &Value, code: &str) -> bool {
    let codings = record["code"]["coding"].as_array().cloned().unwrap_or_default();
    codings.iter().any(|coding| {
        format!("{}|{}", coding["system"].as_str().unwrap_or(""), coding["code"].as_str().unwrap_or(""))
            == code
    })
}

/// System and code of the first laboratory result with a quantity.
fn laboratory_code(records: &[Value]) -> String {
    let found =
        records.iter().find(|record| is_laboratory(record) && !record["valueQuantity"]["value"].is_null());
    let coding = &found.expect("a laboratory result")["code"]["coding"][0];
    format!("{}|{}", coding["system"].as_str().unwrap(), coding["code"].as_str().unwrap())
}
