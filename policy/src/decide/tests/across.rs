//! Several states of the chain.

use alloc::vec::Vec;
use medrec_primitives::{CustodianRights, DecisionSummary, DenyReason, RelationshipStatus};

use super::case::*;
use crate::{
    decide::{decide_across, Capacity, Decision},
    mask::ElementMask,
    row::Row,
};

/// All cases are opened as the first of them that has such a rule.
fn across(cases: &[Case]) -> Decision {
    decide_across(cases.iter().map(|case| &case.facts), &Case::new().request, &|rule| {
        cases.iter().find_map(|case| case.openings.get(&rule.id)).cloned().unwrap()
    })
}

fn outcome(cases: &[Case]) -> DecisionSummary {
    DecisionSummary::from(&across(cases))
}

fn ended() -> Case {
    let mut case = Case::new().allow(me(), Everything);
    case.facts.status = RelationshipStatus::Ended;
    case
}

#[test]
fn no_state_should_be_a_denial() {
    assert_eq!(outcome(&[]), DecisionSummary::Deny(DenyReason::UnknownRelationship));
}

#[test]
fn all_states_should_have_to_permit() {
    let (granted, not) = (Case::new().allow(me(), Everything), Case::new());
    assert_eq!(outcome(core::slice::from_ref(&granted)), PERMIT);
    assert_eq!(outcome(&[granted.clone(), granted.clone()]), PERMIT);
    // Granted in an unfinalised block only, and revoked in one.
    assert_eq!(outcome(&[not.clone(), granted.clone()]), NO_GRANT);
    assert_eq!(outcome(&[granted.clone(), not.clone()]), NO_GRANT);
    assert_eq!(outcome(&[granted.clone(), granted, not]), NO_GRANT);
}

#[test]
fn first_denial_should_be_the_answer_when_several_states_deny() {
    let denied = Case::new().deny(me(), Everything);
    assert_eq!(outcome(&[denied.clone(), ended()]), DENIED);
    assert_eq!(outcome(&[ended(), denied]), DecisionSummary::Deny(DenyReason::RelationshipInactive));
}

#[test]
fn states_should_need_opening_only_when_none_denies() {
    let (granted, unopened) = (Case::new().allow(me(), Everything), Case::new().allow(me(), Unopened));
    assert_eq!(outcome(&[granted.clone(), unopened.clone()]), NEEDS_OPENING);
    assert_eq!(outcome(&[unopened.clone(), granted]), NEEDS_OPENING);
    assert_eq!(outcome(&[unopened, ended()]), DecisionSummary::Deny(DenyReason::RelationshipInactive));
}

#[test]
fn permit_should_cover_what_all_states_allow() {
    let wide = Case::new().allow(me(), Text("patient/*.r?_elements=code,status;purpose=TREAT"));
    let narrowed = wide.clone().deny(me(), Text("patient/*.r?_elements=status"));
    let mask = |cases: &[Case]| across(cases).permit().map(|permit| permit.mask(&Row::of("Observation")));
    assert_eq!(mask(&[wide.clone(), narrowed.clone()]), Some(paths("code")));
    assert_eq!(mask(&[narrowed.clone(), wide.clone()]), Some(paths("code")));
    assert_eq!(mask(&[wide.clone(), wide.clone()]), Some(paths("code,status")));
    let all_of_it = Case::new().allow(me(), Everything);
    assert_eq!(mask(&[all_of_it.clone(), wide]), Some(paths("code,status")));
    assert_eq!(mask(&[all_of_it]), Some(ElementMask::All));
}

#[test]
fn permit_should_name_the_rules_of_all_states_once() {
    let one = Case::new().allow(me(), Everything);
    let two = one.clone().allow(me(), Everything);
    let decision = across(&[two.clone(), one, two]);
    assert_eq!(decision.permit().map(|permit| permit.grants().collect::<Vec<_>>()), Some([0, 1].into()));
}

#[test]
fn permit_should_have_the_lesser_capacity_when_states_differ() {
    let viewer = Case::new().allow(me(), Everything);
    let custodian = viewer.clone().custodian(CustodianRights::READ, 0, None);
    for cases in [[custodian.clone(), viewer.clone()], [viewer, custodian]] {
        assert_eq!(across(&cases).permit().map(|permit| permit.capacity()), Some(Capacity::Viewer));
    }
}

#[test]
fn permit_should_say_what_any_state_denies() {
    let granted = Case::new().allow(me(), Text("patient/*.r?_elements=status;purpose=TREAT"));
    let narrowed = granted.clone().deny(me(), Text("patient/*.r?_elements=code"));
    for cases in [[granted.clone(), narrowed.clone()], [narrowed, granted]] {
        let denied = across(&cases).permit().map(|permit| permit.denied(&Row::of("Observation")));
        assert_eq!(denied, Some(paths("code")));
    }
}
