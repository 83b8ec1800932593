//! Tests by topic.
#![allow(clippy::unwrap_used)]

mod facts;
mod rules;
