//! What grants and revocations cost on chain, beside a transfer: the same runtime, the same state, the same run.
//!
//! | Module | Does |
//! |---|---|
//! | [`actors`] | keys, signed transactions, the calls that are measured |
//! | [`blocks`] | a chain in memory: makes blocks, and takes the time of it |
//! | [`world`] | fills the state with accounts and relationships |
//! | [`timing`] | interleaved repetitions and their ratios |
//! | [`footprint`] | bytes of transactions and state |
//!
//! The runtime runs natively. What is timed is the whole of a block: its start, decoding and checking each transaction
//! (the signature among it), the pipeline of extensions, the call, and the state's root at its end. What is not: signing, and
//! copying the changed nodes into the database.

pub(crate) mod actors;
pub(crate) mod blocks;
mod footprint;
mod timing;
pub(crate) mod world;

use clap::Args;
use serde_json::json;

pub use timing::Kind;

/// What is measured, and how often.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How many accounts, and how many relationships, the state holds
    #[arg(long, default_value_t = 10_000)]
    pub accounts: u32,
    /// How many transactions a block holds
    #[arg(long, default_value_t = 100)]
    pub block: u32,
    /// How many blocks of each kind are measured
    #[arg(long, default_value_t = 31)]
    pub repetitions: u32,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Measures, and prints what came out.
pub fn run(options: &Options) -> anyhow::Result<()> {
    anyhow::ensure!(
        options.block > 0 && options.accounts >= options.block,
        "more accounts than a block takes"
    );
    let bytes = footprint::measure();
    let times = timing::measure(options);
    if options.json {
        let report = json!({
            "side": "chain",
            "accounts": options.accounts,
            "block": options.block,
            "repetitions": options.repetitions,
            "times": times.json(),
            "bytes": bytes.json(),
        });
        println!("{report:#}");
    } else {
        println!(
            "{} accounts, {} relationships, {} blocks of {} transactions of each kind; median (quartiles)\n",
            options.accounts, options.accounts, options.repetitions, options.block
        );
        print!("{times}\n{bytes}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurement_should_time_each_kind_when_the_state_is_small() {
        let options = Options { accounts: 40, block: 5, repetitions: 3, json: false };
        let times = timing::measure(&options);
        for kind in Kind::ALL {
            assert!(times.of(kind).median > 0.0, "{kind:?}");
        }
    }

    #[test]
    fn bytes_should_reach_the_goals_when_counted() {
        for (what, bytes, goal) in footprint::measure().rows() {
            assert!(bytes <= goal, "{what}: {bytes} B, goal {goal} B");
        }
    }
}
