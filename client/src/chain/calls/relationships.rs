//! Patient-provider relationships and their pointers.

use medrec_primitives::{AccountId, RelationshipId, SealedLocator, TicketDigest};

use super::Call;

const PALLET: &str = "Relationships";

/// Propose a relationship to a patient who presented a ticket (provider's account, or its gatekeeper's key).
pub fn propose(patient: &AccountId, ticket: TicketDigest) -> Call {
    Call::new(PALLET, "propose").scale("patient", patient).scale("ticket", ticket)
}

/// Accept a proposed relationship.
pub fn accept(relationship: RelationshipId) -> Call {
    Call::new(PALLET, "accept").scale("relationship", relationship)
}

/// Reject a proposed relationship.
pub fn reject(relationship: RelationshipId) -> Call {
    Call::new(PALLET, "reject").scale("relationship", relationship)
}

/// End a relationship for good.
pub fn end(relationship: RelationshipId) -> Call {
    Call::new(PALLET, "end").scale("relationship", relationship)
}

/// Add or replace a pointer to records.
pub fn set_pointer(relationship: RelationshipId, slot: u8, locator: &SealedLocator, root: [u8; 32]) -> Call {
    Call::new(PALLET, "set_pointer")
        .scale("relationship", relationship)
        .number("slot", slot)
        .scale("locator", locator)
        .scale("root", root)
}

/// Withdraw a pointer.
pub fn withdraw_pointer(relationship: RelationshipId, slot: u8) -> Call {
    Call::new(PALLET, "withdraw_pointer").scale("relationship", relationship).number("slot", slot)
}
