//! What a permit covers.

use medrec_primitives::RelationshipFlags;

use super::case::*;
use crate::{
    mask::ElementMask,
    row::{Coding, Row},
};

#[test]
fn permit_should_cover_no_row_of_another_type_than_asked_for() {
    for case in [
        Case::by_patient(),
        Case::new().allow(me(), Everything),
        Case::new().allow(me(), Text(BROAD)),
        Case::emergency().flags(RelationshipFlags::EMERGENCY_OVER_DENIALS),
    ] {
        assert_eq!(case.mask(), ElementMask::All);
        for other in ["Condition", "*", "", "observation"] {
            let row = Row::of(other);
            assert_eq!(case.permit().mask(&row), ElementMask::Nothing);
            assert_eq!(case.permit().denied(&row), ElementMask::All);
        }
    }
}

#[test]
fn permit_should_cover_only_rows_that_the_scopes_do() {
    let case = Case::new().allow(me(), Text("patient/*.r?code=a;purpose=TREAT;period=2020-01-01.."));
    let (a, b) = ([Coding { system: None, code: "a" }], [Coding { system: None, code: "b" }]);
    let (in_time, too_early) = ("2020-01-01".parse().ok(), "2019-12-31".parse().ok());
    for (codes, date, mask) in [
        (&a, in_time, ElementMask::All),
        (&b, in_time, ElementMask::Nothing),
        (&a, too_early, ElementMask::Nothing),
        (&a, None, ElementMask::Nothing),
    ] {
        assert_eq!(case.permit().mask(&Row { codes, date, ..Row::of("Observation") }), mask);
    }
}

#[test]
fn permit_should_cover_a_labelled_row_only_when_every_label_is_named() {
    let both = [Coding { system: None, code: "ETH" }, Coding { system: None, code: "HIV" }];
    let row = Row { labels: &both, ..Row::of("Observation") };
    let mask = |terms| Case::new().allow(me(), Text(terms)).permit().mask(&row);
    assert_eq!(mask("patient/*.r;purpose=TREAT"), ElementMask::Nothing);
    assert_eq!(mask("patient/*.r?_security=ETH;purpose=TREAT"), ElementMask::Nothing);
    assert_eq!(mask("patient/*.r?_security=ETH,HIV;purpose=TREAT"), ElementMask::All);
    // Two half answers are no whole one.
    assert_eq!(
        mask("patient/*.r?_security=ETH patient/*.r?_security=HIV;purpose=TREAT"),
        ElementMask::Nothing
    );
}

#[test]
fn permit_should_say_what_is_denied_whatever_is_allowed() {
    let case = Case::new().allow(me(), Text("patient/*.r?_elements=status;purpose=TREAT"));
    assert_eq!(case.permit().denied(&Row::of("Observation")), ElementMask::Nothing);
    let case = case
        .deny(me(), Text("patient/*.r?_elements=code"))
        .deny(me(), Text("patient/Observation.r?_elements=note;purpose=TREAT"))
        .deny(me(), Text("patient/*.r?_elements=issued;purpose=COC"));
    assert_eq!(case.permit().denied(&Row::of("Observation")), paths("code,note"));
    assert_eq!(case.mask(), paths("status"));
}
