//! Research, end to end: a researcher's collator earns credits, they buy a table of two providers, and what comes is numbers with noise.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use medrec_client::{
    chain::{calls, State},
    gatekeeper::{Access, Gatekeeper},
    research::{
        definition::Definition,
        messages::{CountedBody, WithdrawalBody},
    },
    KeyPair,
};
use medrec_policy::Purpose;
use medrec_primitives::{
    research::{AnswerKey, AnswerStatus, DuoPurposes, TableSpec},
    MemberRole, Moment, RelationshipId,
};
use medrec_tests::{
    binaries, collators,
    network::dev_key,
    node::NodeOptions,
    portal::{browse, page},
    practice::{Patient, World},
    process::run,
    scratch::Scratch,
};
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

const DEFINITION: &str = include_str!("../data/research/sugar.toml");
const RHO: u32 = 50_000;
const MINUTE: Moment = 60_000;

/// How many blocks anything may take: the rhythm of research is in minutes of chain time, and a block is six seconds of it.
const PATIENCE: u32 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn researcher_should_get_noisy_numbers_of_two_providers_and_patients_have_their_say() {
    let scratch = Scratch::new("research").unwrap();
    let specification = collators::specification(&scratch, None).unwrap();
    let arguments = vec!["--chain".to_owned(), specification.display().to_string()];
    let node = NodeOptions { block_time_ms: 500, arguments, ..NodeOptions::default() };
    let definitions = format!("{:?}", medrec_tests::file("data/research"));
    let settings = [("research", "definitions", definitions.as_str())];
    let mut world = World::start_on("research", &['a', 'b'], &settings, scratch, node).await.unwrap();
    for practice in &world.practices {
        practice.gatekeeper.check().unwrap();
    }

    // Three patients of each practice; two release, the third says nothing.
    let mut patients: Vec<Vec<Patient>> = Vec::new();
    for letter in ['a', 'b'] {
        let some = world.admit_patients(letter, 3).await.unwrap();
        for patient in &some[..2] {
            let of = patient.relationship.to_string();
            let told = medrec(
                &world,
                &secret_of(patient),
                &["release", "set", &of, "--yes", "--exclude", "commercial"],
            );
            assert_eq!(told["release"], true);
        }
        patients.push(some);
    }
    // One of them takes it back at the gatekeeper.
    let gone = &patients[0][1];
    let gatekeeper = gatekeeper(&world, gone.relationship).await;
    let told = medrec(&world, &secret_of(gone), &["release", "withdraw", &gone.relationship.to_string()]);
    assert_eq!(told["withdrawn"], true);
    let body = WithdrawalBody { patient: gone.relationship.to_string(), withdrawn: false };
    let stranger = gatekeeper.send(&as_patient(&patients[1][0].key), "/research/withdrawal", &body).await;
    assert!(stranger.is_err());

    // Plans, a researcher with a collator, a study.
    let definition = Definition::read(DEFINITION).unwrap();
    let now = world.chain.finalised().await.unwrap().timestamp().await.unwrap();
    let starts = (now / MINUTE + 5) * MINUTE;
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
    let [one, two] = &world.practices[..] else { panic!("two practices") };
    world.submit(&calls::research::publish_plan(starts, &[table], None), &one.key).await.unwrap();
    publish(&two.gatekeeper, &world.scratch, starts);

    let (researcher, _) = world.member("Institute", MemberRole::Researcher).await.unwrap();
    let collator = dev_key(collators::COLLATORS[2]).unwrap().account();
    let secret = secret_of_words("Institute");
    let node = world.node.url();
    let medrec_research = |arguments: &[&str]| ask("medrec-research", &node, &secret, arguments);
    medrec_research(&["register-collator", &collator.to_ss58check()]);
    let accept = ["accept-researcher", &researcher.to_string()];
    ask("medrec-research", &node, collators::COLLATORS[2], &accept);
    world.council_carries(calls::research::approve_collator(&collator)).await.unwrap();
    let protocol = medrec_tests::file("data/research/sugar.toml");
    let propose = [
        "propose-study",
        "--purpose",
        "biomedical",
        "--until",
        "+365d",
        "--protocol",
        protocol.to_str().unwrap(),
    ];
    assert_eq!(medrec_research(&propose)["study"], 0);
    world.council_carries(calls::research::approve_study(0)).await.unwrap();

    // Authoring earns.
    eventually(&world, "credits", async |state| {
        let earnings = state.earnings(researcher).await.unwrap();
        (earnings.spendable >= 2).then_some(())
    })
    .await;

    eventually(&world, "the end of the first epoch", async |state| {
        (state.timestamp().await.unwrap() >= starts + MINUTE).then_some(())
    })
    .await;

    // The command claims, waits, fetches, checks and adds up.
    let names: Vec<String> =
        world.practices.iter().map(|practice| format!("{}/0/0", practice.member)).collect();
    let out = world.scratch.join("results");
    let plans = medrec_research(&["plans"]);
    assert_eq!(plans[0]["title"], "Persons with a sugar test");
    medrec_research(&["claim", "--study", "0", &names[0], &names[1]]);
    serve_page(&mut world);
    // Killed after it was asked, a gatekeeper takes up what it was at.
    let asked = AnswerKey { provider: world.practices[0].member, table: 0, epoch: 0 };
    eventually(&world, "an answer asked for", async |state| state.answer(asked).await.unwrap()).await;
    for letter in ['a', 'a', 'b'] {
        let gatekeeper = &mut world.practice_mut(letter).gatekeeper;
        gatekeeper.kill().unwrap();
        gatekeeper.start().await.unwrap();
    }
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

    // In the browser the same numbers, added up in the same way.
    let page = format!("{}/portal/", world.practices[0].gatekeeper.url());
    let told = json!({ "page": page, "researcher": secret, "rows": rows });
    browse(&["research"], &told).await.unwrap();

    // What was handed over is what the chain holds the commitment to, and the rho is spent, once.
    let state = world.chain.finalised().await.unwrap();
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
        let told =
            medrec(&world, &secret_of(patient), &["release", "counted", &patient.relationship.to_string()]);
        let told: CountedBody = serde_json::from_value(told).unwrap();
        assert_eq!(told.answers.iter().map(|answer| answer.counted).collect::<Vec<_>>(), [counted]);
    }
    for practice in &world.practices {
        let listed = run(&mut practice.gatekeeper.command(&["research", "list"]).unwrap()).unwrap();
        assert!(listed.contains("Persons with a sugar test") && listed.contains("50000 in all"), "{listed}");
    }
    // The gatekeeper places a sealed nothing for who has said nothing.
    let silent = patients[0][2].relationship;
    eventually(&world, "a placed choice", async |state| state.release(silent).await.unwrap()).await;
    world.shows_nothing().await.unwrap();
}

