//! What can be asked, read from the form of a request alone.

use std::collections::BTreeSet;

use medrec_policy::scope::Action;
use medrec_primitives::RelationshipId;
use serde_json::Value;

use super::Gatekeeper;
use crate::{
    auth::Asker,
    fhir::{
        everything::EverythingQuery,
        outcome, parse_query,
        query::{read_count, read_format},
        reference::is_id,
        IssueCode, Manner, Pages, SearchError, SearchQuery,
    },
    inbox::validate::Fault,
};

/// A resource type that is made of the log and not of the provider's database.
const AUDIT_EVENT: &str = "AuditEvent";

/// Something that the pipeline answers.
#[derive(Clone, Debug)]
pub enum Ask {
    /// One resource by its pseudonym.
    Read {
        /// Its type.
        resource_type: String,
        /// Whose.
        relationship: RelationshipId,
        /// The pseudonym.
        id: String,
        /// The elements wanted; all if `None`.
        elements: Option<BTreeSet<String>>,
        /// Whether what came through the inbox is left out.
        database_only: bool,
    },
    /// Resources of one type.
    Search {
        /// Their type.
        resource_type: String,
        /// Whose.
        relationship: RelationshipId,
        /// What is looked for.
        query: Box<SearchQuery>,
        /// The names of the parameters, without values.
        parameters: Vec<String>,
        /// Whether what came through the inbox is left out.
        database_only: bool,
    },
    /// Everything of one patient.
    Everything {
        /// Whose.
        relationship: RelationshipId,
        /// What of it.
        query: Box<EverythingQuery>,
        /// Whether what came through the inbox is left out.
        database_only: bool,
    },
    /// A resource to be added to the records.
    Create {
        /// Its type.
        resource_type: String,
        /// Whose records.
        relationship: RelationshipId,
        /// The resource, checked.
        resource: Box<Value>,
    },
    /// The log about a patient, in short.
    Log {
        /// Whose.
        relationship: RelationshipId,
        /// From the entry after this.
        after: u64,
    },
    /// One entry of it, with the proof that it is under a root on chain.
    LogProof {
        /// Whose.
        relationship: RelationshipId,
        /// Its number.
        number: u64,
    },
    /// The log about a patient, as FHIR.
    AuditEvents {
        /// Whose.
        relationship: RelationshipId,
        /// From the entry after this.
        after: u64,
        /// So many at most; a page if `None`.
        count: Option<usize>,
    },
    /// One entry of it.
    AuditEvent {
        /// Whose.
        relationship: RelationshipId,
        /// Its number.
        number: u64,
    },
}

/// What makes no sense, or is not supported, whoever it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The answer's body.
    pub body: Value,
    /// Whether FHIR was asked for.
    pub fhir: bool,
}

impl Refused {
    fn new(status: u16, code: IssueCode, message: &str) -> Self {
        Self { status, body: outcome(code, message), fhir: true }
    }

    /// A body of another kind than is taken.
    pub fn media_type(message: &str) -> Self {
        Self::new(415, IssueCode::NotSupported, message)
    }

    /// A condition that is not looked at. To ignore it would do what was not wanted.
    pub fn condition(message: &str) -> Self {
        Self::new(412, IssueCode::NotSupported, message)
    }

    /// Malformed.
    pub fn malformed(message: &str) -> Self {
        Self::new(400, IssueCode::Invalid, message)
    }

    /// Well-formed, but not a resource that is taken.
    pub fn invalid(fault: &Fault) -> Self {
        Self::new(422, fault.code, &fault.text)
    }

    /// Well-formed, but not supported.
    pub fn unsupported(message: &str) -> Self {
        Self::new(400, IssueCode::NotSupported, message)
    }

    /// An id that is none of this service's: ids of all that is here name their patient.
    fn unknown() -> Self {
        let message = "there is nothing with this id: ids of this service are such as r0-3 for a patient";
        Self::new(404, IssueCode::NotFound, message)
    }

    /// A type that this provider does not serve, of anybody.
    pub(super) fn unmapped() -> Self {
        let message = "this provider does not serve this resource type; see /fhir/metadata";
        Self::new(404, IssueCode::NotSupported, message)
    }
}

