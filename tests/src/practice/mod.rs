//! The world of the hostile requests: a development chain, practices with gatekeepers, staff, patients.
//!
//! | Module | Holds |
//! |---|---|
//! | [`people`] | whose records the practices keep, every value unmistakable |
//! | [`ask`] | one signed request, to be sent as it is or spoilt |
//! | [`rules`] | grants and denials, sealed or not |
//! | `databases` | records moved from a file into a server |

pub mod ask;
mod databases;
pub mod people;
pub mod rules;

use std::{
    collections::BTreeMap,
    future::Future,
    path::PathBuf,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};
use futures::future::try_join_all;
use medrec_client::{
    chain::{
        calls::{self, Call},
        events, Chain, ChainError, Submitted, Wait,
    },
    enrol::{self, Ticket},
    keys::{KeyPair, KeyType},
};
use medrec_primitives::{AccountId, MemberId, MemberRole, Moment, RelationshipId, StaffId, StaffRole};
use serde_json::json;

use crate::{
    canaries::{Canaries, Scanned, KEEP_STATES},
    gatekeeper::{Gatekeeper, GatekeeperOptions},
    network::{dev_key, COUNCIL, UNIT},
    node::{Node, NodeOptions},
    ports,
    scratch::Scratch,
    wire::{self, RawAnswer},
};
use people::Person;

/// Who signs for the practices, in the order in which they apply.
const PROVIDERS: [&str; 3] = ["//Dave", "//Eve", "//Ferdie"];

/// How many people each practice knows.
const PEOPLE: usize = 100;

/// How long anything that is to become so may take to do so: with a relay chain, finality alone takes half a minute.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How long an enrolment may take while many enrol at once.
const ENROLMENT_PATIENCE: Duration = Duration::from_secs(300);

/// A practice: a provider with a gatekeeper.
pub struct Practice {
    /// Its letter, which is in all it knows of its people.
    pub letter: char,
    /// Signs for it on chain.
    pub key: KeyPair,
    /// Its number on chain.
    pub member: MemberId,
    /// Its gatekeeper, running.
    pub gatekeeper: Gatekeeper,
    /// Whose records it keeps.
    pub people: Vec<Person>,
    enrolled: AtomicUsize,
}

/// Someone enrolled at a practice.
#[derive(Clone, Debug)]
pub struct Patient {
    /// The key of this relationship.
    pub key: KeyPair,
    /// The relationship.
    pub relationship: RelationshipId,
    /// What the practice knows.
    pub person: Person,
}

/// Someone on a member's staff.
#[derive(Clone, Debug)]
pub struct Colleague {
    /// Signs in with it.
    pub key: KeyPair,
    /// Who it is on chain.
    pub id: StaffId,
}

/// All of it, on a chain that `N` runs: a development node, unless said.
pub struct World<N = Node> {
    /// The practices, in the order of their numbers on chain.
    pub practices: Vec<Practice>,
    /// A connection to the node.
    pub chain: Chain,
    /// The node, or the network.
    pub node: N,
    /// Where everything is kept.
    pub scratch: Arc<Scratch>,
    name: String,
    /// Held by whoever has Alice sign, so that her transactions are in order: she funds accounts and votes.
    alice: tokio::sync::Mutex<()>,
}

impl World {
    /// Starts a chain, and a practice for each letter, admitted and serving. `settings` are those of every gatekeeper:
    /// section and key to a value as TOML spells it.
    pub async fn start(name: &str, letters: &[char], settings: &[(&str, &str, &str)]) -> Result<Self> {
        Self::start_at_pace(name, letters, settings, 500).await
    }

    /// As [`World::start`], with a block each so many milliseconds.
    pub async fn start_at_pace(
        name: &str,
        letters: &[char],
        settings: &[(&str, &str, &str)],
        block_time_ms: u64,
    ) -> Result<Self> {
        let options = NodeOptions { block_time_ms, ..NodeOptions::default() };
        Self::start_on(name, letters, settings, Scratch::new(name)?, options).await
    }

