//! Who this gatekeeper is and where it answers.

use std::net::{IpAddr, SocketAddr};

use medrec_primitives::MemberId;
use serde::Deserialize;

use super::cors::is_loopback;

/// The longest that a gatekeeper takes to stop (ms), twice: before and after it refuses new connections.
const LONGEST_STOP_MS: u64 = 300_000;

/// Who this gatekeeper is and where it answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its public address as registered on chain: scheme, host and port, without a path. Signed requests name it as their
    /// audience, so that no other gatekeeper accepts them.
    pub public_url: String,
    /// Where it listens: with TLS if there is a section `tls`, or for a proxy in front.
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// The member it answers for. Found by its key on chain if left out.
    pub member: Option<MemberId>,
    /// Whether the address of the asker is the last one in `X-Forwarded-For`. Only behind a proxy that sets it.
    #[serde(default)]
    pub behind_proxy: bool,
    /// The addresses of these proxies. Others' word on where a request comes from does not count then, and the asker is the last in the
    /// header who is none of them. Empty: whoever connects is a proxy.
    #[serde(default)]
    pub proxies: Vec<IpAddr>,
    /// When asked to stop, say so at `/ready` for this long before new connections are refused (ms): time for whatever shares
    /// requests out among several gatekeepers to look elsewhere.
    #[serde(default)]
    pub stop_delay_ms: u64,
    /// After that, requests on their way have this long to finish (ms).
    #[serde(default = "stop_timeout_ms")]
    pub stop_timeout_ms: u64,
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn stop_timeout_ms() -> u64 {
    10_000
}

impl Service {
    /// What is wrong, with the key that it is about.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let url = &self.public_url;
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
        if !self.behind_proxy && !self.proxies.is_empty() {
            return Err(("gatekeeper.proxies", "goes with behind_proxy = true"));
        }
        if self.stop_delay_ms > LONGEST_STOP_MS || self.stop_timeout_ms > LONGEST_STOP_MS {
            return Err((
                "gatekeeper.stop_delay_ms",
                "this and stop_timeout_ms may be 300000 (five minutes) at most",
            ));
        }
        Ok(())
    }

    /// Host and port, as a sign-in message names them.
    pub fn domain(&self) -> &str {
        self.public_url.split_once("://").map_or(self.public_url.as_str(), |(_, rest)| rest)
    }
}
