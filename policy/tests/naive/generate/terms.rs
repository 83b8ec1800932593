//! Random scopes and terms.

use crate::naive::masks::is_in;
use crate::naive::model::{Action, Ask, Day, Scope, State, System, Terms, Token, ACTIONS, DAYS};
use crate::naive::random::Random;

use super::staff_id;
use super::universe::{CODES, ELEMENTS, PURPOSES, SYSTEMS, TYPES};

/// Terms that pass the test for this request, whatever they then cover.
pub fn good_terms(random: &mut Random, state: &State, ask: &Ask, own: bool) -> Terms {
    let mut terms = terms(random, state, ask, true);
    if random.percent(88) {
        if !terms.purposes.contains(&ask.purpose) {
            terms.purposes.push(ask.purpose);
        }
        if own {
            terms.staff.clear();
        }
        if let Some(scope) = terms.scopes.first_mut() {
            scope.resource_type = random.pick(&[Some(ask.resource_type), None]);
            if !scope.actions.contains(&ask.action) {
                scope.actions.push(ask.action);
            }
        }
    }
    terms
}

/// Terms that often cover the request. Lists may name the same twice, which says no more than once: their
/// text names it once.
pub fn terms(random: &mut Random, state: &State, ask: &Ask, allow: bool) -> Terms {
    let mut purposes = Vec::new();
    if random.percent(if allow { 78 } else { 45 }) {
        purposes.push(ask.purpose);
    }
    if random.percent(25) {
        let other = random.pick(&PURPOSES);
        if !purposes.contains(&other) {
            purposes.push(other);
        }
    }
    let mut staff = Vec::new();
    if random.percent(25) {
        if let Some(asker) = state.staff.as_ref().filter(|_| random.percent(60)) {
            staff.push(asker.id);
        }
        let other = staff_id(random);
        if !staff.contains(&other) && (staff.is_empty() || random.percent(40)) {
            staff.push(other);
        }
    }
    let (plain, elements) = if allow { (20, 65) } else { (8, 75) };
    let mut scopes: Vec<Scope> = Vec::new();
    for _ in 0..=random.pick(&[0, 0, 1, 2]) {
        scopes.push(scope(random, ask.resource_type, Some(ask.action), plain, elements));
    }
    Terms { scopes, purposes, period: random.maybe(22, period), staff }
}

pub fn period(random: &mut Random) -> (Option<Day>, Option<Day>) {
    let (mut first, mut last) = (random.pick(&DAYS).0, random.pick(&DAYS).0);
    if first > last {
        (first, last) = (last, first);
    }
    match random.below(3) {
        0 => (Some(first), None),
        1 => (None, Some(last)),
        _ => (Some(first), Some(last)),
    }
}

/// A scope that leans towards a type and an action; `plain` in a hundred have no parameters, and
/// `with_elements` in a hundred of the others have elements.
pub fn scope(
    random: &mut Random,
    resource_type: &'static str,
    action: Option<Action>,
    plain: u64,
    with_elements: u64,
) -> Scope {
    let mut actions: Vec<Action> =
        ACTIONS.iter().map(|(action, _)| *action).filter(|_| random.percent(40)).collect();
    if let Some(action) = action.filter(|_| random.percent(80)) {
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    if actions.is_empty() {
        actions.push(Action::Read);
    }
    let bare = random.percent(plain);
    let chance = |percent| if bare { 0 } else { percent };
    Scope {
        resource_type: match random.below(10) {
            0..6 => Some(resource_type),
            6 | 7 => None,
            _ => Some(random.pick(&TYPES)),
        },
        actions,
        category: random.maybe(chance(20), tokens),
        code: random.maybe(chance(20), tokens),
        security: random.maybe(chance(30), tokens),
        elements: random.maybe(chance(with_elements), elements),
    }
}

pub fn tokens(random: &mut Random) -> Vec<Token> {
    (0..=random.below(3)).map(|_| token(random)).collect()
}

pub fn token(random: &mut Random) -> Token {
    let system = match random.below(6) {
        0..3 => System::Any,
        3 => System::None,
        _ => System::Named(random.pick(&SYSTEMS)),
    };
    Token { system, code: random.pick(&CODES) }
}

/// Paths of which none is beneath another.
pub fn elements(random: &mut Random) -> Vec<&'static str> {
    let mut elements: Vec<&'static str> = Vec::new();
    for _ in 0..=random.below(4) {
        let path = random.pick(&ELEMENTS);
        let related = |other: &&str| is_in(path, other) || is_in(other, path);
        if !elements.iter().any(related) {
            elements.push(path);
        }
    }
    elements
}
