//! What an asker says about how it wants to be answered: `Accept`, `Prefer`.

use axum::http::{header, HeaderMap, StatusCode};

use super::problem::Problem;

/// Whether a query or a form says in which format it is to be answered.
pub fn names_format(query: &str) -> bool {
    query.split('&').any(|part| part.starts_with("_format="))
}

/// Refuses who takes no JSON. `_format` in the query is stronger, and looked at with the query.
pub fn accepts(headers: &HeaderMap, query: &str) -> Result<(), Problem> {
    if names_format(query) {
        return Ok(());
    }
    let mut named = false;
    for value in headers.get_all(header::ACCEPT) {
        for range in value.to_str().unwrap_or("").split(',') {
            let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
            let kind = parts.next().unwrap_or_default();
            if kind.is_empty() {
                continue;
            }
            named = true;
            let refused = parts.any(|part| match part.split_once('=') {
                Some(("q", quality)) => matches!(quality, "0" | "0.0" | "0.00" | "0.000"),
                Some(("fhirversion", version)) => version.trim_matches('"') != "4.0",
                _ => false,
            });
            let json =
                ["*/*", "application/*", "application/fhir+json", "application/json", "text/json", "json"];
            if !refused && json.contains(&kind.as_str()) {
                return Ok(());
            }
        }
    }
    match named {
        false => Ok(()),
        true => Err(json_only()),
    }
}

/// Something else than JSON was asked for.
pub fn json_only() -> Problem {
    Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "not-acceptable",
        "this server speaks FHIR R4 in JSON only: accept application/fhir+json, with fhirVersion=4.0 or without",
    )
}

/// Whether `Prefer: handling=lenient` is there. Without it, what is not known is refused.
pub fn is_lenient(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut wishes = values.flat_map(|value| value.split([',', ';'])).map(|wish| wish.replace(' ', ""));
    wishes.any(|wish| wish.eq_ignore_ascii_case("handling=lenient"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(axum::http::HeaderName::from_static(name), HeaderValue::from_static(value))])
    }

    #[test]
    fn asker_should_be_refused_when_it_takes_no_json() {
        for accept in [
            "*/*",
            "application/fhir+json;fhirVersion=4.0",
            "application/fhir+json; fhirVersion=\"4.0\"",
            "application/json, text/plain",
            "text/html, */*;q=0.1",
            "",
        ] {
            assert!(accepts(&with("accept", accept), "").is_ok(), "{accept}");
        }
        for accept in [
            "application/fhir+xml",
            "text/html",
            "application/fhir+json;q=0",
            "application/fhir+json; fhirVersion=5.0",
        ] {
            assert!(accepts(&with("accept", accept), "").is_err(), "{accept}");
            assert!(accepts(&with("accept", accept), "_format=json").is_ok(), "{accept}");
        }
        assert!(accepts(&HeaderMap::new(), "").is_ok());
    }

    #[test]
    fn handling_should_be_lenient_when_asked_for_only() {
        assert!(is_lenient(&with("prefer", "return=minimal, handling=lenient")));
        assert!(!is_lenient(&with("prefer", "handling=strict")) && !is_lenient(&HeaderMap::new()));
    }
}
