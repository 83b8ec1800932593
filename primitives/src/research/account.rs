//! What is left: of a provider's budget of privacy, and of a researcher's credits.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use super::{Credits, Rho, TableId};
use crate::Moment;

/// A provider's plan for a year.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Plan {
    /// From when (ms).
    pub starts: Moment,
    /// Its first table.
    pub first: TableId,
    /// How many tables it has.
    pub tables: u32,
    /// The table that the anchors of its intervals carry, and its next epoch that none has carried yet.
    pub bounty: Option<(TableId, u16)>,
}

/// What a provider's answers have cost in privacy.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Budget {
    /// In the window that ends today.
    pub year: Rho,
    /// Ever.
    pub life: Rho,
    /// What may still be spent today.
    pub left: Rho,
}

/// What a researcher has earned.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Earnings {
    /// What it could spend now.
    pub spendable: Credits,
    /// What is set aside for claims.
    pub set_aside: Credits,
    /// Its blocks in the running era, which are not credits yet.
    pub blocks: u32,
}
