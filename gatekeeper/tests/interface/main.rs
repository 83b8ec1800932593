//! What a standard client meets: FHIR, SMART App Launch, browsers' rules, over the whole way from HTTP to the database.
#![allow(clippy::unwrap_used)]

mod absence;
#[path = "../common/mod.rs"]
mod common;
mod cors;
mod desk;
mod fhir;
mod inbox;
mod links;
mod smart;
