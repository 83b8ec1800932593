//! What counting credits adds to a block: empty blocks, made by a researcher's collator and by one that is nobody's, in turn.

use std::fmt;

use medrec_primitives::{MemberRole, MemberStatus};
use medrec_runtime::{AccountId, Runtime, RuntimeOrigin};
use pallet_research::{Collator, CollatorStatus, Collators, WorkOf};
use serde_json::{json, Value};
use sp_keyring::Sr25519Keyring;

use crate::{chain::blocks::Chain, stats::Spread};

/// Blocks that are made before any is timed.
const WARM: u32 = 50;

/// What came out.
pub struct Measured {
    /// Microseconds of an empty block by a researcher's collator.
    researchers: Spread,
    /// Microseconds of one by somebody else's.
    others: Spread,
    /// The one over the other, pair by pair.
    ratio: Spread,
}

/// Measures.
pub fn measure(blocks: u32) -> Measured {
    let mut chain = Chain::new();
    chain.prepare(researcher);
    let mut empty = |counts: bool| {
        chain.prepare(|| author(counts));
        chain.block(Vec::new).total().as_secs_f64() * 1e6
    };
    for _ in 0..WARM {
        empty(true);
        empty(false);
    }
    let (mut researchers, mut others) = (Vec::new(), Vec::new());
    for pair in 0..blocks {
        // Who is first changes.
        let first = empty(pair % 2 == 0);
        let second = empty(pair % 2 != 0);
        let (ours, theirs) = if pair % 2 == 0 { (first, second) } else { (second, first) };
        researchers.push(ours);
        others.push(theirs);
    }
    let work = chain.look(|| WorkOf::<Runtime>::get(0));
    assert!(work.blocks > 0, "blocks were not counted");
    Measured {
        ratio: Spread::of(researchers.iter().zip(&others).map(|(ours, theirs)| ours / theirs)),
        researchers: Spread::of(researchers),
        others: Spread::of(others),
    }
}

/// An active researcher, member 0.
fn researcher() {
    let who = Sr25519Keyring::Eve.to_account_id();
    let bounded = |text: &[u8]| text.to_vec();
    pallet_registry::Pallet::<Runtime>::apply(
        RuntimeOrigin::signed(who.clone()),
        MemberRole::Researcher,
        bounded(b"Institute").try_into().expect("short enough"),
        bounded(b"https://institute.example").try_into().expect("short enough"),
        AccountId::from([9; 32]),
        [9; 32],
    )
    .expect("an endowed account may apply");
    pallet_registry::Members::<Runtime>::mutate(0, |member| {
        member.as_mut().expect("just applied").status = MemberStatus::Active;
    });
}

/// Whether the one who makes all blocks is the researcher's collator.
fn author(counts: bool) {
    let key = Sr25519Keyring::Alice.to_account_id();
    if counts {
        Collators::<Runtime>::insert(key, Collator { member: 0, status: CollatorStatus::Approved });
    } else {
        Collators::<Runtime>::remove(key);
    }
}

impl Measured {
    /// For programs.
    pub fn json(&self) -> Value {
        json!({ "us": { "researchers": self.researchers.json(), "others": self.others.json() }, "ratio": self.ratio.json() })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| empty block | us |\n|---|---|")?;
        writeln!(f, "| by a researcher's collator | {:.1} |", self.researchers)?;
        writeln!(f, "| by another | {:.1} |", self.others)?;
        writeln!(f, "| the one over the other | {:.3} |", self.ratio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_should_be_counted_when_the_collator_is_a_researchers() {
        let measured = measure(3);
        assert!(measured.researchers.median > 0.0 && measured.others.median > 0.0);
    }
}
