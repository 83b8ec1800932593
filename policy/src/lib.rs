#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(test, allow(clippy::unwrap_used))]
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

pub mod clock;
pub mod date;
pub mod decide;
pub mod error;
mod list;
pub mod mask;
pub mod purpose;
pub mod resource;
pub mod row;
pub mod scope;
pub mod terms;
#[cfg(test)]
mod testing;

pub use clock::Clock;
pub use date::Date;
pub use decide::{decide, decide_across, summary, Capacity, Decision, Opening, Permit, Request};
pub use error::ParseError;
pub use mask::ElementMask;
pub use medrec_primitives::{DecisionSummary, DenyReason, Facts, GrantFacts, GrantId, TERMS_PLAINTEXT_BYTES};
pub use purpose::Purpose;
pub use resource::ResourceType;
pub use row::{Coding, Row};
pub use scope::{Action, Actions, ElementPath, PathSet, Scope, Token, TypeSelector};
pub use terms::{PackError, Period, Terms, UnpackError};
