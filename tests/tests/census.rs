//! Research at the size of hospitals: two providers (SQLite and PostgreSQL) of synthetic patients, and a third with the persons of SUPPORT2
//! and Framingham. Everybody is on chain, with a choice of its own; a collator's researcher earns credits, claims a quarter's table and a
//! mean of all three, and gets them.
//!
//! `MEDREC_CENSUS` says how many patients each has, of each cohort at most as many; 200 unless it is set. With
//! 10,000 it takes a quarter of an hour: the proposals of a hospital go one after another.
#![allow(clippy::unwrap_used)]

use std::{process::Command, time::Duration};

use chrono::{DateTime, NaiveDate};
use medrec_client::{chain::calls, research::definition::Definition};
use medrec_primitives::{
    research::{AnswerKey, DuoPurposes, Part, PartKind, ReleaseChoice},
    MemberRole, Moment, DAY_MS,
};
use medrec_release::Variance;
use medrec_tests::{
    binaries,
    census::{cohorts, enrol, load, people, truth, Hospital, Plan},
    collators,
    network::dev_key,
    node::NodeOptions,
    practice::World,
    process::run,
    scratch::Scratch,
    servers::Postgres,
};
use serde_json::Value;
use sp_core::crypto::Ss58Codec;

const DIAGNOSES: &str = include_str!("../data/census/definitions/diagnoses.toml");
const GLUCOSE: &str = include_str!("../data/census/definitions/glucose.toml");

/// What each of the four epochs of the two tables costs: 0.1 in the year.
const RHO: [u32; 2] = [10_000, 15_000];

/// The groups and ages of the definition.
const GROUPS: [&[&str]; 6] = [
    &["E10", "E11"],
    &["I10"],
    &["I20", "I21", "I22", "I23", "I24", "I25"],
    &["I50"],
    &["J44", "J45"],
    &["C"],
];
const AGES: [i32; 4] = [0, 18, 40, 65];

/// An epoch (ms).
const QUARTER: Moment = 90 * DAY_MS;

/// How many blocks anything may take.
const PATIENCE: u32 = 600;

/// One of nine says no, one of nine lets nobody sell it; the rest are for everything.
fn choice(place: usize) -> ReleaseChoice {
    let excluded = if place % 9 == 4 { DuoPurposes::COMMERCIAL } else { DuoPurposes(0) };
    ReleaseChoice { release: place % 9 != 7, excluded, ..ReleaseChoice::default() }
}

