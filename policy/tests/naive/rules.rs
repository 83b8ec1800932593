//! README.md, rules 1 to 11 and "Several states", as literally as they can be written.
//!
//! No thought is given to speed: a rule is judged in full, all that is wrong with it is listed, and it
//! counts only if that list is empty.

use medrec_primitives::{DenyReason, MemberStatus, RelationshipStatus, StaffRole};

use super::allows::allows;
use super::clock::{ended_to_widen, started_to_widen};
use super::coverage::{Branch, Coverage};
use super::denials::denials;
use super::model::{Action, Ask, Custodian, Rule, State, Terms};

/// An answer.
#[derive(Clone, Debug)]
pub enum Answer {
    Permit(Permit),
    Deny(DenyReason),
    NeedsOpening,
}

/// As whom the asker reads, in the order that counts over several states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capacity {
    Patient,
    Custodian,
    Viewer,
    Emergency,
}

/// What a permit rests on.
#[derive(Clone, Debug)]
pub struct Permit {
    pub capacity: Capacity,
    pub ask: Ask,
    /// Of each applying allow, the grant and those it was shared onward from.
    pub allows: Vec<Vec<Rule>>,
    /// The binding denials.
    pub denials: Vec<Terms>,
}

/// Rules 1 to 11.
pub fn decide(state: &State, ask: &Ask, seen: &mut Coverage) -> Answer {
    let answer = answer(state, ask, seen);
    seen.hit_if(Branch::ClockReversed, ask.reversed && ask.earliest < ask.latest);
    seen.hit(match &answer {
        Answer::Deny(DenyReason::ProviderInactive) => Branch::DenyProviderInactive,
        Answer::Deny(DenyReason::RelationshipInactive) => Branch::DenyRelationshipInactive,
        Answer::Deny(DenyReason::NoEmergency) => Branch::DenyNoEmergency,
        Answer::Deny(DenyReason::NoGrant) => Branch::DenyNoGrant,
        Answer::Deny(_) => Branch::DenyDenied,
        Answer::NeedsOpening => Branch::NeedsOpening,
        Answer::Permit(permit) => match permit.capacity {
            Capacity::Patient => Branch::PermitPatient,
            Capacity::Custodian => Branch::PermitCustodian,
            Capacity::Viewer => Branch::PermitViewer,
            Capacity::Emergency => Branch::PermitEmergency,
        },
    });
    answer
}

fn answer(state: &State, ask: &Ask, seen: &mut Coverage) -> Answer {
    let permit =
        |capacity, allows, denials| Answer::Permit(Permit { capacity, ask: ask.clone(), allows, denials });

    // 1.
    if state.provider != MemberStatus::Active {
        return Answer::Deny(DenyReason::ProviderInactive);
    }
    // 2.
    if state.relationship != RelationshipStatus::Active {
        return Answer::Deny(DenyReason::RelationshipInactive);
    }
    // 3.
    if state.viewer == state.patient {
        seen.hit_if(Branch::PatientEmergency, ask.purpose == "ETREAT");
        seen.hit_if(Branch::PatientOtherAction, !reads(ask));
        if reads(ask) && ask.purpose != "ETREAT" {
            return permit(Capacity::Patient, Vec::new(), Vec::new());
        }
    }
    // 4.
    if reads_as_custodian(state, ask, seen) {
        seen.hit_if(Branch::CustodianEmergency, ask.purpose == "ETREAT");
        seen.hit_if(Branch::CustodianOtherAction, !reads(ask));
        if reads(ask) && ask.purpose != "ETREAT" {
            return permit(Capacity::Custodian, Vec::new(), Vec::new());
        }
    }
    // 5.
    if ask.purpose == "ETREAT" {
        if !breaks_the_glass(state, ask, seen) {
            return Answer::Deny(DenyReason::NoEmergency);
        }
        let denials = denials(state, ask, seen);
        if state.over_denials {
            seen.hit_if(Branch::EmergencyOverDenials, denials.denied || denials.unopened);
            return permit(Capacity::Emergency, Vec::new(), Vec::new());
        }
        if seen.hit_if(Branch::EmergencyDenied, denials.denied) {
            return Answer::Deny(DenyReason::Denied);
        }
        if seen.hit_if(Branch::EmergencyUnopenedDenial, denials.unopened) {
            return Answer::NeedsOpening;
        }
        seen.hit_if(Branch::EmergencyLessDenials, !denials.binding.is_empty());
        return permit(Capacity::Emergency, Vec::new(), denials.binding);
    }
    // 7.
    let denials = denials(state, ask, seen);
    if denials.denied {
        return Answer::Deny(DenyReason::Denied);
    }
    // 8.
    let allows = allows(state, ask, seen);
    let any_applies = !allows.applying.is_empty();
    // 9.
    if denials.unopened {
        seen.hit_if(Branch::UnopenedDenialOverAllow, any_applies);
        seen.hit_if(Branch::UnopenedDenialOverUnopened, allows.unopened && !any_applies);
        return if any_applies || allows.unopened {
            Answer::NeedsOpening
        } else {
            seen.hit(Branch::UnopenedDenialOverNothing);
            Answer::Deny(DenyReason::NoGrant)
        };
    }
    // 10.
    if any_applies {
        seen.hit_if(Branch::PermitBesideUnopened, allows.unopened);
        seen.hit_if(Branch::PermitLessDenials, !denials.binding.is_empty());
        seen.hit_if(Branch::PermitByManyAllows, allows.applying.len() > 1);
        return permit(Capacity::Viewer, allows.applying, denials.binding);
    }
    // 11.
    if allows.unopened {
        return Answer::NeedsOpening;
    }
    Answer::Deny(DenyReason::NoGrant)
}

