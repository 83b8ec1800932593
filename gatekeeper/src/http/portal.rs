//! The web page for people, served from memory at `/portal/`.
//!
//! The folder is read once, at the start: what is served is what was there then, nothing outside it can be asked for, and a
//! page is never half of one build and half of another. The page asks nobody but gatekeepers and the node that
//! `config.json` names; its policy lets it run no script but its own.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    body::Bytes,
    extract::{Path as PathOf, State},
    http::{header, HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::get,
    Router,
};
use sha2::{Digest, Sha256};

use super::problem::Problem;
use crate::config;

/// Files of a page, at most.
const MAX_FILES: usize = 500;

/// Bytes of them, at most.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Where the build puts files that are named by their content.
const NAMED_BY_CONTENT: &str = "assets/";

/// The only maker of script addresses, by which the page starts the light client's worker (`portal/src/state/light.ts`).
const LIGHT_CLIENT_POLICY: &str = "medrec-light-client";

/// A year, for what never changes under its name.
const LASTING: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Asked for each time, and usually answered by 304.
const ASKED_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// What the page may use of the device: the camera, to scan tickets.
const DEVICE: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
);

/// A page, read whole.
#[derive(Debug)]
pub struct Portal {
    files: BTreeMap<String, File>,
    policy: HeaderValue,
}

#[derive(Debug)]
struct File {
    body: Bytes,
    /// The same, compressed by the build.
    gzip: Option<Bytes>,
    kind: &'static str,
    tag: HeaderValue,
    caching: HeaderValue,
}

/// Why a folder is not a page.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// Something in it cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// No `index.html`.
    #[error("{0} has no index.html: build the page first (npm ci && npm run build in portal/)")]
    NoPage(PathBuf),
    /// Not a chain's specification.
    #[error("{0} is not a chain's specification in JSON")]
    NoSpecification(PathBuf),
    /// Not a folder that a build made.
    #[error("{0} holds more than {MAX_FILES} files or {MAX_BYTES} bytes: that is not a built page")]
    TooMuch(PathBuf),
}

impl Portal {
    /// Reads the folder of `settings` for a gatekeeper with this public address.
    pub fn load(settings: &config::Portal, public_url: &str) -> Result<Self, PortalError> {
        let mut found = BTreeMap::new();
        collect(&settings.dir, "", &mut found, &settings.dir)?;
        if !found.contains_key("index.html") {
            return Err(PortalError::NoPage(settings.dir.clone()));
        }
        // The file in the folder is for hosts that serve it as it is.
        let mut config = serde_json::json!({ "node": settings.node });
        if let Some(specs) = &settings.light_client {
            for (name, path) in [("relay-chain", &specs.relay_chain), ("parachain", &specs.parachain)] {
                found.insert(format!("chain/{name}.json"), specification(path)?);
            }
            config["lightClient"] = serde_json::json!({ "relayChain": "chain/relay-chain.json", "parachain": "chain/parachain.json" });
        }
        found.insert("config.json".to_owned(), config.to_string().into());
        let mut files = BTreeMap::new();
        for (name, body) in &found {
            if name.strip_suffix(".gz").is_some_and(|plain| found.contains_key(plain)) {
                continue;
            }
            let gzip = found.get(&format!("{name}.gz")).filter(|_| name != "config.json").cloned();
            let lasting = name.starts_with(NAMED_BY_CONTENT);
            files.insert(
                name.clone(),
                File {
                    tag: tag(body),
                    kind: kind(name),
                    caching: if lasting { LASTING } else { ASKED_AGAIN },
                    gzip,
                    body: body.clone(),
                },
            );
        }
        Ok(Self { files, policy: policy(public_url, settings.light_client.is_some()) })
    }

    fn answer(&self, name: &str, asked: &HeaderMap) -> Response {
        let Some(file) = self.files.get(name) else { return Problem::not_found().into_response() };
        let known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| *known == file.tag);
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let gzip = file.gzip.clone().filter(|_| takes_gzip(asked));
            let zipped = gzip.is_some();
            let mut response = gzip.unwrap_or_else(|| file.body.clone()).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
            if zipped {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, file.tag.clone());
        headers.insert(header::CACHE_CONTROL, file.caching.clone());
        headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(HeaderName::from_static("permissions-policy"), DEVICE);
        headers.insert(
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        );
        headers.insert(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        );
        response
    }
}

