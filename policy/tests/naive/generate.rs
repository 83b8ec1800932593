//! Random cases from small universes, so that keys, members, dates and codes meet all the time.
//!
//! A case is made from its seed alone. Uniformly random states would nearly all be refused by the first
//! rules, so each part leans towards what lets a case reach the later ones.

use medrec_primitives::{MemberStatus, RelationshipStatus, StaffRole};

use super::model::{Action, Ask, Coding, Custodian, Key, Row, Rule, Staff, StaffId, State, ACTIONS, DAYS};
use super::random::Random;

mod pairs;
mod rules;
mod terms;
pub mod universe;

pub use pairs::{pair_of_scopes, pair_of_terms};

use universe::{CODES, END_OF_TIME, GROUPS, KEYS, MEMBERS, PURPOSES, STAFF, SYSTEMS, TYPES};

/// What the whole of a case leans towards.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lean {
    Anything,
    /// Shared onward, mostly without a flaw.
    Chain,
    /// A broken glass, mostly without a flaw.
    Emergency,
}

/// A request and a state.
pub fn case(random: &mut Random) -> (Ask, State) {
    let lean = lean(random);
    let ask = ask(random, lean);
    let state = state(random, &ask, lean);
    (ask, state)
}

/// A request and several states, finalised first: changes of one state, or unrelated ones.
pub fn several(random: &mut Random) -> (Ask, Vec<State>) {
    let lean = lean(random);
    let ask = ask(random, lean);
    let count = random.below(5);
    let mut states: Vec<State> = Vec::new();
    for _ in 0..count {
        let other = state(random, &ask, lean);
        let next = match states.first() {
            Some(first) if random.percent(85) => changed(random, first.clone(), other),
            _ => other,
        };
        states.push(next);
    }
    (ask, states)
}

/// The state `base` with one part from `other`: what a block or two change.
fn changed(random: &mut Random, mut base: State, other: State) -> State {
    match random.below(10) {
        0 => base.relationship = other.relationship,
        1 => base.staff = other.staff,
        2 => base.glass = other.glass,
        3 => base.custodians = other.custodians,
        4 => base.provider = other.provider,
        5 | 6 => {
            if !base.rules.is_empty() {
                let gone = random.below(base.rules.len() as u64);
                base.rules.remove(usize::try_from(gone).unwrap_or_default());
            }
        }
        7 => base.patient = other.patient,
        _ => {
            let number = base.rules.iter().map(|rule| rule.id + 1).max().unwrap_or(0);
            base.rules.extend(other.rules.into_iter().take(1).map(|rule| Rule { id: number, ..rule }));
        }
    }
    base
}

fn lean(random: &mut Random) -> Lean {
    match random.below(100) {
        0..28 => Lean::Chain,
        28..48 => Lean::Emergency,
        _ => Lean::Anything,
    }
}

fn ask(random: &mut Random, lean: Lean) -> Ask {
    let earliest = 2 + random.below(END_OF_TIME - 4);
    let emergency = random.percent(if lean == Lean::Emergency { 90 } else { 4 });
    Ask {
        purpose: if emergency { "ETREAT" } else { random.pick(&PURPOSES) },
        action: if random.percent(75) {
            random.pick(&[Action::Read, Action::Search])
        } else {
            random.pick(&ACTIONS).0
        },
        resource_type: random.pick(&TYPES),
        earliest,
        latest: earliest + random.pick(&[0, 0, 0, 1, 2, 3]),
        reversed: random.percent(10),
    }
}

