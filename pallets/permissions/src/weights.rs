//! Weights of `pallet_permissions`, measured by `scripts/weights`: do not edit.
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
    /// Weight of `grant`.
    fn grant() -> Weight;
    /// Weight of `deny`.
    fn deny() -> Weight;
    /// Weight of `revoke`; `n` is in `2..=112`.
    fn revoke(n: u32) -> Weight;
    /// Weight of `revoke_all`; `n` is in `1..=112`.
    fn revoke_all(n: u32) -> Weight;
    /// Weight of `share`; `n` is in `1..=112`.
    fn share(n: u32) -> Weight;
    /// Weight of `break_glass`.
    fn break_glass() -> Weight;
    /// Weight of `close_glass`.
    fn close_glass() -> Weight;
    /// Weight of `review_glass`; `n` is in `1..=64`.
    fn review_glass(n: u32) -> Weight;
    /// Weight of `on_ended`; `n` is in `1..=112`.
    fn on_ended(n: u32) -> Weight;
    /// Weight of `expire_base`.
    fn expire_base() -> Weight;
    /// Weight of `expire_peek`.
    fn expire_peek() -> Weight;
    /// Weight of `expire_rules`; `r` is in `1..=112`; `n` is in `0..=112`.
    fn expire_rules(r: u32, n: u32) -> Weight;
    /// Weight of `expire_glasses`; `n` is in `0..=8`.
    fn expire_glasses(n: u32) -> Weight;
}

