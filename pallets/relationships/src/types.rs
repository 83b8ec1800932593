//! Types of this pallet that do not leave the runtime.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    traits::{fungible::Inspect, ConstU32},
    BoundedVec,
};
use medrec_primitives::{
    AccountId, Custodian, Moment, RelationshipFlags, RelationshipId, RelationshipStatus, TicketDigest, DAY_MS,
};
use scale_info::TypeInfo;

use crate::{Config, RuleCounts};

/// How many custodians a relationship may have.
pub const MAX_CUSTODIANS: u32 = 4;

/// How many keys custodians of a relationship may ever have had: their tombstones are paid for in advance.
pub const MAX_CUSTODIAN_KEYS: u8 = 8;

/// How many keys the patient of a relationship may ever have had: their tombstones are paid for in advance.
pub const MAX_PATIENT_KEYS: u8 = 8;

/// How many pointers a relationship may have.
pub const MAX_POINTERS: u8 = 8;

/// The shortest and the longest inactivity period (days).
pub const INACTIVITY_DAYS: core::ops::RangeInclusive<u16> = 30..=3_660;

/// How far ahead a minor's handover may lie (ms): a newborn's, where majority is at 21, with the rounding.
pub const MAX_MINORITY: Moment = 22 * 366 * DAY_MS;

/// How long a rekey waits after its last approval, so that the present key can veto it (ms).
pub const REKEY_DELAY: Moment = 7 * DAY_MS;

/// How long a rekey that is ready may still be finished (ms). Then it has lapsed.
pub const REKEY_TERM: Moment = 30 * DAY_MS;

/// For how long a custodian must have managed the relationship when a rekey is asked for, so as to have a say in it (ms): who
/// has stolen the patient's key could otherwise appoint itself, and never approve.
pub const MIN_CUSTODY: Moment = 7 * DAY_MS;

/// The custodians of a relationship.
pub type Custodians = BoundedVec<Custodian, ConstU32<MAX_CUSTODIANS>>;

/// Amounts in plancks.
pub type BalanceOf<T> = <<T as Config>::Deposits as Inspect<AccountId>>::Balance;

/// A relationship as the chain keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Relationship<Balance> {
    /// The patient's key in this relationship. A minor has none yet: then an account that nobody has the key of stands here
    /// (see [`crate::Pallet::minor_account`]).
    pub patient: AccountId,
    /// Where it stands.
    pub status: RelationshipStatus,
    /// Digest of the enrolment ticket, until the patient answers: to a proposal, or, with a relationship that rests since
    /// its handover, to the enrolment of the patient's own key.
    pub ticket: Option<TicketDigest>,
    /// Those who act for the patient.
    pub custodians: Custodians,
    /// After how many days without a call of the patient's custodians may step in, if ever.
    pub inactivity: Option<u16>,
    /// The patient's open choices.
    pub flags: RelationshipFlags,
    /// Counts of the rules that hang on it.
    pub rules: RuleCounts,
    /// How many keys it has ever had.
    pub keys: KeyCounts,
    /// What is held for it on the provider's deposit account (plancks).
    pub held: Balance,
}

/// How many keys a relationship has ever had.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct KeyCounts {
    /// The patient's, and those that were named to follow a lost one.
    pub patient: u8,
    /// Custodians'.
    pub custodian: u8,
}

/// A custodian's request to step in for a patient who has been silent.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct StepIn {
    /// The day of the request. It is void from the patient's next call on, whose day cannot be an earlier one.
    #[codec(compact)]
    pub day: u32,
    /// Whether the provider has confirmed it.
    pub confirmed: bool,
}

/// A request to put a fresh key in the place of a lost one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Rekey {
    /// The lost key: the patient's, or a guardian's of a minor who has none.
    pub lost: AccountId,
    /// The fresh key.
    pub key: AccountId,
    /// Digest of the ticket with which the provider has approved, having proofed identity anew.
    pub ticket: Option<TicketDigest>,
    /// The key of the custodian who has approved. It counts as long as this custodian manages the relationship.
    pub custodian: Option<AccountId>,
    /// When it was asked for (ms).
    pub asked: Moment,
    /// From when it may be finished (ms), approvals given, for [`REKEY_TERM`].
    pub ready: Moment,
    /// How far it is.
    pub stage: RekeyStage,
}

/// How far a rekey is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RekeyStage {
    /// Asked for.
    Asked,
    /// The key that is said to be lost has vetoed it. Nothing goes on until identity is proofed anew.
    Vetoed,
    /// The provider has proofed after a veto that the fresh key goes on. Frozen as before, until it is finished.
    Reproofed,
}

/// What resuming a suspended relationship needs, besides the patient's side.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Suspension {
    /// Whether the provider suspended it, and must consent.
    pub provider: bool,
    /// After a veto, the key that goes on: it alone resumes, while it may act at all.
    pub only: Option<AccountId>,
}

/// What a key is to its relationship.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum KeyRole {
    /// The patient's.
    Patient,
    /// A custodian's: which of the relationship's custodians, counted from 0 and never again. A key that follows a lost one
    /// takes its number over, and with it what was granted by it.
    Custodian(u8),
    /// Nothing any more: a tombstone.
    Retired,
    /// Named to follow a lost key, and nothing yet.
    Pending,
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
