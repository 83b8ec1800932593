//! The whole way, from a claim on a chain made up by hand to a sealed answer, on SQLite and a store on disk.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use medrec_client::{
    chain::research::{Balance, Standing},
    research::{
        choice::{seal_choice, ReleaseContext},
        definition::Definition,
        messages::{AnswerBody, CountedBody},
    },
    KeyPair, KeyType, SealingSecret,
};
use medrec_policy::Purpose;
use medrec_primitives::{
    research::{
        Answer, AnswerKey, AnswerStatus, Claim, ClaimId, ClaimStatus, DuoPurposes, ReleaseChoice, Table,
        TableId, TableSpec,
    },
    AccountId, Member, MemberId, MemberRole, MemberStatus, Moment, RelationshipId, RelationshipStatus,
    SealedTerms, SealingKey, SealingKeyId, DAY_MS,
};

mod edges;

use super::{bound::Epoch, compute, follow::Following, noise, Definitions, Parts, Research};
use crate::{
    auth::Asker,
    chain::{
        research::Researching,
        simulated::{SimulatedChain, State},
        ChainError, ChainState, Hash, ProposeError,
    },
    clock::{ManualTime, Time},
    decide::Tolerance,
    fetch::{Database, Options},
    log::AuditLog,
    mapping::Mapping,
    seal::Sealer,
    store::Store,
};

const START: Moment = 1_767_225_600_000;
const KEY: AnswerKey = AnswerKey { provider: 0, table: 0, epoch: 0 };
const CLAIM: ClaimId = 5;
const RESEARCHER: MemberId = 7;

const DEFINITION: &str = r#"
version = 1
title = "Persons by diagnosis group"
resource = "Condition"
kind = "counts"
per_person = 1
[[group]]
title = "Diabetes mellitus"
codes = ["http://hl7.org/fhir/sid/icd-10|E11*"]
[[group]]
title = "Hypertension"
codes = ["http://hl7.org/fhir/sid/icd-10|I10"]
"#;

const MAPPING: &str = r#"
version = 1
timezone = "UTC"
[[resource]]
type = "Condition"
table = "diagnosis"
key = "id"
patient = "mrn"
[resource.elements]
subject = { reference = "Patient" }
"code.coding[0].system" = "http://hl7.org/fhir/sid/icd-10"
"code.coding[0].code" = { column = "icd" }
recordedDate = { column = "day" }
"#;

const TABLES: &str = "
CREATE TABLE diagnosis (id INTEGER PRIMARY KEY, mrn TEXT NOT NULL, icd TEXT, day TEXT);
CREATE INDEX diagnosis_by_mrn ON diagnosis (mrn);
INSERT INTO diagnosis (mrn, icd, day) VALUES
    ('A', 'E11.9', '2025-12-31'), ('B', 'I10', '2025-12-31'), ('C', 'E11.5', '2025-12-31'),
    ('C', 'I10', '2025-12-31'), ('D', 'E11.9', '2025-12-31');
";

/// The chain, as far as research goes, with what can go wrong.
struct Chain {
    time: Arc<ManualTime>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    answers: BTreeMap<AnswerKey, Answer>,
    tables: HashMap<TableId, Table<Balance>>,
    claims: Vec<(ClaimId, Claim<Balance>)>,
    standings: Vec<Option<Standing>>,
    members: HashMap<MemberId, Member>,
    placed: Vec<u32>,
    commits: u32,
    refuse: bool,
    lose_next: bool,
}

impl Chain {
    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn status(&self) -> AnswerStatus {
        self.inner().answers[&KEY].status
    }

    fn committed(&self) -> Option<[u8; 32]> {
        match self.status() {
            AnswerStatus::Committed { commitment, .. } => Some(commitment),
            _ => None,
        }
    }

