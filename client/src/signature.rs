//! Signatures as wallets make them.
//!
//! A wallet signs a text either as it is or, so that it can never pass for a transaction, within
//! `<Bytes>…</Bytes>`; it gives the signature with or without the leading byte that names the scheme. All of
//! these are the same consent, and all are accepted.

use medrec_primitives::AccountId;
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use sp_crypto_hashing::blake2_256;

use crate::keys::KeyType;

/// A signature of one of the chain's three schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// See [`KeyType::Sr25519`].
    Sr25519([u8; 64]),
    /// See [`KeyType::Ed25519`].
    Ed25519([u8; 64]),
    /// See [`KeyType::Ecdsa`]: r, s and the recovery number.
    Ecdsa([u8; 65]),
}

impl Signature {
    /// Its scheme.
    pub const fn key_type(&self) -> KeyType {
        match self {
            Self::Sr25519(_) => KeyType::Sr25519,
            Self::Ed25519(_) => KeyType::Ed25519,
            Self::Ecdsa(_) => KeyType::Ecdsa,
        }
    }

    /// Its bytes, without a byte that names the scheme.
    pub const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sr25519(bytes) | Self::Ed25519(bytes) => bytes,
            Self::Ecdsa(bytes) => bytes,
        }
    }

    /// Its bytes in hexadecimal digits after `0x`.
    pub fn to_hex(&self) -> String {
        crate::text::hex0x(self.as_bytes())
    }
}

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not hexadecimal digits after `0x`.
    #[error("a signature is written as 0x and hexadecimal digits")]
    NotHex,
    /// No scheme makes signatures of this length, or not the scheme named.
    #[error(
        "the signature has the wrong length for its key type: 64 bytes for sr25519 and ed25519, 65 for ecdsa"
    )]
    WrongLength,
    /// It is not this account's signature under this message.
    #[error("the signature is not this account's under this message")]
    Wrong,
}

/// `message` within `<Bytes>…</Bytes>`.
pub fn wrapped(message: &[u8]) -> Vec<u8> {
    [b"<Bytes>".as_slice(), message, b"</Bytes>"].concat()
}

/// Checks that `account` signed `message`, raw or wrapped.
///
/// Without `key_type` every scheme that makes signatures of this length is tried.
pub fn verify(
    account: &AccountId,
    key_type: Option<KeyType>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let readings: Vec<Signature> = readings(signature)
        .into_iter()
        .flatten()
        .filter(|s| key_type.is_none_or(|t| t == s.key_type()))
        .collect();
    if readings.is_empty() {
        return Err(SignatureError::WrongLength);
    }
    let wrapped = wrapped(message);
    let signed = readings.iter().any(|s| is_by(account, message, s) || is_by(account, &wrapped, s));
    signed.then_some(()).ok_or(SignatureError::Wrong)
}

/// [`verify`] for a signature in hexadecimal digits after `0x`.
pub fn verify_hex(
    account: &AccountId,
    key_type: Option<KeyType>,
    message: &[u8],
    signature: &str,
) -> Result<(), SignatureError> {
    let bytes = signature.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
    verify(account, key_type, message, &bytes.ok_or(SignatureError::NotHex)?)
}

/// The account's signature under the payload of a transaction, as chains check it: hexadecimal digits after `0x`, never wrapped.
pub fn of_transaction(
    account: &AccountId,
    payload: &[u8],
    signature: &str,
) -> Result<Signature, SignatureError> {
    let bytes = signature.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
    let readings = readings(&bytes.ok_or(SignatureError::NotHex)?);
    let message = transaction_message(payload);
    let signed = readings.into_iter().flatten().find(|reading| is_by(account, &message, reading));
    signed.ok_or(SignatureError::Wrong)
}

/// Signs the payload of a transaction as chains check it.
pub fn sign_transaction(key: &crate::KeyPair, payload: &[u8]) -> Signature {
    key.sign(&transaction_message(payload))
}

/// Chains hash what is longer than 256 bytes before it is signed.
fn transaction_message(payload: &[u8]) -> Vec<u8> {
    if payload.len() > 256 {
        blake2_256(payload).to_vec()
    } else {
        payload.to_vec()
    }
}

/// What the bytes may be. A 65th byte in front is `MultiSignature`'s: 0 Ed25519, 1 Sr25519, 2 ECDSA.
fn readings(bytes: &[u8]) -> [Option<Signature>; 3] {
    let schnorr = |bytes: &[u8]| {
        let bytes = <[u8; 64]>::try_from(bytes).ok();
        [bytes.map(Signature::Sr25519), bytes.map(Signature::Ed25519), None]
    };
    match (bytes.len(), bytes) {
        (64, _) => schnorr(bytes),
        (65, [first, rest @ ..]) => {
            let [sr25519, ed25519, _] = schnorr(rest);
            let ecdsa = <[u8; 65]>::try_from(bytes).ok().map(Signature::Ecdsa);
            [sr25519.filter(|_| *first == 1), ed25519.filter(|_| *first == 0), ecdsa]
        }
        (66, [2, rest @ ..]) => [<[u8; 65]>::try_from(rest).ok().map(Signature::Ecdsa), None, None],
        _ => [None, None, None],
    }
}

fn is_by(account: &AccountId, message: &[u8], signature: &Signature) -> bool {
    let key: &[u8; 32] = account.as_ref();
    match signature {
        Signature::Sr25519(bytes) => {
            sr25519::Pair::verify(&(*bytes).into(), message, &sr25519::Public::from(*key))
        }
        Signature::Ed25519(bytes) => {
            ed25519::Pair::verify(&(*bytes).into(), message, &ed25519::Public::from(*key))
        }
        Signature::Ecdsa(bytes) => ecdsa::Signature::from(*bytes)
            .recover(message)
            .is_some_and(|public| blake2_256(public.as_ref()) == *key),
    }
}
