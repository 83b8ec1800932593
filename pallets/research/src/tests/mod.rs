//! What this pallet does, by topic.
#![allow(clippy::unwrap_used)]

mod answers;
mod bounties;
mod claims;
mod collators;
mod credits;
mod draws;
mod edges;
mod ledger;
mod migrations;
mod model;
mod plans;
mod refusals;
mod releases;
mod studies;
