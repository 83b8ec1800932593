//! A chain in memory: makes blocks, and takes the time of it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use codec::{Decode, Encode};
use frame_support::{genesis_builder_helper::build_state, storage::unhashed};
use medrec_runtime::{
    constants::SLOT_DURATION, genesis, Executive, Header, Runtime, RuntimeGenesisConfig, System,
    UncheckedExtrinsic,
};
use sp_io::TestExternalities;
use sp_runtime::{
    generic::{Digest, DigestItem},
    traits::Header as _,
};

/// The slot of block 0: some day in 2026.
const FIRST_SLOT: u64 = 295_000_000;

/// How long the parts of a block took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// Starting the block, and all its transactions: decoding, signatures, extensions, calls.
    pub transactions: Duration,
    /// The state's root.
    pub root: Duration,
}

impl Taken {
    /// All of it.
    pub fn total(&self) -> Duration {
        self.transactions + self.root
    }
}

/// The chain.
pub struct Chain {
    state: TestExternalities,
    number: u32,
}

impl Chain {
    /// Right after the genesis of the preset `development`.
    pub fn new() -> Self {
        let mut state = TestExternalities::new_empty();
        state.execute_with(|| {
            let config = genesis::config(&"development".into()).expect("there is such a preset");
            let json = serde_json::to_vec(&config).expect("a configuration is JSON");
            build_state::<RuntimeGenesisConfig>(json).expect("the preset builds");
        });
        state.commit_all().expect("nothing is open");
        Self { state, number: 0 }
    }

    /// A block in which `work` changes what it will. It costs nobody anything, and nothing is timed.
    pub fn prepare<R>(&mut self, work: impl FnOnce() -> R) -> R {
        self.number += 1;
        let number = self.number;
        let result = self.state.execute_with(|| {
            start(number);
            let result = work();
            finish();
            result
        });
        self.state.commit_all().expect("nothing is open");
        result
    }

    /// A block of these transactions, all of which must succeed. They are made, and signed, on the clock of nobody.
    pub fn block(&mut self, make: impl FnOnce() -> Vec<UncheckedExtrinsic>) -> Taken {
        self.number += 1;
        let number = self.number;
        let taken = self.state.execute_with(|| {
            let started = Instant::now();
            start(number);
            let start_took = started.elapsed();

            let made: Vec<Vec<u8>> = make().iter().map(Encode::encode).collect();
            let started = Instant::now();
            for bytes in &made {
                let transaction = UncheckedExtrinsic::decode(&mut bytes.as_slice()).expect("just encoded");
                let outcome = Executive::apply_extrinsic(transaction).expect("a valid transaction");
                outcome.expect("a call that succeeds");
            }
            let transactions = start_took + started.elapsed();

            let started = Instant::now();
            finish();
            Taken { transactions, root: started.elapsed() }
        });
        self.state.commit_all().expect("nothing is open");
        taken
    }

    /// What is stored, without what the next block clears.
    pub fn stored(&mut self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.state.execute_with(|| {
            let mut all = BTreeMap::new();
            let mut key = Vec::new();
            while let Some(next) = sp_io::storage::next_key(&key) {
                if !is_of_the_block(&next) {
                    all.insert(next.clone(), unhashed::get_raw(&next).unwrap_or_default());
                }
                key = next;
            }
            all
        })
    }

    /// Looks at the state.
    pub fn look<R>(&mut self, at: impl FnOnce() -> R) -> R {
        self.state.execute_with(at)
    }
}

fn start(number: u32) {
    let slot = FIRST_SLOT + u64::from(number);
    let digest =
        Digest { logs: vec![DigestItem::PreRuntime(sp_consensus_aura::AURA_ENGINE_ID, slot.encode())] };
    let header = Header::new(number, Default::default(), Default::default(), Default::default(), digest);
    Executive::initialize_block(&header);
    // The timestamp's inherent; the parachain's own needs a relay chain.
    pallet_timestamp::Now::<Runtime>::put(slot * SLOT_DURATION);
}

/// Computes the root, among other things.
fn finish() {
    System::note_finished_extrinsics();
    std::hint::black_box(System::finalize());
}

/// Events, weights and counters of the block, which the next block clears, and the hashes of past blocks.
fn is_of_the_block(key: &[u8]) -> bool {
    let items = [
        "Events",
        "EventCount",
        "EventTopics",
        "BlockWeight",
        "BlockSize",
        "ExtrinsicData",
        "ExecutionPhase",
        "InherentsApplied",
        "BlockHash",
        "Digest",
        "Number",
        "ParentHash",
    ];
    let system = |item: &str| frame_support::storage::storage_prefix(b"System", item.as_bytes());
    items.iter().any(|item| key.starts_with(&system(item)))
        || key.starts_with(b":extrinsic_index")
        || key.starts_with(b":intrablock_entropy")
}
