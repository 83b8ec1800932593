//! Members of the consortium, their keys, their staff.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

use crate::{AccountId, Moment};

/// A member's name as it is shown: printable ASCII, at most 64 bytes (names in other scripts are transliterated, so that
/// look-alikes can be told apart).
pub type MemberName = BoundedVec<u8, ConstU32<64>>;

/// Where a member's gatekeeper answers: an `https` address (`http` on loopback only), at most 128 bytes.
pub type GatekeeperUrl = BoundedVec<u8, ConstU32<128>>;

/// What a member does in the consortium.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum MemberRole {
    /// Keeps patients' records in a database of its own.
    Provider,
    /// Runs a collator and earns credits for statistics.
    Researcher,
    /// Keeps a group of members up to date, and holds no records.
    GroupOwner,
}

/// Where a member stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum MemberStatus {
    /// Has applied; the consortium has not voted.
    Applied,
    /// Admitted by vote.
    Active,
    /// Suspended by vote: nothing of it or for it is permitted.
    Suspended,
    /// Removed by vote, for good.
    Removed,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Member {
    /// What it does.
    pub role: MemberRole,
    /// Where it stands.
    pub status: MemberStatus,
    /// Signs for the member: staff, keys, applications.
    pub account: AccountId,
    /// Its name as shown. Names are compared in a normal form; see `pallet-registry`.
    pub name: MemberName,
    /// Where its gatekeeper answers. Empty for members without one.
    pub url: GatekeeperUrl,
    /// The gatekeeper's sr25519 key: signs answers, proposes relationships, anchors.
    pub gatekeeper: AccountId,
    /// The sealing key to use now.
    pub sealing_key: u8,
    /// The index that the next person on the staff gets.
    pub next_staff: u32,
}

/// A member's X25519 public key, to which terms and locators are sealed.
///
/// What was sealed to a key stays readable by its holder after `not_after`; new terms may not be sealed to it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SealingKey {
    /// The public key (RFC 7748).
    pub public: [u8; 32],
    /// From when it may be sealed to (ms).
    pub not_before: Moment,
    /// Until when it may be sealed to (ms); `None` while it is the current one.
    pub not_after: Option<Moment>,
}

/// What a person on a member's staff may act as.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum StaffRole {
    /// Treats patients.
    Clinician,
    /// Treats patients in an emergency room and may break the glass.
    Emergency,
    /// Dispenses medication.
    Pharmacist,
    /// Looks after the member's records, enrolment and inbox; reads no record by this role.
    Steward,
}

/// A person on a member's staff.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Staff {
    /// The key that the person signs in with. Used for this person only, and never again.
    pub key: AccountId,
    /// What the person may act as.
    pub role: StaffRole,
    /// From when the role is active (ms): the emergency role starts after a delay.
    pub from: Moment,
    /// Until when (ms).
    pub until: Moment,
}
