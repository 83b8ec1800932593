//! A foreign FHIR R4 server as the source of records.
//!
//! It is read by the bound patient only: the patient's own resource, and searches by a parameter that names the patient. What comes back
//! is judged as rows of a database are: a resource that does not name the bound patient is dropped, whatever the server was asked.

use std::collections::{BTreeMap, HashSet};

use medrec_primitives::RelationshipId;
use serde_json::{Map, Value};

mod clean;
mod client;

pub(crate) use client::Server;

use super::{record, FetchError, Pseudonyms, Record};
use crate::{
    fhir::definitions::r4,
    mapping::upstream::{PatientBy, Upstream, UpstreamResource},
};
use clean::Cleaner;

/// System of the label of resources that nobody labelled.
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/// Confidentiality that is not above the usual, and so no sensitivity label.
const USUAL: &[&str] = &["U", "L", "M", "N"];

/// The name under which ids of a foreign server become pseudonyms.
const NAME: &str = "upstream";

/// What is the same for all resources of one call.
pub(super) struct Call<'a> {
    pub(super) server: &'a Server,
    pub(super) upstream: &'a Upstream,
    pub(super) pseudonyms: &'a Pseudonyms,
    pub(super) relationship: RelationshipId,
    /// Resources of one type looked at, at most.
    pub(super) limit: u32,
}