fn day(moment: Moment) -> NaiveDate {
    DateTime::from_timestamp_millis(moment as i64).unwrap().date_naive()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn researcher_should_get_a_quarters_table_and_a_mean_of_hospitals_in_which_everybody_has_chosen() {
    let size: usize = std::env::var("MEDREC_CENSUS").map_or(200, |text| text.parse().unwrap());
    let scratch = Scratch::new("census").unwrap();
    // The chain's clock gains on the processor's: minutes of grace would be over while thousands of patients are looked up.
    let specification = collators::specification(&scratch, Some(DAY_MS)).unwrap();
    let mut arguments = vec!["--chain".to_owned(), specification.display().to_string()];
    arguments.extend(enrol::NODE_ARGUMENTS.map(str::to_owned));
    let node = NodeOptions { block_time_ms: 500, arguments, ..NodeOptions::default() };
    let mut world = World::start_on("census", &[], &[], scratch, node).await.unwrap();

    // A quarter that begins at midnight tomorrow, and is over when the chain's clock says so.
    let now = world.chain.finalised().await.unwrap().timestamp().await.unwrap();
    let starts = (now / DAY_MS + 1) * DAY_MS;
    let quarter = (day(starts), day(starts + QUARTER));

    // Three hospitals.
    let mut postgres = Postgres::start(&world.scratch).await.unwrap();
    let clinic = people::synthetic(1, 100_000, size, quarter.1);
    let hospital = people::synthetic(2, 700_000, size, quarter.1);
    let cohorts = cohorts::both(size, quarter.1).unwrap();
    let (file, other) = (world.scratch.join("clinic.sqlite"), world.scratch.join("cohorts.sqlite"));
    load::sqlite(&file, &clinic).await.unwrap();
    load::sqlite(&other, &cohorts).await.unwrap();
    load::postgres(&postgres.url(), &hospital).await.unwrap();
    let reader = postgres.url().replace("user=hospital", "user=gatekeeper");
    let plans = [
        ("Clinic", "//Dave", format!("sqlite:{}", file.display()), load::CLINIC_MAPPING, clinic),
        ("Hospital", "//Eve", reader, load::HOSPITAL_MAPPING, hospital),
        ("Cohorts", "//Ferdie", format!("sqlite:{}", other.display()), load::CLINIC_MAPPING, cohorts),
    ];
    let definitions = format!("{:?}", medrec_tests::file("data/census/definitions"));
    let settings =
        [("research", "definitions", definitions.as_str()), ("chain", "max_clock_gap_ms", "34560000000")];
    let mut hospitals = Vec::new();
    for (name, suri, database_url, mapping, people) in plans {
        let plan = Plan { name, suri, database_url, mapping, people };
        let hospital = Hospital::admit(&world, plan, &settings).await.unwrap();
        enrol::everybody(&world, &hospital, choice).await.unwrap();
        hospitals.push(hospital);
    }
    for hospital in &mut hospitals {
        hospital.gatekeeper.start().await.unwrap();
        hospital.gatekeeper.check().unwrap();
        publish(hospital, &world.scratch, starts);
    }

    // A researcher with a collator and a study.
    let (researcher, _) = world.member("Institute", MemberRole::Researcher).await.unwrap();
    let collator = dev_key(collators::COLLATORS[2]).unwrap().account();
    let ask = |arguments: &[&str]| medrec_research(&world.node.url(), arguments);
    ask(&["register-collator", &collator.to_ss58check()]);
    let accept = calls::research::accept_researcher(researcher);
    world.submit(&accept, &dev_key(collators::COLLATORS[2]).unwrap()).await.unwrap();
    world.council_carries(calls::research::approve_collator(&collator)).await.unwrap();
    let protocol = medrec_tests::file("data/census/definitions/glucose.toml");
    ask(&[
        "propose-study",
        "--purpose",
        "biomedical",
        "--until",
        "+365d",
        "--protocol",
        protocol.to_str().unwrap(),
    ]);
    world.council_carries(calls::research::approve_study(0)).await.unwrap();

    // The quarter passes; authoring earns.
    world.pass_time(Duration::from_millis(starts + QUARTER - now)).await.unwrap();
    for hospital in &mut hospitals {
        hospital.gatekeeper.wait_until_ready().await.unwrap();
    }
    for _ in 0..PATIENCE {
        let state = world.chain.finalised().await.unwrap();
        if state.earnings(researcher).await.unwrap().spendable >= 6 {
            break;
        }
        world.node.wait_blocks(1).await.unwrap();
    }
    let names: Vec<Vec<String>> = (0..2)
        .map(|table| hospitals.iter().map(|hospital| format!("{}/{table}/0", hospital.member)).collect())
        .collect();
    let all: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
    let ask = |arguments: &[&str]| medrec_research(&world.node.url(), arguments);
    ask(&[&["claim", "--study", "0"], all.as_slice()].concat());
    let out = world.scratch.join("results").display().to_string();
    let fetched = |names: &[String]| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        tokio::task::block_in_place(|| ask(&[&["fetch", "--out", &out], names.as_slice()].concat()))
    };
    let (table, mean) = (fetched(&names[0]), fetched(&names[1]));
    for hospital in &hospitals {
        let answer = AnswerKey { provider: hospital.member, table: 0, epoch: 0 };
        let state = world.chain.finalised().await.unwrap();
        assert!(state.answer(answer).await.unwrap().is_some());
        assert_eq!(state.research_budget(hospital.member).await.unwrap().life, RHO.iter().sum::<u32>());
    }

    // What is true is known here.
    let released = || hospitals.iter().flat_map(|hospital| hospital.released(choice));
    let cohort = released().count() as f64;
    let cells = truth::counts(released(), &GROUPS, &AGES, 2, quarter);
    let (count, sum) = truth::above(released(), people::GLUCOSE, (50, 250), quarter);
    println!("{cohort} persons release, {} are in the table, {count} in the mean", cells.iter().sum::<i64>());
    assert!(count > 100 && cells.iter().all(|cell| *cell >= 0) && cells.iter().sum::<i64>() > 100);
    let truths: Vec<f64> = [cohort].into_iter().chain(cells.iter().map(|cell| *cell as f64)).collect();
    let sigmas = [(PartKind::Cohort, 1), (PartKind::Cells, cells.len())];
    let outside = compare(&table, &truths, &sigma_of(DIAGNOSES, RHO[0], &sigmas, hospitals.len()));
    // Of 49 intervals at 95 %, more than 13 miss with a probability below 1e-6.
    assert!(outside <= 13, "{outside} of 49 intervals miss");
    let truths = [cohort, count as f64, sum as f64];
    let sigmas = [(PartKind::Cohort, 1), (PartKind::Count, 1), (PartKind::Sum, 1)];
    compare(&mean, &truths, &sigma_of(GLUCOSE, RHO[1], &sigmas, hospitals.len()));
    let (row, truth) = (&mean["rows"][3], 50.0 + sum as f64 / count as f64);
    let (value, low, high) = (number(row, "value"), number(row, "low"), number(row, "high"));
    println!("mean glucose {value:.2} ({low:.2} to {high:.2}), truly {truth:.2}");
    // Half the interval is two standard deviations and more: six miss once in 10^9.
    assert!((value - truth).abs() < 3.0 * (high - low), "{row}");
    drop(postgres.kill());
}

