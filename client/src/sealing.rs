//! Terms and locators sealed to a provider: HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256 and ChaCha20-Poly1305.
//!
//! What is sealed is bound to its place: the chain and the provider by HPKE's `info`, the open parts of the
//! rule by the additional data. A ciphertext copied into another rule, relationship or chain opens nowhere.
//!
//! Beside the ciphertext stands a commitment, BLAKE2b-256 over a salt exported from the HPKE context and the
//! padded terms. Whoever is shown salt and terms can check them against the chain; nobody can be shown others.

use core::fmt;

use codec::Encode;
use hpke::{
    aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256, setup_receiver, setup_sender,
    Deserializable, Kem, OpModeR, OpModeS, Serializable,
};
use medrec_policy::terms::{PackError, Terms};
use medrec_primitives::{
    Effect, MemberId, Moment, RelationshipId, SealedLocator, SealedTerms, SealingKeyId, Viewer,
    LOCATOR_PLAINTEXT_BYTES, TERMS_PLAINTEXT_BYTES,
};
use rand::RngCore;
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const TERMS_INFO: &[u8] = b"medrec/terms/v1";
const TERMS_SALT: &[u8] = b"medrec/terms/salt/v1";
const TERMS_COMMITMENT: &[u8] = b"medrec/terms/commitment/v1";
const LOCATOR_INFO: &[u8] = b"medrec/locator/v1";

/// The longest locator (bytes): one byte of the plaintext holds its length.
pub const MAX_LOCATOR_BYTES: usize = LOCATOR_PLAINTEXT_BYTES - 1;

/// An X25519 secret that terms are sealed to. Wiped when dropped and shown by nothing but [`Self::expose`].
#[derive(Clone)]
pub struct SealingSecret(Zeroizing<[u8; 32]>);

impl SealingSecret {
    /// A fresh secret from the operating system's randomness.
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::rngs::OsRng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    /// The secret of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret of 64 hexadecimal digits, with or without `0x`.
    pub fn from_hex(text: &str) -> Result<Self, SealingError> {
        let text = text.trim();
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), bytes.as_mut())
            .map_err(|_| SealingError::BadSecret)?;
        Ok(Self(bytes))
    }

    /// The public key that belongs to it: what `Registry` keeps of it.
    pub fn public(&self) -> [u8; 32] {
        X25519HkdfSha256::sk_to_pk(&self.hpke()).to_bytes().into()
    }

    /// The secret itself, to be stored where only its holder reads.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    fn hpke(&self) -> PrivateKey {
        // Every 32 bytes are a secret of this KEM; its own encoding cannot fail.
        PrivateKey::from_bytes(self.0.as_ref()).unwrap_or_else(|_| unreachable!("32 bytes"))
    }
}

impl fmt::Debug for SealingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingSecret(public {})", hex::encode(self.public()))
    }
}

/// What sealed terms are bound to: the chain and the open parts of the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsContext {
    /// The chain.
    pub genesis: H256,
    /// The relationship, and with it the provider.
    pub relationship: RelationshipId,
    /// Whom the rule is about.
    pub viewer: Viewer,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// From when (ms).
    pub not_before: Option<Moment>,
    /// Until when (ms).
    pub not_after: Option<Moment>,
    /// Whether the viewer may share onward.
    pub may_share: bool,
}

impl TermsContext {
    /// The context of a rule that the chain keeps.
    pub fn of_grant(genesis: H256, relationship: RelationshipId, grant: &medrec_primitives::Grant) -> Self {
        Self {
            genesis,
            relationship,
            viewer: grant.viewer.clone(),
            effect: grant.effect,
            not_before: grant.not_before,
            not_after: grant.not_after,
            may_share: grant.may_share,
        }
    }

    fn info(&self) -> Vec<u8> {
        info(TERMS_INFO, self.genesis, self.relationship.member)
    }

    fn aad(&self) -> Vec<u8> {
        (self.relationship, &self.viewer, self.effect, self.not_before, self.not_after, self.may_share)
            .encode()
    }
}

/// What a sealed locator is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocatorContext {
    /// The chain.
    pub genesis: H256,
    /// The relationship, and with it the provider.
    pub relationship: RelationshipId,
    /// The pointer's slot.
    pub slot: u8,
}

