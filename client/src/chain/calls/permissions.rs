//! Grants and denials.

use medrec_primitives::{GrantId, GrantTerms, Moment, RelationshipId, Viewer};

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