/// Publishes a year's plan of the two tables, as its operator does.
fn publish(hospital: &Hospital, scratch: &Scratch, starts: Moment) {
    let starts = DateTime::from_timestamp_millis(starts as i64).unwrap().format("%Y-%m-%d");
    let folder = medrec_tests::file("data/census/definitions");
    let mut plan = format!("version = 1\nstarts = \"{starts}\"\n");
    for (file, rho) in ["diagnoses.toml", "glucose.toml"].into_iter().zip(RHO) {
        plan += &format!(
            "[[table]]\ndefinition = {:?}\npurposes = [\"biomedical\"]\nfirst = \"{starts}\"\nlength = \"90d\"\nepochs = 4\n\
             rho = {rho}\nprice = 1\n",
            folder.join(file)
        );
    }
    let path = scratch.join(format!("plan-{}.toml", hospital.name));
    std::fs::write(&path, plan).unwrap();
    let path = path.display().to_string();
    let arguments = ["research", "publish", "--plan", &path, "--yes"];
    let said = run(&mut hospital.gatekeeper.command(&arguments).unwrap()).unwrap();
    assert!(said.contains("100000 in the year") && said.contains("Published"), "{said}");
}

/// Runs the researcher's command, and gives what it says to programs.
fn medrec_research(node: &str, arguments: &[&str]) -> Value {
    let secret = sp_crypto_hashing::blake2_256(b"census Institute");
    let mut command = Command::new(binaries::binary("medrec-research").unwrap());
    command.env("MEDREC_KEY", format!("0x{}", hex::encode(secret))).env("MEDREC_NODE", node).arg("--json");
    serde_json::from_str(&run(command.args(arguments)).unwrap()).unwrap()
}

/// The standard deviation of each number of an answer, added up over providers.
fn sigma_of(definition: &str, rho: u32, parts: &[(PartKind, usize)], providers: usize) -> Vec<f64> {
    let planned: Vec<Part> = Definition::read(definition)
        .unwrap()
        .kind()
        .unwrap()
        .parts(rho)
        .unwrap()
        .into_iter()
        .flatten()
        .collect();
    let sigma = |(kind, width): &(PartKind, usize)| {
        let part = planned.iter().find(|part| part.kind == *kind).unwrap();
        assert_eq!(usize::from(part.width), *width);
        vec![Variance::of(part).unwrap().sigma() * (providers as f64).sqrt(); *width]
    };
    parts.iter().flat_map(sigma).collect()
}

fn number(row: &Value, name: &str) -> f64 {
    row[name].as_f64().unwrap_or_else(|| panic!("{row}"))
}

/// Holds numbers against the truth: none is off by more than six standard deviations. Gives how many of the stated intervals miss.
fn compare(table: &Value, truths: &[f64], sigmas: &[f64]) -> usize {
    let rows = table["rows"].as_array().unwrap();
    let mut outside = 0;
    for ((row, truth), sigma) in rows.iter().zip(truths).zip(sigmas) {
        let value = number(row, "value");
        assert!((value - truth).abs() <= 6.0 * sigma, "{row}: truly {truth}, sigma {sigma}");
        outside += usize::from(!(number(row, "low")..=number(row, "high")).contains(truth));
    }
    outside
}
