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

use crate::chain::{nodes::Nodes, Hash};

mod emergency;
mod notices;
mod operation;
mod research;
mod store;

pub use emergency::{Emergency, LONGEST_OFFLINE_HOURS};
pub use notices::Notices;
pub use operation::{Audit, Format, Logging, Metrics, Tls, SHORTEST_RETENTION};
pub use research::Research;
pub use store::Store;

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
    /// The gatekeeper's own store.
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
    /// Statistics for researchers. Without this section, there are none.
    pub research: Option<Research>,
    /// Proofs and anchors.
    #[serde(default)]
    pub anchors: Anchors,
    /// Notices to patients, custodians and viewers.
    #[serde(default)]
    pub notices: Notices,
    /// Emergencies while the chain cannot be reached.
    #[serde(default)]
    pub emergency: Emergency,
    /// The web page for people. Without this section, none is served.
    pub portal: Option<Portal>,
    /// Pages of other origins.
    #[serde(default)]
    pub cors: Cors,
    /// Apps that may be signed in to (SMART App Launch).
    #[serde(default)]
    pub smart: Smart,
    /// What one asker may use up.
    #[serde(default)]
    pub limits: Limits,
    /// TLS by the gatekeeper itself. Without this section, a proxy in front ends it.
    pub tls: Option<Tls>,
    /// Numbers for Prometheus. Without this section, there are none.
    pub metrics: Option<Metrics>,
    /// The program's own messages.
    #[serde(default)]
    pub logging: Logging,
    /// The log of who asked for what.
    #[serde(default)]
    pub audit: Audit,
}

/// Requests that are made on chain, as the provider's own node hands them over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// The file with the secret that the node proves itself by.
    pub secret: PathBuf,
}

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

/// Who this gatekeeper is and where it answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its public address as registered on chain: scheme, host and port, without a path. Signed requests name it as their
    /// audience, so that no other gatekeeper accepts them.
    pub public_url: String,
    /// Where it listens: with TLS if there is a section `tls`, or for a proxy in front.
    #[serde(default = "default::listen")]
    pub listen: SocketAddr,
    /// The member it answers for. Found by its key on chain if left out.
    pub member: Option<MemberId>,
    /// Whether the address of the asker is the last one in `X-Forwarded-For`. Only behind a proxy that sets it.
    #[serde(default)]
    pub behind_proxy: bool,
    /// When asked to stop, say so at `/ready` for this long before new connections are refused (ms): time for whatever shares
    /// requests out among several gatekeepers to look elsewhere.
    #[serde(default)]
    pub stop_delay_ms: u64,
    /// After that, requests on their way have this long to finish (ms).
    #[serde(default = "default::stop_timeout_ms")]
    pub stop_timeout_ms: u64,
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
    /// WebSocket addresses of what stands in for it, in order, while it is lost or its finality stands still: a light client on this
    /// machine, or another node of the provider's own.
    #[serde(default)]
    pub stand_ins: Vec<String>,
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

impl Chain {
    /// The node and what stands in for it.
    pub fn nodes(&self) -> Nodes {
        Nodes::new(self.url.clone(), self.stand_ins.iter().cloned())
    }
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

/// Pages of other origins.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cors {
    /// Origins whose pages a browser lets read answers: scheme, host and port, as browsers spell them. None by default.
    pub origins: Vec<String>,
}

/// SMART App Launch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Smart {
    /// How long a code may be redeemed (s).
    pub code_s: u64,
    /// How long an access token lasts (s).
    pub access_s: u64,
    /// How long refresh tokens may follow each other after one consent (s). 0: none are given.
    pub refresh_s: u64,
    /// The apps. Others are refused.
    #[serde(rename = "client")]
    pub clients: Vec<Client>,
}

impl Default for Smart {
    fn default() -> Self {
        Self { code_s: 60, access_s: 900, refresh_s: 0, clients: Vec::new() }
    }
}

/// An app: a public client, which keeps no secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// What it calls itself in requests.
    pub id: String,
    /// What it is called on the page where its user consents.
    pub name: String,
    /// Where its users may be sent back to, letter by letter.
    pub redirect_uris: Vec<String>,
}