    /// Asks for an answer, as the first claim does, or one after a time-out.
    fn ask(&self) {
        let now = self.time.now().wall;
        let attempt = self.inner().answers.get(&KEY).map_or(1, |answer| answer.attempt + 1);
        let answer = Answer {
            rho: 10_000,
            day: (now / DAY_MS) as u32,
            attempt,
            due: now + 60_000,
            deadline: now + 600_000,
            snapshot: 1,
            status: AnswerStatus::Awaited,
        };
        self.inner().answers.insert(KEY, answer);
    }
}

#[async_trait]
impl Researching for Chain {
    async fn claims_from(
        &self,
        _: Hash,
        start: ClaimId,
    ) -> Result<(Vec<(ClaimId, Claim<Balance>)>, ClaimId), ChainError> {
        let claims: Vec<_> = self.inner().claims.iter().filter(|(id, _)| *id >= start).copied().collect();
        let next = claims.last().map_or(start, |(id, _)| id + 1);
        Ok((claims, next))
    }

    async fn claim(&self, _: Hash, claim: ClaimId) -> Result<Option<Claim<Balance>>, ChainError> {
        Ok(self.inner().claims.iter().find(|(id, _)| *id == claim).map(|(_, claim)| *claim))
    }

    async fn answer(&self, _: Hash, answer: AnswerKey) -> Result<Option<Answer>, ChainError> {
        tokio::task::yield_now().await;
        Ok(self.inner().answers.get(&answer).copied())
    }

    async fn table(&self, _: Hash, table: TableId) -> Result<Option<Table<Balance>>, ChainError> {
        Ok(self.inner().tables.get(&table).copied())
    }

    async fn standings(&self, _: Hash, relationships: &[u32]) -> Result<Vec<Option<Standing>>, ChainError> {
        let inner = self.inner();
        Ok(relationships
            .iter()
            .map(|index| inner.standings.get(*index as usize).cloned().flatten())
            .collect())
    }

    async fn member(&self, _: Hash, member: MemberId) -> Result<Option<Member>, ChainError> {
        Ok(self.inner().members.get(&member).cloned())
    }

    async fn sealing_key(&self, _: Hash) -> Result<Option<(SealingKeyId, SealingKey)>, ChainError> {
        Ok(Some((0, SealingKey { public: secret().public(), not_before: 0, not_after: None })))
    }

    async fn hash_of(&self, number: u32) -> Result<Option<Hash>, ChainError> {
        Ok(Some(Hash::from_low_u64_be(number.into())))
    }

    async fn timestamp(&self, _: Hash) -> Result<Moment, ChainError> {
        Ok(START)
    }

    async fn commit(&self, table: TableId, epoch: u16, commitment: [u8; 32]) -> Result<(), ProposeError> {
        tokio::task::yield_now().await;
        let now = self.time.now().wall;
        let lost = {
            let mut inner = self.inner();
            inner.commits += 1;
            if inner.refuse {
                return Err(ProposeError::Refused("no funds".into()));
            }
            let key = AnswerKey { provider: 0, table, epoch };
            let answer = inner.answers.get_mut(&key).unwrap();
            if answer.status != AnswerStatus::Awaited {
                return Err(ProposeError::Refused("AlreadyCommitted".into()));
            }
            assert!(answer.due <= now && now < answer.deadline, "committed at the wrong time");
            answer.status = AnswerStatus::Committed { commitment, at: now };
            std::mem::take(&mut inner.lose_next)
        };
        tokio::task::yield_now().await;
        if lost {
            return Err(ChainError::Node("connection lost".into()).into());
        }
        Ok(())
    }

    async fn declare_lost(&self, _: TableId, _: u16) -> Result<(), ProposeError> {
        self.inner().answers.get_mut(&KEY).unwrap().status = AnswerStatus::Failed;
        Ok(())
    }

    async fn place(&self, choices: &[(u32, SealedTerms)]) -> Result<(), ProposeError> {
        let mut inner = self.inner();
        for (index, choice) in choices {
            inner.placed.push(*index);
            inner.standings[*index as usize].as_mut().unwrap().choice = Some(choice.clone());
        }
        Ok(())
    }

