//! Tests by topic.
#![allow(clippy::unwrap_used)]

mod free_calls;
mod lifecycle;
mod pointers;
