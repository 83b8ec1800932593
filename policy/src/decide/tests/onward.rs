//! Rule 8: rules shared onward.

use core::cell::Cell;
use medrec_primitives::{Effect, Grant, GrantId, StaffId, StaffRole, Viewer};

use super::case::*;
use crate::{
    decide::{decide, Opening},
    mask::ElementMask,
};

const OTHER: Viewer = Viewer::Member(99);

fn may_share(grant: &mut Grant) {
    grant.may_share = true;
}

fn from(parent: GrantId) -> impl FnOnce(&mut Grant) {
    move |grant| grant.parent = Some(parent)
}

/// Shared by somebody else who has it from the patient.
fn shared(parent: Terms, own: Terms) -> Case {
    Case::new().allow(OTHER, parent).with(may_share).allow(me(), own).with(from(0))
}

#[test]
fn shared_rule_should_apply_when_its_parent_does() {
    for (parent, own, outcome) in [
        (Everything, Everything, PERMIT),
        (Everything, Text(BROAD), PERMIT),
        (Text(BROAD), Everything, PERMIT),
        (Text(BROAD), Text(BROAD), PERMIT),
        (Text(BROAD), Unopened, NEEDS_OPENING),
        (Unopened, Text(BROAD), NEEDS_OPENING),
        (Unopened, Everything, NEEDS_OPENING),
        (Unopened, Unopened, NEEDS_OPENING),
        (Failed, Everything, NO_GRANT),
        (Failed, Unopened, NO_GRANT),
        (Unopened, Failed, NO_GRANT),
        (Text("patient/*.r;purpose=COC"), Unopened, NO_GRANT),
        (Unopened, Text("patient/*.r;purpose=COC"), NO_GRANT),
        (Text("patient/Condition.r;purpose=TREAT"), Text(BROAD), NO_GRANT),
        (Text("patient/*.s;purpose=TREAT"), Text(BROAD), NO_GRANT),
        (Text("patient/*.r"), Text(BROAD), NO_GRANT),
    ] {
        assert_eq!(shared(parent, own).outcome(), outcome, "{parent:?} {own:?}");
    }
}

#[test]
fn shared_rule_should_cover_what_all_above_cover() {
    let case = shared(
        Text("patient/*.r?_elements=code,status;purpose=TREAT"),
        Text("patient/*.r?_elements=code.coding,note;purpose=TREAT"),
    );
    assert_eq!(case.mask(), paths("code.coding"));
    assert_eq!(case.permit().grants().next(), Some(1));
    let disjoint = shared(
        Text("patient/*.r?_elements=code;purpose=TREAT"),
        Text("patient/*.r?_elements=note;purpose=TREAT"),
    );
    assert_eq!(disjoint.mask(), ElementMask::Nothing);
}

#[test]
fn shared_rule_should_be_void_when_its_parent_may_not_share() {
    let case = Case::new().allow(OTHER, Everything).allow(me(), Everything).with(from(0));
    assert_eq!(case.outcome(), NO_GRANT);
}

#[test]
fn shared_rule_should_be_void_when_a_key_above_is_denied_everything() {
    let (sharer, other) = (Viewer::Key(account(98)), Viewer::Key(account(97)));
    let from_key = |viewer: &Viewer| {
        Case::new().allow(viewer.clone(), Text(BROAD)).with(may_share).allow(me(), Text(BROAD)).with(from(0))
    };
    assert_eq!(from_key(&sharer).outcome(), PERMIT);
    assert_eq!(from_key(&sharer).deny(sharer.clone(), Everything).outcome(), NO_GRANT);
    assert_eq!(from_key(&sharer).deny(other, Everything).outcome(), PERMIT, "another key is denied");
    let some = Text("patient/*.cruds");
    assert_eq!(
        from_key(&sharer).deny(sharer.clone(), some).outcome(),
        PERMIT,
        "a sealed one binds its viewer"
    );
    // Staff are for the chain, which knows whether the person is denied.
    assert_eq!(from_key(&OTHER).deny(OTHER, Everything).outcome(), PERMIT);
    let middle = |grant: &mut Grant| (grant.may_share, grant.parent) = (true, Some(0));
    let line =
        Case::new().allow(sharer.clone(), Everything).with(may_share).allow(OTHER, Everything).with(middle);
    let line = line.allow(me(), Everything).with(from(1));
    assert_eq!(line.clone().outcome(), PERMIT);
    assert_eq!(line.deny(sharer.clone(), Everything).outcome(), NO_GRANT, "further up");
    let unopened =
        Case::new().allow(sharer.clone(), Unopened).with(may_share).allow(me(), Unopened).with(from(0));
    assert_eq!(unopened.deny(sharer, Everything).outcome(), NO_GRANT, "void beats needing opening");
}

#[test]
fn denial_of_a_key_above_should_bind_while_it_may_be_in_force() {
    let outcome = |earliest, latest| {
        let sharer = Viewer::Key(account(98));
        let dates = |grant: &mut Grant| (grant.not_before, grant.not_after) = (Some(10), Some(20));
        let case = Case::new().allow(sharer.clone(), Everything).with(may_share);
        let case = case.allow(me(), Everything).with(from(0)).deny(sharer, Everything).with(dates);
        case.clock(earliest, latest).outcome()
    };
    assert_eq!((outcome(8, 9), outcome(9, 10)), (PERMIT, NO_GRANT));
    assert_eq!((outcome(19, 20), outcome(20, 21)), (NO_GRANT, PERMIT));
}

