//! The gatekeeper's secrets, each in a file of its own that only its owner may read.

use std::{
    io::Write,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use medrec_client::{KeyPair, KeyType, SealingSecret};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::config::Keys;

/// Why a secret cannot be used. Never quotes it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Others may read it.
    #[error("{path} can be read by others than its owner: run `chmod 600` on it, and rotate the key if others were on this machine")]
    Open {
        /// Which file.
        path: PathBuf,
    },
    /// It does not hold a key.
    #[error("{path} does not hold {expected}")]
    Content {
        /// Which file.
        path: PathBuf,
        /// What should be there.
        expected: &'static str,
    },
}

/// All secrets of a gatekeeper.
pub struct Secrets {
    /// Signs answers and proposals.
    pub signing: KeyPair,
    /// Open what is sealed to the provider; the first is key 0.
    pub sealing: Vec<SealingSecret>,
    /// Behind the pseudonyms of resources.
    pub pseudonyms: Zeroizing<[u8; 32]>,
}

impl Secrets {
    /// Reads the files that the configuration names.
    pub fn load(files: &Keys) -> Result<Self, KeyFileError> {
        let content = |path: &Path, expected| KeyFileError::Content { path: path.to_owned(), expected };
        let signing = KeyPair::from_suri(read(&files.signing)?.trim(), KeyType::Sr25519)
            .map_err(|_| content(&files.signing, "a secret URI (recovery phrase or 0x seed)"))?;
        let sealing = files
            .sealing
            .iter()
            .map(|path| {
                SealingSecret::from_hex(&read(path)?)
                    .map_err(|_| content(path, "an X25519 secret of 64 hexadecimal digits"))
            })
            .collect::<Result<_, _>>()?;
        let mut pseudonyms = Zeroizing::new([0; 32]);
        let text = read(&files.pseudonyms)?;
        let digits = text.trim();
        hex::decode_to_slice(digits.strip_prefix("0x").unwrap_or(digits), pseudonyms.as_mut())
            .map_err(|_| content(&files.pseudonyms, "a secret of 64 hexadecimal digits"))?;
        Ok(Self { signing, sealing, pseudonyms })
    }

    /// Makes fresh secrets and writes them where none are yet.
    pub fn generate(files: &Keys) -> Result<(), KeyFileError> {
        write(&files.signing, &fresh())?;
        for path in &files.sealing {
            write(path, &fresh())?;
        }
        write(&files.pseudonyms, &fresh())
    }
}

/// What the provider's node proves itself by when it hands requests over.
pub struct HandOverSecret(Zeroizing<[u8; 32]>);

impl HandOverSecret {
    /// Reads a file: 32 to 128 printable characters without spaces.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let text = read(path)?;
        let text = text.trim();
        let right = (32..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        let expected = "a secret of 32 to 128 printable characters without spaces";
        right.then(|| Self::new(text)).ok_or(KeyFileError::Content { path: path.to_owned(), expected })
    }

    /// The secret of this text.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(Sha256::digest(text.as_bytes()).into()))
    }

    /// Whether this is it. How long that takes says nothing of how much is right.
    pub fn is(&self, given: &[u8]) -> bool {
        let given: [u8; 32] = Sha256::digest(given).into();
        self.0.ct_eq(&given).into()
    }
}

/// Reads a password: all of the file but the line's end.
pub fn password(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let text = read(path)?;
    let password = text.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        return Err(KeyFileError::Content { path: path.to_owned(), expected: "a password" });
    }
    Ok(Zeroizing::new(password.to_owned()))
}

/// Reads the key of a TLS certificate, which nobody else may.
pub fn tls_key(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    read(path)
}

/// Writes a fresh X25519 secret where there is no file yet, and gives its public key.
pub fn generate_sealing(path: &Path) -> Result<[u8; 32], KeyFileError> {
    let text = fresh();
    let content = |_| KeyFileError::Content { path: path.to_owned(), expected: "an X25519 secret" };
    let secret = SealingSecret::from_hex(&text).map_err(content)?;
    write(path, &text)?;
    Ok(secret.public())
}

