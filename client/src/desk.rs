//! The JSON bodies of the desk: what a provider's stewards do at its gatekeeper. Each request is signed by itself ([`crate::request`]).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is asked by `POST /desk/tickets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TicketRequest {
    /// The record number of the patient whose identity was proofed.
    pub record: String,
    /// What for.
    #[serde(rename = "for")]
    pub purpose: TicketFor,
    /// For a first key: although the record is enrolled already, or has a ticket that is still good.
    #[serde(default)]
    pub again: bool,
    /// For a child: the day on which it comes of age, as `2031-03-14`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_age: Option<String>,
    /// For a lost key, of a child with several guardians: the address of the one that is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
    /// For a lost key or a patient who has come of age, where the record has several relationships: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
}

/// What a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TicketFor {
    /// A patient's first key.
    First,
    /// The key of a child's guardian.
    Minor,
    /// A fresh key in the place of a lost one.
    Rekey,
    /// The own first key of a patient who has come of age.
    OfAge,
}

/// The answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MadeTicket {
    /// The ticket's text, as [`crate::enrol`] writes it.
    pub ticket: String,
    /// Until when it counts (ms).
    pub expires: u64,
}

/// `GET /desk/inbox`: what waits, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboxBody {
    /// As many as one answer holds.
    pub items: Vec<InboxItem>,
    /// How many wait in all.
    pub waiting: u64,
}

/// Something that was sent to be added to the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboxItem {
    /// Its number.
    pub number: u64,
    /// Whose records it is to be added to, such as `r0-3`.
    pub patient: String,
    /// Who sent it.
    pub account: String,
    /// As what: `patient`, `custodian` or `viewer`.
    pub capacity: String,
    /// When it came (ms).
    pub received: u64,
    /// The resource.
    pub resource: Value,
}

/// What is asked by `POST /desk/inbox/{number}`: exactly one of accepting and rejecting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboxDecision {
    /// Serve it from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<Accept>,
    /// Never serve it, for this reason, which stays with the gatekeeper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject: Option<String>,
}

/// How sensitive what is accepted is: said each time, so that nobody forgets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Accept {
    /// Security labels, each `system|code`; none for what no label is for.
    pub labels: Vec<String>,
}

/// `GET /desk/records`: of what nothing, or not all, is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordsBody {
    /// Patients' records that are suspended, the oldest suspension first.
    pub suspended: Vec<Suspended>,
    /// Kinds of rows that are withheld from everybody, as the mapping says.
    pub withheld: Vec<WithheldRule>,
}

/// A patient's record of which nothing is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Suspended {
    /// Its number.
    pub record: String,
    /// The relationships that are bound to it.
    pub relationships: Vec<String>,
    /// Why: `merge`, `split`, `doubt`.
    pub ground: String,
    /// Since when (ms).
    pub since: u64,
}

/// A rule by which rows are withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithheldRule {
    /// The FHIR type of the rows.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// The line of the mapping file at which the rule's `[[resource]]` begins.
    pub line: usize,
    /// Whether all of these rows are withheld, or those only for which the rule's conditions say so.
    pub all: bool,
    /// The ground that patients are told.
    pub ground: Option<String>,
}
