//! Decisions on what was known of the chain before it was lost: for emergencies alone, which have their own rule.

use std::time::Duration;

use medrec_policy::{Clock, Purpose};
use medrec_primitives::{DenyReason, EmergencyFacts, Facts};

use super::{Decider, Question, Refusal, Ruling};
use crate::chain::Hash;

/// How long a node may take to say what a state knows. In an emergency, one that hangs is one that is away.
const PATIENCE: Duration = Duration::from_secs(2);

impl Decider {
    /// Decides on one state that was final once, at a time that the caller vouches for. Emergencies only.
    pub fn decide_on(&self, question: &Question<'_>, facts: Facts, clock: Clock, block: Hash) -> Ruling {
        let (staff, patient) = (facts.staff.as_ref().map(|staff| staff.id), facts.patient.clone());
        let outcome = match question.purpose {
            Purpose::EmergencyTreatment => self.rule(question, &[Some(facts)], clock),
            _ => Err(Refusal::Policy(DenyReason::NoEmergency)),
        };
        Ruling { outcome, staff, patient: Some(patient), blocks: vec![block] }
    }

    /// Whether what is known beyond the last finalised block permits it, too. Where finality stands still and the node goes on, what narrows
    /// access in a state that is not final counts; a node that is away has nothing to say.
    pub async fn leaves_permit(&self, question: &Question<'_>, glass: &EmergencyFacts, clock: Clock) -> bool {
        let Some(heads) = self.chain.heads() else { return true };
        for leaf in &heads.leaves {
            let asked = self.chain.facts(leaf.hash, question.relationship, question.asker);
            match tokio::time::timeout(PATIENCE, asked).await {
                Ok(Ok(Some(facts))) => {
                    let facts = Facts { emergency: Some(glass.clone()), ..facts };
                    if self.decide_on(question, facts, clock, leaf.hash).outcome.is_err() {
                        return false;
                    }
                }
                // The relationship is not there any more.
                Ok(Ok(None)) => return false,
                Ok(Err(_)) | Err(_) => {}
            }
        }
        true
    }
}
