//! Weights that no pallet brings along.

pub mod pallet_xcm;
