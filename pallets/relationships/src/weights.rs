//! Weights of `pallet-relationships`.
//!
//! Counted reads and writes of storage, at the cost that the runtime's database weights give them, until
//! `scripts/weights` has measured them on the machine at hand.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights that this pallet needs.
pub trait WeightInfo {
    /// Weight of `propose`.
    fn propose() -> Weight;
    /// Weight of `accept`.
    fn accept() -> Weight;
    /// Weight of `reject`.
    fn reject() -> Weight;
    /// Weight of `end`.
    fn end() -> Weight;
    /// Weight of `set_pointer`.
    fn set_pointer() -> Weight;
    /// Weight of `withdraw_pointer`.
    fn withdraw_pointer() -> Weight;
}

/// The weights, for a runtime's own database costs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn propose() -> Weight {
        Weight::from_parts(30_000_000, 32400)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    fn accept() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn reject() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    fn end() -> Weight {
        Weight::from_parts(30_000_000, 50400)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(13))
    }
    fn set_pointer() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn withdraw_pointer() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }
}

impl WeightInfo for () {
    fn propose() -> Weight {
        Weight::from_parts(30_000_000, 32400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(9))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(6))
    }
    fn accept() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn reject() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(4))
    }
    fn end() -> Weight {
        Weight::from_parts(30_000_000, 50400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(14))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(13))
    }
    fn set_pointer() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn withdraw_pointer() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
}
