//! Two gatekeepers behind one name on one PostgreSQL: what counts once counts once over both, each goes on without the other, and neither
//! answers without the store.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex,
    },
    time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use medrec_client::{enrol, gatekeeper::Gatekeeper as Client, notices::NewWebhook, KeyPair};
use medrec_policy::purpose::Purpose;
use medrec_tests::{
    gatekeeper::Gatekeeper,
    practice::{
        ask::{Ask, Signed},
        eventually,
        rules::Rule,
        Patient, World,
    },
    process::run,
    receiver::Receiver,
    servers::Postgres,
    wire::{self, RawAnswer},
};
use serde_json::{json, Value};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

mod proxied;

/// How long the other may be without an answer when one is killed.
const GAP: Duration = Duration::from_secs(3);

/// The role that `packaging/store.sql` makes, and its database.
const ROLE: &str = "medrec_store";

/// The server's administrator.
const OWNER: &str = "hospital";

struct Stage {
    world: World,
    /// The second gatekeeper; the first is that of the practice.
    second: Gatekeeper,
    database: Postgres,
    patient: Patient,
    viewer: KeyPair,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_gatekeepers_should_be_as_one_when_they_share_a_store() {
    let mut stage = Stage::start().await.unwrap();
    let started = Instant::now();
    let step = |name: &str| println!("{:5.1} s  {name}", started.elapsed().as_secs_f32());
    replay(&stage).await.unwrap();
    step("a signed request counts once over both");
    sessions(&stage).await.unwrap();
    step("a session of one is good at the other, until it is ended");
    tickets(&stage).await.unwrap();
    step("a ticket that was redeemed at one is used up at the other");
    notices(&stage).await.unwrap();
    step("a webhook is told once");
    killed(&mut stage).await.unwrap();
    step("one goes on while the other is killed, and what it did falls to it");
    checked(&stage).unwrap();
    step("the log of both verifies");
    proxied::proxied(&mut stage).await.unwrap();
    step("HAProxy asks both, stops asking who stops or dies, and believes nobody's word of where they come from");
    without_store(&mut stage).await.unwrap();
    step("without the store neither answers, and both come back with it");
    put_back(&mut stage).await.unwrap();
    step("a store that is put back under its feet is not answered from");
    stage.world.shows_nothing().await.unwrap();
}

impl Stage {
    async fn start() -> Result<Self> {
        let settings = [
            ("notices", "webhooks_to_loopback", "true"),
            // Not before the store is the shared one: what was anchored from another could not be gone on from.
            ("anchors", "enabled", "false"),
            ("limits", "per_address_per_minute", "1000000"),
            ("limits", "per_account_per_minute", "1000000"),
        ];
        let mut world = World::start("several", &['a'], &settings).await?;
        let database = Postgres::start(&world.scratch).await?;
        let first = &mut world.practice_mut('a').gatekeeper;
        first.stop()?;
        prepare(&database).await?;
        first.set("store", "url", &format!("{:?}", address(&database, ROLE)))?;
        first.set("store", "instance", "\"a\"")?;
        first.set("anchors", "enabled", "true")?;
        let mut second = first.second("practice-a-second")?;
        second.set("store", "instance", "\"b\"")?;
        // At the same time, on a database without a table.
        first.start_without_waiting()?;
        second.start_without_waiting()?;
        first.wait_until_ready().await?;
        second.wait_until_ready().await?;
        let patient = world.admit_patient('a').await?;
        let viewer = world.key("viewer");
        world.rule(&patient, &Rule::everything(&viewer)).await?;
        let stage = Self { world, second, database, patient, viewer };
        stage.search().until(&stage.world, 200).await?;
        stage.second_reads().await?;
        Ok(stage)
    }

    fn search(&self) -> Ask {
        Ask::search('a', &self.viewer, "Observation", self.patient.relationship)
    }

    /// A request signed for the name, as it is sent to either.
    fn signed(&self) -> [Signed; 2] {
        let (signed, _) = self.search().sign(&self.world);
        let other = Signed { address: self.second.address(), ..signed.clone() };
        [signed, other]
    }