    async fn publish(&self, _: Moment, _: &[TableSpec<Balance>], _: Option<u32>) -> Result<(), ProposeError> {
        Ok(())
    }
}

fn secret() -> SealingSecret {
    SealingSecret::from_bytes([7; 32])
}

fn person(name: &str) -> KeyPair {
    KeyPair::from_suri(&format!("//{name}"), KeyType::Sr25519).unwrap()
}

fn asker(key: &KeyPair) -> Asker {
    Asker { account: key.account(), purpose: Purpose::Research, patient: None, app: None }
}

fn patient(index: u32) -> KeyPair {
    person(&format!("Patient{index}"))
}

fn yes() -> ReleaseChoice {
    ReleaseChoice { release: true, ..ReleaseChoice::default() }
}

/// A hospital with patients A, B, C, D, of whom the first three release.
struct Hospital {
    folder: tempfile::TempDir,
    time: Arc<ManualTime>,
    heads: Arc<SimulatedChain>,
    chain: Arc<Chain>,
    database: PathBuf,
}

impl Hospital {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let time = Arc::new(ManualTime::new(START));
        let heads = Arc::new(SimulatedChain::new(0, time.clone(), State::default()));
        let chain = Arc::new(Chain { time: time.clone(), inner: Mutex::default() });
        let database = folder.path().join("hospital.sqlite");
        let pool =
            sqlx::SqlitePool::connect(&format!("sqlite:{}?mode=rwc", database.display())).await.unwrap();
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        pool.close().await;
        let hospital = Self { folder, time, heads, chain, database };
        let genesis = hospital.heads.genesis();
        let definition = Definition::read(DEFINITION).unwrap();
        {
            let mut inner = hospital.chain.inner();
            let spec = TableSpec {
                kind: definition.kind().unwrap(),
                definition: definition.digest(),
                purposes: DuoPurposes::BIOMEDICAL,
                first: START - 30 * DAY_MS,
                length: 30 * DAY_MS,
                epochs: 1,
                rho: 10_000,
                price: 1,
                fee: None,
            };
            inner.tables.insert(0, Table { spec, withdrawn: false });
            for index in 0..4 {
                let context = ReleaseContext { genesis, relationship: RelationshipId::new(0, index) };
                let choice = if index < 3 { yes() } else { ReleaseChoice::default() };
                inner.standings.push(Some(Standing {
                    patient: patient(index).account(),
                    status: RelationshipStatus::Active,
                    choice: Some(seal_choice(choice, &secret().public(), 0, &context).unwrap()),
                }));
            }
            inner.members.insert(RESEARCHER, member(person("Researcher").account()));
            inner.claims.push((CLAIM, claim()));
        }
        hospital.chain.ask();
        hospital
    }

    fn store_path(&self) -> PathBuf {
        self.folder.path().join("store.sqlite")
    }

    /// A store in which the four are enrolled.
    async fn enrolled(&self, path: &Path) -> Store {
        let store = Store::open(path).await.unwrap();
        for (index, record) in ["A", "B", "C", "D"].into_iter().enumerate() {
            let digest = [index as u8; 16];
            let account = patient(index as u32).account();
            store.add_ticket(&digest, record, 0, u64::MAX / 4).await.unwrap();
            store.redeem(&digest, &account, 1).await.unwrap();
            store.bind(&account, RelationshipId::new(0, index as u32)).await.unwrap();
        }
        store
    }

    async fn research(&self, store: Store) -> Research {
        let (log, _) = AuditLog::start(store.clone());
        let url = format!("sqlite:{}", self.database.display());
        let parts = Parts {
            member: 0,
            chain: self.heads.clone(),
            reader: self.chain.clone(),
            time: self.time.clone(),
            tolerance: Tolerance { max_finality_age_ms: 60_000, max_clock_gap_ms: 30_000 },
            sealer: Sealer::new(person("Gate"), self.heads.genesis(), 0),
            sealing: vec![secret()],
            mapping: Mapping::from_toml(MAPPING, Path::new("mapping.toml")).unwrap(),
            database: Database::connect(&url, Options::default()).await.unwrap(),
            definitions: Definitions::new([Definition::read(DEFINITION).unwrap()]),
            store,
            log,
        };
        Research::new(parts)
    }

    /// Lets time pass on both sides.
    fn pass(&self, milliseconds: u64) {
        self.time.advance(milliseconds);
        self.heads.advance(|_| {});
    }

    fn table_kind(&self) -> medrec_primitives::research::TableKind {
        self.chain.inner().tables[&0].spec.kind
    }
}

