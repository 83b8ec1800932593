//! One HTTP exchange: bounded in time and size, never redirected.

use std::time::Duration;

use reqwest::{header::HeaderMap, redirect, RequestBuilder, StatusCode};
use serde_json::Value;

use super::error::GatekeeperError;

const TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Chooses the implementation of TLS for the process, once.
pub(crate) fn install_crypto() {
    // It fails only where one was chosen already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub(super) struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A client for the gatekeeper at `base`.
pub(super) fn client(base: &str) -> Result<reqwest::Client, GatekeeperError> {
    let unreachable = |reason: String| GatekeeperError::Unreachable { url: base.into(), reason };
    let url = reqwest::Url::parse(base).map_err(|error| unreachable(error.to_string()))?;
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(unreachable("it is neither encrypted (https) nor on this machine".into()));
    }
    install_crypto();
    let builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("medrec/", env!("CARGO_PKG_VERSION")));
    let builder = if loopback { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| unreachable(words(&error)))
}

/// Sends a request and reads the whole answer.
pub(super) async fn send(request: RequestBuilder, base: &str) -> Result<Answered, GatekeeperError> {
    let unreachable =
        |error: reqwest::Error| GatekeeperError::Unreachable { url: base.into(), reason: words(&error) };
    let response = request.send().await.map_err(unreachable)?;
    answered(response, base).await
}

/// Reads the whole of an answer that has begun.
pub(super) async fn answered(
    mut response: reqwest::Response,
    base: &str,
) -> Result<Answered, GatekeeperError> {
    let unreachable =
        |error: reqwest::Error| GatekeeperError::Unreachable { url: base.into(), reason: words(&error) };
    let (status, headers) = (response.status(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(GatekeeperError::Malformed("more than can be taken in one answer"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answered { status, headers, body })
}

impl Answered {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The gatekeeper's words for an answer that is no success.
    pub fn refusal(&self) -> GatekeeperError {
        let said: Option<Value> = serde_json::from_slice(&self.body).ok();
        let text = |pointer: &str| said.as_ref()?.pointer(pointer)?.as_str().map(printable);
        // FHIR's OperationOutcome, or a `messages::Problem`.
        let message = text("/issue/0/details/text")
            .or_else(|| text("/issue/0/diagnostics"))
            .or_else(|| text("/message"))
            .unwrap_or_else(|| self.status.canonical_reason().unwrap_or("nothing more").to_owned());
        let retry_after = self.header("retry-after").and_then(|seconds| seconds.parse().ok());
        GatekeeperError::Refused { status: self.status.as_u16(), message, retry_after }
    }
}

/// A stranger's words, fit for a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

/// The error with its causes: the outermost alone never says what happened.
pub(super) fn words(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}
