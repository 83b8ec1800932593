//! An attack on a synthetic ledger: which relationships belong to one person?
//!
//! | Module | Does |
//! |---|---|
//! | [`ledger`] | makes what an observer of the whole chain would see of ten thousand persons, by variant |
//! | [`attack`] | says how likely two relationships belong to one person, from keys, graph, times, viewers, custodians, dates |
//! | [`score`] | compares attackers with guessing |
//!
//! Attackers know the model, every block, and who each provider is; each goes by something else, and the best one counts. What cannot count for or against them is which
//! provider a relationship is with: pairs are compared with other pairs of the same two providers.

mod attack;
mod ledger;
mod score;

use clap::Args;
use rand::{rngs::StdRng, SeedableRng};
use serde_json::{json, Value};

use ledger::{Ledger, Population, Variant};
use score::Score;

/// How large, and which.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How many persons
    #[arg(long, default_value_t = 10_000)]
    pub persons: u32,
    /// How many providers
    #[arg(long, default_value_t = 20)]
    pub providers: u32,
    /// All randomness comes from it
    #[arg(long, default_value_t = 2_026)]
    pub seed: u64,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Attacks every variant, and keeps the attacker who does best.
fn measure(options: &Options) -> Vec<(Variant, Score)> {
    let population = Population::new(options.persons, options.providers, options.seed);
    let attacked = |variant| (variant, best(attacked(&population, variant, options.seed)));
    Variant::ALL.into_iter().map(attacked).collect()
}

fn best(scores: Vec<Score>) -> Score {
    let rank = |score: &Score| score.auc.value + score.first.value;
    scores.into_iter().max_by(|a, b| rank(a).total_cmp(&rank(b))).expect("there are attackers")
}

fn attacked(population: &Population, variant: Variant, seed: u64) -> Vec<Score> {
    let mut rng = StdRng::seed_from_u64(seed ^ (variant as u64 + 1));
    let ledger = Ledger::of(population, variant, &mut rng);
    score::of(&ledger, &mut rng)
}

/// Attacks, and prints what came out.
pub fn run(options: &Options) -> anyhow::Result<()> {
    anyhow::ensure!(options.persons >= 2 && options.providers >= 6, "at least 2 persons and 6 providers");
    let scores = measure(options);
    if options.json {
        let variants: Value = scores
            .iter()
            .map(|(variant, score)| json!({ "variant": variant.words(), "score": score.json() }))
            .collect();
        let report = json!({
            "side": "linkage",
            "persons": options.persons,
            "providers": options.providers,
            "seed": options.seed,
            "variants": variants,
        });
        println!("{report:#}");
        return Ok(());
    }
    println!(
        "{} persons, {} providers, seed {}; 99 % confidence intervals\n",
        options.persons, options.providers, options.seed
    );
    println!("| ledger | best attacker goes by | area under the curve (chance 0.5) | right at the first guess | by chance |");
    println!("|---|---|---|---|---|");
    for (variant, Score { means, auc, first, chance }) in scores {
        println!("| {} | {} | {auc:.3} | {first:.4} | {chance:.4} |", variant.words(), means.word());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_should_do_no_better_than_chance_when_the_ledger_is_as_tools_make_it() {
        let population = Population::new(10_000, 20, 2_026);
        for score in attacked(&population, Variant::Defaults, 2_026) {
            let Score { means, auc, first, chance } = score;
            assert!(auc.holds(0.5), "{means:?}: {auc}");
            assert!(auc.high - auc.low < 0.02, "{means:?}: an interval that says something: {auc}");
            assert!(first.holds(chance), "{means:?}: {first}, by chance {chance}");
        }
    }

    #[test]
    fn attack_should_link_when_a_person_uses_one_key() {
        let population = Population::new(1_000, 20, 7);
        let score = best(attacked(&population, Variant::OneKey, 7));
        assert!(score.auc.value > 0.999, "{}", score.auc);
        assert!(score.first.value > 0.999, "{}", score.first);
    }

    #[test]
    fn attack_should_do_better_than_chance_when_people_give_themselves_away() {
        let population = Population::new(2_000, 20, 7);
        for variant in [Variant::SameDoctor, Variant::SameStaff, Variant::OneSitting, Variant::Minors] {
            let score = best(attacked(&population, variant, 7));
            assert!(score.auc.low > 0.55, "{}: {}", variant.words(), score.auc);
        }
    }
}