impl From<SearchError> for Refused {
    fn from(error: SearchError) -> Self {
        Self { status: error.status(), body: error.outcome(), fhir: true }
    }
}

impl Ask {
    /// Whose records.
    pub fn relationship(&self) -> RelationshipId {
        match self {
            Self::Read { relationship, .. }
            | Self::Search { relationship, .. }
            | Self::Everything { relationship, .. }
            | Self::Create { relationship, .. }
            | Self::Log { relationship, .. }
            | Self::LogProof { relationship, .. }
            | Self::AuditEvents { relationship, .. }
            | Self::AuditEvent { relationship, .. } => *relationship,
        }
    }

    /// To do what.
    pub fn action(&self) -> Action {
        match self {
            Self::Read { .. } | Self::AuditEvent { .. } | Self::LogProof { .. } => Action::Read,
            Self::Create { .. } => Action::Create,
            Self::Search { .. } | Self::Everything { .. } | Self::Log { .. } | Self::AuditEvents { .. } => {
                Action::Search
            }
        }
    }

    /// With which type of resource.
    pub fn resource_type(&self) -> &str {
        match self {
            Self::Read { resource_type, .. }
            | Self::Search { resource_type, .. }
            | Self::Create { resource_type, .. } => resource_type,
            Self::Everything { .. } => "Patient",
            Self::Log { .. } | Self::LogProof { .. } | Self::AuditEvents { .. } | Self::AuditEvent { .. } => {
                AUDIT_EVENT
            }
        }
    }

    /// The same of the provider's database alone: what came through the inbox has no proofs.
    pub fn of_the_database(mut self) -> Self {
        if let Self::Read { database_only, .. }
        | Self::Search { database_only, .. }
        | Self::Everything { database_only, .. } = &mut self
        {
            *database_only = true;
        }
        self
    }

    /// Whether what it shows has proofs: what is read from the provider's database has.
    pub fn has_proofs(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::Search { .. } | Self::Everything { .. })
    }

    pub(super) fn takes_inbox(&self) -> bool {
        !matches!(
            self,
            Self::Read { database_only: true, .. }
                | Self::Search { database_only: true, .. }
                | Self::Everything { database_only: true, .. }
        )
    }

    /// Whether the answer is FHIR.
    pub fn is_fhir(&self) -> bool {
        !matches!(self, Self::Log { .. } | Self::LogProof { .. })
    }

    pub(super) fn id(&self) -> Option<String> {
        match self {
            Self::Read { id, .. } => Some(id.clone()),
            Self::AuditEvent { relationship, number } | Self::LogProof { relationship, number } => {
                Some(format!("{relationship}.{number}"))
            }
            _ => None,
        }
    }

    pub(super) fn parameters(&self) -> Vec<String> {
        match self {
            Self::Search { parameters, .. } => parameters.clone(),
            Self::Everything { .. } => vec!["$everything".to_owned()],
            _ => Vec::new(),
        }
    }

    /// The log about a patient: `patient=r0-3&after=17`.
    pub fn log(query: &str) -> Result<Self, Refused> {
        match log_query(query) {
            Ok(Self::AuditEvents { relationship, after, .. })
                if !names(query).any(|name| name.starts_with('_')) =>
            {
                Ok(Self::Log { relationship, after })
            }
            _ => Err(Refused {
                body: super::outcome::problem("malformed", LOG_QUERY),
                fhir: false,
                ..Refused::malformed(LOG_QUERY)
            }),
        }
    }

    /// One entry of it with its proof: `patient=r0-3&number=17`.
    pub fn log_proof(query: &str) -> Result<Self, Refused> {
        let malformed = || Refused {
            body: super::outcome::problem("malformed", LOG_PROOF_QUERY),
            fhir: false,
            ..Refused::malformed(LOG_PROOF_QUERY)
        };
        let (patient, number) = query.split_once('&').ok_or_else(malformed)?;
        let relationship = patient.strip_prefix("patient=").and_then(|id| id.parse().ok());
        let number = number.strip_prefix("number=").and_then(canonical);
        let (relationship, number) = relationship.zip(number).ok_or_else(malformed)?;
        Ok(Self::LogProof { relationship, number })
    }
}

