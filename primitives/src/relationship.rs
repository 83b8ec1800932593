//! Patient-provider relationships, custodians and pointers to records.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{AccountId, Moment, SealingKeyId};

/// The first 16 bytes of the BLAKE2b-256 digest of an enrolment ticket.
///
/// A ticket is a 128-bit secret used once, so 128 bits of digest are as hard to invert as the ticket is to guess.
pub type TicketDigest = [u8; 16];

/// Where a relationship stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RelationshipStatus {
    /// The provider has proposed it; the patient has not answered.
    Proposed,
    /// The patient has accepted it.
    Active,
    /// Rests: nobody reads through it until it is resumed.
    Suspended,
    /// Ended by either side, for good.
    Ended,
}

/// What a custodian may do in the patient's place. A set of bits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CustodianRights(pub u8);

impl CustodianRights {
    /// Reads what the patient reads.
    pub const READ: Self = Self(1);
    /// Grants, denies and revokes.
    pub const GRANT: Self = Self(2);
    /// Accepts, suspends, resumes and ends the relationship; appoints custodians within its own rights; approves a rekey.
    pub const MANAGE: Self = Self(4);
    /// Every right there is.
    pub const ALL: Self = Self(7);
    /// Not a right, but the condition on all of them: only after stepping in for a patient who has been silent.
    pub const DORMANT: Self = Self(8);

    /// Whether all of `other` is held.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The rights without the condition.
    pub const fn awake(self) -> Self {
        Self(self.0 & Self::ALL.0)
    }

    /// Whether this is some right, under the condition or not, and nothing that has no meaning.
    pub const fn is_well_formed(self) -> bool {
        self.awake().0 != 0 && self.0 & !(Self::ALL.0 | Self::DORMANT.0) == 0
    }
}

/// Someone who acts for a patient: a parent, a guardian, an attorney in fact.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Custodian {
    /// The custodian's key for this relationship, used for no other.
    pub key: AccountId,
    /// What the custodian may do.
    pub rights: CustodianRights,
    /// From when (ms).
    pub not_before: Moment,
    /// Until when (ms), rounded to half-years by our tools; `None` is without end.
    pub not_after: Option<Moment>,
}

/// Choices of the patient's that every reader of the chain may see. A set of bits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RelationshipFlags(pub u8);

impl RelationshipFlags {
    /// Nobody may break the glass.
    pub const EMERGENCY_OPT_OUT: Self = Self(1);
    /// An emergency beats this patient's explicit denials.
    pub const EMERGENCY_OVER_DENIALS: Self = Self(2);
    /// Every choice there is.
    pub const ALL: Self = Self(3);
    /// No choice.
    pub const NONE: Self = Self(0);

    /// Whether all of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Length of what a [`SealedLocator`] holds, padded (bytes).
pub const LOCATOR_PLAINTEXT_BYTES: usize = 48;

/// Where a provider finds the records of a relationship, readable by the provider alone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SealedLocator {
    /// The provider's key it is sealed to.
    pub key: SealingKeyId,
    /// HPKE encapsulated key.
    pub enc: [u8; 32],
    /// ChaCha20-Poly1305 ciphertext and tag of the padded locator.
    pub ciphertext: [u8; LOCATOR_PLAINTEXT_BYTES + 16],
}

/// A sealed pointer to records in the provider's database.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Pointer {
    /// Where the records are, sealed to the provider itself.
    pub locator: SealedLocator,
    /// Merkle root over the records.
    pub root: [u8; 32],
    /// Counts the changes from 1.
    pub version: u32,
    /// The version that the patient's side has acknowledged last: none yet is 0, and the pointer new; less than `version`
    /// is updated; the same is seen.
    #[codec(compact)]
    pub seen: u32,
}
