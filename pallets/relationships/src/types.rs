//! Types of this pallet that do not leave the runtime.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    traits::{fungible::Inspect, ConstU32},
    BoundedVec,
};
use medrec_primitives::{
    AccountId, Custodian, RelationshipFlags, RelationshipId, RelationshipStatus, TicketDigest,
};
use scale_info::TypeInfo;

use crate::{Config, RuleCounts};

/// How many custodians a relationship may have.
pub const MAX_CUSTODIANS: u32 = 4;

/// How many pointers a relationship may have.
pub const MAX_POINTERS: u8 = 8;

/// Amounts in plancks.
pub type BalanceOf<T> = <<T as Config>::Deposits as Inspect<AccountId>>::Balance;

/// A relationship as the chain keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Relationship<Balance> {
    /// The patient's key in this relationship.
    pub patient: AccountId,
    /// Where it stands.
    pub status: RelationshipStatus,
    /// Digest of the enrolment ticket, until the patient answers.
    pub ticket: Option<TicketDigest>,
    /// Those who act for the patient.
    pub custodians: BoundedVec<Custodian, ConstU32<MAX_CUSTODIANS>>,
    /// After how many days without a call of the patient's custodians may step in, if ever.
    pub inactivity: Option<u16>,
    /// The patient's open choices.
    pub flags: RelationshipFlags,
    /// Counts of the rules that hang on it.
    pub rules: RuleCounts,
    /// What is held for it on the provider's deposit account (plancks).
    pub held: Balance,
}

/// What a key is to its relationship.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum KeyRole {
    /// The patient's.
    Patient,
    /// A custodian's.
    Custodian,
    /// Nothing any more: a tombstone.
    Retired,
}

/// A patient's or custodian's key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct KeyRecord {
    /// The one relationship it is for.
    pub relationship: RelationshipId,
    /// What it is there.
    pub role: KeyRole,
    /// What is left of its free calls. Its day tells when the key last made one.
    pub allowance: Allowance,
}

/// The free calls that a key has made on one day.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Allowance {
    /// The day: days since the Unix epoch, by the chain's clock.
    #[codec(compact)]
    pub day: u32,
    /// Calls that do not narrow access.
    pub calls: u8,
    /// Calls that narrow access.
    pub narrowing: u8,
}
