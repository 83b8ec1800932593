//! The runtimes of networks on one machine, as blobs: the relay chain's, which is Westend's, and ours, both with short sessions.
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(all(target_arch = "wasm32", not(feature = "parachain")))]
pub use westend_runtime::*;

#[cfg(all(target_arch = "wasm32", feature = "parachain"))]
pub use medrec_runtime::*;
