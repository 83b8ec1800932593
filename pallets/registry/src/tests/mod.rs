//! Tests by topic.
#![allow(clippy::unwrap_used)]

mod groups;
mod keys;
mod members;
mod staff;
