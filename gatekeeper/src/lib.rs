//! The gatekeeper: stands in front of a provider's database and answers only what the chain permits.
#![doc = include_str!("../README.md")]

pub mod anchor;
pub mod auth;
pub mod chain;
pub mod cli;
pub mod clock;
pub mod config;
pub mod decide;
pub mod enrol;
pub mod fetch;
pub mod fhir;
pub mod form;
pub mod http;
pub mod inbox;
pub mod keys;
pub mod limits;
pub mod log;
pub mod mapping;
pub mod metrics;
pub mod pipeline;
pub mod redact;
pub mod research;
pub mod rpc;
pub mod seal;
pub mod smart;
pub mod store;
