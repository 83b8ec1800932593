//! Tests by topic.
#![allow(clippy::unwrap_used)]

mod deposits;
mod groups;
mod keys;
mod members;
mod refusals;
mod staff;
