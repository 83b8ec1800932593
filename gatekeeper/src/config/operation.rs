//! Settings of what runs beside requests: TLS, metrics, the program's own messages, the log's retention.

use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;

/// TLS by the gatekeeper itself. Without this section it speaks plain HTTP, for a proxy in front that ends TLS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate and those it is signed by, in PEM, the gatekeeper's own first.
    pub certificate: PathBuf,
    /// Its key in PEM, readable by its owner alone. Both files are read again at `SIGHUP`.
    pub key: PathBuf,
}

/// Numbers for Prometheus, and health, on a listener of their own. Without this section there are none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Where `GET /metrics` is answered, without TLS and without asking who asks: loopback, or a network of the operator's own.
    pub listen: SocketAddr,
}

/// In which form the program's own messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text on a terminal, JSON everywhere else.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// Text.
    Text,
}

/// The program's own messages, on standard error. They hold nothing about patients.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logging {
    /// `auto`, `json` or `text`.
    pub format: Format,
    /// What is told: `error`, `warn`, `info`, `debug`, or filters such as `info,medrec_gatekeeper::chain=debug`. `MEDREC_LOG` beats it.
    pub level: String,
}

impl Default for Logging {
    fn default() -> Self {
        Self { format: Format::Auto, level: "info".into() }
    }
}

/// The shortest retention of the log, in years: 45 CFR 164.316(b)(2)(i).
pub const SHORTEST_RETENTION: u16 = 6;

/// The log of who asked for what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// How many whole calendar years an entry can be read after the year it was made in; then its key is destroyed.
    pub retention_years: u16,
}

impl Default for Audit {
    fn default() -> Self {
        Self { retention_years: SHORTEST_RETENTION }
    }
}
