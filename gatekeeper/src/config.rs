//! The one configuration file.
//!
//! Every key that can be left out has a default that is safe in production. Paths are relative to the file's own folder,
//! so that a folder made by `init` can be moved as a whole. Unknown keys are refused: a misspelt limit must not be silently
//! no limit.

use std::path::{Path, PathBuf};

use serde::Deserialize;

mod chain;
mod cors;
mod database;
mod emergency;
mod keys;
mod limits;
mod notices;
mod operation;
mod portal;
mod research;
mod service;
mod sign_in;
mod smart;
mod store;

pub use chain::{Anchors, Chain, Requests};
use cors::is_origin;
pub use cors::{origin_of, Cors};
pub use database::Database;
pub use emergency::{Emergency, LONGEST_OFFLINE_HOURS};
pub use keys::Keys;
pub use limits::Limits;
pub use notices::Notices;
pub use operation::{Audit, Format, Logging, Metrics, Tls, SHORTEST_RETENTION};
pub use portal::{Portal, PortalLightClient};
pub use research::Research;
pub use service::Service;
pub use sign_in::{Enrolment, SignIn};
pub use smart::{Client, Smart};
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
        self.gatekeeper.check()?;
        self.chain.check()?;
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
            ("limits.connections", self.limits.connections as u64),
            ("limits.connections_per_address", self.limits.connections_per_address as u64),
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

#[cfg(test)]
mod tests;
