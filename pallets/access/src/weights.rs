//! Weights of `pallet_access`, measured by `scripts/weights`: do not edit.
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
    /// Weight of `authorize_receipt`.
    fn authorize_receipt() -> Weight;
    /// Weight of `expire`.
    fn expire() -> Weight;
    /// Weight of `anchor`.
    fn anchor() -> Weight;
    /// Weight of `sweep_start`.
    fn sweep_start() -> Weight;
    /// Weight of `sweep_entry`.
    fn sweep_entry() -> Weight;
}

/// The weights, for a runtime's own database costs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::SealingKeys` (r:1 w:0)
    // Proof: `Registry::SealingKeys` (`max_values`: None, `max_size`: Some(70), added: 2545, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffOf` (r:1 w:0)
    // Proof: `Registry::StaffOf` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupsOf` (r:1 w:0)
    // Proof: `Registry::GroupsOf` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Rules` (r:113 w:0)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Sharers` (r:32 w:0)
    // Proof: `Permissions::Sharers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Glasses` (r:1 w:0)
    // Proof: `Permissions::Glasses` (`max_values`: None, `max_size`: Some(281), added: 2756, mode: `MaxEncodedLen`)
    // Storage: `Access::NextIndex` (r:1 w:1)
    // Proof: `Access::NextIndex` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsAt` (r:1 w:1)
    // Proof: `Access::RequestsAt` (`max_values`: None, `max_size`: Some(89), added: 2564, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsOf` (r:1 w:1)
    // Proof: `Access::RequestsOf` (`max_values`: None, `max_size`: Some(305), added: 2780, mode: `MaxEncodedLen`)
    // Storage: `Access::Swept` (r:1 w:1)
    // Proof: `Access::Swept` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::Due` (r:0 w:1)
    // Proof: `Access::Due` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Access::Requests` (r:0 w:1)
    // Proof: `Access::Requests` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
    fn request() -> Weight {
        // Proof in bytes: 14318 measured, 310723 at worst.
        // At least 1_498_120_000 ps.
        Weight::from_parts(12_031_575_000, 310_723)
            .saturating_add(T::DbWeight::get().reads(157))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    // Storage: `Access::Requests` (r:1 w:1)
    // Proof: `Access::Requests` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffKeys` (r:1 w:0)
    // Proof: `Registry::StaffKeys` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
    // Storage: `Registry::StaffOf` (r:1 w:0)
    // Proof: `Registry::StaffOf` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Registry::GroupsOf` (r:1 w:0)
    // Proof: `Registry::GroupsOf` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Rules` (r:113 w:0)
    // Proof: `Permissions::Rules` (`max_values`: None, `max_size`: Some(266), added: 2741, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Sharers` (r:32 w:0)
    // Proof: `Permissions::Sharers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Permissions::Glasses` (r:1 w:0)
    // Proof: `Permissions::Glasses` (`max_values`: None, `max_size`: Some(281), added: 2756, mode: `MaxEncodedLen`)
    fn approve() -> Weight {
        // Proof in bytes: 14664 measured, 310723 at worst.
        // At least 1_364_016_000 ps.
        Weight::from_parts(1_614_800_000, 310_723)
            .saturating_add(T::DbWeight::get().reads(153))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Access::Requests` (r:1 w:1)
    // Proof: `Access::Requests` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::Swept` (r:1 w:1)
    // Proof: `Access::Swept` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsAt` (r:1 w:1)
    // Proof: `Access::RequestsAt` (`max_values`: None, `max_size`: Some(89), added: 2564, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsOf` (r:1 w:1)
    // Proof: `Access::RequestsOf` (`max_values`: None, `max_size`: Some(305), added: 2780, mode: `MaxEncodedLen`)
    // Storage: `Access::Due` (r:0 w:1)
    // Proof: `Access::Due` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Access::Receipts` (r:0 w:1)
    // Proof: `Access::Receipts` (`max_values`: None, `max_size`: Some(107), added: 2582, mode: `MaxEncodedLen`)
    fn decline() -> Weight {
        // Proof in bytes: 918 measured, 3770 at worst.
        // At least 111_249_000 ps.
        Weight::from_parts(125_078_000, 3_770)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    // Storage: `Access::Requests` (r:1 w:1)
    // Proof: `Access::Requests` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
    // Storage: `Access::Swept` (r:1 w:1)
    // Proof: `Access::Swept` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsAt` (r:1 w:1)
    // Proof: `Access::RequestsAt` (`max_values`: None, `max_size`: Some(89), added: 2564, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsOf` (r:1 w:1)
    // Proof: `Access::RequestsOf` (`max_values`: None, `max_size`: Some(305), added: 2780, mode: `MaxEncodedLen`)
    // Storage: `Access::Due` (r:0 w:1)
    // Proof: `Access::Due` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    fn cancel() -> Weight {
        // Proof in bytes: 613 measured, 3770 at worst.
        // At least 64_460_000 ps.
        Weight::from_parts(76_860_000, 3_770)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // Storage: `Access::Requests` (r:1 w:1)
    // Proof: `Access::Requests` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::Swept` (r:1 w:1)
    // Proof: `Access::Swept` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsAt` (r:1 w:1)
    // Proof: `Access::RequestsAt` (`max_values`: None, `max_size`: Some(89), added: 2564, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsOf` (r:1 w:1)
    // Proof: `Access::RequestsOf` (`max_values`: None, `max_size`: Some(305), added: 2780, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Access::OwnReceipts` (r:1 w:1)
    // Proof: `Access::OwnReceipts` (`max_values`: None, `max_size`: Some(89), added: 2564, mode: `MaxEncodedLen`)
    // Storage: `Access::Receipts` (r:1 w:2)
    // Proof: `Access::Receipts` (`max_values`: None, `max_size`: Some(107), added: 2582, mode: `MaxEncodedLen`)
    // Storage: `Access::Due` (r:0 w:2)
    // Proof: `Access::Due` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    fn fulfil() -> Weight {
        // Proof in bytes: 1419 measured, 3770 at worst.
        // At least 126_101_000 ps.
        Weight::from_parts(139_890_000, 3_770)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(9))
    }
    // Storage: `Access::Requests` (r:1 w:1)
    // Proof: `Access::Requests` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::Swept` (r:1 w:1)
    // Proof: `Access::Swept` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsAt` (r:1 w:1)
    // Proof: `Access::RequestsAt` (`max_values`: None, `max_size`: Some(89), added: 2564, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsOf` (r:1 w:1)
    // Proof: `Access::RequestsOf` (`max_values`: None, `max_size`: Some(305), added: 2780, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Access::OwnReceipts` (r:1 w:1)
    // Proof: `Access::OwnReceipts` (`max_values`: None, `max_size`: Some(89), added: 2564, mode: `MaxEncodedLen`)
    // Storage: `Access::Receipts` (r:1 w:2)
    // Proof: `Access::Receipts` (`max_values`: None, `max_size`: Some(107), added: 2582, mode: `MaxEncodedLen`)
    // Storage: `Access::Due` (r:0 w:2)
    // Proof: `Access::Due` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    fn refuse() -> Weight {
        // Proof in bytes: 1419 measured, 3770 at worst.
        // At least 128_550_000 ps.
        Weight::from_parts(140_258_000, 3_770)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(9))
    }
    // Storage: `Access::Requests` (r:1 w:0)
    // Proof: `Access::Requests` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `System::BlockHash` (r:1 w:0)
    // Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    fn authorize_receipt() -> Weight {
        // Proof in bytes: 975 measured, 3744 at worst.
        // At least 109_504_000 ps.
        Weight::from_parts(116_854_000, 3_744).saturating_add(T::DbWeight::get().reads(4))
    }
    // Storage: `Access::Requests` (r:1 w:1)
    // Proof: `Access::Requests` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::Swept` (r:1 w:1)
    // Proof: `Access::Swept` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsAt` (r:1 w:1)
    // Proof: `Access::RequestsAt` (`max_values`: None, `max_size`: Some(89), added: 2564, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsOf` (r:1 w:1)
    // Proof: `Access::RequestsOf` (`max_values`: None, `max_size`: Some(305), added: 2780, mode: `MaxEncodedLen`)
    // Storage: `Access::Due` (r:0 w:1)
    // Proof: `Access::Due` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    fn expire() -> Weight {
        // Proof in bytes: 655 measured, 3770 at worst.
        // At least 73_537_000 ps.
        Weight::from_parts(85_630_000, 3_770)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Access::Anchors` (r:0 w:1)
    // Proof: `Access::Anchors` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
    // Storage: `Access::LastAnchored` (r:0 w:1)
    // Proof: `Access::LastAnchored` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn anchor() -> Weight {
        // Proof in bytes: 402 measured, 3744 at worst.
        // At least 33_307_000 ps.
        Weight::from_parts(37_333_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Access::Swept` (r:1 w:1)
    // Proof: `Access::Swept` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn sweep_start() -> Weight {
        // Proof in bytes: 46 measured, 1493 at worst.
        // At least 9_289_000 ps.
        Weight::from_parts(10_099_000, 1_493)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Access::Due` (r:1 w:1)
    // Proof: `Access::Due` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    // Storage: `Access::Requests` (r:1 w:1)
    // Proof: `Access::Requests` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsAt` (r:1 w:1)
    // Proof: `Access::RequestsAt` (`max_values`: None, `max_size`: Some(89), added: 2564, mode: `MaxEncodedLen`)
    // Storage: `Access::RequestsOf` (r:1 w:1)
    // Proof: `Access::RequestsOf` (`max_values`: None, `max_size`: Some(305), added: 2780, mode: `MaxEncodedLen`)
    fn sweep_entry() -> Weight {
        // Proof in bytes: 623 measured, 3770 at worst.
        // At least 59_677_000 ps.
        Weight::from_parts(68_315_000, 3_770)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }
}

