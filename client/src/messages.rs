//! The JSON bodies that gatekeepers take and give, beside FHIR.
//!
//! | Route | Takes | Gives |
//! |---|---|---|
//! | `POST /auth/challenge` | [`ChallengeRequest`] | [`Challenge`] |
//! | `POST /auth/session` | [`SessionRequest`] | [`Session`] |
//! | `DELETE /auth/session` | | |
//! | `POST /enrol` | [`EnrolRequest`] | [`Enrolment`] |
//! | `GET /log?patient=r0-3` | | [`LogPage`] |
//! | `POST /links` | [`LinkRequest`] | [`MadeLink`] |
//! | `GET /links?patient=r0-3` | | [`Links`] |
//! | `DELETE /links/{account}?patient=r0-3` | | |
//!
//! Accounts are SS58 addresses, relationships `r0-3`, times milliseconds since the Unix epoch, signatures and
//! hashes hexadecimal digits after `0x`. Unknown fields are refused in what a gatekeeper takes and passed over
//! in what it gives, so that newer gatekeepers can say more.

use medrec_primitives::{MemberId, Moment};
use serde::{Deserialize, Serialize};

use crate::keys::KeyType;

/// Asks for a text to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengeRequest {
    /// Who wants to sign in.
    pub account: String,
    /// The purpose of the session, a code of HL7's PurposeOfUse.
    pub purpose: String,
    /// The one relationship that the session is to be about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
}

/// The text to sign: see [`crate::signin`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// To be signed without any change, raw or `<Bytes>`-wrapped.
    pub message: String,
    /// Until when it may be answered.
    pub expires: Moment,
}

/// Answers a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// [`Challenge::message`] as it was given.
    pub message: String,
    /// The account's signature under it.
    pub signature: String,
    /// The scheme of the account's key, where the signature's length does not tell.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub key_type: Option<KeyType>,
}

/// A session. The token says who asks and what for; it permits nothing by itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// For the header `Authorization: Bearer <token>`.
    pub token: String,
    /// Until when.
    pub expires: Moment,
}

impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Redeems a ticket: see [`crate::enrol`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The ticket's secret: 32 hexadecimal digits.
    pub ticket: String,
    /// The patient's fresh account for this relationship.
    pub account: String,
    /// Its signature under [`crate::enrol::message`].
    pub signature: String,
}

impl core::fmt::Debug for EnrolRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("EnrolRequest").field("account", &self.account).finish_non_exhaustive()
    }
}

/// What became of an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The provider.
    pub member: MemberId,
    /// The relationship: as proposed on chain, to be accepted by the account that enrolled, or the one in which the account
    /// takes a place.
    pub relationship: String,
    /// How far it is.
    #[serde(default)]
    pub stage: EnrolmentStage,
}

/// How far an enrolment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnrolmentStage {
    /// A new relationship is proposed.
    #[default]
    Proposed,
    /// The provider has said its word on a lost key; others have to act, or time has to pass.
    Waiting,
    /// The chain names the key in a relationship that was there before.
    Named,
}

/// A patient's log: who asked for their records, and what they were told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// Oldest first.
    pub entries: Vec<LogEntry>,
    /// The chain of hashes over all entries of this gatekeeper, as far as the last of these: `0x` and 64 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
}

/// One request as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its number in the gatekeeper's log.
    pub number: u64,
    /// When.
    pub time: Moment,
    /// The relationship.
    pub patient: String,
    /// Who asked.
    pub account: String,
    /// In which capacity the answer was given: patient, custodian, viewer, emergency; none for denials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<String>,
    /// The purpose claimed.
    pub purpose: String,
    /// `create`, `read`, `update`, `delete` or `search`.
    pub action: String,
    /// The FHIR resource type.
    pub resource: String,
    /// Whether it was permitted.
    pub permitted: bool,
    /// Why not, where it was denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The grants that permitted it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<u32>,
    /// How many records were shown.
    #[serde(default)]
    pub records: u32,
}

/// What a gatekeeper says where it does not speak FHIR and the answer is no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A word for programs.
    pub error: String,
    /// A sentence for people.
    pub message: String,
}

/// Asks for a share link.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// Whose records: the relationship.
    pub patient: String,
    /// What whoever holds it reads them for, a code of HL7's PurposeOfUse. The grant must name it.
    pub purpose: String,
    /// Until when.
    pub expires: Moment,
    /// What it wants to be told: 4 to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passcode: Option<String>,
    /// What it is, for people: 80 characters at most. It stands in the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether it leads to its file directly (`U`), for programs that know no manifests. Not with a passcode.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub direct: bool,
}

/// A share link, which shows nothing until its account is granted something on chain.
#[derive(Clone, Serialize, Deserialize)]
pub struct MadeLink {
    /// Whom to grant: what whoever holds the link reads as.
    pub account: String,
    /// The link: see [`crate::share_link`]. It is not to be had again.
    pub link: String,
}

/// The share links of a relationship.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// The newest first.
    pub links: Vec<LinkEntry>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkEntry {
    /// What whoever holds it reads as.
    pub account: String,
    /// What for.
    pub purpose: String,
    /// Since when.
    pub made: Moment,
    /// Until when.
    pub expires: Moment,
    /// Whether it wants a passcode.
    pub passcode: bool,
    /// How many wrong passcodes may still be tried; with none left it leads nowhere.
    #[serde(rename = "passcodeTriesLeft", default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
}
