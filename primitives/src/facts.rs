//! What the chain knows of one viewer and one relationship at one block.
//!
//! The runtime gathers [`Facts`] from storage; the runtime's own `may_read` and every gatekeeper hand the
//! same facts to the same decision function (`medrec-policy`).

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

use crate::{
    AccountId, Custodian, Grant, GrantId, GroupId, MemberStatus, Moment, RelationshipFlags, RelationshipId,
    RelationshipStatus, StaffId, StaffRole,
};

/// A rule with its identifier.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct GrantFacts {
    /// Its identifier within the relationship.
    pub id: GrantId,
    /// The rule.
    pub grant: Grant,
    /// The person on a staff who shared it onward; nobody if it was not shared, or by the key that its parent is about.
    pub sharer: Option<StaffId>,
}

/// What the chain knows of a viewer who is on a member's staff.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct StaffFacts {
    /// Who.
    pub id: StaffId,
    /// As what.
    pub role: StaffRole,
    /// From when (ms).
    pub from: Moment,
    /// Until when (ms).
    pub until: Moment,
    /// Where the member stands whose staff this is.
    pub member_status: MemberStatus,
    /// The groups that this member is in, ascending.
    pub groups: Vec<GroupId>,
}

/// A broken glass: emergency access of one viewer to one relationship.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct EmergencyFacts {
    /// From when (ms).
    pub from: Moment,
    /// Until when (ms).
    pub until: Moment,
}

/// All that a decision needs from the chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Facts {
    /// The block's timestamp (ms).
    pub now: Moment,
    /// The relationship.
    pub relationship: RelationshipId,
    /// Where the provider stands.
    pub provider: MemberStatus,
    /// Where the relationship stands.
    pub status: RelationshipStatus,
    /// The patient's key in this relationship.
    pub patient: AccountId,
    /// Those who act for the patient.
    pub custodians: Vec<Custodian>,
    /// The patient's open choices.
    pub flags: RelationshipFlags,
    /// Who asks.
    pub viewer: AccountId,
    /// What the chain knows of the asker, if on a member's staff.
    pub staff: Option<StaffFacts>,
    /// Every rule of the relationship that can be about this viewer, expired ones among them, and the
    /// ancestors of those that were shared onward. Ascending by identifier.
    pub grants: Vec<GrantFacts>,
    /// The viewer's broken glass at this relationship, if any.
    pub emergency: Option<EmergencyFacts>,
}

/// Why an answer is no. Coarse on purpose where it could reach the asker: see `medrec-policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum DenyReason {
    /// There is no such relationship.
    UnknownRelationship,
    /// The provider is not an active member.
    ProviderInactive,
    /// The relationship is not active.
    RelationshipInactive,
    /// A denial covers it, or one that cannot be opened might.
    Denied,
    /// No rule allows it.
    NoGrant,
    /// Emergency treatment without a broken glass, or not by an active emergency role, or opted out of.
    NoEmergency,
}

/// A decision as the chain states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum DecisionSummary {
    /// Permitted, whatever sealed terms say.
    Permit,
    /// Refused, whatever sealed terms say.
    Deny(DenyReason),
    /// Depends on sealed terms.
    NeedsOpening,
}
