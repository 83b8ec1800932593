//! What entries say, sealed: by a key for each relationship and calendar year, which is destroyed after retention.
//!
//! The log keeps and hashes the sealed text alone, so destroying a key leaves the chain of hashes whole. Open beside it are the
//! time and the key's random name. The length is rounded up, so that it tells little of what was asked.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::Datelike;
use medrec_client::log;
pub use medrec_client::log::{outside, KeyId, SealedError};
use medrec_primitives::Moment;
use rand::RngCore;
use zeroize::Zeroizing;

use super::Entry;

/// Keys remembered at most. A forgotten one is replaced by another for what comes then.
const REMEMBERED: usize = 10_000;

/// Entries are padded to a multiple of this.
const PADDED: usize = 512;

/// A key for entries about one relationship in one calendar year (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryKey {
    /// Its random name.
    pub id: KeyId,
    /// Whom the entries are about.
    pub relationship: String,
    /// The year that they were made in.
    pub year: u16,
    /// ChaCha20-Poly1305.
    pub key: Zeroizing<[u8; 32]>,
}

/// The calendar year of a moment (UTC); 0 for what no calendar holds.
pub fn year(time: Moment) -> u16 {
    let moment = i64::try_from(time).ok().and_then(chrono::DateTime::from_timestamp_millis);
    moment.and_then(|moment| u16::try_from(moment.year()).ok()).unwrap_or(0)
}

impl EntryKey {
    fn generate(relationship: &str, year: u16) -> Self {
        let mut key =
            Self { id: [0; 16], relationship: relationship.into(), year, key: Zeroizing::new([0; 32]) };
        rand::rngs::OsRng.fill_bytes(&mut key.id);
        rand::rngs::OsRng.fill_bytes(key.key.as_mut());
        key
    }

    /// Seals an entry.
    pub fn seal(&self, entry: &Entry) -> Result<String, SealedError> {
        let mut text = Zeroizing::new(serde_json::to_vec(entry).map_err(|_| SealedError)?);
        // White space after JSON means nothing.
        let padded = text.len().next_multiple_of(PADDED);
        text.resize(padded, b' ');
        log::seal(entry.time, &self.id, &self.key, &text)
    }

    /// Opens what this key sealed.
    pub fn open(&self, text: &str) -> Result<Entry, SealedError> {
        let (time, says) = log::open(&self.key, text)?;
        let entry: Entry = serde_json::from_slice(&says).map_err(|_| SealedError)?;
        // The key is for one relationship and year, and the open time and name are the entry's.
        let named = outside(text).is_some_and(|(_, id)| id == self.id);
        let right = entry.time == time && entry.patient == self.relationship && year(entry.time) == self.year;
        (named && right).then_some(entry).ok_or(SealedError)
    }
}

/// The keys that new entries are sealed by.
#[derive(Debug, Default)]
pub struct Keyring(Mutex<HashMap<(String, u16), EntryKey>>);

impl Keyring {
    /// The key for an entry about a relationship in a year. It may be a new one, so it is kept with each entry that it seals.
    pub fn key(&self, relationship: &str, year: u16) -> EntryKey {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (relationship.to_owned(), year);
        if keys.len() >= REMEMBERED && !keys.contains_key(&name) {
            keys.clear();
        }
        keys.entry(name).or_insert_with(|| EntryKey::generate(relationship, year)).clone()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::log::tests::entry;

    #[test]
    fn entry_should_return_unchanged_when_opened_with_its_key() {
        let key = EntryKey::generate("r0-3", 2023);
        let text = key.seal(&entry("r0-3")).unwrap();
        assert_eq!(key.open(&text), Ok(entry("r0-3")));
        assert_eq!(outside(&text), Some((entry("r0-3").time, key.id)));
    }

    #[test]
    fn entry_should_tell_nothing_when_sealed() {
        let text = EntryKey::generate("r0-3", 2023).seal(&entry("r0-3")).unwrap();
        for told in ["r0-3", "5Grw", "s0-1", "TREAT", "Observation", "code", "viewer"] {
            assert!(!text.contains(told), "{told} in {text}");
        }
    }

    #[test]
    fn entries_should_have_one_length_when_they_differ_a_little() {
        let key = EntryKey::generate("r0-3", 2023);
        let short = key.seal(&Entry { parameters: Vec::new(), ..entry("r0-3") }).unwrap();
        assert_eq!(key.seal(&entry("r0-3")).unwrap().len(), short.len());
    }

    #[test]
    fn entry_should_not_open_when_anything_is_altered() {
        let key = EntryKey::generate("r0-3", 2023);
        let text = key.seal(&entry("r0-3")).unwrap();
        assert_eq!(EntryKey { key: Zeroizing::new([1; 32]), ..key.clone() }.open(&text), Err(SealedError));
        assert_eq!(EntryKey { id: [1; 16], ..key.clone() }.open(&text), Err(SealedError));
        assert_eq!(EntryKey { relationship: "r0-4".into(), ..key.clone() }.open(&text), Err(SealedError));
        assert_eq!(EntryKey { year: 2024, ..key.clone() }.open(&text), Err(SealedError));
        let later = text.replace("1700000000000", "1700000000001");
        assert!(later != text && key.open(&later) == Err(SealedError));
    }

    #[test]
    fn keyring_should_give_each_relationship_and_year_a_key_of_its_own() {
        let ring = Keyring::default();
        let key = ring.key("r0-3", 2023);
        assert_eq!(ring.key("r0-3", 2023), key);
        assert_ne!(ring.key("r0-3", 2024).key, key.key);
        assert_ne!(ring.key("r0-4", 2023).key, key.key);
    }

    #[test]
    fn year_should_turn_at_midnight_utc() {
        assert_eq!((year(1_767_225_599_999), year(1_767_225_600_000)), (2025, 2026));
        assert_eq!(year(Moment::MAX), 0);
    }
}