    /// The second one permits, in the end.
    async fn second_reads(&self) -> Result<()> {
        eventually("the second one reads", || async {
            let [_, signed] = self.signed();
            let answer = signed.send().await?;
            Ok(if answer.status == 200 {
                Ok(())
            } else {
                Err(format!("{} {}", answer.status, answer.text()))
            })
        })
        .await
    }

    fn addresses(&self) -> [String; 2] {
        [self.world.practice('a').gatekeeper.address(), self.second.address()]
    }

    async fn value<T>(&self, query: &'static str) -> Result<T>
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
    {
        let mut connection = PgConnection::connect(&address(&self.database, OWNER)).await?;
        let value = sqlx::query_scalar(query).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(value)
    }
}

/// Makes role and database as operators are told to.
async fn prepare(database: &Postgres) -> Result<()> {
    let mut connection = PgConnection::connect(&database.url()).await?;
    let script = include_str!("../../../packaging/store.sql");
    let script: String = script.lines().filter(|line| !line.starts_with("--")).collect();
    for statement in script.split_inclusive(';') {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))).await.context("store.sql")?;
    }
    Ok(connection.close().await?)
}

/// The store's database, for this role.
fn address(database: &Postgres, role: &str) -> String {
    let url = database.url();
    url.replace(":///postgres?", &format!(":///{ROLE}?")).replace("user=hospital", &format!("user={role}"))
}

/// Posts JSON.
async fn post(address: &str, target: &str, body: &Value) -> Result<RawAnswer> {
    let headers = [("Content-Type", "application/json")];
    wire::send(address, &wire::request("POST", target, address, &headers, body.to_string().as_bytes())).await
}

async fn replay(stage: &Stage) -> Result<()> {
    for round in 0..12 {
        let [first, second] = stage.signed();
        let (one, other) = tokio::join!(first.send(), second.send());
        let mut statuses = [one?.status, other?.status];
        statuses.sort_unstable();
        ensure!(statuses == [200, 401], "both at once, round {round}: {statuses:?}");
        let again = [first.send().await?.status, second.send().await?.status];
        ensure!(again == [401, 401], "later, round {round}: {again:?}");
    }
    Ok(())
}

async fn sessions(stage: &Stage) -> Result<()> {
    let [first, second] = stage.addresses();
    let account = stage.viewer.account().to_string();
    // The text is the second's, and signed in with at the first.
    let asked = json!({ "account": account, "purpose": "TREAT" });
    let challenge = post(&second, "/auth/challenge", &asked).await?.json()?;
    let message = challenge["message"].as_str().context("a text to sign")?;
    let signature = format!("0x{}", hex::encode(stage.viewer.sign(message.as_bytes()).as_bytes()));
    let answer = json!({ "message": message, "signature": signature });
    let session = post(&first, "/auth/session", &answer).await?;
    ensure!(session.status == 200 || session.status == 201, "{} {}", session.status, session.text());
    for address in [&first, &second] {
        let again = post(address, "/auth/session", &answer).await?;
        ensure!(again.status == 401, "a sign-in counts once: {} {}", again.status, again.text());
    }
    let token = session.json()?["token"].as_str().context("a token")?.to_owned();
    let bearer = format!("Bearer {token}");
    let target = stage.search().target;
    let with = |method, address: &str, target: &str| {
        wire::request(method, target, address, &[("Authorization", &bearer)], b"")
    };
    for address in [&first, &second] {
        let read = wire::send(address, &with("GET", address, &target)).await?;
        ensure!(read.status == 200, "{} {}", read.status, read.text());
    }
    let ended = wire::send(&second, &with("DELETE", &second, "/auth/session")).await?;
    ensure!(ended.status < 300, "{} {}", ended.status, ended.text());
    let read = wire::send(&first, &with("GET", &first, &target)).await?;
    ensure!(read.status == 401, "an ended session: {} {}", read.status, read.text());
    Ok(())
}

