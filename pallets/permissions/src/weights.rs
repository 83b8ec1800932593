//! Weights of `pallet-permissions`.
//!
//! Counted reads and writes of storage, at the cost that the runtime's database weights give them, until
//! `scripts/weights` has measured them on the machine at hand.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights that this pallet needs.
pub trait WeightInfo {
    /// Weight of `grant`.
    fn grant() -> Weight;
    /// Weight of `deny`.
    fn deny() -> Weight;
    /// Weight of `revoke`.
    fn revoke() -> Weight;
    /// Weight of clearing `n` rules of a relationship that ended.
    fn on_ended(n: u32) -> Weight;
}

/// The weights, for a runtime's own database costs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn grant() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn deny() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn revoke() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn on_ended(n: u32) -> Weight {
        Weight::from_parts(5_000_000, 3600)
            .saturating_add(Weight::from_parts(0, 3600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(n.into()))
            .saturating_add(T::DbWeight::get().writes(n.into()))
    }
}

impl WeightInfo for () {
    fn grant() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(6))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn deny() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(6))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn revoke() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn on_ended(n: u32) -> Weight {
        Weight::from_parts(5_000_000, 3600)
            .saturating_add(Weight::from_parts(0, 3600).saturating_mul(n.into()))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(n.into()))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(n.into()))
    }
}
