//! Tests of the runtime as a whole: through the executive, with signed transactions, from the development preset.
#![allow(clippy::unwrap_used)]

mod support;

mod abuse;
mod access;
mod apis;
mod authorship;
mod custody;
mod documents;
mod fees;
mod footprint;
mod free_calls;
mod governance;
mod indices;
mod membership;
mod messages;
mod metadata;
mod migrations;
mod model;
mod pausing;
mod presets;
mod proxies;
mod research;
mod weights;