/// Why something was not sealed or not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// Not 32 bytes in hexadecimal digits.
    #[error("a sealing secret is 64 hexadecimal digits")]
    BadSecret,
    /// The provider's public key is none that anything can be sealed to.
    #[error("the provider's sealing key is not a usable X25519 key")]
    BadPublicKey,
    /// The terms take more than [`TERMS_PLAINTEXT_BYTES`] bytes.
    #[error(transparent)]
    TooLong(#[from] PackError),
    /// The locator takes more than [`MAX_LOCATOR_BYTES`] bytes.
    #[error("a locator is at most {MAX_LOCATOR_BYTES} bytes long")]
    LocatorTooLong,
    /// The question takes more than its fixed size.
    #[error("a question is at most {} bytes long", crate::question::MAX_QUESTION_BYTES)]
    QuestionTooLong,
    /// Sealing failed within the library.
    #[error("sealing failed")]
    Failed,
    /// Not opened by this secret, or changed, or copied from another place.
    #[error("the sealed part does not open with this key in this place")]
    DoesNotOpen,
    /// Opened, but it is not what was committed to.
    #[error("the sealed terms are not the ones that were committed to")]
    WrongCommitment,
    /// Opened, but it says nothing that this version understands.
    #[error("the sealed terms are not in a form that this version understands")]
    NotUnderstood,
}

/// Seals terms to a provider's public key, which the chain knows by the number `key_id`.
pub fn seal_terms(
    terms: &Terms,
    provider_public: &[u8; 32],
    key_id: SealingKeyId,
    context: &TermsContext,
) -> Result<SealedTerms, SealingError> {
    let padded = Zeroizing::new(terms.pack()?);
    seal_padded(&padded, provider_public, key_id, context)
}

/// Opens sealed terms with the secret of the key that they name.
pub fn open_terms(
    sealed: &SealedTerms,
    secret: &SealingSecret,
    context: &TermsContext,
) -> Result<Terms, SealingError> {
    let (padded, _) = open_padded(sealed, secret, context)?;
    Terms::unpack(&padded).map_err(|_| SealingError::NotUnderstood)
}

/// Opens sealed terms and gives also the salt of their commitment, with which their holder can show them to others.
pub fn open_terms_with_salt(
    sealed: &SealedTerms,
    secret: &SealingSecret,
    context: &TermsContext,
) -> Result<(Terms, [u8; 32]), SealingError> {
    let (padded, salt) = open_padded(sealed, secret, context)?;
    let terms = Terms::unpack(&padded).map_err(|_| SealingError::NotUnderstood)?;
    Ok((terms, *salt))
}

/// What the chain keeps of terms beside their ciphertext.
pub fn commitment(salt: &[u8; 32], padded: &[u8; TERMS_PLAINTEXT_BYTES]) -> [u8; 32] {
    blake2_256(&Zeroizing::new([TERMS_COMMITMENT, salt, padded].concat()))
}

/// Seals where a relationship's records are to the provider's own public key.
pub fn seal_locator(
    locator: &[u8],
    provider_public: &[u8; 32],
    key_id: SealingKeyId,
    context: &LocatorContext,
) -> Result<SealedLocator, SealingError> {
    let mut padded = Zeroizing::new([0; LOCATOR_PLAINTEXT_BYTES]);
    let length = u8::try_from(locator.len()).map_err(|_| SealingError::LocatorTooLong)?;
    let place = padded.get_mut(1..=locator.len()).ok_or(SealingError::LocatorTooLong)?;
    place.copy_from_slice(locator);
    padded[0] = length;
    let sealed = seal(padded.as_ref(), provider_public, &locator_info(context), &locator_aad(context))?;
    Ok(SealedLocator { key: key_id, enc: sealed.enc, ciphertext: fixed(sealed.ciphertext)? })
}

/// Opens a sealed locator.
pub fn open_locator(
    sealed: &SealedLocator,
    secret: &SealingSecret,
    context: &LocatorContext,
) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let opened =
        open(&sealed.enc, &sealed.ciphertext, secret, &locator_info(context), &locator_aad(context))?;
    let (length, rest) = opened.plaintext.split_first().ok_or(SealingError::NotUnderstood)?;
    let (locator, padding) =
        rest.split_at_checked(usize::from(*length)).ok_or(SealingError::NotUnderstood)?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(SealingError::NotUnderstood);
    }
    Ok(Zeroizing::new(locator.to_vec()))
}

