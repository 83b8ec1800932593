//! How likely two relationships belong to one person.

use std::collections::HashMap;

use medrec_primitives::DAY_MS;

use super::ledger::{Ledger, Relationship, Seen};

/// Two keys that are one.
const SAME_KEY: f64 = 1_000.0;

/// One has custodians, the other has none.
const ONE_IS_MINOR: f64 = -20.0;

/// What an attacker goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Patients' keys.
    Keys,
    /// Viewers, custodians, and the graph of who grants whose staff.
    Viewers,
    /// Times of acts.
    Times,
    /// The dates on which rules or custodians' rights end; whether there are custodians.
    Dates,
    /// All of it.
    All,
}

impl Means {
    /// Every attacker.
    pub const ALL: [Self; 5] = [Self::Keys, Self::Viewers, Self::Times, Self::Dates, Self::All];

    /// For tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Viewers => "viewers",
            Self::Times => "times",
            Self::Dates => "dates",
            Self::All => "everything",
        }
    }

    fn include(self, other: Self) -> bool {
        self == Self::All || self == other
    }
}

/// An attacker who has read the whole chain.
pub struct Attacker {
    /// In how many relationships each viewer, custodian and date turns up: what is rare tells more.
    counts: HashMap<Seen, f64>,
    relationships: f64,
}

impl Attacker {
    /// Reads the chain.
    pub fn new(ledger: &Ledger) -> Self {
        let mut counts = HashMap::new();
        for relationship in &ledger.relationships {
            for seen in distinct(relationship) {
                *counts.entry(seen.clone()).or_insert(0.0) += 1.0;
            }
        }
        Self { counts, relationships: ledger.relationships.len() as f64 }
    }

    /// The higher, the likelier the two are one person's. In the manner of a log-likelihood ratio: evidence adds up.
    pub fn suspicion(&self, means: Means, a: &Relationship, b: &Relationship) -> f64 {
        let mut suspicion = 0.0;
        if means.include(Means::Keys) && a.key == b.key {
            suspicion += SAME_KEY;
        }
        if means.include(Means::Times) {
            suspicion += closeness(a, b);
        }
        if means.include(Means::Dates) && a.minor != b.minor {
            suspicion += ONE_IS_MINOR;
        }
        for seen in distinct(a).filter(|seen| means.include(told_by(seen))) {
            if b.seen.contains(seen) {
                suspicion += self.rarity(seen);
            }
        }
        if means.include(Means::Viewers) {
            // The graph: one grants the staff of the other's provider.
            for (from, to) in [(a, b), (b, a)] {
                let staff = Seen::Staff(to.member);
                if from.seen.contains(&staff) {
                    suspicion += self.rarity(&staff) / 2.0;
                }
            }
        }
        suspicion
    }

    fn rarity(&self, seen: &Seen) -> f64 {
        (self.relationships / self.counts.get(seen).copied().unwrap_or(1.0)).ln()
    }
}

fn told_by(seen: &Seen) -> Means {
    match seen {
        Seen::End(_) => Means::Dates,
        Seen::Key(_) | Seen::Staff(_) | Seen::Group(_) | Seen::Custodian(_) => Means::Viewers,
    }
}

/// Acts close to each other in time are suspicious, the closer the more.
fn closeness(a: &Relationship, b: &Relationship) -> f64 {
    let gaps = a.times.iter().flat_map(|x| b.times.iter().map(|y| x.abs_diff(*y)));
    let gap = gaps.min().unwrap_or(u64::MAX);
    (DAY_MS as f64 / (gap as f64 + 6_000.0)).ln().max(-10.0)
}

fn distinct(relationship: &Relationship) -> impl Iterator<Item = &Seen> {
    let seen = &relationship.seen;
    seen.iter().enumerate().filter(|(place, one)| !seen[..*place].contains(one)).map(|(_, one)| one)
}
