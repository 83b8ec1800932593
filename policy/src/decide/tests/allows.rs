//! Rules 8, 10 and 11: allows.

use super::case::*;
use crate::{
    decide::Capacity,
    mask::ElementMask,
    row::{Coding, Row},
    scope::Action,
    Purpose,
};
use alloc::vec::Vec;

#[test]
fn nobody_should_be_permitted_anything_without_a_grant() {
    for action in Action::ALL {
        assert_eq!(Case::new().action(action).outcome(), NO_GRANT);
    }
}

#[test]
fn everything_should_allow_every_action_and_purpose_but_emergency() {
    for purpose in Purpose::ALL {
        for action in Action::ALL {
            let case = Case::new().allow(me(), Everything).purpose(*purpose).action(action);
            let expected = if *purpose == Purpose::EmergencyTreatment { NO_EMERGENCY } else { PERMIT };
            assert_eq!(case.outcome(), expected);
        }
    }
}

#[test]
fn everything_should_show_labelled_rows() {
    let labels = [Coding { system: None, code: "ETH" }];
    let permit = Case::new().allow(me(), Everything).permit();
    assert_eq!(permit.mask(&Row { labels: &labels, ..Row::of("Observation") }), ElementMask::All);
    assert_eq!(permit.capacity(), Capacity::Viewer);
}

#[test]
fn allow_should_be_void_when_it_fails_to_open() {
    assert_eq!(Case::new().allow(me(), Failed).outcome(), NO_GRANT);
    assert_eq!(Case::new().allow(me(), Failed).allow(me(), Text(BROAD)).outcome(), PERMIT);
}

#[test]
fn allow_should_need_opening_when_unopened_and_nothing_else_applies() {
    assert_eq!(Case::new().allow(me(), Unopened).outcome(), NEEDS_OPENING);
    assert_eq!(Case::new().allow(me(), Unopened).allow(me(), Failed).outcome(), NEEDS_OPENING);
}

#[test]
fn allow_should_permit_what_the_opened_ones_cover_when_others_are_unopened() {
    let case =
        Case::new().allow(me(), Unopened).allow(me(), Text("patient/*.r?_elements=code;purpose=TREAT"));
    assert_eq!(case.mask(), paths("code"));
    assert_eq!(case.permit().grants().collect::<Vec<_>>(), [1]);
}

#[test]
fn allow_should_be_void_when_purpose_action_or_type_is_another() {
    for terms in [
        "patient/*.r",
        "patient/*.r;purpose=COC",
        "patient/*.s;purpose=TREAT",
        "patient/Condition.r;purpose=TREAT",
        "patient/Condition.r patient/Observation.s;purpose=TREAT",
    ] {
        assert_eq!(Case::new().allow(me(), Text(terms)).outcome(), NO_GRANT, "{terms}");
    }
}

#[test]
fn allow_should_apply_only_when_surely_in_force() {
    let outcome = |earliest, latest| {
        let case = Case::new().allow(me(), Everything).clock(earliest, latest);
        case.with(|grant| (grant.not_before, grant.not_after) = (Some(10), Some(20))).outcome()
    };
    for (earliest, latest, expected) in [
        (10, 19, PERMIT),
        (9, 19, NO_GRANT),
        (10, 20, NO_GRANT),
        (19, 10, PERMIT),
        (20, 10, NO_GRANT),
        (0, u64::MAX, NO_GRANT),
    ] {
        assert_eq!(outcome(earliest, latest), expected, "{earliest}..{latest}");
    }
}

#[test]
fn allows_should_add_up_when_several_apply() {
    let case = Case::new()
        .allow(me(), Text("patient/*.r?_elements=code;purpose=TREAT"))
        .allow(me(), Text("patient/Observation.r?_elements=status;purpose=COC,TREAT"))
        .allow(me(), Text("patient/Observation.r?_elements=note;purpose=COC"));
    assert_eq!(case.mask(), paths("code,status"));
    assert_eq!(case.permit().grants().collect::<Vec<_>>(), [0, 1]);
}
