//! The provider's database.

use std::path::PathBuf;

use serde::Deserialize;

/// The provider's database, which is only ever read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:`, `postgres:` or `mysql:` address, or that of a FHIR server, `fhir+https:`.
    pub url: String,
    /// The file with the credentials for a FHIR server: `Bearer <token>` or `Basic <user>:<password>`.
    #[serde(default)]
    pub credentials: Option<PathBuf>,
    /// The file that says how its rows become FHIR resources.
    pub mapping: PathBuf,
    /// Give up a query after this time.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// Connections kept open at most.
    #[serde(default = "connections")]
    pub max_connections: u32,
    /// Rows of one patient and type looked at for one answer, at most. More are refused rather than cut off.
    #[serde(default = "rows")]
    pub max_rows: u32,
}

fn timeout_ms() -> u64 {
    5_000
}

fn connections() -> u32 {
    8
}

fn rows() -> u32 {
    5_000
}
