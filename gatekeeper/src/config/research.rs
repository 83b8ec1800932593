//! Settings of statistics for researchers.

use std::path::PathBuf;

use serde::Deserialize;

/// Statistics for researchers. How much may be released is not set here: the chain's limits hold, and the gatekeeper's own ledger has
/// the same.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Research {
    /// The folder with the definitions of planned tables, one file (`.toml`) each.
    pub definitions: PathBuf,
    /// Give up computing one answer after this time.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// Whether a sealed "nothing" is placed on chain for patients who have said nothing. One gatekeeper of a provider is enough.
    #[serde(default = "place")]
    pub place: bool,
}

fn timeout_ms() -> u64 {
    600_000
}

fn place() -> bool {
    true
}
