//! What the chain alone can say.

use medrec_primitives::{CustodianRights, DecisionSummary, DenyReason, MemberStatus};

use super::case::*;

#[test]
fn summary_should_permit_only_what_no_sealed_terms_can_change() {
    for (case, summary) in [
        (Case::by_patient(), PERMIT),
        (Case::new().custodian(CustodianRights::READ, 0, None), PERMIT),
        (Case::new(), NO_GRANT),
        (Case::new().allow(me(), Everything), PERMIT),
        (Case::new().allow(me(), Everything).allow(me(), Unopened), PERMIT),
        (Case::new().allow(me(), Text(BROAD)), NEEDS_OPENING),
        (Case::new().allow(me(), Everything).deny(me(), Text(BROAD)), NEEDS_OPENING),
        (Case::new().allow(me(), Everything).deny(me(), Everything), DENIED),
        (Case::new().deny(me(), Text(BROAD)), NO_GRANT),
        (Case::emergency(), NO_GRANT),
    ] {
        assert_eq!(case.summary(), summary);
    }
}

#[test]
fn summary_should_go_by_the_blocks_time() {
    let mut case = Case::new().allow(me(), Everything).with(|grant| grant.not_after = Some(NOW + 1));
    assert_eq!(case.summary(), PERMIT);
    case.facts.now = NOW + 1;
    assert_eq!(case.summary(), NO_GRANT);
}

#[test]
fn summary_should_name_the_provider_when_it_is_not_active() {
    let mut case = Case::by_patient();
    case.facts.provider = MemberStatus::Suspended;
    assert_eq!(case.summary(), DecisionSummary::Deny(DenyReason::ProviderInactive));
}
