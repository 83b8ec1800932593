//! Adding to the records: into the inbox, where staff look at it.
//!
//! Patients and who acts for them may add to their own records; a viewer needs a grant whose scope has `c` and covers the new record
//! as a whole. An app's token needs the same. Nothing is served before staff accept it.

use medrec_policy::{Action, Capacity, ElementMask, Permit};
use medrec_primitives::RelationshipId;
use serde_json::Value;

use super::{basis::Basis, outcome::Outcome, Ask, Gatekeeper, Refused};
use crate::{
    auth::Asker,
    decide::{Question, Refusal, Ruling, Unavailable},
    fetch::OwnedRow,
    fhir::{
        definitions::r4,
        outcome::{information, outcome},
        IssueCode,
    },
    inbox::{
        validate::{patient_of, validated},
        MOST_PENDING,
    },
    store::inbox::NewItem,
};

impl Gatekeeper {
    /// A resource of a type to be added, as it came.
    pub fn ask_create(&self, asker: &Asker, resource_type: &str, body: &[u8]) -> Result<Ask, Refused> {
        if !self.mapping.maps(resource_type) {
            return Err(Refused::unmapped());
        }
        let known = r4().resource(resource_type).filter(|name| *name != "Patient");
        let Some(resource_type) = known else {
            return Err(Refused::unsupported(
                "records of this type cannot be added here; see /fhir/metadata",
            ));
        };
        let mut body: Value =
            serde_json::from_slice(body).map_err(|_| Refused::malformed("the body is not JSON"))?;
        make_relative(&mut body, &format!("{}/", self.fhir_url()));
        let relationship = asker.patient.or_else(|| patient_of(resource_type, &body));
        let relationship = relationship.ok_or_else(|| {
            Refused::malformed("say whose record this is: a reference such as Patient/r0-3")
        })?;
        let resource =
            validated(resource_type, relationship, body).map_err(|fault| Refused::invalid(&fault))?;
        Ok(Ask::Create {
            resource_type: resource_type.to_owned(),
            relationship,
            resource: Box::new(resource),
        })
    }

    pub(super) async fn create(&self, basis: &Basis, asker: &Asker, resource: &Value, ask: &Ask) -> Outcome {
        let relationship = ask.relationship();
        let (permit, ruling) = match self.may_create(asker, relationship, resource, ask).await {
            Ok((Ok(permit), ruling)) => (permit, ruling),
            Ok((Err(refusal), ruling)) => return Outcome::denied(refusal, &ruling, ask),
            Err(unavailable) => return Outcome::unavailable(&unavailable),
        };
        if let Err(outcome) = self.bound_record(basis, &ruling, ask).await {
            return outcome;
        }
        let item = NewItem {
            relationship: relationship.to_string(),
            resource_type: ask.resource_type().to_owned(),
            resource: resource.to_string(),
            account: asker.account.clone(),
            capacity: format!("{:?}", permit.capacity()).to_lowercase(),
            purpose: asker.purpose.to_string(),
            received: self.time.now().wall,
        };
        match self.store.pending_items(&item.relationship).await {
            Ok(pending) if pending < u64::from(MOST_PENDING) => {
                let text = "taken into the inbox; it is served once the provider's staff have accepted it";
                Outcome::shown(information(IssueCode::Informational, text), 1, &permit, &ruling)
                    .with_status(202)
                    .adding(item)
            }
            Ok(_) => {
                let text = "too much waits for the provider's staff already: try again later";
                Outcome::shown(outcome(IssueCode::Throttled, text), 0, &permit, &ruling).with_status(429)
            }
            Err(error) => {
                tracing::error!(%error, "cannot look into the inbox");
                Outcome::internal("Store", &ruling)
            }
        }
    }

    async fn may_create(
        &self,
        asker: &Asker,
        relationship: RelationshipId,
        resource: &Value,
        ask: &Ask,
    ) -> Result<(Result<Permit, Refusal>, Ruling), Unavailable> {
        let question = |action| Question {
            asker: &asker.account,
            relationship,
            purpose: asker.purpose,
            action,
            resource_type: ask.resource_type(),
        };
        if asker.patient.is_some_and(|patient| patient != relationship) {
            return Ok((Err(Refusal::OtherPatient), self.decider.decide(&question(Action::Create)).await?));
        }
        let row = OwnedRow::of(resource).unwrap_or_default();
        let within = |mask: ElementMask| match &mask {
            ElementMask::All => true,
            ElementMask::Nothing => false,
            ElementMask::Paths(_) => elements(resource).all(|path| mask.covers(&path)),
        };
        if let Some(app) = &asker.app {
            if !within(row.mask(|row| app.mask(Action::Create, row))) {
                return Ok((Err(Refusal::Scope), self.decider.decide(&question(Action::Create)).await?));
            }
        }
        // Who owns the records needs no grant, which the policy says for reading; what it adds is looked at by staff.
        let owner = self.decider.decide(&question(Action::Read)).await?;
        if let Ok(permit) = &owner.outcome {
            if matches!(permit.capacity(), Capacity::Patient | Capacity::Custodian) {
                return Ok((Ok(permit.clone()), owner));
            }
        }
        let ruling = self.decider.decide(&question(Action::Create)).await?;
        let permit = ruling.outcome.clone().and_then(|permit| {
            let covered = within(row.mask(|row| permit.mask(row)));
            covered.then_some(permit).ok_or(Refusal::Scope)
        });
        Ok((permit, ruling))
    }
}

/// The elements of a resource, but for those that say what it is and of whom, which the gatekeeper sets.
fn elements(resource: &Value) -> impl Iterator<Item = medrec_policy::ElementPath> + '_ {
    let names = resource.as_object().into_iter().flat_map(serde_json::Map::keys);
    let own = |name: &&String| !matches!(name.as_str(), "resourceType" | "subject" | "patient");
    names.filter(own).filter_map(|name| name.parse().ok())
}

/// Writes references to this service's own addresses as they are kept: `Encounter/...`.
fn make_relative(value: &mut Value, base: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| make_relative(item, base)),
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("reference") {
                if let Some(relative) = reference.strip_prefix(base) {
                    *reference = relative.to_owned();
                }
            }
            object.values_mut().for_each(|value| make_relative(value, base));
        }
        _ => {}
    }
}
