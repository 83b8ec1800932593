//! Both implementations on one case: how they differ, if they do.

use std::fmt;
use std::sync::OnceLock;

use medrec_policy::{Decision, DecisionSummary, ElementMask, ElementPath, Facts, Request};

use super::coverage::Coverage;
use super::generate::universe::PROBES;
use super::masks::{denied, mask_across, Mask};
use super::model::{Action, Ask, Row, Sealed, State};
use super::rules::{decide, decide_across, Across, Answer, Capacity, Permit};
use super::translate::{request, with_row, Translated};

/// A request, the states it is decided on, and rows to ask a permit about.
#[derive(Clone, Debug)]
pub struct Case {
    pub ask: Ask,
    pub states: Vec<State>,
    pub rows: Vec<Row>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.ask)?;
        for (number, state) in self.states.iter().enumerate() {
            write!(f, "state {number}:\n{state}")?;
        }
        for row in &self.rows {
            writeln!(f, "{row:?}")?;
        }
        Ok(())
    }
}

/// A decision on the case's first state.
pub fn difference_of_one(case: &Case, seen: &mut Coverage) -> Option<String> {
    let state = case.states.first()?;
    let ours = decide(state, &case.ask, seen);
    let theirs = crate_decides(case, |facts, request, translated| {
        facts.first().map(|facts| medrec_policy::decide(facts, request, &|grant: &_| translated.open(grant)))
    });
    match (&ours, theirs) {
        (_, Err(error)) => Some(error),
        (_, Ok(None)) => None,
        (Answer::Deny(ours), Ok(Some(Decision::Deny(theirs)))) if *ours == theirs => None,
        (Answer::NeedsOpening, Ok(Some(Decision::NeedsOpening))) => None,
        (Answer::Permit(ours), Ok(Some(Decision::Permit(theirs)))) => {
            difference_of_permits(&case.rows, std::slice::from_ref(ours), &theirs, seen)
        }
        (_, Ok(Some(theirs))) => Some(format!("naive: {ours:?}\ncrate: {theirs:?}")),
    }
}

/// A decision over all of the case's states.
pub fn difference_of_several(case: &Case, seen: &mut Coverage) -> Option<String> {
    let ours = decide_across(&case.states, &case.ask, seen);
    let theirs = crate_decides(case, |facts, request, translated| {
        medrec_policy::decide_across(facts, request, &|grant: &_| translated.open(grant))
    });
    match (&ours, theirs) {
        (_, Err(error)) => Some(error),
        (Across::Deny(ours), Ok(Decision::Deny(theirs))) if *ours == theirs => None,
        (Across::NeedsOpening, Ok(Decision::NeedsOpening)) => None,
        (Across::Permit(ours), Ok(Decision::Permit(theirs))) => {
            difference_of_permits(&case.rows, ours, &theirs, seen)
        }
        (_, Ok(theirs)) => Some(format!("naive: {ours:?}\ncrate: {theirs:?}")),
    }
}

/// What the chain alone can say of the case's first state: the decision with nothing opened, which no
/// opening may contradict.
pub fn difference_of_summary(case: &Case, seen: &mut Coverage) -> Option<String> {
    let state = case.states.first()?;
    let purpose = if case.ask.purpose == "ETREAT" { "TREAT" } else { case.ask.purpose };
    let ask =
        Ask { purpose, action: Action::Read, earliest: state.now, latest: state.now, ..case.ask.clone() };
    let mut closed = state.clone();
    for rule in &mut closed.rules {
        if rule.terms != Sealed::Everything {
            rule.terms = Sealed::Unopened;
        }
    }
    let unopened = decide(&closed, &ask, seen);
    let opened = decide(state, &ask, &mut Coverage::new());
    let theirs =
        Translated::new(&case.states).map(|translated| translated.facts.first().map(medrec_policy::summary));
    let summary = match theirs {
        Ok(summary) => summary?,
        Err(error) => return Some(error),
    };
    let same = match (&unopened, summary) {
        (Answer::Permit(_), DecisionSummary::Permit) => true,
        (Answer::Deny(ours), DecisionSummary::Deny(theirs)) => *ours == theirs,
        (Answer::NeedsOpening, DecisionSummary::NeedsOpening) => true,
        _ => false,
    };
    if !same {
        return Some(format!("naive, unopened: {unopened:?}\ncrate: {summary:?}"));
    }
    let kept = match summary {
        DecisionSummary::Permit => matches!(opened, Answer::Permit(_)),
        DecisionSummary::Deny(_) => matches!(opened, Answer::Deny(_)),
        DecisionSummary::NeedsOpening => true,
    };
    (!kept).then(|| format!("naive, opened: {opened:?}\ncrate: {summary:?}"))
}

