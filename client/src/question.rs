//! What a request on chain asks, and the salted digest of what it was answered.
//!
//! A question is one line of text: what for, and what, as in an address beneath `/fhir`, without the patient, whom the
//! request itself names: `TREAT Observation?category=laboratory`, `TREAT Patient/r0-3`. It is padded to the size of sealed
//! terms and sealed to the provider like these, bound to chain, relationship, asker and expiry.

use core::{fmt, str::FromStr};

use codec::Encode;
use medrec_policy::purpose::Purpose;
use medrec_primitives::{
    AccessRequest, AccountId, Moment, RelationshipId, SealedQuestion, SealingKeyId, TERMS_PLAINTEXT_BYTES,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    sealing::{fixed, info, open, seal, SealingError, SealingSecret},
    text,
};

const INFO: &[u8] = b"medrec/question/v1";
const COMMITMENT: &[u8] = b"medrec/question/commitment/v1";
const ANSWER: &[u8] = b"medrec/receipt/answer/v1";

/// The header with which a gatekeeper shows the salt of an answer that is the one in the receipt.
pub const SALT_HEADER: &str = "MedRec-Receipt-Salt";

/// The longest question (bytes): one byte of the plaintext holds its length.
pub const MAX_QUESTION_BYTES: usize = TERMS_PLAINTEXT_BYTES - 1;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What for, as claimed.
    pub purpose: Purpose,
    /// Which type of resource.
    pub resource_type: String,
    /// Which resource; a search if there is none.
    pub id: Option<String>,
    /// The query as it stands in an address, without the patient.
    pub query: String,
}

/// Why a text is no question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// Not in the one form.
    #[error(
        "a question is <purpose> <Type>[/<id>][?<query>], such as: TREAT Observation?category=laboratory"
    )]
    Malformed,
    /// Longer than [`MAX_QUESTION_BYTES`].
    #[error(
        "a question is at most {MAX_QUESTION_BYTES} bytes long; ask for less, or the gatekeeper directly"
    )]
    TooLong,
}

impl FromStr for Question {
    type Err = QuestionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = QuestionError::Malformed;
        if !text::is_line(text) || !text.is_ascii() {
            return Err(malformed);
        }
        if text.len() > MAX_QUESTION_BYTES {
            return Err(QuestionError::TooLong);
        }
        let (purpose, what) = text.split_once(' ').ok_or(malformed)?;
        let (path, query) = what.split_once('?').unwrap_or((what, ""));
        let (resource_type, id) = match path.split_once('/') {
            Some((resource_type, id)) => (resource_type, Some(id)),
            None => (path, None),
        };
        let named = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
        let id_is_one = |id: &str| {
            !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        };
        let question = Self {
            purpose: purpose.parse().map_err(|_| malformed)?,
            resource_type: resource_type.to_owned(),
            id: id.map(str::to_owned),
            query: query.to_owned(),
        };
        let right = named(resource_type)
            && id.is_none_or(id_is_one)
            && query.bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'?')
            && question.to_string() == text;
        right.then_some(question).ok_or(malformed)
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.purpose, self.resource_type)?;
        if let Some(id) = &self.id {
            write!(f, "/{id}")?;
        }
        if !self.query.is_empty() {
            write!(f, "?{}", self.query)?;
        }
        Ok(())
    }
}

/// What a sealed question is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionContext {
    /// The chain.
    pub genesis: H256,
    /// Whose records, and with that, the provider.
    pub relationship: RelationshipId,
    /// Who asks.
    pub asker: AccountId,
    /// Until when (ms).
    pub expires: Moment,
}

impl QuestionContext {
    /// The context of a request that the chain keeps.
    pub fn of_request(genesis: H256, request: &AccessRequest) -> Self {
        Self {
            genesis,
            relationship: request.relationship,
            asker: request.asker.clone(),
            expires: request.expires,
        }
    }

    fn info(&self) -> Vec<u8> {
        info(INFO, self.genesis, self.relationship.member)
    }

    fn aad(&self) -> Vec<u8> {
        (self.relationship, &self.asker, self.expires).encode()
    }
}

/// Seals a question to a provider's public key, which the chain knows by the number `key_id`.
pub fn seal_question(
    question: &Question,
    provider_public: &[u8; 32],
    key_id: SealingKeyId,
    context: &QuestionContext,
) -> Result<SealedQuestion, SealingError> {
    let text = Zeroizing::new(question.to_string());
    let mut padded = Zeroizing::new([0; TERMS_PLAINTEXT_BYTES]);
    let length = u8::try_from(text.len()).map_err(|_| SealingError::QuestionTooLong)?;
    let place = padded.get_mut(1..=text.len()).ok_or(SealingError::QuestionTooLong)?;
    place.copy_from_slice(text.as_bytes());
    padded[0] = length;
    let sealed = seal(padded.as_ref(), provider_public, &context.info(), &context.aad())?;
    Ok(SealedQuestion {
        key: key_id,
        enc: sealed.enc,
        ciphertext: fixed(sealed.ciphertext)?,
        commitment: commitment(&sealed.salt, padded.as_ref()),
    })
}

/// Opens a sealed question with the secret of the key that it names.
pub fn open_question(
    sealed: &SealedQuestion,
    secret: &SealingSecret,
    context: &QuestionContext,
) -> Result<Question, SealingError> {
    let opened = open(&sealed.enc, &sealed.ciphertext, secret, &context.info(), &context.aad())?;
    let same: bool = commitment(&opened.salt, &opened.plaintext).ct_eq(&sealed.commitment).into();
    if !same {
        return Err(SealingError::WrongCommitment);
    }
    let (length, rest) = opened.plaintext.split_first().ok_or(SealingError::NotUnderstood)?;
    let (text, padding) = rest.split_at_checked(usize::from(*length)).ok_or(SealingError::NotUnderstood)?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(SealingError::NotUnderstood);
    }
    let text = core::str::from_utf8(text).map_err(|_| SealingError::NotUnderstood)?;
    text.parse().map_err(|_| SealingError::NotUnderstood)
}

/// What a receipt says of an answer. Without the salt it says nothing.
pub fn answer_digest(salt: &[u8; 32], body: &[u8]) -> [u8; 32] {
    blake2_256(&[ANSWER, salt, body].concat())
}

fn commitment(salt: &[u8; 32], padded: &[u8]) -> [u8; 32] {
    blake2_256(&Zeroizing::new([COMMITMENT, salt.as_slice(), padded].concat()))
}