/// What one asker may use up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Time for the head of a request to come, from when the connection is there or the request before it was answered (ms).
    pub head_ms: u64,
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
            head_ms: 15_000,
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
    use std::net::SocketAddr;

    pub(super) fn listen() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 8080))
    }
    pub(super) fn stop_timeout_ms() -> u64 {
        10_000
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
}

/// More nodes than these would only hide that the first ones are lost.
const MOST_STAND_INS: usize = 3;

/// The longest that a gatekeeper takes to stop (ms), twice: before and after it refuses new connections.
const LONGEST_STOP_MS: u64 = 300_000;

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
        if self.chain.stand_ins.len() > MOST_STAND_INS {
            return Err(("chain.stand_ins", "three at most"));
        }
        for (at, url) in self.chain.stand_ins.iter().enumerate() {
            if !url.starts_with("ws://") && !url.starts_with("wss://") {
                return Err(("chain.stand_ins", "each must start with ws:// or wss://"));
            }
            if *url == self.chain.url || self.chain.stand_ins.iter().take(at).any(|other| other == url) {
                return Err(("chain.stand_ins", "each must differ from chain.url and from the others"));
            }
        }
        if self.gatekeeper.stop_delay_ms > LONGEST_STOP_MS
            || self.gatekeeper.stop_timeout_ms > LONGEST_STOP_MS
        {
            return Err((
                "gatekeeper.stop_delay_ms",
                "this and stop_timeout_ms may be 300000 (five minutes) at most",
            ));
        }
        if self.audit.retention_years < SHORTEST_RETENTION {
            return Err(("audit.retention_years", "must be 6 or more: 45 CFR 164.316(b)(2)(i)"));
        }
        if self.metrics.as_ref().is_some_and(|metrics| metrics.listen == self.gatekeeper.listen) {
            return Err(("metrics.listen", "must not be the address that patients and viewers ask at"));
        }
        if self
            .portal
            .as_ref()
            .is_some_and(|portal| !portal.node.starts_with("ws://") && !portal.node.starts_with("wss://"))
        {
            return Err(("portal.node", "must start with ws:// or wss://"));
        }
        if self.emergency.offline_hours > LONGEST_OFFLINE_HOURS {
            return Err((
                "emergency.offline_hours",
                "6 at most: later, the chain would not take what was signed",
            ));
        }
        if self.keys.sealing.is_empty() {
            return Err(("keys.sealing", "at least one key is needed to open what patients sealed"));
        }
        if !self.cors.origins.iter().all(|origin| is_origin(origin)) {
            return Err((
                "cors.origins",
                "each is scheme, host and port as browsers spell them: small letters, no path, no slash at the end, https (or http on loopback)",
            ));
        }
        self.smart.check()?;
        for (key, value) in [
            ("chain.max_finality_age_ms", self.chain.max_finality_age_ms),
            ("chain.timeout_ms", self.chain.timeout_ms),
            ("sign_in.challenge_s", self.sign_in.challenge_s),
            ("sign_in.session_s", self.sign_in.session_s),
            ("sign_in.sessions_per_account", self.sign_in.sessions_per_account.into()),
            ("sign_in.request_s", self.sign_in.request_s),
            ("enrolment.ticket_s", self.enrolment.ticket_s),
            ("anchors.look_s", self.anchors.look_s),
            ("anchors.reconcile_s", self.anchors.reconcile_s),
            ("notices.keep_days", self.notices.keep_days.into()),
            ("notices.webhook_timeout_ms", self.notices.webhook_timeout_ms),
            ("notices.webhook_give_up_s", self.notices.webhook_give_up_s),
            ("smart.code_s", self.smart.code_s),
            ("smart.access_s", self.smart.access_s),
            ("database.timeout_ms", self.database.timeout_ms),
            ("database.max_connections", self.database.max_connections.into()),
            ("database.max_rows", self.database.max_rows.into()),
            ("limits.body_bytes", self.limits.body_bytes as u64),
            ("limits.head_ms", self.limits.head_ms),
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
        self.store.check()?;
        if self.research.as_ref().is_some_and(|research| research.timeout_ms == 0) {
            return Err(("research.timeout_ms", "must be greater than 0"));
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
        let tls = self.tls.iter_mut().flat_map(|tls| [&mut tls.certificate, &mut tls.key]);
        let portal = self.portal.iter_mut().flat_map(|portal| {
            let specs = portal.light_client.iter_mut();
            specs.flat_map(|specs| [&mut specs.relay_chain, &mut specs.parachain]).chain([&mut portal.dir])
        });
        let research = self.research.as_mut().map(|research| &mut research.definitions);
        for path in files
            .into_iter()
            .chain(self.keys.sealing.iter_mut())
            .chain(secret)
            .chain(tls)
            .chain(portal)
            .chain(research)
            .chain(credentials)
            .chain(self.store.marker.as_mut())
            .chain(self.store.password.as_mut())
        {
            *path = folder.join(&*path);
        }
    }
}

