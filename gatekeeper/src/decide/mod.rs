//! The decision: on the last finalised state and on every known unfinalised leaf, all of which must permit.
//!
//! The rules are `medrec-policy`'s; here they get their facts, their clock and their openings. Nothing of a decision is
//! kept: each request, and each page of one, is decided again.

use std::sync::Arc;

use futures::future::try_join_all;
use medrec_client::question;
use medrec_policy::{decide_across, scope::Action, Capacity, Decision, Permit, Purpose, Request};
use medrec_primitives::{
    AccessRequest, AccountId, DenyReason, Facts, MemberId, RelationshipId, RequestId, RequestStatus, StaffId,
};

use crate::{
    chain::{ChainError, ChainState, Hash, Heads, Source},
    clock::{Now, Time},
};

pub mod clock;
mod offline;
pub mod openings;
pub mod purposes;
pub mod standing;
mod steward;

use openings::Openings;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub asker: &'a AccountId,
    /// Whose records.
    pub relationship: RelationshipId,
    /// What for, as claimed.
    pub purpose: Purpose,
    /// To do what.
    pub action: Action,
    /// With which type of resource.
    pub resource_type: &'a str,
}

/// Why the answer is no. For the log; the asker is told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The policy says so.
    Policy(DenyReason),
    /// The relationship is another provider's.
    OtherProvider,
    /// The asker's role may not claim this purpose.
    Role,
    /// The session is about another patient.
    OtherPatient,
    /// The app's token does not go that far.
    Scope,
    /// Nobody was enrolled here under this relationship, or with another key, or the record is suspended.
    NotBound,
    /// Only the patient, or who acts for the patient, may ask this.
    NotThePatient,
}

impl Refusal {
    /// As the log has it.
    pub fn word(&self) -> String {
        match self {
            Self::Policy(reason) => format!("{reason:?}"),
            other => format!("{other:?}"),
        }
    }
}

/// Why there is no decision. Refuses like a denial, but says so: it has nothing to do with any patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// No state to rely on.
    #[error("the chain is not reachable")]
    NotReady,
    /// Finality stands still.
    #[error("the chain has not finalised a block that could carry a revocation for too long")]
    Stale,
    /// Chain time and local clock are too far apart.
    #[error("chain time and local clock are too far apart")]
    ClockGap,
    /// The node does not answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Unavailable {
    /// As the log has it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotReady => "ChainNotReady",
            Self::Stale => "ChainStale",
            Self::ClockGap => "ClockGap",
            Self::Chain(_) => "ChainError",
        }
    }
}

/// A decision with what it rests on.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// The permit, or why not.
    pub outcome: Result<Permit, Refusal>,
    /// Who the asker is on a member's staff, if anyone.
    pub staff: Option<StaffId>,
    /// The patient's key, where all states agree on one.
    pub patient: Option<AccountId>,
    /// The blocks decided on, the finalised one first.
    pub blocks: Vec<Hash>,
}

/// How far time may be off.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// Age of the last finalised block (ms).
    pub max_finality_age_ms: u64,
    /// Gap between chain time and local clock (ms).
    pub max_clock_gap_ms: u64,
}

/// Decides for one provider.
pub struct Decider {
    chain: Arc<dyn ChainState>,
    time: Arc<dyn Time>,
    member: MemberId,
    openings: Openings,
    tolerance: Tolerance,
}

impl Decider {
    /// Decides for `member` by what `chain` says.
    pub fn new(
        chain: Arc<dyn ChainState>,
        time: Arc<dyn Time>,
        member: MemberId,
        openings: Openings,
        tolerance: Tolerance,
    ) -> Self {
        Self { chain, time, member, openings, tolerance }
    }

    /// The states that are known, fresh or not. For who looks after the gatekeeper; nothing is decided by them.
    pub fn known(&self) -> Option<Arc<Heads>> {
        self.chain.heads()
    }

    /// What the chain is read by. Nothing is decided by that.
    pub fn source(&self) -> Option<Source> {
        self.chain.source()
    }

    /// The states to decide on, if they are fresh and the clocks agree.
    pub fn heads(&self) -> Result<(Arc<Heads>, Now), Unavailable> {
        let heads = self.chain.heads().ok_or(Unavailable::NotReady)?;
        let now = self.time.now();
        let age = now.monotonic.saturating_duration_since(heads.finalised_at);
        if age.as_millis() > u128::from(self.tolerance.max_finality_age_ms) {
            return Err(Unavailable::Stale);
        }
        clock::clock(heads.all(), &now, self.tolerance.max_clock_gap_ms)?;
        Ok((heads, now))
    }

