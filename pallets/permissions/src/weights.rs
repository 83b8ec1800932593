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
    /// Weight of `revoke` with `n` rules looked at, all of which fall.
    fn revoke(n: u32) -> Weight;
    /// Weight of `revoke_all` with `n` rules looked at, all of which fall.
    fn revoke_all(n: u32) -> Weight;
    /// Weight of `share` in a relationship with `n` rules.
    fn share(n: u32) -> Weight;
    /// Weight of `break_glass`.
    fn break_glass() -> Weight;
    /// Weight of `close_glass`.
    fn close_glass() -> Weight;
    /// Weight of `review_glass` for `n` breaks, all of which are closed.
    fn review_glass(n: u32) -> Weight;
    /// Weight of clearing `n` rules, and the glasses, of a relationship that ended.
    fn on_ended(n: u32) -> Weight;
    /// Weight of clearing away what has expired where there is nothing at all.
    fn expire_base() -> Weight;
    /// Weight of finding the next relationship that has rules or glasses.
    fn expire_peek() -> Weight;
    /// Weight of looking through `r` rules of a relationship, `n` of which fall.
    fn expire_rules(r: u32, n: u32) -> Weight;
    /// Weight of looking through the glasses of a relationship, `n` of which have expired.
    fn expire_glasses(n: u32) -> Weight;
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
    fn revoke(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(Weight::from_parts(1_000_000, 3600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(n.into()))
            .saturating_add(T::DbWeight::get().writes(n.into()).saturating_mul(2))
    }
    fn revoke_all(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 7200)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(Weight::from_parts(1_000_000, 3600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(n.into()))
            .saturating_add(T::DbWeight::get().writes(n.into()).saturating_mul(2))
    }
    fn share(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 32400)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(Weight::from_parts(1_000_000, 3600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(n.into()))
    }
    fn break_glass() -> Weight {
        Weight::from_parts(30_000_000, 43200)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    fn close_glass() -> Weight {
        Weight::from_parts(30_000_000, 28800)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    fn review_glass(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(Weight::from_parts(1_000_000, 10800).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(n.into()).saturating_mul(3))
            .saturating_add(T::DbWeight::get().writes(n.into()).saturating_mul(3))
    }
    fn on_ended(n: u32) -> Weight {
        // The glasses, and at most 32 sharers.
        Weight::from_parts(5_000_000, 86400)
            .saturating_add(T::DbWeight::get().reads(33))
            .saturating_add(T::DbWeight::get().writes(33))
            .saturating_add(Weight::from_parts(1_000_000, 2600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(n.into()))
            .saturating_add(T::DbWeight::get().writes(n.into()))
    }
    fn expire_base() -> Weight {
        Weight::from_parts(5_000_000, 7200)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn expire_peek() -> Weight {
        Weight::from_parts(5_000_000, 7200).saturating_add(T::DbWeight::get().reads(2))
    }
    fn expire_rules(r: u32, n: u32) -> Weight {
        Weight::from_parts(5_000_000, 3600)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(Weight::from_parts(1_000_000, 3600).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(r.into()))
            .saturating_add(T::DbWeight::get().writes(n.into()).saturating_mul(2))
    }
    fn expire_glasses(n: u32) -> Weight {
        Weight::from_parts(5_000_000, 3600)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(Weight::from_parts(1_000_000, 0).saturating_mul(n.into()))
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
    fn revoke(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(7))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
            .saturating_add(Weight::from_parts(1_000_000, 3600).saturating_mul(n.into()))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(n.into()))
            .saturating_add(
                frame_support::weights::constants::RocksDbWeight::get().writes(n.into()).saturating_mul(2),
            )
    }
    fn revoke_all(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 7200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(2))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
            .saturating_add(Weight::from_parts(1_000_000, 3600).saturating_mul(n.into()))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(n.into()))
            .saturating_add(
                frame_support::weights::constants::RocksDbWeight::get().writes(n.into()).saturating_mul(2),
            )
    }
    fn share(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 32400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(9))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(4))
            .saturating_add(Weight::from_parts(1_000_000, 3600).saturating_mul(n.into()))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(n.into()))
    }
    fn break_glass() -> Weight {
        Weight::from_parts(30_000_000, 43200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(12))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(6))
    }
    fn close_glass() -> Weight {
        Weight::from_parts(30_000_000, 28800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(8))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(3))
    }
    fn review_glass(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(Weight::from_parts(1_000_000, 10800).saturating_mul(n.into()))
            .saturating_add(
                frame_support::weights::constants::RocksDbWeight::get().reads(n.into()).saturating_mul(3),
            )
            .saturating_add(
                frame_support::weights::constants::RocksDbWeight::get().writes(n.into()).saturating_mul(3),
            )
    }
    fn on_ended(n: u32) -> Weight {
        // The glasses, and at most 32 sharers.
        Weight::from_parts(5_000_000, 86400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(33))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(33))
            .saturating_add(Weight::from_parts(1_000_000, 2600).saturating_mul(n.into()))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(n.into()))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(n.into()))
    }
    fn expire_base() -> Weight {
        Weight::from_parts(5_000_000, 7200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(2))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn expire_peek() -> Weight {
        Weight::from_parts(5_000_000, 7200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(2))
    }
    fn expire_rules(r: u32, n: u32) -> Weight {
        Weight::from_parts(5_000_000, 3600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(1))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
            .saturating_add(Weight::from_parts(1_000_000, 3600).saturating_mul(r.into()))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(r.into()))
            .saturating_add(
                frame_support::weights::constants::RocksDbWeight::get().writes(n.into()).saturating_mul(2),
            )
    }
    fn expire_glasses(n: u32) -> Weight {
        Weight::from_parts(5_000_000, 3600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(1))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
            .saturating_add(Weight::from_parts(1_000_000, 0).saturating_mul(n.into()))
    }
}
