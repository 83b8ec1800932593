//! README.md, rule 8: allows, and what was shared onward.

use super::about::{allow_is_about, names_active};
use super::clock::{ended_to_widen, in_force_to_narrow, started_to_widen};
use super::coverage::{Branch, Coverage};
use super::model::{Ask, Rule, Sealed, State, Terms, Viewer};

/// Rule 8: what the allows come to.
pub struct Allows {
    /// Those that apply, each with what it was shared onward from.
    pub applying: Vec<Vec<Rule>>,
    /// Whether any needs opening.
    pub unopened: bool,
}

pub fn allows(state: &State, ask: &Ask, seen: &mut Coverage) -> Allows {
    let mut found = Allows { applying: Vec::new(), unopened: false };
    for rule in state.rules.iter().filter(|rule| rule.allow) {
        if !allow_is_about(state, rule.viewer, ask, seen) || !allow_is_in_force(rule, ask, seen) {
            continue;
        }
        match judge(state, rule, ask, seen) {
            Verdict::Applies(chain) => found.applying.push(chain),
            Verdict::NeedsOpening => found.unopened = true,
            Verdict::Void => {}
        }
    }
    found
}

fn allow_is_in_force(rule: &Rule, ask: &Ask, seen: &mut Coverage) -> bool {
    let started = started_to_widen(rule.not_before, ask);
    let ended = ended_to_widen(rule.not_after, ask);
    if started && !ended {
        seen.hit_if(Branch::AllowAtStart, rule.not_before == Some(ask.earliest));
        return true;
    }
    seen.hit_if(Branch::AllowNotYet, !started && !ended);
    seen.hit_if(Branch::AllowOver, started && ended);
    seen.hit_if(Branch::AllowAtEnd, started && rule.not_after == Some(ask.latest));
    let maybe = in_force_to_narrow(rule.not_before, rule.not_after, ask);
    seen.hit_if(Branch::AllowStraddled, maybe);
    false
}

enum Verdict {
    Applies(Vec<Rule>),
    NeedsOpening,
    Void,
}

/// How many parents there may be, one above the other.
const MOST_PARENTS: usize = 4;

fn judge(state: &State, rule: &Rule, ask: &Ask, seen: &mut Coverage) -> Verdict {
    let mut flaws = Vec::new();
    let mut chain = vec![rule.clone()];

    match &rule.terms {
        Sealed::Everything | Sealed::Unopened => {}
        Sealed::Failed => flaws.push(Branch::VoidFailed),
        Sealed::Opened(terms) => {
            if terms.purposes.is_empty() {
                flaws.push(Branch::VoidNoPurpose);
            } else if !terms.purposes.contains(&ask.purpose) {
                flaws.push(Branch::VoidOtherPurpose);
            }
            if !terms.staff.is_empty() && !names_active(state, &terms.staff, ask) {
                flaws.push(match &state.staff {
                    None => Branch::VoidListOfNonStaff,
                    Some(staff) if terms.staff.contains(&staff.id) => Branch::VoidInactiveStaff,
                    Some(_) => Branch::VoidOtherStaff,
                });
            }
            let missing = no_scope(terms, ask, Branch::VoidOtherType, Branch::VoidOtherAction);
            flaws.extend(missing);
        }
    }

    let mut next = rule.parent;
    while let Some(id) = next {
        if chain.len() > MOST_PARENTS {
            let circle = chain.iter().any(|earlier| earlier.id == id);
            flaws.push(if circle { Branch::SharedInCircle } else { Branch::SharedTooDeep });
            break;
        }
        let Some(parent) = state.rules.iter().find(|parent| parent.id == id) else {
            flaws.push(Branch::SharedFromMissing);
            break;
        };
        if !parent.allow {
            flaws.push(Branch::SharedFromDenial);
        }
        if !started_to_widen(parent.not_before, ask) {
            flaws.push(Branch::SharedFromNotYet);
        }
        if ended_to_widen(parent.not_after, ask) {
            flaws.push(Branch::SharedFromOver);
        }
        if !parent.may_share {
            flaws.push(Branch::SharedWithoutRight);
        }
        if key_is_denied_everything(state, parent.viewer, ask) {
            flaws.push(Branch::SharedByDeniedKey);
        }
        match &parent.terms {
            Sealed::Everything | Sealed::Unopened => {}
            Sealed::Failed => flaws.push(Branch::SharedFromFailed),
            Sealed::Opened(terms) => {
                if terms.purposes.is_empty() {
                    flaws.push(Branch::SharedFromNoPurpose);
                } else if !terms.purposes.contains(&ask.purpose) {
                    flaws.push(Branch::SharedFromOtherPurpose);
                }
                let sharer = chain.last().and_then(|beneath| beneath.sharer);
                if !terms.staff.is_empty() && !sharer.is_some_and(|sharer| terms.staff.contains(&sharer)) {
                    let known = sharer.is_some();
                    flaws.push(if known { Branch::SharedByOther } else { Branch::SharedByNobody });
                }
                let missing =
                    no_scope(terms, ask, Branch::SharedFromOtherType, Branch::SharedFromOtherAction);
                flaws.extend(missing);
            }
        }
        chain.push(parent.clone());
        next = parent.parent;
    }

    let unopened = chain.iter().any(|link| link.terms == Sealed::Unopened);
    seen.hit_sole(&flaws);
    if !flaws.is_empty() {
        seen.hit_if(Branch::VoidBeatsUnopened, unopened);
        return Verdict::Void;
    }
    if unopened {
        let own = rule.terms == Sealed::Unopened;
        seen.hit(if own { Branch::AllowUnopened } else { Branch::SharedFromUnopened });
        return Verdict::NeedsOpening;
    }
    count_applying(state, &chain, ask, seen);
    Verdict::Applies(chain)
}

