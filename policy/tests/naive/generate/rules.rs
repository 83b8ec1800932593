//! Random rules, and chains of them.

use crate::naive::model::{Ask, Rule, Sealed, State, Viewer};
use crate::naive::random::Random;

use super::terms::{good_terms, terms};
use super::universe::{END_OF_TIME, GROUPS, MEMBERS, MISSING};
use super::{key, staff_id, Lean};

pub fn rules(random: &mut Random, state: &State, ask: &Ask, lean: Lean) -> Vec<Rule> {
    let mut rules = if lean == Lean::Chain { chain(random, state, ask) } else { Vec::new() };
    let (most, denials) = match lean {
        Lean::Chain => (4, 50),
        Lean::Emergency => (4, 75),
        Lean::Anything => (6, random.pick(&[0, 15, 45])),
    };
    for _ in 0..random.below(most) {
        let allow = !random.percent(denials);
        let mut rule = rule(random, state, ask, allow);
        rule.id = rules.len() as u32;
        rules.push(rule);
    }
    // Now and then somebody of a chain is denied everything.
    if lean == Lean::Chain && random.percent(12) {
        let mut denial = rule(random, state, ask, false);
        let above = random.below(rules.len() as u64) as usize;
        (denial.id, denial.terms) = (rules.len() as u32, Sealed::Everything);
        denial.viewer = Viewer::Key(key(random));
        if denial.viewer != Viewer::Key(state.viewer) {
            rules[above].viewer = denial.viewer;
        }
        rules.push(denial);
    }
    // Now and then somebody asks who opens little or nothing, as the chain does.
    if random.percent(8) {
        for rule in &mut rules {
            if rule.terms != Sealed::Everything && random.percent(80) {
                rule.terms = Sealed::Unopened;
            }
        }
    }
    number(random, &mut rules);
    rules
}

fn rule(random: &mut Random, state: &State, ask: &Ask, allow: bool) -> Rule {
    let viewer = viewer(random, state);
    Rule {
        id: 0,
        viewer,
        allow,
        terms: match random.below(100) {
            0..5 if allow => Sealed::Everything,
            0..3 => Sealed::Everything,
            5..21 => Sealed::Unopened,
            21..28 if allow => Sealed::Failed,
            21..24 => Sealed::Failed,
            _ => Sealed::Opened(terms(random, state, ask, allow)),
        },
        not_before: random.maybe(35, |random| random.below(END_OF_TIME)),
        not_after: random.maybe(35, |random| random.below(END_OF_TIME + 3)),
        may_share: random.percent(50),
        parent: random.maybe(if allow { 15 } else { 5 }, |random| random.small(8)),
        sharer: random.maybe(50, staff_id),
    }
}

fn viewer(random: &mut Random, state: &State) -> Viewer {
    let staff = state.staff.as_ref().filter(|_| random.percent(75));
    match random.below(3) {
        0 if random.percent(75) => Viewer::Key(state.viewer),
        0 => Viewer::Key(key(random)),
        1 => Viewer::Member(staff.map_or_else(|| random.small(MEMBERS), |staff| staff.id.0)),
        _ => match staff {
            Some(staff) if !staff.groups.is_empty() => Viewer::Group(random.pick(&staff.groups)),
            _ => Viewer::Group(random.small(GROUPS)),
        },
    }
}

/// A grant and those it was shared onward from, first the grant itself.
fn chain(random: &mut Random, state: &State, ask: &Ask) -> Vec<Rule> {
    let length = 2 + random.small(5);
    let mut rules: Vec<Rule> = Vec::new();
    for place in 0..length {
        let narrow = random.percent(8);
        let mut rule = rule(random, state, ask, true);
        if !narrow {
            rule.not_before = random.maybe(50, |random| random.below(ask.earliest + 1));
            rule.not_after = random.maybe(50, |random| ask.latest + 1 + random.below(3));
        }
        if place == 0 && random.percent(80) {
            rule.viewer = Viewer::Key(state.viewer);
        }
        if random.percent(92) {
            rule.terms = if random.percent(12) {
                Sealed::Everything
            } else {
                Sealed::Opened(good_terms(random, state, ask, place == 0))
            };
        }
        rule.may_share = random.percent(95);
        rule.allow = random.percent(97);
        rule.id = place;
        rule.parent = Some(place + 1);
        rules.push(rule);
    }
    // Mostly somebody shared who may.
    for place in 1..rules.len() {
        if let Sealed::Opened(terms) = &rules[place].terms {
            if !terms.staff.is_empty() && random.percent(80) {
                rules[place - 1].sharer = Some(random.pick(&terms.staff));
            }
        }
    }
    // What the top was shared from: mostly nothing, else a link of this chain, or nothing that exists.
    if let Some(top) = rules.last_mut() {
        top.parent = match random.below(100) {
            0..85 => None,
            85..93 => Some(random.small(length)),
            _ => Some(MISSING),
        };
    }
    rules
}

/// Numbers the rules in ascending order, and lets parents follow.
fn number(random: &mut Random, rules: &mut [Rule]) {
    // A chain starts with its last grant here, while on chain what was shared onward mostly comes later.
    if random.percent(80) {
        rules.reverse();
    }
    let mut new_of_old = Vec::new();
    let mut next = random.small(3);
    for rule in rules.iter_mut() {
        new_of_old.push((rule.id, next));
        rule.id = next;
        next += 1 + random.small(2);
    }
    for rule in rules.iter_mut() {
        rule.parent = rule.parent.map(|old| {
            let new = new_of_old.iter().find(|(rule, _)| *rule == old);
            new.map_or(MISSING, |(_, new)| *new)
        });
    }
}
