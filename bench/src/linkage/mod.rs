//! An attack on a synthetic ledger: which relationships belong to one person?
//!
//! | Module | Does |
//! |---|---|
//! | [`ledger`] | makes what an observer of the whole chain would see of ten thousand persons, by variant |
//! | [`attack`] | says how likely two relationships belong to one person, from keys, graph, times, viewers, custodians, dates |
//! | [`score`] | compares the attack with guessing |
//!
//! The attacker knows the model, every block, and who each provider is. What cannot count for or against it is which
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

/// Attacks every variant.
fn measure(options: &Options) -> Vec<(Variant, Score)> {
    let population = Population::new(options.persons, options.providers, options.seed);
    let attacked = |variant| (variant, attacked(&population, variant, options.seed));
    Variant::ALL.into_iter().map(attacked).collect()
}

fn attacked(population: &Population, variant: Variant, seed: u64) -> Score {
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
    println!("| ledger | area under the curve (chance 0.5) | right at the first guess | by chance |");
    println!("|---|---|---|---|");
    for (variant, score) in scores {
        println!("| {} | {:.3} | {:.4} | {:.4} |", variant.words(), score.auc, score.first, score.chance);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_should_do_no_better_than_chance_when_the_ledger_is_as_tools_make_it() {
        let population = Population::new(10_000, 20, 2_026);
        let score = attacked(&population, Variant::Defaults, 2_026);
        assert!(score.auc.holds(0.5), "{}", score.auc);
        assert!(score.auc.high - score.auc.low < 0.02, "an interval that says something: {}", score.auc);
        assert!(score.first.holds(score.chance), "{} by chance {}", score.first, score.chance);
    }

    #[test]
    fn attack_should_link_when_a_person_uses_one_key() {
        let population = Population::new(1_000, 20, 7);
        let score = attacked(&population, Variant::OneKey, 7);
        assert!(score.auc.value > 0.999, "{}", score.auc);
        assert!(score.first.value > 0.999, "{}", score.first);
    }

    #[test]
    fn attack_should_do_better_than_chance_when_people_give_themselves_away() {
        let population = Population::new(2_000, 20, 7);
        for variant in [Variant::SameDoctor, Variant::SameStaff, Variant::OneSitting, Variant::Minors] {
            let score = attacked(&population, variant, 7);
            assert!(score.auc.low > 0.55, "{}: {}", variant.words(), score.auc);
        }
    }
}
