//! Fetch and redact: what a permit shows.

use std::collections::BTreeMap;

use medrec_client::messages;
use medrec_policy::{Action, Permit};
use medrec_primitives::RelationshipId;
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

use super::{
    basis::Basis,
    limit::{owns, Sight},
    outcome::Outcome,
    Ask, Gatekeeper,
};
use crate::{
    auth::Asker,
    decide::{Question, Refusal, Ruling, Unavailable},
    fetch::{self, FetchError},
    fhir, inbox,
    log::{self, Entry},
    redact,
    store::{bindings::BoundRecord, inbox::Item, StoreError},
};

/// Ids that an asker may read, by type, as far as they were looked up.
pub(super) type Visible = BTreeMap<String, Vec<String>>;

impl Gatekeeper {
    pub(super) async fn show_records(
        &self,
        basis: &Basis,
        asker: &Asker,
        permit: Permit,
        ruling: &Ruling,
        ask: &Ask,
    ) -> Outcome {
        let relationship = ask.relationship();
        let bound = match self.bound_record(basis, ruling, ask).await {
            Ok(bound) => bound,
            Err(outcome) => return outcome,
        };
        let sight = Sight::new(&permit, ask.action(), asker).with_inbox(ask.takes_inbox());
        let mut shown = match self.disclosed(relationship, &bound, ask.resource_type(), &sight).await {
            Ok(shown) => shown,
            Err(error) => return Outcome::not_fetched(&error, ruling),
        };
        // Who owns the records is told of all of them, unless an app asks.
        if !sight.is_whole() {
            // Of the type that is asked for, what is shown is what is visible.
            let mut visible = BTreeMap::from([(ask.resource_type().to_owned(), ids(&shown))]);
            match self.hide_references(asker, &bound, relationship, &mut shown, &mut visible).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Outcome::not_fetched(&error, ruling),
                Err(unavailable) => return Outcome::unavailable(&unavailable),
            }
        }
        match ask {
            Ask::Read { id, elements, .. } => match shown.into_iter().find(|resource| resource["id"] == **id)
            {
                Some(resource) => {
                    let resource = match elements {
                        Some(elements) => fhir::search::subset(resource, elements),
                        None => resource,
                    };
                    Outcome::shown(resource, 1, &permit, ruling)
                }
                None => Outcome::absent(&permit, ruling),
            },
            Ask::Search { query, .. } => {
                let bundle = fhir::run(query, shown, &self.fhir_url());
                let count = bundle["entry"].as_array().map_or(0, Vec::len);
                Outcome::shown(bundle, count, &permit, ruling)
            }
            _ => Outcome::absent(&permit, ruling),
        }
    }

    /// The record of a relationship, or why nothing of it is shown.
    pub(super) async fn bound_record(
        &self,
        basis: &Basis,
        ruling: &Ruling,
        ask: &Ask,
    ) -> Result<BoundRecord, Outcome> {
        match self.bound(basis, ask.relationship(), ruling).await {
            Ok(Some(bound)) => Ok(bound),
            Ok(None) => Err(Outcome::denied(Refusal::NotBound, ruling, ask)),
            Err(error) => {
                tracing::error!(%error, "cannot look up a binding");
                Err(Outcome::internal("Store", ruling))
            }
        }
    }

    /// The record of a relationship, if the key on chain is the one that was enrolled: a number alone could be another patient's.
    /// A key that waits for its place takes it now, if this is the one.
    pub(super) async fn bound(
        &self,
        basis: &Basis,
        relationship: RelationshipId,
        ruling: &Ruling,
    ) -> Result<Option<BoundRecord>, StoreError> {
        let Some(patient) = &ruling.patient else { return Ok(None) };
        if basis.remembers() {
            if let Some((bound, as_of)) = self.store.record_as_of(relationship).await? {
                if bound.key == *patient {
                    basis.rests_on(as_of);
                    return Ok(Some(bound));
                }
            }
        }
        match self.store.record(relationship).await? {
            Some(bound) if bound.key == *patient => Ok(Some(bound)),
            Some(bound) if self.enrolments.follow(relationship, patient).await? => Ok(Some(bound)),
            _ => Ok(None),
        }
    }

    /// All records of a type as an asker sees them.
    pub(super) async fn disclosed(
        &self,
        relationship: RelationshipId,
        bound: &BoundRecord,
        resource_type: &str,
        sight: &Sight<'_>,
    ) -> Result<Vec<Value>, FetchError> {
        let records = fetch::fetch(
            &self.database,
            &self.mapping,
            &bound.number,
            resource_type,
            &self.pseudonyms,
            relationship,
            self.settings.max_rows,
        )
        .await?;
        let mut shown: Vec<Value> = records.iter().filter_map(|record| sight.disclose(record)).collect();
        if bound.has_accepted && sight.sees_inbox() {
            shown.extend(self.accepted(relationship, resource_type, sight).await?);
        }
        Ok(shown)
    }

    /// What was added through the inbox and accepted, as an asker sees it.
    async fn accepted(
        &self,
        relationship: RelationshipId,
        resource_type: &str,
        sight: &Sight<'_>,
    ) -> Result<Vec<Value>, FetchError> {
        let items = self.store.accepted(&relationship.to_string(), resource_type).await.map_err(|error| {
            tracing::error!(%error, "cannot look into the inbox");
            FetchError::Inbox
        })?;
        let show = |item: &Item| {
            let record = inbox::served(item, relationship, &self.pseudonyms)?;
            let mut shown = sight.disclose(&record)?;
            inbox::mark(&mut shown, item, sight.is_whole());
            Some(shown)
        };
        Ok(items.iter().filter_map(show).collect())
    }

    /// Takes out references to records that the asker may not read: that they exist is theirs to hide. `visible` has what is known
    /// already of what may be read, and gets what is looked up.
    pub(super) async fn hide_references(
        &self,
        asker: &Asker,
        bound: &BoundRecord,
        relationship: RelationshipId,
        shown: &mut [Value],
        visible: &mut Visible,
    ) -> Result<Result<(), FetchError>, Unavailable> {
        visible.entry("Patient".to_owned()).or_insert_with(|| vec![relationship.to_string()]);
        for resource_type in redact::references::types(shown) {
            if visible.contains_key(&resource_type) {
                continue;
            }
            let question = Question {
                asker: &asker.account,
                relationship,
                purpose: asker.purpose,
                action: Action::Read,
                resource_type: &resource_type,
            };
            let in_scope = asker.app.as_ref().is_none_or(|app| app.covers(Action::Read, &resource_type));
            let readable = match self.decide(&question).await?.outcome {
                Ok(permit) if in_scope => {
                    let sight = Sight::new(&permit, Action::Read, asker);
                    match self.disclosed(relationship, bound, &resource_type, &sight).await {
                        Ok(resources) => ids(&resources),
                        Err(error) => return Ok(Err(error)),
                    }
                }
                _ => Vec::new(),
            };
            visible.insert(resource_type, readable);
        }
        for resource in shown {
            redact::references::hide(resource, &|resource_type, id| {
                visible.get(resource_type).is_some_and(|ids| ids.iter().any(|visible| visible == id))
            });
        }
        Ok(Ok(()))
    }

    pub(super) async fn show_log(
        &self,
        relationship: RelationshipId,
        after: u64,
        permit: Permit,
        ruling: &Ruling,
        ask: &Ask,
    ) -> Outcome {
        if !owns(&permit) {
            return Outcome::denied(Refusal::NotThePatient, ruling, ask);
        }
        match self.log.page(relationship, after).await {
            Ok((entries, head)) => {
                let page = messages::LogPage {
                    entries: entries.iter().map(|(number, entry)| log::shown(*number, entry)).collect(),
                    head: head.map(|head| format!("0x{}", hex::encode(head))),
                };
                let count = page.entries.len();
                match serde_json::to_value(page) {
                    Ok(page) => Outcome::shown(page, count, &permit, ruling),
                    Err(_) => Outcome::internal("Log", ruling),
                }
            }
            Err(error) => {
                tracing::error!(%error, "cannot read the log");
                Outcome::internal("Log", ruling)
            }
        }
    }

    pub(super) async fn show_log_proof(
        &self,
        relationship: RelationshipId,
        number: u64,
        permit: Permit,
        ruling: &Ruling,
        ask: &Ask,
    ) -> Outcome {
        if !owns(&permit) {
            return Outcome::denied(Refusal::NotThePatient, ruling, ask);
        }
        match self.log.proof(relationship, number).await {
            Ok(Some(proof)) => match serde_json::to_value(proof) {
                Ok(proof) => Outcome::shown(proof, 1, &permit, ruling),
                Err(_) => Outcome::internal("Log", ruling),
            },
            Ok(None) => Outcome::absent(&permit, ruling),
            Err(error) => {
                tracing::error!(%error, "cannot prove an entry of the log");
                Outcome::internal("Log", ruling)
            }
        }
    }

    pub(super) async fn show_events(
        &self,
        relationship: RelationshipId,
        permit: Permit,
        ruling: &Ruling,
        ask: &Ask,
    ) -> Outcome {
        if !owns(&permit) {
            return Outcome::denied(Refusal::NotThePatient, ruling, ask);
        }
        let (after, most) = match ask {
            Ask::AuditEvent { number, .. } => (number.saturating_sub(1), None),
            Ask::AuditEvents { after, count, .. } => (*after, *count),
            _ => (0, None),
        };
        let mut entries = match self.log.page(relationship, after).await {
            Ok((entries, _)) => entries,
            Err(error) => {
                tracing::error!(%error, "cannot read the log");
                return Outcome::internal("Log", ruling);
            }
        };
        let observer = self.sealer.account().to_ss58check();
        let base = self.fhir_url();
        let event =
            |(number, entry): &(u64, Entry)| log::audit_event::audit_event(*number, entry, &observer, &base);
        if let Ask::AuditEvent { number, .. } = ask {
            return match entries.first().filter(|(first, _)| first == number) {
                Some(entry) => Outcome::shown(event(entry), 1, &permit, ruling),
                None => Outcome::absent(&permit, ruling),
            };
        }
        let base = format!("{base}/AuditEvent");
        let wanted = most.map(|most| format!("&_count={most}")).unwrap_or_default();
        let own = |after: u64| format!("{base}?patient={relationship}&after={after}{wanted}");
        let mut links = vec![json!({ "relation": "self", "url": own(after) })];
        let most = most.unwrap_or(usize::MAX).min(log::PAGE as usize);
        let more = entries.len() > most || entries.len() == log::PAGE as usize;
        entries.truncate(most);
        if let Some((last, _)) = entries.last().filter(|_| more) {
            links.push(json!({ "relation": "next", "url": own(*last) }));
        }
        let items: Vec<Value> = entries
            .iter()
            .map(|entry| {
                let resource = event(entry);
                let url = format!("{base}/{relationship}.{}", entry.0);
                json!({ "fullUrl": url, "resource": resource, "search": { "mode": "match" } })
            })
            .collect();
        let count = items.len();
        // FHIR wants no empty arrays.
        let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "link": links });
        if !items.is_empty() {
            bundle["entry"] = Value::Array(items);
        }
        Outcome::shown(bundle, count, &permit, ruling)
    }
}

fn ids(resources: &[Value]) -> Vec<String> {
    resources.iter().filter_map(|resource| Some(resource["id"].as_str()?.to_owned())).collect()
}
