//! The rules of README.md a second time, naively, and both against each other on random cases.
//!
//! `MEDREC_CASES` sets how many single-state decisions are compared (a million unless told), and
//! `MEDREC_SEED` the seed. Every case follows from the seed and its number alone.

mod naive {
    pub mod about;
    pub mod allows;
    pub mod clock;
    pub mod compare;
    pub mod containment;
    pub mod coverage;
    pub mod denials;
    pub mod generate;
    pub mod masks;
    pub mod model;
    pub mod random;
    pub mod rules;
    pub mod run;
    pub mod shrink;
    pub mod translate;
}

use naive::compare::{difference_of_one, difference_of_several, difference_of_summary, Case};
use naive::containment::{scope_within, terms_within};
use naive::coverage::{Branch, Coverage};
use naive::generate;
use naive::masks;
use naive::model::Scope;
use naive::random::Random;
use naive::run::Run;
use naive::{shrink, translate};

#[test]
fn decision_should_equal_the_naive_one_when_one_state_is_random() {
    let run = Run::from_environment();
    let seen = run.check("decisions on one state", run.cases, |random, seen| {
        let (ask, state) = generate::case(random);
        let rows = (0..3).map(|_| generate::row(random, &ask)).collect();
        shrink::check(Case { ask, states: vec![state], rows }, difference_of_one, seen)
    });
    run.assert_all_seen(&seen, Branch::DenyProviderInactive, Branch::UnionWidens);
}

#[test]
fn decision_should_equal_the_naive_one_when_several_states_are_random() {
    let run = Run::from_environment();
    let seen = run.check("decisions on several states", run.cases / 4, |random, seen| {
        let (ask, states) = generate::several(random);
        let rows = (0..2).map(|_| generate::row(random, &ask)).collect();
        shrink::check(Case { ask, states, rows }, difference_of_several, seen)
    });
    run.assert_all_seen(&seen, Branch::StatesNone, Branch::StatesMaskNarrows);
}

#[test]
fn summary_should_equal_the_naive_decision_when_nothing_is_opened() {
    let run = Run::from_environment();
    let seen = run.check("summaries", run.cases / 4, |random, seen| {
        let (ask, state) = generate::case(random);
        shrink::check(Case { ask, states: vec![state], rows: Vec::new() }, difference_of_summary, seen)
    });
    run.assert_all_seen(&seen, Branch::PermitPatient, Branch::PermitViewer);
    run.assert_all_seen(&seen, Branch::NeedsOpening, Branch::NeedsOpening);
}

#[test]
fn containment_should_equal_the_naive_one_when_scopes_and_terms_are_random() {
    let run = Run::from_environment();
    let seen = run.check("containments", run.cases / 4, |random, seen| {
        let (a, b) = generate::pair_of_scopes(random);
        let theirs = translate::scope(&b)?.contains(&translate::scope(&a)?);
        let ours = scope_within(&a, &b, seen);
        if ours != theirs {
            return Err(format!("{a}\n  within {b}\n  naive: {ours}\n  crate: {theirs}"));
        }
        if ours {
            covers_no_more(&a, &b, random)?;
        }
        let (a, b) = generate::pair_of_terms(random);
        let theirs = translate::terms(&b)?.contains(&translate::terms(&a)?);
        let ours = terms_within(&a, &b, seen);
        if ours != theirs {
            return Err(format!("{a}\n  within {b}\n  naive: {ours}\n  crate: {theirs}"));
        }
        Ok(())
    });
    run.assert_all_seen(&seen, Branch::Within, Branch::TermsWithinStaff);
}

/// What containment is for: whatever the row, the inner scope covers nothing that the outer does not.
fn covers_no_more(inner: &Scope, outer: &Scope, random: &mut Random) -> Result<(), String> {
    let mut ask = generate::case(random).0;
    for action in &inner.actions {
        ask.action = *action;
        let row = generate::row(random, &ask);
        let mask = |scope| masks::mask_of_scope(scope, &ask, &row, &mut Coverage::new());
        if mask(inner).intersection(&mask(outer)) != mask(inner) {
            return Err(format!("{inner}\n  within {outer}\n  covers more for {ask} of {row:?}"));
        }
    }
    Ok(())
}
