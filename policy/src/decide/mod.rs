//! The decision function. The rules are on the crate's page; the numbers in comments are theirs.

mod about;
mod across;
mod allows;
mod denials;
mod permit;
#[cfg(test)]
mod tests;

use medrec_primitives::{DecisionSummary, DenyReason, Facts, GrantFacts, MemberStatus, RelationshipStatus};

pub use across::decide_across;
pub use permit::Permit;

use crate::{clock::Clock, purpose::Purpose, scope::Action, terms::Terms};
use about::Asker;
use allows::Allows;
use denials::Denials;
use permit::Allowed;

/// What became of a sealed rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Nobody tried, as on the chain.
    Unopened,
    /// It could not be opened, or does not hold canonical terms.
    Failed,
    /// It holds these terms.
    Opened(Terms),
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// What for, as claimed.
    pub purpose: Purpose,
    /// To do what.
    pub action: Action,
    /// With records of which FHIR resource type.
    pub resource_type: &'a str,
    /// When.
    pub clock: Clock,
}

/// As what someone is permitted something. Ordered from who owns the records to who is furthest from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capacity {
    /// As the patient.
    Patient,
    /// As who acts for the patient.
    Custodian,
    /// As who was granted it.
    Viewer,
    /// As who broke the glass.
    Emergency,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes, as far as the permit goes, which may be no row at all.
    Permit(Permit),
    /// No.
    Deny(DenyReason),
    /// It depends on terms that nobody has tried to open.
    NeedsOpening,
}

impl Decision {
    /// The permit, if it is one.
    pub fn permit(&self) -> Option<&Permit> {
        match self {
            Self::Permit(permit) => Some(permit),
            Self::Deny(_) | Self::NeedsOpening => None,
        }
    }
}

impl From<&Decision> for DecisionSummary {
    fn from(decision: &Decision) -> Self {
        match decision {
            Decision::Permit(_) => Self::Permit,
            Decision::Deny(reason) => Self::Deny(*reason),
            Decision::NeedsOpening => Self::NeedsOpening,
        }
    }
}

/// Whether the asker of `facts` may do what is requested, in one state of the chain.
///
/// `open` is called for sealed rules that matter only, denials first, and for a rule that others were shared onward from
/// once for each of them: it should remember what it opened. It must give terms of the very rule that it is called with.
pub fn decide(facts: &Facts, request: &Request<'_>, open: &dyn Fn(&GrantFacts) -> Opening) -> Decision {
    evaluate(facts, request, open).unwrap_or_else(Decision::Deny)
}

/// What the chain alone can say of whether the asker may read something, for some purpose other than `ETREAT`.
///
/// With all sealed rules unopened, neither purpose nor type can make a difference: any stand for all.
pub fn summary(facts: &Facts) -> DecisionSummary {
    let request = Request {
        purpose: Purpose::Treatment,
        action: Action::Read,
        resource_type: "Patient",
        clock: Clock::at(facts.now),
    };
    DecisionSummary::from(&decide(facts, &request, &|_| Opening::Unopened))
}

fn evaluate(
    facts: &Facts,
    request: &Request<'_>,
    open: &dyn Fn(&GrantFacts) -> Opening,
) -> Result<Decision, DenyReason> {
    // Rules 1 and 2.
    if facts.provider != MemberStatus::Active {
        return Err(DenyReason::ProviderInactive);
    }
    if facts.status != RelationshipStatus::Active {
        return Err(DenyReason::RelationshipInactive);
    }
    let asker = Asker::new(facts, request.clock);
    // Rule 5.
    if request.purpose == Purpose::EmergencyTreatment {
        if !(request.action.only_reads() && asker.may_break_glass()) {
            return Err(DenyReason::NoEmergency);
        }
        let denials = if asker.overrides_denials() {
            Denials::default()
        } else {
            denials::gather(&asker, request, open)?
        };
        if denials.unopened {
            return Ok(Decision::NeedsOpening);
        }
        return Ok(Permit::new(Capacity::Emergency, request, Allowed::Everything, denials.binding).into());
    }
    // Rules 3 and 4.
    if let Some(capacity) = asker.owns().filter(|_| request.action.only_reads()) {
        return Ok(Permit::new(capacity, request, Allowed::Everything, Default::default()).into());
    }
    // Rules 6 to 11.
    let denials = denials::gather(&asker, request, open)?;
    let allows = allows::gather(&asker, request, open);
    conclude(request, denials, allows)
}

/// Rules 9 to 11.
fn conclude(request: &Request<'_>, denials: Denials, allows: Allows) -> Result<Decision, DenyReason> {
    let Allows { rules, needs_opening } = allows;
    if rules.is_empty() && !needs_opening {
        Err(DenyReason::NoGrant)
    } else if denials.unopened || rules.is_empty() {
        Ok(Decision::NeedsOpening)
    } else {
        Ok(Permit::new(Capacity::Viewer, request, Allowed::ByRules(rules), denials.binding).into())
    }
}
