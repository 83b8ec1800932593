//! Rules 7 and 9: denials.

use super::case::*;
use crate::{
    mask::ElementMask,
    row::{Coding, Row},
    Purpose,
};

fn granted() -> Case {
    Case::new().allow(me(), Everything)
}

#[test]
fn denial_should_beat_every_allow_when_it_covers_all() {
    for terms in
        [Everything, Failed, Text("patient/*.r"), Text("patient/Observation.cruds;purpose=COC,TREAT")]
    {
        assert_eq!(granted().deny(me(), terms).outcome(), DENIED, "{terms:?}");
    }
}

#[test]
fn denial_should_be_named_when_there_is_no_allow_either() {
    assert_eq!(Case::new().deny(me(), Everything).outcome(), DENIED);
}

#[test]
fn denial_should_not_bind_when_purpose_type_or_action_is_another() {
    for terms in
        ["patient/*.r;purpose=COC", "patient/Condition.r", "patient/*.s", "patient/*.cuds patient/Patient.r"]
    {
        let case = granted().deny(me(), Text(terms));
        assert_eq!(case.mask(), ElementMask::All, "{terms}");
    }
}

#[test]
fn denial_should_bind_for_every_purpose_when_it_names_none() {
    for purpose in Purpose::ALL.iter().filter(|purpose| **purpose != Purpose::EmergencyTreatment) {
        assert_eq!(granted().purpose(*purpose).deny(me(), Text("patient/*.r")).outcome(), DENIED);
    }
}

#[test]
fn denial_should_bind_unless_surely_out_of_force() {
    let outcome = |earliest, latest| {
        let case = granted().deny(me(), Everything).clock(earliest, latest);
        case.with(|grant| (grant.not_before, grant.not_after) = (Some(10), Some(20))).outcome()
    };
    for (earliest, latest, outcome_expected) in [
        (0, 9, PERMIT),
        (0, 10, DENIED),
        (15, 15, DENIED),
        (19, 30, DENIED),
        (20, 30, PERMIT),
        (30, 0, DENIED),
    ] {
        assert_eq!(outcome(earliest, latest), outcome_expected, "{earliest}..{latest}");
    }
}

#[test]
fn denial_should_need_opening_only_when_something_is_allowed() {
    assert_eq!(Case::new().deny(me(), Unopened).outcome(), NO_GRANT);
    assert_eq!(granted().deny(me(), Unopened).outcome(), NEEDS_OPENING);
    assert_eq!(Case::new().allow(me(), Unopened).deny(me(), Unopened).outcome(), NEEDS_OPENING);
    assert_eq!(Case::new().allow(me(), Failed).deny(me(), Unopened).outcome(), NO_GRANT);
}

#[test]
fn denial_should_be_final_when_another_is_unopened() {
    for terms in [Everything, Failed, Text("patient/*.r")] {
        assert_eq!(granted().deny(me(), Unopened).deny(me(), terms).outcome(), DENIED);
    }
}

#[test]
fn denial_should_take_rows_when_it_covers_some() {
    let secret = [Coding { system: Some("http://x"), code: "secret" }];
    for terms in ["patient/*.r?code=secret", "patient/*.r?category=secret", "patient/*.r?_security=secret"] {
        let permit = granted().deny(me(), Text(terms)).permit();
        let row = Row { codes: &secret, categories: &secret, labels: &secret, ..Row::of("Observation") };
        assert_eq!(permit.mask(&row), ElementMask::Nothing, "{terms}");
        assert_eq!(permit.mask(&Row::of("Observation")), ElementMask::All, "{terms}");
    }
}

#[test]
fn denial_should_take_undated_rows_when_it_has_a_period() {
    let permit = granted().deny(me(), Text("patient/*.r;period=..2020-01-01")).permit();
    let mask = |date: Option<&str>| {
        permit.mask(&Row { date: date.map(|date| date.parse().unwrap()), ..Row::of("Observation") })
    };
    assert_eq!(mask(None), ElementMask::Nothing);
    assert_eq!(mask(Some("2020-01-01")), ElementMask::Nothing);
    assert_eq!(mask(Some("2020-01-02")), ElementMask::All);
}

#[test]
fn denial_should_take_elements_with_those_above_and_beneath() {
    let mask = |allowed, denied| Case::new().allow(me(), Text(allowed)).deny(me(), Text(denied)).mask();
    let fields = "patient/*.r?_elements=code,status,value.unit;purpose=TREAT";
    assert_eq!(mask(fields, "patient/*.r?_elements=code.coding"), paths("status,value.unit"));
    assert_eq!(mask(fields, "patient/*.r?_elements=value"), paths("code,status"));
    assert_eq!(mask(fields, "patient/*.r?_elements=code,status,value"), ElementMask::Nothing);
    assert_eq!(mask(BROAD, "patient/*.r?_elements=note"), ElementMask::Nothing);
}

#[test]
fn denials_should_add_up_when_several_bind() {
    let case = Case::new().allow(me(), Text("patient/*.r?_elements=code,note,status;purpose=TREAT"));
    let case =
        case.deny(me(), Text("patient/*.r?_elements=code")).deny(me(), Text("patient/*.r?_elements=note"));
    assert_eq!(case.mask(), paths("status"));
}
