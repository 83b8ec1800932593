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
}
