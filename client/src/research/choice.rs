//! What a patient releases, sealed to the provider: the same cipher and the same size as sealed terms, so that nobody else tells one
//! choice from another, and bound to chain, provider and relationship.

use codec::Encode;
use medrec_primitives::{
    research::{DuoPurposes, ReleaseChoice},
    RelationshipId, SealedTerms, SealingKeyId, TERMS_PLAINTEXT_BYTES,
};
use sp_core::H256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::sealing::{commitment, fixed, info, open, seal, SealingError, SealingSecret};

const INFO: &[u8] = b"medrec/release/v1";

/// What a sealed choice is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseContext {
    /// The chain.
    pub genesis: H256,
    /// The relationship, and with it the provider.
    pub relationship: RelationshipId,
}

impl ReleaseContext {
    fn info(&self) -> Vec<u8> {
        info(INFO, self.genesis, self.relationship.member)
    }

    fn aad(&self) -> Vec<u8> {
        self.relationship.encode()
    }
}

/// Seals a choice to a provider's public key, which the chain knows by the number `key_id`.
pub fn seal_choice(
    choice: ReleaseChoice,
    provider_public: &[u8; 32],
    key_id: SealingKeyId,
    context: &ReleaseContext,
) -> Result<SealedTerms, SealingError> {
    let packed = Zeroizing::new(choice.pack());
    let sealed = seal(packed.as_ref(), provider_public, &context.info(), &context.aad())?;
    Ok(SealedTerms {
        key: key_id,
        enc: sealed.enc,
        ciphertext: fixed(sealed.ciphertext)?,
        commitment: commitment(&sealed.salt, &packed),
    })
}

/// Opens a sealed choice with the secret of the key that it names. What does not open releases nothing.
pub fn open_choice(
    sealed: &SealedTerms,
    secret: &SealingSecret,
    context: &ReleaseContext,
) -> Result<ReleaseChoice, SealingError> {
    let opened = open(&sealed.enc, &sealed.ciphertext, secret, &context.info(), &context.aad())?;
    let packed: &[u8; TERMS_PLAINTEXT_BYTES] =
        opened.plaintext.as_slice().try_into().map_err(|_| SealingError::DoesNotOpen)?;
    let same: bool = commitment(&opened.salt, packed).ct_eq(&sealed.commitment).into();
    if !same {
        return Err(SealingError::WrongCommitment);
    }
    ReleaseChoice::unpack(packed).ok_or(SealingError::NotUnderstood)
}

/// Purposes by the words in which people write them.
pub const PURPOSES: [(&str, DuoPurposes); 6] = [
    ("general", DuoPurposes::GENERAL),
    ("biomedical", DuoPurposes::BIOMEDICAL),
    ("disease", DuoPurposes::DISEASE),
    ("ancestry", DuoPurposes::ANCESTRY),
    ("methods", DuoPurposes::METHODS),
    ("commercial", DuoPurposes::COMMERCIAL),
];

/// A purpose by its word.
pub fn purpose(name: &str) -> Option<DuoPurposes> {
    PURPOSES.iter().find(|(word, _)| *word == name).map(|(_, purpose)| *purpose)
}

/// The words of some purposes.
pub fn purpose_words(purposes: DuoPurposes) -> Vec<&'static str> {
    PURPOSES.iter().filter(|(_, purpose)| purposes.contains(*purpose)).map(|(word, _)| *word).collect()
}
