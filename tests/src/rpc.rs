//! What a node says of its chain, by JSON-RPC over HTTP.

use std::time::{Duration, Instant};

use anyhow::{bail, Context, Result};
use medrec_primitives::AccountId;
use serde_json::{json, Value};

use crate::wire;

/// A node's address for JSON-RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rpc {
    address: String,
}

impl Rpc {
    /// At `127.0.0.1:<port>`.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into() }
    }

    /// `127.0.0.1:<port>`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `ws://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// One call.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value> {
        wire::json_rpc(&self.address, "/", method, params).await
    }

    /// The number of the best block.
    pub async fn best_number(&self) -> Result<u64> {
        number(&self.call("chain_getHeader", json!([])).await?)
    }

    /// The number of the last finalised block.
    pub async fn finalised_number(&self) -> Result<u64> {
        let hash = self.call("chain_getFinalizedHead", json!([])).await?;
        number(&self.call("chain_getHeader", json!([hash])).await?)
    }

    /// The hash of a block by its number, as this node's best chain has it.
    pub async fn hash(&self, number: u64) -> Result<Option<String>> {
        Ok(self.call("chain_getBlockHash", json!([number])).await?.as_str().map(str::to_owned))
    }

    /// Waits until the last finalised block has at least this number.
    pub async fn wait_finalised(&self, goal: u64, patience: Duration) -> Result<()> {
        let started = Instant::now();
        loop {
            let found = self.finalised_number().await;
            if found.as_ref().is_ok_and(|number| *number >= goal) {
                return Ok(());
            }
            if started.elapsed() > patience {
                bail!(
                    "block {goal} is not final at {} after {} s: {found:?}",
                    self.address,
                    patience.as_secs()
                );
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Who made a block: the session key whose turn its slot was.
    pub async fn author(&self, number: u64) -> Result<AccountId> {
        let hash = self.hash(number).await?.with_context(|| format!("no block {number}"))?;
        let header = self.call("chain_getHeader", json!([hash])).await?;
        let slot = slot(&header).with_context(|| format!("no slot in {header}"))?;
        // Those of the parent's state: a session may begin with the block itself.
        let parent = &header["parentHash"];
        let keys = self.call("state_call", json!(["AuraApi_authorities", "0x", parent])).await?;
        let keys = hex::decode(keys.as_str().context("authorities")?.trim_start_matches("0x"))?;
        let keys: Vec<AccountId> = codec::Decode::decode(&mut &keys[..])?;
        let count = u64::try_from(keys.len())?;
        let turn = usize::try_from(slot.checked_rem(count).context("no authorities")?)?;
        Ok(keys[turn].clone())
    }
}

/// The number in a header.
fn number(header: &Value) -> Result<u64> {
    let text = header["number"].as_str().with_context(|| format!("not a header: {header}"))?;
    Ok(u64::from_str_radix(text.trim_start_matches("0x"), 16)?)
}

/// The slot in a header: a digest item of Aura's, before the runtime.
fn slot(header: &Value) -> Option<u64> {
    const AURA: &str = "0x066175726120";
    let logs = header["digest"]["logs"].as_array()?;
    let slot = logs.iter().filter_map(Value::as_str).find_map(|log| log.strip_prefix(AURA))?;
    Some(u64::from_le_bytes(hex::decode(slot).ok()?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_should_be_read_when_aura_says_it() {
        let header = json!({ "digest": { "logs": ["0x045250535290", concat!("0x066175726120", "0502000000000000")] } });
        assert_eq!(slot(&header), Some(0x205));
        assert_eq!(slot(&json!({ "digest": { "logs": ["0x045250535290"] } })), None);
    }
}
