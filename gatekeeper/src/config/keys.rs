//! Files that hold the gatekeeper's secrets.

use std::path::PathBuf;

use serde::Deserialize;

/// Files that hold secrets. Readable by their owner alone, or refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The sr25519 key that signs answers and proposals.
    pub signing: PathBuf,
    /// X25519 secrets, in the order of their numbers on chain: the first is key 0.
    pub sealing: Vec<PathBuf>,
    /// The secret behind the pseudonyms of resources.
    pub pseudonyms: PathBuf,
}
