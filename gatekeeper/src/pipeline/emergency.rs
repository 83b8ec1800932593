//! Emergencies while the chain cannot be reached, as they are asked for and decided.

use std::time::Instant;

use medrec_client::{
    chain::offline::Turn,
    emergency::{BreakRequest, Broken, Draft, DraftRequest, FindRequest, Found, MORTALITY},
    signature,
};
use medrec_policy::{Action, Purpose};
use medrec_primitives::{DenyReason, EmergencyFacts, MemberStatus, ReasonDigest, RelationshipId, StaffId};

use super::{Gatekeeper, Interface};
use crate::{
    auth::Asker,
    chain::ChainError,
    decide::{Question, Refusal, Ruling, Unavailable},
    emergency::{
        is_summary,
        window::{NotNow, Window},
        SUMMARY,
    },
    log::{Entry, LogError},
    store::{
        emergency::{Kept, NewBreak},
        StoreError,
    },
};

/// As what breaking the glass stands in the log: FHIR's resource for what a patient permits, which is overridden.
const LOGGED_AS: &str = "Consent";

/// Why the glass is not broken here.
#[derive(Debug, thiserror::Error)]
pub enum EmergencyRefusal {
    /// What is asked makes no sense.
    #[error("{0}")]
    Malformed(&'static str),
    /// Not while things are as they are.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// Not by this person, not of this patient, or there is none.
    #[error("access is not permitted, or there is nothing to be found")]
    Denied,
    /// Not as often.
    #[error("the quota of breaks without the chain is used up")]
    Quota,
    /// The person asks too often.
    #[error("too many requests: slow down")]
    Throttled(u64),
    /// What is known of the chain does not do for it.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log complains.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Somebody who may break the glass now.
struct May {
    staff: StaffId,
    window: Window,
    turn: Turn,
}

impl Gatekeeper {
    /// Decides by the chain, and where it cannot be reached, by what is open in an emergency.
    pub(super) async fn decide(&self, question: &Question<'_>) -> Result<Ruling, Unavailable> {
        let unavailable = match self.decider.decide(question).await {
            Ok(ruling) => return Ok(ruling),
            Err(unavailable) => unavailable,
        };
        // A clock that is wrong opens nothing, whatever else there is.
        if question.purpose != Purpose::EmergencyTreatment || unavailable == Unavailable::ClockGap {
            return Err(unavailable);
        }
        let emergencies = &self.emergencies;
        let (Ok(window), Some(head)) = (emergencies.window(), emergencies.snapshot.head()) else {
            return Err(unavailable);
        };
        let open = emergencies.open(question.relationship, question.asker).await;
        let open = open.inspect_err(|error| tracing::error!(%error, "cannot look up a break of the glass"));
        let Ok(Some(_)) = open else { return Err(unavailable) };
        // It is open by the local clock, which the window has held against the chain's.
        let glass = open_now(&window);
        let facts = emergencies.facts(question.relationship, question.asker, glass.clone());
        let mut ruling = self.decider.decide_on(question, facts.ok_or(unavailable)?, window.clock, head.hash);
        if !is_summary(question.purpose, question.resource_type)
            || !question.action.only_reads()
            || !self.decider.leaves_permit(question, &glass, window.clock).await
        {
            ruling.outcome = Err(Refusal::Policy(DenyReason::NoEmergency));
        }
        Ok(ruling)
    }

    /// Whose a record number is, to the letter. For emergency staff; on the log where somebody is found.
    pub async fn find_in_emergency(
        &self,
        asker: &Asker,
        request: &FindRequest,
    ) -> Result<Found, EmergencyRefusal> {
        self.charged(asker)?;
        if asker.purpose != Purpose::EmergencyTreatment {
            return Err(EmergencyRefusal::Malformed("sign the request for the purpose ETREAT"));
        }
        let staff = self.emergencies.staff(&asker.account).ok_or(EmergencyRefusal::Denied)?;
        if self.decider.heads().is_err() {
            self.emergencies.window()?;
        }
        // Heads and window have held the local clock against the chain's.
        let now = self.time.now().wall;
        if staff.member_status != MemberStatus::Active || !(staff.from..staff.until).contains(&now) {
            return Err(EmergencyRefusal::Denied);
        }
        let found = self.store.relationships_of(&request.record).await?;
        let [relationship] = found.as_slice() else { return Err(EmergencyRefusal::Denied) };
        self.log_emergency(asker, *relationship, staff.id, "search", None).await?;
        Ok(Found { patient: relationship.to_string() })
    }

    /// A transaction for emergency staff to sign.
    pub async fn draft_break(
        &self,
        asker: &Asker,
        request: &DraftRequest,
    ) -> Result<Draft, EmergencyRefusal> {
        let started = Instant::now();
        self.charged(asker)?;
        let (relationship, reason) = parsed(&request.patient, &request.reason)?;
        let drafted = async {
            let may = self.may_break(asker, relationship).await?;
            let drafts = self.emergencies.snapshot.drafts().ok_or(NotNow::NothingKnown)?;
            let payload = drafts.payload(relationship, &reason, &may.turn)?;
            Ok(Draft { payload: format!("0x{}", hex::encode(payload)), until: may.window.until })
        };
        let drafted = drafted.await;
        if matches!(drafted, Err(EmergencyRefusal::Denied)) {
            self.wait_for_quantum(started).await;
        }
        drafted
    }

    /// Breaks the glass: on the log and in the queue for the chain when this returns.
    pub async fn break_offline(
        &self,
        asker: &Asker,
        request: &BreakRequest,
    ) -> Result<Broken, EmergencyRefusal> {
        self.charged(asker)?;
        let (relationship, reason) = parsed(&request.patient, &request.reason)?;
        let may = self.may_break(asker, relationship).await?;
        let drafts = self.emergencies.snapshot.drafts().ok_or(NotNow::NothingKnown)?;
        let payload = drafts.payload(relationship, &reason, &may.turn)?;
        if request.payload != format!("0x{}", hex::encode(&payload)) {
            return Err(EmergencyRefusal::Malformed("payload: not the draft as it is now: ask for another"));
        }
        let signature = signature::of_transaction(&asker.account, &payload, &request.signature)
            .map_err(|_| EmergencyRefusal::Malformed("signature: not the account's under the payload"))?;
        let extrinsic = drafts.extrinsic(relationship, &reason, &may.turn, &asker.account, signature)?;
        let new = NewBreak {
            account: asker.account.clone(),
            staff: may.staff,
            relationship,
            from: self.time.now().wall,
            until: may.window.until,
            extrinsic,
            nonce: may.turn.nonce,
            last_block: may.turn.birth.0.saturating_add(may.turn.mortality),
        };
        let settings = &self.emergencies.settings;
        let (per_staff, per_member) = (settings.offline_per_staff, settings.offline_per_member);
        let block = Some(may.turn.birth.1);
        let mut kept = self.store.would_add_break(&new, per_staff, per_member).await?;
        if matches!(kept, Kept::Yes | Kept::Again) {
            // On the log first: a break that is open and not on it must not be.
            self.log_emergency(asker, relationship, may.staff, "create", block).await?;
            kept = self.store.add_break(&new, per_staff, per_member).await?;
        }
        let refusal = match kept {
            Kept::Yes | Kept::Again => None,
            Kept::StaffQuota | Kept::MemberQuota => Some(("QuotaUsedUp", EmergencyRefusal::Quota)),
            Kept::Taken => {
                let message = "payload: another break of yours was faster: ask for another draft";
                Some(("AnotherBreak", EmergencyRefusal::Malformed(message)))
            }
        };
        if let Some((reason, refusal)) = refusal {
            let entry = self.emergency_entry(asker, relationship, may.staff, "create", block);
            let entry =
                Entry { permitted: false, status: 403, reason: Some(reason.into()), capacity: None, ..entry };
            self.log.append(&entry).await?;
            return Err(refusal);
        }
        Ok(Broken { until: may.window.until, types: SUMMARY.map(str::to_owned).to_vec() })
    }

    /// Whether an account may break the glass at a relationship here and now, by the rules that hold on chain, as the last finalised block
    /// knew them. How often the person has broken it on chain today, and how many of its breaks wait for review there, is not known here:
    /// the gatekeeper's own quotas stand for these.
    async fn may_break(&self, asker: &Asker, relationship: RelationshipId) -> Result<May, EmergencyRefusal> {
        if asker.purpose != Purpose::EmergencyTreatment || asker.app.is_some() {
            return Err(EmergencyRefusal::Malformed("sign the request for the purpose ETREAT"));
        }
        if asker.patient.is_some_and(|patient| patient != relationship) {
            return Err(EmergencyRefusal::Denied);
        }
        match self.decider.heads() {
            Ok(_) => return Err(NotNow::ChainThere.into()),
            Err(Unavailable::ClockGap) => return Err(NotNow::ClockWrong.into()),
            Err(_) => {}
        }
        let window = self.emergencies.window()?;
        let snapshot = &self.emergencies.snapshot;
        let head = snapshot.head().ok_or(NotNow::NothingKnown)?;
        let (_, nonce) = snapshot.staff(&asker.account).ok_or(EmergencyRefusal::Denied)?;
        let staff = self.emergencies.staff(&asker.account).ok_or(EmergencyRefusal::Denied)?;
        let glass = open_now(&window);
        let mut permits = false;
        for resource_type in SUMMARY {
            let facts = self.emergencies.facts(relationship, &asker.account, glass.clone());
            let facts = facts.ok_or(EmergencyRefusal::Denied)?;
            let question = Question {
                asker: &asker.account,
                relationship,
                purpose: asker.purpose,
                action: Action::Read,
                resource_type,
            };
            permits = self.decider.decide_on(&question, facts, window.clock, head.hash).outcome.is_ok()
                && self.decider.leaves_permit(&question, &glass, window.clock).await;
            if permits {
                break;
            }
        }
        if !permits {
            return Err(EmergencyRefusal::Denied);
        }
        let queued = self.store.queued_of(&asker.account).await?;
        let turn = Turn {
            nonce: nonce.saturating_add(queued),
            birth: (head.number, head.hash),
            mortality: MORTALITY,
        };
        Ok(May { staff: staff.id, window, turn })
    }

    fn charged(&self, asker: &Asker) -> Result<(), EmergencyRefusal> {
        let taken = self.rates.accounts.take(asker.account.clone(), Instant::now());
        taken.map_err(EmergencyRefusal::Throttled)
    }

    async fn log_emergency(
        &self,
        asker: &Asker,
        relationship: RelationshipId,
        staff: StaffId,
        action: &str,
        block: Option<crate::chain::Hash>,
    ) -> Result<(), LogError> {
        self.log.append(&self.emergency_entry(asker, relationship, staff, action, block)).await
    }

    fn emergency_entry(
        &self,
        asker: &Asker,
        relationship: RelationshipId,
        staff: StaffId,
        action: &str,
        block: Option<crate::chain::Hash>,
    ) -> Entry {
        let what = (action, LOGGED_AS);
        Entry {
            staff: Some(staff.to_string()),
            blocks: block.map(|block| format!("{block:#x}")).into_iter().collect(),
            ..self.permitted_entry(asker, relationship.to_string(), "emergency", what, &Interface::Fhir)
        }
    }
}

/// A glass that is broken at any time that it may be now.
fn open_now(window: &Window) -> EmergencyFacts {
    EmergencyFacts { from: window.clock.earliest, until: window.clock.latest.saturating_add(1) }
}

fn parsed(patient: &str, reason: &str) -> Result<(RelationshipId, ReasonDigest), EmergencyRefusal> {
    let relationship = patient
        .parse()
        .map_err(|_| EmergencyRefusal::Malformed("patient: not a relationship, such as r0-3"))?;
    let mut digest = [0; 32];
    reason
        .strip_prefix("0x")
        .and_then(|digits| hex::decode_to_slice(digits, &mut digest).ok())
        .ok_or(EmergencyRefusal::Malformed("reason: 0x and 64 hexadecimal digits"))?;
    Ok((relationship, digest))
}
