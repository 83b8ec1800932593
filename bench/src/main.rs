//! Side-by-side measurements. What they mean, and what came out, is in `bench/README.md`.
//!
//! | Module | Does |
//! |---|---|
//! | [`chain`] | times grants and revocations against transfers in the same runtime, and counts bytes |
//! | [`decision`] | times decisions of the gatekeeper over up to a million grants |
//! | [`gatekeeper`] | times authorised reads, revocations and restarts of the real gatekeeper on a real node |
//! | [`research`] | times statistics: a table beside plain SQL, noise, credits in a block |
//! | [`scale`] | computes bytes, blocks and cores from one hospital to a country: the tables of `docs/scale.md` |
//! | [`linkage`] | attacks a synthetic ledger: which relationships belong to one person? |
//! | [`stats`] | medians, quartiles, confidence intervals |
//! | [`table`] | puts several runs into one table of ratios |

mod chain;
mod decision;
mod gatekeeper;
mod linkage;
mod research;
mod scale;
mod stats;
mod table;

use clap::{Parser, Subcommand};

/// As the gatekeeper has it, so that it does not tell the two sides of a measurement apart.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[derive(Debug, Parser)]
#[command(name = "medrec-bench", about = "Measures MedRec side by side with what it is compared to")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Time grants and revocations against transfers, all costs in, and count bytes
    #[command(after_help = "Examples:\n  medrec-bench chain\n  medrec-bench chain --accounts 100000 --json")]
    Chain(chain::Options),
    /// Time decisions over 10^3 to 10^6 grants, to be compared with bench/cedar
    #[command(
        after_help = "Examples:\n  medrec-bench decision\n  medrec-bench decision --grants 1000 --budget 500 --json"
    )]
    Decision(decision::Options),
    /// Time authorised reads beside the same SQL without MedRec, revocations and restarts, on a real node
    #[command(
        after_help = "Examples:\n  medrec-bench gatekeeper\n  medrec-bench gatekeeper --rounds 1 --round-ms 500 --revocations 2 --restarts 1"
    )]
    Gatekeeper(gatekeeper::Options),
    /// The other side of `gatekeeper`, which starts it: rows of a database as JSON, each answer logged before it leaves
    #[command(hide = true)]
    Bare(gatekeeper::bare::Options),
    /// Attack a synthetic ledger: link the relationships of one person
    #[command(
        after_help = "Examples:\n  medrec-bench linkage\n  medrec-bench linkage --persons 2000 --json"
    )]
    Linkage(linkage::Options),
    /// Time statistics for researchers: a table over a million rows beside plain SQL, noise, what credits add to a block
    #[command(
        after_help = "Examples:\n  medrec-bench research\n  medrec-bench research --rows 100000 --json"
    )]
    Research(research::Options),
    /// Compute bytes, blocks and cores from one hospital to a country: the tables of docs/scale.md
    #[command(after_help = "Example:\n  medrec-bench scale")]
    Scale(scale::Options),
    /// Put what the others said, in JSON, into tables
    #[command(
        after_help = "Examples:\n  medrec-bench table chain-1.json evm-1.json chain-2.json evm-2.json"
    )]
    Table(table::Options),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Chain(options) => chain::run(&options),
        Command::Decision(options) => decision::run(&options),
        Command::Gatekeeper(options) => gatekeeper::run(&options),
        Command::Bare(options) => gatekeeper::bare::run(&options),
        Command::Linkage(options) => linkage::run(&options),
        Command::Research(options) => research::run(&options),
        Command::Scale(options) => scale::run(&options),
        Command::Table(options) => table::run(&options),
    }
}
