//! What is where in a running network: `network.json` for programs, `network.env` for the shell of who joins it.
//!
//! ```json
//! {
//!   "parachain": { "id": 1000, "spec": "/tmp/zombie-1/medrec-local.json" },
//!   "relay_chain": { "spec": "/tmp/zombie-1/westend-local.json" },
//!   "nodes": [{
//!     "name": "collator-1", "role": "collator", "ws": "ws://127.0.0.1:40001",
//!     "address": "/ip4/127.0.0.1/tcp/40002/ws/p2p/12D3...", "folder": "/tmp/zombie-1/collator-1", "process": 4711
//!   }]
//! }
//! ```
//!
//! `network.env` sets `PARACHAIN_SPEC`, `RELAY_SPEC`, `PARACHAIN_BOOTNODE` and `RELAY_BOOTNODE`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{json, Value};
use zombienet_sdk::{LocalFileSystem, Network};

/// Writes both into the network's folder, and gives the folder.
pub fn write(network: &Network<LocalFileSystem>, parachain: u32) -> anyhow::Result<PathBuf> {
    let folder = Path::new(network.base_dir().context("the network's folder")?);
    let chain = network.parachain(parachain).context("the parachain")?;
    let collators: Vec<&str> = chain.collators().into_iter().map(|node| node.name()).collect();
    let nodes = network
        .nodes()
        .into_iter()
        .map(|node| {
            let told = serde_json::to_value(node)?;
            Ok(json!({
                "name": node.name(),
                "role": if collators.contains(&node.name()) { "collator" } else { "validator" },
                "ws": node.ws_uri(),
                "address": node.multiaddr(),
                "folder": node.base_dir(),
                "process": told["inner"]["process_handle"],
            }))
        })
        .collect::<anyhow::Result<Vec<Value>>>()?;
    let spec = chain.chain_spec_path().context("the parachain's specification")?;
    let parachain_spec = folder.join(spec);
    let relay_spec = folder.join(network.relaychain().chain_spec_path());
    let collator = chain.collators().into_iter().next().context("a collator")?;
    let validator = network.relaychain().nodes().into_iter().next().context("a validator")?;
    let variables = format!(
        "PARACHAIN_SPEC={parachain_spec:?}\nRELAY_SPEC={relay_spec:?}\nPARACHAIN_BOOTNODE={}\nRELAY_BOOTNODE={}\n",
        collator.multiaddr(),
        validator.multiaddr()
    );
    std::fs::write(folder.join("network.env"), variables)?;
    let described = json!({
        "parachain": { "id": parachain, "spec": parachain_spec },
        "relay_chain": { "spec": relay_spec },
        "nodes": nodes,
    });
    // In one step: who waits for the file never sees half of it.
    let partial = folder.join("network.json.part");
    std::fs::write(&partial, serde_json::to_vec_pretty(&described)?)?;
    std::fs::rename(&partial, folder.join("network.json"))?;
    Ok(folder.to_path_buf())
}
