//! The web page for people.

use std::path::PathBuf;

use serde::Deserialize;

/// The web page for people, at `/portal/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// The folder that the build of `portal/` made (`dist`).
    pub dir: PathBuf,
    /// WebSocket address of a node that the page may ask from the browser: not the one of `[chain]`, unless that is public.
    pub node: String,
    /// Specifications with which the page may read the chain by itself, as a light client in the browser. Without this section it asks
    /// the node.
    pub light_client: Option<PortalLightClient>,
}

/// Chains as a browser's light client is told of them: raw specifications, with bootnodes that browsers reach (`wss`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalLightClient {
    /// The relay chain's.
    pub relay_chain: PathBuf,
    /// The parachain's.
    pub parachain: PathBuf,
}
