//! Gatekeeper, node and database are killed in turn under load, as by a power failure.
//!
//! Whatever is killed whenever: nobody without a right is permitted anything, no answer has left without its entry in the log, no signed
//! request counts twice. Twice each by default; `MEDREC_KILLS=30` kills thirty times each, and `MEDREC_KILL=gatekeeper,database` only
//! these two.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        Arc, Mutex,
    },
    time::Duration,
};

use anyhow::{ensure, Context, Result};
use medrec_client::{chain::Chain, keys::KeyPair};
use medrec_tests::{
    practice::{
        ask::{Ask, Signed},
        rules::Rule,
        Patient, World,
    },
    process::run,
    servers::Postgres,
};
use rand::{Rng, RngCore};
use serde_json::Value;

/// Requests under way at the same time.
const WORKERS: usize = 6;

/// How often each is killed.
fn kills() -> u32 {
    std::env::var("MEDREC_KILLS").ok().map_or(2, |text| text.parse().expect("MEDREC_KILLS: a number"))
}

/// What is killed: a node takes its time to start.
fn what() -> Vec<&'static str> {
    let all = ["gatekeeper", "database", "node"];
    match std::env::var("MEDREC_KILL") {
        Err(_) => all.to_vec(),
        Ok(only) => all.into_iter().filter(|what| only.split(',').any(|name| name == *what)).collect(),
    }
}

/// A request of one person for one made-up record, so that its entry in the log is known by the record's id.
struct Request {
    id: String,
    may_read: bool,
    signed: Signed,
}

/// What came of all requests.
#[derive(Default)]
struct Seen {
    /// The ids in answers that say that something was decided.
    answered: BTreeSet<String>,
    /// By status, for the report.
    statuses: BTreeMap<u16, u64>,
    /// What must never be.
    wrong: Vec<String>,
}

/// Whoever asks: signed in advance, so that the tasks need nothing of the world.
struct Load {
    requests: Mutex<Vec<Request>>,
    seen: Mutex<Seen>,
    over: AtomicBool,
    sent: AtomicU64,
}

impl Load {
    /// Sends requests, most of them twice, at random moments.
    async fn work(self: Arc<Self>) {
        let mut later: Vec<(Request, bool)> = Vec::new();
        while !self.over.load(Ordering::Relaxed) {
            let next = self.requests.lock().unwrap().pop();
            let Some(request) = next else {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let counted = self.send(&request, false).await;
            later.push((request, counted));
            // Across what is killed in between, too.
            if later.len() > 40 || rand::thread_rng().gen_ratio(1, 8) {
                let place = rand::thread_rng().gen_range(0..later.len());
                let (request, counted) = later.swap_remove(place);
                self.send(&request, counted).await;
            }
        }
        for (request, counted) in later {
            self.send(&request, counted).await;
        }
    }

    /// Whether it counted, now or before.
    async fn send(&self, request: &Request, counted: bool) -> bool {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let answer = tokio::time::timeout(Duration::from_secs(20), request.signed.send()).await;
        let Ok(Ok(answer)) = answer else { return counted };
        let mut seen = self.seen.lock().unwrap();
        *seen.statuses.entry(answer.status).or_default() += 1;
        // Permitted, and there is no such record; or denied.
        let decided = [200, 403, 404].contains(&answer.status);
        if !decided {
            return counted;
        }
        if counted {
            seen.wrong.push(format!("{} counted twice: {}", request.id, answer.status));
        }
        if !request.may_read && answer.status != 403 {
            seen.wrong.push(format!("{} was permitted without a right: {}", request.id, answer.status));
        }
        if request.may_read && answer.status == 403 {
            seen.wrong.push(format!("{} was denied in spite of a grant", request.id));
        }
        seen.answered.insert(request.id.clone());
        true
    }
}

struct Stage {
    world: World,
    database: Postgres,
    patient: Patient,
    viewer: KeyPair,
    load: Arc<Load>,
}

impl Stage {
    /// Signs further requests: of who may read, and of who may not.
    fn sign(&self, count: usize, without_right: &[KeyPair]) {
        let mut fresh = Vec::new();
        for index in 0..count {
            let mut bytes = [0; 16];
            rand::thread_rng().fill_bytes(&mut bytes);
            let id = format!("{}.{}", self.patient.relationship, hex::encode(bytes));
            let may_read = index % 2 == 0;
            let key = if may_read { &self.viewer } else { &without_right[index / 2 % without_right.len()] };
            let (signed, _) = Ask::get('a', key, format!("/fhir/Observation/{id}")).sign(&self.world);
            fresh.push(Request { id, may_read, signed });
        }
        *self.load.requests.lock().unwrap() = fresh;
    }

    fn stop_load(&self) {
        self.load.requests.lock().unwrap().clear();
    }

