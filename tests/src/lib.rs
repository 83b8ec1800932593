//! What the end-to-end tests and the demo have in common: they drive the built programs from outside.
//!
//! | Module | Does |
//! |---|---|
//! | [`binaries`] | finds the built programs |
//! | [`ports`], [`scratch`], [`process`] | free ports; temporary folders, kept after a failure with their logs; children that never outlive us |
//! | [`servers`] | a PostgreSQL server of a test's own, which can be killed; a MariaDB |
//! | [`clock`] | processes whose clock runs days ahead |
//! | [`haproxy`] | HAProxy in front of two gatekeepers |
//! | [`receiver`] | takes webhooks |
//! | [`wire`] | HTTP by hand, for requests that no well-behaved client sends |
//! | [`js`], [`verifier`] | scripts in Node.js with npm packages; the verifier of proofs in JavaScript |
//! | [`collators`] | a development chain with three collators |
//! | [`node`] | a development chain: start, stop, start again, pause, another genesis |
//! | [`examples`] | HL7's example records |
//! | [`hospitals`] | two hospitals with two different, ordinary database schemas, filled from these |
//! | [`gatekeeper`] | a gatekeeper in front of such a database: `init`, `check`, `serve`, tickets, `audit verify` |
//! | [`relay`] | networks with a relay chain, by `medrec-zombienet`: kill and restart nodes, cut a network in two, run the operators' handbook |
//! | [`upgrade`] | tries an upgrade on a chain's state |
//! | [`rpc`] | what a node says of its chain: heights, hashes, who made a block |
//! | [`practice`] | the world of the hostile requests: practices whose every value is unmistakable |
//! | [`census`] | hospitals with thousands of patients, for statistics |
//! | [`canaries`] | looks for what of the databases must be nowhere: state, blocks, events, logs, audit logs |
//! | [`portal`] | the page for people, built and looked at in a browser |
//! | [`network`] | all of it together: a chain, and two admitted providers with their gatekeepers |
//!
//! Tests fail by panicking: the folder of a network whose thread panics is kept, and the ends of its logs are
//! printed. `MEDREC_KEEP=1` keeps every folder.

pub mod binaries;
pub mod canaries;
pub mod census;
pub mod clock;
pub mod collators;
pub mod examples;
pub mod gatekeeper;
pub mod haproxy;
pub mod hospitals;
pub mod js;
pub mod network;
pub mod node;
pub mod portal;
pub mod ports;
pub mod practice;
pub mod process;
pub mod receiver;
pub mod relay;
pub mod rpc;
pub mod scratch;
pub mod servers;
pub mod upgrade;
pub mod verifier;
pub mod wire;

use std::{env, path::PathBuf};

/// The folder of the checkout that is under test.
///
/// It is asked for when a program runs: checkouts may share a target folder, and what one of them compiled counts as built in the other.
pub fn checkout() -> PathBuf {
    let package = || env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)?.parent().map(PathBuf::from);
    let known = env::var_os("MEDREC_ROOT").map(PathBuf::from).or_else(package);
    known.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")))
}

/// A file or folder of this package.
pub fn file(path: &str) -> PathBuf {
    checkout().join("tests").join(path)
}