/// The page's routes.
pub fn routes<S: Clone + Send + Sync + 'static>(portal: Portal) -> Router<S> {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/portal/") }))
        .route("/portal", get(|| async { Redirect::permanent("/portal/") }))
        .route("/portal/", get(index))
        .route("/portal/{*path}", get(file))
        .with_state(Arc::new(portal))
}

async fn index(State(portal): State<Arc<Portal>>, headers: HeaderMap) -> Response {
    portal.answer("index.html", &headers)
}

async fn file(
    State(portal): State<Arc<Portal>>,
    PathOf(path): PathOf<String>,
    headers: HeaderMap,
) -> Response {
    portal.answer(&path, &headers)
}

/// What the page may load and ask. Any gatekeeper and node over TLS: which ones there are stands on chain. Over plain HTTP only
/// on loopback, and only where this gatekeeper itself is there. A light client is WebAssembly in a worker of the page's own.
fn policy(public_url: &str, light_client: bool) -> HeaderValue {
    let loopback = if public_url.starts_with("http://") {
        " http://127.0.0.1:* http://localhost:* ws://127.0.0.1:* ws://localhost:*"
    } else {
        ""
    };
    let (scripts, policies) = match light_client {
        true => ("'self' 'wasm-unsafe-eval'; worker-src 'self'", LIGHT_CLIENT_POLICY),
        false => ("'self'", "'none'"),
    };
    let policy = format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         manifest-src 'self'; media-src 'self' blob:; connect-src 'self' https: wss:{loopback}; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types {policies}"
    );
    // ASCII throughout.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

fn specification(path: &Path) -> Result<Bytes, PortalError> {
    let read = std::fs::read(path).map_err(|error| PortalError::Read { path: path.to_owned(), error })?;
    let spec: Option<serde_json::Value> = serde_json::from_slice(&read).ok();
    match spec.is_some_and(|spec| spec["id"].is_string()) {
        true => Ok(read.into()),
        false => Err(PortalError::NoSpecification(path.to_owned())),
    }
}

fn collect(
    folder: &Path,
    prefix: &str,
    found: &mut BTreeMap<String, Bytes>,
    root: &Path,
) -> Result<(), PortalError> {
    let read = |path: &Path, error| PortalError::Read { path: path.to_owned(), error };
    for entry in std::fs::read_dir(folder).map_err(|error| read(folder, error))? {
        let entry = entry.map_err(|error| read(folder, error))?;
        let path = entry.path();
        // Names that are not text cannot be asked for.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type().map_err(|error| read(&path, error))?;
        if kind.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), found, root)?;
        } else if kind.is_file() {
            let body = std::fs::read(&path).map_err(|error| read(&path, error))?;
            found.insert(format!("{prefix}{name}"), body.into());
        }
        let bytes: usize = found.values().map(Bytes::len).sum();
        if found.len() > MAX_FILES || bytes > MAX_BYTES {
            return Err(PortalError::TooMuch(root.to_owned()));
        }
    }
    Ok(())
}