/// The weights where there is no runtime, at RocksDB's costs.
impl WeightInfo for () {
    fn request() -> Weight {
        Weight::from_parts(12_031_575_000, 310_723)
            .saturating_add(RocksDbWeight::get().reads(157))
            .saturating_add(RocksDbWeight::get().writes(6))
    }
    fn approve() -> Weight {
        Weight::from_parts(1_614_800_000, 310_723)
            .saturating_add(RocksDbWeight::get().reads(153))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn decline() -> Weight {
        Weight::from_parts(125_078_000, 3_770)
            .saturating_add(RocksDbWeight::get().reads(7))
            .saturating_add(RocksDbWeight::get().writes(6))
    }
    fn cancel() -> Weight {
        Weight::from_parts(76_860_000, 3_770)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(5))
    }
    fn fulfil() -> Weight {
        Weight::from_parts(139_890_000, 3_770)
            .saturating_add(RocksDbWeight::get().reads(8))
            .saturating_add(RocksDbWeight::get().writes(9))
    }
    fn refuse() -> Weight {
        Weight::from_parts(140_258_000, 3_770)
            .saturating_add(RocksDbWeight::get().reads(8))
            .saturating_add(RocksDbWeight::get().writes(9))
    }
    fn authorize_receipt() -> Weight {
        Weight::from_parts(116_854_000, 3_744).saturating_add(RocksDbWeight::get().reads(4))
    }
    fn expire() -> Weight {
        Weight::from_parts(85_630_000, 3_770)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(5))
    }
    fn anchor() -> Weight {
        Weight::from_parts(37_333_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(2))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn sweep_start() -> Weight {
        Weight::from_parts(10_099_000, 1_493)
            .saturating_add(RocksDbWeight::get().reads(2))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn sweep_entry() -> Weight {
        Weight::from_parts(68_315_000, 3_770)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(4))
    }
}
