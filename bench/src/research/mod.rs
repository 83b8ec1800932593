//! What statistics for researchers cost: a table of a hospital beside the same question in SQL without privacy, the noise of an answer,
//! and what counting credits adds to a block.
//!
//! | Module | Does |
//! |---|---|
//! | [`cohort`] | a table over a million rows, and the same in SQL |
//! | [`noise`] | the noise of each answer of a hospital's year |
//! | [`credits`] | empty blocks by a researcher's collator and by others |

mod cohort;
mod credits;
mod noise;

use clap::Args;
use serde_json::json;

/// What is measured, and how often.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How many rows the hospital has, ten for each person
    #[arg(long, default_value_t = 1_000_000)]
    pub rows: u32,
    /// How often each is measured
    #[arg(long, default_value_t = 5)]
    pub repetitions: u32,
    /// How many empty blocks of each kind are made
    #[arg(long, default_value_t = 2_000)]
    pub blocks: u32,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Measures, and prints what came out.
pub fn run(options: &Options) -> anyhow::Result<()> {
    anyhow::ensure!(
        options.rows >= 10 && options.repetitions > 0 && options.blocks > 0,
        "nothing to measure"
    );
    let runtime = tokio::runtime::Runtime::new()?;
    let cohort = runtime.block_on(cohort::measure(options.rows, options.repetitions))?;
    let noise = noise::measure(options.repetitions.saturating_mul(100))?;
    let credits = credits::measure(options.blocks);
    if options.json {
        let report = json!({
            "side": "research",
            "rows": options.rows,
            "repetitions": options.repetitions,
            "cohort": cohort.json(),
            "noise": noise.json(),
            "credits": credits.json(),
        });
        println!("{report:#}");
    } else {
        println!(
            "{} rows, {} repetitions, {} blocks; median (quartiles)\n",
            options.rows, options.repetitions, options.blocks
        );
        println!("{cohort}\n{noise}\n{credits}");
    }
    Ok(())
}