    /// As [`World::start`], in this folder and with a node that is started so.
    pub async fn start_on(
        name: &str,
        letters: &[char],
        settings: &[(&str, &str, &str)],
        scratch: Arc<Scratch>,
        mut options: NodeOptions,
    ) -> Result<Self> {
        options.arguments.extend(KEEP_STATES.map(str::to_owned));
        if options.prometheus_port.is_none() {
            options.prometheus_port = Some(ports::free_port()?);
        }
        let node = Node::start(&scratch, options).await?;
        // A development chain's time starts hours behind the wall clock and gains on it with each block.
        let settings = [&[("chain", "max_clock_gap_ms", "86400000")], settings].concat();
        let url = node.url();
        let practices: Vec<_> = letters.iter().map(|letter| (*letter, url.as_str())).collect();
        let mut world = Self::on_node(name, node, &url, scratch).await?;
        world.open_practices(&practices, &settings).await?;
        Ok(world)
    }

    /// Lets this much time pass on chain, and waits until everybody follows it again. The gatekeepers' own clocks stay: `settings` must
    /// have allowed such a gap.
    pub async fn pass_time(&mut self, span: Duration) -> Result<()> {
        self.node.pass_time(span).await?;
        self.chain = Chain::connect(&self.node.url()).await?;
        for practice in &mut self.practices {
            practice.gatekeeper.wait_until_ready().await?;
        }
        Ok(())
    }

    /// Looks through all that this world has left behind: nothing of anybody may be there.
    pub async fn shows_nothing(&self) -> Result<Scanned> {
        let gatekeepers = self.practices.iter().map(|practice| &practice.gatekeeper);
        self.canaries().scan(&self.node, &self.scratch, gatekeepers).await
    }
}

impl<N> World<N> {
    /// Nobody yet, on the chain that `node` runs and that answers at `url`.
    pub async fn on_node(name: &str, node: N, url: &str, scratch: Arc<Scratch>) -> Result<Self> {
        let chain = Chain::connect(url).await?;
        Ok(Self {
            practices: Vec::new(),
            chain,
            node,
            scratch,
            name: name.to_owned(),
            alice: Default::default(),
        })
    }

    /// Opens a practice for each letter, admitted and serving; its gatekeeper follows the node at the address beside it.
    pub async fn open_practices(
        &mut self,
        letters: &[(char, &str)],
        settings: &[(&str, &str, &str)],
    ) -> Result<()> {
        let before = self.practices.len();
        for (letter, url) in letters {
            self.apply_for_practice(*letter, url, settings).await?;
        }
        let opened = &self.practices[before..];
        let admissions = opened.iter().map(|practice| calls::registry::admit(practice.member));
        self.council_carries_all(admissions.collect()).await?;
        for practice in &mut self.practices[before..] {
            practice.gatekeeper.start_without_waiting()?;
        }
        for practice in &mut self.practices[before..] {
            practice.gatekeeper.wait_until_ready().await?;
        }
        Ok(())
    }

    /// The practice with this letter.
    pub fn practice(&self, letter: char) -> &Practice {
        self.practices.iter().find(|practice| practice.letter == letter).expect("a practice of this world")
    }

    /// The practice with this letter, to stop its gatekeeper for instance.
    pub fn practice_mut(&mut self, letter: char) -> &mut Practice {
        self.practices
            .iter_mut()
            .find(|practice| practice.letter == letter)
            .expect("a practice of this world")
    }

    /// A key of this world that is always the same for the same words.
    pub fn key(&self, words: &str) -> KeyPair {
        self.key_of_type(words, KeyType::Sr25519)
    }

    /// As [`World::key`], of another scheme.
    pub fn key_of_type(&self, words: &str, key_type: KeyType) -> KeyPair {
        KeyPair::from_seed(&self.seed(words), key_type).expect("32 bytes are a seed")
    }

    /// The seed of such a key, as wallets import it: `0x` and 64 digits.
    pub fn secret(&self, words: &str) -> String {
        format!("0x{}", hex::encode(self.seed(words)))
    }

    fn seed(&self, words: &str) -> [u8; 32] {
        sp_crypto_hashing::blake2_256(format!("{} {words}", self.name).as_bytes())
    }