fn crate_decides<T>(
    case: &Case,
    decide: impl FnOnce(&[Facts], &Request<'_>, &Translated) -> T,
) -> Result<T, String> {
    let translated = Translated::new(&case.states)?;
    Ok(decide(&translated.facts, &request(&case.ask)?, &translated))
}

fn capacity(permit: &medrec_policy::Permit) -> Capacity {
    match permit.capacity() {
        medrec_policy::Capacity::Patient => Capacity::Patient,
        medrec_policy::Capacity::Custodian => Capacity::Custodian,
        medrec_policy::Capacity::Viewer => Capacity::Viewer,
        medrec_policy::Capacity::Emergency => Capacity::Emergency,
    }
}

/// How a permit differs from that of all `ours`, each of one state.
fn difference_of_permits(
    rows: &[Row],
    ours: &[Permit],
    theirs: &medrec_policy::Permit,
    seen: &mut Coverage,
) -> Option<String> {
    if ours.iter().map(|permit| permit.capacity).max() != Some(capacity(theirs)) {
        return Some(format!("naive: {ours:?}\ncrate: {:?}", theirs.capacity()));
    }
    let chains = || ours.iter().flat_map(|permit| &permit.allows);
    let grants: Vec<u32> = theirs.grants().collect();
    let all_logged = chains().flat_map(|chain| chain.first()).all(|rule| grants.contains(&rule.id));
    let none_else = grants.iter().all(|id| chains().flatten().any(|rule| rule.id == *id));
    if !all_logged || !none_else {
        return Some(format!("naive: {ours:?}\ncrate: rests on {grants:?}"));
    }
    rows.iter().find_map(|row| {
        let (mask, denials) = with_row(row, |row| (theirs.mask(row), theirs.denied(row)));
        let ours_of_row = mask_across(ours, row, seen);
        if !same_mask(&ours_of_row, &mask) {
            return Some(format!("{row:?}\nnaive: {ours_of_row:?}\ncrate: {mask:?}"));
        }
        let mut denied_by_ours = Mask::nothing();
        for permit in ours {
            let of_state = denied(permit, row, &mut Coverage::new());
            denied_by_ours = denied_by_ours.union(&of_state);
        }
        let same = same_mask(&denied_by_ours, &denials);
        (!same).then(|| format!("{row:?}\nnaive denies {denied_by_ours:?}\ncrate denies {denials:?}"))
    })
}

fn same_mask(ours: &Mask, theirs: &ElementMask) -> bool {
    static PATHS: OnceLock<Vec<Option<ElementPath>>> = OnceLock::new();
    let paths = PATHS.get_or_init(|| PROBES.iter().map(|probe| probe.parse().ok()).collect());
    let same_kind = match theirs {
        ElementMask::All => *ours == Mask::All,
        ElementMask::Nothing => *ours == Mask::nothing(),
        ElementMask::Paths(_) => *ours != Mask::All && *ours != Mask::nothing(),
    };
    same_kind
        && paths.iter().zip(PROBES).all(|(path, probe)| match path {
            Some(path) => {
                theirs.covers(path) == ours.covers(probe) && theirs.touches(path) == ours.touches(probe)
            }
            None => false,
        })
}
