//! Weights of `pallet-access`.
//!
//! Counted reads and writes of storage, at the cost that the runtime's database weights give them, until
//! `scripts/weights` has measured them on the machine at hand.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights that this pallet needs.
pub trait WeightInfo {
    /// Weight of `request`.
    fn request() -> Weight;
    /// Weight of `approve`.
    fn approve() -> Weight;
    /// Weight of `decline`.
    fn decline() -> Weight;
    /// Weight of `cancel`.
    fn cancel() -> Weight;
    /// Weight of `fulfil`.
    fn fulfil() -> Weight;
    /// Weight of `refuse`.
    fn refuse() -> Weight;
    /// Weight of looking at a receipt before it enters the pool or a block.
    fn authorize_receipt() -> Weight;
    /// Weight of `expire`.
    fn expire() -> Weight;
    /// Weight of `anchor`.
    fn anchor() -> Weight;
    /// Weight of looking whether anything is due.
    fn sweep_start() -> Weight;
    /// Weight of looking at a minute and removing one entry of it, a request at worst.
    fn sweep_entry() -> Weight;
}

/// The weights, for a runtime's own database costs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn request() -> Weight {
        // 9, and what the decision is told: 112 rules, 32 of them with sharer, record and member, and the asker's own.
        Weight::from_parts(260_000_000, 813600)
            .saturating_add(T::DbWeight::get().reads(226))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    fn approve() -> Weight {
        // 6, and what the decision is told: 112 rules, 32 of them with sharer, record and member, and the asker's own.
        Weight::from_parts(260_000_000, 802800)
            .saturating_add(T::DbWeight::get().reads(223))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn decline() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(8))
    }
    fn cancel() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    fn fulfil() -> Weight {
        Weight::from_parts(30_000_000, 36000)
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(11))
    }
    fn refuse() -> Weight {
        Weight::from_parts(30_000_000, 36000)
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(11))
    }
    fn authorize_receipt() -> Weight {
        Weight::from_parts(80_000_000, 10800).saturating_add(T::DbWeight::get().reads(3))
    }
    fn expire() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    fn anchor() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn sweep_start() -> Weight {
        Weight::from_parts(30_000_000, 7200)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn sweep_entry() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(6))
    }
}

impl WeightInfo for () {
    fn request() -> Weight {
        // 9, and what the decision is told: 112 rules, 32 of them with sharer, record and member, and the asker's own.
        Weight::from_parts(260_000_000, 813600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(226))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(6))
    }
    fn approve() -> Weight {
        // 6, and what the decision is told: 112 rules, 32 of them with sharer, record and member, and the asker's own.
        Weight::from_parts(260_000_000, 802800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(223))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn decline() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(7))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(8))
    }
    fn cancel() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(6))
    }
    fn fulfil() -> Weight {
        Weight::from_parts(30_000_000, 36000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(10))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(11))
    }
    fn refuse() -> Weight {
        Weight::from_parts(30_000_000, 36000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(10))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(11))
    }
    fn authorize_receipt() -> Weight {
        Weight::from_parts(80_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
    }
    fn expire() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(6))
    }
    fn anchor() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn sweep_start() -> Weight {
        Weight::from_parts(30_000_000, 7200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(2))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn sweep_entry() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(6))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(6))
    }
}