    async fn reads(&self) -> Result<()> {
        let search = Ask::search('a', &self.viewer, "Observation", self.patient.relationship);
        search.until(&self.world, 200).await.map(drop)
    }

    async fn kill(&mut self, what: &str) -> Result<()> {
        match what {
            "gatekeeper" => {
                self.world.practice_mut('a').gatekeeper.kill()?;
                self.world.practice_mut('a').gatekeeper.start().await
            }
            "node" => {
                self.world.node.process().kill()?;
                tokio::time::sleep(Duration::from_millis(300)).await;
                self.world.node.start_again().await?;
                self.world.chain = Chain::connect(&self.world.node.url()).await?;
                self.world.practice_mut('a').gatekeeper.wait_until_ready().await
            }
            _ => {
                self.database.kill()?;
                tokio::time::sleep(Duration::from_millis(300)).await;
                self.database.start_again().await
            }
        }
    }

    /// Every id that the log has.
    fn logged(&self) -> Result<BTreeSet<String>> {
        let gatekeeper = &self.world.practice('a').gatekeeper;
        let said = run(&mut gatekeeper.command(&["audit", "show"])?)?;
        said.lines()
            .map(|line| serde_json::from_str::<Value>(line).context("a line of the log"))
            .filter_map(|entry| match entry {
                Ok(entry) => entry["id"].as_str().map(|id| Ok(id.to_owned())),
                Err(error) => Some(Err(error)),
            })
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn gatekeeper_should_keep_its_promises_when_it_its_node_or_its_database_is_killed() {
    let settings = [
        ("chain", "max_finality_age_ms", "20000"),
        ("limits", "per_address_per_minute", "1000000"),
        ("limits", "per_account_per_minute", "1000000"),
    ];
    let mut world = World::start("kill", &['a'], &settings).await.unwrap();
    // What is killed must be a server.
    let database = world.move_to_postgres('a').await.unwrap();
    let patient = world.admit_patient('a').await.unwrap();
    let viewer = world.key("viewer");
    world.rule(&patient, &Rule::everything(&viewer)).await.unwrap();
    let load = Arc::new(Load {
        requests: Mutex::default(),
        seen: Mutex::default(),
        over: AtomicBool::new(false),
        sent: AtomicU64::new(0),
    });
    let mut stage = Stage { world, database, patient, viewer, load: load.clone() };
    let workers: Vec<_> = (0..WORKERS).map(|_| tokio::spawn(load.clone().work())).collect();
    let outcome = rounds(&mut stage).await;
    stage.stop_load();
    load.over.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.unwrap();
    }
    outcome.unwrap();
    let seen = load.seen.lock().unwrap();
    println!("{} requests sent; answers by status: {:?}", load.sent.load(Ordering::Relaxed), seen.statuses);
    assert!(seen.wrong.is_empty(), "{}", seen.wrong.join("\n"));
    assert!(
        seen.statuses.get(&404).is_some_and(|count| *count > 50),
        "little was permitted: {:?}",
        seen.statuses
    );
    assert!(
        seen.statuses.get(&403).is_some_and(|count| *count > 50),
        "little was denied: {:?}",
        seen.statuses
    );
    assert!(
        seen.statuses.get(&401).is_some_and(|count| *count > 5),
        "little was replayed: {:?}",
        seen.statuses
    );
    let logged = stage.logged().unwrap();
    let lost: Vec<_> = seen.answered.difference(&logged).collect();
    assert!(lost.is_empty(), "answered and not on the log: {lost:?}");
    stage.world.practice('a').gatekeeper.audit_verify().unwrap();
}

async fn rounds(stage: &mut Stage) -> Result<()> {
    let stranger = stage.world.key("stranger");
    for round in 0..kills() {
        // Whoever had a right until just now has none, whatever was killed since.
        let revoked = stage.world.key(&format!("revoked {round}"));
        let grant = stage.world.rule(&stage.patient, &Rule::everything(&revoked)).await?;
        let read = Ask::search('a', &revoked, "Observation", stage.patient.relationship);
        read.until(&stage.world, 200).await?;
        stage.world.revoke(&stage.patient, grant).await?;
        read.until(&stage.world, 403).await?;
        for what in what() {
            stage.sign(400, &[stranger.clone(), revoked.clone()]);
            let into = rand::thread_rng().gen_range(50..600);
            tokio::time::sleep(Duration::from_millis(into)).await;
            stage.kill(what).await.with_context(|| format!("{what}, round {round}"))?;
            stage.reads().await.with_context(|| format!("after {what} was killed, round {round}"))?;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        ensure!(stage.load.seen.lock().unwrap().wrong.is_empty(), "round {round}");
    }
    Ok(())
}
