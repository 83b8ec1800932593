//! Answers sealed to whoever asked (HPKE, as in [`crate::sealing`]), for who has a stranger between itself and the gatekeeper: a proxy
//! that ends TLS, a queue, a disk.
//!
//! The asker names an X25519 key in the parameter [`PARAMETER`] of the address, which a signed request covers. What is sealed is the
//! whole answer with its signature, padded; what is sent is signed once more, over the sealed bytes.

use codec::Encode;
use medrec_primitives::{AccountId, MemberId};
use serde::{Deserialize, Serialize};
use sp_core::H256;
use zeroize::Zeroizing;

use crate::{
    sealing::{info, open, seal, SealingError, SealingSecret},
    text,
};

/// The parameter with the key to seal to: 64 lower-case hexadecimal digits.
pub const PARAMETER: &str = "_sealed";

/// The media type of a sealed answer.
pub const MEDIA_TYPE: &str = "application/vnd.medrec.sealed+json";

/// Sealed answers are as long as a multiple of this (bytes), before they are sealed.
pub const PADDING: usize = 1024;

const INFO: &[u8] = b"medrec/answer/v1";

/// What a sealed answer is bound to.
#[derive(Clone, Copy, Debug)]
pub struct SealedContext<'a> {
    /// The chain.
    pub genesis: H256,
    /// Whose gatekeeper answers.
    pub member: MemberId,
    /// Path and query as they were sent.
    pub target: &'a str,
    /// Who asked.
    pub asker: &'a AccountId,
    /// The HTTP status.
    pub status: u16,
}

/// An answer as it would have been sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Envelope {
    /// The body.
    pub body: String,
    /// Its media type.
    pub content_type: String,
    /// The header `MedRec-Date`.
    pub date: u64,
    /// The header `MedRec-Signature`.
    pub signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    version: u8,
    enc: String,
    ciphertext: String,
}

/// The text of an answer that is sealed to a key.
pub fn seal_answer(
    envelope: &Envelope,
    public: &[u8; 32],
    context: &SealedContext<'_>,
) -> Result<String, SealingError> {
    let mut plain = Zeroizing::new(serde_json::to_vec(envelope).map_err(|_| SealingError::Failed)?);
    // JSON does not mind blanks at its end.
    let padded = plain.len().next_multiple_of(PADDING);
    plain.resize(padded, b' ');
    let sealed = seal(&plain, public, &context.info(), &context.aad())?;
    let sealed =
        Sealed { version: 1, enc: hex::encode(sealed.enc), ciphertext: hex::encode(sealed.ciphertext) };
    serde_json::to_string(&sealed).map_err(|_| SealingError::Failed)
}

/// Opens what [`seal_answer`] sealed.
pub fn open_answer(
    sealed: &[u8],
    secret: &SealingSecret,
    context: &SealedContext<'_>,
) -> Result<Envelope, SealingError> {
    let sealed: Sealed = serde_json::from_slice(sealed).map_err(|_| SealingError::NotUnderstood)?;
    let enc = text::hex_array(&sealed.enc).filter(|_| sealed.version == 1);
    let enc: [u8; 32] = enc.ok_or(SealingError::NotUnderstood)?;
    let ciphertext = hex::decode(&sealed.ciphertext).map_err(|_| SealingError::NotUnderstood)?;
    let opened = open(&enc, &ciphertext, secret, &context.info(), &context.aad())?;
    serde_json::from_slice(&opened.plaintext).map_err(|_| SealingError::NotUnderstood)
}

/// An address with the key to seal to.
pub fn with_key(target: &str, public: &[u8; 32]) -> String {
    let mark = if target.contains('?') { '&' } else { '?' };
    format!("{target}{mark}{PARAMETER}={}", hex::encode(public))
}

/// The query without the parameter, and the key in it; an error if it is none, or there are two.
pub fn split_key(query: &str) -> Result<(String, Option<[u8; 32]>), SealingError> {
    let mut key = None;
    let mut rest = Vec::new();
    for part in query.split('&') {
        match part.strip_prefix(PARAMETER).and_then(|part| part.strip_prefix('=')) {
            None => rest.push(part),
            Some(_) if key.is_some() => return Err(SealingError::BadPublicKey),
            Some(digits) => key = Some(text::hex_array(digits).ok_or(SealingError::BadPublicKey)?),
        }
    }
    Ok((rest.join("&"), key))
}

impl SealedContext<'_> {
    fn info(&self) -> Vec<u8> {
        info(INFO, self.genesis, self.member)
    }

    fn aad(&self) -> Vec<u8> {
        (self.target, self.asker, self.status).encode()
    }
}
