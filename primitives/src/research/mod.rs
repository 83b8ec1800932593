//! Research: what providers plan to release, what researchers claim, and what each answer costs in privacy.
//!
//! | Module | Holds |
//! |---|---|
//! | [`duo`] | purposes of a study, after GA4GH's Data Use Ontology |
//! | [`table`] | planned tables, their sensitivities, and how an answer's rho is shared among its parts |
//! | [`account`] | plans, what is left of a budget, what was earned |
//! | [`answer`] | studies, claims, answers and their commitments |
//! | [`choice`] | what a patient releases, as it is sealed |
//!
//! Privacy loss is counted in zero-concentrated differential privacy (Bun and Steinke 2016), in whole units of
//! [`RHO_UNIT`]: sums are exact, and so is what is left.

pub mod account;
pub mod answer;
pub mod choice;
pub mod duo;
pub mod table;

pub use account::{Budget, Earnings, Plan};
pub use answer::{Answer, AnswerKey, AnswerStatus, Claim, ClaimStatus, Study, StudyStatus};
pub use choice::ReleaseChoice;
pub use duo::DuoPurposes;
pub use table::{Fee, Part, PartKind, Payee, Table, TableKind, TableSpec, MAX_BOUND, MAX_CELLS};

/// Privacy loss: how many millionths of rho.
pub type Rho = u32;

/// How many units make a rho of 1.
pub const RHO_UNIT: Rho = 1_000_000;

/// What researchers earn by authoring and claim tables with.
pub type Credits = u32;

/// A study, by number.
pub type StudyId = u32;

/// A claim, by number.
pub type ClaimId = u32;

/// A planned table within its provider's, by number.
pub type TableId = u32;