fn member(account: AccountId) -> Member {
    Member {
        account: account.clone(),
        role: MemberRole::Researcher,
        name: Default::default(),
        url: Default::default(),
        gatekeeper: account,
        sealing_key: 0,
        next_staff: 0,
        status: MemberStatus::Active,
    }
}

fn claim() -> Claim<Balance> {
    Claim {
        researcher: RESEARCHER,
        study: 0,
        answer: KEY,
        attempt: 1,
        credits: 1,
        era: 0,
        fee: None,
        at: START,
        status: ClaimStatus::Open,
    }
}

async fn delivered(research: &Research) -> Result<AnswerBody, u16> {
    let answer = research.deliver(&asker(&person("Researcher")), CLAIM, "/research/answers/5").await;
    match answer.status {
        200 => Ok(serde_json::from_str(&answer.body).unwrap()),
        status => Err(status),
    }
}

#[tokio::test]
async fn answer_should_be_made_once_and_leave_only_when_its_commitment_is_final() {
    let hospital = Hospital::new().await;
    let store = hospital.enrolled(&hospital.store_path()).await;
    let research = hospital.research(store.clone()).await;
    let following = &mut Following::default();
    assert_eq!(delivered(&research).await, Err(409));

    research.step(following).await.unwrap();
    let kept = store.kept_answer(0, 0).await.unwrap().unwrap();
    assert_eq!(kept.counted, [0, 1, 2]);
    assert_eq!((hospital.chain.committed(), delivered(&research).await), (None, Err(409)));

    hospital.pass(60_000);
    research.step(following).await.unwrap();
    assert_eq!(hospital.chain.committed(), Some(kept.commitment));
    let body = delivered(&research).await.unwrap();
    let genesis = hospital.heads.genesis();
    let numbers = body.verified(genesis, KEY, hospital.table_kind(), 10_000, &kept.commitment).unwrap();
    assert_eq!(numbers, kept.parts);
    assert_eq!(numbers.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);

    // Whoever asks again gets the same, bit for bit, and nothing is committed to twice.
    hospital.pass(60_000);
    research.step(&mut Following::default()).await.unwrap();
    assert_eq!(delivered(&research).await, Ok(body));
    assert_eq!(hospital.chain.inner().commits, 1);
}

#[tokio::test]
async fn answer_should_be_nobody_elses() {
    let hospital = Hospital::new().await;
    let research = hospital.research(hospital.enrolled(&hospital.store_path()).await).await;
    let following = &mut Following::default();
    research.step(following).await.unwrap();
    hospital.pass(60_000);
    research.step(following).await.unwrap();
    for (key, claim) in [("Stranger", CLAIM), ("Researcher", CLAIM + 1), ("Gate", CLAIM)] {
        assert_eq!(research.deliver(&asker(&person(key)), claim, "/").await.status, 404, "{key}");
    }
    hospital.chain.inner().members.get_mut(&RESEARCHER).unwrap().status = MemberStatus::Suspended;
    assert_eq!(delivered(&research).await, Err(404));
}

