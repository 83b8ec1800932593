//! The networks of `zombienet/`: a relay chain with validators, which backs and finalises our parachain's blocks. Each test starts a
//! network of its own, so they run one after the other, and only by `scripts/network test`, which builds what they need.
#![allow(clippy::unwrap_used)]

mod collators;
mod consortium;
mod joining;
mod light;
mod split;
mod upgrade;