fn key_is_denied_everything(state: &State, viewer: Viewer, ask: &Ask) -> bool {
    let Viewer::Key(key) = viewer else {
        return false;
    };
    let denials = state.rules.iter().filter(|rule| !rule.allow && rule.terms == Sealed::Everything);
    let mut about_key = denials.filter(|rule| rule.viewer == Viewer::Key(key));
    about_key.any(|rule| in_force_to_narrow(rule.not_before, rule.not_after, ask))
}

/// Why no scope covers the action on the resource type, if none does.
fn no_scope(terms: &Terms, ask: &Ask, no_type: Branch, no_action: Branch) -> Option<Branch> {
    let of_type: Vec<_> = terms.scopes.iter().filter(|scope| scope.is_of_type(ask.resource_type)).collect();
    if of_type.is_empty() {
        Some(no_type)
    } else if !of_type.iter().any(|scope| scope.has_action(ask.action)) {
        Some(no_action)
    } else {
        None
    }
}

fn count_applying(state: &State, chain: &[Rule], ask: &Ask, seen: &mut Coverage) {
    for (position, link) in chain.iter().enumerate() {
        match (&link.terms, position) {
            (Sealed::Everything, 0) => seen.hit(Branch::AllowEverything),
            (Sealed::Everything, _) => seen.hit(Branch::SharedFromEverything),
            (Sealed::Opened(terms), 0) => {
                seen.hit(Branch::AllowOpened);
                seen.hit_if(Branch::AllowByStaff, !terms.staff.is_empty());
            }
            (Sealed::Opened(terms), _) => {
                let unnamed = !terms.staff.is_empty() && !names_active(state, &terms.staff, ask);
                seen.hit_if(Branch::SharedFromOtherStaff, unnamed);
            }
            _ => {}
        }
        if position > 0 {
            let about = allow_is_about(state, link.viewer, ask, &mut Coverage::new());
            seen.hit_if(Branch::SharedFromOtherViewer, !about);
        }
    }
    match chain.len() {
        2 => seen.hit(Branch::SharedOnce),
        3 => seen.hit(Branch::SharedTwice),
        4 => seen.hit(Branch::SharedThrice),
        5 => seen.hit(Branch::SharedFourTimes),
        _ => {}
    }
}