/// Stops at a random moment, again and again, and starts anew on the same files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_should_have_one_noise_when_the_gatekeeper_is_killed_at_every_step() {
    let hospital = Hospital::new().await;
    hospital.enrolled(&hospital.store_path()).await.close().await;
    let mut commitments = HashSet::new();
    for round in 0..60u64 {
        if round == 30 {
            hospital.pass(60_000);
        }
        let store = Store::open(&hospital.store_path()).await.unwrap();
        let research = Arc::new(hospital.research(store.clone()).await);
        let running = tokio::spawn(async move {
            let mut following = Following::default();
            let _ = research.step(&mut following).await;
        });
        tokio::time::sleep(std::time::Duration::from_micros((round % 30) * (round % 30) * 60)).await;
        running.abort();
        let _ = running.await;
        // What was kept at any time is what is kept for ever.
        commitments.extend(store.kept_answer(0, 0).await.unwrap().map(|kept| kept.commitment));
        store.close().await;
        assert!(commitments.len() <= 1, "two noises for one answer");
    }
    let store = Store::open(&hospital.store_path()).await.unwrap();
    let research = hospital.research(store).await;
    let _ = research.step(&mut Following::default()).await;
    assert_eq!(hospital.chain.committed(), commitments.into_iter().next());
    assert!(delivered(&research).await.is_ok());
}

#[tokio::test]
async fn answer_should_be_the_same_when_the_commitments_answer_was_lost_or_it_was_refused() {
    for refuse in [false, true] {
        let hospital = Hospital::new().await;
        let store = hospital.enrolled(&hospital.store_path()).await;
        let research = hospital.research(store.clone()).await;
        research.step(&mut Following::default()).await.unwrap();
        let kept = store.kept_answer(0, 0).await.unwrap().unwrap();
        hospital.pass(60_000);
        {
            let mut inner = hospital.chain.inner();
            inner.refuse = refuse;
            inner.lose_next = !refuse;
        }
        research.step(&mut Following::default()).await.unwrap();
        assert_eq!(hospital.chain.committed().is_some(), !refuse);
        hospital.chain.inner().refuse = false;
        // A restart, and the next step.
        let research = hospital.research(store.clone()).await;
        research.step(&mut Following::default()).await.unwrap();
        assert_eq!(hospital.chain.committed(), Some(kept.commitment));
        assert!(delivered(&research).await.is_ok());
    }
}

#[tokio::test]
async fn answer_should_be_the_first_committed_ones_when_there_are_two_gatekeepers() {
    let hospital = Hospital::new().await;
    let (one, two) = (hospital.folder.path().join("one"), hospital.folder.path().join("two"));
    let one = hospital.research(hospital.enrolled(&one).await).await;
    let two = hospital.research(hospital.enrolled(&two).await).await;
    let (of_one, of_two) = (&mut Following::default(), &mut Following::default());
    one.step(of_one).await.unwrap();
    two.step(of_two).await.unwrap();
    hospital.pass(60_000);
    two.step(of_two).await.unwrap();
    one.step(of_one).await.unwrap();
    assert_eq!(delivered(&one).await, Err(410), "a second noise left");
    assert!(delivered(&two).await.is_ok());
    assert_eq!(hospital.chain.inner().commits, 1);
}

#[tokio::test]
async fn answer_should_never_be_made_again_when_a_back_up_lacks_it() {
    let hospital = Hospital::new().await;
    let (path, back_up) = (hospital.store_path(), hospital.folder.path().join("back-up.sqlite"));
    hospital.enrolled(&path).await.close().await;
    std::fs::copy(&path, &back_up).unwrap();
    let store = Store::open(&path).await.unwrap();
    let research = hospital.research(store.clone()).await;
    let following = &mut Following::default();
    research.step(following).await.unwrap();
    hospital.pass(60_000);
    research.step(following).await.unwrap();
    let first = hospital.chain.committed().unwrap();
    drop(research);
    store.close().await;

    let restored = Store::open(&back_up).await.unwrap();
    let research = hospital.research(restored.clone()).await;
    research.step(&mut Following::default()).await.unwrap();
    assert_eq!(restored.kept_answer(0, 0).await.unwrap(), None);
    assert_eq!(delivered(&research).await, Err(410));
    // Not even when another claim comes, or the time for it is over.
    hospital.pass(DAY_MS);
    hospital.chain.inner().claims.push((CLAIM + 1, claim()));
    research.step(&mut Following::default()).await.unwrap();
    assert_eq!((hospital.chain.committed(), restored.kept_answer(0, 0).await.unwrap()), (Some(first), None));
}

