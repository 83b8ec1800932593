//! Share links: SMART Health Links (HL7, SMART Health Cards and Links 1.0.0) to what somebody else may read of a patient's records.
//!
//! A link is a viewer of its own: an account that is made with it, for which nobody has a key. The patient grants that account
//! something on chain, like any other viewer, and takes it back there. Whoever holds the link, and the passcode if there is one, is answered as that
//! account: each time decided, redacted and logged anew. Without a grant a link shows nothing.
//!
//! The gatekeeper keeps digests only. The secret in a link's address decides the account and the key that opens the files; with a
//! copy of the store, but without the gatekeeper's secrets, no link can be used and no passcode guessed.

use std::sync::Arc;

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use medrec_client::share_link::{Payload, LABEL_CHARACTERS, URL_BYTES};
use medrec_policy::Purpose;
use medrec_primitives::{AccountId, Moment, RelationshipId};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    clock::Time,
    smart::mac,
    store::{share_links::StoredLink, Store, StoreError},
};

/// How many links of one relationship may be in force.
pub const MOST: u32 = 32;

/// How many wrong passcodes may be tried with one link, ever.
pub const PASSCODE_TRIES: u32 = 10;

/// How short and how long a passcode may be (characters).
pub const PASSCODE: core::ops::RangeInclusive<usize> = 4..=64;

/// How far ahead the end of a link may be (ms).
pub const LONGEST: Moment = 366 * 24 * 3_600_000;

/// How long the address of a file is good (ms). The specification allows an hour.
const FILE_LIFE: Moment = 600_000;

/// How many bytes of a digest prove the address of a file.
const FILE_MAC_BYTES: usize = 16;

/// Makes links and knows them again.
pub struct ShareLinks {
    key: Zeroizing<[u8; 32]>,
    public_url: String,
    store: Store,
    time: Arc<dyn Time>,
}

/// What a link is to be like.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Whose records.
    pub relationship: RelationshipId,
    /// What for.
    pub purpose: Purpose,
    /// Until when (ms).
    pub expires: Moment,
    /// What it wants to be told.
    pub passcode: Option<Zeroizing<String>>,
    /// What it is, for people. It stands in the link and nowhere else.
    pub label: Option<String>,
    /// Whether its address is that of the one file (`U`), and not of a manifest.
    pub direct: bool,
}

/// A new link.
#[derive(Debug)]
pub struct NewLink {
    /// What whoever holds it reads as.
    pub account: AccountId,
    /// The link.
    pub payload: Payload,
}

/// A link that somebody holds.
#[derive(Debug)]
pub struct Held {
    /// What the store knows of it.
    pub stored: StoredLink,
    /// What opens its files.
    pub key: Zeroizing<[u8; 32]>,
}

