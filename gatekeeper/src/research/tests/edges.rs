//! Two gatekeepers with stores of their own, back-ups that are restored, stops at any moment, clocks that jump, claims and retries, in any
//! order: of one answer there is never a second noise outside, nothing leaves that the chain did not debit, and no year sees more leave
//! than it may. The chain keeps the ledger that the runtime keeps; in some cases it keeps none, and each store's own limits have to hold.
//!
//! `MEDREC_EDGES` says how many cases are tried; 8 unless it is set.

use proptest::prelude::*;

use super::*;

/// How many epochs the table has; each is an answer.
const EPOCHS: u16 = 8;

/// What each costs: there is room for two in a year.
const RHO: u32 = 40_000;

/// What a year may cost.
const YEARLY: u32 = 100_000;

/// What happens next. `who` is one of the two gatekeepers.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The chain asks for an answer, for the first time or again after a time-out.
    Ask { epoch: u16 },
    /// It looks at what is asked for, and does what is to be done.
    Step { who: usize },
    /// It is killed in the middle of that, after so many microseconds.
    Kill { who: usize, after: u64 },
    /// Its store is copied.
    BackUp { who: usize },
    /// The copy takes the place of its store, or of the other's; the operator says at once that all is well, which is the worst case.
    Restore { who: usize },
    /// Time goes on, to the commitment's hour, over the deadline, into the next year.
    Pass { minutes: u64 },
    /// The chain refuses what is submitted, or takes it and its answer is lost.
    Trouble { refuse: bool, lose: bool },
    /// A researcher fetches.
    Fetch { who: usize, epoch: u16 },
}

fn event() -> impl Strategy<Value = Event> {
    let (who, epoch) = (|| 0usize..2, || 0..EPOCHS);
    prop_oneof![
        4 => epoch().prop_map(|epoch| Event::Ask { epoch }),
        6 => who().prop_map(|who| Event::Step { who }),
        4 => (who(), 0u64..20_000).prop_map(|(who, after)| Event::Kill { who, after }),
        2 => who().prop_map(|who| Event::BackUp { who }),
        2 => who().prop_map(|who| Event::Restore { who }),
        3 => prop_oneof![Just(1u64), Just(2), Just(15), Just(1_440), Just(365 * 1_440)]
            .prop_map(|minutes| Event::Pass { minutes }),
        1 => any::<(bool, bool)>().prop_map(|(refuse, lose)| Event::Trouble { refuse, lose }),
        5 => (who(), epoch()).prop_map(|(who, epoch)| Event::Fetch { who, epoch }),
    ]
}

/// The chain and the two gatekeepers.
struct Stage {
    hospital: Hospital,
    /// Whether the chain keeps a ledger. One that keeps none is not ours, or broken.
    capped: bool,
    stores: Vec<Store>,
    /// What left for each answer.
    outside: BTreeMap<u16, HashSet<Vec<u8>>>,
}

impl Stage {
    async fn new(capped: bool) -> Self {
        let hospital = Hospital::new().await;
        {
            let mut inner = hospital.chain.inner();
            inner.answers.clear();
            let table = inner.tables.get_mut(&0).unwrap();
            (table.spec.epochs, table.spec.first) = (EPOCHS, START - 30 * u64::from(EPOCHS) * DAY_MS);
            table.spec.rho = RHO;
            inner.claims.clear();
        }
        let mut stores = Vec::new();
        for who in 0..2 {
            stores.push(hospital.enrolled(&path(&hospital, who)).await);
        }
        Self { hospital, capped, stores, outside: BTreeMap::new() }
    }

    async fn research(&self, who: usize) -> Research {
        self.hospital.research(self.stores[who].clone()).await
    }

    /// As the chain does it: once, and again when it was not answered in time.
    fn ask(&self, epoch: u16) {
        let now = self.hospital.time.now().wall;
        let key = AnswerKey { epoch, ..KEY };
        let mut inner = self.hospital.chain.inner();
        let before = inner.answers.get(&key).copied();
        let again = |answer: &Answer| answer.status == AnswerStatus::Awaited && answer.deadline <= now;
        if before.is_some_and(|answer| !again(&answer)) {
            return;
        }
        let day = (now / DAY_MS) as u32;
        let others = inner.answers.iter().filter(|(other, _)| **other != key);
        let spent: u32 = others.filter(|(_, other)| other.day + 370 > day).map(|(_, other)| other.rho).sum();
        if self.capped && spent + RHO > YEARLY {
            return;
        }
        let answer = Answer {
            rho: RHO,
            day,
            attempt: before.map_or(1, |answer| answer.attempt + 1),
            due: now + 60_000,
            deadline: now + 600_000,
            snapshot: 1,
            status: AnswerStatus::Awaited,
        };
        inner.answers.insert(key, answer);
        let id = inner.claims.len() as ClaimId;
        inner.claims.push((id, Claim { answer: key, attempt: answer.attempt, ..claim() }));
    }