#[tokio::test]
async fn nothing_should_be_made_when_a_back_up_was_restored_until_the_operator_says_so() {
    let hospital = Hospital::new().await;
    let store = hospital.enrolled(&hospital.store_path()).await;
    store.pause_research(Some(super::RESTORED)).await.unwrap();
    let research = hospital.research(store.clone()).await;
    research.step(&mut Following::default()).await.unwrap();
    assert_eq!(store.kept_answer(0, 0).await.unwrap(), None);
    store.pause_research(None).await.unwrap();
    research.step(&mut Following::default()).await.unwrap();
    assert!(store.kept_answer(0, 0).await.unwrap().is_some());
}

#[tokio::test]
async fn nothing_should_be_made_when_the_chain_asks_for_something_that_is_not_planned() {
    type Change = fn(&mut Table<Balance>);
    let changes: [Change; 6] = [
        |table| table.withdrawn = true,
        |table| table.spec.definition = [0; 32],
        |table| table.spec.kind = medrec_primitives::research::TableKind::Histogram { cells: 2 },
        |table| table.spec.rho = 20_000,
        |table| table.spec.first = START,
        |table| table.spec.epochs = 0,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let hospital = Hospital::new().await;
        change(hospital.chain.inner().tables.get_mut(&0).unwrap());
        let store = hospital.enrolled(&hospital.store_path()).await;
        let research = hospital.research(store.clone()).await;
        research.step(&mut Following::default()).await.unwrap();
        assert_eq!(store.kept_answer(0, 0).await.unwrap(), None, "change {number}");
    }
    // Nor while there is no chain, or it stands still.
    let hospital = Hospital::new().await;
    let store = hospital.enrolled(&hospital.store_path()).await;
    let research = hospital.research(store.clone()).await;
    hospital.time.advance(120_000);
    assert!(research.step(&mut Following::default()).await.is_err());
    hospital.heads.connect(false);
    assert!(research.step(&mut Following::default()).await.is_err());
    assert_eq!(store.kept_answer(0, 0).await.unwrap(), None);
}

#[tokio::test]
async fn withdrawal_should_count_from_now_on_and_be_the_patients_alone() {
    let hospital = Hospital::new().await;
    let store = hospital.enrolled(&hospital.store_path()).await;
    let research = hospital.research(store.clone()).await;
    let of = RelationshipId::new(0, 1);
    for key in [patient(0), person("Stranger"), person("Gate")] {
        assert_eq!(research.withdraw(&asker(&key), of, true, "/").await.status, 403);
        assert_eq!(research.counted(&asker(&key), of, "/").await.status, 403);
    }
    // It works without the chain.
    hospital.heads.connect(false);
    let answer = research.withdraw(&asker(&patient(1)), of, true, "/").await;
    let told: CountedBody = serde_json::from_str(&answer.body).unwrap();
    assert!(told.withdrawn && told.answers.is_empty());
    hospital.heads.connect(true);
    research.step(&mut Following::default()).await.unwrap();
    assert_eq!(store.kept_answer(0, 0).await.unwrap().unwrap().counted, [0, 2]);
    for (index, counted) in [(0, true), (1, false), (2, true), (3, false)] {
        let of = RelationshipId::new(0, index);
        let answer = research.counted(&asker(&patient(index)), of, "/").await;
        let told: CountedBody = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(told.answers.iter().map(|answer| answer.counted).collect::<Vec<_>>(), [counted]);
        assert_eq!(told.withdrawn, index == 1);
    }
    let answer = research.withdraw(&asker(&patient(1)), of, false, "/").await;
    assert!(!serde_json::from_str::<CountedBody>(&answer.body).unwrap().withdrawn);
}

