//! Opening share links, any gatekeeper's and any other server's.

use reqwest::{Method, StatusCode, Url};

use super::{error::GatekeeperError, http, now};
use crate::share_link::{File, LinkError, Manifest, ManifestRequest, Payload, WrongPasscode, FHIR_JSON};

/// Why a link shows nothing.
#[derive(Debug, thiserror::Error)]
pub enum SharedError {
    /// See [`LinkError`].
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The passcode is missing or wrong.
    #[error("the passcode is missing or wrong; {0} more may be tried, then the link leads nowhere")]
    Passcode(u32),
    /// See [`GatekeeperError`].
    #[error(transparent)]
    Gatekeeper(#[from] GatekeeperError),
}

/// Whatever FHIR resources a link leads to, as they were shared.
pub async fn open(
    link: &Payload,
    recipient: &str,
    passcode: Option<&str>,
) -> Result<Vec<Vec<u8>>, SharedError> {
    link.ensure_in_time(now())?;
    if link.is_direct() {
        let named = Url::parse_with_params(&link.url, [("recipient", recipient)]);
        let named = named.map_err(|_| LinkError::Malformed)?;
        return Ok(vec![link.open(&file(named.as_str()).await?)?]);
    }
    let client = http::client(&link.url)?;
    let asked = ManifestRequest {
        recipient: recipient.to_owned(),
        passcode: passcode.map(str::to_owned),
        embedded_length_max: None,
    };
    let answered = http::send(client.request(Method::POST, &link.url).json(&asked), &link.url).await?;
    if answered.status == StatusCode::UNAUTHORIZED {
        if let Ok(WrongPasscode { remaining_attempts }) = serde_json::from_slice(&answered.body) {
            return Err(SharedError::Passcode(remaining_attempts));
        }
    }
    if !answered.status.is_success() {
        return Err(answered.refusal().into());
    }
    let manifest: Manifest = serde_json::from_slice(&answered.body)
        .map_err(|_| GatekeeperError::Malformed("a manifest in another form"))?;
    let mut files = Vec::new();
    for file in manifest.files.iter().filter(|file| file.content_type.starts_with(FHIR_JSON)) {
        files.push(link.open(&jwe(file).await?)?);
    }
    Ok(files)
}

/// A file, from the manifest or from where that says it is.
async fn jwe(file: &File) -> Result<String, GatekeeperError> {
    const NONE: GatekeeperError = GatekeeperError::Malformed("a file that is nowhere");
    if let Some(embedded) = &file.embedded {
        return Ok(embedded.clone());
    }
    self::file(file.location.as_ref().ok_or(NONE)?).await
}

/// What stands at an address.
async fn file(url: &str) -> Result<String, GatekeeperError> {
    let answered = http::send(http::client(url)?.request(Method::GET, url), url).await?;
    if !answered.status.is_success() {
        return Err(answered.refusal());
    }
    String::from_utf8(answered.body).map_err(|_| GatekeeperError::Malformed("a file that is no text"))
}
