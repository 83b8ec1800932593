//! SMART Health Links: an address and a key in one text, for whoever is shown it or scans it.
//!
//! The text is `shlink:/` and the payload in base64url (HL7, SMART Health Cards and Links 1.0.0, "SMART Health Links"). What the
//! address gives is encrypted as a compact JWE (RFC 7516) with `alg` `dir` and `enc` `A256GCM`.

use aes_gcm::{
    aead::{Aead, Payload as AeadPayload},
    Aes256Gcm, KeyInit,
};
use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use medrec_primitives::Moment;
use rand::RngCore;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What every link begins with. Viewers may be named before it: `https://viewer.example/#shlink:/...`.
pub const PREFIX: &str = "shlink:/";

/// The longest address in a link (bytes).
pub const URL_BYTES: usize = 128;

/// The longest label (characters).
pub const LABEL_CHARACTERS: usize = 80;

/// What files in a link are.
pub const FHIR_JSON: &str = "application/fhir+json";

/// The longest link that is read (bytes).
const LINK_BYTES: usize = 4096;

/// What a link says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Where the manifest is.
    pub url: String,
    /// What opens the files: 32 bytes in base64url.
    pub key: String,
    /// Until when (s since the Unix epoch).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
    /// `L`: may be asked again for what is new; `P`: wants a passcode; `U`: the address is that of the one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The version of the specification; one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v: Option<u64>,
}

impl core::fmt::Debug for Payload {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The address and the key are the right to read.
        f.debug_struct("Payload").field("exp", &self.exp).field("flag", &self.flag).finish_non_exhaustive()
    }
}

/// Why a text is no link, or what it leads to cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// No link.
    #[error("this is no SMART Health Link: it begins with shlink:/ and is copied whole")]
    Malformed,
    /// A later version of the specification.
    #[error("this link is of a version that this program does not know")]
    Version,
    /// Its time is over.
    #[error("this link has expired: ask for a new one")]
    Expired,
    /// What came is not what the link opens.
    #[error("what the link leads to cannot be opened with its key")]
    Sealed,
}

impl Payload {
    /// As a link.
    pub fn link(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads a link, with or without a viewer's address before it.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        if text.len() > LINK_BYTES {
            return Err(LinkError::Malformed);
        }
        let encoded = match text.strip_prefix(PREFIX) {
            Some(encoded) => encoded,
            None => text.split_once("#shlink:/").map(|(_, encoded)| encoded).ok_or(LinkError::Malformed)?,
        };
        let json = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).map_err(|_| LinkError::Malformed)?);
        let payload: Self = serde_json::from_slice(&json).map_err(|_| LinkError::Malformed)?;
        if payload.v.is_some_and(|version| version != 1) {
            return Err(LinkError::Version);
        }
        if payload.url.len() > URL_BYTES || payload.secret().is_none() {
            return Err(LinkError::Malformed);
        }
        Ok(payload)
    }

    /// Whether it wants a passcode.
    pub fn wants_passcode(&self) -> bool {
        self.flag.as_ref().is_some_and(|flag| flag.contains('P'))
    }

    /// Whether its address is that of the one file, and not of a manifest.
    pub fn is_direct(&self) -> bool {
        self.flag.as_ref().is_some_and(|flag| flag.contains('U'))
    }

    /// Refuses a link whose time is over.
    pub fn ensure_in_time(&self, now: Moment) -> Result<(), LinkError> {
        let over = self.exp.is_some_and(|end| end.saturating_mul(1000) <= now);
        if over {
            Err(LinkError::Expired)
        } else {
            Ok(())
        }
    }

    /// Opens a file that the link leads to.
    pub fn open(&self, jwe: &str) -> Result<Vec<u8>, LinkError> {
        open(&*self.secret().ok_or(LinkError::Malformed)?, jwe)
    }

    fn secret(&self) -> Option<Zeroizing<[u8; 32]>> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(&self.key).ok()?);
        <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
    }
}

