//! Pages of other origins: which of them a browser lets read our answers (Fetch standard, CORS protocol).
//!
//! What describes the service may be read from anywhere. All else may be read by pages of the origins in the configuration,
//! named one by one, and of its apps. Cookies and other ambient credentials are never allowed to come along: whoever asks sends a token that a
//! script had to be given. A page that may not read gets no header of this protocol at all.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{header, HeaderMap, HeaderValue, Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::Front;

/// What describes the service, and nobody's records.
const PUBLIC: [&str; 2] = ["/fhir/metadata", "/fhir/.well-known/smart-configuration"];

/// What a share link leads to: whoever holds one may take it to any viewer, as its specification says.
const SHARED: &str = "/shl/";

/// Pages that only people read: no script of another page takes a user through them.
const OWN_PAGES: [&str; 4] = ["/smart/authorize", "/smart/challenge", "/smart/sign-in", "/smart/consent"];

/// Methods that any route takes.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE, OPTIONS");

/// Headers that a page may send.
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("Accept, Authorization, Content-Type, If-None-Match, Last-Event-ID, Prefer");

/// Headers that a page may read: without signature and date no answer can be verified.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Location, ETag, Last-Modified, Link, Location, MedRec-Date, MedRec-Receipt-Salt, MedRec-Signature, Retry-After, WWW-Authenticate",
);

/// How long a browser may remember what it was told (s).
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Answers preflights, and says on every other answer who may read it.
pub async fn cors(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let public = PUBLIC.contains(&path) || path.starts_with(SHARED);
    let own = OWN_PAGES.contains(&request.uri().path());
    let origins = if own { &[][..] } else { &front.gatekeeper.settings.origins };
    let allowed = allowed(request.headers(), public, origins);
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (preflight, &allowed) {
        (true, Some(_)) => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    if !public {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    let Some(origin) = allowed else { return response };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    } else {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

/// What goes into `Access-Control-Allow-Origin`, if the page may read the answer.
fn allowed(headers: &HeaderMap, public: bool, origins: &[String]) -> Option<HeaderValue> {
    let mut sent = headers.get_all(header::ORIGIN).iter();
    let (origin, None) = (sent.next()?, sent.next()) else { return None };
    if public {
        return Some(HeaderValue::from_static("*"));
    }
    origins.iter().any(|known| known.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(origins: &[&'static str]) -> HeaderMap {
        origins.iter().map(|origin| (header::ORIGIN, HeaderValue::from_static(origin))).collect()
    }

    #[test]
    fn origin_should_be_allowed_when_it_is_spelt_as_configured_only() {
        let known = ["https://portal.example.org".to_owned()];
        assert_eq!(
            allowed(&headers(&["https://portal.example.org"]), false, &known).unwrap(),
            "https://portal.example.org"
        );
        for other in [
            "https://portal.example.org.evil.example",
            "https://portal.example.org:8443",
            "http://portal.example.org",
            "https://PORTAL.example.org",
            "https://example.org",
            "null",
            "*",
            "",
        ] {
            assert_eq!(allowed(&headers(&[other]), false, &known), None, "{other}");
        }
        let twice = headers(&["https://portal.example.org", "https://portal.example.org"]);
        assert_eq!(allowed(&twice, false, &known), None);
        assert_eq!(allowed(&headers(&[]), true, &known), None);
        assert_eq!(allowed(&headers(&["https://any.example"]), true, &[]).unwrap(), "*");
    }
}
