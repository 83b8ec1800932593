//! Pages of other origins.

use axum::{
    body::Body,
    http::{header, HeaderMap, Method, Request},
};

use crate::common::*;

const PORTAL: &str = "https://portal.example.org";
const EVIL: &str = "https://evil.example";

fn from(origin: &str, method: Method, target: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(target).header(header::ORIGIN, origin)
}

async fn sent(fixture: &Fixture, request: axum::http::request::Builder) -> (u16, HeaderMap) {
    let response = fixture.send(request.body(Body::empty()).unwrap()).await;
    (response.status().as_u16(), response.headers().clone())
}

fn preflight(origin: &str, target: &str) -> axum::http::request::Builder {
    from(origin, Method::OPTIONS, target)
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization")
}

#[tokio::test]
async fn preflight_should_be_answered_when_the_origin_is_configured() {
    let fixture = Fixture::new().await;
    let (status, headers) = sent(&fixture, preflight(PORTAL, "/fhir/Observation?patient=r0-0")).await;
    assert_eq!(status, 204);
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], PORTAL);
    assert!(headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap().contains("Authorization"));
    assert_eq!(headers[header::VARY], "Origin");
    let (status, headers) = sent(&fixture, preflight(EVIL, "/fhir/Observation?patient=r0-0")).await;
    assert_eq!(status, 405);
    assert!(!headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{headers:?}");
}

#[tokio::test]
async fn answer_should_be_readable_when_the_origin_is_configured_whatever_its_status() {
    let fixture = Fixture::new().await;
    for (target, status) in
        [("/fhir/Observation?patient=r0-0", 401), ("/nowhere", 404), ("/fhir/metadata", 200)]
    {
        let (found, headers) = sent(&fixture, from(PORTAL, Method::GET, target)).await;
        assert_eq!(found, status, "{target}");
        let exposed = headers[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
        for name in ["MedRec-Signature", "MedRec-Date", "MedRec-Receipt-Salt", "WWW-Authenticate"] {
            assert!(exposed.contains(name), "{target}: {name}");
        }
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }
}

#[tokio::test]
async fn answer_should_be_readable_from_anywhere_when_it_describes_the_service_only() {
    let fixture = Fixture::new().await;
    let (_, headers) = sent(&fixture, from(EVIL, Method::GET, "/fhir/metadata")).await;
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    for target in ["/fhir/Patient/r0-0", "/auth/challenge", "/rpc", "/log?patient=r0-0"] {
        let (_, headers) = sent(&fixture, from(EVIL, Method::GET, target)).await;
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{target}");
        assert_eq!(headers[header::VARY], "Origin", "{target}");
    }
}
