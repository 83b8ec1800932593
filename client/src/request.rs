//! Single signed requests: what programs send that keep no session.
//!
//! Each request carries its own proof, in the header `Authorization`. The signature covers method, target,
//! body, audience, chain, account, purpose, a nonce that counts once and an expiry, so that a request can be
//! neither changed, nor kept for later, nor sent to another gatekeeper.

use core::fmt;

use medrec_policy::purpose::Purpose;
use medrec_primitives::{AccountId, Moment};
use rand::RngCore;
use sha2::{Digest, Sha256};
use sp_core::{crypto::Ss58Codec, H256};

use crate::{
    keys::{KeyPair, KeyType},
    signature::{self, SignatureError},
    text,
};

/// The scheme's name in `Authorization`.
pub const SCHEME: &str = "MedRec-Signature";

/// What is asked of whom: the parts that the header does not carry.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// Path and query beneath the audience, as they are sent: `/fhir/Observation?patient=r0-3`.
    pub target: &'a str,
    /// The body as it is sent; empty for none.
    pub body: &'a [u8],
    /// The gatekeeper's public address, without a slash at the end.
    pub audience: &'a str,
    /// The chain.
    pub genesis: H256,
}

/// What the header carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Who asks.
    pub account: AccountId,
    /// The scheme of the account's key.
    pub key_type: KeyType,
    /// What for.
    pub purpose: Purpose,
    /// Counts once for this account.
    pub nonce: [u8; 16],
    /// Until when the request may be answered (ms).
    pub expires: Moment,
    /// The signature under [`canonical`], raw or wrapped.
    pub signature: Vec<u8>,
}

/// Why a signed request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The header is not one that this module writes.
    #[error("the Authorization header is not a MedRec-Signature in its one spelling")]
    Malformed,
    /// See [`SignatureError`].
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// The text that is signed.
pub fn canonical(
    request: &Request<'_>,
    account: &AccountId,
    purpose: Purpose,
    nonce: &[u8; 16],
    expires: Moment,
) -> String {
    format!(
        "medrec-request-v1\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}",
        request.method,
        request.target,
        hex::encode(Sha256::digest(request.body)),
        request.audience,
        text::hex0x(request.genesis),
        account.to_ss58check(),
        purpose,
        hex::encode(nonce),
        expires,
    )
}

/// Signs a request with a fresh nonce.
pub fn build(key: &KeyPair, request: &Request<'_>, purpose: Purpose, expires: Moment) -> Authorization {
    let mut nonce = [0; 16];
    rand::rngs::OsRng.fill_bytes(&mut nonce);
    build_with_nonce(key, request, purpose, nonce, expires)
}

/// Signs a request with a nonce of the caller's, who sees to it that it is used once.
pub fn build_with_nonce(
    key: &KeyPair,
    request: &Request<'_>,
    purpose: Purpose,
    nonce: [u8; 16],
    expires: Moment,
) -> Authorization {
    let account = key.account();
    let message = canonical(request, &account, purpose, &nonce, expires);
    let signature = key.sign(message.as_bytes()).as_bytes().to_vec();
    Authorization { account, key_type: key.key_type(), purpose, nonce, expires, signature }
}

impl Authorization {
    /// Reads a header that [`Display`](fmt::Display) writes, and no other.
    pub fn parse(header: &str) -> Result<Self, RequestError> {
        read(header).filter(|a| a.to_string() == header).ok_or(RequestError::Malformed)
    }

    /// Checks the signature under this request. Nonce and expiry are for the caller to check.
    pub fn verify(&self, request: &Request<'_>) -> Result<(), RequestError> {
        // A line break in the target or the method would let one text stand for two requests.
        if [request.method, request.target, request.audience].iter().any(|part| !text::is_line(part)) {
            return Err(RequestError::Malformed);
        }
        let message = canonical(request, &self.account, self.purpose, &self.nonce, self.expires);
        signature::verify(&self.account, Some(self.key_type), message.as_bytes(), &self.signature)?;
        Ok(())
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{SCHEME} account=\"{}\",type=\"{}\",purpose=\"{}\",nonce=\"{}\",expires=\"{}\",signature=\"{}\"",
            self.account.to_ss58check(),
            self.key_type,
            self.purpose,
            hex::encode(self.nonce),
            self.expires,
            text::hex0x(&self.signature),
        )
    }
}

fn read(header: &str) -> Option<Authorization> {
    let mut rest = header.strip_prefix(SCHEME)?.strip_prefix(' ')?;
    let mut field = |name: &str| {
        let (value, after) = rest.strip_prefix(name)?.strip_prefix("=\"")?.split_once('"')?;
        rest = after.strip_prefix(',').unwrap_or(after);
        Some(value)
    };
    let account = text::account(field("account")?)?;
    let key_type = field("type")?.parse().ok()?;
    let purpose = field("purpose")?.parse().ok()?;
    let nonce = text::hex_array(field("nonce")?)?;
    let expires = text::number(field("expires")?)?;
    let signature = hex::decode(field("signature")?.strip_prefix("0x")?).ok()?;
    Some(Authorization { account, key_type, purpose, nonce, expires, signature })
}
