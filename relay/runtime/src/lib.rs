//! The relay chain's runtime as a blob: Westend's, with short sessions.
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(target_arch = "wasm32")]
pub use westend_runtime::*;

#[cfg(feature = "std")]
mod wasm {
    #![allow(missing_docs, dead_code)] // Generated.
    include!(concat!(env!("OUT_DIR"), "/westend_runtime"));
}

#[cfg(feature = "std")]
pub use wasm::WASM_BINARY;
