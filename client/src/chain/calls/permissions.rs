//! Grants and denials, what is shared onward, broken glasses.

use codec::Encode;
use medrec_primitives::{
    GlassId, GrantId, GrantTerms, Moment, ReasonDigest, RelationshipId, ReviewOutcome, Viewer,
};

use super::Call;

const PALLET: &str = "Permissions";

/// Allow a viewer what the terms cover.
pub fn grant(
    relationship: RelationshipId,
    viewer: &Viewer,
    terms: &GrantTerms,
    not_before: Option<Moment>,
    not_after: Option<Moment>,
    may_share: bool,
) -> Call {
    Call::new(PALLET, "grant")
        .scale("relationship", relationship)
        .scale("viewer", viewer)
        .scale("terms", terms)
        .scale("not_before", not_before)
        .scale("not_after", not_after)
        .scale("may_share", may_share)
}

/// Deny a viewer what the terms cover, whatever any grant says.
pub fn deny(
    relationship: RelationshipId,
    viewer: &Viewer,
    terms: &GrantTerms,
    not_before: Option<Moment>,
    not_after: Option<Moment>,
) -> Call {
    Call::new(PALLET, "deny")
        .scale("relationship", relationship)
        .scale("viewer", viewer)
        .scale("terms", terms)
        .scale("not_before", not_before)
        .scale("not_after", not_after)
}

/// Take back a grant or a denial.
pub fn revoke(relationship: RelationshipId, grant: GrantId) -> Call {
    Call::new(PALLET, "revoke").scale("relationship", relationship).number("grant", grant)
}

/// Take back everything that allows a viewer something.
pub fn revoke_all(relationship: RelationshipId, viewer: &Viewer) -> Call {
    Call::new(PALLET, "revoke_all").scale("relationship", relationship).scale("viewer", viewer)
}

/// Share onward what a rule allows, or a part of it (whom the rule is about).
pub fn share(
    relationship: RelationshipId,
    parent: GrantId,
    viewer: &Viewer,
    terms: &GrantTerms,
    not_before: Option<Moment>,
    not_after: Option<Moment>,
    may_share: bool,
) -> Call {
    Call::new(PALLET, "share")
        .scale("relationship", relationship)
        .number("parent", parent)
        .scale("viewer", viewer)
        .scale("terms", terms)
        .scale("not_before", not_before)
        .scale("not_after", not_after)
        .scale("may_share", may_share)
}

/// Read in an emergency, without a grant and in everybody's sight (emergency staff).
pub fn break_glass(relationship: RelationshipId, reason: ReasonDigest) -> Call {
    Call::new(PALLET, "break_glass").scale("relationship", relationship).scale("reason", reason)
}

/// Close a broken glass before its time.
pub fn close_glass(relationship: RelationshipId, glass: GlassId) -> Call {
    Call::new(PALLET, "close_glass").scale("relationship", relationship).scale("glass", glass)
}

/// Say what breaks of the glass were (consortium).
pub fn review_glass(glasses: &[GlassId], outcome: ReviewOutcome) -> Call {
    Call::new(PALLET, "review_glass").encoded("glasses", &glasses.encode()).scale("outcome", outcome)
}
