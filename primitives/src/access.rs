//! Requests on chain, their receipts, and anchors.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{AccountId, Moment, RelationshipId, RequestId, SealedTerms};

/// A question sealed to the provider: of the size and form of sealed terms, so that nothing but the size of all is seen.
/// Its commitment is the salted digest of what is asked.
pub type SealedQuestion = SealedTerms;

/// Where an open request stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RequestStatus {
    /// The chain alone could not know the answer, and the patient's side has not said anything.
    Waiting,
    /// The provider's gatekeeper may answer, once; the policy still decides.
    Ready,
}

/// An open request as the chain keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AccessRequest {
    /// Whose records.
    pub relationship: RelationshipId,
    /// Who asks.
    pub asker: AccountId,
    /// What is asked.
    pub question: SealedQuestion,
    /// Until when it may be answered (ms).
    pub expires: Moment,
    /// Where it stands.
    pub status: RequestStatus,
}

/// Why a gatekeeper refused. Coarse on purpose: the chain is public.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RefusalReason {
    /// Access is not permitted, or there is nothing to be found.
    NotPermitted,
    /// The question does not open, or makes no sense to this gatekeeper.
    NotUnderstood,
}

/// How a gatekeeper settled a request.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Settlement {
    /// There is an answer, to be picked up at the gatekeeper.
    Fulfilled,
    /// There is none.
    Refused(RefusalReason),
}

/// How a request ended, as the chain keeps it for a while.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RequestOutcome {
    /// The patient's side declined.
    Declined,
    /// The gatekeeper settled it.
    Settled {
        /// How.
        settlement: Settlement,
        /// Salted digest of the answer.
        digest: [u8; 32],
    },
}

/// A request that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Receipt {
    /// Whose records.
    pub relationship: RelationshipId,
    /// Who asked.
    pub asker: AccountId,
    /// How it ended.
    pub outcome: RequestOutcome,
    /// When (ms).
    pub at: Moment,
}

/// What a gatekeeper hands back for a request that it settled: all that the chain needs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SignedReceipt {
    /// Which request.
    pub request: RequestId,
    /// How.
    pub settlement: Settlement,
    /// Salted digest of the answer.
    pub digest: [u8; 32],
    /// The gatekeeper's sr25519 signature under [`receipt_message`].
    pub signature: [u8; 64],
}

/// How many requests a node hands to a gatekeeper at once, and how many receipts come back, at most.
pub const HAND_OVER: usize = 16;

/// Where, beneath its address, a gatekeeper takes requests from its node: `POST` of a SCALE-encoded list of request
/// identifiers, answered by a SCALE-encoded list of [`SignedReceipt`].
pub const HAND_OVER_PATH: &str = "/chain/requests";

/// The header by which a node proves itself to the gatekeeper beside it.
pub const HAND_OVER_HEADER: &str = "MedRec-Hand-Over";

/// What a gatekeeper signs, on the chain whose genesis hash this is.
pub fn receipt_message(
    genesis: &[u8],
    request: RequestId,
    settlement: Settlement,
    digest: &[u8; 32],
) -> alloc::vec::Vec<u8> {
    (b"medrec/receipt/v1", genesis, request, settlement, digest).encode()
}

/// What a provider vouches for at the end of an interval. It says nothing of how much there is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Anchor {
    /// The interval, which has ended: its number since the Unix epoch.
    pub interval: u32,
    /// Root over the records of all its relationships: [`crate::merkle::Kind::Records`].
    pub records: [u8; 32],
    /// Root of its access log: [`crate::merkle::Kind::Log`].
    pub log: [u8; 32],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipt_message_should_differ_when_anything_in_it_does() {
        let id = RequestId::new(1, 2);
        let refused = Settlement::Refused(RefusalReason::NotPermitted);
        let all = [
            receipt_message(&[1; 32], id, Settlement::Fulfilled, &[0; 32]),
            receipt_message(&[2; 32], id, Settlement::Fulfilled, &[0; 32]),
            receipt_message(&[1; 32], RequestId::new(1, 3), Settlement::Fulfilled, &[0; 32]),
            receipt_message(&[1; 32], RequestId::new(2, 2), Settlement::Fulfilled, &[0; 32]),
            receipt_message(&[1; 32], id, refused, &[0; 32]),
            receipt_message(&[1; 32], id, Settlement::Refused(RefusalReason::NotUnderstood), &[0; 32]),
            receipt_message(&[1; 32], id, Settlement::Fulfilled, &[1; 32]),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(all.iter().skip(n + 1).all(|other| other != one), "{n}");
        }
    }
}
