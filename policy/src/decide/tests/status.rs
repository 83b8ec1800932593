//! Rules 1 and 2.

use medrec_primitives::{DecisionSummary, DenyReason, MemberStatus, RelationshipFlags, RelationshipStatus};

use super::case::*;

fn everybody() -> [Case; 3] {
    [
        Case::by_patient(),
        Case::new().allow(me(), Everything),
        Case::emergency().flags(RelationshipFlags::EMERGENCY_OVER_DENIALS),
    ]
}

#[test]
fn everybody_should_be_permitted_when_all_is_active() {
    for case in everybody() {
        assert_eq!(case.outcome(), PERMIT);
    }
}

#[test]
fn everybody_should_be_refused_when_provider_is_not_active() {
    for mut case in everybody() {
        for status in [MemberStatus::Applied, MemberStatus::Suspended, MemberStatus::Removed] {
            case.facts.provider = status;
            assert_eq!(case.outcome(), DecisionSummary::Deny(DenyReason::ProviderInactive));
        }
    }
}

#[test]
fn everybody_should_be_refused_when_relationship_is_not_active() {
    for mut case in everybody() {
        for status in [RelationshipStatus::Proposed, RelationshipStatus::Suspended, RelationshipStatus::Ended]
        {
            case.facts.status = status;
            assert_eq!(case.outcome(), DecisionSummary::Deny(DenyReason::RelationshipInactive));
        }
    }
}

#[test]
fn provider_should_be_named_first_when_relationship_is_not_active_either() {
    let mut case = Case::by_patient();
    case.facts.provider = MemberStatus::Removed;
    case.facts.status = RelationshipStatus::Ended;
    assert_eq!(case.outcome(), DecisionSummary::Deny(DenyReason::ProviderInactive));
}
