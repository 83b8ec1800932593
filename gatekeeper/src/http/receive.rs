//! Reading a request whole and within bounds, and finding out who sent it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::{
    body::{to_bytes, Bytes},
    extract::{ConnectInfo, Request},
    http::{header, request::Parts, HeaderMap, StatusCode},
};

use super::{problem::Problem, sealed::SentTarget};
use crate::{
    auth::{Asker, AuthError, Credential},
    pipeline::{Gatekeeper, Settings},
};

/// The longest path and query.
const TARGET_BYTES: usize = 8 * 1024;

/// How much, and for how long, is read of a body that is refused for its size.
const DRAIN_BYTES: usize = 1024 * 1024;
const DRAIN: Duration = Duration::from_millis(500);

/// A request that has come whole.
pub struct Incoming {
    /// All but the body.
    pub parts: Parts,
    /// Path and query as they were sent.
    pub target: String,
    /// The body.
    pub body: Bytes,
}

/// Reads a request.
pub async fn receive(gatekeeper: &Gatekeeper, request: Request) -> Result<Incoming, Problem> {
    let most = gatekeeper.settings.limits.body_bytes;
    let (parts, body) = request.into_parts();
    let target = match parts.extensions.get::<SentTarget>() {
        Some(SentTarget(target)) => target.clone(),
        None => parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
    };
    if target.len() > TARGET_BYTES {
        return Err(Problem::malformed("the address is too long"));
    }
    let announced =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > most) {
        // Whoever is still sending would lose the answer with the connection, so some of it is taken and thrown away.
        let _ = tokio::time::timeout(DRAIN, to_bytes(body, DRAIN_BYTES)).await;
        return Err(Problem::too_large(most));
    }
    let body = to_bytes(body, most).await.map_err(|error| {
        if is_length_limit(&error) {
            Problem::too_large(most)
        } else {
            Problem::malformed("the body did not come whole")
        }
    })?;
    Ok(Incoming { parts, target, body })
}

/// Reads a request that the person must have signed itself, and finds out who that is. For what a stolen session must not do.
pub async fn receive_signed(gatekeeper: &Gatekeeper, request: Request) -> Result<(Asker, Incoming), Problem> {
    let incoming = receive(gatekeeper, request).await?;
    match credential(&incoming.parts.headers)?.ok_or(AuthError::Missing)? {
        Credential::Signed(_) => Ok((incoming.authenticate(gatekeeper).await?, incoming)),
        Credential::Bearer(_) => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "this address takes requests that the person signs itself (MedRec-Signature), not sessions",
        )),
    }
}

fn is_length_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    error.to_string().contains("length limit") || error.source().is_some_and(is_length_limit)
}

/// The one `Authorization` header, if there is any.
pub fn credential(headers: &HeaderMap) -> Result<Option<Credential>, AuthError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(AuthError::Malformed);
    }
    Credential::parse(value.to_str().map_err(|_| AuthError::Malformed)?).map(Some)
}

impl Incoming {
    /// Who sent it.
    pub async fn authenticate(&self, gatekeeper: &Gatekeeper) -> Result<Asker, Problem> {
        let credential = credential(&self.parts.headers)?.ok_or(AuthError::Missing)?;
        let method = self.parts.method.as_str();
        Ok(gatekeeper.auth.authenticate(&credential, method, &self.target, &self.body).await?)
    }

    /// The body as JSON of a known shape.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Problem> {
        let kind =
            self.parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Problem::malformed("send JSON, with Content-Type: application/json"));
        }
        serde_json::from_slice(&self.body).map_err(|error| Problem::malformed(format!("the body: {error}")))
    }

    /// The query, without its question mark.
    pub fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or("")
    }
}

/// Where a request comes from, for limits.
pub fn address(request: &Request, settings: &Settings) -> IpAddr {
    let forwarded = || {
        let last = request.headers().get_all("x-forwarded-for").iter().next_back()?;
        last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let peer = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let address = if settings.behind_proxy { forwarded().or_else(peer) } else { peer() };
    match address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) {
        // Whoever has one IPv6 address has all of its network.
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.into(),
            None => std::net::Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
        },
        address => address,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn credential_should_be_refused_when_there_are_two() {
        let mut headers = HeaderMap::new();
        assert!(matches!(credential(&headers), Ok(None)));
        headers.append(header::AUTHORIZATION, "Bearer a".parse().unwrap());
        assert!(matches!(credential(&headers), Ok(Some(Credential::Bearer(_)))));
        headers.append(header::AUTHORIZATION, "Bearer b".parse().unwrap());
        assert!(matches!(credential(&headers), Err(AuthError::Malformed)));
    }

    #[tokio::test]
    async fn limit_should_be_recognised_when_a_body_is_too_long() {
        let error = to_bytes(axum::body::Body::from(vec![0; 10]), 9).await.unwrap_err();
        assert!(is_length_limit(&error));
    }
}
