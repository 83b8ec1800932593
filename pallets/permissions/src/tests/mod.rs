//! Tests by topic.
#![allow(clippy::unwrap_used)]

mod custody;
mod facts;
mod rules;
