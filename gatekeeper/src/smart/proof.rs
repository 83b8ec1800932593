//! Who signed in, carried from the page where the text was signed to the page where the user consents.
//!
//! The text of the sign-in is used up by then; what stands for it is good for one consent to the very same request, and only for
//! some minutes.

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use medrec_policy::Purpose;
use medrec_primitives::{AccountId, Moment};
use rand::RngCore;
use subtle::ConstantTimeEq;

use super::{mac, Smart};
use crate::store::{continuity::PAGE_PATIENCE as PATIENCE, StoreError};

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The account.
    pub account: AccountId,
    /// What for, as signed.
    pub purpose: Purpose,
    expires: Moment,
    nonce: [u8; 16],
}

impl Smart {
    /// Somebody who has just signed in.
    pub fn signed_in(&self, account: AccountId, purpose: Purpose) -> SignedIn {
        let mut nonce = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut nonce);
        SignedIn { account, purpose, expires: self.time.now().wall.saturating_add(PATIENCE), nonce }
    }

    /// As text, for the authorization request with this query only.
    pub fn prove(&self, signed_in: &SignedIn, query: &str) -> String {
        let SignedIn { account, purpose, expires, nonce } = signed_in;
        let account: &[u8] = account.as_ref();
        let body = format!("{}.{purpose}.{expires}.{}", hex::encode(account), hex::encode(nonce));
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(self.proof_mac(&body, query)))
    }

    /// Reads such a text. It is not used up by that.
    pub fn proven(&self, text: &str, query: &str) -> Option<SignedIn> {
        let (body, mac) = text.rsplit_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        if !bool::from(mac.as_slice().ct_eq(&self.proof_mac(body, query))) {
            return None;
        }
        let mut parts = body.split('.');
        let mut bytes = [0; 32];
        hex::decode_to_slice(parts.next()?, &mut bytes).ok()?;
        let purpose = parts.next()?.parse().ok()?;
        let expires = parts.next()?.parse().ok().filter(|expires| *expires > self.time.now().wall)?;
        let mut nonce = [0; 16];
        hex::decode_to_slice(parts.next()?, &mut nonce).ok()?;
        Some(SignedIn { account: bytes.into(), purpose, expires, nonce })
    }

    /// Uses it up. Returns whether it was fresh.
    pub async fn use_proof(&self, signed_in: &SignedIn) -> Result<bool, StoreError> {
        self.store.use_page_nonce(&signed_in.account, &signed_in.nonce, signed_in.expires).await
    }

    fn proof_mac(&self, body: &str, query: &str) -> [u8; 32] {
        mac(&self.key, &[b"signed-in", body.as_bytes(), query.as_bytes()])
    }
}