#[tokio::test]
async fn nothing_should_be_taken_back_or_told_when_it_cannot_be_logged() {
    let hospital = Hospital::new().await;
    let store = hospital.enrolled(&hospital.store_path()).await;
    let research = hospital.research(store.clone()).await;
    let following = &mut Following::default();
    research.step(following).await.unwrap();
    hospital.pass(60_000);
    research.step(following).await.unwrap();
    store.set_withdrawn(RelationshipId::new(0, 2), true, START).await.unwrap();
    let jam = "CREATE TRIGGER jam BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'jammed'); END";
    crate::store::tests::tamper(&store, jam).await;
    for (index, withdrawn) in [(1, true), (2, false)] {
        let of = RelationshipId::new(0, index);
        let asker = asker(&patient(index));
        for said in
            [research.withdraw(&asker, of, withdrawn, "/").await, research.counted(&asker, of, "/").await]
        {
            assert_eq!(said.status, 500, "{}", said.body);
            assert!(!said.body.contains("withdrawn") && !said.body.contains("counted"), "{}", said.body);
        }
    }
    assert_eq!(store.withdrawn(0).await.unwrap().into_iter().collect::<Vec<_>>(), [2]);
    let stranger = asker(&person("Stranger"));
    assert_eq!(research.withdraw(&stranger, RelationshipId::new(0, 1), true, "/").await.status, 500);
    assert_eq!(delivered(&research).await, Err(500));
    crate::store::tests::tamper(&store, "DROP TRIGGER jam").await;
    assert!(delivered(&research).await.is_ok());
}

#[tokio::test]
async fn choice_should_be_placed_for_who_has_said_nothing_and_count_for_nothing() {
    let hospital = Hospital::new().await;
    let store = hospital.enrolled(&hospital.store_path()).await;
    let research = hospital.research(store.clone()).await;
    assert_eq!(research.place().await.unwrap(), 0);
    {
        let mut inner = hospital.chain.inner();
        inner.standings[1].as_mut().unwrap().choice = None;
        let ended = inner.standings[2].as_mut().unwrap();
        (ended.choice, ended.status) = (None, RelationshipStatus::Ended);
    }
    assert_eq!(research.place().await.unwrap(), 1);
    assert_eq!(hospital.chain.inner().placed, [1]);
    research.step(&mut Following::default()).await.unwrap();
    assert_eq!(store.kept_answer(0, 0).await.unwrap().unwrap().counted, [0]);
}

#[tokio::test]
async fn answer_should_not_change_by_a_bit_when_those_who_released_nothing_do_and_the_seed_is_fixed() {
    use rand::{rngs::StdRng, SeedableRng};

    let hospital = Hospital::new().await;
    let url = format!("sqlite:{}", hospital.database.display());
    let (definition, mapping) =
        (Definition::read(DEFINITION).unwrap(), Mapping::from_toml(MAPPING, Path::new("m")).unwrap());
    let epoch = Epoch { begins: START - 30 * DAY_MS, ends: START };
    let made = async || {
        let database = Database::connect(&url, Options::default()).await.unwrap();
        let records = ["A", "B", "C"].map(str::to_owned);
        let exact = compute::exact(&database, &mapping, &definition, epoch, &records).await.unwrap();
        let rng = &mut StdRng::seed_from_u64(1);
        noise::noisy(rng, Hash::zero(), KEY, definition.kind().unwrap(), 10_000, &exact).unwrap()
    };
    let before = made().await;
    let pool = sqlx::SqlitePool::connect(&format!("{url}?mode=rw")).await.unwrap();
    let changes = "DELETE FROM diagnosis WHERE mrn = 'D';
        INSERT INTO diagnosis (mrn, icd, day) VALUES ('E', 'E11', '2025-12-31'), ('a', 'I10', '2025-12-31'), ('A ', 'I10', '2025-12-31')";
    sqlx::raw_sql(changes).execute(&pool).await.unwrap();
    assert_eq!(made().await, before);
}
