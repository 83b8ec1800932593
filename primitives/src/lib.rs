//! The words that MedRec's chain, gatekeeper and clients have in common.
//!
//! Everything here is plain data with a SCALE encoding: no storage, no decisions (those are in
//! `medrec-policy`), no cryptography (that is in `medrec-client`). A type is here if and only if it
//! crosses a border between the runtime and the outside.
//!
//! | Module | Holds |
//! |---|---|
//! | [`ids`] | identifiers, which are never reused |
//! | [`member`] | members of the consortium, their keys, their staff, their groups |
//! | [`relationship`] | patient-provider relationships, custodians, record pointers |
//! | [`grant`] | grants and denials, sealed terms |
//! | [`glass`] | emergency access and its review |
//! | [`half_year`] | half-years, to which dates are rounded |
//! | [`access`] | requests on chain, receipts, anchors |
//! | [`merkle`] | the roots in anchors, and proofs of inclusion |
//! | [`research`] | planned tables, studies, claims, answers, what a patient releases |
//! | [`facts`] | what the chain knows of one viewer and one relationship at one block |
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

extern crate alloc;

pub mod access;
pub mod facts;
pub mod glass;
pub mod grant;
pub mod half_year;
pub mod ids;
pub mod member;
pub mod merkle;
pub mod relationship;
pub mod research;

pub use access::{
    AccessRequest, Anchor, Receipt, RefusalReason, RequestOutcome, RequestStatus, SealedQuestion, Settlement,
    SignedReceipt,
};
pub use facts::{DecisionSummary, DenyReason, EmergencyFacts, Facts, GrantFacts, StaffFacts};
pub use glass::{Glass, GlassReview, ReasonDigest, ReviewOutcome};
pub use grant::{Effect, Grant, GrantTerms, SealedTerms, Viewer, TERMS_PLAINTEXT_BYTES};
pub use half_year::is_half_year;
pub use ids::{GlassId, GrantId, GroupId, MemberId, RelationshipId, RequestId, SealingKeyId, StaffId};
pub use member::{GatekeeperUrl, Member, MemberName, MemberRole, MemberStatus, SealingKey, Staff, StaffRole};
pub use relationship::{
    Custodian, CustodianRights, Pointer, RelationshipFlags, RelationshipStatus, SealedLocator, TicketDigest,
    LOCATOR_PLAINTEXT_BYTES,
};

/// An account: the public key, or the hash of one, behind which a person or a program signs.
pub type AccountId = sp_core::crypto::AccountId32;

/// A point in time: milliseconds since the Unix epoch, as `pallet-timestamp` counts them.
pub type Moment = u64;

/// One day in [`Moment`] units (ms).
pub const DAY_MS: Moment = 24 * 60 * 60 * 1000;
