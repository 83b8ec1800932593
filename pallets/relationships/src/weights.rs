//! Weights of `pallet_relationships`, measured by `scripts/weights`: do not edit.
//!
//! 2026-11-22, benchmark command 64.0.0, 50 steps, 20 repeats, on Intel(R) Xeon(R) Processor.
//! What each function is the weight of is said by the benchmark of its name.

#![allow(clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, Weight},
};

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
    /// Weight of `set_custodians`; `n` is in `0..=4`.
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
    // Storage: `Registry::Accounts` (r:2 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::NextIndex` (r:1 w:1)
    // Proof: `Relationships::NextIndex` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:0 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    fn propose() -> Weight {
        // Proof in bytes: 639 measured, 6196 at worst.
        // At least 158_054_000 ps.
        Weight::from_parts(171_304_000, 6_196)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Suspensions` (r:1 w:0)
    // Proof: `Relationships::Suspensions` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    fn accept() -> Weight {
        // Proof in bytes: 236 measured, 3769 at worst.
        // At least 29_927_000 ps.
        Weight::from_parts(32_828_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:0)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Suspensions` (r:0 w:1)
    // Proof: `Relationships::Suspensions` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:0 w:1)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Handovers` (r:0 w:1)
    // Proof: `Relationships::Handovers` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
    fn reject() -> Weight {
        // Proof in bytes: 512 measured, 3769 at worst.
        // At least 120_522_000 ps.
        Weight::from_parts(128_919_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:6 w:6)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:1)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Pointers` (r:8 w:8)
    // Proof: `Relationships::Pointers` (`max_values`: None, `max_size`: Some(170), added: 2645, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:1)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Suspensions` (r:0 w:1)
    // Proof: `Relationships::Suspensions` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Handovers` (r:0 w:1)
    // Proof: `Relationships::Handovers` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Glasses` (r:0 w:1)
    // Proof: `Permissions::Glasses` (`max_values`: None, `max_size`: Some(281), added: 2756, mode: `MaxEncodedLen`)
    fn end() -> Weight {
        // Proof in bytes: 1926 measured, 22150 at worst.
        // At least 251_933_000 ps.
        Weight::from_parts(268_170_000, 22_150)
            .saturating_add(T::DbWeight::get().reads(21))
            .saturating_add(T::DbWeight::get().writes(22))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Handovers` (r:1 w:0)
    // Proof: `Relationships::Handovers` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Pointers` (r:1 w:1)
    // Proof: `Relationships::Pointers` (`max_values`: None, `max_size`: Some(170), added: 2645, mode: `MaxEncodedLen`)
    fn set_pointer() -> Weight {
        // Proof in bytes: 1111 measured, 3769 at worst.
        // At least 76_276_000 ps.
        Weight::from_parts(82_075_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Pointers` (r:1 w:1)
    // Proof: `Relationships::Pointers` (`max_values`: None, `max_size`: Some(170), added: 2645, mode: `MaxEncodedLen`)
    fn withdraw_pointer() -> Weight {
        // Proof in bytes: 638 measured, 3744 at worst.
        // At least 55_372_000 ps.
        Weight::from_parts(61_734_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:0)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    fn suspend() -> Weight {
        // Proof in bytes: 969 measured, 3769 at worst.
        // At least 64_075_000 ps.
        Weight::from_parts(113_782_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:0)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:0)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Suspensions` (r:1 w:1)
    // Proof: `Relationships::Suspensions` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    fn resume() -> Weight {
        // Proof in bytes: 1050 measured, 3769 at worst.
        // At least 78_180_000 ps.
        Weight::from_parts(157_417_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:0)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Pointers` (r:1 w:1)
    // Proof: `Relationships::Pointers` (`max_values`: None, `max_size`: Some(170), added: 2645, mode: `MaxEncodedLen`)
    fn acknowledge() -> Weight {
        // Proof in bytes: 892 measured, 3769 at worst.
        // At least 61_191_000 ps.
        Weight::from_parts(108_475_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:0)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::Accounts` (r:4 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:4 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:8 w:8)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:4 w:4)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Rules` (r:1 w:0)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    fn set_custodians(n: u32) -> Weight {
        // Proof in bytes: 998 + 116 n measured, 11146 + 2603 n at worst.
        // At least 118_487_000 ps.
        Weight::from_parts(210_680_867, 11_146)
            // Standard error: 1_298_537
            .saturating_add(Weight::from_parts(29_662_154, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().reads(4u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_603).saturating_mul(n.into()))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:2 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:0)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Rules` (r:1 w:0)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    fn remove_custodian() -> Weight {
        // Proof in bytes: 934 measured, 6068 at worst.
        // At least 77_274_000 ps.
        Weight::from_parts(158_571_000, 6_068)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:0)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:0)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    fn set_flags() -> Weight {
        // Proof in bytes: 698 measured, 3769 at worst.
        // At least 54_598_000 ps.
        Weight::from_parts(138_290_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:0)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:1)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    fn set_inactivity() -> Weight {
        // Proof in bytes: 698 measured, 3769 at worst.
        // At least 59_633_000 ps.
        Weight::from_parts(74_612_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:1)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    fn touch() -> Weight {
        // Proof in bytes: 698 measured, 3769 at worst.
        // At least 47_274_000 ps.
        Weight::from_parts(51_147_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:1)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    fn step_in() -> Weight {
        // Proof in bytes: 644 measured, 3769 at worst.
        // At least 47_738_000 ps.
        Weight::from_parts(51_397_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:1)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    fn confirm_step_in() -> Weight {
        // Proof in bytes: 1058 measured, 3769 at worst.
        // At least 64_000_000 ps.
        Weight::from_parts(68_625_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:1)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn step_out() -> Weight {
        // Proof in bytes: 969 measured, 3769 at worst.
        // At least 61_036_000 ps.
        Weight::from_parts(65_467_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Registry::Accounts` (r:2 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::NextIndex` (r:1 w:1)
    // Proof: `Relationships::NextIndex` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:0 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Handovers` (r:0 w:1)
    // Proof: `Relationships::Handovers` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
    fn propose_minor() -> Weight {
        // Proof in bytes: 681 measured, 6196 at worst.
        // At least 166_349_000 ps.
        Weight::from_parts(175_492_000, 6_196)
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    // Storage: `Registry::Accounts` (r:2 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Handovers` (r:1 w:1)
    // Proof: `Relationships::Handovers` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:6 w:6)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:0)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Suspensions` (r:1 w:1)
    // Proof: `Relationships::Suspensions` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    fn enrol_patient() -> Weight {
        // Proof in bytes: 1145 measured, 16224 at worst.
        // At least 134_792_000 ps.
        Weight::from_parts(141_299_000, 16_224)
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().writes(10))
    }
    // Storage: `Registry::Accounts` (r:2 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:1)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn request_rekey() -> Weight {
        // Proof in bytes: 1109 measured, 6046 at worst.
        // At least 94_843_000 ps.
        Weight::from_parts(101_530_000, 6_046)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // Storage: `Relationships::Rekeys` (r:1 w:1)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:0)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    fn approve_rekey() -> Weight {
        // Proof in bytes: 1149 measured, 3769 at worst.
        // At least 78_465_000 ps.
        Weight::from_parts(84_040_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Relationships::Rekeys` (r:1 w:1)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:2 w:2)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:0)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Suspensions` (r:1 w:1)
    // Proof: `Relationships::Suspensions` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    fn finish_rekey() -> Weight {
        // Proof in bytes: 1207 measured, 6068 at worst.
        // At least 101_747_000 ps.
        Weight::from_parts(108_830_000, 6_068)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:1)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    fn veto_rekey() -> Weight {
        // Proof in bytes: 569 measured, 3769 at worst.
        // At least 37_419_000 ps.
        Weight::from_parts(41_180_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:1)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:2 w:2)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Suspensions` (r:1 w:1)
    // Proof: `Relationships::Suspensions` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    fn reproof() -> Weight {
        // Proof in bytes: 1289 measured, 6068 at worst.
        // At least 89_146_000 ps.
        Weight::from_parts(95_681_000, 6_068)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Rekeys` (r:1 w:1)
    // Proof: `Relationships::Rekeys` (`max_values`: None, `max_size`: Some(155), added: 2630, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    fn cancel_rekey() -> Weight {
        // Proof in bytes: 1221 measured, 3769 at worst.
        // At least 65_719_000 ps.
        Weight::from_parts(71_981_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn withdraw_deposit() -> Weight {
        // Proof in bytes: 682 measured, 6196 at worst.
        // At least 121_747_000 ps.
        Weight::from_parts(129_062_000, 6_196)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Relationships::Keys` (r:1 w:1)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn charge() -> Weight {
        // Proof in bytes: 231 measured, 3529 at worst.
        // At least 26_179_000 ps.
        Weight::from_parts(28_137_000, 3_529)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
}

/// The weights where there is no runtime, at RocksDB's costs.
impl WeightInfo for () {
    fn propose() -> Weight {
        Weight::from_parts(171_304_000, 6_196)
            .saturating_add(RocksDbWeight::get().reads(9))
            .saturating_add(RocksDbWeight::get().writes(6))
    }
    fn accept() -> Weight {
        Weight::from_parts(32_828_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(2))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn reject() -> Weight {
        Weight::from_parts(128_919_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(7))
    }
    fn end() -> Weight {
        Weight::from_parts(268_170_000, 22_150)
            .saturating_add(RocksDbWeight::get().reads(21))
            .saturating_add(RocksDbWeight::get().writes(22))
    }
    fn set_pointer() -> Weight {
        Weight::from_parts(82_075_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(6))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn withdraw_pointer() -> Weight {
        Weight::from_parts(61_734_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(3))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn suspend() -> Weight {
        Weight::from_parts(113_782_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn resume() -> Weight {
        Weight::from_parts(157_417_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(7))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn acknowledge() -> Weight {
        Weight::from_parts(108_475_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn set_custodians(n: u32) -> Weight {
        Weight::from_parts(210_680_867, 11_146)
            .saturating_add(Weight::from_parts(29_662_154, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(8))
            .saturating_add(RocksDbWeight::get().reads(4u64.saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(5))
            .saturating_add(RocksDbWeight::get().writes(2u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_603).saturating_mul(n.into()))
    }
    fn remove_custodian() -> Weight {
        Weight::from_parts(158_571_000, 6_068)
            .saturating_add(RocksDbWeight::get().reads(6))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn set_flags() -> Weight {
        Weight::from_parts(138_290_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn set_inactivity() -> Weight {
        Weight::from_parts(74_612_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn touch() -> Weight {
        Weight::from_parts(51_147_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn step_in() -> Weight {
        Weight::from_parts(51_397_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn confirm_step_in() -> Weight {
        Weight::from_parts(68_625_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn step_out() -> Weight {
        Weight::from_parts(65_467_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn propose_minor() -> Weight {
        Weight::from_parts(175_492_000, 6_196)
            .saturating_add(RocksDbWeight::get().reads(10))
            .saturating_add(RocksDbWeight::get().writes(7))
    }
    fn enrol_patient() -> Weight {
        Weight::from_parts(141_299_000, 16_224)
            .saturating_add(RocksDbWeight::get().reads(16))
            .saturating_add(RocksDbWeight::get().writes(10))
    }
    fn request_rekey() -> Weight {
        Weight::from_parts(101_530_000, 6_046)
            .saturating_add(RocksDbWeight::get().reads(9))
            .saturating_add(RocksDbWeight::get().writes(4))
    }
    fn approve_rekey() -> Weight {
        Weight::from_parts(84_040_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(6))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn finish_rekey() -> Weight {
        Weight::from_parts(108_830_000, 6_068)
            .saturating_add(RocksDbWeight::get().reads(8))
            .saturating_add(RocksDbWeight::get().writes(5))
    }
    fn veto_rekey() -> Weight {
        Weight::from_parts(41_180_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(2))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn reproof() -> Weight {
        Weight::from_parts(95_681_000, 6_068)
            .saturating_add(RocksDbWeight::get().reads(8))
            .saturating_add(RocksDbWeight::get().writes(4))
    }
    fn cancel_rekey() -> Weight {
        Weight::from_parts(71_981_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn withdraw_deposit() -> Weight {
        Weight::from_parts(129_062_000, 6_196)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn charge() -> Weight {
        Weight::from_parts(28_137_000, 3_529)
            .saturating_add(RocksDbWeight::get().reads(2))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
}