    /// Has a call signed and waits until it is final and has succeeded.
    pub async fn submit(&self, call: &Call, signer: &KeyPair) -> Result<Submitted> {
        let done = match self.chain.submit(call, signer, Wait::Finalised).await {
            // Cases that run side by side sign with one practice's key. The node's pool was seen to drop the later of two such
            // transactions as invalid, once in hundreds of runs; what it refuses with reason it refuses again.
            Err(ChainError::Refused { .. }) => self.chain.submit(call, signer, Wait::Finalised).await,
            done => done,
        };
        done.with_context(|| call.title())
    }

    /// Has the whole council vote for a call.
    pub async fn council_carries(&self, call: Call) -> Result<()> {
        self.council_carries_all(vec![call]).await
    }

    async fn council_carries_all(&self, motions: Vec<Call>) -> Result<()> {
        let _turn = self.alice.lock().await;
        let council = COUNCIL.into_iter().map(dev_key).collect::<Result<Vec<_>>>()?;
        // One after another up to the votes, so that each signer's transactions are in order.
        for motion in motions {
            self.chain.carry(&motion, &council).await.with_context(|| motion.title())?;
        }
        Ok(())
    }

    /// Gives an account a balance: enough for the deposits of all that the tests do.
    pub async fn fund(&self, account: &AccountId) -> Result<()> {
        let _turn = self.alice.lock().await;
        let call = calls::balances::transfer_keep_alive(account, 20_000 * UNIT);
        self.submit(&call, &dev_key("//Alice")?).await.map(drop)
    }

    /// A further member without a gatekeeper, admitted: its number, and the key that signs for it.
    pub async fn member(&self, words: &str, role: MemberRole) -> Result<(MemberId, KeyPair)> {
        let key = self.key(words);
        self.fund(&key.account()).await?;
        let gatekeeper = self.key(&format!("{words}, gatekeeper")).account();
        let call = calls::registry::apply(role, words, "http://127.0.0.1:9", &gatekeeper, [9; 32]);
        let member = self.submit(&call, &key).await?.expect::<events::Applied>()?.member;
        self.council_carries(calls::registry::admit(member)).await?;
        Ok((member, key))
    }

    /// Puts somebody new on a member's staff.
    pub async fn hire(
        &self,
        member: MemberId,
        signer: &KeyPair,
        words: &str,
        role: StaffRole,
        until: Moment,
    ) -> Result<Colleague> {
        let key = self.key(words);
        let call = calls::registry::add_staff(&key.account(), role, until);
        let index = self.submit(&call, signer).await?.expect::<events::StaffAdded>()?.staff.index;
        Ok(Colleague { key, id: StaffId::new(member, index) })
    }

    /// The words of the key of an enrolled person.
    pub fn patient_words(person: &Person) -> String {
        format!("patient {}", person.file_no)
    }

    /// Enrols the next person of a practice: ticket, proof, proposal. Not accepted yet.
    pub async fn enrol(&self, letter: char) -> Result<Patient> {
        let practice = self.practice(letter);
        let number = practice.enrolled.fetch_add(1, Ordering::Relaxed);
        let person = practice.people.get(number).context("the practice knows no more people")?.clone();
        let key = self.key(&Self::patient_words(&person));
        let ticket = practice.gatekeeper.ticket(&person.file_no)?;
        let answer = practice.redeem(&ticket, &key).await?;
        if answer.status != 200 {
            bail!("enrolment: {} {}", answer.status, answer.text());
        }
        let name = answer.json()?["relationship"].as_str().context("a relationship")?.to_owned();
        let relationship = name.parse().map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
        Ok(Patient { key, relationship, person })
    }

    /// Enrols the next person of a practice, who accepts.
    pub async fn admit_patient(&self, letter: char) -> Result<Patient> {
        let patient = self.enrol(letter).await?;
        self.submit(&calls::relationships::accept(patient.relationship), &patient.key).await?;
        Ok(patient)
    }

    /// As [`World::admit_patient`], several at once.
    pub async fn admit_patients(&self, letter: char, count: usize) -> Result<Vec<Patient>> {
        try_join_all((0..count).map(|_| self.admit_patient(letter))).await
    }

