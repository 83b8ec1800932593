//! An entry of a gatekeeper's log: sealed, hashed, and proven to be under a root on chain.
//!
//! Each entry carries the hash of the one before, so an entry that is under an anchored root was written before that interval
//! ended, and has not been changed since. What is hashed is the sealed text; the key that a patient is given with it is good for
//! entries about this relationship in this calendar year alone.

use base64::{engine::general_purpose::STANDARD, Engine};
use chacha20poly1305::{
    aead::{Aead, KeyInit, Payload},
    ChaCha20Poly1305, Key, Nonce,
};
use medrec_primitives::{
    merkle::{includes, Kind, Proof},
    Moment,
};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::text::{hex0x, hex_array};

const HASH: &[u8] = b"medrec/log/v1";
const SEALED: &[u8] = b"medrec/log/sealed/v1";

/// What a key is called.
pub type KeyId = [u8; 16];

/// The hash of an entry in its place.
pub fn hash(number: u64, previous: &[u8; 32], stored: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(HASH);
    hasher.update(number.to_le_bytes());
    hasher.update(previous);
    hasher.update(stored.as_bytes());
    hasher.finalize().into()
}

/// A sealed entry, as its text has it. The order of the fields is the order in the text that is hashed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    time: Moment,
    key: String,
    nonce: String,
    sealed: String,
}

/// An entry cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry of the log cannot be sealed, or does not open")]
pub struct SealedError;

/// Seals what an entry says (ChaCha20-Poly1305, a random nonce). Its time and the key's name stand open beside it.
pub fn seal(time: Moment, id: &KeyId, key: &[u8; 32], says: &[u8]) -> Result<String, SealedError> {
    let mut nonce = [0; 12];
    rand::rngs::OsRng.fill_bytes(&mut nonce);
    let aad = aad(time, id);
    let payload = Payload { msg: says, aad: &aad };
    let sealed = cipher(key).encrypt(&Nonce::from(nonce), payload).map_err(|_| SealedError)?;
    let (key, nonce, sealed) = (hex::encode(id), hex::encode(nonce), STANDARD.encode(sealed));
    serde_json::to_string(&Sealed { time, key, nonce, sealed }).map_err(|_| SealedError)
}

/// What an entry says, and its open time.
pub fn open(key: &[u8; 32], stored: &str) -> Result<(Moment, Zeroizing<Vec<u8>>), SealedError> {
    let sealed: Sealed = serde_json::from_str(stored).map_err(|_| SealedError)?;
    let id = hex_array(&sealed.key).ok_or(SealedError)?;
    let nonce: [u8; 12] = hex_array(&sealed.nonce).ok_or(SealedError)?;
    let bytes = STANDARD.decode(&sealed.sealed).map_err(|_| SealedError)?;
    let aad = aad(sealed.time, &id);
    let payload = Payload { msg: &bytes, aad: &aad };
    let says = cipher(key).decrypt(&Nonce::from(nonce), payload).map_err(|_| SealedError)?;
    Ok((sealed.time, Zeroizing::new(says)))
}

/// The time and the key's name, which stand open. `None` if this is not a sealed entry.
pub fn outside(stored: &str) -> Option<(Moment, KeyId)> {
    let sealed: Sealed = serde_json::from_str(stored).ok()?;
    Some((sealed.time, hex_array(&sealed.key)?))
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(*key))
}

fn aad(time: Moment, id: &KeyId) -> Vec<u8> {
    [SEALED, &time.to_le_bytes(), id].concat()
}

/// An entry with all that shows that it is under a root on chain: the answer to `GET /log/proof`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogProof {
    /// Its number in the gatekeeper's log.
    pub number: u64,
    /// The hash of the entry before: `0x` and 64 digits.
    pub previous: String,
    /// The entry as it is kept and hashed.
    pub stored: String,
    /// What opens it: `0x` and 64 digits. None for an entry that is not sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Where it is on chain. None until the interval has been anchored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<LogAnchor>,
}

/// That an entry's hash is under the log's root of an interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogAnchor {
    /// The interval.
    pub interval: u32,
    /// The leaf's place: `0x` and 16 digits.
    pub position: String,
    /// The nodes beside the way, from the leaf up: `0x` and 64 digits each.
    pub siblings: Vec<String>,
}

impl LogAnchor {
    /// A proof for an interval.
    pub fn new(interval: u32, proof: &Proof) -> Self {
        Self {
            interval,
            position: hex0x(proof.position.to_be_bytes()),
            siblings: proof.siblings.iter().map(hex0x).collect(),
        }
    }

    fn proof(&self) -> Option<Proof> {
        let siblings = self.siblings.iter().map(|sibling| digits(sibling)).collect::<Option<_>>()?;
        Some(Proof { position: u64::from_be_bytes(digits(&self.position)?), siblings })
    }
}

