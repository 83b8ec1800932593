//! Decisions of the gatekeeper over 10^3 to 10^6 grants, to be compared with `bench/cedar` over the same.
//!
//! | Module | Does |
//! |---|---|
//! | [`grants`] | the grants and the questions of both sides |
//! | [`memory`] | what the gatekeeper remembers of rights between requests |
//!
//! What is timed is the gatekeeper's own [`Decider`]: looking up the facts of the block, the clock, opening sealed terms (remembered
//! after the first time), the policy. Behind it stands a chain in memory, as if the node had been asked for these facts in
//! this block before; what it costs to ask a node is measured by `medrec-bench gatekeeper`.

pub mod grants;
mod memory;

use std::{collections::BTreeSet, hint::black_box, sync::Arc, time::Instant};

use anyhow::{ensure, Context};
use clap::Args;
use medrec_client::{
    sealing::{seal_terms, TermsContext},
    SealingSecret,
};
use medrec_gatekeeper::{
    chain::{simulated::SimulatedChain, simulated::State, ChainState, Hash},
    clock::ManualTime,
    decide::{openings::Openings, Decider, Question, Tolerance},
};
use medrec_policy::{Action, Purpose};
use medrec_primitives::{
    AccountId, Effect, GrantFacts, GrantTerms, RelationshipId, SealedTerms, Viewer, TERMS_PLAINTEXT_BYTES,
};
use serde_json::{json, Value};

use grants::{Grant, NOW, PER_RELATIONSHIP, PURPOSE, TYPES, UNTIL};

/// Different questions of a run, asked over and over.
const QUESTIONS: u32 = 1_000;

/// Decisions that are timed at most.
const MOST: usize = 200_000;

/// The provider that decides.
const MEMBER: u32 = 0;

/// What is measured.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How many grants there are, one run after another
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000")]
    pub grants: Vec<u32>,
    /// How long each is measured (ms)
    #[arg(long, default_value_t = 3_000)]
    pub budget: u64,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Measures, and prints what came out.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let memory = memory::measure()?;
    let rows =
        options.grants.iter().map(|count| measure(*count, options.budget)).collect::<Result<Vec<_>, _>>()?;
    let report = json!({ "side": "decision", "memory": memory, "rows": rows });
    if options.json {
        println!("{report:#}");
    } else {
        crate::table::of_decisions(std::slice::from_ref(&report), &[]);
        crate::table::of_memory(&report);
    }
    Ok(())
}

/// A viewer's key.
fn viewer(number: u32) -> AccountId {
    AccountId::new(sp_io::hashing::blake2_256(&[b"viewer".as_slice(), &number.to_le_bytes()].concat()))
}

fn relationship(number: u32) -> RelationshipId {
    RelationshipId::new(MEMBER, number)
}

/// A grant as the chain has it, its terms sealed to `public`, or beyond anybody's opening.
fn sealed(grant: &Grant, id: u32, genesis: Hash, public: Option<&[u8; 32]>) -> anyhow::Result<GrantFacts> {
    let mut rule = medrec_primitives::Grant {
        viewer: Viewer::Key(viewer(grant.viewer)),
        effect: Effect::Allow,
        terms: GrantTerms::Everything,
        not_before: None,
        not_after: Some(UNTIL),
        may_share: false,
        parent: None,
    };
    let terms = match public {
        Some(public) => {
            let words = format!("patient/{}.rs;purpose={PURPOSE}", TYPES[grant.kind]);
            let terms = words.parse().map_err(|error| anyhow::anyhow!("{words}: {error}"))?;
            let context = TermsContext::of_grant(genesis, relationship(grant.relationship), &rule);
            seal_terms(&terms, public, 0, &context)?
        }
        None => SealedTerms {
            key: 0,
            enc: [1; 32],
            ciphertext: [1; TERMS_PLAINTEXT_BYTES + 16],
            commitment: [1; 32],
        },
    };
    rule.terms = GrantTerms::Sealed(terms);
    Ok(GrantFacts { id, grant: rule, sharer: None })
}