    /// Everything that tells something of anybody whom a practice knows, in all its disguises.
    pub fn canaries(&self) -> Canaries {
        Canaries::new(self.practices.iter().flat_map(Practice::canaries))
    }

    /// A further practice, whose gatekeeper follows the node at this address: it has applied, is not admitted and does not serve.
    pub async fn apply_for_practice(
        &mut self,
        letter: char,
        url: &str,
        settings: &[(&str, &str, &str)],
    ) -> Result<MemberId> {
        let account = PROVIDERS.get(self.practices.len()).context("no further provider's account")?;
        let key = dev_key(account)?;
        let database = database_file(&self.scratch, letter);
        let people: Vec<_> = (0..PEOPLE).map(|n| Person::new(letter, n)).collect();
        people::fill(&database, &people).await?;
        let settings: BTreeMap<_, _> = settings
            .iter()
            .map(|(section, key, value)| (((*section).to_owned(), (*key).to_owned()), (*value).to_owned()))
            .collect();
        let gatekeeper = Gatekeeper::init(
            &self.scratch,
            GatekeeperOptions {
                name: format!("practice-{letter}"),
                chain_url: url.to_owned(),
                database_url: format!("sqlite:{}", database.display()),
                mapping: people::MAPPING.to_owned(),
                port: None,
                settings,
            },
        )?;
        let public = &gatekeeper.public;
        let name = format!("Practice {letter}");
        let call = calls::registry::apply(
            MemberRole::Provider,
            &name,
            &gatekeeper.url(),
            &public.account,
            public.sealing,
        );
        let member = self.submit(&call, &key).await?.expect::<events::Applied>()?.member;
        self.fund(&public.account).await?;
        self.fund(&calls::balances::deposit_account(member)).await?;
        let enrolled = AtomicUsize::new(0);
        self.practices.push(Practice { letter, key, member, gatekeeper, people, enrolled });
        Ok(member)
    }
}

/// The file in which a practice keeps its records at first.
fn database_file(scratch: &Scratch, letter: char) -> PathBuf {
    scratch.join(format!("practice-{letter}.sqlite"))
}

impl Practice {
    /// Redeems a ticket with the proof that belongs to it.
    pub async fn redeem(&self, ticket: &Ticket, key: &KeyPair) -> Result<RawAnswer> {
        let proof = enrol::sign(key, ticket);
        let body = json!({
            "ticket": ticket.secret.expose_hex(),
            "account": key.account().to_string(),
            "signature": format!("0x{}", hex::encode(proof.as_bytes())),
        });
        let body = body.to_string();
        // The gatekeeper waits for finality, and says when that takes too long for one request: whoever enrols tries again
        // with the same key.
        let started = Instant::now();
        loop {
            let answer = self.post("/enrol", &body).await?;
            if answer.status != 503 || started.elapsed() > ENROLMENT_PATIENCE {
                return Ok(answer);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Posts JSON, unsigned.
    pub async fn post(&self, target: &str, body: &str) -> Result<RawAnswer> {
        let address = self.gatekeeper.address();
        let headers = [("Content-Type", "application/json")];
        wire::send(&address, &wire::request("POST", target, &address, &headers, body.as_bytes())).await
    }

    /// Everything that tells something of anybody this practice knows.
    pub fn canaries(&self) -> Vec<String> {
        self.people.iter().flat_map(Person::canaries).collect()
    }
}

/// The time by this machine's clock (ms).
pub fn wall_clock() -> Moment {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Moment::try_from(now.as_millis()).unwrap_or(Moment::MAX)
}

/// Asks again until the answer is yes; fails with `what` and the last answer when that takes too long.
pub async fn eventually<T, A, F>(what: &str, mut ask: A) -> Result<T>
where
    A: FnMut() -> F,
    F: Future<Output = Result<Result<T, String>>>,
{
    let started = Instant::now();
    loop {
        match ask().await? {
            Ok(yes) => return Ok(yes),
            Err(no) if started.elapsed() > PATIENCE => {
                bail!("not within {} s: {what}; the last answer was {no}", PATIENCE.as_secs())
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(40)).await,
        }
    }
}
