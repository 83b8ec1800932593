//! What an app asks for when it sends its user here.

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};

use super::{scopes::Scopes, OauthError, Smart};
use crate::{
    config::Client,
    form::{encode, only, pairs},
};

/// An authorization request that is in order.
#[derive(Clone, Debug)]
pub struct Authorization<'a> {
    /// The app.
    pub client: &'a Client,
    /// Where the user goes back to.
    pub redirect: String,
    /// What the app wants to hear back.
    pub state: String,
    /// What it asks for.
    pub scopes: Scopes,
    /// The PKCE challenge.
    pub challenge: String,
}

/// Why a request is refused, and who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unauthorized {
    /// The user, on a page of ours: nobody knows where the app is.
    Page(&'static str),
    /// The app, by sending the user back to this address.
    Redirect(String),
}

impl Smart {
    /// Reads the query of `authorize`.
    ///
    /// First who asks and where to go back to: if either is not as configured, the user goes nowhere.
    pub fn authorization(&self, query: &str) -> Result<Authorization<'_>, Unauthorized> {
        let page = Unauthorized::Page;
        let pairs = pairs(query).map_err(|_| page("The address is not well formed."))?;
        let one = |name| only(&pairs, name).map_err(|_| page("The app names itself or its address twice."));
        let client = one("client_id")?
            .and_then(|id| self.client(id))
            .ok_or(page("This app is not known here. Its maker has to ask the provider to register it."))?;
        let redirect = one("redirect_uri")?
            .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
            .ok_or(page("The app wants you to be sent to an address that is not registered for it."))?;
        let state = only(&pairs, "state").ok().flatten();
        let refuse = |error| Unauthorized::Redirect(with_error(redirect, state, &error));
        let get = |name: &str| {
            only(&pairs, name).map_err(|_| refuse(OauthError::request(&format!("{name} is there twice"))))
        };
        if get("response_type")? != Some("code") {
            return Err(refuse(OauthError::response_type()));
        }
        let Some(state) = get("state")?.filter(|state| state.len() <= 1024) else {
            return Err(refuse(OauthError::request("state is missing or too long")));
        };
        let aud = get("aud")?.map(|aud| aud.strip_suffix('/').unwrap_or(aud));
        if aud != Some(self.fhir_url.as_str()) {
            let description = format!("aud must be {}", self.fhir_url);
            return Err(refuse(OauthError::request(&description)));
        }
        if get("launch")?.is_some() {
            return Err(refuse(OauthError::request("apps are launched standalone here: send no launch")));
        }
        if get("code_challenge_method")? != Some("S256") {
            return Err(refuse(OauthError::request("PKCE is needed: code_challenge_method=S256")));
        }
        let Some(challenge) = get("code_challenge")?.filter(|text| is_digest(text)) else {
            let error = OauthError::request("code_challenge must be a SHA-256 digest in base64url");
            return Err(refuse(error));
        };
        let scopes = Scopes::parse(get("scope")?.unwrap_or("")).map_err(refuse)?;
        let scopes = Scopes { offline: scopes.offline && self.settings.refresh_s > 0, ..scopes };
        Ok(Authorization {
            client,
            redirect: redirect.to_owned(),
            state: state.to_owned(),
            scopes,
            challenge: challenge.to_owned(),
        })
    }

    /// A registered app.
    pub fn client(&self, id: &str) -> Option<&Client> {
        self.settings.clients.iter().find(|client| client.id == id)
    }
}

impl Authorization<'_> {
    /// Where the user goes with a code.
    pub fn with_code(&self, code: &str) -> String {
        with_parameters(&self.redirect, &[("code", code), ("state", &self.state)])
    }

    /// Where the user goes with an error.
    pub fn with_error(&self, error: &OauthError) -> String {
        with_error(&self.redirect, Some(&self.state), error)
    }
}

/// Whether a verifier is what a challenge was made from (RFC 7636).
pub fn verifies(verifier: &str, challenge: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(letters)
        && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge
}

fn is_digest(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

fn with_error(redirect: &str, state: Option<&str>, error: &OauthError) -> String {
    let mut parameters = vec![("error", error.code), ("error_description", error.description.as_str())];
    parameters.extend(state.filter(|state| state.len() <= 1024).map(|state| ("state", state)));
    with_parameters(redirect, &parameters)
}

fn with_parameters(redirect: &str, parameters: &[(&str, &str)]) -> String {
    let mut url = redirect.to_owned();
    for (place, (name, value)) in parameters.iter().enumerate() {
        url.push(if place == 0 && !redirect.contains('?') { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        encode(value, &mut url);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifier_should_verify_when_it_is_of_the_rfc() {
        // RFC 7636, appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(verifies(verifier, challenge) && is_digest(challenge));
        assert!(!verifies(&verifier[1..], challenge) && !verifies(challenge, challenge));
        assert!(!is_digest("") && !is_digest(&challenge[1..]));
    }

    #[test]
    fn parameters_should_be_added_when_the_address_has_some_already() {
        assert_eq!(
            with_parameters("https://a/cb", &[("code", "x y"), ("state", "&=")]),
            "https://a/cb?code=x%20y&state=%26%3D"
        );
        assert_eq!(with_parameters("https://a/cb?z=1", &[("code", "x")]), "https://a/cb?z=1&code=x");
    }
}
