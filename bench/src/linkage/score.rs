//! Compares the attack with guessing.

use rand::{rngs::StdRng, seq::SliceRandom, Rng};
use serde_json::{json, Value};

use super::{
    attack::Attacker,
    ledger::{Ledger, Relationship},
};
use crate::stats::Mean;

/// For how many persons at most all candidates are looked through.
const GUESSES: usize = 3_000;

/// How well the attacker does.
pub struct Score {
    /// How often a pair of one person's looks more suspicious than a pair of two persons' with the same two providers: the area
    /// under the ROC curve. One half is chance.
    pub auc: Mean,
    /// How often the first guess is right: given one relationship and a provider at which the same person has another, which
    /// one is it? One guess for each, so this is precision and recall in one.
    pub first: Mean,
    /// The same by picking any of that provider's.
    pub chance: f64,
}

impl Score {
    /// For programs.
    pub fn json(&self) -> Value {
        json!({ "auc": self.auc.json(), "first": self.first.json(), "chance": self.chance })
    }
}

/// Has the attacker at a ledger.
pub fn of(ledger: &Ledger, rng: &mut StdRng) -> Score {
    let attacker = Attacker::new(ledger);
    let mut by_member = vec![Vec::new(); ledger.providers as usize];
    for relationship in &ledger.relationships {
        by_member[relationship.member as usize].push(relationship);
    }
    let persons: Vec<_> = ledger.relationships.chunk_by(|a, b| a.person == b.person).collect();
    // One number of each person: their pairs are not independent of each other.
    let auc: Vec<_> = persons.iter().map(|own| compared(&attacker, own, &by_member, rng)).collect();

    let sample: Vec<_> = persons.choose_multiple(rng, GUESSES).collect();
    let mut chance = 0.0;
    let mut first = Vec::new();
    for own in sample {
        let (known, sought) = (&own[0], &own[1]);
        let candidates = &by_member[sought.member as usize];
        first.push(guessed(&attacker, known, sought, candidates));
        chance += 1.0 / candidates.len() as f64;
    }
    Score { auc: Mean::of(&auc), chance: chance / first.len().max(1) as f64, first: Mean::of_rare(&first) }
}

/// The share of a person's pairs that look more suspicious than one with somebody else's relationship in its place.
fn compared(
    attacker: &Attacker,
    own: &[Relationship],
    by_member: &[Vec<&Relationship>],
    rng: &mut StdRng,
) -> f64 {
    let (mut won, mut pairs) = (0.0, 0.0);
    for (place, a) in own.iter().enumerate() {
        for b in &own[place + 1..] {
            let candidates = &by_member[b.member as usize];
            if candidates.len() < 2 {
                continue;
            }
            let other = loop {
                let other = candidates[rng.gen_range(0..candidates.len())];
                if other.person != b.person {
                    break other;
                }
            };
            won += better(attacker.suspicion(a, b), attacker.suspicion(a, other));
            pairs += 1.0;
        }
    }
    if pairs > 0.0 {
        won / pairs
    } else {
        0.5
    }
}

fn better(own: f64, other: f64) -> f64 {
    match own.total_cmp(&other) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    }
}

/// Whether the most suspicious candidate is the one; a part of one where several are as suspicious.
fn guessed(
    attacker: &Attacker,
    known: &Relationship,
    sought: &Relationship,
    candidates: &[&Relationship],
) -> f64 {
    let own = attacker.suspicion(known, sought);
    let (mut above, mut equal) = (0u32, 0u32);
    for candidate in candidates {
        match attacker.suspicion(known, candidate).total_cmp(&own) {
            std::cmp::Ordering::Greater => above += 1,
            std::cmp::Ordering::Equal => equal += 1,
            std::cmp::Ordering::Less => {}
        }
    }
    if above == 0 {
        1.0 / f64::from(equal.max(1))
    } else {
        0.0
    }
}