/// "Several states". The last finalised state comes first.
pub fn decide_across(states: &[State], ask: &Ask, seen: &mut Coverage) -> Across {
    let answers: Vec<Answer> = states.iter().map(|state| decide(state, ask, seen)).collect();
    if answers.is_empty() {
        seen.hit(Branch::StatesNone);
        return Across::Deny(DenyReason::UnknownRelationship);
    }
    for (position, answer) in answers.iter().enumerate() {
        if let Answer::Deny(reason) = answer {
            seen.hit(if position == 0 { Branch::StatesDenyFirst } else { Branch::StatesDenyLater });
            let opening = answers.iter().any(|other| matches!(other, Answer::NeedsOpening));
            seen.hit_if(Branch::StatesDenyBeforeOpening, opening);
            return Across::Deny(*reason);
        }
    }
    let mut permits = Vec::new();
    for answer in answers {
        match answer {
            Answer::Permit(permit) => permits.push(permit),
            _ => {
                seen.hit(Branch::StatesNeedOpening);
                return Across::NeedsOpening;
            }
        }
    }
    seen.hit_if(Branch::StatesPermit, permits.len() > 1);
    let other = |permit: &Permit| permits.iter().any(|other| other.capacity != permit.capacity);
    seen.hit_if(Branch::StatesInOtherCapacities, permits.iter().any(other));
    Across::Permit(permits)
}

/// An answer over several states.
#[derive(Clone, Debug)]
pub enum Across {
    Permit(Vec<Permit>),
    Deny(DenyReason),
    NeedsOpening,
}

fn reads(ask: &Ask) -> bool {
    ask.action == Action::Read || ask.action == Action::Search
}

fn reads_as_custodian(state: &State, ask: &Ask, seen: &mut Coverage) -> bool {
    let mine = |custodian: &&Custodian| custodian.key == state.viewer;
    let mut reads = false;
    for custodian in state.custodians.iter().filter(mine) {
        let mut flaws = Vec::new();
        if !custodian.read {
            flaws.push(Branch::CustodianWithoutRead);
        }
        if !started_to_widen(Some(custodian.not_before), ask) {
            flaws.push(Branch::CustodianNotYet);
        }
        if ended_to_widen(custodian.not_after, ask) {
            flaws.push(Branch::CustodianOver);
            seen.hit_if(Branch::CustodianAtEnd, custodian.not_after == Some(ask.latest));
        }
        seen.hit_sole(&flaws);
        if flaws.is_empty() {
            seen.hit_if(Branch::CustodianAtStart, custodian.not_before == ask.earliest);
            seen.hit_if(Branch::CustodianWithoutEnd, custodian.not_after.is_none());
            reads = true;
        }
    }
    reads
}

fn breaks_the_glass(state: &State, ask: &Ask, seen: &mut Coverage) -> bool {
    let mut flaws = Vec::new();
    match &state.staff {
        None => flaws.push(Branch::EmergencyNotStaff),
        Some(staff) => {
            if staff.role != StaffRole::Emergency {
                flaws.push(Branch::EmergencyOtherRole);
            }
            if !started_to_widen(Some(staff.from), ask) {
                flaws.push(Branch::EmergencyStaffNotYet);
            }
            if ended_to_widen(Some(staff.until), ask) {
                flaws.push(Branch::EmergencyStaffOver);
            }
            if staff.member_status != MemberStatus::Active {
                flaws.push(Branch::EmergencyMemberInactive);
            }
        }
    }
    match state.glass {
        None => flaws.push(Branch::EmergencyNoGlass),
        Some((from, until)) => {
            if !started_to_widen(Some(from), ask) {
                flaws.push(Branch::EmergencyGlassNotYet);
            }
            if ended_to_widen(Some(until), ask) {
                flaws.push(Branch::EmergencyGlassOver);
            }
        }
    }
    if state.opt_out {
        flaws.push(Branch::EmergencyOptOut);
    }
    if !reads(ask) {
        flaws.push(Branch::EmergencyOtherAction);
    }
    seen.hit_sole(&flaws);
    flaws.is_empty()
}
