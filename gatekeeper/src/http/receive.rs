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
    limits::network,
    pipeline::{Gatekeeper, Settings},
    store::recall::AsOf,
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

    /// Who sent it, as far as is remembered: see [`crate::auth::Authenticator::recognise`].
    pub async fn recognise(&self, gatekeeper: &Gatekeeper) -> Result<(Asker, AsOf), Problem> {
        let credential = credential(&self.parts.headers)?.ok_or(AuthError::Missing)?;
        let method = self.parts.method.as_str();
        Ok(gatekeeper.auth.recognise(&credential, method, &self.target, &self.body).await?)
    }

    /// The body, if it is a form.
    pub fn form(&self) -> Option<&str> {
        let kind = self.parts.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let form = kind.split(';').next()?.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded");
        form.then(|| std::str::from_utf8(&self.body).ok()).flatten()
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
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let believed = settings
        .proxies
        .as_deref()
        .filter(|proxies| proxies.is_empty() || peer.is_some_and(|peer| proxies.contains(&peer)));
    let address = believed.and_then(|proxies| forwarded(request.headers(), proxies)).or(peer);
    network(address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
}

/// The last address that is no proxy's: what stands before it, anybody may have written.
fn forwarded(headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|line| line.to_str().ok()).collect::<Option<_>>()?;
    let mut found = None;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(address) = hop_address(hop.trim()) else { break };
        found = Some(address);
        if !proxies.contains(&address) {
            break;
        }
    }
    found
}

/// An address with or without a port, as proxies write it.
fn hop_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()))?;
    Some(address.to_canonical())
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

    #[test]
    fn asker_should_be_the_last_who_is_no_proxy() {
        let of = |lines: &[&str], proxies: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            let proxies: Vec<IpAddr> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
            forwarded(&headers, &proxies).map(|address| address.to_string())
        };
        for (lines, proxies, found) in [
            (&["192.0.2.7"] as &[&str], &[] as &[&str], Some("192.0.2.7")),
            // What the asker wrote itself stands before what the proxy added.
            (&["203.0.113.9, 192.0.2.7"], &[], Some("192.0.2.7")),
            (&["203.0.113.9", "192.0.2.7"], &[], Some("192.0.2.7")),
            (&["203.0.113.9, 192.0.2.7, 10.0.0.2"], &["10.0.0.1", "10.0.0.2"], Some("192.0.2.7")),
            (&["10.0.0.2"], &["10.0.0.1", "10.0.0.2"], Some("10.0.0.2")),
            (&["192.0.2.7:4711"], &[], Some("192.0.2.7")),
            (&["[2001:db8::7]:4711"], &[], Some("2001:db8::7")),
            (&["[2001:db8::7]"], &[], Some("2001:db8::7")),
            (&["::ffff:192.0.2.7"], &[], Some("192.0.2.7")),
            // Who cannot be told is who connects.
            (&["unknown"], &[], None),
            (&["192.0.2.7, unknown"], &[], None),
            (&[], &[], None),
        ] {
            assert_eq!(of(lines, proxies).as_deref(), found, "{lines:?} {proxies:?}");
        }
    }

    #[tokio::test]
    async fn limit_should_be_recognised_when_a_body_is_too_long() {
        let error = to_bytes(axum::body::Body::from(vec![0; 10]), 9).await.unwrap_err();
        assert!(is_length_limit(&error));
    }
}
