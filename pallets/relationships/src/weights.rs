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
    /// Weight of `suspend`.
    fn suspend() -> Weight;
    /// Weight of `resume`.
    fn resume() -> Weight;
    /// Weight of `acknowledge`.
    fn acknowledge() -> Weight;
    /// Weight of `set_custodians`, by the number of custodians on the list.
    fn set_custodians(n: u32) -> Weight;
    /// Weight of `remove_custodian`.
    fn remove_custodian() -> Weight;
    /// Weight of `set_flags`.
    fn set_flags() -> Weight;
    /// Weight of `set_inactivity`.
    fn set_inactivity() -> Weight;
    /// Weight of `touch`.
    fn touch() -> Weight;
    /// Weight of `step_in`.
    fn step_in() -> Weight;
    /// Weight of `confirm_step_in`.
    fn confirm_step_in() -> Weight;
    /// Weight of `step_out`.
    fn step_out() -> Weight;
    /// Weight of `propose_minor`.
    fn propose_minor() -> Weight;
    /// Weight of `enrol_patient`.
    fn enrol_patient() -> Weight;
    /// Weight of `request_rekey`.
    fn request_rekey() -> Weight;
    /// Weight of `approve_rekey`.
    fn approve_rekey() -> Weight;
    /// Weight of `finish_rekey`.
    fn finish_rekey() -> Weight;
    /// Weight of `veto_rekey`.
    fn veto_rekey() -> Weight;
    /// Weight of `reproof`.
    fn reproof() -> Weight;
    /// Weight of `cancel_rekey`.
    fn cancel_rekey() -> Weight;
    /// Weight of `withdraw_deposit`.
    fn withdraw_deposit() -> Weight;
    /// Weight of `charge`.
    fn charge() -> Weight;
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
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn reject() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    fn end() -> Weight {
        Weight::from_parts(30_000_000, 61200)
            .saturating_add(T::DbWeight::get().reads(17))
            .saturating_add(T::DbWeight::get().writes(18))
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
    fn suspend() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn resume() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn acknowledge() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn set_custodians(n: u32) -> Weight {
        let n = u64::from(n);
        Weight::from_parts(30_000_000, 28_800)
            .saturating_add(Weight::from_parts(10_000_000, 14_400).saturating_mul(n))
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().reads(n.saturating_mul(4)))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(n.saturating_mul(2)))
    }
    fn remove_custodian() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn set_flags() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn set_inactivity() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    fn touch() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn step_in() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn confirm_step_in() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn step_out() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn propose_minor() -> Weight {
        Weight::from_parts(30_000_000, 32400)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    fn enrol_patient() -> Weight {
        Weight::from_parts(30_000_000, 54000)
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().writes(10))
    }
    fn request_rekey() -> Weight {
        Weight::from_parts(30_000_000, 39600)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    fn approve_rekey() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    fn finish_rekey() -> Weight {
        Weight::from_parts(30_000_000, 28800)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    fn veto_rekey() -> Weight {
        Weight::from_parts(30_000_000, 7200)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn reproof() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    fn cancel_rekey() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn withdraw_deposit() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    fn charge() -> Weight {
        Weight::from_parts(30_000_000, 7200)
    }
}

impl WeightInfo for () {
    fn propose() -> Weight {
        Weight::from_parts(30_000_000, 32400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(9))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(6))
    }
    fn accept() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn reject() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(6))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(7))
    }
    fn end() -> Weight {
        Weight::from_parts(30_000_000, 61200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(17))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(18))
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
    fn suspend() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn resume() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(6))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn acknowledge() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn set_custodians(n: u32) -> Weight {
        let n = u64::from(n);
        Weight::from_parts(30_000_000, 28_800)
            .saturating_add(Weight::from_parts(10_000_000, 14_400).saturating_mul(n))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(8))
            .saturating_add(
                frame_support::weights::constants::RocksDbWeight::get().reads(n.saturating_mul(4)),
            )
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(5))
            .saturating_add(
                frame_support::weights::constants::RocksDbWeight::get().writes(n.saturating_mul(2)),
            )
    }
    fn remove_custodian() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn set_flags() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn set_inactivity() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(3))
    }
    fn touch() -> Weight {
        Weight::from_parts(30_000_000, 10800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(3))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn step_in() -> Weight {
        Weight::from_parts(30_000_000, 14400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(4))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn confirm_step_in() -> Weight {
        Weight::from_parts(30_000_000, 21600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(6))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn step_out() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn propose_minor() -> Weight {
        Weight::from_parts(30_000_000, 32400)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(9))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(7))
    }
    fn enrol_patient() -> Weight {
        Weight::from_parts(30_000_000, 54000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(15))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(10))
    }
    fn request_rekey() -> Weight {
        Weight::from_parts(30_000_000, 39600)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(11))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(4))
    }
    fn approve_rekey() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(7))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(1))
    }
    fn finish_rekey() -> Weight {
        Weight::from_parts(30_000_000, 28800)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(8))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(5))
    }
    fn veto_rekey() -> Weight {
        Weight::from_parts(30_000_000, 7200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(2))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn reproof() -> Weight {
        Weight::from_parts(30_000_000, 25200)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(7))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(5))
    }
    fn cancel_rekey() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn withdraw_deposit() -> Weight {
        Weight::from_parts(30_000_000, 18000)
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().reads(5))
            .saturating_add(frame_support::weights::constants::RocksDbWeight::get().writes(2))
    }
    fn charge() -> Weight {
        Weight::from_parts(30_000_000, 7200)
    }
}
