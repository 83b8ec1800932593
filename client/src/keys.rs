//! Key pairs from secret URIs, and the patient's key for each relationship.
//!
//! A *secret URI* is what Substrate tools take: a phrase of 12 to 24 words or a `0x` seed, then hard
//! junctions (`//name`), then optionally `///` and a password.
//!
//! One key serves one relationship. It is derived hard, so that nothing that the chain shows joins two
//! relationships of one person. Soft junctions (`/name`) are refused throughout: whoever knows the parent's
//! public key and one child can compute all the other children.

use core::{fmt, str::FromStr};

use medrec_primitives::AccountId;
use sp_core::{
    crypto::{DeriveJunction, ExposeSecret, SecretUri},
    ecdsa, ed25519, sr25519, Pair,
};
use sp_crypto_hashing::blake2_256;
use zeroize::Zeroizing;

use crate::signature::Signature;

/// The signature schemes of the chain's accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyType {
    /// Schnorr over Ristretto25519: what wallets make unless told otherwise.
    #[default]
    Sr25519,
    /// Ed25519.
    Ed25519,
    /// ECDSA over secp256k1, message hashed by BLAKE2b-256.
    Ecdsa,
}

impl KeyType {
    /// Every scheme.
    pub const ALL: [Self; 3] = [Self::Sr25519, Self::Ed25519, Self::Ecdsa];

    /// Its name as wallets write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sr25519 => "sr25519",
            Self::Ed25519 => "ed25519",
            Self::Ecdsa => "ecdsa",
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyType {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|key_type| key_type.name() == text).ok_or(KeyError::UnknownType)
    }
}

/// Why no key came of it. Says nothing of the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither a phrase nor a seed.
    #[error(
        "this is not a secret URI; write 12 to 24 words of a recovery phrase or a 0x seed, then hard junctions such as //name"
    )]
    Malformed,
    /// The words are no phrase with a right checksum.
    #[error("the recovery phrase is wrong: a word is not in the list, one is missing, or two are swapped")]
    WrongPhrase,
    /// The seed has another length than 32 bytes.
    #[error("the seed must be 32 bytes: 0x and 64 hexadecimal digits")]
    WrongSeed,
    /// A soft junction.
    #[error(
        "soft derivation (/name) is refused: anyone can link keys that were derived softly from one parent; write //name"
    )]
    SoftJunction,
    /// Not one of the three schemes.
    #[error("unknown key type; write sr25519, ed25519 or ecdsa")]
    UnknownType,
}

/// A key pair that can sign. Its secret is wiped when it is dropped and shown by nothing.
#[derive(Clone)]
pub struct KeyPair(Secret);

#[derive(Clone)]
enum Secret {
    Sr25519(Box<sr25519::Pair>),
    // `ed25519::Pair` is `Copy` and so cannot wipe itself; the seed can.
    Ed25519 { seed: Zeroizing<[u8; 32]>, public: ed25519::Public },
    Ecdsa(Box<ecdsa::Pair>),
}

impl KeyPair {
    /// The key pair of a secret URI.
    pub fn from_suri(suri: &str, key_type: KeyType) -> Result<Self, KeyError> {
        let (root, path) = Root::of(suri, key_type)?;
        root.at(path.into_iter())
    }

    /// The key pair of a 32-byte seed.
    pub fn from_seed(seed: &[u8; 32], key_type: KeyType) -> Result<Self, KeyError> {
        let secret = match key_type {
            KeyType::Sr25519 => Secret::Sr25519(Box::new(sr25519::Pair::from_seed(seed))),
            KeyType::Ed25519 => Secret::Ed25519 {
                seed: Zeroizing::new(*seed),
                public: ed25519::Pair::from_seed(seed).public(),
            },
            KeyType::Ecdsa => {
                Secret::Ecdsa(Box::new(ecdsa::Pair::from_seed_slice(seed).map_err(|_| KeyError::WrongSeed)?))
            }
        };
        Ok(Self(secret))
    }

    /// The patient's key for relationship number `n` of theirs: `//medrec//<n>` beneath the secret URI.
    ///
    /// The number is the patient's own count and appears nowhere else.
    pub fn patient(suri: &str, n: u32, key_type: KeyType) -> Result<Self, KeyError> {
        PatientKeys::new(suri, key_type)?.key(n)
    }

    /// Its scheme.
    pub fn key_type(&self) -> KeyType {
        match &self.0 {
            Secret::Sr25519(_) => KeyType::Sr25519,
            Secret::Ed25519 { .. } => KeyType::Ed25519,
            Secret::Ecdsa(_) => KeyType::Ecdsa,
        }
    }

    /// The account that its signatures stand for: the public key, or its hash where it has 33 bytes.
    pub fn account(&self) -> AccountId {
        match &self.0 {
            Secret::Sr25519(pair) => pair.public().into(),
            Secret::Ed25519 { public, .. } => (*public).into(),
            Secret::Ecdsa(pair) => blake2_256(pair.public().as_ref()).into(),
        }
    }

    /// The public key: 32 bytes, or 33 of a compressed point for [`KeyType::Ecdsa`].
    pub fn public(&self) -> Vec<u8> {
        match &self.0 {
            Secret::Sr25519(pair) => pair.public().to_vec(),
            Secret::Ed25519 { public, .. } => public.to_vec(),
            Secret::Ecdsa(pair) => pair.public().to_vec(),
        }
    }