/// 32 random bytes: a seed, an X25519 secret and a MAC key alike.
fn fresh() -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    rand::rngs::OsRng.fill_bytes(bytes.as_mut());
    Zeroizing::new(format!("0x{}\n", hex::encode(bytes.as_ref())))
}

fn read(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let file = |error| KeyFileError::File { path: path.to_owned(), error };
    if std::fs::metadata(path).map_err(file)?.mode() & 0o077 != 0 {
        return Err(KeyFileError::Open { path: path.to_owned() });
    }
    std::fs::read_to_string(path).map(Zeroizing::new).map_err(file)
}

fn write(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let file = |error| KeyFileError::File { path: path.to_owned(), error };
    let mut options = std::fs::OpenOptions::new();
    let mut out = options.write(true).create_new(true).mode(0o600).open(path).map_err(file)?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn files(folder: &Path) -> Keys {
        Keys {
            signing: folder.join("signing.key"),
            sealing: vec![folder.join("sealing-0.key")],
            pseudonyms: folder.join("pseudonyms.key"),
        }
    }

    #[test]
    fn secrets_should_load_when_generated() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        Secrets::generate(&files).unwrap();
        let (one, two) = (Secrets::load(&files).unwrap(), Secrets::load(&files).unwrap());
        assert_eq!(one.signing.account(), two.signing.account());
        assert_eq!(one.sealing[0].public(), two.sealing[0].public());
    }

    #[test]
    fn sealing_key_should_be_added_when_rotated() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = files(folder.path());
        Secrets::generate(&files).unwrap();
        let old = Secrets::load(&files).unwrap().sealing[0].public();
        let path = folder.path().join("sealing-1.key");
        let public = generate_sealing(&path).unwrap();
        assert!(generate_sealing(&path).is_err(), "nothing is overwritten");
        files.sealing.push(path);
        let keys: Vec<_> = Secrets::load(&files).unwrap().sealing.iter().map(SealingSecret::public).collect();
        assert_eq!(keys, [old, public]);
    }

    #[test]
    fn secrets_should_not_be_overwritten_when_there_are_some() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        Secrets::generate(&files).unwrap();
        let before = Secrets::load(&files).unwrap().signing.account();
        assert!(matches!(Secrets::generate(&files), Err(KeyFileError::File { .. })));
        assert_eq!(Secrets::load(&files).unwrap().signing.account(), before);
    }

    #[test]
    fn secrets_should_be_refused_when_others_may_read_them() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        Secrets::generate(&files).unwrap();
        std::fs::set_permissions(&files.signing, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Secrets::load(&files), Err(KeyFileError::Open { .. })));
    }

    #[test]
    fn hand_over_secret_should_load_when_long_enough_and_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hand-over.key");
        write(&path, &fresh()).unwrap();
        let text = read(&path).unwrap();
        let secret = HandOverSecret::load(&path).unwrap();
        assert!(secret.is(text.trim().as_bytes()));
        assert!(!secret.is(b"") && !secret.is(&text.as_bytes()[1..]));
        for short in ["", "0123456789012345678901234567890", "with a space in the middle of all these"] {
            std::fs::write(&path, short).unwrap();
            assert!(matches!(HandOverSecret::load(&path), Err(KeyFileError::Content { .. })), "{short}");
        }
        std::fs::write(&path, text.as_bytes()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(HandOverSecret::load(&path), Err(KeyFileError::Open { .. })));
    }

    #[test]
    fn error_should_not_quote_the_secret_when_a_file_holds_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        Secrets::generate(&files).unwrap();
        std::fs::write(&files.signing, "correct horse battery").unwrap();
        let error = Secrets::load(&files).err().unwrap().to_string();
        assert!(error.contains("signing.key") && !error.contains("horse"), "{error}");
    }
}
