//! Broken glasses and their review.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{GlassId, Moment, RelationshipId, StaffId};

/// Digest of the reason for an emergency, salted by the client, so that nobody can guess the reason from it.
pub type ReasonDigest = [u8; 32];

/// A broken glass, as long as it opens something: emergency access of one person to one relationship.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Glass {
    /// Its identifier.
    pub id: GlassId,
    /// Who broke it.
    pub staff: StaffId,
    /// From when (ms).
    pub from: Moment,
    /// Until when (ms).
    pub until: Moment,
}

/// A break that the consortium has not reviewed yet. It outlasts the glass and the relationship.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct GlassReview {
    /// Whose records.
    pub relationship: RelationshipId,
    /// Who broke it.
    pub staff: StaffId,
    /// From when (ms).
    pub from: Moment,
    /// Until when (ms), unless it was closed earlier.
    pub until: Moment,
    /// What the person will show the reason for.
    pub reason: ReasonDigest,
}

/// What the consortium found of a break.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ReviewOutcome {
    /// There was an emergency.
    Justified,
    /// There was none.
    Unjustified,
}
