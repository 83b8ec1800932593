//! The runtime replaced by vote while the network runs and hospitals answer: from the last release's to this one.

use std::{
    cell::Cell,
    path::PathBuf,
    time::{Duration, Instant},
};

use medrec_client::{
    chain::{calls, Chain, ChainError, Closed, Wait},
    KeyPair,
};
use medrec_primitives::{AccountId, MemberId, MemberRole};
use medrec_tests::{
    binaries, checkout, js,
    network::{dev_key, COUNCIL},
    practice::{ask::Ask, rules::Rule, Patient, World},
    relay::{RelayNetwork, PATIENCE},
    scratch::Scratch,
    upgrade,
};
use serde_json::json;
use sp_core::H256;

/// The runtime of the last release, with sessions and delays of minutes; `zombienet/releases/README.md` says where it comes from.
const LAST_RELEASE: &str = "zombienet/releases/medrec-runtime-1002-fast.wasm";

/// Its BLAKE2-256 digest, which is on record.
const ITS_DIGEST: &str = include_str!("../../../zombienet/releases/medrec-runtime-1002-fast.blake2-256");

/// The version of the release, and of the code that replaces it.
const VERSIONS: (u32, u32) = (1_002, 1_003);

/// The shortest delay of what is scheduled, in this runtime (blocks).
const DELAY: u32 = 20;

/// Between two reads of each reader.
const PACE: Duration = Duration::from_millis(250);

