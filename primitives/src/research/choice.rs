//! What a patient releases for research, in the form that is sealed.
//!
//! It is as long as the terms of a rule, whatever it says, so that a sealed choice is told from another by nobody but the provider.

use super::DuoPurposes;
use crate::TERMS_PLAINTEXT_BYTES;

/// The first byte of a packed choice. No packed terms begin with it.
const FORM: u8 = 0xC1;

/// A patient's choice. By default nothing is released.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReleaseChoice {
    /// Whether the patient's records count in planned tables at all.
    pub release: bool,
    /// For which purposes they do not.
    pub excluded: DuoPurposes,
    /// Until which day the choice holds, if not until it is changed: days since the Unix epoch. From that day on nothing is
    /// released.
    pub until: Option<u32>,
}

impl ReleaseChoice {
    /// Whether the patient's records count in a table for these purposes, on this day.
    pub fn releases_for(self, purposes: DuoPurposes, day: u32) -> bool {
        self.release && !self.excluded.meets(purposes) && self.until.is_none_or(|until| day < until)
    }

    /// In the form that is sealed.
    pub fn pack(self) -> [u8; TERMS_PLAINTEXT_BYTES] {
        let mut packed = [0; TERMS_PLAINTEXT_BYTES];
        let until = self.until.unwrap_or(u32::MAX).to_le_bytes();
        let head = [FORM, u8::from(self.release), self.excluded.0];
        for (place, byte) in packed.iter_mut().zip(head.into_iter().chain(until)) {
            *place = byte;
        }
        packed
    }

    /// Opened again; `None` if it is not the one form of some choice. What cannot be opened releases nothing.
    pub fn unpack(packed: &[u8; TERMS_PLAINTEXT_BYTES]) -> Option<Self> {
        let [form, release, excluded, a, b, c, d, ..] = *packed;
        let until = u32::from_le_bytes([a, b, c, d]);
        let choice = Self {
            release: release == 1,
            excluded: DuoPurposes(excluded),
            until: (until != u32::MAX).then_some(until),
        };
        let known = form == FORM && DuoPurposes::ALL.contains(choice.excluded);
        (known && choice.pack() == *packed).then_some(choice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> impl Iterator<Item = ReleaseChoice> {
        [false, true].into_iter().flat_map(|release| {
            (0..=DuoPurposes::ALL.0).flat_map(move |excluded| {
                [None, Some(0), Some(21_000)].into_iter().map(move |until| ReleaseChoice {
                    release,
                    excluded: DuoPurposes(excluded),
                    until,
                })
            })
        })
    }

    #[test]
    fn choice_should_return_unchanged_when_packed_and_unpacked() {
        for choice in choices() {
            assert_eq!(ReleaseChoice::unpack(&choice.pack()), Some(choice));
        }
    }

    #[test]
    fn choice_should_be_refused_when_a_byte_has_no_meaning() {
        let packed = ReleaseChoice { release: true, ..Default::default() }.pack();
        for place in (0..packed.len()).filter(|place| !(3..7).contains(place)) {
            let mut other = packed;
            other[place] ^= 0x80;
            assert_eq!(ReleaseChoice::unpack(&other), None, "{place}");
        }
    }

    #[test]
    fn choice_should_release_nothing_by_default_when_over_or_when_a_purpose_is_excluded() {
        assert!(!ReleaseChoice::default().releases_for(DuoPurposes::BIOMEDICAL, 0));
        let choice = ReleaseChoice { release: true, excluded: DuoPurposes::COMMERCIAL, until: Some(10) };
        assert!(choice.releases_for(DuoPurposes::BIOMEDICAL, 9));
        assert!(!choice.releases_for(DuoPurposes::BIOMEDICAL, 10));
        let both = DuoPurposes(DuoPurposes::BIOMEDICAL.0 | DuoPurposes::COMMERCIAL.0);
        assert!(!choice.releases_for(both, 9));
    }
}