impl Gatekeeper {
    /// A read of `{type}/{id}`, with the query as it stands in the address.
    pub fn ask_read(&self, resource_type: &str, id: &str, query: &str) -> Result<Ask, Refused> {
        let malformed = || Refused::malformed("not an id of this service, such as r0-3 for a patient");
        if resource_type == AUDIT_EVENT {
            let (relationship, number) = id.split_once('.').ok_or_else(malformed)?;
            let relationship = relationship.parse().map_err(|_| malformed())?;
            return Ok(Ask::AuditEvent { relationship, number: canonical(number).ok_or_else(malformed)? });
        }
        if !self.mapping.maps(resource_type) {
            return Err(Refused::unmapped());
        }
        if names(query).any(|name| name != "_elements" && name != "_format") {
            return Err(Refused::unsupported("a read takes _elements and _format only"));
        }
        let elements = parse_query(resource_type, query)?.elements;
        let relationship = relationship_of(resource_type, id).ok_or_else(|| match is_id(id) {
            true => Refused::unknown(),
            false => malformed(),
        })?;
        Ok(Ask::Read {
            resource_type: resource_type.into(),
            relationship,
            id: id.into(),
            elements,
            database_only: false,
        })
    }

    /// Everything of the patient with this id.
    pub fn ask_everything(
        &self,
        asker: &Asker,
        id: &str,
        query: &str,
        lenient: bool,
    ) -> Result<Ask, Refused> {
        let relationship = relationship_of("Patient", id)
            .ok_or_else(|| Refused::malformed("not an id of this service, such as r0-3 for a patient"))?;
        let query = EverythingQuery::parse(relationship, query, self.manner(asker, lenient))?;
        Ok(Ask::Everything { relationship, query: Box::new(query), database_only: false })
    }

    fn manner(&self, asker: &Asker, lenient: bool) -> Manner {
        let account: &[u8] = asker.account.as_ref();
        Manner {
            pages: Pages::of(&self.links, account),
            lenient,
            patient: asker.patient,
            base: self.fhir_url(),
        }
    }

    /// A search of a type by a query as it stands in an address. If it names no patient, the asker's session may.
    pub fn ask_search(
        &self,
        asker: &Asker,
        resource_type: &str,
        query: &str,
        lenient: bool,
    ) -> Result<Ask, Refused> {
        if resource_type == AUDIT_EVENT {
            return log_query(query);
        }
        if !self.mapping.maps(resource_type) {
            return Err(Refused::unmapped());
        }
        let parsed = SearchQuery::parse(resource_type, query, self.manner(asker, lenient))?;
        let named = parsed.patient.filter(|patient| asker.patient != Some(*patient));
        let relationship = named.or_else(|| patient_by_id(resource_type, query)).or(parsed.patient);
        let relationship =
            relationship.ok_or_else(|| Refused::malformed("name one patient: patient=r0-3"))?;
        let mut parameters = parsed.parameters();
        parameters.sort_unstable();
        parameters.dedup();
        Ok(Ask::Search {
            resource_type: resource_type.into(),
            relationship,
            query: Box::new(parsed),
            parameters,
            database_only: false,
        })
    }
}

/// The relationship that an id begins with.
fn relationship_of(resource_type: &str, id: &str) -> Option<RelationshipId> {
    if resource_type == "Patient" {
        return id.parse().ok();
    }
    let (relationship, digits) = id.split_once('.')?;
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let sound = digits.len() == 32 && digits.bytes().all(hex);
    relationship.parse().ok().filter(|_| sound)
}

/// `Patient?_id=r0-3` names its patient too, if it names one.
fn patient_by_id(resource_type: &str, query: &str) -> Option<RelationshipId> {
    let mut ids = query.split('&').filter_map(|part| part.strip_prefix("_id="));
    let first = ids.next().filter(|_| resource_type == "Patient")?;
    if ids.next().is_some() {
        None
    } else {
        first.parse().ok()
    }
}

/// The names of parameters, as they stand in an address.
fn names(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|part| !part.is_empty()).map(|part| part.split('=').next().unwrap_or(part))
}

const LOG_QUERY: &str = "write ?patient=r0-3, and &after=17 for what follows entry 17";

