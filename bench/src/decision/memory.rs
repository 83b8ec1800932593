//! What a gatekeeper remembers of rights between requests, in bytes.
//!
//! There is no index of all grants (decision 0003): the node's state is the index. Kept are the facts that were asked for in the current
//! blocks, and what opened of sealed terms, both up to a bound that is independent of how many grants there are.

use std::collections::HashMap;

use anyhow::Context;
use medrec_client::SealingSecret;
use medrec_gatekeeper::{
    chain::{follower::CACHED_FACTS, simulated::State, Hash},
    decide::openings::{Openings, REMEMBERED},
};
use medrec_primitives::{AccountId, Facts, RelationshipId};
use serde_json::{json, Value};

use super::{
    grants::{grant, PER_RELATIONSHIP},
    relationship, sealed, viewer,
};

/// Rules that are opened, and facts that are kept, to be measured.
const SAMPLE: u32 = 20_000;

/// Bytes of each, and how many there are at most.
pub fn measure() -> anyhow::Result<Value> {
    let secret = SealingSecret::generate();
    let genesis = Hash::zero();
    let openings = Openings::new(genesis, vec![secret.clone()]);
    let rules = (0..SAMPLE)
        .map(|n| {
            Ok((
                grant(n).relationship,
                sealed(&grant(n), n % PER_RELATIONSHIP, genesis, Some(&secret.public()))?,
            ))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let before = resident()?;
    for (of, rule) in &rules {
        openings.open(relationship(*of), rule);
    }
    let opened = resident()?.saturating_sub(before);

    let before = resident()?;
    let mut kept: HashMap<(Hash, RelationshipId, AccountId), Option<Facts>> = HashMap::new();
    for (of, rule) in rules {
        let mut state = State::default();
        let id = relationship(of);
        state.relate(id, viewer(u32::MAX - of));
        let facts =
            state.relationships.remove(&id).map(|facts| Facts { grants: vec![rule.clone()], ..facts });
        kept.insert((genesis, id, viewer(grant(of * PER_RELATIONSHIP + rule.id).viewer)), facts);
    }
    let facts = resident()?.saturating_sub(before);
    let each = |bytes: u64| bytes / u64::from(SAMPLE);
    let row = json!({
        "opening_bytes": each(opened),
        "openings_most": REMEMBERED,
        "facts_bytes": each(facts),
        "facts_most": CACHED_FACTS,
    });
    drop((openings, kept));
    Ok(row)
}

/// What this process has in memory (bytes).
fn resident() -> anyhow::Result<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").context("/proc/self/statm")?;
    let pages: u64 =
        text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).context("/proc/self/statm")?;
    Ok(pages * 4096)
}