/// What a receiver sends to the address in a link.
#[derive(Clone, Serialize, Deserialize)]
pub struct ManifestRequest {
    /// Who asks, for whoever shares.
    pub recipient: String,
    /// What the patient told them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode: Option<String>,
    /// The longest file that is to come in the manifest itself (characters).
    #[serde(default, rename = "embeddedLengthMax", skip_serializing_if = "Option::is_none")]
    pub embedded_length_max: Option<u64>,
}

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Whether there may be more later: `finalized`, `can-change` or `no-longer-valid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What there is.
    pub files: Vec<File>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// What is in it.
    #[serde(rename = "contentType")]
    pub content_type: String,
    /// The file itself, a JWE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedded: Option<String>,
    /// Or where it is, for an hour at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// The answer to a wrong passcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongPasscode {
    /// How many more may be tried, ever.
    #[serde(rename = "remainingAttempts")]
    pub remaining_attempts: u32,
}

/// The one header of the files that are made here.
const HEADER: &str = r#"{"alg":"dir","enc":"A256GCM","cty":"application/fhir+json"}"#;

/// Encrypts a file as a compact JWE, with a fresh nonce.
pub fn seal(key: &[u8; 32], file: &[u8]) -> Result<String, LinkError> {
    let header = URL_SAFE_NO_PAD.encode(HEADER);
    let mut nonce = [0; 12];
    rand::rngs::OsRng.fill_bytes(&mut nonce);
    let message = AeadPayload { msg: file, aad: header.as_bytes() };
    let sealed = Aes256Gcm::new(key.into()).encrypt(&nonce.into(), message).map_err(|_| LinkError::Sealed)?;
    let (ciphertext, tag) = sealed.split_at_checked(file.len()).ok_or(LinkError::Sealed)?;
    let [nonce, ciphertext, tag] = [&nonce[..], ciphertext, tag].map(|part| URL_SAFE_NO_PAD.encode(part));
    Ok(format!("{header}..{nonce}.{ciphertext}.{tag}"))
}

/// What of a JWE's header decides how it is opened.
#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    #[serde(default)]
    zip: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

fn open(key: &[u8; 32], jwe: &str) -> Result<Vec<u8>, LinkError> {
    let parts: Vec<&str> = jwe.trim().split('.').collect();
    let [header, "", nonce, ciphertext, tag] = parts[..] else { return Err(LinkError::Sealed) };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| LinkError::Sealed);
    let said: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| LinkError::Sealed)?;
    let known = said.alg == "dir" && said.enc == "A256GCM" && said.zip.is_none() && said.crit.is_none();
    let nonce = <[u8; 12]>::try_from(decoded(nonce)?).map_err(|_| LinkError::Sealed)?;
    let tag = decoded(tag)?;
    if !known || tag.len() != 16 {
        return Err(LinkError::Sealed);
    }
    let sealed = [decoded(ciphertext)?, tag].concat();
    let message = AeadPayload { msg: &sealed, aad: header.as_bytes() };
    Aes256Gcm::new(key.into()).decrypt(&nonce.into(), message).map_err(|_| LinkError::Sealed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn payload() -> Payload {
        Payload {
            url: "https://hillcrest.example/shl/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM".into(),
            key: URL_SAFE_NO_PAD.encode([7; 32]),
            exp: Some(1_800_000_000),
            flag: Some("LP".into()),
            label: Some("Blood pressure".into()),
            v: Some(1),
        }
    }

    #[test]
    fn link_should_be_read_when_it_was_written_here_or_stands_behind_a_viewer() {
        let link = payload().link();
        assert!(link.starts_with("shlink:/ey"));
        assert_eq!(Payload::parse(&link), Ok(payload()));
        assert_eq!(Payload::parse(&format!(" https://viewer.example/#{link}\n")), Ok(payload()));
        assert!(payload().wants_passcode());
    }

    // The example of the specification, "Construct a SMART Health Link payload".
    #[test]
    fn link_should_be_read_when_it_is_the_specifications_own() {
        let link = "shlink:/eyJ1cmwiOiJodHRwczovL2Voci5leGFtcGxlLm9yZy9xci9ZOXh3a1VkdG1OOXd3b0pvTjNmZkpJaFgyVUd2Q0wxSm5sUFZOTDNrRFdNL20iLCJmbGFnIjoiTFAiLCJrZXkiOiJyeFRnWWxPYUtKUEZ0Y0VkMHFjY2VOOHdFVTRwOTRTcUF3SVFXZTZ1WDdRIiwibGFiZWwiOiJCYWNrLXRvLXNjaG9vbCBpbW11bml6YXRpb25zIGZvciBPbGl2ZXIgQnJvd24ifQ";
        let payload = Payload::parse(link).unwrap();
        assert_eq!(payload.url, "https://ehr.example.org/qr/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM/m");
        assert_eq!(payload.label.as_deref(), Some("Back-to-school immunizations for Oliver Brown"));
        assert_eq!((payload.flag.as_deref(), payload.v), (Some("LP"), None));
    }

    #[test]
    fn link_should_be_refused_when_malformed_or_of_another_version() {
        let with = |change: &dyn Fn(&mut Payload)| {
            let mut payload = payload();
            change(&mut payload);
            Payload::parse(&payload.link())
        };
        assert_eq!(with(&|p| p.v = Some(2)), Err(LinkError::Version));
        assert_eq!(with(&|p| p.key = "AAAA".into()), Err(LinkError::Malformed));
        assert_eq!(with(&|p| p.url.push_str(&"a".repeat(URL_BYTES))), Err(LinkError::Malformed));
        for text in
            ["", "shlink:/", "shlink:/e30", "https://x.example", "shlink:/!!!", &"shlink:/A".repeat(999)]
        {
            assert_eq!(Payload::parse(text), Err(LinkError::Malformed), "{text:.20}");
        }
    }

    #[test]
    fn link_should_be_refused_when_its_time_is_over() {
        let end = 1_800_000_000_000;
        assert_eq!(payload().ensure_in_time(end - 1), Ok(()));
        assert_eq!(payload().ensure_in_time(end), Err(LinkError::Expired));
        assert_eq!(Payload { exp: None, ..payload() }.ensure_in_time(u64::MAX), Ok(()));
    }

    #[test]
    fn file_should_open_with_the_links_key_alone_and_unaltered() {
        let file = br#"{"resourceType":"Bundle"}"#;
        let jwe = seal(&[7; 32], file).unwrap();
        assert_eq!(payload().open(&jwe).unwrap(), file);
        let other = Payload { key: URL_SAFE_NO_PAD.encode([8; 32]), ..payload() };
        assert_eq!(other.open(&jwe), Err(LinkError::Sealed));
        for (place, byte) in jwe.bytes().enumerate().filter(|(_, byte)| *byte != b'.') {
            let mut altered = jwe.clone().into_bytes();
            altered[place] = if byte == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(payload().open(&altered), Err(LinkError::Sealed), "{place}");
        }
        assert_ne!(jwe, seal(&[7; 32], file).unwrap(), "a fresh nonce each time");
    }
}
