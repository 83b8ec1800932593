//! Tests by topic.
#![allow(clippy::unwrap_used)]

mod custodians;
mod deposits;
mod flags;
mod free_calls;
mod lifecycle;
mod minors;
mod pointers;
mod rekey;
mod silence;
