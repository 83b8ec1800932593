//! The gatekeeper's signature under what it answers, so that the asker can show later what it was told.
//!
//! The signature covers who asked for what, status, body and time. The key is the one that the chain names as
//! the member's gatekeeper.

use core::fmt;

use medrec_primitives::{AccountId, MemberId, Moment};
use sha2::{Digest, Sha256};
use sp_core::{crypto::Ss58Codec, H256};

use crate::{
    keys::KeyPair,
    signature::{self, SignatureError},
    text,
};

/// The header that carries [`AnswerSignature`].
pub const SIGNATURE_HEADER: &str = "MedRec-Signature";

/// The header that carries the time of the answer (ms since the Unix epoch).
pub const DATE_HEADER: &str = "MedRec-Date";

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The chain.
    pub genesis: H256,
    /// Whose gatekeeper answers.
    pub member: MemberId,
    /// Path and query of the request, as they were sent.
    pub target: &'a str,
    /// Who asked.
    pub asker: &'a AccountId,
    /// The HTTP status.
    pub status: u16,
    /// The body as it is sent.
    pub body: &'a [u8],
    /// When (ms).
    pub date: Moment,
}

impl Answer<'_> {
    /// The text that is signed.
    pub fn message(&self) -> String {
        format!(
            "medrec-answer-v1\n{}\n{}\n{}\n{}\n{}\n{}\n{}",
            text::hex0x(self.genesis),
            self.member,
            self.target,
            self.asker.to_ss58check(),
            self.status,
            hex::encode(Sha256::digest(self.body)),
            self.date,
        )
    }

    /// Signs it.
    pub fn sign(&self, gatekeeper: &KeyPair) -> AnswerSignature {
        AnswerSignature {
            account: gatekeeper.account(),
            signature: gatekeeper.sign(self.message().as_bytes()).as_bytes().to_vec(),
        }
    }

    /// Checks that `gatekeeper`, the key that the chain names for the member, signed it.
    pub fn verify(&self, gatekeeper: &AccountId, signature: &AnswerSignature) -> Result<(), AnswerError> {
        if signature.account != *gatekeeper {
            return Err(AnswerError::OtherKey);
        }
        signature::verify(gatekeeper, None, self.message().as_bytes(), &signature.signature)?;
        Ok(())
    }
}

/// The header under an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerSignature {
    /// The gatekeeper's key.
    pub account: AccountId,
    /// The signature under [`Answer::message`].
    pub signature: Vec<u8>,
}

/// Why an answer does not count as the gatekeeper's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The header is not one that this module writes.
    #[error("the MedRec-Signature header under the answer is missing or malformed")]
    Malformed,
    /// Signed by a key that the chain does not name for this member.
    #[error("the answer is signed by a key that is not this member's gatekeeper on chain")]
    OtherKey,
    /// See [`SignatureError`].
    #[error("the answer was altered, or is an answer to something else: {0}")]
    Signature(#[from] SignatureError),
}

impl AnswerSignature {
    /// Reads a header that [`Display`](fmt::Display) writes, and no other.
    pub fn parse(header: &str) -> Result<Self, AnswerError> {
        let read = || {
            let (account, rest) = header.strip_prefix("account=\"")?.split_once("\",signature=\"0x")?;
            let signature = hex::decode(rest.strip_suffix('"')?).ok()?;
            Some(Self { account: text::account(account)?, signature })
        };
        read().filter(|signature| signature.to_string() == header).ok_or(AnswerError::Malformed)
    }
}

impl fmt::Display for AnswerSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "account=\"{}\",signature=\"{}\"",
            self.account.to_ss58check(),
            text::hex0x(&self.signature)
        )
    }
}
