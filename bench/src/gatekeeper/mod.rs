//! The real gatekeeper on a real node: authorised reads beside the same SQL without MedRec, revocations, restarts.
//!
//! | Module | Does |
//! |---|---|
//! | [`stage`] | a node, a gatekeeper with an enrolled patient and a viewer who is signed in, and the other side |
//! | [`bare`] | the other side: the same SQL through bare `axum`, the same pool, the same durable insert |
//! | [`load`] | requests one after another over several connections |
//! | [`reads`] | both sides in turn |
//! | [`revocation`] | from a block with a revocation to the first refusal |
//! | [`restart`] | from the start of a killed gatekeeper to its first answer, its memory, and what it costs to ask the node |
//!
//! One core is for the server that is measured, the other for the load and the node.

pub mod bare;
mod load;
mod reads;
mod restart;
mod revocation;
mod stage;

use std::time::Duration;

use clap::Args;
use serde_json::json;

use stage::Stage;

/// What is measured, and how often.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How often each side is measured, in turn
    #[arg(long, default_value_t = 5)]
    pub rounds: u32,
    /// How long each time (ms)
    #[arg(long, default_value_t = 4_000)]
    pub round_ms: u64,
    /// Connections that ask at the same time; several values are measured one after another
    #[arg(long, value_delimiter = ',', default_value = "1,8,32")]
    pub connections: Vec<usize>,
    /// How many grants are revoked
    #[arg(long, default_value_t = 20)]
    pub revocations: u32,
    /// How often the gatekeeper is killed and started
    #[arg(long, default_value_t = 5)]
    pub restarts: u32,
    /// Milliseconds from block to block
    #[arg(long, default_value_t = 1_000)]
    pub block_ms: u64,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Measures, and prints what came out.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let report = runtime.block_on(measure(options))?;
    if options.json {
        println!("{report:#}");
    } else {
        crate::table::of_gatekeeper(std::slice::from_ref(&report));
    }
    Ok(())
}

async fn measure(options: &Options) -> anyhow::Result<serde_json::Value> {
    let mut stage = Stage::new(options.block_ms).await?;
    let span = Duration::from_millis(options.round_ms);
    let mut rows = Vec::new();
    for connections in &options.connections {
        rows.push(reads::measure(&stage, *connections, options.rounds, span).await?);
    }
    let revocation = revocation::measure(&stage, options.revocations).await?;
    let restart = restart::measure(&mut stage, options.restarts).await?;
    Ok(json!({
        "side": "gatekeeper",
        "block_ms": options.block_ms,
        "reads": rows,
        "revocation": revocation,
        "restart": restart,
    }))
}
