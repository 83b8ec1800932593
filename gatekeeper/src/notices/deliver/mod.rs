//! The ways of telling: each asks what an account may be told at the moment of telling, and none keeps a right.

pub mod feed;
pub mod socket;
pub mod sse;
pub mod webhook;
