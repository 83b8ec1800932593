//! The chain: where it is, when it is relied on, and what is done about it.

use std::path::PathBuf;

use serde::Deserialize;

use crate::chain::{nodes::Nodes, Hash};

/// The chain that decides.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// WebSocket address of a node of the provider's own.
    pub url: String,
    /// WebSocket addresses of what stands in for it, in order, while it is lost or its finality stands still: a light client on this
    /// machine, or another node of the provider's own.
    #[serde(default)]
    pub stand_ins: Vec<String>,
    /// Genesis hash. If left out, the first chain met is remembered and any other refused.
    pub genesis: Option<Hash>,
    /// Refuse once the last finalised block was seen longer ago than this.
    #[serde(default = "max_finality_age_ms")]
    pub max_finality_age_ms: u64,
    /// Refuse while chain time and local clock are further apart than this.
    #[serde(default = "max_clock_gap_ms")]
    pub max_clock_gap_ms: u64,
    /// Give up a question to the node after this time.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
}

/// More nodes than these would only hide that the first ones are lost.
const MOST_STAND_INS: usize = 3;

impl Chain {
    /// The node and what stands in for it.
    pub fn nodes(&self) -> Nodes {
        Nodes::new(self.url.clone(), self.stand_ins.iter().cloned())
    }

    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let is_websocket = |url: &String| url.starts_with("ws://") || url.starts_with("wss://");
        if !is_websocket(&self.url) {
            return Err(("chain.url", "must start with ws:// or wss://"));
        }
        if self.stand_ins.len() > MOST_STAND_INS {
            return Err(("chain.stand_ins", "three at most"));
        }
        for (at, url) in self.stand_ins.iter().enumerate() {
            if !is_websocket(url) {
                return Err(("chain.stand_ins", "each must start with ws:// or wss://"));
            }
            if *url == self.url || self.stand_ins.iter().take(at).any(|other| other == url) {
                return Err(("chain.stand_ins", "each must differ from chain.url and from the others"));
            }
        }
        Ok(())
    }
}

fn max_finality_age_ms() -> u64 {
    60_000
}

fn max_clock_gap_ms() -> u64 {
    30_000
}

fn timeout_ms() -> u64 {
    10_000
}

/// Requests that are made on chain, as the provider's own node hands them over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// The file with the secret that the node proves itself by.
    pub secret: PathBuf,
}

/// Proofs and anchors.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Anchors {
    /// Whether this gatekeeper anchors at all.
    pub enabled: bool,
    /// How often it looks for new, changed and deleted records (s).
    pub look_s: u64,
    /// How often it looks at all records of everybody, whatever change columns say (s).
    pub reconcile_s: u64,
}

impl Default for Anchors {
    fn default() -> Self {
        Self { enabled: true, look_s: 60, reconcile_s: 3600 }
    }
}