pub(crate) fn seal_padded(
    padded: &[u8; TERMS_PLAINTEXT_BYTES],
    provider_public: &[u8; 32],
    key_id: SealingKeyId,
    context: &TermsContext,
) -> Result<SealedTerms, SealingError> {
    let sealed = seal(padded, provider_public, &context.info(), &context.aad())?;
    Ok(SealedTerms {
        key: key_id,
        enc: sealed.enc,
        ciphertext: fixed(sealed.ciphertext)?,
        commitment: commitment(&sealed.salt, padded),
    })
}

type Padded = Zeroizing<[u8; TERMS_PLAINTEXT_BYTES]>;

pub(crate) fn open_padded(
    sealed: &SealedTerms,
    secret: &SealingSecret,
    context: &TermsContext,
) -> Result<(Padded, Zeroizing<[u8; 32]>), SealingError> {
    let opened = open(&sealed.enc, &sealed.ciphertext, secret, &context.info(), &context.aad())?;
    let mut padded = Zeroizing::new([0; TERMS_PLAINTEXT_BYTES]);
    if opened.plaintext.len() != padded.len() {
        return Err(SealingError::DoesNotOpen);
    }
    padded.copy_from_slice(&opened.plaintext);
    let same: bool = commitment(&opened.salt, &padded).ct_eq(&sealed.commitment).into();
    if !same {
        return Err(SealingError::WrongCommitment);
    }
    Ok((padded, opened.salt))
}

type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type EncappedKey = <X25519HkdfSha256 as Kem>::EncappedKey;

pub(crate) struct Sealed {
    pub enc: [u8; 32],
    pub ciphertext: Vec<u8>,
    pub salt: Zeroizing<[u8; 32]>,
}

pub(crate) struct Opened {
    pub plaintext: Zeroizing<Vec<u8>>,
    pub salt: Zeroizing<[u8; 32]>,
}

pub(crate) fn seal(
    plaintext: &[u8],
    public: &[u8; 32],
    info: &[u8],
    aad: &[u8],
) -> Result<Sealed, SealingError> {
    let public = PublicKey::from_bytes(public).map_err(|_| SealingError::BadPublicKey)?;
    let (enc, mut context) =
        setup_sender::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(&OpModeS::Base, &public, info)
            .map_err(|_| SealingError::BadPublicKey)?;
    let ciphertext = context.seal(plaintext, aad).map_err(|_| SealingError::Failed)?;
    let mut salt = Zeroizing::new([0; 32]);
    context.export(TERMS_SALT, salt.as_mut()).map_err(|_| SealingError::Failed)?;
    Ok(Sealed { enc: enc.to_bytes().into(), ciphertext, salt })
}

pub(crate) fn open(
    enc: &[u8; 32],
    ciphertext: &[u8],
    secret: &SealingSecret,
    info: &[u8],
    aad: &[u8],
) -> Result<Opened, SealingError> {
    let enc = EncappedKey::from_bytes(enc).map_err(|_| SealingError::DoesNotOpen)?;
    let mut context = setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret.hpke(),
        &enc,
        info,
    )
    .map_err(|_| SealingError::DoesNotOpen)?;
    let plaintext = Zeroizing::new(context.open(ciphertext, aad).map_err(|_| SealingError::DoesNotOpen)?);
    let mut salt = Zeroizing::new([0; 32]);
    context.export(TERMS_SALT, salt.as_mut()).map_err(|_| SealingError::DoesNotOpen)?;
    Ok(Opened { plaintext, salt })
}

pub(crate) fn info(label: &[u8], genesis: H256, member: MemberId) -> Vec<u8> {
    [label, genesis.as_bytes(), &member.to_le_bytes()].concat()
}

fn locator_info(context: &LocatorContext) -> Vec<u8> {
    info(LOCATOR_INFO, context.genesis, context.relationship.member)
}

fn locator_aad(context: &LocatorContext) -> Vec<u8> {
    (context.relationship, context.slot).encode()
}

pub(crate) fn fixed<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], SealingError> {
    bytes.try_into().map_err(|_| SealingError::Failed)
}
