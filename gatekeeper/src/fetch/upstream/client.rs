//! Talking to a foreign FHIR server: only reading, within limits of time and size, and never anywhere else.

use std::{
    collections::HashSet,
    net::IpAddr,
    path::{Path, PathBuf},
};

use base64::{engine::general_purpose::STANDARD, Engine};
use reqwest::{
    header::{HeaderValue, ACCEPT, AUTHORIZATION, CONTENT_TYPE},
    redirect::Policy,
    StatusCode, Url,
};
use serde_json::Value;

use crate::fetch::{FetchError, Options};

/// What the server may send for one answer of ours, all pages together.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Pages that are followed.
const MOST_PAGES: usize = 1_000;

/// Resources asked for on a page.
const PAGE: u32 = 200;

/// A foreign FHIR server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    base: Url,
    credentials: Option<PathBuf>,
    http: reqwest::Client,
}

/// One answer's conversation with the server.
pub(crate) struct Reading<'a> {
    server: &'a Server,
    authorization: Option<HeaderValue>,
    bytes_left: usize,
}

fn says(reason: impl Into<String>) -> FetchError {
    FetchError::Upstream(reason.into())
}

impl Server {
    /// A server at `fhir+https://host/base`; without TLS only on this machine. `credentials` is a file with one line: `Bearer <token>` or
    /// `Basic <user>:<password>`. It is read for every answer, so that tokens can be replaced.
    pub(crate) fn new(url: &str, credentials: Option<&Path>, options: Options) -> Result<Self, FetchError> {
        let plain = url.strip_prefix("fhir+").ok_or(FetchError::Address)?;
        let with_slash = format!("{}/", plain.trim_end_matches('/'));
        let base = Url::parse(&with_slash).map_err(|_| FetchError::Address)?;
        let bare = base.username().is_empty()
            && base.password().is_none()
            && base.query().is_none()
            && base.fragment().is_none();
        if !bare {
            return Err(says("its address may have no user, password, query or fragment: put credentials into the file that database.credentials names"));
        }
        let host = base.host_str().ok_or(FetchError::Address)?;
        let address: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        let local = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        match base.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => {
                return Err(says("without TLS only a server on this machine is read: write fhir+https://"))
            }
            _ => return Err(FetchError::Address),
        }
        // Whichever part of the process needs it first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(options.timeout)
            .pool_max_idle_per_host(options.max_connections as usize)
            .build()
            .map_err(|error| says(words(&error)))?;
        Ok(Self { base, credentials: credentials.map(Path::to_owned), http })
    }

    /// Its address with a slash at the end.
    pub(crate) fn base(&self) -> &str {
        self.base.as_str()
    }

    /// Begins to read, with the credentials as they are now.
    pub(crate) async fn reading(&self) -> Result<Reading<'_>, FetchError> {
        let authorization = match &self.credentials {
            None => None,
            Some(file) => {
                let line = tokio::fs::read_to_string(file)
                    .await
                    .map_err(|error| says(format!("cannot read {}: {error}", file.display())))?;
                Some(authorization(line.trim()).ok_or_else(|| {
                    says(format!(
                        "{} must have one line: `Bearer <token>` or `Basic <user>:<password>`",
                        file.display()
                    ))
                })?)
            }
        };
        Ok(Reading { server: self, authorization, bytes_left: MOST_BYTES })
    }
}

