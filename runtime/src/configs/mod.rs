//! What each pallet is told, by concern.

pub mod consensus;
pub mod fees;
pub mod governance;
pub mod medrec;
pub mod migrations;
pub mod pausing;
pub mod proxies;
mod receipts;
pub mod research;
pub mod scheduling;
pub mod system;
pub mod utility;
pub mod xcm;
