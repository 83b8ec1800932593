//! Weights of `pallet-registry`.
//!
//! Counted reads and writes of storage, at the cost that the runtime's database weights give them, until
//! `scripts/weights` has measured them on the machine at hand.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights that this pallet needs.
pub trait WeightInfo {
    /// Weight of `apply`.
    fn apply() -> Weight;
    /// Weight of `withdraw`.
    fn withdraw() -> Weight;
    /// Weight of `update`.
    fn update() -> Weight;
    /// Weight of `rotate_gatekeeper_key`.
    fn rotate_gatekeeper_key() -> Weight;
    /// Weight of `rotate_sealing_key`.
    fn rotate_sealing_key() -> Weight;
    /// Weight of `add_staff`.
    fn add_staff() -> Weight;
    /// Weight of `rotate_staff_key`.
    fn rotate_staff_key() -> Weight;
    /// Weight of `remove_staff`.
    fn remove_staff() -> Weight;
    /// Weight of `admit`.
    fn admit() -> Weight;
    /// Weight of `suspend`.
    fn suspend() -> Weight;
    /// Weight of `reinstate`.
    fn reinstate() -> Weight;
    /// Weight of `remove`.
    fn remove() -> Weight;
    /// Weight of `create_group`.
    fn create_group() -> Weight;
    /// Weight of `add_to_group`.
    fn add_to_group() -> Weight;
    /// Weight of `remove_from_group`.
    fn remove_from_group() -> Weight;
    /// Weight of `dissolve_group`.
    fn dissolve_group() -> Weight;
}

/// The weights, for a runtime's own database costs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn apply() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    fn withdraw() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    fn update() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    fn rotate_gatekeeper_key() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    fn rotate_sealing_key() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    fn add_staff() -> Weight {
        Weight::from_parts(30_000_000, 28800)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    fn rotate_staff_key() -> Weight {
        Weight::from_parts(30_000_000, 28800)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    fn remove_staff() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn admit() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn suspend() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn reinstate() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn remove() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    fn create_group() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    fn add_to_group() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    fn remove_from_group() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    fn dissolve_group() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(4))
    }
}

impl WeightInfo for () {
    fn apply() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(7))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(7))
    }
    fn withdraw() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(6))
    }
    fn update() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(4))
    }
    fn rotate_gatekeeper_key() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(4))
    }
    fn rotate_sealing_key() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(3))
    }
    fn add_staff() -> Weight {
        Weight::from_parts(30_000_000, 28800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(8))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(7))
    }
    fn rotate_staff_key() -> Weight {
        Weight::from_parts(30_000_000, 28800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(8))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(5))
    }
    fn remove_staff() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn admit() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(1))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn suspend() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(1))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn reinstate() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(1))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn remove() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(3))
    }
    fn create_group() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(4))
    }
    fn add_to_group() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(3))
    }
    fn remove_from_group() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(3))
    }
    fn dissolve_group() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(6))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(4))
    }
}
