//! Weights of `pallet-research`.
//!
//! Counted reads and writes of storage, at the cost that the runtime's database weights give them, until
//! `scripts/weights` has measured them on the machine at hand.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights that this pallet needs.
pub trait WeightInfo {
    /// Weight of counting a block for a researcher, with the credits of its last era.
    fn note_author() -> Weight;
    /// Weight of `register_collator`.
    fn register_collator() -> Weight;
    /// Weight of `approve_collator`.
    fn approve_collator() -> Weight;
    /// Weight of `remove_collator`.
    fn remove_collator() -> Weight;
    /// Weight of `accept_researcher`.
    fn accept_researcher() -> Weight;
    /// Weight of looking at a collator that an earlier version registered, and removing it.
    fn forget_collator() -> Weight;
    /// Weight of `propose_study`.
    fn propose_study() -> Weight;
    /// Weight of `approve_study`.
    fn approve_study() -> Weight;
    /// Weight of `end_study`.
    fn end_study() -> Weight;
    /// Weight of `set_bounty_study`.
    fn set_bounty_study() -> Weight;
    /// Weight of `publish_plan`, by the number of tables.
    fn publish_plan(n: u32) -> Weight;
    /// Weight of `withdraw_table`.
    fn withdraw_table() -> Weight;
    /// Weight of `set_release`.
    fn set_release() -> Weight;
    /// Weight of `place_releases`, by the number of choices.
    fn place_releases(n: u32) -> Weight;
    /// Weight of `claim`.
    fn claim() -> Weight;
    /// Weight of looking whether anything can be drawn, and at the beacon.
    fn draw_start() -> Weight;
    /// Weight of drawing one claim.
    fn draw_entry() -> Weight;
    /// Weight of `commit`.
    fn commit() -> Weight;
    /// Weight of `declare_lost`.
    fn declare_lost() -> Weight;
    /// Weight of `close_claim`.
    fn close_claim() -> Weight;
    /// Weight of `dispute`.
    fn dispute() -> Weight;
    /// Weight of `resolve`.
    fn resolve() -> Weight;
    /// Weight of carrying a bounty.
    fn on_anchored() -> Weight;
    /// Weight of forgetting the choice of a relationship that ends.
    fn on_ended() -> Weight;
}

/// The weights, for a runtime's own database costs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn note_author() -> Weight {
        Weight::from_parts(40_000_000, 28800)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    fn register_collator() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn approve_collator() -> Weight {
        Weight::from_parts(80_000_000, 25200)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn remove_collator() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    fn accept_researcher() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn forget_collator() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    fn propose_study() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    fn approve_study() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn end_study() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    fn set_bounty_study() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn publish_plan(n: u32) -> Weight {
        // A plan that is replaced may have had as many tables as there may be, 64.
        Weight::from_parts(60_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(66))
            .saturating_add(Weight::from_parts(2_000_000, 3600).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(1, 1).saturating_mul(n.into()))
    }
    fn withdraw_table() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn set_release() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn place_releases(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 7200)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(Weight::from_parts(6_000_000, 14400).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads_writes(4, 1).saturating_mul(n.into()))
    }
    fn claim() -> Weight {
        Weight::from_parts(60_000_000, 68400)
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().writes(10))
    }
    fn draw_start() -> Weight {
        Weight::from_parts(50_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn draw_entry() -> Weight {
        Weight::from_parts(80_000_000, 79200)
            .saturating_add(T::DbWeight::get().reads(22))
            .saturating_add(T::DbWeight::get().writes(14))
    }
    fn commit() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn declare_lost() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn close_claim() -> Weight {
        Weight::from_parts(60_000_000, 39600)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    fn dispute() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn resolve() -> Weight {
        Weight::from_parts(60_000_000, 39600)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    fn on_anchored() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    fn on_ended() -> Weight {
        Weight::from_parts(10_000_000, 3600)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
}

impl WeightInfo for () {
    fn note_author() -> Weight {
        Weight::from_parts(40_000_000, 28800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(8))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(7))
    }
    fn register_collator() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn approve_collator() -> Weight {
        Weight::from_parts(80_000_000, 25200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(7))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn remove_collator() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(3))
    }
    fn accept_researcher() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(1))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn forget_collator() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(4))
    }
    fn propose_study() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(3))
    }
    fn approve_study() -> Weight {
        Weight::from_parts(30_000_000, 3600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(1))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn end_study() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(3))
    }
    fn set_bounty_study() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn publish_plan(n: u32) -> Weight {
        // A plan that is replaced may have had as many tables as there may be, 64.
        Weight::from_parts(60_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(66))
            .saturating_add(Weight::from_parts(2_000_000, 3600).saturating_mul(n.into()))
            .saturating_add(
                frame_support::weights::constants::RocksDbWeight::get()
                    .reads_writes(1, 1)
                    .saturating_mul(n.into()),
            )
    }
    fn withdraw_table() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn set_release() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn place_releases(n: u32) -> Weight {
        Weight::from_parts(30_000_000, 7200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(2))
            .saturating_add(Weight::from_parts(6_000_000, 14400).saturating_mul(n.into()))
            .saturating_add(
                frame_support::weights::constants::RocksDbWeight::get()
                    .reads_writes(4, 1)
                    .saturating_mul(n.into()),
            )
    }
    fn claim() -> Weight {
        Weight::from_parts(60_000_000, 68400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(19))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(10))
    }
    fn draw_start() -> Weight {
        Weight::from_parts(50_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn draw_entry() -> Weight {
        Weight::from_parts(80_000_000, 79200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(22))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(14))
    }
    fn commit() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn declare_lost() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn close_claim() -> Weight {
        Weight::from_parts(60_000_000, 39600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(11))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(7))
    }
    fn dispute() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn resolve() -> Weight {
        Weight::from_parts(60_000_000, 39600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(11))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(7))
    }
    fn on_anchored() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(7))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(4))
    }
    fn on_ended() -> Weight {
        Weight::from_parts(10_000_000, 3600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(1))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
}