    /// Signs `message` as it is.
    pub fn sign(&self, message: &[u8]) -> Signature {
        match &self.0 {
            Secret::Sr25519(pair) => Signature::Sr25519(pair.sign(message).0),
            Secret::Ed25519 { seed, .. } => {
                Signature::Ed25519(ed25519::Pair::from_seed(seed).sign(message).0)
            }
            Secret::Ecdsa(pair) => Signature::Ecdsa(pair.sign(message).0),
        }
    }

    /// Signs `message` within `<Bytes>…</Bytes>`, as wallets do with whatever is not a transaction.
    pub fn sign_wrapped(&self, message: &[u8]) -> Signature {
        self.sign(&crate::signature::wrapped(message))
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({} {})", self.key_type(), self.account())
    }
}

/// All the keys of one patient, one for each relationship.
pub struct PatientKeys {
    root: Root,
    path: Vec<DeriveJunction>,
}

impl PatientKeys {
    /// The keys beneath a secret URI.
    pub fn new(suri: &str, key_type: KeyType) -> Result<Self, KeyError> {
        let (root, path) = Root::of(suri, key_type)?;
        Ok(Self { root, path })
    }

    /// The key for relationship number `n`.
    pub fn key(&self, n: u32) -> Result<KeyPair, KeyError> {
        let path = self.path.iter().copied();
        self.root.at(path.chain([DeriveJunction::hard("medrec"), DeriveJunction::hard(u64::from(n))]))
    }

    /// Which of the first `count` keys is this account's. Nobody is asked.
    pub fn find(&self, account: &AccountId, count: u32) -> Option<(u32, KeyPair)> {
        (0..count).find_map(|n| Some((n, self.key(n).ok().filter(|key| key.account() == *account)?)))
    }
}

impl fmt::Debug for PatientKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PatientKeys(..)")
    }
}

/// The patient's sr25519 key for relationship number `n` of theirs. See [`KeyPair::patient`].
pub fn patient_key(suri: &str, n: u32) -> Result<KeyPair, KeyError> {
    KeyPair::patient(suri, n, KeyType::Sr25519)
}

/// A fresh recovery phrase of 12 words, from the operating system's randomness.
pub fn new_phrase() -> Zeroizing<String> {
    let (_, phrase, seed) = sr25519::Pair::generate_with_phrase(None);
    drop(Zeroizing::new(seed));
    Zeroizing::new(phrase)
}

/// The key of a phrase or seed, before any junction, with the seed that some schemes derive from.
enum Root {
    Sr25519(Box<sr25519::Pair>),
    Ed25519(Zeroizing<[u8; 32]>),
    Ecdsa(Zeroizing<[u8; 32]>),
}

impl Root {
    /// Root and path of a secret URI. The library's own errors quote the secret: none of them leaves here.
    fn of(suri: &str, key_type: KeyType) -> Result<(Self, Vec<DeriveJunction>), KeyError> {
        let uri = SecretUri::from_str(suri.trim()).map_err(|_| KeyError::Malformed)?;
        if uri.junctions.iter().any(DeriveJunction::is_soft) {
            return Err(KeyError::SoftJunction);
        }
        let root = match key_type {
            KeyType::Sr25519 => Self::Sr25519(Box::new(pair::<sr25519::Pair>(&uri)?.0)),
            KeyType::Ed25519 => Self::Ed25519(Zeroizing::new(pair::<ed25519::Pair>(&uri)?.1)),
            KeyType::Ecdsa => Self::Ecdsa(Zeroizing::new(pair::<ecdsa::Pair>(&uri)?.1)),
        };
        Ok((root, uri.junctions))
    }

    /// The key at the end of a path of hard junctions.
    fn at(&self, path: impl Iterator<Item = DeriveJunction>) -> Result<KeyPair, KeyError> {
        match self {
            Self::Sr25519(root) => {
                let (pair, _) = root.derive(path, None).map_err(|_| KeyError::SoftJunction)?;
                Ok(KeyPair(Secret::Sr25519(Box::new(pair))))
            }
            Self::Ed25519(root) => {
                let seed = derived::<ed25519::Pair>(root, path)?;
                KeyPair::from_seed(&seed, KeyType::Ed25519)
            }
            Self::Ecdsa(root) => {
                let seed = derived::<ecdsa::Pair>(root, path)?;
                KeyPair::from_seed(&seed, KeyType::Ecdsa)
            }
        }
    }
}

/// The pair of a URI's phrase or seed, without its path.
fn pair<P: Pair<Seed = [u8; 32]>>(uri: &SecretUri) -> Result<(P, [u8; 32]), KeyError> {
    let phrase = uri.phrase.expose_secret();
    let Some(digits) = phrase.strip_prefix("0x") else {
        let password = uri.password.as_ref().map(|password| password.expose_secret().as_str());
        return P::from_phrase(phrase, password).map_err(|_| KeyError::WrongPhrase);
    };
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits, seed.as_mut()).map_err(|_| KeyError::WrongSeed)?;
    Ok((P::from_seed_slice(seed.as_ref()).map_err(|_| KeyError::WrongSeed)?, *seed))
}

/// The seed at the end of a path, for the schemes whose hard derivation goes from seed to seed.
fn derived<P: Pair<Seed = [u8; 32]>>(
    seed: &[u8; 32],
    path: impl Iterator<Item = DeriveJunction>,
) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let root = P::from_seed_slice(seed).map_err(|_| KeyError::WrongSeed)?;
    let (_, seed) = root.derive(path, Some(*seed)).map_err(|_| KeyError::SoftJunction)?;
    seed.map(Zeroizing::new).ok_or(KeyError::Malformed)
}
