#![doc = include_str!("../README.md")]

pub mod answer;
pub mod canonical;
mod commit;
pub mod disclose;
pub mod place;
pub mod shape;
mod tree;
pub mod verify;

pub use commit::{Committed, Seed, TooLarge};
pub use verify::{Altered, Claim};
