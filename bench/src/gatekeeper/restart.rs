//! From the start of a killed gatekeeper to its first answer, its memory, and what it costs to ask the node for what is on chain.

use std::time::{Duration, Instant};

use anyhow::Context;
use codec::Encode;
use jsonrpsee::{core::client::ClientT, rpc_params, ws_client::WsClientBuilder};
use medrec_primitives::AccountId;
use serde_json::{json, Value};

use super::{load::Connection, stage::Stage};
use crate::stats::{quantile, Spread};

/// Questions to the node.
const QUESTIONS: u32 = 300;

/// How long a gatekeeper may take to its first answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Kills and starts so many times.
pub async fn measure(stage: &mut Stage, restarts: u32) -> anyhow::Result<Value> {
    let target = stage.through_gatekeeper(&stage.viewer).await?;
    let loaded = resident(stage)?;
    let mut starts = Vec::new();
    for _ in 0..restarts {
        let gatekeeper = &mut stage.world.practice_mut('a').gatekeeper;
        gatekeeper.kill()?;
        let started = Instant::now();
        gatekeeper.start_without_waiting()?;
        stage.pin()?;
        loop {
            let answered = match Connection::open(&target).await {
                Ok(mut connection) => connection.ask().await,
                Err(error) => Err(error),
            };
            if answered.is_ok_and(|status| status == 200) {
                break;
            }
            anyhow::ensure!(started.elapsed() < PATIENCE, "no answer after {} s", PATIENCE.as_secs());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        starts.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(json!({
        "restarts": restarts,
        "first_answer_ms": Spread::of(starts).json(),
        "resident_bytes": resident(stage)?,
        "resident_after_load_bytes": loaded,
        "node": ask_node(stage).await?,
    }))
}

/// What the gatekeeper has in memory (bytes).
fn resident(stage: &mut Stage) -> anyhow::Result<u64> {
    let process = stage.world.practice_mut('a').gatekeeper.process()?.id();
    let text = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}

/// Microseconds of asking the node for the facts about a viewer, each time another one: what the first request of an asker in a block pays.
async fn ask_node(stage: &Stage) -> anyhow::Result<Value> {
    let node = WsClientBuilder::default().build(stage.world.node.url()).await?;
    let at: Value = node.request("chain_getFinalizedHead", rpc_params![]).await?;
    let mut micros = Vec::new();
    for number in 0..QUESTIONS {
        let viewer = AccountId::new(sp_io::hashing::blake2_256(&number.encode()));
        let arguments = format!("0x{}", hex::encode((stage.patient.relationship, viewer).encode()));
        let started = Instant::now();
        let _facts: Value =
            node.request("state_call", rpc_params!["MedRecApi_facts", arguments, &at]).await?;
        micros.push(started.elapsed().as_secs_f64() * 1e6);
    }
    micros.sort_by(f64::total_cmp);
    Ok(json!({ "p50_us": quantile(&micros, 0.5), "p99_us": quantile(&micros, 0.99) }))
}
