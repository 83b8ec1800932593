//! Decisions on what was known of the chain before it was lost: for emergencies alone, which have their own rule.

use medrec_policy::{Clock, Purpose};
use medrec_primitives::{DenyReason, Facts};

use super::{Decider, Question, Refusal, Ruling};
use crate::chain::Hash;

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
}