/// Why a link is not made.
#[derive(Debug, thiserror::Error)]
pub enum WishError {
    /// A time that is past or too far ahead.
    #[error("a link ends in the future, and within 366 days")]
    Expiry,
    /// A passcode that nobody could keep, or anybody could guess.
    #[error("a passcode has 4 to 64 characters")]
    Passcode,
    /// Who fetches a file directly is asked for nothing.
    #[error("a link with a passcode does not lead to its file directly")]
    Direct,
    /// A label that does not fit.
    #[error("a label has 80 characters at most, on one line")]
    Label,
    /// The gatekeeper's own address leaves no room.
    #[error("this gatekeeper's address is too long for links: 79 characters at most")]
    Address,
    /// There are enough.
    #[error("32 links to these records are in force: end one first")]
    TooMany,
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why somebody who holds a link is shown nothing.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    /// There is none, or it has ended, or too many wrong passcodes were tried.
    #[error("this link does not lead anywhere, or not any more")]
    Gone,
    /// The passcode is missing or wrong; so many may still be tried.
    #[error("the passcode is missing or wrong")]
    Passcode(u32),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ShareLinks {
    /// Makes links beneath `public_url`. `key` is one of the gatekeeper's secrets, which outlives restarts.
    pub fn new(key: Zeroizing<[u8; 32]>, public_url: String, store: Store, time: Arc<dyn Time>) -> Self {
        Self { key, public_url, store, time }
    }

    /// Makes a link. Whether the patient wants it is for the caller to know.
    pub async fn make(&self, wish: &Wish) -> Result<NewLink, WishError> {
        let now = self.time.now().wall;
        if wish.expires <= now || wish.expires > now.saturating_add(LONGEST) {
            return Err(WishError::Expiry);
        }
        if wish.passcode.as_ref().is_some_and(|code| !PASSCODE.contains(&code.chars().count())) {
            return Err(WishError::Passcode);
        }
        if wish.direct && wish.passcode.is_some() {
            return Err(WishError::Direct);
        }
        let fits = |label: &String| {
            label.chars().count() <= LABEL_CHARACTERS && !label.chars().any(char::is_control)
        };
        if !wish.label.as_ref().is_none_or(fits) {
            return Err(WishError::Label);
        }
        let mut secret = Zeroizing::new([0; 32]);
        rand::rngs::OsRng.fill_bytes(&mut *secret);
        let url = self.address(&secret);
        if url.len() > URL_BYTES {
            return Err(WishError::Address);
        }
        let stored = StoredLink {
            account: self.part(b"viewer", &secret).into(),
            token: digest(&secret),
            relationship: wish.relationship.to_string(),
            purpose: wish.purpose.to_string(),
            passcode: wish.passcode.as_ref().map(|code| self.passcode(&secret, code)),
            failures: 0,
            made: now,
            expires: wish.expires,
        };
        if !self.store.keep_link(&stored, MOST).await? {
            return Err(WishError::TooMany);
        }
        let flag = match (wish.passcode.is_some(), wish.direct) {
            (true, _) => "LP",
            (false, true) => "LU",
            (false, false) => "L",
        };
        let payload = Payload {
            url,
            key: URL_SAFE_NO_PAD.encode(*self.files(&secret)),
            exp: Some(wish.expires / 1000),
            flag: Some(flag.to_owned()),
            label: wish.label.clone(),
            v: Some(1),
        };
        Ok(NewLink { account: stored.account, payload })
    }

    /// The link whose address ends with `token`, if the passcode is right. A try is on disk before it is looked at.
    pub async fn held(&self, token: &str, passcode: Option<&str>) -> Result<Held, HeldError> {
        let (secret, stored) = self.find(token).await?;
        if let Some(right) = &stored.passcode {
            let left = PASSCODE_TRIES.saturating_sub(stored.failures);
            let Some(told) = passcode else {
                return Err(if left == 0 { HeldError::Gone } else { HeldError::Passcode(left) });
            };
            let Some(left) = self.store.try_passcode(&stored.token, PASSCODE_TRIES).await? else {
                return Err(HeldError::Gone);
            };
            if !bool::from(self.passcode(&secret, told).ct_eq(right)) {
                return Err(HeldError::Passcode(left));
            }
            self.store.untry_passcode(&stored.token).await?;
        }
        Ok(Held { key: self.files(&secret), stored })
    }

    /// The address of a file, for some minutes, for somebody who has told the passcode.
    pub fn file_address(&self, token: &str, recipient: &str) -> Option<String> {
        let secret = read(token)?;
        let expires = self.time.now().wall.saturating_add(FILE_LIFE);
        let proof = URL_SAFE_NO_PAD.encode(self.file_mac(&secret, expires, recipient));
        let recipient = URL_SAFE_NO_PAD.encode(recipient);
        Some(format!("{}/files/{expires}.{recipient}.{proof}", self.address(&secret)))
    }

    /// The link to one of whose files somebody has such an address, and who that is.
    pub async fn held_file(&self, token: &str, file: &str) -> Result<(Held, String), HeldError> {
        let (secret, stored) = self.find(token).await?;
        let recipient = self.file_recipient(&secret, file).ok_or(HeldError::Gone)?;
        Ok((Held { key: self.files(&secret), stored }, recipient))
    }

    /// The links of a relationship, the newest first.
    pub async fn list(&self, relationship: RelationshipId) -> Result<Vec<StoredLink>, StoreError> {
        self.store.links(&relationship.to_string()).await
    }

    /// Ends a link. Returns whether there was one.
    pub async fn end(&self, relationship: RelationshipId, account: &AccountId) -> Result<bool, StoreError> {
        self.store.end_link(&relationship.to_string(), account).await
    }

    /// Forgets links whose time is over. To be called now and then.
    pub async fn prune(&self) -> Result<(), StoreError> {
        self.store.prune_links(self.time.now().wall).await
    }

    async fn find(&self, token: &str) -> Result<(Zeroizing<[u8; 32]>, StoredLink), HeldError> {
        let secret = read(token).ok_or(HeldError::Gone)?;
        let stored = self.store.link(&digest(&secret), self.time.now().wall).await?.ok_or(HeldError::Gone)?;
        Ok((secret, stored))
    }

    fn file_recipient(&self, secret: &[u8; 32], file: &str) -> Option<String> {
        let [expires, recipient, proof] = file.split('.').collect::<Vec<_>>()[..] else { return None };
        let expires: Moment = expires.parse().ok().filter(|end| *end > self.time.now().wall)?;
        let recipient = String::from_utf8(URL_SAFE_NO_PAD.decode(recipient).ok()?).ok()?;
        let proof = URL_SAFE_NO_PAD.decode(proof).ok()?;
        let same = proof.as_slice().ct_eq(&self.file_mac(secret, expires, &recipient));
        bool::from(same).then_some(recipient)
    }

    fn address(&self, secret: &[u8; 32]) -> String {
        format!("{}/shl/{}", self.public_url, URL_SAFE_NO_PAD.encode(secret))
    }

    fn part(&self, what: &[u8], secret: &[u8; 32]) -> [u8; 32] {
        mac(&self.key, &[what, secret])
    }

    fn files(&self, secret: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.part(b"files", secret))
    }

    fn passcode(&self, secret: &[u8; 32], passcode: &str) -> [u8; 32] {
        mac(&self.key, &[b"passcode", secret, passcode.as_bytes()])
    }

    fn file_mac(&self, secret: &[u8; 32], expires: Moment, recipient: &str) -> Vec<u8> {
        let parts: [&[u8]; 4] = [b"file", secret, &expires.to_be_bytes(), recipient.as_bytes()];
        mac(&self.key, &parts)[..FILE_MAC_BYTES].to_vec()
    }
}

/// The secret at the end of a link's address, in its one spelling.
fn read(token: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(token).ok()?);
    <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
}

fn digest(secret: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests;
