//! What a permit covers.

use alloc::{boxed::Box, vec, vec::Vec};

use medrec_primitives::GrantId;

use super::{allows::Rule, Capacity, Decision, Request};
use crate::{mask::ElementMask, row::Row, scope::Action, terms::Terms};

/// A yes, and what it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    capacity: Capacity,
    action: Action,
    resource_type: Box<str>,
    /// By state of the chain, without repetition: what counts is what all of them allow.
    states: Vec<State>,
}

/// What one state of the chain allows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    allowed: Allowed,
    denials: Vec<Terms>,
}

/// What is allowed before denials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Every row and element.
    Everything,
    /// What any of these rules does.
    ByRules(Vec<Rule>),
}

impl From<Permit> for Decision {
    fn from(permit: Permit) -> Self {
        Self::Permit(permit)
    }
}

impl Permit {
    pub(super) fn new(
        capacity: Capacity,
        request: &Request<'_>,
        allowed: Allowed,
        denials: Vec<Terms>,
    ) -> Self {
        Self {
            capacity,
            action: request.action,
            resource_type: request.resource_type.into(),
            states: vec![State { allowed, denials }],
        }
    }

    /// As what the asker is permitted this.
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// What of `row` is permitted.
    pub fn mask(&self, row: &Row<'_>) -> ElementMask {
        if !self.is_for(row) {
            return ElementMask::Nothing;
        }
        self.states.iter().fold(ElementMask::All, |mask, state| match mask {
            ElementMask::Nothing => mask,
            _ => mask.intersect(&state.mask(self.action, row)),
        })
    }

    /// What of `row` is denied, whatever else is allowed: what may not be shown even to make something else complete.
    ///
    /// The union over the binding denials of all states; all of a row of another type than asked for.
    pub fn denied(&self, row: &Row<'_>) -> ElementMask {
        if !self.is_for(row) {
            return ElementMask::All;
        }
        let denials = self.states.iter().flat_map(|state| &state.denials);
        denials.fold(ElementMask::Nothing, |union, denial| match union {
            ElementMask::All => union,
            _ => union.union(&denial.denied(self.action, row)),
        })
    }

    /// Whether the permit was asked for rows of this one's type.
    fn is_for(&self, row: &Row<'_>) -> bool {
        *self.resource_type == *row.resource_type
    }

    /// The allows that it rests on, for the log: ascending, none twice. Patients, custodians and emergencies need none.
    pub fn grants(&self) -> impl Iterator<Item = GrantId> {
        let mut ids: Vec<GrantId> =
            self.states.iter().flat_map(|state| state.rules()).map(|rule| rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter()
    }

    /// What both permit.
    pub(super) fn meet(&mut self, other: Self) {
        self.capacity = self.capacity.max(other.capacity);
        for state in other.states {
            // Most leaves say what the finalised state says.
            if !self.states.contains(&state) {
                self.states.push(state);
            }
        }
    }
}

impl State {
    fn rules(&self) -> &[Rule] {
        match &self.allowed {
            Allowed::Everything => &[],
            Allowed::ByRules(rules) => rules,
        }
    }

    fn mask(&self, action: Action, row: &Row<'_>) -> ElementMask {
        let allowed = match &self.allowed {
            Allowed::Everything => ElementMask::All,
            Allowed::ByRules(rules) => rules.iter().fold(ElementMask::Nothing, |union, rule| match union {
                ElementMask::All => union,
                _ => union.union(&rule.mask(action, row)),
            }),
        };
        self.denials.iter().fold(allowed, |left, denial| match left {
            ElementMask::Nothing => left,
            _ => left.subtract(&denial.denied(action, row)),
        })
    }
}
