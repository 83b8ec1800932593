//! Random pairs of scopes and of terms, of which one may be within the other.

use crate::naive::masks::is_in;
use crate::naive::model::{Scope, Terms, ACTIONS};
use crate::naive::random::Random;

use super::staff_id;
use super::terms::{elements, period, scope, token, tokens};
use super::universe::{ELEMENTS, PURPOSES, TYPES};

/// Two terms, the first often within the second.
pub fn pair_of_terms(random: &mut Random) -> (Terms, Terms) {
    let outer = loose_terms(random);
    if random.percent(15) {
        return (loose_terms(random), outer);
    }
    let mut inner = outer.clone();
    for scope in &mut inner.scopes {
        narrow_scope(random, scope);
    }
    if random.percent(30) {
        inner.purposes.pop();
    }
    if random.percent(30) {
        inner.staff.pop();
    }
    if random.percent(10) {
        inner.purposes = pick_purposes(random);
    }
    if random.percent(10) {
        inner.staff = vec![staff_id(random)];
    }
    if random.percent(25) {
        inner.period = random.maybe(80, period);
    }
    (inner, outer)
}

fn loose_terms(random: &mut Random) -> Terms {
    Terms {
        scopes: (0..=random.below(2)).map(|_| loose_scope(random)).collect(),
        purposes: pick_purposes(random),
        period: random.maybe(40, period),
        staff: (0..random.pick(&[0, 0, 1, 2])).map(|_| staff_id(random)).collect(),
    }
}

fn pick_purposes(random: &mut Random) -> Vec<&'static str> {
    PURPOSES.iter().copied().filter(|_| random.percent(60)).collect()
}

fn loose_scope(random: &mut Random) -> Scope {
    let resource_type = random.pick(&TYPES);
    scope(random, resource_type, None, 20, 60)
}

/// Two scopes, the first often within the second.
pub fn pair_of_scopes(random: &mut Random) -> (Scope, Scope) {
    let outer = loose_scope(random);
    let mut inner = outer.clone();
    narrow_scope(random, &mut inner);
    if random.percent(15) {
        inner = loose_scope(random);
    }
    (inner, outer)
}

/// Mostly narrows a scope, and now and then widens it.
fn narrow_scope(random: &mut Random, scope: &mut Scope) {
    if scope.resource_type.is_none() || random.percent(8) {
        scope.resource_type = random.maybe(60, |random| random.pick(&TYPES));
    }
    if scope.actions.len() > 1 && random.percent(50) {
        scope.actions.pop();
    }
    if random.percent(8) {
        let action = random.pick(&ACTIONS).0;
        if !scope.actions.contains(&action) {
            scope.actions.push(action);
        }
    }
    for list in [&mut scope.category, &mut scope.code] {
        match list {
            Some(listed) => {
                if listed.len() > 1 && random.percent(40) {
                    listed.pop();
                }
                for listed in listed.iter_mut() {
                    if random.percent(20) {
                        listed.system = token(random).system;
                    }
                }
                if random.percent(4) {
                    *listed = tokens(random);
                }
                if random.percent(6) {
                    *list = None;
                }
            }
            None => *list = random.maybe(20, tokens),
        }
    }
    match &mut scope.security {
        Some(listed) if listed.len() > 1 && random.percent(50) => {
            listed.pop();
        }
        Some(_) if random.percent(40) => scope.security = None,
        security if random.percent(8) => *security = Some(tokens(random)),
        _ => {}
    }
    match &mut scope.elements {
        Some(paths) => {
            for path in paths.iter_mut() {
                if random.percent(30) {
                    let beneath = |other: &&&str| is_in(other, path);
                    let choices: Vec<&'static str> = ELEMENTS.iter().filter(beneath).copied().collect();
                    *path = random.pick(&choices);
                }
            }
            if random.percent(12) {
                scope.elements = random.maybe(60, elements);
            }
        }
        None => scope.elements = random.maybe(30, elements),
    }
}
