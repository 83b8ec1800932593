//! Weights of `pallet_registry`, measured by `scripts/weights`: do not edit.
//!
//! 2026-11-23, benchmark command 64.0.0, 50 steps, 20 repeats, on Intel(R) Xeon(R) Processor.
//! What each function is the weight of is said by the benchmark of its name.

#![allow(clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, Weight},
};

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
    // Storage: `Registry::Accounts` (r:2 w:2)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:2 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:2 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Registry::NextMember` (r:1 w:1)
    // Proof: `Registry::NextMember` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Registry::Names` (r:1 w:1)
    // Proof: `Registry::Names` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::SealingKeys` (r:0 w:1)
    // Proof: `Registry::SealingKeys` (`max_values`: None, `max_size`: Some(70), added: 2545, mode: `MaxEncodedLen`)
    // Storage: `Registry::Holds` (r:0 w:1)
    // Proof: `Registry::Holds` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:0 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    fn apply() -> Weight {
        // Proof in bytes: 300 measured, 6068 at worst.
        // At least 149_425_000 ps.
        Weight::from_parts(156_950_000, 6_068)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(9))
    }
    // Storage: `Registry::Accounts` (r:1 w:2)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::Holds` (r:1 w:1)
    // Proof: `Registry::Holds` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Registry::SealingKeys` (r:0 w:1)
    // Proof: `Registry::SealingKeys` (`max_values`: None, `max_size`: Some(70), added: 2545, mode: `MaxEncodedLen`)
    // Storage: `Registry::Names` (r:0 w:1)
    // Proof: `Registry::Names` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
    fn withdraw() -> Weight {
        // Proof in bytes: 789 measured, 3744 at worst.
        // At least 123_271_000 ps.
        Weight::from_parts(129_927_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(8))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::Names` (r:1 w:2)
    // Proof: `Registry::Names` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
    fn update() -> Weight {
        // Proof in bytes: 639 measured, 3744 at worst.
        // At least 53_286_000 ps.
        Weight::from_parts(56_790_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Registry::Accounts` (r:2 w:2)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    fn rotate_gatekeeper_key() -> Weight {
        // Proof in bytes: 640 measured, 6046 at worst.
        // At least 55_591_000 ps.
        Weight::from_parts(59_504_000, 6_046)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::SealingKeys` (r:1 w:2)
    // Proof: `Registry::SealingKeys` (`max_values`: None, `max_size`: Some(70), added: 2545, mode: `MaxEncodedLen`)
    fn rotate_sealing_key() -> Weight {
        // Proof in bytes: 684 measured, 3744 at worst.
        // At least 53_080_000 ps.
        Weight::from_parts(57_982_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Registry::Accounts` (r:2 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:1)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffCount` (r:1 w:1)
    // Proof: `Registry::StaffCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Registry::Holds` (r:1 w:1)
    // Proof: `Registry::Holds` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffOf` (r:0 w:1)
    // Proof: `Registry::StaffOf` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
    fn add_staff() -> Weight {
        // Proof in bytes: 907 measured, 6196 at worst.
        // At least 163_793_000 ps.
        Weight::from_parts(183_991_000, 6_196)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(8))
    }
    // Storage: `Registry::Accounts` (r:2 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:1)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffOf` (r:1 w:1)
    // Proof: `Registry::StaffOf` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Registry::Holds` (r:1 w:1)
    // Proof: `Registry::Holds` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    fn rotate_staff_key() -> Weight {
        // Proof in bytes: 1090 measured, 6196 at worst.
        // At least 161_136_000 ps.
        Weight::from_parts(171_233_000, 6_196)
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffOf` (r:1 w:1)
    // Proof: `Registry::StaffOf` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffCount` (r:1 w:1)
    // Proof: `Registry::StaffCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn remove_staff() -> Weight {
        // Proof in bytes: 714 measured, 3744 at worst.
        // At least 48_561_000 ps.
        Weight::from_parts(52_440_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Registry::Members` (r:1 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    fn admit() -> Weight {
        // Proof in bytes: 448 measured, 3744 at worst.
        // At least 22_615_000 ps.
        Weight::from_parts(24_558_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Members` (r:1 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    fn suspend() -> Weight {
        // Proof in bytes: 448 measured, 3744 at worst.
        // At least 22_440_000 ps.
        Weight::from_parts(24_374_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Members` (r:1 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    fn reinstate() -> Weight {
        // Proof in bytes: 448 measured, 3744 at worst.
        // At least 22_305_000 ps.
        Weight::from_parts(24_408_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Members` (r:1 w:1)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::Holds` (r:1 w:1)
    // Proof: `Registry::Holds` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Registry::Names` (r:0 w:1)
    // Proof: `Registry::Names` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
    fn remove() -> Weight {
        // Proof in bytes: 711 measured, 3744 at worst.
        // At least 102_543_000 ps.
        Weight::from_parts(108_372_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::NextGroup` (r:1 w:1)
    // Proof: `Registry::NextGroup` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Registry::Groups` (r:0 w:1)
    // Proof: `Registry::Groups` (`max_values`: None, `max_size`: Some(102), added: 2577, mode: `MaxEncodedLen`)
    fn create_group() -> Weight {
        // Proof in bytes: 759 measured, 3744 at worst.
        // At least 119_237_000 ps.
        Weight::from_parts(124_507_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:2 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::Groups` (r:1 w:1)
    // Proof: `Registry::Groups` (`max_values`: None, `max_size`: Some(102), added: 2577, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupsOf` (r:1 w:1)
    // Proof: `Registry::GroupsOf` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupMembers` (r:0 w:1)
    // Proof: `Registry::GroupMembers` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
    fn add_to_group() -> Weight {
        // Proof in bytes: 1766 measured, 6498 at worst.
        // At least 75_336_000 ps.
        Weight::from_parts(79_593_000, 6_498)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::Groups` (r:1 w:1)
    // Proof: `Registry::Groups` (`max_values`: None, `max_size`: Some(102), added: 2577, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupMembers` (r:1 w:1)
    // Proof: `Registry::GroupMembers` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupsOf` (r:1 w:1)
    // Proof: `Registry::GroupsOf` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    fn remove_from_group() -> Weight {
        // Proof in bytes: 2001 measured, 3744 at worst.
        // At least 90_355_000 ps.
        Weight::from_parts(94_912_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::Groups` (r:1 w:1)
    // Proof: `Registry::Groups` (`max_values`: None, `max_size`: Some(102), added: 2577, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    fn dissolve_group() -> Weight {
        // Proof in bytes: 924 measured, 3744 at worst.
        // At least 116_649_000 ps.
        Weight::from_parts(122_288_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
}

/// The weights where there is no runtime, at RocksDB's costs.
impl WeightInfo for () {
    fn apply() -> Weight {
        Weight::from_parts(156_950_000, 6_068)
            .saturating_add(RocksDbWeight::get().reads(11))
            .saturating_add(RocksDbWeight::get().writes(9))
    }
    fn withdraw() -> Weight {
        Weight::from_parts(129_927_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(8))
    }
    fn update() -> Weight {
        Weight::from_parts(56_790_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(3))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn rotate_gatekeeper_key() -> Weight {
        Weight::from_parts(59_504_000, 6_046)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn rotate_sealing_key() -> Weight {
        Weight::from_parts(57_982_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn add_staff() -> Weight {
        Weight::from_parts(183_991_000, 6_196)
            .saturating_add(RocksDbWeight::get().reads(11))
            .saturating_add(RocksDbWeight::get().writes(8))
    }
    fn rotate_staff_key() -> Weight {
        Weight::from_parts(171_233_000, 6_196)
            .saturating_add(RocksDbWeight::get().reads(10))
            .saturating_add(RocksDbWeight::get().writes(6))
    }
    fn remove_staff() -> Weight {
        Weight::from_parts(52_440_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn admit() -> Weight {
        Weight::from_parts(24_558_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(1))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn suspend() -> Weight {
        Weight::from_parts(24_374_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(1))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn reinstate() -> Weight {
        Weight::from_parts(24_408_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(1))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn remove() -> Weight {
        Weight::from_parts(108_372_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(5))
    }
    fn create_group() -> Weight {
        Weight::from_parts(124_507_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(4))
    }
    fn add_to_group() -> Weight {
        Weight::from_parts(79_593_000, 6_498)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn remove_from_group() -> Weight {
        Weight::from_parts(94_912_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn dissolve_group() -> Weight {
        Weight::from_parts(122_288_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
}