/// Why an entry is not shown to be under a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogProofError {
    /// Its interval has not been anchored yet.
    #[error("the entry has not been anchored yet: ask again after the interval has ended")]
    Pending,
    /// A part is not in the form that it should have.
    #[error("the proof is malformed")]
    Malformed,
    /// The entry is not under the root.
    #[error("the entry is not under the root on chain: it was altered, or was never there")]
    Altered,
    /// What is under the root does not open by the key.
    #[error(transparent)]
    Sealed(#[from] SealedError),
}

impl LogProof {
    /// What the entry says, if it is under `root`: the log's root in the anchor of the interval that the proof names, as the
    /// chain has it.
    pub fn verify(&self, root: &[u8; 32]) -> Result<Value, LogProofError> {
        let anchor = self.anchor.as_ref().ok_or(LogProofError::Pending)?;
        let proof = anchor.proof().ok_or(LogProofError::Malformed)?;
        let previous = digits(&self.previous).ok_or(LogProofError::Malformed)?;
        if !includes(Kind::Log, root, &hash(self.number, &previous, &self.stored), &proof) {
            return Err(LogProofError::Altered);
        }
        match &self.key {
            None => serde_json::from_str(&self.stored).map_err(|_| LogProofError::Malformed),
            Some(key) => {
                let key = Zeroizing::new(digits(key).ok_or(LogProofError::Malformed)?);
                let (_, says) = open(&key, &self.stored)?;
                serde_json::from_slice(&says).map_err(|_| LogProofError::Malformed)
            }
        }
    }
}

fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex_array(text.strip_prefix("0x")?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use medrec_primitives::merkle::{Leaf, Tree};

    use super::*;

    /// An entry among others, and the root over them.
    fn proven() -> (LogProof, [u8; 32]) {
        let key = [5; 32];
        let stored = seal(1_700_000_000_000, &[1; 16], &key, br#"{"purpose":"TREAT"}   "#).unwrap();
        let previous = [9; 32];
        let value = hash(7, &previous, &stored);
        let leaves = vec![Leaf { position: 3, value: [2; 32] }, Leaf { position: u64::MAX - 1, value }];
        let tree = Tree::new(Kind::Log, &[4; 32], leaves).unwrap();
        let anchor = LogAnchor::new(12, &tree.proof(u64::MAX - 1).unwrap());
        let proof = LogProof {
            number: 7,
            previous: hex0x(previous),
            stored,
            key: Some(hex0x(key)),
            anchor: Some(anchor),
        };
        (proof, tree.root())
    }

    #[test]
    fn log_proof_should_verify_when_the_entry_is_under_the_root() {
        let (proof, root) = proven();
        assert_eq!(proof.verify(&root).unwrap()["purpose"], "TREAT");
        let read: LogProof = serde_json::from_str(&serde_json::to_string(&proof).unwrap()).unwrap();
        assert_eq!(read.verify(&root), proof.verify(&root));
    }

    #[test]
    fn log_proof_should_not_verify_when_anything_is_altered() {
        let (proof, root) = proven();
        let altered = |change: &dyn Fn(&mut LogProof)| {
            let mut other = proof.clone();
            change(&mut other);
            other.verify(&root)
        };
        assert_eq!(altered(&|proof| proof.number = 8), Err(LogProofError::Altered));
        assert_eq!(altered(&|proof| proof.previous = hex0x([8; 32])), Err(LogProofError::Altered));
        assert_eq!(
            altered(&|proof| proof.stored = proof.stored.replace("1700", "1701")),
            Err(LogProofError::Altered)
        );
        assert_eq!(
            altered(&|proof| proof.key = Some(hex0x([6; 32]))),
            Err(LogProofError::Sealed(SealedError))
        );
        assert_eq!(altered(&|proof| proof.anchor = None), Err(LogProofError::Pending));
        let anchor =
            |change: &dyn Fn(&mut LogAnchor)| altered(&|proof| change(proof.anchor.as_mut().unwrap()));
        assert_eq!(
            anchor(&|anchor| anchor.position = hex0x(3u64.to_be_bytes())),
            Err(LogProofError::Altered)
        );
        assert_eq!(anchor(&|anchor| anchor.position = "3".into()), Err(LogProofError::Malformed));
        assert_eq!(anchor(&|anchor| drop(anchor.siblings.pop())), Err(LogProofError::Altered));
        assert_eq!(anchor(&|anchor| anchor.siblings[20] = hex0x([0; 32])), Err(LogProofError::Altered));
        assert_eq!(proof.verify(&[0; 32]), Err(LogProofError::Altered));
    }
}
