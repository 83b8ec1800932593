//! Research, end to end: a researcher's collator earns credits, they buy a table of two providers, and what comes is numbers with noise.
#![allow(clippy::unwrap_used)]

use std::{path::Path, process::Command};

use medrec_client::{
    chain::{calls, State},
    gatekeeper::{Access, Gatekeeper},
    research::{
        choice::{seal_choice, ReleaseContext},
        definition::Definition,
        messages::{CountedBody, WithdrawalBody},
    },
    KeyPair,
};
use medrec_policy::Purpose;
use medrec_primitives::{
    research::{AnswerKey, AnswerStatus, DuoPurposes, ReleaseChoice, TableSpec},
    MemberRole, Moment, RelationshipId,
};
use medrec_tests::{
    binaries, collators,
    network::dev_key,
    node::NodeOptions,
    practice::{Patient, World},
    process::run,
    scratch::Scratch,
};
use serde_json::Value;

const DEFINITION: &str = include_str!("../data/research/sugar.toml");
const RHO: u32 = 50_000;
const MINUTE: Moment = 60_000;

/// How many blocks anything may take: the rhythm of research is in minutes of chain time, and a block is six seconds of it.
const PATIENCE: u32 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn researcher_should_get_noisy_numbers_of_two_providers_and_patients_have_their_say() {
    let scratch = Scratch::new("research").unwrap();
    let specification = collators::specification(&scratch).unwrap();
    let arguments = vec!["--chain".to_owned(), specification.display().to_string()];
    let node = NodeOptions { block_time_ms: 500, arguments, ..NodeOptions::default() };
    let definitions = format!("{:?}", Path::new(env!("CARGO_MANIFEST_DIR")).join("data/research"));
    let settings = [("research", "definitions", definitions.as_str())];
    let world = World::start_on("research", &['a', 'b'], &settings, scratch, node).await.unwrap();
    let chain = &world.chain;

    // Three patients of each practice; two release, the third says nothing.
    let mut patients: Vec<Vec<Patient>> = Vec::new();
    for letter in ['a', 'b'] {
        let some = world.admit_patients(letter, 3).await.unwrap();
        for patient in &some[..2] {
            release(&world, patient).await;
        }
        patients.push(some);
    }
    // One of them takes it back at the gatekeeper.
    let gone = &patients[0][1];
    let gatekeeper = gatekeeper(&world, gone.relationship).await;
    let body = WithdrawalBody { patient: gone.relationship.to_string(), withdrawn: true };
    let told = gatekeeper.send(&as_patient(&gone.key), "/research/withdrawal", &body).await.unwrap();
    assert!(serde_json::from_slice::<CountedBody>(&told.body).unwrap().withdrawn);
    let stranger = gatekeeper.send(&as_patient(&patients[1][0].key), "/research/withdrawal", &body).await;
    assert!(stranger.is_err());
    // Plans, a researcher with a collator, a study.
    let definition = Definition::read(DEFINITION).unwrap();
    let starts = chain.finalised().await.unwrap().timestamp().await.unwrap() + MINUTE;
    let table = TableSpec {
        kind: definition.kind().unwrap(),
        definition: definition.digest(),
        purposes: DuoPurposes::BIOMEDICAL,
        first: starts,
        length: MINUTE,
        epochs: 2,
        rho: RHO,
        price: 1,
        fee: None,
    };
    for practice in &world.practices {
        world.submit(&calls::research::publish_plan(starts, &[table], None), &practice.key).await.unwrap();
    }
    let (researcher, key) = world.member("Institute", MemberRole::Researcher).await.unwrap();
    let collator = dev_key(collators::COLLATORS[2]).unwrap().account();
    world.submit(&calls::research::register_collator(&collator), &key).await.unwrap();
    world.council_carries(calls::research::approve_collator(&collator)).await.unwrap();
    let study = calls::research::propose_study(DuoPurposes::BIOMEDICAL, [7; 32], starts * 2);
    world.submit(&study, &key).await.unwrap();
    world.council_carries(calls::research::approve_study(0)).await.unwrap();

    // Authoring earns.
    eventually(&world, "credits", async |state| {
        let earnings = state.earnings(researcher).await.unwrap();
        (earnings.spendable >= 2).then_some(())
    })
    .await;

    // The command claims, waits, fetches, checks and adds up.
    let seed = sp_crypto_hashing::blake2_256(b"research Institute");
    let secret = format!("0x{}", hex::encode(seed));
    let names: Vec<String> =
        world.practices.iter().map(|practice| format!("{}/0/0", practice.member)).collect();
    let out = world.scratch.join("results");
    let medrec_research = |arguments: &[&str]| -> Value {
        let mut command = Command::new(binaries::binary("medrec-research").unwrap());
        command.env("MEDREC_KEY", &secret).env("MEDREC_NODE", world.node.url()).arg("--json");
        serde_json::from_str(&run(command.args(arguments)).unwrap()).unwrap()
    };
    let plans = medrec_research(&["plans"]);
    assert_eq!(plans[0]["title"], "Persons with a sugar test");
    medrec_research(&["claim", "--study", "0", &names[0], &names[1]]);
    let (fetched, folder) = (out.display().to_string(), out.clone());
    let table =
        tokio::task::block_in_place(|| medrec_research(&["fetch", &names[0], &names[1], "--out", &fetched]));
    let rows = table["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    // Three persons, all of them women, with noise of a standard deviation of 10 and 5 each.
    for (row, (truth, most)) in rows.iter().zip([(3.0, 90.0), (3.0, 45.0), (0.0, 45.0)]) {
        let value = row["value"].as_f64().unwrap();
        assert!((value - truth).abs() < most, "{row}");
        assert!(row["low"].as_f64().unwrap() < value && value < row["high"].as_f64().unwrap());
    }
    assert!(std::fs::read_to_string(folder.join("table.svg")).unwrap().contains("Sugar, female"));
    assert_eq!(std::fs::read_to_string(folder.join("table.csv")).unwrap().lines().count(), 4);

    // What was handed over is what the chain holds the commitment to, and the rho is spent, once.
    let state = chain.finalised().await.unwrap();
    for practice in &world.practices {
        let answer = AnswerKey { provider: practice.member, table: 0, epoch: 0 };
        let answer = state.answer(answer).await.unwrap().unwrap();
        assert!(matches!(answer.status, AnswerStatus::Committed { .. }));
        assert_eq!(state.research_budget(practice.member).await.unwrap().life, RHO);
    }
    // Nobody else gets it, and patients know.
    let (claim, _) = state.claims_from(0).await.unwrap().0[0];
    let other = world.key("stranger");
    let access = Access::Signed { key: &other, purpose: Purpose::Research };
    assert!(gatekeeper.get_sealed(&access, &format!("/research/answers/{claim}")).await.is_err());
    for (patient, counted) in patients[0].iter().zip([true, false, false]) {
        let target = format!("/research/counted?patient={}", patient.relationship);
        let told = gatekeeper.get(&as_patient(&patient.key), &target).await.unwrap();
        let told: CountedBody = serde_json::from_slice(&told.body).unwrap();
        assert_eq!(told.answers.iter().map(|answer| answer.counted).collect::<Vec<_>>(), [counted]);
    }
    // The gatekeeper places a sealed nothing for who has said nothing.
    let silent = patients[0][2].relationship;
    eventually(&world, "a placed choice", async |state| state.release(silent).await.unwrap()).await;
    world.shows_nothing().await.unwrap();
}

async fn release(world: &World, patient: &Patient) {
    let state = world.chain.finalised().await.unwrap();
    let relationship = patient.relationship;
    let (id, key) = state.current_sealing_key(relationship.member).await.unwrap().unwrap();
    let context = ReleaseContext { genesis: world.chain.genesis(), relationship };
    let choice = ReleaseChoice { release: true, ..ReleaseChoice::default() };
    let sealed = seal_choice(choice, &key.public, id, &context).unwrap();
    world.submit(&calls::research::set_release(relationship, &sealed), &patient.key).await.unwrap();
}

async fn gatekeeper(world: &World, of: RelationshipId) -> Gatekeeper {
    let state = world.chain.finalised().await.unwrap();
    Gatekeeper::of_member(&state, world.chain.genesis(), of.member).await.unwrap()
}

fn as_patient(key: &KeyPair) -> Access<'_> {
    Access::Signed { key, purpose: Purpose::PatientRequest }
}

/// Asks each block until there is something.
async fn eventually<T>(world: &World, what: &str, ask: impl AsyncFn(State<'_>) -> Option<T>) -> T {
    for _ in 0..PATIENCE {
        if let Some(found) = ask(world.chain.finalised().await.unwrap()).await {
            return found;
        }
        world.node.wait_blocks(1).await.unwrap();
    }
    panic!("{what}: not within {PATIENCE} blocks")
}