async fn tickets(stage: &Stage) -> Result<()> {
    let person = &stage.world.practice('a').people[50];
    let ticket = stage.second.ticket(&person.file_no)?;
    let body = |key: &KeyPair| {
        json!({
            "ticket": ticket.secret.expose_hex(),
            "account": key.account().to_string(),
            "signature": format!("0x{}", hex::encode(enrol::sign(key, &ticket).as_bytes())),
        })
    };
    let [first, second] = stage.addresses();
    let (own, thief) = (body(&stage.world.key("enrols")), body(&stage.world.key("enrols, too")));
    let (one, other) = tokio::join!(post(&first, "/enrol", &own), post(&second, "/enrol", &thief));
    // Whoever has it may be told to ask again, while the proposal is not final.
    let statuses = [one?.status, other?.status];
    let refused = statuses.iter().filter(|status| (400..500).contains(*status)).count();
    ensure!(refused == 1, "one ticket, two keys: {statuses:?}");
    Ok(())
}

async fn notices(stage: &Stage) -> Result<()> {
    let state = stage.world.chain.finalised().await?;
    let genesis = stage.world.chain.genesis();
    let gatekeeper = Client::of_member(&state, genesis, stage.world.practice('a').member).await?;
    let receiver = Receiver::start(None).await?;
    let webhook = NewWebhook { url: receiver.url(), patient: Some(stage.patient.relationship.to_string()) };
    gatekeeper.add_webhook(&stage.patient.key, Purpose::PatientRequest, &webhook).await?;
    for told in 1..=3 {
        stage
            .world
            .rule(&stage.patient, &Rule::everything(&stage.world.key(&format!("viewer {told}"))))
            .await?;
        receiver.wait_for(told).await?;
        // As long as either needs to look several times.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        ensure!(receiver.got().len() == told, "{told} notices: {:?}", receiver.got());
    }
    let twice: i64 = stage
        .value("SELECT count(*) - count(DISTINCT (relationship, kind, details)) FROM notices WHERE kind = 'granted'")
        .await?;
    ensure!(twice == 0, "{twice} notices are there twice");
    Ok(())
}

/// Sends reads to one gatekeeper, one after the other.
struct Load {
    requests: Mutex<Vec<Signed>>,
    over: AtomicBool,
    /// When each permitted answer came, and the records that were asked for.
    answered: Mutex<Vec<(Instant, String)>>,
}

impl Load {
    async fn work(self: Arc<Self>) {
        while !self.over.load(Ordering::Relaxed) {
            let Some(signed) = self.requests.lock().unwrap().pop() else { break };
            let answer = tokio::time::timeout(Duration::from_secs(10), signed.send()).await;
            if matches!(answer, Ok(Ok(answer)) if answer.status == 404) {
                let id = signed.target.rsplit_once('/').unwrap().1.to_owned();
                self.answered.lock().unwrap().push((Instant::now(), id));
            }
        }
    }
}

async fn killed(stage: &mut Stage) -> Result<()> {
    let made_up = |n: usize| {
        let id = format!("{}.{n:032x}", stage.patient.relationship);
        Ask::get('a', &stage.viewer, format!("/fhir/Observation/{id}")).sign(&stage.world).0
    };
    let [first, second] = stage.addresses();
    let load = |from: usize, address: &str| {
        let requests =
            (from..from + 20_000).step_by(10).map(|n| Signed { address: address.to_owned(), ..made_up(n) });
        Arc::new(Load {
            requests: Mutex::new(requests.collect()),
            over: AtomicBool::default(),
            answered: Mutex::default(),
        })
    };
    let loads = [load(0, &first), load(5, &second)];
    let workers: Vec<_> =
        loads.iter().flat_map(|load| [0; 3].map(|_| tokio::spawn(load.clone().work()))).collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    let was_on_duty: String = stage.value("SELECT holder FROM leases WHERE name = 'duty'").await?;
    let dead = Instant::now();
    let dies_first = was_on_duty == "a";
    if dies_first {
        stage.world.practice_mut('a').gatekeeper.kill()?;
    } else {
        stage.second.kill()?;
    }
    tokio::time::sleep(GAP).await;
    for load in &loads {
        load.over.store(true, Ordering::Relaxed);
    }
    for worker in workers {
        worker.await?;
    }
    let survivor = &loads[usize::from(dies_first)];
    let mut times: Vec<Instant> = survivor.answered.lock().unwrap().iter().map(|(at, _)| *at).collect();
    times.retain(|at| *at > dead);
    let gap = times.first().map(|first| first.duration_since(dead));
    ensure!(gap.is_some_and(|gap| gap < GAP), "the other stood still, for {gap:?}");
    let other = if dies_first { "b" } else { "a" };
    eventually("the duty falls to the other", || async {
        let holder: String = stage.value("SELECT holder FROM leases WHERE name = 'duty'").await?;
        Ok(if holder == other { Ok(()) } else { Err(holder) })
    })
    .await?;
    if dies_first {
        stage.world.practice_mut('a').gatekeeper.start().await?;
    } else {
        stage.second.start().await?;
    }
    let said = run(&mut stage.second.command(&["audit", "show"])?)?;
    let logged: BTreeSet<String> = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["id"].as_str().map(str::to_owned))
        .collect();
    let answered: Vec<String> =
        loads.iter().flat_map(|load| load.answered.lock().unwrap().clone()).map(|(_, id)| id).collect();
    ensure!(answered.len() > 50, "little was asked: {}", answered.len());
    let lost: Vec<_> = answered.iter().filter(|id| !logged.contains(*id)).collect();
    ensure!(lost.is_empty(), "answered and not on the log: {lost:?}");
    Ok(())
}

