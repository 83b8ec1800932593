//! Makes a case in which the implementations differ as small as it gets, and prints it.

use super::compare::Case;
use super::coverage::Coverage;
use super::model::{Sealed, State};

/// Nothing if the implementations agree, else the smallest case found in which they differ.
pub fn check(
    case: Case,
    difference: fn(&Case, &mut Coverage) -> Option<String>,
    seen: &mut Coverage,
) -> Result<(), String> {
    let Some(mut report) = difference(&case, seen) else {
        return Ok(());
    };
    let mut smallest = case;
    'smaller: loop {
        for candidate in smaller(&smallest) {
            if let Some(found) = difference(&candidate, &mut Coverage::new()) {
                report = found;
                smallest = candidate;
                continue 'smaller;
            }
        }
        return Err(format!("{smallest}{report}").replace('\n', "\n  "));
    }
}

/// The case with one thing less.
fn smaller(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for gone in 0..case.rows.len() {
        let mut less = case.clone();
        less.rows.remove(gone);
        all.push(less);
    }
    for place in 0..case.states.len() {
        if case.states.len() > 1 {
            let mut less = case.clone();
            less.states.remove(place);
            all.push(less);
        }
        for state in smaller_states(&case.states[place]) {
            let mut less = case.clone();
            less.states[place] = state;
            all.push(less);
        }
    }
    if case.ask.reversed {
        let mut less = case.clone();
        less.ask.reversed = false;
        all.push(less);
    }
    if case.ask.earliest < case.ask.latest {
        let mut less = case.clone();
        less.ask.latest -= 1;
        all.push(less);
    }
    all
}

fn smaller_states(state: &State) -> Vec<State> {
    let mut all = Vec::new();
    let mut without = |change: &dyn Fn(&mut State)| {
        let mut less = state.clone();
        change(&mut less);
        if less != *state {
            all.push(less);
        }
    };
    without(&|less| less.staff = None);
    without(&|less| less.glass = None);
    without(&|less| less.opt_out = false);
    without(&|less| less.over_denials = false);
    without(&|less| less.custodians.truncate(less.custodians.len().saturating_sub(1)));
    for place in 0..state.rules.len() {
        without(&|less| drop(less.rules.remove(place)));
        without(&|less| less.rules[place].not_before = None);
        without(&|less| less.rules[place].not_after = None);
        without(&|less| less.rules[place].parent = None);
        without(&|less| less.rules[place].sharer = None);
        without(&|less| less.rules[place].may_share = false);
        let Sealed::Opened(terms) = &state.rules[place].terms else {
            continue;
        };
        let mut narrower = |change: &dyn Fn(&mut super::model::Terms)| {
            let mut terms = terms.clone();
            change(&mut terms);
            without(&|less| less.rules[place].terms = Sealed::Opened(terms.clone()));
        };
        narrower(&|terms| terms.period = None);
        narrower(&|terms| terms.staff.clear());
        narrower(&|terms| terms.purposes.truncate(1));
        for scope in 0..terms.scopes.len() {
            if terms.scopes.len() > 1 {
                narrower(&|terms| drop(terms.scopes.remove(scope)));
            }
            narrower(&|terms| terms.scopes[scope].category = None);
            narrower(&|terms| terms.scopes[scope].code = None);
            narrower(&|terms| terms.scopes[scope].security = None);
            narrower(&|terms| terms.scopes[scope].elements = None);
            narrower(&|terms| terms.scopes[scope].actions.truncate(1));
        }
    }
    all
}