impl Reading<'_> {
    /// What the server says of itself.
    pub(crate) async fn capabilities(&mut self) -> Result<Value, FetchError> {
        let url = self.url("metadata")?;
        self.get(url).await?.ok_or_else(|| says("it has no CapabilityStatement"))
    }

    /// A resource; `None` if there is none.
    pub(crate) async fn read(&mut self, resource_type: &str, id: &str) -> Result<Option<Value>, FetchError> {
        let url = self.url(&format!("{resource_type}/{id}"))?;
        self.get(url).await
    }

    /// All resources that match, from all pages; more than `limit` are an error.
    pub(crate) async fn search(
        &mut self,
        resource_type: &str,
        parameters: &[(&str, &str)],
        limit: u32,
    ) -> Result<Vec<Value>, FetchError> {
        let mut url = self.url(resource_type)?;
        url.query_pairs_mut().extend_pairs(parameters).append_pair("_count", &PAGE.min(limit).to_string());
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for _ in 0..MOST_PAGES {
            if !seen.insert(url.clone()) {
                return Err(says("its pages lead back to one another"));
            }
            let page = self.get(url).await?.ok_or_else(|| says(format!("it has no {resource_type}")))?;
            if page["resourceType"] != "Bundle" || page["type"] != "searchset" {
                return Err(says("a search did not give a searchset"));
            }
            let entries = page["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
            for entry in entries {
                match entry["search"]["mode"].as_str() {
                    None | Some("match") => found.push(entry["resource"].clone()),
                    Some("outcome") if is_error(&entry["resource"]) => {
                        return Err(says("a search gave an error beside its matches"))
                    }
                    Some(_) => {}
                }
            }
            if found.len() > limit as usize {
                return Err(FetchError::TooMany { mapping: resource_type.to_owned(), limit });
            }
            match self.next(&page)? {
                Some(next) => url = next,
                None => return Ok(found),
            }
        }
        Err(says("a search has too many pages"))
    }

    fn url(&self, path: &str) -> Result<Url, FetchError> {
        self.server.base.join(path).map_err(|_| says("its address cannot be extended"))
    }

    /// The next page, which must be at the same server: the credentials go there.
    fn next(&self, page: &Value) -> Result<Option<Url>, FetchError> {
        let links = page["link"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else { return Ok(None) };
        let base = &self.server.base;
        let url = next["url"].as_str().and_then(|url| base.join(url).ok());
        let url = url.ok_or_else(|| says("the link to the next page is none"))?;
        let inside = url.path().starts_with(base.path()) || url.path() == base.path().trim_end_matches('/');
        if url.origin() != base.origin() || !inside || !url.username().is_empty() || url.password().is_some()
        {
            return Err(says("the link to the next page leads elsewhere"));
        }
        Ok(Some(url))
    }

    async fn get(&mut self, url: Url) -> Result<Option<Value>, FetchError> {
        let mut request = self.server.http.get(url).header(ACCEPT, "application/fhir+json");
        if let Some(value) = &self.authorization {
            request = request.header(AUTHORIZATION, value.clone());
        }
        let mut response = request.send().await.map_err(|error| away(&error))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(says(format!("it refuses our credentials ({})", response.status())))
            }
            status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                return Err(FetchError::UpstreamAway(status.to_string()))
            }
            status => return Err(says(format!("it answers {status}"))),
        }
        let kind =
            response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.contains("json") {
            return Err(says("it does not answer in JSON"));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| away(&error))? {
            self.bytes_left = self
                .bytes_left
                .checked_sub(chunk.len())
                .ok_or_else(|| says(format!("it sends more than {MOST_BYTES} bytes for one answer")))?;
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map(Some).map_err(|_| says("what it sends is no JSON"))
    }
}

fn is_error(outcome: &Value) -> bool {
    let issues = outcome["issue"].as_array().map(Vec::as_slice).unwrap_or_default();
    issues.iter().any(|issue| matches!(issue["severity"].as_str(), Some("error" | "fatal")))
}

/// The header of a line in the file of credentials.
fn authorization(line: &str) -> Option<HeaderValue> {
    let (scheme, secret) = line.split_once(' ')?;
    let secret = secret.trim();
    let text = match scheme.to_ascii_lowercase().as_str() {
        "bearer" if !secret.is_empty() => format!("Bearer {secret}"),
        "basic" if secret.contains(':') => format!("Basic {}", STANDARD.encode(secret)),
        _ => return None,
    };
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A value of a search parameter, in which FHIR gives some letters a meaning.
pub(super) fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|letter| [Some('\\').filter(|_| "\\,|$".contains(letter)), Some(letter)])
        .flatten()
        .collect()
}

fn away(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    FetchError::UpstreamAway(words(error))
}

/// An error without its address, which holds the patient's id there: its innermost cause.
fn words(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    let mut found = "the connection failed".to_owned();
    while let Some(source) = cause.source() {
        cause = source;
        found = cause.to_string();
    }
    if error.is_connect() {
        format!("cannot connect: {found}")
    } else {
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_should_be_refused_when_secrets_could_get_out() {
        let server = |url: &str| Server::new(url, None, Options::default());
        assert!(server("fhir+https://fhir.example/r4")
            .is_ok_and(|server| server.base() == "https://fhir.example/r4/"));
        assert!(server("fhir+http://127.0.0.1:8080/").is_ok() && server("fhir+http://[::1]/x").is_ok());
        for url in [
            "fhir+http://fhir.example/r4",
            "fhir+https://user:password@fhir.example/r4",
            "fhir+https://fhir.example/r4?x=1",
            "fhir+ftp://localhost/",
            "fhir+file:///etc/passwd",
            "fhir+",
            "https://fhir.example/r4",
        ] {
            assert!(server(url).is_err(), "{url}");
        }
    }

    #[test]
    fn authorization_should_be_read_when_the_line_is_one() {
        let text = |line| authorization(line).and_then(|value| value.to_str().map(str::to_owned).ok());
        assert_eq!(text("Bearer abc").as_deref(), Some("Bearer abc"));
        assert_eq!(text("basic user:pass").as_deref(), Some("Basic dXNlcjpwYXNz"));
        for line in ["", "abc", "Bearer", "Bearer ", "Basic user", "Digest x:y", "Bearer a\u{1}b"] {
            assert_eq!(text(line), None, "{line}");
        }
    }

    #[test]
    fn value_should_be_escaped_when_letters_have_a_meaning() {
        assert_eq!(escaped("a|b,c$d\\e"), "a\\|b\\,c\\$d\\\\e");
    }
}