impl Config {
    /// Origins whose pages may read answers: those listed, and those of the apps.
    pub fn origins(&self) -> Vec<String> {
        let apps = self.smart.clients.iter().flat_map(|client| &client.redirect_uris);
        let apps = apps.filter_map(|uri| origin_of(uri)).filter(|origin| is_origin(origin));
        self.cors.origins.iter().cloned().chain(apps.map(str::to_owned)).collect()
    }
}

impl Smart {
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let plain =
            |text: &str| !text.is_empty() && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_graphic());
        for (place, client) in self.clients.iter().enumerate() {
            if !plain(&client.id) || self.clients[..place].iter().any(|other| other.id == client.id) {
                return Err((
                    "smart.client.id",
                    "printable characters without spaces, and another for each app",
                ));
            }
            if client.name.trim().is_empty() || client.name.contains(char::is_control) {
                return Err(("smart.client.name", "a name that people know the app by"));
            }
            if client.redirect_uris.is_empty() || !client.redirect_uris.iter().all(|uri| is_redirect(uri)) {
                return Err((
                    "smart.client.redirect_uris",
                    "at least one; each https, http on loopback, or a scheme of the app's own with a dot in it; without fragment",
                ));
            }
        }
        Ok(())
    }
}

/// Scheme and authority of an address.
pub fn origin_of(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    uri.get(..scheme.len() + 3 + authority.len())
}

/// Whether a user may be sent to this address with a code (RFC 8252): nobody else can stand there.
fn is_redirect(uri: &str) -> bool {
    let plain = uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"'<>\\;,".contains(&byte));
    let safe = match uri.split_once(':') {
        Some(("https" | "http", _)) => origin_of(uri).is_some_and(is_origin),
        Some((scheme, rest)) => {
            let letters =
                scheme.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.');
            letters && scheme.contains('.') && rest.starts_with('/')
        }
        None => false,
    };
    plain && safe && uri.len() <= 512
}

impl Service {
    /// Host and port, as a sign-in message names them.
    pub fn domain(&self) -> &str {
        self.public_url.split_once("://").map_or(self.public_url.as_str(), |(_, rest)| rest)
    }
}

impl Limits {
    /// Time for the head of a request to come.
    pub fn head(&self) -> Duration {
        Duration::from_millis(self.head_ms)
    }

    /// Time for one request.
    pub fn request(&self) -> Duration {
        Duration::from_millis(self.request_ms)
    }
}

