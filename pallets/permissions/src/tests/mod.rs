//! Tests by topic.
#![allow(clippy::unwrap_used)]

mod custody;
mod expiry;
mod facts;
mod free_calls;
mod glass;
mod refusals;
mod review;
mod revoke_all;
mod rules;
mod sharing;
