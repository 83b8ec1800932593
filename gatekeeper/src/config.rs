//! The one configuration file.
//!
//! Every key that can be left out has a default that is safe in production. Paths are relative to the file's own folder,
//! so that a folder made by `init` can be moved as a whole. Unknown keys are refused: a misspelt limit must not be silently
//! no limit.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use medrec_primitives::MemberId;
use serde::Deserialize;

use crate::chain::Hash;

/// All settings. See the commented file that `init` writes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who this gatekeeper is and where it answers.
    pub gatekeeper: Service,
    /// Files that hold its secrets.
    pub keys: Keys,
    /// The chain that decides.
    pub chain: Chain,
    /// The provider's database.
    pub database: Database,
    /// The gatekeeper's own file.
    #[serde(default)]
    pub store: Store,
    /// Sign-in and signed requests.
    #[serde(default)]
    pub sign_in: SignIn,
    /// Enrolment of patients.
    #[serde(default)]
    pub enrolment: Enrolment,
    /// Requests that are made on chain. Without this section, none are taken from a node.
    pub requests: Option<Requests>,
    /// What one asker may use up.
    #[serde(default)]
    pub limits: Limits,
}

/// Requests that are made on chain, as the provider's own node hands them over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// The file with the secret that the node proves itself by.
    pub secret: PathBuf,
}

/// Who this gatekeeper is and where it answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its public address as registered on chain: scheme, host and port, without a path. Signed requests name it as their
    /// audience, so that no other gatekeeper accepts them.
    pub public_url: String,
    /// Where it listens. TLS is ended by a proxy in front.
    #[serde(default = "default::listen")]
    pub listen: SocketAddr,
    /// The member it answers for. Found by its key on chain if left out.
    pub member: Option<MemberId>,
    /// Whether the address of the asker is the last one in `X-Forwarded-For`. Only behind a proxy that sets it.
    #[serde(default)]
    pub behind_proxy: bool,
}

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

/// The chain that decides.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// WebSocket address of a node of the provider's own.
    pub url: String,
    /// Genesis hash. If left out, the first chain met is remembered and any other refused.
    pub genesis: Option<Hash>,
    /// Refuse once the last finalised block was seen longer ago than this.
    #[serde(default = "default::max_finality_age_ms")]
    pub max_finality_age_ms: u64,
    /// Refuse while chain time and local clock are further apart than this.
    #[serde(default = "default::max_clock_gap_ms")]
    pub max_clock_gap_ms: u64,
    /// Give up a question to the node after this time.
    #[serde(default = "default::chain_timeout_ms")]
    pub timeout_ms: u64,
}

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
    #[serde(default = "default::database_timeout_ms")]
    pub timeout_ms: u64,
    /// Connections kept open at most.
    #[serde(default = "default::database_connections")]
    pub max_connections: u32,
    /// Rows of one patient and type looked at for one answer, at most. More are refused rather than cut off.
    #[serde(default = "default::database_rows")]
    pub max_rows: u32,
}

/// The gatekeeper's own file: tickets, bindings, sessions, used nonces, log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// Where it is.
    #[serde(default = "default::store_path")]
    pub path: PathBuf,
}

impl Default for Store {
    fn default() -> Self {
        Self { path: default::store_path() }
    }
}

/// Sign-in and signed requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// How long a challenge may be answered (s).
    pub challenge_s: u64,
    /// How long a session lasts (s).
    pub session_s: u64,
    /// Sessions of one account at a time; the oldest goes first.
    pub sessions_per_account: u32,
    /// How far ahead a signed request may set its expiry (s).
    pub request_s: u64,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { challenge_s: 300, session_s: 900, sessions_per_account: 8, request_s: 300 }
    }
}

/// Enrolment of patients.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Enrolment {
    /// How long a ticket may be used (s).
    pub ticket_s: u64,
}

impl Default for Enrolment {
    fn default() -> Self {
        Self { ticket_s: 3600 }
    }
}

