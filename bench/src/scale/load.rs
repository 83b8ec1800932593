//! What people and providers are assumed to do, and what that adds up to.
//!
//! The assumptions are round numbers on the high side, to be replaced by who knows better: every one is a constant here.

use frame_support::dispatch::DispatchClass;
use medrec_runtime::{configs::system::RuntimeBlockWeights, constants::*};

use super::calls::{interval_ms, Calls, Taken};

/// Relationships of a person with providers. MedRec's 12 TB are as many contracts for each of 350 million.
pub const RELATIONSHIPS: f64 = 7.0;
/// Years in which everybody is enrolled everywhere.
pub const ROLL_OUT_YEARS: f64 = 5.0;
/// New relationships of a person in a year after that.
pub const NEW_RELATIONSHIPS: f64 = 0.5;
/// Grants that a person makes in a year, in all relationships together.
pub const GRANTS: f64 = 6.0;
/// Grants that a person takes back in a year. The others end by themselves.
pub const REVOCATIONS: f64 = 3.0;
/// Grants of a person that are in force at a time, or have ended and wait to be cleared.
pub const GRANTS_AT_A_TIME: f64 = 10.0;
/// How much more there is to do in the busiest hour than on average.
pub const PEAK: f64 = 5.0;

/// Bytes of a transaction by which MedRec 2.0 makes a relationship (see DESIGN, section 8).
pub const MEDREC_RELATIONSHIP: f64 = 5_007.0;

/// Seconds in a year.
const YEAR: f64 = 365.25 * 24.0 * 3_600.0;

/// Who uses a chain.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// What it is.
    pub name: &'static str,
    /// Persons.
    pub persons: f64,
    /// Gatekeepers that anchor.
    pub providers: f64,
    /// Relationships of a person: one at a single hospital.
    pub relationships: f64,
}

/// From one hospital to a country.
pub const SIZES: [Size; 5] = [
    Size { name: "one hospital", persons: 100e3, providers: 1.0, relationships: 1.0 },
    Size { name: "a city", persons: 1e6, providers: 20.0, relationships: RELATIONSHIPS },
    Size { name: "a region, a small country", persons: 10e6, providers: 200.0, relationships: RELATIONSHIPS },
    Size {
        name: "a large country of Europe",
        persons: 80e6,
        providers: 1_600.0,
        relationships: RELATIONSHIPS,
    },
    Size {
        name: "a country of 350 million",
        persons: 350e6,
        providers: 7_000.0,
        relationships: RELATIONSHIPS,
    },
];

/// What many calls take together, in a second: bytes, computation (s), proof (bytes).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// How many.
    pub calls: f64,
    /// Bytes in blocks.
    pub length: f64,
    /// Computation (s).
    pub time: f64,
    /// Proof, as charged (bytes).
    pub proof: f64,
}

impl Rate {
    fn add(mut self, often: f64, taken: &Taken) -> Self {
        self.calls += often;
        self.length += often * taken.length as f64;
        self.time += often * taken.weight.ref_time() as f64 / 1e12;
        self.proof += often * taken.weight.proof_size() as f64;
        self
    }

    /// Each limit's share of a core that this takes: length, computation, proof.
    pub fn shares(&self) -> [f64; 3] {
        let core = core();
        [self.length / core.length, self.time / core.time, self.proof / core.proof]
    }

    /// Cores that this takes, and what is scarce.
    pub fn cores(&self) -> (f64, &'static str) {
        let [length, time, proof] = self.shares();
        [(length, "length"), (time, "computation"), (proof, "proof")]
            .into_iter()
            .fold((0.0, ""), |most, next| if next.0 > most.0 { next } else { most })
    }
}

/// What one core has room for in a second: a block for each block of the relay chain, ordinary transactions' part of it.
pub fn core() -> Rate {
    let limits = RuntimeBlockWeights::get();
    let most = limits.get(DispatchClass::Normal).max_total.unwrap_or(limits.max_block);
    let seconds = f64::from(RELAY_CHAIN_SLOT_DURATION) / 1_000.0;
    Rate {
        calls: 0.0,
        length: f64::from(NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_LENGTH) / seconds,
        time: most.ref_time() as f64 / 1e12 / seconds,
        proof: most.proof_size() as f64 / seconds,
    }
}

impl Size {
    fn anchors(&self) -> f64 {
        self.providers * 1_000.0 / interval_ms() as f64
    }

    /// Everything in a second while people are being enrolled, on average.
    pub fn roll_out(&self, calls: &Calls) -> Rate {
        let enrolled = self.persons * self.relationships / ROLL_OUT_YEARS / YEAR;
        self.grants(calls).add(enrolled, &calls.propose).add(enrolled, &calls.accept)
    }

    /// Everything in a second after that, on average.
    pub fn steady(&self, calls: &Calls) -> Rate {
        let enrolled = self.persons * NEW_RELATIONSHIPS / YEAR;
        self.grants(calls).add(enrolled, &calls.propose).add(enrolled, &calls.accept)
    }

    fn grants(&self, calls: &Calls) -> Rate {
        Rate::default()
            .add(self.persons * GRANTS / YEAR, &calls.grant)
            .add(self.persons * REVOCATIONS / YEAR, &calls.revoke)
            .add(self.anchors(), &calls.anchor)
    }

    /// The state when all are enrolled: keys and values (bytes).
    pub fn state(&self, calls: &Calls) -> f64 {
        let relationship = calls.propose.state + calls.accept.state;
        let kept: u32 =
            <<medrec_runtime::Runtime as pallet_access::Config>::AnchorsKept as frame_support::traits::Get<
                u32,
            >>::get();
        self.persons * self.relationships * relationship as f64
            + self.persons * GRANTS_AT_A_TIME * calls.grant.state as f64
            + self.providers * f64::from(kept) * calls.anchor.state as f64
    }
}

/// The busiest hour.
pub fn peak(rate: Rate) -> Rate {
    Rate {
        calls: rate.calls * PEAK,
        length: rate.length * PEAK,
        time: rate.time * PEAK,
        proof: rate.proof * PEAK,
    }
}

/// Bytes of blocks in a year.
pub fn a_year(rate: Rate) -> f64 {
    rate.length * YEAR
}