/// The weights, for a runtime's own database costs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::SealingKeys` (r:1 w:0)
    // Proof: `Registry::SealingKeys` (`max_values`: None, `max_size`: Some(70), added: 2545, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Rules` (r:0 w:1)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    fn grant() -> Weight {
        // Proof in bytes: 700 measured, 3769 at worst.
        // At least 64_501_000 ps.
        Weight::from_parts(70_295_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::SealingKeys` (r:1 w:0)
    // Proof: `Registry::SealingKeys` (`max_values`: None, `max_size`: Some(70), added: 2545, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Rules` (r:0 w:1)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    fn deny() -> Weight {
        // Proof in bytes: 700 measured, 3769 at worst.
        // At least 65_924_000 ps.
        Weight::from_parts(79_191_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Rules` (r:112 w:110)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Sharers` (r:1 w:110)
    // Proof: `Permissions::Sharers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffOf` (r:1 w:0)
    // Proof: `Registry::StaffOf` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupsOf` (r:1 w:0)
    // Proof: `Registry::GroupsOf` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    fn revoke(n: u32) -> Weight {
        // Proof in bytes: 1810 + 52 n measured, 3769 + 2741 n at worst.
        // At least 157_660_000 ps.
        Weight::from_parts(161_309_000, 3_769)
            // Standard error: 3_717_713
            .saturating_add(Weight::from_parts(115_225_938, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(n.into()))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Rules` (r:113 w:112)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Sharers` (r:0 w:111)
    // Proof: `Permissions::Sharers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    fn revoke_all(n: u32) -> Weight {
        // Proof in bytes: 967 + 51 n measured, 3769 + 2741 n at worst.
        // At least 65_755_000 ps.
        Weight::from_parts(1_918_669_471, 3_769)
            // Standard error: 6_675_138
            .saturating_add(Weight::from_parts(26_786_186, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(n.into()))
    }
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Rules` (r:113 w:1)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffOf` (r:1 w:0)
    // Proof: `Registry::StaffOf` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:2 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupsOf` (r:1 w:0)
    // Proof: `Registry::GroupsOf` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::SealingKeys` (r:1 w:0)
    // Proof: `Registry::SealingKeys` (`max_values`: None, `max_size`: Some(70), added: 2545, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Sharers` (r:0 w:1)
    // Proof: `Permissions::Sharers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    fn share(n: u32) -> Weight {
        // Proof in bytes: 1742 + 47 n measured, 6498 + 2741 n at worst.
        // At least 147_163_000 ps.
        Weight::from_parts(152_800_904, 6_498)
            // Standard error: 39_715
            .saturating_add(Weight::from_parts(7_627_880, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(n.into()))
    }
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffOf` (r:1 w:0)
    // Proof: `Registry::StaffOf` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:2 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupsOf` (r:1 w:0)
    // Proof: `Registry::GroupsOf` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Glasses` (r:1 w:1)
    // Proof: `Permissions::Glasses` (`max_values`: None, `max_size`: Some(281), added: 2756, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Breaks` (r:1 w:1)
    // Proof: `Permissions::Breaks` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
    // Storage: `Permissions::BreaksToday` (r:1 w:1)
    // Proof: `Permissions::BreaksToday` (`max_values`: None, `max_size`: Some(2018), added: 4493, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Reviews` (r:0 w:1)
    // Proof: `Permissions::Reviews` (`max_values`: None, `max_size`: Some(88), added: 2563, mode: `MaxEncodedLen`)
    fn break_glass() -> Weight {
        // Proof in bytes: 3297 measured, 6498 at worst.
        // At least 137_150_000 ps.
        Weight::from_parts(146_674_000, 6_498)
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Glasses` (r:1 w:1)
    // Proof: `Permissions::Glasses` (`max_values`: None, `max_size`: Some(281), added: 2756, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffOf` (r:1 w:0)
    // Proof: `Registry::StaffOf` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupsOf` (r:1 w:0)
    // Proof: `Registry::GroupsOf` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    fn close_glass() -> Weight {
        // Proof in bytes: 1124 measured, 3769 at worst.
        // At least 71_804_000 ps.
        Weight::from_parts(77_768_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Permissions::Reviews` (r:64 w:64)
    // Proof: `Permissions::Reviews` (`max_values`: None, `max_size`: Some(88), added: 2563, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Breaks` (r:64 w:64)
    // Proof: `Permissions::Breaks` (`max_values`: None, `max_size`: Some(24), added: 2499, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Glasses` (r:64 w:64)
    // Proof: `Permissions::Glasses` (`max_values`: None, `max_size`: Some(281), added: 2756, mode: `MaxEncodedLen`)
    fn review_glass(n: u32) -> Weight {
        // Proof in bytes: 80 + 139 n measured, 990 + 2756 n at worst.
        // At least 41_530_000 ps.
        Weight::from_parts(23_745_503, 990)
            // Standard error: 2_705_856
            .saturating_add(Weight::from_parts(34_374_051, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(3u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_756).saturating_mul(n.into()))
    }
    // Storage: `Permissions::Rules` (r:112 w:112)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Sharers` (r:33 w:32)
    // Proof: `Permissions::Sharers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Glasses` (r:0 w:1)
    // Proof: `Permissions::Glasses` (`max_values`: None, `max_size`: Some(281), added: 2756, mode: `MaxEncodedLen`)
    fn on_ended(n: u32) -> Weight {
        // Proof in bytes: 386 + 56 n measured, 42736 + 2741 n at worst.
        // At least 26_671_000 ps.
        Weight::from_parts(57_988_672, 42_736)
            // Standard error: 33_221
            .saturating_add(Weight::from_parts(2_005_562, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(16))
            .saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(n.into()))
    }
    // Storage: `Permissions::RuleCursor` (r:1 w:1)
    // Proof: `Permissions::RuleCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Permissions::GlassCursor` (r:1 w:1)
    // Proof: `Permissions::GlassCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn expire_base() -> Weight {
        // Proof in bytes: 65 measured, 1493 at worst.
        // At least 10_649_000 ps.
        Weight::from_parts(11_583_000, 1_493)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Permissions::Rules` (r:1 w:0)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    fn expire_peek() -> Weight {
        // Proof in bytes: 391 measured, 3769 at worst.
        // At least 20_465_000 ps.
        Weight::from_parts(23_355_000, 3_769).saturating_add(T::DbWeight::get().reads(2))
    }
    // Storage: `Permissions::Rules` (r:113 w:112)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:1)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Sharers` (r:0 w:111)
    // Proof: `Permissions::Sharers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    fn expire_rules(r: u32, n: u32) -> Weight {
        // Proof in bytes: 0 + 201 n + 252 r measured, 3769 + 2741 r at worst.
        // At least 52_955_000 ps.
        Weight::from_parts(56_046_000, 3_769)
            // Standard error: 294_428
            .saturating_add(Weight::from_parts(13_670_519, 0).saturating_mul(r.into()))
            // Standard error: 294_687
            .saturating_add(Weight::from_parts(6_259_094, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(r.into())))
            .saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(r.into()))
    }
    // Storage: `Permissions::Glasses` (r:1 w:1)
    // Proof: `Permissions::Glasses` (`max_values`: None, `max_size`: Some(281), added: 2756, mode: `MaxEncodedLen`)
    fn expire_glasses(n: u32) -> Weight {
        // Proof in bytes: 251 measured, 3746 at worst.
        // At least 10_708_000 ps.
        Weight::from_parts(16_317_794, 3_746)
            // Standard error: 33_119
            .saturating_add(Weight::from_parts(4_345_642, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
}

/// The weights where there is no runtime, at RocksDB's costs.
impl WeightInfo for () {
    fn grant() -> Weight {
        Weight::from_parts(70_295_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn deny() -> Weight {
        Weight::from_parts(79_191_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn revoke(n: u32) -> Weight {
        Weight::from_parts(161_309_000, 3_769)
            .saturating_add(Weight::from_parts(115_225_938, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(7))
            .saturating_add(RocksDbWeight::get().reads(1u64.saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(3))
            .saturating_add(RocksDbWeight::get().writes(2u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(n.into()))
    }
    fn revoke_all(n: u32) -> Weight {
        Weight::from_parts(1_918_669_471, 3_769)
            .saturating_add(Weight::from_parts(26_786_186, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(2))
            .saturating_add(RocksDbWeight::get().reads(1u64.saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(2u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(n.into()))
    }
    fn share(n: u32) -> Weight {
        Weight::from_parts(152_800_904, 6_498)
            .saturating_add(Weight::from_parts(7_627_880, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(9))
            .saturating_add(RocksDbWeight::get().reads(1u64.saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(3))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(n.into()))
    }
    fn break_glass() -> Weight {
        Weight::from_parts(146_674_000, 6_498)
            .saturating_add(RocksDbWeight::get().reads(10))
            .saturating_add(RocksDbWeight::get().writes(4))
    }
    fn close_glass() -> Weight {
        Weight::from_parts(77_768_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(6))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn review_glass(n: u32) -> Weight {
        Weight::from_parts(23_745_503, 990)
            .saturating_add(Weight::from_parts(34_374_051, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(3u64.saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(3u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_756).saturating_mul(n.into()))
    }
    fn on_ended(n: u32) -> Weight {
        Weight::from_parts(57_988_672, 42_736)
            .saturating_add(Weight::from_parts(2_005_562, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(15))
            .saturating_add(RocksDbWeight::get().reads(1u64.saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(16))
            .saturating_add(RocksDbWeight::get().writes(1u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(n.into()))
    }
    fn expire_base() -> Weight {
        Weight::from_parts(11_583_000, 1_493)
            .saturating_add(RocksDbWeight::get().reads(2))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn expire_peek() -> Weight {
        Weight::from_parts(23_355_000, 3_769).saturating_add(RocksDbWeight::get().reads(2))
    }
    fn expire_rules(r: u32, n: u32) -> Weight {
        Weight::from_parts(56_046_000, 3_769)
            .saturating_add(Weight::from_parts(13_670_519, 0).saturating_mul(r.into()))
            .saturating_add(Weight::from_parts(6_259_094, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(2))
            .saturating_add(RocksDbWeight::get().reads(1u64.saturating_mul(r.into())))
            .saturating_add(RocksDbWeight::get().writes(1u64.saturating_mul(r.into())))
            .saturating_add(RocksDbWeight::get().writes(1u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_741).saturating_mul(r.into()))
    }
    fn expire_glasses(n: u32) -> Weight {
        Weight::from_parts(16_317_794, 3_746)
            .saturating_add(Weight::from_parts(4_345_642, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(1))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
}