#[test]
fn shared_rule_should_be_void_when_its_parent_is_gone() {
    let mut case = shared(Everything, Everything);
    case.facts.grants.remove(0);
    assert_eq!(case.outcome(), NO_GRANT);
}

#[test]
fn shared_rule_should_be_void_when_its_parent_denies() {
    let mut case = shared(Everything, Everything);
    case.facts.grants[0].grant.effect = Effect::Deny;
    assert_eq!(case.outcome(), NO_GRANT);
}

#[test]
fn shared_rule_should_be_void_when_its_parent_is_not_surely_in_force() {
    let outcome = |earliest, latest| {
        let mut case = shared(Everything, Everything).clock(earliest, latest);
        (case.facts.grants[0].grant.not_before, case.facts.grants[0].grant.not_after) = (Some(10), Some(20));
        case.outcome()
    };
    assert_eq!(outcome(10, 19), PERMIT);
    assert_eq!(outcome(9, 10), NO_GRANT);
    assert_eq!(outcome(19, 20), NO_GRANT);
}

#[test]
fn shared_rule_should_be_void_when_its_parents_staff_list_does_not_name_who_shared() {
    let listed = Text("patient/*.r;purpose=TREAT;staff=s99-1");
    let (named, other) = (StaffId::new(99, 1), StaffId::new(99, 2));
    assert_eq!(shared(listed, Text(BROAD)).by(named).outcome(), PERMIT, "the asker need not be named");
    assert_eq!(shared(listed, Text(BROAD)).by(other).outcome(), NO_GRANT);
    assert_eq!(shared(listed, Text(BROAD)).outcome(), NO_GRANT, "nobody knows who shared");
    assert_eq!(shared(Text(BROAD), Text(BROAD)).by(other).outcome(), PERMIT, "no list names everybody");
    assert_eq!(shared(Text(BROAD), listed).by(named).outcome(), NO_GRANT, "the own list must name the asker");
    let own = Text("patient/*.r;purpose=TREAT;staff=s3-4");
    assert_eq!(shared(listed, own).by(named).staff(StaffRole::Clinician).outcome(), PERMIT);
    // Each list must name who shared from its own rule: not who shared further on.
    let line = |first: StaffId, second: StaffId| {
        let middle = |grant: &mut Grant| (grant.may_share, grant.parent) = (true, Some(0));
        let case = Case::new().allow(OTHER, listed).with(may_share).allow(OTHER, Everything).with(middle);
        case.by(first).allow(me(), Text(BROAD)).with(from(1)).by(second).outcome()
    };
    assert_eq!((line(named, other), line(other, named)), (PERMIT, NO_GRANT));
}

/// A line of `ancestors` rules above the viewer's.
fn line(ancestors: GrantId) -> Case {
    let mut case = Case::new();
    for place in 0..ancestors {
        case = case.allow(OTHER, Everything).with(|grant| {
            grant.may_share = true;
            grant.parent = place.checked_sub(1);
        });
    }
    case.allow(me(), Everything).with(|grant| grant.parent = ancestors.checked_sub(1))
}

#[test]
fn shared_rule_should_have_four_ancestors_at_most() {
    for ancestors in 0..=4 {
        assert_eq!(line(ancestors).outcome(), PERMIT, "{ancestors}");
    }
    assert_eq!(line(5).outcome(), NO_GRANT);
}

#[test]
fn shared_rule_should_be_void_when_any_above_fails() {
    for place in 0..4 {
        let mut case = line(4);
        case.facts.grants[place].grant.may_share = false;
        assert_eq!(case.outcome(), NO_GRANT);
        let mut case = line(4);
        case.facts.grants[place].grant.terms = sealed();
        for (opening, outcome) in [(Opening::Failed, NO_GRANT), (Opening::Unopened, NEEDS_OPENING)] {
            case.openings.insert(place as GrantId, opening);
            assert_eq!(case.outcome(), outcome);
        }
    }
}

#[test]
fn shared_rule_should_be_void_when_it_goes_round_in_a_ring() {
    let own = Case::new().allow(me(), Everything).with(|grant| {
        grant.may_share = true;
        grant.parent = Some(0);
    });
    assert_eq!(own.outcome(), NO_GRANT);
    let mut two = shared(Everything, Everything).with(may_share);
    two.facts.grants[0].grant.parent = Some(1);
    assert_eq!(two.outcome(), NO_GRANT);
}

#[test]
fn shared_rule_should_open_nothing_when_it_is_void_anyway() {
    let opened = Cell::new(0);
    let mut case = shared(Text(BROAD), Text(BROAD));
    case.facts.grants[0].grant.may_share = false;
    decide(&case.facts, &case.request, &|_| {
        opened.set(opened.get() + 1);
        Opening::Unopened
    });
    assert_eq!(opened.get(), 0);
}
