//! Tests by topic.
#![allow(clippy::unwrap_used)]

mod anchors;
mod expiry;
mod hostile;
mod offchain;
mod receipts;
mod refusals;
mod requests;
