//! SMART App Launch 2.2 for public apps, standalone, with wallet sign-in inside.
//!
//! ```text
//! authorize -> account and purpose -> sign the text -> patient and scopes -> code -> token
//! ```
//!
//! - [`request`] reads what an app asks for: a known app, an exact address to go back to, PKCE with S256, `aud`, `state`.
//! - [`pages`] are the four pages between, made here, without anything from elsewhere, usable without scripts.
//! - [`proof`] carries who signed in from the one page to the next. No cookie is ever set: nothing comes along by itself.
//! - [`scopes`] reads what is asked for by `medrec-policy`'s grammar. What is granted is never more.
//! - [`token`] redeems codes and refresh tokens, once each; a second time ends all that came of that consent.
//!
//! A token fixes account, app, patient, scopes and purpose. It permits nothing: each request is decided by the rules on chain, and
//! what they permit is then cut down to the scopes.

use std::sync::Arc;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{clock::Time, config, store::Store};

pub mod configuration;
pub mod error;
pub mod pages;
pub mod proof;
pub mod request;
pub mod scopes;
pub mod token;

pub use error::OauthError;

/// Everything that signing in to apps needs.
pub struct Smart {
    /// Apps and lifetimes.
    pub settings: config::Smart,
    /// The address of the FHIR server: what apps name as `aud`.
    pub fhir_url: String,
    /// The gatekeeper's address.
    pub public_url: String,
    key: Zeroizing<[u8; 32]>,
    store: Store,
    time: Arc<dyn Time>,
}

impl Smart {
    /// Signs people in to the apps of `settings`. `secret` is one of the gatekeeper's, which outlives restarts.
    pub fn new(
        settings: config::Smart,
        public_url: String,
        secret: &[u8; 32],
        store: Store,
        time: Arc<dyn Time>,
    ) -> Self {
        let fhir_url = format!("{public_url}/fhir");
        Self { settings, fhir_url, public_url, key: derived(secret, b"medrec/smart/v1"), store, time }
    }
}

/// A key for one use, from a secret for several.
pub(crate) fn derived(secret: &[u8; 32], label: &[u8]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(mac(secret, &[label]))
}

/// A digest that only holders of the key can make. Parts are told apart by their lengths.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail; a digest of zeros would be refused by nobody's guess alone.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