fn released() -> Vec<u8> {
    std::fs::read(checkout().join(LAST_RELEASE)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "starts a relay chain: scripts/network test"]
async fn upgrade_should_go_through_by_vote_when_hospitals_answer_all_the_while() {
    let last_release = checkout().join(LAST_RELEASE);
    let old = released();
    let digest = format!("0x{}", hex::encode(sp_crypto_hashing::blake2_256(&old)));
    assert_eq!(digest, ITS_DIGEST.trim(), "the release is the one on record");
    let new = std::fs::read(todays_runtime()).unwrap();

    let scratch = Scratch::new("upgrade").unwrap();
    let runtime = [("MEDREC_PARACHAIN_RUNTIME", last_release.to_str().unwrap())];
    let network = RelayNetwork::start_with(&scratch, "small", &runtime).await.unwrap();
    let url = network.node("collator-1").rpc.url();
    let approved = network.node("collator-2").account().unwrap();
    let mut world = World::on_node("upgrade", network, &url, scratch).await.unwrap();
    world.open_practices(&[('a', &url)], &[]).await.unwrap();
    assert_eq!(world.chain.spec_version().await.unwrap(), VERSIONS.0);

    // What the migration is about: collators as the last release registered them.
    let (institute, key) = world.member("Institute", MemberRole::Researcher).await.unwrap();
    let forgotten = world.key("nobody's collator").account();
    for collator in [&approved, &forgotten] {
        world.submit(&calls::research::register_collator(collator), &key).await.unwrap();
    }
    assert_eq!(collator(&world.chain, &forgotten).await, Some((institute, 0)));

    // What members of the consortium do before they vote.
    println!("{}", upgrade::try_runtime(&upgrade::with_checks().unwrap(), &["--url", &url]).unwrap());

    let patient = world.admit_patient('a').await.unwrap();
    let relative = world.key("relative");
    let grant = world.rule(&patient, &Rule::everything(&relative)).await.unwrap();
    let readers = Readers::new(&world, &patient, &relative);
    readers.by_relative.until(&world, 200).await.unwrap();

    // A page or a program of somebody's that is connected all the time.
    let folder = world.scratch.folder("js").unwrap();
    let input =
        json!({ "node": url, "from": VERSIONS.0, "to": VERSIONS.1, "patience": PATIENCE.as_millis() as u64 });
    let connected = tokio::spawn(async move { js::run(&folder, "upgrade.mjs", input).await });

    tokio::select! {
        never = readers.read(&world) => match never {},
        () = replace(&world, &new) => {}
    }
    readers.report();
    println!("{}", connected.await.unwrap().unwrap());

    // The migration went through, over blocks without transactions.
    let state = world.chain.finalised().await.unwrap();
    let version: Option<u16> = state.storage("Research", ":__STORAGE_VERSION__:", &[]).await.unwrap();
    assert_eq!(version, Some(2));
    assert_eq!(state.storage::<u8>("MultiBlockMigrations", "Cursor", &[]).await.unwrap(), None);
    assert_eq!(collator(&world.chain, &forgotten).await, None, "nobody had approved it");

    // Everything goes on: what is taken back is refused, what is new is answered, what is new in the runtime works.
    let call = calls::permissions::revoke(patient.relationship, grant);
    world.chain.submit(&call, &patient.key, Wait::Finalised).await.unwrap();
    readers.by_relative.until(&world, 403).await.unwrap();
    let again = world.admit_patient('a').await.unwrap();
    world.rule(&again, &Rule::everything(&relative)).await.unwrap();
    Ask::search('a', &relative, "Observation", again.relationship).until(&world, 200).await.unwrap();
    world.fund(&forgotten).await.unwrap();
    world.submit(&calls::research::register_collator(&forgotten), &key).await.unwrap();
    let accept = calls::research::accept_researcher(institute);
    world.submit(&accept, &world.key("nobody's collator")).await.unwrap();
    assert_eq!(collator(&world.chain, &forgotten).await, Some((institute, 2)));
}

/// The code of this source, which the networks start with elsewhere.
fn todays_runtime() -> PathBuf {
    let named = std::env::var_os("MEDREC_PARACHAIN_RUNTIME").map(PathBuf::from);
    let built =
        || binaries::blob("medrec-relay-runtime", "medrec_runtime_fast.compact.compressed.wasm").unwrap();
    named.unwrap_or_else(built)
}

/// A researcher's collator as it is stored: whose, and how far it has come.
async fn collator(chain: &Chain, key: &AccountId) -> Option<(MemberId, u8)> {
    let account: &[u8] = key.as_ref();
    let hashed = [&sp_crypto_hashing::blake2_128(account)[..], account].concat();
    chain.finalised().await.unwrap().storage("Research", "Collators", &hashed).await.unwrap()
}

fn council() -> Vec<KeyPair> {
    COUNCIL.into_iter().map(|name| dev_key(name).unwrap()).collect()
}

/// Has the consortium put this code in the place of the other, with everything on the way that must change nothing.
async fn replace(world: &World<RelayNetwork>, code: &[u8]) {
    let chain = &world.chain;
    let signers = council();
    let started = Instant::now();
    let say = |what: &str| println!("after {:>4} s: {what}", started.elapsed().as_secs());

    // Scheduled, and turned down: when its time comes, nothing happens.
    let unwanted = chain.upgrade(b"code that nobody wants", DELAY).await.unwrap();
    chain.note(&unwanted, &signers[0]).await.unwrap();
    let motion = chain.propose(&unwanted.whitelist, &signers[0]).await.unwrap();
    for (index, signer) in signers.iter().enumerate() {
        chain.vote(&motion, index == 0, signer).await.unwrap();
    }
    let closed = chain.close(&motion, &signers[0]).await.unwrap();
    assert!(matches!(closed, Closed::TurnedDown(_)), "{closed:?}");
    chain.carry(&unwanted.schedule, &signers).await.unwrap();
    say("an upgrade was voted down");

    // A delay that is too short is refused, whatever the vote.
    let hasty = chain.upgrade(code, DELAY - 1).await.unwrap();
    assert!(chain.carry(&hasty.schedule, &signers).await.is_err());
    let planned = chain.upgrade(code, DELAY).await.unwrap();
    chain.note(&planned, &signers[0]).await.unwrap();
    chain.carry(&planned.whitelist, &signers).await.unwrap();
    chain.carry(&planned.schedule, &signers).await.unwrap();
    say("the upgrade was whitelisted and scheduled");
    let anyone = dev_key("//Eve").unwrap();
    let early = chain.apply_upgrade(code, &anyone).await;
    assert!(is_refused(&early, "NothingAuthorized"), "{early:?}");

    until(async || chain.authorized_upgrade().await.unwrap().is_some()).await;
    let authorized = chain.authorized_upgrade().await.unwrap().unwrap();
    assert_eq!(authorized.code, H256(sp_crypto_hashing::blake2_256(code)), "not what was voted down");
    say("the code is authorised");

    // Other code than what was voted for: the last release, which is a runtime, too.
    let other = chain.apply_upgrade(&released(), &anyone).await;
    assert!(is_refused(&other, "Unauthorized"), "{other:?}");
    assert_eq!(chain.spec_version().await.unwrap(), VERSIONS.0);

    chain.apply_upgrade(code, &anyone).await.unwrap();
    say("the code is on chain; the relay chain has the next word");
    until(async || chain.spec_version().await.unwrap() == VERSIONS.1).await;
    say("the new runtime runs");
    // A few blocks more, so that migrations have ended and are seen by those who read.
    let rpc = &world.node.node("collator-1").rpc;
    rpc.wait_finalised(rpc.finalised_number().await.unwrap() + 4, PATIENCE).await.unwrap();
}

fn is_refused<T>(result: &Result<T, ChainError>, name: &str) -> bool {
    result.as_ref().is_err_and(|error| format!("{error:?}").contains(name))
}

async fn until(question: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !question().await {
        assert!(started.elapsed() < PATIENCE, "it does not become so");
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// One who may read and one who may not, at a steady pace.
struct Readers {
    by_relative: Ask,
    by_stranger: Ask,
    answers: Cell<u32>,
    slowest: Cell<Duration>,
}

impl Readers {
    fn new(world: &World<RelayNetwork>, patient: &Patient, relative: &KeyPair) -> Self {
        let by = |key: &KeyPair| Ask::search('a', key, "Observation", patient.relationship);
        let by_stranger = by(&world.key("stranger"));
        Self { by_relative: by(relative), by_stranger, answers: Cell::default(), slowest: Cell::default() }
    }

    /// Reads until it is stopped. Any wrong answer ends the test.
    async fn read(&self, world: &World<RelayNetwork>) -> std::convert::Infallible {
        loop {
            for (ask, expected) in [(&self.by_relative, 200), (&self.by_stranger, 403)] {
                let asked = Instant::now();
                let answer = ask.send(world).await.unwrap();
                assert_eq!(answer.status, expected, "{}", String::from_utf8_lossy(&answer.body));
                self.answers.set(self.answers.get() + 1);
                self.slowest.set(self.slowest.get().max(asked.elapsed()));
            }
            tokio::time::sleep(PACE).await;
        }
    }

    fn report(&self) {
        println!(
            "{} right answers, none wrong, the slowest after {:?}",
            self.answers.get(),
            self.slowest.get()
        );
        assert!(self.answers.get() > 100, "they read all the while");
    }
}
