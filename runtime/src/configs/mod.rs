//! What each pallet is told, by concern.
//!
//! Where arithmetic is allowed, it makes constants of constants: sums of deposits, and shares of a block.

pub mod consensus;
pub mod fees;
#[allow(clippy::arithmetic_side_effects)]
pub mod governance;
#[allow(clippy::arithmetic_side_effects)]
pub mod medrec;
#[allow(clippy::arithmetic_side_effects)]
pub mod migrations;
pub mod pausing;
pub mod proxies;
mod receipts;
pub mod research;
pub mod scheduling;
#[allow(clippy::arithmetic_side_effects)]
pub mod system;
pub mod utility;
#[allow(clippy::arithmetic_side_effects)]
pub mod xcm;