    /// A request on chain, if it may be answered: it is to this provider, and ready, the same and in time in all states.
    pub async fn request(&self, id: RequestId) -> Result<Option<AccessRequest>, Unavailable> {
        if id.member != self.member {
            return Ok(None);
        }
        let (heads, _) = self.heads()?;
        let asked = heads.all().map(|head| self.chain.request(head.hash, id));
        let states: Vec<Option<AccessRequest>> = try_join_all(asked).await?;
        let clock = clock::clock(heads.all(), &self.time.now(), self.tolerance.max_clock_gap_ms)?;
        let Some(Some(first)) = states.first() else { return Ok(None) };
        let answerable = first.status == RequestStatus::Ready
            && first.relationship.member == self.member
            && clock.latest < first.expires
            && states.iter().all(|state| state.as_ref() == Some(first));
        Ok(answerable.then(|| first.clone()))
    }

    /// What a request on chain asks, if it opens.
    pub fn question(&self, request: &AccessRequest) -> Option<question::Question> {
        self.openings.question(request)
    }

    /// Decides.
    pub async fn decide(&self, question: &Question<'_>) -> Result<Ruling, Unavailable> {
        let (heads, _) = self.heads()?;
        let asked =
            heads.all().map(|head| self.chain.facts(head.hash, question.relationship, question.asker));
        let states: Vec<Option<Facts>> = try_join_all(asked).await?;
        // Read after the answers came: what they took has passed.
        let clock = clock::clock(heads.all(), &self.time.now(), self.tolerance.max_clock_gap_ms)?;
        let blocks = heads.all().map(|head| head.hash).collect();
        let staff = states.iter().flatten().find_map(|facts| facts.staff.as_ref()).map(|staff| staff.id);
        let patient = patient(&states);
        let outcome = self.rule(question, &states, clock);
        Ok(Ruling { outcome, staff, patient, blocks })
    }

    /// As what an account is permitted any of these actions on these types, if it is.
    pub async fn decide_any(
        &self,
        relationship: RelationshipId,
        asker: &AccountId,
        purpose: Purpose,
        actions: &[(Action, &str)],
    ) -> Result<Option<Capacity>, Unavailable> {
        let (heads, _) = self.heads()?;
        let asked = heads.all().map(|head| self.chain.facts(head.hash, relationship, asker));
        let states: Vec<Option<Facts>> = try_join_all(asked).await?;
        let clock = clock::clock(heads.all(), &self.time.now(), self.tolerance.max_clock_gap_ms)?;
        let permitted = actions.iter().find_map(|(action, resource_type)| {
            let question = Question { asker, relationship, purpose, action: *action, resource_type };
            self.rule(&question, &states, clock).ok()
        });
        Ok(permitted.map(|permit| permit.capacity()))
    }

    /// The relationships to this provider in which an account is the patient, as the last finalised block has them.
    pub async fn own_relationships(&self, account: &AccountId) -> Result<Vec<RelationshipId>, Unavailable> {
        let (heads, _) = self.heads()?;
        let found = self.chain.relationships(heads.finalised.hash, account).await?;
        Ok(found.into_iter().map(|(id, _)| id).filter(|id| id.member == self.member).collect())
    }

    fn rule(
        &self,
        question: &Question<'_>,
        states: &[Option<Facts>],
        clock: medrec_policy::Clock,
    ) -> Result<Permit, Refusal> {
        if question.relationship.member != self.member {
            return Err(Refusal::OtherProvider);
        }
        // A state without the relationship is a denial, and must not be left out.
        let known: Vec<&Facts> = states
            .iter()
            .map(|facts| facts.as_ref().ok_or(Refusal::Policy(DenyReason::UnknownRelationship)))
            .collect::<Result<_, _>>()?;
        // The node's answers must be to what was asked.
        if known
            .iter()
            .any(|facts| facts.relationship != question.relationship || facts.viewer != *question.asker)
        {
            return Err(Refusal::Policy(DenyReason::UnknownRelationship));
        }
        let request = Request {
            purpose: question.purpose,
            action: question.action,
            resource_type: question.resource_type,
            clock,
        };
        let open = |rule: &medrec_primitives::GrantFacts| self.openings.open(question.relationship, rule);
        let permit = match decide_across(known.iter().copied(), &request, &open) {
            Decision::Permit(permit) => permit,
            Decision::Deny(reason) => return Err(Refusal::Policy(reason)),
            // Everything was tried: what is still closed grants nothing.
            Decision::NeedsOpening => return Err(Refusal::Policy(DenyReason::NoGrant)),
        };
        let owns = matches!(permit.capacity(), Capacity::Patient | Capacity::Custodian);
        let mut roles = known.iter().filter_map(|facts| facts.staff.as_ref()).map(|staff| staff.role);
        if !owns && !roles.all(|role| purposes::may_claim(role, question.purpose)) {
            return Err(Refusal::Role);
        }
        Ok(permit)
    }
}

/// The patient's key, if every state has the same.
fn patient(states: &[Option<Facts>]) -> Option<AccountId> {
    let mut keys = states.iter().map(|facts| facts.as_ref().map(|facts| &facts.patient));
    let first = keys.next()??;
    keys.all(|key| key == Some(first)).then(|| first.clone())
}

#[cfg(test)]
mod tests;