/// Has the first practice serve the page, and the other let it read answers, from their next starts on.
fn serve_page(world: &mut World) {
    let (page, node) = (page().unwrap(), world.node.url());
    let [one, two] = &mut world.practices[..] else { panic!("two practices") };
    one.gatekeeper.set("portal", "dir", &format!("{page:?}")).unwrap();
    one.gatekeeper.set("portal", "node", &format!("{node:?}")).unwrap();
    two.gatekeeper.set("cors", "origins", &format!("{:?}", [one.gatekeeper.url()])).unwrap();
}

/// Publishes the same plan by the gatekeeper's command.
fn publish(gatekeeper: &medrec_tests::gatekeeper::Gatekeeper, scratch: &Scratch, starts: Moment) {
    let mut date = Command::new("date");
    let starts =
        run(date.args(["-u", "-d", &format!("@{}", starts / 1_000), "+%Y-%m-%dT%H:%M:%SZ"])).unwrap();
    let (starts, folder) = (starts.trim(), medrec_tests::file("data/research"));
    let plan = format!(
        "version = 1\nstarts = \"{starts}\"\n[[table]]\ndefinition = {:?}\npurposes = [\"biomedical\"]\nfirst = \"{starts}\"\n\
         length = \"1m\"\nepochs = 2\nrho = {RHO}\nprice = 1\n",
        folder.join("sugar.toml")
    );
    let path = scratch.join("plan.toml");
    std::fs::write(&path, plan).unwrap();
    let path = path.display().to_string();
    let said =
        run(&mut gatekeeper.command(&["research", "publish", "--plan", &path, "--yes"]).unwrap()).unwrap();
    assert!(said.contains("100000 in the year") && said.contains("Published"), "{said}");
}

/// The secret of a key of this world, by its words.
fn secret_of_words(words: &str) -> String {
    format!("0x{}", hex::encode(sp_crypto_hashing::blake2_256(format!("research {words}").as_bytes())))
}

fn secret_of(patient: &Patient) -> String {
    secret_of_words(&format!("patient {}", patient.person.file_no))
}

/// Runs a command of ours, and gives what it says to programs.
fn ask(program: &str, node: &str, secret: &str, arguments: &[&str]) -> Value {
    let mut command = Command::new(binaries::binary(program).unwrap());
    command.env("MEDREC_KEY", secret).env("MEDREC_NODE", node).arg("--json");
    serde_json::from_str(&run(command.args(arguments)).unwrap()).unwrap()
}

fn medrec(world: &World, secret: &str, arguments: &[&str]) -> Value {
    ask(binaries::CLIENT, &world.node.url(), secret, arguments)
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