/// Either says of the whole log that it is whole; `check` of either finds the store.
fn checked(stage: &Stage) -> Result<()> {
    for gatekeeper in [&stage.world.practice('a').gatekeeper, &stage.second] {
        let said = gatekeeper.audit_verify()?;
        ensure!(
            said.contains("in 2 chains") && said.contains("a: head") && said.contains("b: head"),
            "{said}"
        );
        let said = gatekeeper.check()?;
        ensure!(said.contains("ok    store"), "{said}");
    }
    Ok(())
}

async fn without_store(stage: &mut Stage) -> Result<()> {
    let before = stage.signed();
    stage.database.kill()?;
    for signed in &before {
        let answer = signed.send().await?;
        ensure!(answer.status >= 500, "without the store: {} {}", answer.status, answer.text());
    }
    stage.database.start_again().await?;
    stage.search().until(&stage.world, 200).await?;
    stage.second_reads().await
}

/// As by a standby that lagged behind when it took over: the last entries of one are gone.
async fn put_back(stage: &mut Stage) -> Result<()> {
    let session = {
        let state = stage.world.chain.finalised().await?;
        let genesis = stage.world.chain.genesis();
        let client = Client::of_member(&state, genesis, stage.world.practice('a').member).await?;
        client.sign_in(&stage.viewer, Purpose::Treatment, None).await?.session.token.clone()
    };
    let mut connection = PgConnection::connect(&address(&stage.database, OWNER)).await?;
    loop {
        stage.search().until(&stage.world, 200).await?;
        // What is anchored already would be missed by whoever starts.
        let gone = "DELETE FROM log WHERE number >= (SELECT max(number) FROM log WHERE instance = 'a')
            AND NOT EXISTS (SELECT 1 FROM proof_intervals
                            WHERE log_until >= (SELECT max(number) FROM log WHERE instance = 'a'))";
        if sqlx::query(gone).execute(&mut connection).await?.rows_affected() > 0 {
            break;
        }
    }
    connection.close().await?;
    let answer = stage.search().send(&stage.world).await?;
    ensure!(answer.status >= 500, "from a store that was put back: {} {}", answer.status, answer.text());
    let gatekeeper = &mut stage.world.practice_mut('a').gatekeeper;
    let stopping = Instant::now();
    while gatekeeper.process()?.ensure_running().is_ok() {
        ensure!(stopping.elapsed() < Duration::from_secs(20), "it goes on");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Started again, it takes the store for a restored back-up: what was signed in to before is over.
    gatekeeper.start().await?;
    let address = gatekeeper.address();
    let bearer = format!("Bearer {session}");
    let target = stage.search().target;
    let read =
        wire::send(&address, &wire::request("GET", &target, &address, &[("Authorization", &bearer)], b""))
            .await?;
    ensure!(read.status == 401, "a session of before: {} {}", read.status, read.text());
    Ok(())
}