fn tag(body: &[u8]) -> HeaderValue {
    let digest = hex::encode(Sha256::digest(body));
    // Hexadecimal digits are ASCII.
    HeaderValue::try_from(format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

fn takes_gzip(asked: &HeaderMap) -> bool {
    let encodings = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    encodings.flat_map(|value| value.split(',')).any(|encoding| {
        let (name, quality) = encoding.split_once(';').unwrap_or((encoding, ""));
        name.trim().eq_ignore_ascii_case("gzip")
            && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn page(public_url: &str) -> Portal {
        let around = tempfile::tempdir().unwrap();
        let folder = around.path().join("page");
        std::fs::create_dir_all(folder.join("assets")).unwrap();
        for (name, body) in [
            ("index.html", "<!doctype html>"),
            ("config.json", "{\"node\":\"wss://of-another-host.example\"}"),
            ("assets/index-1a2b.js", "let a = 1;"),
            ("assets/index-1a2b.js.gz", "compressed"),
        ] {
            std::fs::write(folder.join(name), body).unwrap();
        }
        std::fs::write(around.path().join("outside.txt"), "outside").unwrap();
        Portal::load(&settings(&folder), public_url).unwrap()
    }

    fn settings(folder: &Path) -> config::Portal {
        config::Portal {
            dir: folder.to_owned(),
            node: "wss://node.example.org".to_owned(),
            light_client: None,
        }
    }

    fn header(response: &Response, name: HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    async fn body(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn page_should_name_this_gatekeepers_node_when_its_configuration_is_asked_for() {
        let found = page("https://a.example").answer("config.json", &HeaderMap::new());
        assert_eq!(body(found).await, r#"{"node":"wss://node.example.org"}"#);
    }

    #[tokio::test]
    async fn page_should_come_compressed_when_the_browser_takes_it() {
        let page = page("https://a.example");
        let mut asked = HeaderMap::new();
        let plain = page.answer("assets/index-1a2b.js", &asked);
        assert_eq!(header(&plain, header::CONTENT_ENCODING), "");
        assert_eq!(body(plain).await, "let a = 1;");
        asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip;q=0.8"));
        let zipped = page.answer("assets/index-1a2b.js", &asked);
        assert_eq!(header(&zipped, header::CONTENT_ENCODING), "gzip");
        assert_eq!(header(&zipped, header::CONTENT_TYPE), "text/javascript; charset=utf-8");
        assert_eq!(body(zipped).await, "compressed");
        asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip;q=0"));
        assert_eq!(header(&page.answer("assets/index-1a2b.js", &asked), header::CONTENT_ENCODING), "");
    }

    #[test]
    fn page_should_be_kept_by_browsers_when_its_name_tells_its_content_only() {
        let page = page("https://a.example");
        let none = HeaderMap::new();
        assert!(
            header(&page.answer("assets/index-1a2b.js", &none), header::CACHE_CONTROL).contains("immutable")
        );
        let index = page.answer("index.html", &none);
        assert_eq!(header(&index, header::CACHE_CONTROL), "no-cache");
        let mut again = HeaderMap::new();
        again.insert(header::IF_NONE_MATCH, index.headers()[header::ETAG].clone());
        assert_eq!(page.answer("index.html", &again).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn policy_should_allow_plain_http_when_the_gatekeeper_is_on_loopback_only() {
        let policy = |url| {
            let answer = page(url).answer("index.html", &HeaderMap::new());
            header(&answer, header::CONTENT_SECURITY_POLICY).to_owned()
        };
        let public = policy("https://a.example");
        assert!(public.contains("script-src 'self';") && !public.contains("unsafe"), "{public}");
        assert!(!public.contains("http:") && !public.contains("ws:"), "{public}");
        assert!(policy("http://127.0.0.1:8080").contains("ws://127.0.0.1:*"));
    }

    #[tokio::test]
    async fn page_should_read_the_chain_by_itself_when_specifications_are_given() {
        let folder = tempfile::tempdir().unwrap();
        for (name, body) in [
            ("index.html", "<!doctype html>"),
            ("relay.json", "{\"id\":\"relay\"}"),
            ("medrec.json", "{\"id\":\"medrec\"}"),
            ("other.json", "[]"),
        ] {
            std::fs::write(folder.path().join(name), body).unwrap();
        }
        let specs = |parachain: &str| config::Portal {
            light_client: Some(config::PortalLightClient {
                relay_chain: folder.path().join("relay.json"),
                parachain: folder.path().join(parachain),
            }),
            ..settings(folder.path())
        };
        let page = Portal::load(&specs("medrec.json"), "https://a.example").unwrap();
        let index = page.answer("index.html", &HeaderMap::new());
        let policy = header(&index, header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'; worker-src 'self';"), "{policy}");
        assert!(
            policy.contains("trusted-types medrec-light-client") && !policy.contains("'unsafe"),
            "{policy}"
        );
        let found = body(page.answer("chain/parachain.json", &HeaderMap::new())).await;
        assert_eq!(found, "{\"id\":\"medrec\"}");
        let found = body(page.answer("config.json", &HeaderMap::new())).await;
        assert!(found.contains("\"parachain\":\"chain/parachain.json\""), "{found}");
        for wrong in ["other.json", "nowhere.json"] {
            assert!(Portal::load(&specs(wrong), "https://a.example").is_err(), "{wrong}");
        }
    }

    #[test]
    fn page_should_have_nothing_when_the_name_leads_outside() {
        let page = page("https://a.example");
        for name in [
            "../outside.txt",
            "assets/../../outside.txt",
            "/etc/passwd",
            "assets",
            "",
            "assets/index-1a2b.js.gz",
        ] {
            assert_eq!(page.answer(name, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{name}");
        }
    }

    #[test]
    fn folder_should_be_refused_when_it_holds_no_page() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        assert!(matches!(Portal::load(&settings, "https://a.example"), Err(PortalError::NoPage(_))));
        let settings = config::Portal { dir: folder.path().join("nowhere"), ..settings };
        assert!(matches!(Portal::load(&settings, "https://a.example"), Err(PortalError::Read { .. })));
    }
}
