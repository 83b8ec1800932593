//! Rules 3 and 4: patients and custodians.

use medrec_primitives::{CustodianRights, Viewer};

use super::case::*;
use crate::{
    decide::Capacity,
    mask::ElementMask,
    purpose::Purpose,
    row::{Coding, Row},
    scope::Action,
};

#[test]
fn patient_should_read_and_search_everything_for_every_purpose_but_emergency() {
    for purpose in Purpose::ALL {
        for action in [Action::Read, Action::Search] {
            let case = Case::by_patient().purpose(*purpose).action(action);
            let expected = if *purpose == Purpose::EmergencyTreatment { NO_EMERGENCY } else { PERMIT };
            assert_eq!(case.outcome(), expected, "{purpose}");
        }
    }
}

#[test]
fn patient_should_see_labelled_rows() {
    let labels = [Coding { system: None, code: "ETH" }];
    let permit = Case::by_patient().permit();
    assert_eq!(permit.capacity(), Capacity::Patient);
    assert_eq!(permit.mask(&Row { labels: &labels, ..Row::of("Observation") }), ElementMask::All);
    assert_eq!(permit.grants().count(), 0);
}

#[test]
fn patient_should_not_be_bound_by_denials() {
    let case = Case::by_patient().deny(Viewer::Key(patient()), Everything);
    assert_eq!(case.outcome(), PERMIT);
}

#[test]
fn patient_should_need_a_grant_like_anybody_when_action_writes() {
    for action in [Action::Create, Action::Update, Action::Delete] {
        let case = Case::by_patient().action(action);
        assert_eq!(case.outcome(), NO_GRANT);
        let case = case.allow(Viewer::Key(patient()), Everything);
        assert_eq!(case.permit().capacity(), Capacity::Viewer);
        let case = case.deny(Viewer::Key(patient()), Everything);
        assert_eq!(case.outcome(), DENIED);
    }
}

#[test]
fn custodian_should_read_as_the_patient_does_when_right_is_in_force() {
    let case = Case::new().custodian(CustodianRights::READ, NOW, None).deny(me(), Everything);
    assert_eq!(case.permit().capacity(), Capacity::Custodian);
    assert_eq!(case.mask(), ElementMask::All);
    assert_eq!(case.clone().purpose(Purpose::EmergencyTreatment).outcome(), NO_EMERGENCY);
    assert_eq!(case.action(Action::Create).outcome(), DENIED);
}

#[test]
fn custodian_should_need_a_grant_when_without_the_right_to_read() {
    let rights = CustodianRights(CustodianRights::GRANT.0 | CustodianRights::MANAGE.0);
    assert_eq!(Case::new().custodian(rights, 0, None).outcome(), NO_GRANT);
}

#[test]
fn custodian_should_need_a_grant_when_dates_do_not_surely_hold() {
    let outcome = |earliest, latest| {
        Case::new().custodian(CustodianRights::ALL, 10, Some(20)).clock(earliest, latest).outcome()
    };
    assert_eq!(outcome(10, 19), PERMIT);
    assert_eq!(outcome(9, 15), NO_GRANT);
    assert_eq!(outcome(15, 20), NO_GRANT);
}

#[test]
fn custodian_should_read_when_one_of_several_entries_lets_it() {
    let case = Case::new().custodian(CustodianRights::READ, 0, Some(NOW)).custodian(
        CustodianRights::READ,
        NOW,
        None,
    );
    assert_eq!(case.outcome(), PERMIT);
}

#[test]
fn stranger_should_not_read_when_somebody_else_is_custodian() {
    let mut case = Case::new().custodian(CustodianRights::ALL, 0, None);
    case.facts.custodians[0].key = account(9);
    assert_eq!(case.outcome(), NO_GRANT);
}