/// The state with these grants. Only what is asked about can be opened: sealing a million takes minutes.
fn fill(state: &mut State, count: u32, genesis: Hash, public: &[u8; 32]) -> anyhow::Result<()> {
    let asked: BTreeSet<u32> = (0..QUESTIONS).map(|k| grants::question(k, count).0.relationship).collect();
    for n in 0..count {
        let grant = grants::grant(n);
        let id = relationship(grant.relationship);
        let place = n % PER_RELATIONSHIP;
        if place == 0 {
            state.relate(id, viewer(u32::MAX - grant.relationship));
        }
        let opens = asked.contains(&grant.relationship).then_some(public);
        let facts = state.relationships.get_mut(&id).context("a relationship that was just added")?;
        facts.grants.push(sealed(&grant, place, genesis, opens)?);
    }
    Ok(())
}

fn measure(count: u32, budget_ms: u64) -> anyhow::Result<Value> {
    let secret = SealingSecret::generate();
    let time = Arc::new(ManualTime::new(NOW));
    let chain = Arc::new(SimulatedChain::new(MEMBER, time.clone(), State::default()));
    let mut filled = Ok(());
    chain.advance(|state| filled = fill(state, count, chain.genesis(), &secret.public()));
    filled?;
    let openings = Openings::new(chain.genesis(), vec![secret]);
    let tolerance = Tolerance { max_finality_age_ms: u64::MAX, max_clock_gap_ms: u64::MAX };
    let decider = Decider::new(chain, time, MEMBER, openings, tolerance);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (first, again) = runtime.block_on(timed(&decider, count, budget_ms))?;
    let at = |micros: &[f64], share| crate::stats::quantile(micros, share);
    Ok(json!({
        "grants": count,
        "decisions": again.len(),
        "p50": at(&again, 0.5),
        "p99": at(&again, 0.99),
        "first_p50": at(&first, 0.5),
    }))
}

/// Microseconds of each decision, sorted: where the terms are opened for the first time, and from then on.
async fn timed(decider: &Decider, count: u32, budget_ms: u64) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let questions: Vec<_> = (0..QUESTIONS)
        .map(|k| {
            let (grant, permitted) = grants::question(k, count);
            (viewer(grant.viewer), grant, permitted)
        })
        .collect();
    let (mut first, mut again) = (Vec::new(), Vec::new());
    let mut begun = Instant::now();
    for (number, (asker, grant, permitted)) in questions.iter().cycle().enumerate() {
        let question = Question {
            asker,
            relationship: relationship(grant.relationship),
            purpose: Purpose::Treatment,
            action: Action::Search,
            resource_type: TYPES[grant.kind],
        };
        if number == questions.len() {
            begun = Instant::now();
        }
        let started = Instant::now();
        let ruling = black_box(decider.decide(&question).await);
        let micros = started.elapsed().as_secs_f64() * 1e6;
        let found = ruling.is_ok_and(|ruling| ruling.outcome.is_ok());
        ensure!(found == *permitted, "{grant:?} is decided wrongly");
        let times = if number < questions.len() { &mut first } else { &mut again };
        times.push(micros);
        let over = begun.elapsed().as_millis() > u128::from(budget_ms);
        if !again.is_empty() && (over || again.len() >= MOST) {
            break;
        }
    }
    first.sort_by(f64::total_cmp);
    again.sort_by(f64::total_cmp);
    Ok((first, again))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn decisions_should_be_those_that_the_grants_say_when_there_are_few() {
        // An answer that is not the one expected is an error.
        let row = measure(500, 1).unwrap();
        assert!(row["p50"].as_f64().unwrap() > 0.0, "{row}");
    }

    #[test]
    fn viewers_should_have_one_grant_each_in_a_relationship() {
        for first in [0, 40, 999_990] {
            let viewers: BTreeSet<u32> =
                (first..first + PER_RELATIONSHIP).map(|n| grants::grant(n).viewer).collect();
            assert_eq!(viewers.len(), PER_RELATIONSHIP as usize);
        }
    }
}
