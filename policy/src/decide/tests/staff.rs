//! Rule 6: whom a rule is about.

use medrec_primitives::{Effect, MemberStatus, StaffRole, Viewer};

use super::case::*;

const MEMBER: Viewer = Viewer::Member(3);
const GROUP: Viewer = Viewer::Group(6);

#[test]
fn rule_should_be_about_the_key_only_when_it_names_a_key() {
    assert_eq!(Case::new().allow(me(), Everything).outcome(), PERMIT);
    assert_eq!(Case::new().allow(Viewer::Key(account(9)), Everything).outcome(), NO_GRANT);
    assert_eq!(
        Case::new().allow(me(), Everything).deny(Viewer::Key(account(9)), Everything).outcome(),
        PERMIT
    );
}

#[test]
fn allow_should_be_about_active_staff_when_it_names_their_member_or_group() {
    for role in [StaffRole::Clinician, StaffRole::Emergency, StaffRole::Pharmacist] {
        for (named, other) in [(MEMBER, Viewer::Member(4)), (GROUP, Viewer::Group(7))] {
            assert_eq!(Case::new().staff(role).allow(named.clone(), Everything).outcome(), PERMIT);
            assert_eq!(Case::new().staff(role).allow(other, Everything).outcome(), NO_GRANT);
            assert_eq!(Case::new().allow(named, Everything).outcome(), NO_GRANT);
        }
    }
}

#[test]
fn steward_should_be_left_out_of_allows_and_not_of_denials() {
    let case = Case::new().staff(StaffRole::Steward);
    assert_eq!(case.clone().allow(MEMBER, Everything).allow(GROUP, Everything).outcome(), NO_GRANT);
    assert_eq!(case.clone().allow(me(), Everything).deny(MEMBER, Everything).outcome(), DENIED);
    assert_eq!(case.allow(me(), Everything).outcome(), PERMIT);
}

#[test]
fn staff_of_an_inactive_member_should_be_left_out_of_allows_and_not_of_denials() {
    for status in [MemberStatus::Applied, MemberStatus::Suspended, MemberStatus::Removed] {
        let case = Case::new().staff(StaffRole::Clinician).staff_with(|staff| staff.member_status = status);
        assert_eq!(case.clone().allow(MEMBER, Everything).outcome(), NO_GRANT);
        assert_eq!(case.allow(me(), Everything).deny(GROUP, Everything).outcome(), DENIED);
    }
}

#[test]
fn staff_record_should_surely_hold_for_allows_and_perhaps_for_denials() {
    let outcome = |effect, earliest, latest| {
        let case = Case::new().staff(StaffRole::Clinician).clock(earliest, latest).staff_with(|staff| {
            staff.from = 10;
            staff.until = 20;
        });
        let case = if effect == Effect::Deny { case.allow(me(), Everything) } else { case };
        case.rule(effect, MEMBER, Everything).outcome()
    };
    for (earliest, latest, allowed, denied) in [
        (10, 19, PERMIT, DENIED),
        (9, 10, NO_GRANT, DENIED),
        (19, 20, NO_GRANT, DENIED),
        (0, 9, NO_GRANT, PERMIT),
        (20, 30, NO_GRANT, PERMIT),
    ] {
        assert_eq!(outcome(Effect::Allow, earliest, latest), allowed, "{earliest}..{latest}");
        assert_eq!(outcome(Effect::Deny, earliest, latest), denied, "{earliest}..{latest}");
    }
}

#[test]
fn staff_list_of_an_allow_should_leave_in_only_active_staff_that_it_names() {
    let named = Text("patient/*.r;purpose=TREAT;staff=s3-4");
    let case = Case::new().staff(StaffRole::Clinician);
    assert_eq!(case.clone().allow(MEMBER, named).outcome(), PERMIT);
    assert_eq!(case.clone().allow(me(), named).outcome(), PERMIT);
    for other in ["patient/*.r;purpose=TREAT;staff=s3-5", "patient/*.r;purpose=TREAT;staff=s4-4"] {
        assert_eq!(case.clone().allow(MEMBER, Text(other)).outcome(), NO_GRANT);
    }
    assert_eq!(Case::new().allow(me(), named).outcome(), NO_GRANT);
    assert_eq!(Case::new().staff(StaffRole::Steward).allow(me(), named).outcome(), NO_GRANT);
    assert_eq!(case.staff_with(|staff| staff.until = NOW).allow(me(), named).outcome(), NO_GRANT);
}

#[test]
fn staff_list_of_a_denial_should_bind_whom_it_names_in_force_or_not() {
    let named = Text("patient/*.r;staff=s3-4");
    let case = Case::new().allow(me(), Everything).deny(me(), named);
    assert_eq!(case.outcome(), PERMIT);
    let case = case.staff(StaffRole::Clinician);
    assert_eq!(case.outcome(), DENIED);
    assert_eq!(case.clone().staff_with(|staff| staff.until = 0).outcome(), DENIED);
    assert_eq!(case.staff_with(|staff| staff.id.index = 5).outcome(), PERMIT);
}
