//! Rule 5: emergency treatment.

use medrec_primitives::{MemberStatus, RelationshipFlags, StaffRole};

use super::case::*;
use crate::{
    decide::Capacity,
    mask::ElementMask,
    row::{Coding, Row},
    scope::Action,
};

#[test]
fn emergency_should_permit_everything_when_the_glass_is_broken() {
    let labels = [Coding { system: None, code: "ETH" }];
    let permit = Case::emergency().permit();
    assert_eq!(permit.capacity(), Capacity::Emergency);
    assert_eq!(permit.mask(&Row { labels: &labels, ..Row::of("Observation") }), ElementMask::All);
    assert_eq!(Case::emergency().action(Action::Search).outcome(), PERMIT);
}

#[test]
fn emergency_should_be_refused_when_the_glass_is_whole() {
    let mut case = Case::emergency();
    case.facts.emergency = None;
    assert_eq!(case.outcome(), NO_EMERGENCY);
}

#[test]
fn emergency_should_be_refused_when_the_glass_is_not_surely_broken() {
    let outcome = |earliest, latest| {
        let mut case = Case::emergency().clock(earliest, latest);
        case.facts.emergency = Some(medrec_primitives::EmergencyFacts { from: 10, until: 20 });
        case.staff_with(|staff| staff.from = 0).outcome()
    };
    assert_eq!(outcome(10, 19), PERMIT);
    assert_eq!(outcome(9, 10), NO_EMERGENCY);
    assert_eq!(outcome(19, 20), NO_EMERGENCY);
}

#[test]
fn emergency_should_be_refused_when_asker_is_not_active_emergency_staff() {
    for role in [StaffRole::Clinician, StaffRole::Pharmacist, StaffRole::Steward] {
        assert_eq!(Case::emergency().staff(role).outcome(), NO_EMERGENCY);
    }
    let mut case = Case::emergency();
    case.facts.staff = None;
    assert_eq!(case.outcome(), NO_EMERGENCY);
    assert_eq!(Case::emergency().staff_with(|staff| staff.from = NOW + 1).outcome(), NO_EMERGENCY);
    assert_eq!(Case::emergency().staff_with(|staff| staff.until = NOW).outcome(), NO_EMERGENCY);
    let suspended = Case::emergency().staff_with(|staff| staff.member_status = MemberStatus::Suspended);
    assert_eq!(suspended.outcome(), NO_EMERGENCY);
}

#[test]
fn emergency_should_be_refused_when_the_patient_opted_out() {
    let both = RelationshipFlags(
        RelationshipFlags::EMERGENCY_OPT_OUT.0 | RelationshipFlags::EMERGENCY_OVER_DENIALS.0,
    );
    for flags in [RelationshipFlags::EMERGENCY_OPT_OUT, both] {
        assert_eq!(Case::emergency().flags(flags).outcome(), NO_EMERGENCY);
    }
}

#[test]
fn emergency_should_be_refused_when_action_writes() {
    for action in [Action::Create, Action::Update, Action::Delete] {
        assert_eq!(Case::emergency().action(action).outcome(), NO_EMERGENCY);
    }
}

#[test]
fn emergency_should_not_be_opened_by_grants() {
    let case = Case::new().purpose(crate::Purpose::EmergencyTreatment);
    let case = case.allow(me(), Everything).allow(me(), Text("patient/*.r;purpose=ETREAT"));
    assert_eq!(case.outcome(), NO_EMERGENCY);
}

#[test]
fn emergency_should_heed_denials_when_the_patient_did_not_choose_otherwise() {
    for (terms, bound) in [
        (Everything, DENIED),
        (Failed, DENIED),
        (Unopened, NEEDS_OPENING),
        (Text("patient/*.r"), DENIED),
        (Text("patient/*.r;purpose=ETREAT"), DENIED),
        (Text("patient/*.r;purpose=TREAT"), PERMIT),
    ] {
        let case = Case::emergency().deny(me(), terms);
        assert_eq!(case.outcome(), bound, "{terms:?}");
        assert_eq!(case.flags(RelationshipFlags::EMERGENCY_OVER_DENIALS).outcome(), PERMIT, "{terms:?}");
    }
}

#[test]
fn emergency_should_leave_out_what_is_denied() {
    let case = Case::emergency().deny(me(), Text("patient/*.r?code=secret"));
    let codes = [Coding { system: None, code: "secret" }];
    let row = Row { codes: &codes, ..Row::of("Observation") };
    assert_eq!(case.permit().mask(&row), ElementMask::Nothing);
    assert_eq!(case.mask(), ElementMask::All);
    let case = case.flags(RelationshipFlags::EMERGENCY_OVER_DENIALS);
    assert_eq!(case.permit().mask(&row), ElementMask::All);
}
