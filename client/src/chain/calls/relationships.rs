//! Patient-provider relationships and their pointers.

use medrec_primitives::{
    AccountId, Custodian, Moment, RelationshipFlags, RelationshipId, SealedLocator, TicketDigest,
};

use super::Call;

const PALLET: &str = "Relationships";

/// Propose a relationship to a patient who presented a ticket (provider's account, or its gatekeeper's key).
pub fn propose(patient: &AccountId, ticket: TicketDigest) -> Call {
    Call::new(PALLET, "propose").scale("patient", patient).scale("ticket", ticket)
}

/// Take back what is free on the member's deposit account (plancks); everything unless an amount is given.
pub fn withdraw_deposit(amount: Option<u128>) -> Call {
    Call::new(PALLET, "withdraw_deposit").scale("amount", amount)
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

/// Suspend a relationship (either side).
pub fn suspend(relationship: RelationshipId) -> Call {
    of(relationship, "suspend")
}

/// Resume a suspended relationship.
pub fn resume(relationship: RelationshipId) -> Call {
    of(relationship, "resume")
}

/// Acknowledge a version of a pointer.
pub fn acknowledge(relationship: RelationshipId, slot: u8, version: u32) -> Call {
    of(relationship, "acknowledge").number("slot", slot).number("version", version)
}

/// Set the whole list of custodians.
pub fn set_custodians(relationship: RelationshipId, custodians: &[Custodian]) -> Call {
    of(relationship, "set_custodians").scale("custodians", custodians)
}

/// Remove a custodian.
pub fn remove_custodian(relationship: RelationshipId, key: &AccountId) -> Call {
    of(relationship, "remove_custodian").scale("key", key)
}

/// Set and clear the patient's open choices.
pub fn set_flags(relationship: RelationshipId, set: RelationshipFlags, clear: RelationshipFlags) -> Call {
    of(relationship, "set_flags").scale("set", set).scale("clear", clear)
}

/// Set the days of silence after which dormant custodians may step in, or none for never.
pub fn set_inactivity(relationship: RelationshipId, days: Option<u16>) -> Call {
    of(relationship, "set_inactivity").scale("days", days)
}

/// Give a sign of life.
pub fn touch(relationship: RelationshipId) -> Call {
    of(relationship, "touch")
}

/// Ask to step in for a silent patient.
pub fn step_in(relationship: RelationshipId) -> Call {
    of(relationship, "step_in")
}

/// Confirm that custodians step in (provider).
pub fn confirm_step_in(relationship: RelationshipId) -> Call {
    of(relationship, "confirm_step_in")
}

/// Undo stepping in.
pub fn step_out(relationship: RelationshipId) -> Call {
    of(relationship, "step_out")
}

/// Propose a relationship for a minor, whose guardian presented a ticket (provider's account, or its gatekeeper's key).
pub fn propose_minor(guardian: &AccountId, handover: Moment, ticket: TicketDigest) -> Call {
    Call::new(PALLET, "propose_minor")
        .scale("guardian", guardian)
        .scale("handover", handover)
        .scale("ticket", ticket)
}

/// Enrol the own key of a patient who has come of age (provider).
pub fn enrol_patient(relationship: RelationshipId, patient: &AccountId, ticket: TicketDigest) -> Call {
    of(relationship, "enrol_patient").scale("patient", patient).scale("ticket", ticket)
}

/// Ask that a fresh key takes the place of a lost one (provider with a ticket, or custodian without).
pub fn request_rekey(
    relationship: RelationshipId,
    lost: &AccountId,
    key: &AccountId,
    ticket: Option<TicketDigest>,
) -> Call {
    of(relationship, "request_rekey").scale("lost", lost).scale("key", key).scale("ticket", ticket)
}

/// Approve a rekey for the other side (provider with a ticket, or custodian without).
pub fn approve_rekey(relationship: RelationshipId, key: &AccountId, ticket: Option<TicketDigest>) -> Call {
    of(relationship, "approve_rekey").scale("key", key).scale("ticket", ticket)
}

/// Finish a rekey after its delay.
pub fn finish_rekey(relationship: RelationshipId) -> Call {
    of(relationship, "finish_rekey")
}

/// Veto a rekey (the key that is said to be lost).
pub fn veto_rekey(relationship: RelationshipId) -> Call {
    of(relationship, "veto_rekey")
}

/// Say after a veto which key goes on (provider).
pub fn reproof(relationship: RelationshipId, key: &AccountId, ticket: TicketDigest) -> Call {
    of(relationship, "reproof").scale("key", key).scale("ticket", ticket)
}

/// Take a rekey back (provider).
pub fn cancel_rekey(relationship: RelationshipId) -> Call {
    of(relationship, "cancel_rekey")
}

/// A call about one relationship.
fn of(relationship: RelationshipId, name: &'static str) -> Call {
    Call::new(PALLET, name).scale("relationship", relationship)
}
