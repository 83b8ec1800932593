//! Apps that may be signed in to (SMART App Launch).

use serde::Deserialize;

use super::cors::{is_origin, origin_of};

/// SMART App Launch.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Smart {
    /// How long a code may be redeemed (s).
    pub code_s: u64,
    /// How long an access token lasts (s).
    pub access_s: u64,
    /// How long refresh tokens may follow each other after one consent (s). 0: none are given.
    pub refresh_s: u64,
    /// The apps. Others are refused.
    #[serde(rename = "client")]
    pub clients: Vec<Client>,
}

impl Default for Smart {
    fn default() -> Self {
        Self { code_s: 60, access_s: 900, refresh_s: 0, clients: Vec::new() }
    }
}

/// An app: a public client, which keeps no secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// What it calls itself in requests.
    pub id: String,
    /// What it is called on the page where its user consents.
    pub name: String,
    /// Where its users may be sent back to, letter by letter.
    pub redirect_uris: Vec<String>,
}

impl Smart {
    /// What is wrong, with the key that it is about.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let plain =
            |text: &str| !text.is_empty() && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_graphic());
        for (place, client) in self.clients.iter().enumerate() {
            if !plain(&client.id) || self.clients[..place].iter().any(|other| other.id == client.id) {
                return Err((
                    "smart.client.id",
                    "printable characters without spaces, and another for each app",
                ));
            }
            if client.name.trim().is_empty() || client.name.contains(char::is_control) {
                return Err(("smart.client.name", "a name that people know the app by"));
            }
            if client.redirect_uris.is_empty() || !client.redirect_uris.iter().all(|uri| is_redirect(uri)) {
                return Err((
                    "smart.client.redirect_uris",
                    "at least one; each https, http on loopback, or a scheme of the app's own with a dot in it; without fragment",
                ));
            }
        }
        Ok(())
    }
}

/// Whether a user may be sent to this address with a code (RFC 8252): nobody else can stand there.
fn is_redirect(uri: &str) -> bool {
    let plain = uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"'<>\\;,".contains(&byte));
    let safe = match uri.split_once(':') {
        Some(("https" | "http", _)) => origin_of(uri).is_some_and(is_origin),
        Some((scheme, rest)) => {
            let letters =
                scheme.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.');
            letters && scheme.contains('.') && rest.starts_with('/')
        }
        None => false,
    };
    plain && safe && uri.len() <= 512
}
