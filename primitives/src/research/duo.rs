//! What a study is for, after the Data Use Ontology of GA4GH (<https://github.com/EBISPOT/DUO>).

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Purposes of a study; those for which a table may be claimed; those that a patient excludes. A set of bits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct DuoPurposes(pub u8);

impl DuoPurposes {
    /// General research: what DUO:0000042 (GRU) allows.
    pub const GENERAL: Self = Self(1);
    /// Health, medical or biomedical research: DUO:0000006 (HMB).
    pub const BIOMEDICAL: Self = Self(2);
    /// Research into one disease: DUO:0000007 (DS). Which one stands in the protocol.
    pub const DISEASE: Self = Self(4);
    /// Population origins or ancestry: DUO:0000011 (POA).
    pub const ANCESTRY: Self = Self(8);
    /// Development of methods: what DUO:0000015 (NMDS) rules out.
    pub const METHODS: Self = Self(16);
    /// Commercial use: what DUO:0000046 (NCU) rules out.
    pub const COMMERCIAL: Self = Self(32);
    /// Every purpose there is.
    pub const ALL: Self = Self(63);

    /// Whether all of `other` is in it.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is in it.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is some purpose, and none without meaning.
    pub const fn is_well_formed(self) -> bool {
        self.0 != 0 && Self::ALL.contains(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_should_be_refused_when_empty_or_without_meaning() {
        assert!(!DuoPurposes::default().is_well_formed());
        assert!(!DuoPurposes(64).is_well_formed());
        assert!(!DuoPurposes(65).is_well_formed());
        assert!((1..=DuoPurposes::ALL.0).all(|bits| DuoPurposes(bits).is_well_formed()));
    }
}