const LOG_PROOF_QUERY: &str = "write ?patient=r0-3&number=17 for entry 17";

/// `patient=r0-3`, and `after=17` for the next page.
fn log_query(query: &str) -> Result<Ask, Refused> {
    let malformed = || Refused::malformed(LOG_QUERY);
    let (mut patient, mut after, mut count, mut format) = (None, None, None, None);
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(malformed)?;
        let value = value.replace("%2F", "/");
        match name {
            "patient" if patient.is_none() => {
                let id = value.strip_prefix("Patient/").unwrap_or(&value);
                patient = Some(id.parse().map_err(|_| malformed())?);
            }
            "after" if after.is_none() => after = Some(canonical(&value).ok_or_else(malformed)?),
            "_count" if count.is_none() => count = Some(read_count(&value).ok_or_else(malformed)?),
            "_format" if format.is_none() => format = Some(read_format(&value.replace("%2B", "+"))?),
            _ => return Err(malformed()),
        }
    }
    let relationship = patient.ok_or_else(malformed)?;
    Ok(Ask::AuditEvents { relationship, after: after.unwrap_or(0), count })
}

fn canonical(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn log_query_should_be_read_when_well_formed() {
        for (query, from, most) in [
            ("patient=r0-3", 0, None),
            ("patient=Patient/r0-3&after=17", 17, None),
            ("after=0&patient=Patient%2Fr0-3", 0, None),
            ("patient=r0-3&_count=2&_format=application/fhir%2Bjson", 0, Some(2)),
            ("_format=json&patient=r0-3&_count=0", 0, Some(0)),
        ] {
            let asked = log_query(query).unwrap();
            let Ask::AuditEvents { relationship, after, count } = asked else { panic!("{query}: {asked:?}") };
            assert_eq!((relationship, after, count), (RelationshipId::new(0, 3), from, most), "{query}");
        }
    }

    #[test]
    fn id_should_name_its_relationship_when_well_formed() {
        let id = Some(RelationshipId::new(0, 3));
        assert_eq!(relationship_of("Patient", "r0-3"), id);
        assert_eq!(relationship_of("Observation", &format!("r0-3.{}", "0a".repeat(16))), id);
        for odd in [
            "r0-3",
            "r0-3.",
            "r0-3.0A",
            &format!("r0-3.{}", "0A".repeat(16)),
            &format!("r00-3.{}", "0a".repeat(16)),
        ] {
            assert_eq!(relationship_of("Observation", odd), None, "{odd}");
        }
        assert_eq!(relationship_of("Patient", &format!("r0-3.{}", "0a".repeat(16))), None);
    }

    #[test]
    fn patient_should_be_named_by_id_when_patients_are_searched() {
        assert_eq!(patient_by_id("Patient", "_format=json&_id=r0-3"), Some(RelationshipId::new(0, 3)));
        for (resource_type, query) in
            [("Observation", "_id=r0-3"), ("Patient", "_id=r0-3&_id=r0-4"), ("Patient", "_id=r0-3,r0-4")]
        {
            assert_eq!(patient_by_id(resource_type, query), None, "{query}");
        }
    }

    #[test]
    fn log_proof_query_should_be_read_in_its_one_spelling() {
        let read = Ask::log_proof("patient=r0-3&number=17").unwrap();
        assert!(
            matches!(read, Ask::LogProof { number: 17, relationship } if relationship == RelationshipId::new(0, 3))
        );
        for query in [
            "",
            "patient=r0-3",
            "number=17&patient=r0-3",
            "patient=r0-3&number=017",
            "patient=r0-3&number=1&number=2",
        ] {
            assert!(Ask::log_proof(query).is_err(), "{query}");
        }
    }

    #[test]
    fn log_query_should_be_refused_when_anything_is_odd() {
        for query in [
            "",
            "patient=",
            "patient=r0-3&patient=r0-4",
            "patient=r0-3&after=-1",
            "patient=r0-3&x=1",
            "patient=r0-3&_count=x",
            "patient=r0-3&_count=1&_count=1",
            "patient=r0-3&_format=xml",
            "patient",
            "after=1",
        ] {
            assert!(log_query(query).is_err(), "{query}");
        }
    }
}