impl Call<'_> {
    /// All records of a type that the patient with this record number has.
    pub(super) async fn records(
        &self,
        record_number: &str,
        resource_type: &str,
    ) -> Result<Vec<Record>, FetchError> {
        let resource = self.upstream.resource(resource_type).ok_or(FetchError::NotMapped)?;
        let mut reading = self.server.reading().await?;
        let Some(patient) = self.patient(&mut reading, record_number).await? else { return Ok(Vec::new()) };
        let found = match resource_type {
            "Patient" => reading.read("Patient", &patient).await?.into_iter().collect(),
            _ => {
                let patient = format!("Patient/{patient}");
                reading.search(resource_type, &[(&resource.search, &patient)], self.limit).await?
            }
        };
        let total = found.len();
        let mut own: BTreeMap<String, Value> = BTreeMap::new();
        for value in found.into_iter().filter(|value| self.belongs(value, resource_type, &patient)) {
            let Some(id) = id(&value).map(str::to_owned) else { continue };
            // The same resource on two pages is one; two that differ are a fault of the server.
            if own.insert(id, value.clone()).is_some_and(|known| known != value) {
                return Err(FetchError::DuplicateKey { mapping: resource_type.to_owned() });
            }
        }
        if own.len() < total {
            tracing::warn!(
                resource_type,
                dropped = total - own.len(),
                "resources that do not name the patient, or came twice, were dropped"
            );
        }
        Ok(own.into_iter().map(|(id, value)| self.record(resource, &patient, &id, &value)).collect())
    }

    /// Whether a resource is of this type and names this patient, and no other, where its type names the patient.
    fn belongs(&self, value: &Value, resource_type: &str, patient: &str) -> bool {
        if value["resourceType"] != *resource_type {
            return false;
        }
        if resource_type == "Patient" {
            return value["id"] == *patient;
        }
        let own = |reference: &Value| {
            let written = reference["reference"].as_str();
            let local = written.map(|written| written.strip_prefix(self.server.base()).unwrap_or(written));
            local
                .and_then(clean::target)
                .is_some_and(|target| target.resource_type == "Patient" && target.id == patient)
        };
        let elements = Upstream::patient_elements(r4().elements(resource_type));
        let named: Vec<&Value> = elements.filter_map(|name| value.get(name)).collect();
        !named.is_empty() && named.into_iter().all(own)
    }

    /// The id that the patient has at the server, `None` if there is no such patient.
    async fn patient(
        &self,
        reading: &mut client::Reading<'_>,
        record_number: &str,
    ) -> Result<Option<String>, FetchError> {
        let not_one = || FetchError::RecordNumber { mapping: NAME.to_owned() };
        let system = match &self.upstream.patient {
            PatientBy::Id => {
                return if is_id(record_number) {
                    Ok(Some(record_number.to_owned()))
                } else {
                    Err(not_one())
                };
            }
            PatientBy::Identifier(system) => system,
        };
        if record_number.trim().is_empty() || record_number.chars().any(char::is_control) {
            return Err(not_one());
        }
        let token = format!("{}|{}", client::escaped(system), client::escaped(record_number));
        let found = reading.search("Patient", &[("identifier", &token)], self.limit).await?;
        let has_number = |value: &&Value| {
            value["identifier"].as_array().is_some_and(|identifiers| {
                identifiers.iter().any(|identifier| {
                    identifier["system"] == **system && identifier["value"] == *record_number
                })
            })
        };
        let ids: HashSet<&str> = found
            .iter()
            .filter(|value| value["resourceType"] == "Patient")
            .filter(has_number)
            .filter_map(id)
            .collect();
        match ids.len() {
            0 => Ok(None),
            1 => Ok(ids.into_iter().next().map(str::to_owned)),
            _ => Err(FetchError::DuplicateKey { mapping: "Patient".to_owned() }),
        }
    }

    fn record(&self, resource: &UpstreamResource, patient: &str, id: &str, value: &Value) -> Record {
        let cleaner = Cleaner {
            base: self.server.base(),
            patient,
            relationship: self.relationship,
            pseudonym: &|resource_type, id| {
                self.upstream.resource(resource_type)?;
                Some(self.pseudonym(resource_type, id))
            },
        };
        let mut object = cleaner.resource(value, resource.resource_type);
        object.insert("resourceType".to_owned(), resource.resource_type.into());
        object.insert("id".to_owned(), self.pseudonym(resource.resource_type, id).into());
        let security = value["meta"]["security"].as_array().map(Vec::as_slice).unwrap_or_default();
        let withheld = security.iter().any(|coding| {
            resource
                .withheld
                .iter()
                .any(|(system, code)| coding["system"] == **system && coding["code"] == **code)
        });
        let labels = self.labels(security);
        let mut meta = Map::new();
        if let Some(changed) = value["meta"]["lastUpdated"].as_str() {
            meta.insert("lastUpdated".to_owned(), changed.into());
        }
        if !labels.is_empty() {
            let label =
                |(system, code): &(String, String)| serde_json::json!({ "system": system, "code": code });
            meta.insert("security".to_owned(), labels.iter().map(label).collect());
        }
        if !meta.is_empty() {
            object.insert("meta".to_owned(), Value::Object(meta));
        }
        let attributes = record::attributes(&object, resource.resource_type, labels, None);
        let ground = resource.ground.clone().filter(|_| withheld);
        Record { resource: Value::Object(object), attributes, withheld, ground }
    }

    fn pseudonym(&self, resource_type: &str, id: &str) -> String {
        self.pseudonyms.id(self.relationship, resource_type, NAME, &[id.to_owned()])
    }

    /// What the server says is sensitive. A label that cannot be read is one all the same.
    fn labels(&self, security: &[Value]) -> Vec<(String, String)> {
        let mut restricted = security.is_empty() && self.upstream.restrict_unlabelled;
        let mut labels = Vec::new();
        for coding in security {
            match (coding["system"].as_str(), coding["code"].as_str()) {
                (Some(CONFIDENTIALITY), Some(code)) if USUAL.contains(&code) => {}
                (Some(system), Some(code)) => labels.push((system.to_owned(), code.to_owned())),
                _ => restricted = true,
            }
        }
        if restricted {
            labels.push((CONFIDENTIALITY.to_owned(), "R".to_owned()));
        }
        labels.sort();
        labels.dedup();
        labels
    }
}

fn id(value: &Value) -> Option<&str> {
    value["id"].as_str().filter(|id| is_id(id))
}

/// Whether a text is an id of FHIR.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}