    async fn happen(&mut self, event: Event) {
        match event {
            Event::Ask { epoch } => self.ask(epoch),
            Event::Step { who } => {
                let _ = self.research(who).await.step(&mut Following::default()).await;
            }
            Event::Kill { who, after } => {
                let research = self.research(who).await;
                let running = tokio::spawn(async move {
                    let _ = research.step(&mut Following::default()).await;
                });
                tokio::time::sleep(std::time::Duration::from_micros(after)).await;
                running.abort();
                let _ = running.await;
                self.reopen(who).await;
            }
            Event::BackUp { who } => {
                self.stores[who].close().await;
                std::fs::copy(path(&self.hospital, who), back_up(&self.hospital)).unwrap();
                self.reopen(who).await;
            }
            Event::Restore { who } => {
                if back_up(&self.hospital).exists() {
                    self.stores[who].close().await;
                    std::fs::copy(back_up(&self.hospital), path(&self.hospital, who)).unwrap();
                    self.reopen(who).await;
                }
            }
            Event::Pass { minutes } => self.hospital.pass(minutes * 60_000),
            Event::Trouble { refuse, lose } => {
                let mut inner = self.hospital.chain.inner();
                (inner.refuse, inner.lose_next) = (refuse, lose);
            }
            Event::Fetch { who, epoch } => self.fetch(who, epoch).await,
        }
    }

    /// Whether what left, by when it was committed to, and what each store keeps, by its own day, is within a year's budget at all times.
    async fn check_years(&self) {
        if self.capped {
            let inner = self.hospital.chain.inner();
            let left = self.outside.keys().map(|epoch| inner.answers[&AnswerKey { epoch: *epoch, ..KEY }]);
            let days = left.map(|answer| match answer.status {
                AnswerStatus::Committed { at, .. } => (at / DAY_MS) as u32,
                status => panic!("outside, and {status:?}"),
            });
            assert_years(days.map(|day| (day, RHO)).collect());
        }
        for store in &self.stores {
            let kept = store.kept_answers(100).await.unwrap();
            assert_years(kept.iter().map(|answer| (answer.day, answer.rho)).collect());
        }
    }

    async fn reopen(&mut self, who: usize) {
        self.stores[who].close().await;
        self.stores[who] = Store::open(&path(&self.hospital, who)).await.unwrap();
    }

    /// Every claim to an answer is tried at one gatekeeper.
    async fn fetch(&mut self, who: usize, epoch: u16) {
        let research = self.research(who).await;
        let claims: Vec<(ClaimId, Claim<Balance>)> = self.hospital.chain.inner().claims.clone();
        for (id, _) in claims.iter().filter(|(_, claim)| claim.answer.epoch == epoch) {
            let answer = research.deliver(&asker(&person("Researcher")), *id, "/").await;
            if answer.status == 200 {
                let body: AnswerBody = serde_json::from_str(&answer.body).unwrap();
                let key = AnswerKey { epoch, ..KEY };
                let status = self.hospital.chain.inner().answers[&key].status;
                let AnswerStatus::Committed { commitment, .. } = status else {
                    panic!("numbers left before their commitment")
                };
                let genesis = self.hospital.heads.genesis();
                let kind = self.hospital.table_kind();
                let numbers = body.verified(genesis, key, kind, RHO, &commitment).unwrap();
                let told = codec::Encode::encode(&numbers);
                self.outside.entry(epoch).or_default().insert(told);
            }
        }
        for (epoch, noises) in &self.outside {
            assert!(noises.len() <= 1, "{} noises of epoch {epoch} are outside", noises.len());
        }
    }
}

fn path(hospital: &Hospital, who: usize) -> PathBuf {
    hospital.folder.path().join(format!("gatekeeper-{who}.sqlite"))
}

fn back_up(hospital: &Hospital) -> PathBuf {
    hospital.folder.path().join("back-up.sqlite")
}

/// Fails if any 365 days have more than a year may cost.
fn assert_years(spent: Vec<(u32, u32)>) {
    for (first, _) in &spent {
        let of_year = spent.iter().filter(|(day, _)| (*first..first + 365).contains(day));
        let sum: u32 = of_year.map(|(_, rho)| rho).sum();
        assert!(sum <= YEARLY, "{sum} in the year from day {first}: {spent:?}");
    }
}

/// Lets all of this happen, and everything be fetched at the end that can be.
async fn play(capped: bool, events: Vec<Event>) -> Stage {
    let mut stage = Stage::new(capped).await;
    for event in events {
        stage.happen(event).await;
        stage.check_years().await;
    }
    for who in 0..2 {
        for epoch in 0..EPOCHS {
            stage.fetch(who, epoch).await;
        }
    }
    stage.check_years().await;
    stage
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("MEDREC_EDGES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(8)
    ))]

    #[test]
    fn answers_should_have_one_noise_and_keep_within_the_year_whatever_gatekeepers_crashes_and_back_ups_do(
        capped in prop::bool::weighted(0.7), events in prop::collection::vec(event(), 20..60)
    ) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let stage = play(capped, events).await;
            for store in &stage.stores {
                store.close().await;
            }
        });
    }
}

#[tokio::test]
async fn answers_should_leave_when_nothing_goes_wrong_and_wait_for_the_next_year_when_this_one_is_spent() {
    // So that the property above is not about nothing.
    let round = |epoch| {
        let both = [Event::Step { who: 0 }, Event::Step { who: 1 }];
        let asked = [Event::Ask { epoch }].into_iter().chain(both);
        asked.chain([Event::Pass { minutes: 1 }]).chain(both)
    };
    let year: Vec<Event> = (0..3).flat_map(round).collect();
    for capped in [true, false] {
        let stage = play(capped, year.clone()).await;
        assert_eq!(stage.outside.keys().copied().collect::<Vec<_>>(), [0, 1], "capped: {capped}");
        let next = [Event::Pass { minutes: 371 * 1_440 }].into_iter().chain(round(2));
        let stage = play(capped, year.iter().copied().chain(next).collect()).await;
        assert!(stage.outside.contains_key(&2), "capped: {capped}");
    }
}