/// What one asker may use up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Time for a request, arrival of its body included (ms).
    pub request_ms: u64,
    /// Requests handled at the same time.
    pub concurrent: usize,
    /// Requests from one address each minute.
    pub per_address_per_minute: u32,
    /// Sign-ins, challenges and enrolments from one address each minute.
    pub sign_ins_per_address_per_minute: u32,
    /// Reads by one account each minute.
    pub per_account_per_minute: u32,
    /// A denial leaves at a multiple of this after the request came (ms), so that its timing tells nothing.
    pub denial_quantum_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            request_ms: 30_000,
            concurrent: 512,
            per_address_per_minute: 3000,
            sign_ins_per_address_per_minute: 600,
            per_account_per_minute: 1200,
            denial_quantum_ms: 50,
        }
    }
}

mod default {
    use std::{net::SocketAddr, path::PathBuf};

    pub(super) fn listen() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 8080))
    }
    pub(super) fn max_finality_age_ms() -> u64 {
        60_000
    }
    pub(super) fn max_clock_gap_ms() -> u64 {
        30_000
    }
    pub(super) fn chain_timeout_ms() -> u64 {
        10_000
    }
    pub(super) fn database_timeout_ms() -> u64 {
        5_000
    }
    pub(super) fn database_connections() -> u32 {
        8
    }
    pub(super) fn database_rows() -> u32 {
        5_000
    }
    pub(super) fn store_path() -> PathBuf {
        "gatekeeper.sqlite".into()
    }
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not what is expected; the message has line and column.
    #[error("{path}: {error}")]
    Parse {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: Box<toml::de::Error>,
    },
    /// A value makes no sense.
    #[error("{path}: {key}: {reason}")]
    Value {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
        /// Why.
        reason: &'static str,
    },
}

impl Config {
    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Read { path: path.to_owned(), error })?;
        Self::parse(&text, path)
    }

    /// Checks the text of a file that stands at `path`.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text)
            .map_err(|error| ConfigError::Parse { path: path.to_owned(), error: Box::new(error) })?;
        config.check().map_err(|(key, reason)| ConfigError::Value { path: path.to_owned(), key, reason })?;
        config.resolve(path.parent().unwrap_or_else(|| Path::new("")));
        Ok(config)
    }

    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let url = &self.gatekeeper.public_url;
        let Some(authority) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
            return Err(("gatekeeper.public_url", "must start with https:// (or http:// on loopback)"));
        };
        if authority.is_empty() || authority.contains(['/', '?', '#', '@', ' ']) {
            return Err((
                "gatekeeper.public_url",
                "scheme, host and port only, without a path or a slash at the end",
            ));
        }
        if url.starts_with("http://") && !is_loopback(authority) {
            return Err(("gatekeeper.public_url", "http is for loopback only; anything else needs https"));
        }
        if !self.chain.url.starts_with("ws://") && !self.chain.url.starts_with("wss://") {
            return Err(("chain.url", "must start with ws:// or wss://"));
        }
        if self.keys.sealing.is_empty() {
            return Err(("keys.sealing", "at least one key is needed to open what patients sealed"));
        }
        for (key, value) in [
            ("chain.max_finality_age_ms", self.chain.max_finality_age_ms),
            ("chain.timeout_ms", self.chain.timeout_ms),
            ("sign_in.challenge_s", self.sign_in.challenge_s),
            ("sign_in.session_s", self.sign_in.session_s),
            ("sign_in.sessions_per_account", self.sign_in.sessions_per_account.into()),
            ("sign_in.request_s", self.sign_in.request_s),
            ("enrolment.ticket_s", self.enrolment.ticket_s),
            ("database.timeout_ms", self.database.timeout_ms),
            ("database.max_connections", self.database.max_connections.into()),
            ("database.max_rows", self.database.max_rows.into()),
            ("limits.body_bytes", self.limits.body_bytes as u64),
            ("limits.request_ms", self.limits.request_ms),
            ("limits.concurrent", self.limits.concurrent as u64),
            ("limits.per_address_per_minute", self.limits.per_address_per_minute.into()),
            ("limits.sign_ins_per_address_per_minute", self.limits.sign_ins_per_address_per_minute.into()),
            ("limits.per_account_per_minute", self.limits.per_account_per_minute.into()),
        ] {
            if value == 0 {
                return Err((key, "must be greater than 0"));
            }
        }
        Ok(())
    }

    fn resolve(&mut self, folder: &Path) {
        let files = [
            &mut self.keys.signing,
            &mut self.keys.pseudonyms,
            &mut self.database.mapping,
            &mut self.store.path,
        ];
        let secret = self.requests.as_mut().map(|requests| &mut requests.secret);
        let credentials = self.database.credentials.as_mut();
        for path in files.into_iter().chain(self.keys.sealing.iter_mut()).chain(secret).chain(credentials) {
            *path = folder.join(&*path);
        }
    }
}

