//! Everything of one patient: each type decided on its own, as if it had been searched.

use std::collections::BTreeMap;

use medrec_policy::Action;
use serde_json::Value;

use super::{basis::Basis, limit::Sight, outcome::Outcome, Ask, Gatekeeper};
use crate::{
    auth::Asker,
    decide::{Question, Refusal},
    fhir::everything::EverythingQuery,
};

impl Gatekeeper {
    pub(super) async fn show_everything(
        &self,
        basis: &Basis,
        asker: &Asker,
        query: &EverythingQuery,
        ask: &Ask,
    ) -> Outcome {
        let relationship = ask.relationship();
        let wanted: Vec<&str> = self.mapping.resource_types().filter(|name| query.wants(name)).collect();
        let mut denied = None;
        let mut permitted = Vec::new();
        for resource_type in wanted.iter().copied().chain(wanted.is_empty().then_some("Patient")) {
            let question = Question {
                asker: &asker.account,
                relationship,
                purpose: asker.purpose,
                action: Action::Search,
                resource_type,
            };
            let ruling = match self.decider.decide(&question).await {
                Ok(ruling) => ruling,
                Err(unavailable) => return Outcome::unavailable(&unavailable),
            };
            let refusal = match &ruling.outcome {
                _ if asker.patient.is_some_and(|patient| patient != relationship) => Refusal::OtherPatient,
                Ok(_) if asker.app.as_ref().is_some_and(|app| !app.covers(Action::Search, resource_type)) => {
                    Refusal::Scope
                }
                Ok(permit) => {
                    permitted.push((resource_type, permit.clone(), ruling));
                    continue;
                }
                Err(refusal) => *refusal,
            };
            denied.get_or_insert((refusal, ruling));
        }
        let Some((_, first_permit, first_ruling)) = permitted.first() else {
            return match denied {
                Some((refusal, ruling)) => Outcome::denied(refusal, &ruling, ask),
                // The loop looks at one type at least.
                None => Outcome::unavailable(&crate::decide::Unavailable::NotReady),
            };
        };
        let bound = match self.bound_record(basis, first_ruling, ask).await {
            Ok(bound) => bound,
            Err(outcome) => return outcome,
        };
        let mut shown: Vec<Value> = Vec::new();
        let mut visible = BTreeMap::new();
        for (resource_type, permit, ruling) in &permitted {
            // Rules may have changed meanwhile: the patient that is shown must be the one that was looked up.
            if ruling.patient != first_ruling.patient {
                return Outcome::denied(Refusal::NotBound, ruling, ask);
            }
            if !self.mapping.maps(resource_type) {
                continue;
            }
            let sight = Sight::new(permit, Action::Search, asker).with_inbox(ask.takes_inbox());
            let mut found = match self.disclosed(relationship, &bound, resource_type, &sight).await {
                Ok(found) => found,
                Err(error) => return Outcome::not_fetched(&error, ruling),
            };
            if !sight.is_whole() {
                match self.hide_references(asker, &bound, relationship, &mut found, &mut visible).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return Outcome::not_fetched(&error, ruling),
                    Err(unavailable) => return Outcome::unavailable(&unavailable),
                }
            }
            shown.append(&mut found);
        }
        let bundle = query.run(relationship, shown, &self.fhir_url());
        let count = bundle["entry"].as_array().map_or(0, Vec::len);
        let mut outcome = Outcome::shown(bundle, count, first_permit, first_ruling);
        for (_, permit, ruling) in &permitted {
            outcome.grants.extend(permit.grants());
            outcome.blocks.extend(ruling.blocks.iter().filter(|block| !first_ruling.blocks.contains(block)));
        }
        outcome.grants.sort_unstable();
        outcome.grants.dedup();
        outcome
    }
}
