//! What came of a request, in the words that the asker gets and in those that the log keeps.

use medrec_policy::{Capacity, Permit};
use medrec_primitives::StaffId;
use serde_json::{json, Value};

use super::{Ask, Refused};
use crate::{
    chain::Hash,
    decide::{Refusal, Ruling, Unavailable},
    fetch::FetchError,
    fhir::{outcome, IssueCode},
    store::inbox::NewItem,
};

/// What every denial says, whoever asks for whatever of whomever.
const DENIED: &str = "access is not permitted, or there is nothing to be found";

/// What a permitted asker is told of what is not there, or not for them.
const ABSENT: &str = "there is no such resource";

/// What came of a request, before it is sealed and logged.
pub(super) struct Outcome {
    pub status: u16,
    pub body: Value,
    pub retry_after: Option<u64>,
    pub reason: Option<String>,
    pub capacity: Option<Capacity>,
    pub staff: Option<StaffId>,
    pub grants: Vec<u32>,
    pub records: usize,
    pub blocks: Vec<Hash>,
    /// What is added to the inbox with the entry on the log.
    pub item: Option<NewItem>,
}

impl Outcome {
    fn of(status: u16, body: Value) -> Self {
        Self {
            status,
            body,
            retry_after: None,
            reason: None,
            capacity: None,
            staff: None,
            grants: Vec::new(),
            records: 0,
            blocks: Vec::new(),
            item: None,
        }
    }

    fn on(self, ruling: &Ruling) -> Self {
        Self { staff: ruling.staff, blocks: ruling.blocks.clone(), ..self }
    }

    fn by(self, permit: &Permit) -> Self {
        Self { capacity: Some(permit.capacity()), grants: permit.grants().collect(), ..self }
    }

    pub fn denied(refusal: Refusal, ruling: &Ruling, ask: &Ask) -> Self {
        let body =
            if ask.is_fhir() { outcome(IssueCode::Forbidden, DENIED) } else { problem("forbidden", DENIED) };
        Self { reason: Some(refusal.word()), ..Self::of(403, body).on(ruling) }
    }

    pub fn absent(permit: &Permit, ruling: &Ruling) -> Self {
        Self::of(404, outcome(IssueCode::NotFound, ABSENT)).on(ruling).by(permit)
    }

    pub fn shown(body: Value, records: usize, permit: &Permit, ruling: &Ruling) -> Self {
        Self { records, ..Self::of(200, body).on(ruling).by(permit) }
    }

    pub fn adding(self, item: NewItem) -> Self {
        Self { item: Some(item), ..self }
    }

    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub fn unavailable(unavailable: &Unavailable) -> Self {
        if let Unavailable::Chain(error) = unavailable {
            tracing::warn!(%error, "cannot decide");
        }
        let message = "the chain cannot be relied on right now: try again";
        Self {
            retry_after: Some(2),
            reason: Some(unavailable.word().into()),
            ..Self::of(503, outcome(IssueCode::Transient, message))
        }
    }

    /// The database did not give the records: now, or not as it is.
    pub fn not_fetched(error: &FetchError, ruling: &Ruling) -> Self {
        tracing::error!(%error, "cannot fetch");
        if !error.is_passing() {
            return Self::internal("Fetch", ruling);
        }
        let message = "the provider's database does not answer in time: try again later";
        Self {
            retry_after: Some(5),
            reason: Some("Database".into()),
            ..Self::of(503, outcome(IssueCode::Transient, message)).on(ruling)
        }
    }

    pub fn internal(reason: &str, ruling: &Ruling) -> Self {
        Self { reason: Some(reason.into()), ..Self::of(500, internal_error()).on(ruling) }
    }
}

/// There is nothing of the kind, for this asker.
pub(super) fn absent() -> Refused {
    Refused { status: 404, body: outcome(IssueCode::NotFound, ABSENT), fhir: true }
}

/// What every denial says.
pub(super) fn denied() -> Refused {
    Refused { status: 403, body: outcome(IssueCode::Forbidden, DENIED), fhir: true }
}

pub(super) fn throttled() -> Value {
    outcome(IssueCode::Throttled, "too many requests: slow down")
}

pub(super) fn internal_error() -> Value {
    outcome(IssueCode::Exception, "the gatekeeper cannot answer this now")
}

pub(super) fn problem(error: &str, message: &str) -> Value {
    json!({ "error": error, "message": message })
}