/// Whether a text is an origin as browsers write it in `Origin`, and one whose pages cannot be changed on their way.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    let default_port = match scheme {
        "https" => ":443",
        "http" if is_loopback(authority) => ":80",
        _ => return false,
    };
    !authority.is_empty() && authority.bytes().all(plain) && !authority.ends_with(default_port)
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
    fn config_should_serve_a_page_when_it_names_folder_and_node_only() {
        assert!(parse(LEAST).unwrap().portal.is_none());
        let config =
            parse(&format!("{LEAST}\n[portal]\ndir = \"page\"\nnode = \"wss://n.example\"")).unwrap();
        assert_eq!(config.portal.unwrap().dir, Path::new("/etc/medrec/page"));
        assert!(parse(&format!("{LEAST}\n[portal]\ndir = \"page\"")).is_err());
        let wrong = parse(&format!("{LEAST}\n[portal]\ndir = \"page\"\nnode = \"https://n.example\""));
        assert!(wrong.unwrap_err().to_string().contains("portal.node"));
    }

    #[test]
    fn config_should_have_research_when_it_names_definitions_only() {
        assert!(parse(LEAST).unwrap().research.is_none());
        let research = |more: &str| parse(&format!("{LEAST}\n[research]\n{more}"));
        let config = research("definitions = \"tables\"").unwrap().research.unwrap();
        assert_eq!(config.definitions, Path::new("/etc/medrec/tables"));
        assert!(config.place && config.timeout_ms == 600_000);
        assert!(research("").is_err());
        assert!(research("definitions = \"tables\"\ntimeout_ms = 0").is_err());
        assert!(research("definitions = \"tables\"\nrho = 1").is_err());
    }

    #[test]
    fn stand_ins_should_be_few_different_and_websockets_when_they_are_named() {
        let parse = |list: &str| parse(&LEAST.replace("[chain]", &format!("[chain]\nstand_ins = {list}")));
        let config = parse(r#"["ws://127.0.0.1:9955", "wss://second.example"]"#).unwrap();
        assert_eq!(config.chain.nodes().urls().len(), 3);
        assert_eq!(config.chain.nodes().urls()[1], "ws://127.0.0.1:9955");
        assert!(parse("[]").is_ok());
        for wrong in [
            r#"["http://127.0.0.1:9955"]"#.to_owned(),
            r#"["ws://a", "ws://a"]"#.to_owned(),
            r#"["ws://a", "ws://b", "ws://c", "ws://d"]"#.to_owned(),
            format!("[{:?}]", config.chain.url),
        ] {
            assert!(parse(&wrong).unwrap_err().to_string().contains("chain.stand_ins"), "{wrong}");
        }
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
    fn config_should_be_refused_when_an_origin_is_not_spelt_as_browsers_do() {
        let with = |origin: &str| parse(&format!("{LEAST}\n[cors]\norigins = [\"{origin}\"]"));
        for origin in ["https://portal.example.org", "https://a.example:8443", "http://localhost:3000"] {
            assert!(with(origin).is_ok(), "{origin}");
        }
        for origin in [
            "*",
            "null",
            "https://",
            "https://a.example/",
            "https://A.example",
            "https://a.example:443",
            "http://a.example",
            "https://*.example",
            "a.example",
        ] {
            assert!(with(origin).unwrap_err().to_string().contains("cors.origins"), "{origin}");
        }
    }

    #[test]
    fn config_should_be_refused_when_an_app_could_be_impersonated() {
        let with = |id: &str, uri: &str| {
            let client = |id: &str| {
                format!("[[smart.client]]\nid = '{id}'\nname = 'Chart'\nredirect_uris = ['{uri}']\n")
            };
            parse(&format!("{LEAST}\n{}{}", client("first"), client(id)))
        };
        for uri in [
            "https://app.example/cb",
            "https://app.example:8443/cb?x=1",
            "http://127.0.0.1:3000/",
            "org.example.app:/cb",
        ] {
            assert!(with("second", uri).is_ok(), "{uri}");
        }
        for uri in [
            "http://app.example/cb",
            "https://app.example/cb#x",
            "javascript:alert(1)",
            "app:/cb",
            "/cb",
            "https://",
            "https://u@app.example/",
            "data:text/html,x",
            "",
        ] {
            assert!(with("second", uri).is_err(), "{uri}");
        }
        assert!(with("first", "https://app.example/cb").unwrap_err().to_string().contains("smart.client.id"));
        let config = with("second", "https://app.example/cb").unwrap();
        assert!(config.origins().iter().all(|origin| origin == "https://app.example"));
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
