//! Requests on chain, anchors.

use medrec_primitives::{Anchor, Moment, RelationshipId, RequestId, SealedQuestion};

use super::Call;

const PALLET: &str = "Access";

/// Ask a provider for something of one relationship's records.
pub fn request(relationship: RelationshipId, question: &SealedQuestion, expires: Moment) -> Call {
    Call::new(PALLET, "request")
        .scale("relationship", relationship)
        .scale("question", question)
        .scale("expires", expires)
}

/// Let the provider's gatekeeper answer a request, once.
pub fn approve(request: RequestId) -> Call {
    Call::new(PALLET, "approve").scale("request", request)
}

/// Decline a request.
pub fn decline(request: RequestId) -> Call {
    Call::new(PALLET, "decline").scale("request", request)
}

/// Take a request back.
pub fn cancel(request: RequestId) -> Call {
    Call::new(PALLET, "cancel").scale("request", request)
}

/// Anchor the interval that has just ended: an active provider, or its gatekeeper's key.
pub fn anchor(anchor: &Anchor) -> Call {
    Call::new(PALLET, "anchor")
        .number("interval", anchor.interval)
        .scale("records", anchor.records)
        .scale("log", anchor.log)
}