impl Service {
    /// Host and port, as a sign-in message names them.
    pub fn domain(&self) -> &str {
        self.public_url.split_once("://").map_or(self.public_url.as_str(), |(_, rest)| rest)
    }
}

impl Limits {
    /// Time for one request.
    pub fn request(&self) -> Duration {
        Duration::from_millis(self.request_ms)
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LEAST: &str = r#"
        [gatekeeper]
        public_url = "https://gatekeeper.example.org"
        [keys]
        signing = "signing.key"
        sealing = ["sealing-0.key"]
        pseudonyms = "/elsewhere/pseudonyms.key"
        [chain]
        url = "ws://127.0.0.1:9944"
        [database]
        url = "sqlite:hospital.sqlite"
        mapping = "mapping.toml"
    "#;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("/etc/medrec/gatekeeper.toml"))
    }

    #[test]
    fn config_should_fill_defaults_when_only_the_least_is_given() {
        let config = parse(LEAST).unwrap();
        assert_eq!(config.limits.body_bytes, 64 * 1024);
        assert_eq!(config.chain.max_finality_age_ms, 60_000);
        assert_eq!(config.gatekeeper.domain(), "gatekeeper.example.org");
        assert_eq!(config.gatekeeper.member, None);
    }

    #[test]
    fn config_should_resolve_paths_against_its_folder_when_relative() {
        let config = parse(LEAST).unwrap();
        assert_eq!(config.keys.signing, Path::new("/etc/medrec/signing.key"));
        assert_eq!(config.keys.sealing, [Path::new("/etc/medrec/sealing-0.key")]);
        assert_eq!(config.keys.pseudonyms, Path::new("/elsewhere/pseudonyms.key"));
        assert_eq!(config.store.path, Path::new("/etc/medrec/gatekeeper.sqlite"));
    }

    #[test]
    fn config_should_take_requests_from_a_node_when_it_says_so_only() {
        assert!(parse(LEAST).unwrap().requests.is_none());
        let config = parse(&format!("{LEAST}\n[requests]\nsecret = \"hand-over.key\"")).unwrap();
        assert_eq!(config.requests.unwrap().secret, Path::new("/etc/medrec/hand-over.key"));
        assert!(parse(&format!("{LEAST}\n[requests]")).is_err());
    }

    #[test]
    fn config_should_be_refused_when_a_key_is_unknown() {
        let text = LEAST.replace("[chain]", "[chain]\nmax_finality_age = 5");
        assert!(parse(&text).unwrap_err().to_string().contains("max_finality_age"));
    }

    #[test]
    fn config_should_be_refused_when_the_public_url_has_a_path_or_is_plain() {
        for url in [
            "https://a.example/",
            "https://a.example/x",
            "http://a.example",
            "ftp://a",
            "https://",
            "http://localhost.evil.example",
        ] {
            let text = LEAST.replace("https://gatekeeper.example.org", url);
            assert!(parse(&text).is_err(), "{url}");
        }
        for url in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080"] {
            let text = LEAST.replace("https://gatekeeper.example.org", url);
            assert!(parse(&text).is_ok(), "{url}");
        }
    }

    #[test]
    fn config_should_be_refused_when_a_limit_is_zero() {
        let text = format!("{LEAST}\n[limits]\nbody_bytes = 0");
        assert!(parse(&text).unwrap_err().to_string().contains("limits.body_bytes"));
    }

    #[test]
    fn config_should_take_a_genesis_when_written_as_hex() {
        let text = LEAST.replace("[database]", &format!("genesis = \"0x{}\"\n[database]", "ab".repeat(32)));
        assert_eq!(parse(&text).unwrap().chain.genesis, Some(Hash::repeat_byte(0xab)));
    }
}