fn state(random: &mut Random, ask: &Ask, lean: Lean) -> State {
    let viewer = key(random);
    let staff = match lean {
        Lean::Emergency => random.maybe(95, |random| emergency_staff(random, ask)),
        Lean::Chain => random.maybe(60, staff),
        Lean::Anything => random.maybe(75, staff),
    };
    let glass = match lean {
        Lean::Emergency => random.maybe(93, |random| span(random, ask, 85)),
        _ => random.maybe(30, |random| span(random, ask, 60)),
    };
    let rare = if lean == Lean::Emergency { 8 } else { 30 };
    let mut state = State {
        now: random.below(END_OF_TIME),
        provider: if random.percent(97) { MemberStatus::Active } else { member_status(random) },
        relationship: if random.percent(97) {
            RelationshipStatus::Active
        } else {
            random.pick(&[
                RelationshipStatus::Proposed,
                RelationshipStatus::Active,
                RelationshipStatus::Suspended,
                RelationshipStatus::Ended,
            ])
        },
        patient: if random.percent(5) { viewer } else { key(random) },
        custodians: Vec::new(),
        opt_out: random.percent(rare),
        over_denials: random.percent(25),
        viewer,
        staff,
        rules: Vec::new(),
        glass,
    };
    if random.percent(80) && state.patient == viewer {
        state.patient = (viewer + 1) % 4;
    }
    if random.percent(15) {
        for _ in 0..=random.below(2) {
            state.custodians.push(custodian(random, viewer, ask));
        }
    }
    state.rules = rules::rules(random, &state, ask, lean);
    state
}

fn member_status(random: &mut Random) -> MemberStatus {
    random.pick(&[
        MemberStatus::Applied,
        MemberStatus::Active,
        MemberStatus::Suspended,
        MemberStatus::Removed,
    ])
}

fn custodian(random: &mut Random, viewer: Key, ask: &Ask) -> Custodian {
    let (from, until) = span(random, ask, 40);
    Custodian {
        key: if random.percent(75) { viewer } else { key(random) },
        read: random.percent(75),
        other_rights: random.pick(&[0, 2, 4, 6]),
        not_before: from,
        not_after: random.maybe(60, |_| until),
    }
}

/// From, until: around the request's clock in `percent` of cases, anything else otherwise.
fn span(random: &mut Random, ask: &Ask, percent: u64) -> (u64, u64) {
    if random.percent(percent) {
        (random.below(ask.earliest + 1), ask.latest + 1 + random.below(3))
    } else {
        (random.below(END_OF_TIME), random.below(END_OF_TIME + 3))
    }
}

fn staff(random: &mut Random) -> Staff {
    let wide = random.percent(70);
    Staff {
        id: staff_id(random),
        role: random.pick(&[
            StaffRole::Clinician,
            StaffRole::Clinician,
            StaffRole::Emergency,
            StaffRole::Pharmacist,
            StaffRole::Steward,
        ]),
        from: if wide { 0 } else { random.below(END_OF_TIME) },
        until: if wide { END_OF_TIME * 2 } else { random.below(END_OF_TIME) },
        member_status: if random.percent(82) { MemberStatus::Active } else { member_status(random) },
        groups: groups(random),
    }
}

fn emergency_staff(random: &mut Random, ask: &Ask) -> Staff {
    let (from, until) = span(random, ask, 85);
    Staff {
        role: if random.percent(92) { StaffRole::Emergency } else { StaffRole::Clinician },
        from,
        until,
        member_status: if random.percent(92) { MemberStatus::Active } else { member_status(random) },
        id: staff_id(random),
        groups: groups(random),
    }
}

fn key(random: &mut Random) -> Key {
    random.pick(&KEYS)
}

fn staff_id(random: &mut Random) -> StaffId {
    (random.small(MEMBERS), random.pick(&STAFF))
}

fn groups(random: &mut Random) -> Vec<u32> {
    (0..GROUPS).filter(|_| random.percent(40)).collect()
}

/// A row, nearly always of the type that was asked for.
pub fn row(random: &mut Random, ask: &Ask) -> Row {
    Row {
        resource_type: if random.percent(97) { ask.resource_type } else { random.pick(&TYPES) },
        categories: codings(random, 2),
        codes: codings(random, 2),
        labels: if random.percent(65) { Vec::new() } else { codings(random, 2) },
        day: random.maybe(80, |random| random.pick(&DAYS).0),
    }
}

fn codings(random: &mut Random, most: u64) -> Vec<Coding> {
    (0..=random.below(most + 1))
        .skip(1)
        .map(|_| Coding {
            system: random.maybe(60, |random| random.pick(&SYSTEMS)),
            code: random.pick(&CODES),
        })
        .collect()
}
