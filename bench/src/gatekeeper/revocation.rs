//! From the import of a block with a revocation to the first refusal, while the viewer asks as fast as it can.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Instant,
};

use anyhow::{ensure, Context};
use jsonrpsee::{
    core::client::{Subscription, SubscriptionClientT},
    rpc_params,
    ws_client::WsClientBuilder,
};
use medrec_client::chain::{calls::permissions, Wait};
use medrec_tests::practice::rules::Rule;
use serde_json::{json, Value};

use super::{
    load::{Connection, Target},
    stage::{Stage, TERMS},
};
use crate::stats::{quantile, Spread};

/// Connections that ask all the while.
const CONNECTIONS: usize = 4;

/// An answer: when the request left, when the answer was there, its status.
type Seen = (Instant, Instant, u16);

/// When each block was first heard of, by number.
type Blocks = Arc<Mutex<HashMap<u64, Instant>>>;

/// So many revocations, one after another.
pub async fn measure(stage: &Stage, rounds: u32) -> anyhow::Result<Value> {
    let node = WsClientBuilder::default().build(stage.world.node.url()).await?;
    let blocks = Blocks::default();
    let heads: Subscription<Value> =
        node.subscribe("chain_subscribeAllHeads", rpc_params![], "chain_unsubscribeAllHeads").await?;
    let listener = tokio::spawn(note(heads, blocks.clone()));
    let (mut refusals, mut permits) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let (refusal, permit) = one(stage, round, &blocks).await?;
        refusals.push(refusal);
        permits.push(permit);
    }
    listener.abort();
    refusals.sort_by(f64::total_cmp);
    Ok(json!({
        "revocations": rounds,
        "first_refusal_ms": Spread::of(refusals.iter().copied()).json(),
        "worst_ms": quantile(&refusals, 1.0),
        "last_permit_ms": Spread::of(permits).json(),
    }))
}

async fn note(mut heads: Subscription<Value>, blocks: Blocks) {
    while let Some(Ok(head)) = heads.next().await {
        let number = head["number"].as_str().and_then(|hex| u64::from_str_radix(hex.get(2..)?, 16).ok());
        if let (Some(number), Ok(mut blocks)) = (number, blocks.lock()) {
            blocks.entry(number).or_insert_with(Instant::now);
        }
    }
}

/// Milliseconds from the block until the first refusal was there, and until the last answer that showed something was.
async fn one(stage: &Stage, round: u32, blocks: &Blocks) -> anyhow::Result<(f64, f64)> {
    let world = &stage.world;
    let viewer = world.key(&format!("viewer to be revoked {round}"));
    let grant = world.rule(&stage.patient, &Rule::allow(&viewer, TERMS)).await?;
    let target = stage.through_gatekeeper(&viewer).await?;
    target.until_shown().await?;
    let askers: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(ask_until_refused(target.clone()))).collect();
    let revoke = permissions::revoke(stage.patient.relationship, grant);
    let done = world.chain.submit(&revoke, &stage.patient.key, Wait::InBlock).await?;
    let mut seen: Vec<Seen> = Vec::new();
    for asker in askers {
        seen.extend(asker.await??);
    }
    let block = blocks.lock().ok().and_then(|blocks| blocks.get(&done.block_number).copied());
    let block = block.context("the node did not tell of the block")?;
    let after = |moment: Instant| moment.saturating_duration_since(block).as_secs_f64() * 1e3;
    let refused = seen.iter().filter(|(_, _, status)| *status == 403).map(|(_, there, _)| *there).min();
    let shown = seen.iter().filter(|(_, _, status)| *status == 200).map(|(_, there, _)| *there).max();
    ensure!(shown.is_some(), "nothing was shown before");
    Ok((after(refused.context("never refused")?), shown.map_or(0.0, after)))
}

async fn ask_until_refused(target: Target) -> anyhow::Result<Vec<Seen>> {
    let mut connection = Connection::open(&target).await?;
    let mut seen = Vec::new();
    loop {
        let left = Instant::now();
        let status = connection.ask().await?;
        seen.push((left, Instant::now(), status));
        match status {
            200 => {}
            403 => return Ok(seen),
            status => anyhow::bail!("neither shown nor refused: {status}"),
        }
    }
}
