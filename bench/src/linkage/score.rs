//! Compares the attack with guessing.

use rand::{rngs::StdRng, seq::SliceRandom, Rng};
use serde_json::{json, Value};

use super::{
    attack::{Attacker, Means},
    ledger::{Ledger, Relationship},
};
use crate::stats::Mean;

/// For how many persons at most all candidates are looked through.
const GUESSES: usize = 3_000;

/// How well an attacker does.
pub struct Score {
    /// What it goes by.
    pub means: Means,
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
        json!({ "means": self.means.word(), "auc": self.auc.json(), "first": self.first.json(), "chance": self.chance })
    }
}

/// Has every attacker at a ledger; answers in the order of [`Means::ALL`].
pub fn of(ledger: &Ledger, rng: &mut StdRng) -> Vec<Score> {
    let attacker = Attacker::new(ledger);
    let mut by_member = vec![Vec::new(); ledger.providers as usize];
    for relationship in &ledger.relationships {
        by_member[relationship.member as usize].push(relationship);
    }
    let persons: Vec<_> = ledger.relationships.chunk_by(|a, b| a.person == b.person).collect();
    let sample: Vec<_> = persons.choose_multiple(rng, GUESSES).collect();
    let mut score = |means| {
        let suspicion = |a: &Relationship, b: &Relationship| attacker.suspicion(means, a, b);
        // One number of each person: their pairs are not independent of each other.
        let auc: Vec<_> = persons.iter().map(|own| compared(&suspicion, own, &by_member, rng)).collect();
        let mut chance = 0.0;
        let mut first = Vec::new();
        for own in &sample {
            let (known, sought) = (&own[0], &own[1]);
            let candidates = &by_member[sought.member as usize];
            first.push(guessed(&suspicion, known, sought, candidates));
            chance += 1.0 / candidates.len() as f64;
        }
        let chance = chance / first.len().max(1) as f64;
        Score { means, auc: Mean::of(&auc), first: Mean::of_rare(&first), chance }
    };
    Means::ALL.map(&mut score).into()
}

/// How suspicious two relationships are.
type Suspicion<'a> = dyn Fn(&Relationship, &Relationship) -> f64 + 'a;

/// The share of a person's pairs that look more suspicious than one with somebody else's relationship in its place.
fn compared(
    suspicion: &Suspicion<'_>,
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
            won += better(suspicion(a, b), suspicion(a, other));
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
    suspicion: &Suspicion<'_>,
    known: &Relationship,
    sought: &Relationship,
    candidates: &[&Relationship],
) -> f64 {
    let own = suspicion(known, sought);
    let (mut above, mut equal) = (0u32, 0u32);
    for candidate in candidates {
        match suspicion(known, candidate).total_cmp(&own) {
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
