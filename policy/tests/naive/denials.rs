//! README.md, rule 7: denials.

use super::about::{denial_is_about, staff_for_denials};
use super::clock::{in_force_to_narrow, in_force_to_widen};
use super::coverage::{Branch, Coverage};
use super::model::{Ask, Rule, Sealed, State, Terms};

/// Rule 7: what the denials come to.
pub struct Denials {
    /// `Deny(Denied)`.
    pub denied: bool,
    /// The outcome can at best be `NeedsOpening`.
    pub unopened: bool,
    pub binding: Vec<Terms>,
}

pub fn denials(state: &State, ask: &Ask, seen: &mut Coverage) -> Denials {
    let mut found = Denials { denied: false, unopened: false, binding: Vec::new() };
    for rule in state.rules.iter().filter(|rule| !rule.allow) {
        if !denial_is_about(state, rule.viewer, ask, seen) || !denial_is_in_force(rule, ask, seen) {
            continue;
        }
        match &rule.terms {
            Sealed::Everything => found.denied |= seen.hit_if(Branch::DenialEverything, true),
            Sealed::Failed => found.denied |= seen.hit_if(Branch::DenialFailed, true),
            Sealed::Unopened => found.unopened |= seen.hit_if(Branch::DenialUnopened, true),
            Sealed::Opened(terms) if denial_binds(state, terms, ask, seen) => {
                found.denied |= denial_covers_all(terms, ask, seen);
                found.binding.push(terms.clone());
            }
            Sealed::Opened(_) => {}
        }
    }
    found
}

fn denial_is_in_force(rule: &Rule, ask: &Ask, seen: &mut Coverage) -> bool {
    let in_force = in_force_to_narrow(rule.not_before, rule.not_after, ask);
    if in_force {
        seen.hit_if(Branch::DenialAtStart, rule.not_before == Some(ask.latest));
        let surely = in_force_to_widen(rule.not_before, rule.not_after, ask);
        seen.hit_if(Branch::DenialStraddled, !surely);
    } else {
        seen.hit_if(Branch::DenialNotYet, rule.not_before.is_some_and(|from| ask.latest < from));
        seen.hit_if(Branch::DenialOver, rule.not_after.is_some_and(|until| until <= ask.earliest));
        seen.hit_if(Branch::DenialAtEnd, rule.not_after == Some(ask.earliest));
    }
    in_force
}

fn denial_binds(state: &State, terms: &Terms, ask: &Ask, seen: &mut Coverage) -> bool {
    let by_staff = if terms.staff.is_empty() {
        true
    } else {
        // In force or not: whoever was denied by name stays denied.
        match &state.staff {
            None => {
                seen.hit(Branch::DenialListOfNonStaff);
                false
            }
            Some(staff) if terms.staff.contains(&staff.id) => {
                let inactive = staff_for_denials(state, ask).is_none();
                seen.hit_if(Branch::DenialByInactiveStaff, inactive);
                seen.hit_if(Branch::DenialByStaff, true)
            }
            Some(_) => {
                seen.hit(Branch::DenialOtherStaff);
                false
            }
        }
    };
    let by_purpose = if terms.purposes.is_empty() {
        seen.hit_if(Branch::DenialAnyPurpose, true)
    } else if terms.purposes.contains(&ask.purpose) {
        seen.hit_if(Branch::DenialByPurpose, true)
    } else {
        seen.hit(Branch::DenialOtherPurpose);
        false
    };
    seen.hit_if(Branch::DenialBinds, by_staff && by_purpose)
}

/// Whether one denial covers all rows and all elements of the resource type for the action.
fn denial_covers_all(terms: &Terms, ask: &Ask, seen: &mut Coverage) -> bool {
    let mut covers_all = false;
    for scope in &terms.scopes {
        let of_type = scope.is_of_type(ask.resource_type);
        let of_action = scope.has_action(ask.action);
        seen.hit_if(Branch::DenialOtherType, !of_type && of_action);
        seen.hit_if(Branch::DenialOtherAction, of_type && !of_action);
        if !of_type || !of_action {
            continue;
        }
        let all_rows = scope.category.is_none()
            && scope.code.is_none()
            && scope.security.is_none()
            && terms.period.is_none();
        let all_elements = scope.elements.is_none();
        if all_rows && all_elements {
            seen.hit(Branch::DenialCoversAll);
            covers_all = true;
        } else {
            seen.hit(Branch::DenialCoversSome);
        }
    }
    covers_all
}
