//! Weights of `pallet_research`, measured by `scripts/weights`: do not edit.
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
    /// Weight of `note_author`.
    fn note_author() -> Weight;
    /// Weight of `register_collator`.
    fn register_collator() -> Weight;
    /// Weight of `approve_collator`.
    fn approve_collator() -> Weight;
    /// Weight of `remove_collator`.
    fn remove_collator() -> Weight;
    /// Weight of `accept_researcher`.
    fn accept_researcher() -> Weight;
    /// Weight of `forget_collator`.
    fn forget_collator() -> Weight;
    /// Weight of `propose_study`.
    fn propose_study() -> Weight;
    /// Weight of `approve_study`.
    fn approve_study() -> Weight;
    /// Weight of `end_study`.
    fn end_study() -> Weight;
    /// Weight of `set_bounty_study`.
    fn set_bounty_study() -> Weight;
    /// Weight of `publish_plan`; `n` is in `1..=64`.
    fn publish_plan(n: u32) -> Weight;
    /// Weight of `withdraw_table`.
    fn withdraw_table() -> Weight;
    /// Weight of `set_release`.
    fn set_release() -> Weight;
    /// Weight of `place_releases`; `n` is in `1..=32`.
    fn place_releases(n: u32) -> Weight;
    /// Weight of `claim`.
    fn claim() -> Weight;
    /// Weight of `settle_work`.
    fn settle_work() -> Weight;
    /// Weight of `draw_start`.
    fn draw_start() -> Weight;
    /// Weight of `draw_granted`.
    fn draw_granted() -> Weight;
    /// Weight of `draw_refused`.
    fn draw_refused() -> Weight;
    /// Weight of `commit`.
    fn commit() -> Weight;
    /// Weight of `declare_lost`.
    fn declare_lost() -> Weight;
    /// Weight of `close_claim`.
    fn close_claim() -> Weight;
    /// Weight of `pay_claim`.
    fn pay_claim() -> Weight;
    /// Weight of `dispute`.
    fn dispute() -> Weight;
    /// Weight of `resolve`.
    fn resolve() -> Weight;
    /// Weight of `on_anchored`.
    fn on_anchored() -> Weight;
    /// Weight of `on_ended`.
    fn on_ended() -> Weight;
}

/// The weights, for a runtime's own database costs.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    // Storage: `Research::Rhythm` (r:1 w:0)
    // Proof: `Research::Rhythm` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Research::Collators` (r:1 w:0)
    // Proof: `Research::Collators` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::WorkOf` (r:1 w:1)
    // Proof: `Research::WorkOf` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Research::Purses` (r:1 w:1)
    // Proof: `Research::Purses` (`max_values`: None, `max_size`: Some(441), added: 2916, mode: `MaxEncodedLen`)
    // Storage: `Research::EraTotals` (r:2 w:1)
    // Proof: `Research::EraTotals` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Research::Issuance` (r:1 w:1)
    // Proof: `Research::Issuance` (`max_values`: Some(1), `max_size`: Some(53), added: 548, mode: `MaxEncodedLen`)
    // Storage: `Research::Authors` (r:0 w:1)
    // Proof: `Research::Authors` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    fn note_author() -> Weight {
        // Proof in bytes: 1015 measured, 5980 at worst.
        // At least 86_030_000 ps.
        Weight::from_parts(98_580_000, 5_980)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Collators` (r:1 w:1)
    // Proof: `Research::Collators` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Research::CollatorCount` (r:1 w:1)
    // Proof: `Research::CollatorCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn register_collator() -> Weight {
        // Proof in bytes: 842 measured, 3744 at worst.
        // At least 59_293_000 ps.
        Weight::from_parts(69_369_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Research::Collators` (r:2 w:0)
    // Proof: `Research::Collators` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `CollatorSelection::CandidateList` (r:1 w:0)
    // Proof: `CollatorSelection::CandidateList` (`max_values`: Some(1), `max_size`: Some(4802), added: 5297, mode: `MaxEncodedLen`)
    // Storage: `CollatorSelection::Invulnerables` (r:1 w:0)
    // Proof: `CollatorSelection::Invulnerables` (`max_values`: Some(1), `max_size`: Some(1601), added: 2096, mode: `MaxEncodedLen`)
    // Storage: `Research::ApprovedCollators` (r:1 w:0)
    // Proof: `Research::ApprovedCollators` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn approve_collator() -> Weight {
        // Proof in bytes: 816 measured, 6287 at worst.
        // At least 50_597_000 ps.
        Weight::from_parts(55_879_000, 6_287).saturating_add(T::DbWeight::get().reads(6))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Collators` (r:1 w:1)
    // Proof: `Research::Collators` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Research::CollatorCount` (r:1 w:1)
    // Proof: `Research::CollatorCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Research::ApprovedCollators` (r:1 w:1)
    // Proof: `Research::ApprovedCollators` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn remove_collator() -> Weight {
        // Proof in bytes: 913 measured, 3744 at worst.
        // At least 63_188_000 ps.
        Weight::from_parts(75_241_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Research::Collators` (r:1 w:1)
    // Proof: `Research::Collators` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    fn accept_researcher() -> Weight {
        // Proof in bytes: 339 measured, 3518 at worst.
        // At least 27_004_000 ps.
        Weight::from_parts(32_568_000, 3_518)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Research::Collators` (r:2 w:1)
    // Proof: `Research::Collators` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Research::CollatorCount` (r:1 w:1)
    // Proof: `Research::CollatorCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn forget_collator() -> Weight {
        // Proof in bytes: 379 measured, 6046 at worst.
        // At least 34_022_000 ps.
        Weight::from_parts(41_835_000, 6_046)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Research::StudyCount` (r:1 w:1)
    // Proof: `Research::StudyCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Research::NextStudy` (r:1 w:1)
    // Proof: `Research::NextStudy` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Research::Studies` (r:0 w:1)
    // Proof: `Research::Studies` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    fn propose_study() -> Weight {
        // Proof in bytes: 839 measured, 3744 at worst.
        // At least 63_312_000 ps.
        Weight::from_parts(73_037_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Research::Studies` (r:1 w:1)
    // Proof: `Research::Studies` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    fn approve_study() -> Weight {
        // Proof in bytes: 345 measured, 3523 at worst.
        // At least 23_919_000 ps.
        Weight::from_parts(29_548_000, 3_523)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Studies` (r:1 w:1)
    // Proof: `Research::Studies` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    // Storage: `Research::StudyCount` (r:1 w:1)
    // Proof: `Research::StudyCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Research::BountyStudies` (r:1 w:1)
    // Proof: `Research::BountyStudies` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn end_study() -> Weight {
        // Proof in bytes: 846 measured, 3744 at worst.
        // At least 63_638_000 ps.
        Weight::from_parts(72_275_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Studies` (r:1 w:0)
    // Proof: `Research::Studies` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    // Storage: `Research::BountyStudies` (r:0 w:1)
    // Proof: `Research::BountyStudies` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn set_bounty_study() -> Weight {
        // Proof in bytes: 804 measured, 3744 at worst.
        // At least 54_016_000 ps.
        Weight::from_parts(61_872_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Research::Rhythm` (r:1 w:0)
    // Proof: `Research::Rhythm` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
    // Storage: `Research::Plans` (r:1 w:1)
    // Proof: `Research::Plans` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
    // Storage: `Research::NextTable` (r:1 w:1)
    // Proof: `Research::NextTable` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Research::Tables` (r:0 w:128)
    // Proof: `Research::Tables` (`max_values`: None, `max_size`: Some(119), added: 2594, mode: `MaxEncodedLen`)
    fn publish_plan(n: u32) -> Weight {
        // Proof in bytes: 928 measured, 3744 at worst.
        // At least 272_575_000 ps.
        Weight::from_parts(216_016_313, 3_744)
            // Standard error: 3_256_943
            .saturating_add(Weight::from_parts(10_574_048, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(66))
            .saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(n.into())))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Tables` (r:1 w:1)
    // Proof: `Research::Tables` (`max_values`: None, `max_size`: Some(119), added: 2594, mode: `MaxEncodedLen`)
    fn withdraw_table() -> Weight {
        // Proof in bytes: 875 measured, 3744 at worst.
        // At least 48_931_000 ps.
        Weight::from_parts(61_453_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Relationships::Relationships` (r:1 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Keys` (r:1 w:0)
    // Proof: `Relationships::Keys` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    // Storage: `Relationships::StepIns` (r:1 w:0)
    // Proof: `Relationships::StepIns` (`max_values`: None, `max_size`: Some(29), added: 2504, mode: `MaxEncodedLen`)
    // Storage: `Registry::SealingKeys` (r:1 w:0)
    // Proof: `Registry::SealingKeys` (`max_values`: None, `max_size`: Some(70), added: 2545, mode: `MaxEncodedLen`)
    // Storage: `Research::Releases` (r:0 w:1)
    // Proof: `Research::Releases` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
    fn set_release() -> Weight {
        // Proof in bytes: 1024 measured, 3769 at worst.
        // At least 73_824_000 ps.
        Weight::from_parts(87_192_000, 3_769)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Relationships::Relationships` (r:32 w:0)
    // Proof: `Relationships::Relationships` (`max_values`: None, `max_size`: Some(304), added: 2779, mode: `MaxEncodedLen`)
    // Storage: `Registry::SealingKeys` (r:1 w:0)
    // Proof: `Registry::SealingKeys` (`max_values`: None, `max_size`: Some(70), added: 2545, mode: `MaxEncodedLen`)
    // Storage: `Research::Releases` (r:32 w:32)
    // Proof: `Research::Releases` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
    fn place_releases(n: u32) -> Weight {
        // Proof in bytes: 1086 + 78 n measured, 3744 + 2779 n at worst.
        // At least 74_577_000 ps.
        Weight::from_parts(78_365_000, 3_744)
            // Standard error: 3_379_904
            .saturating_add(Weight::from_parts(40_052_101, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(2u64.saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_779).saturating_mul(n.into()))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:2 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Tables` (r:1 w:0)
    // Proof: `Research::Tables` (`max_values`: None, `max_size`: Some(119), added: 2594, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Research::Studies` (r:1 w:0)
    // Proof: `Research::Studies` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    // Storage: `Research::Answers` (r:1 w:0)
    // Proof: `Research::Answers` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
    // Storage: `Research::Rhythm` (r:1 w:0)
    // Proof: `Research::Rhythm` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
    // Storage: `Research::Entered` (r:1 w:1)
    // Proof: `Research::Entered` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Research::Purses` (r:1 w:1)
    // Proof: `Research::Purses` (`max_values`: None, `max_size`: Some(441), added: 2916, mode: `MaxEncodedLen`)
    // Storage: `Research::WorkOf` (r:1 w:0)
    // Proof: `Research::WorkOf` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Research::Rounds` (r:1 w:1)
    // Proof: `Research::Rounds` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Research::Draws` (r:1 w:1)
    // Proof: `Research::Draws` (`max_values`: Some(1), `max_size`: Some(50), added: 545, mode: `MaxEncodedLen`)
    // Storage: `Research::Entries` (r:0 w:1)
    // Proof: `Research::Entries` (`max_values`: None, `max_size`: Some(69), added: 2544, mode: `MaxEncodedLen`)
    fn claim() -> Weight {
        // Proof in bytes: 1457 measured, 6498 at worst.
        // At least 209_689_000 ps.
        Weight::from_parts(245_836_000, 6_498)
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    // Storage: `Research::Purses` (r:1 w:1)
    // Proof: `Research::Purses` (`max_values`: None, `max_size`: Some(441), added: 2916, mode: `MaxEncodedLen`)
    // Storage: `Research::WorkOf` (r:1 w:1)
    // Proof: `Research::WorkOf` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Research::EraTotals` (r:1 w:0)
    // Proof: `Research::EraTotals` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Research::Issuance` (r:1 w:1)
    // Proof: `Research::Issuance` (`max_values`: Some(1), `max_size`: Some(53), added: 548, mode: `MaxEncodedLen`)
    fn settle_work() -> Weight {
        // Proof in bytes: 543 measured, 3906 at worst.
        // At least 40_294_000 ps.
        Weight::from_parts(49_236_000, 3_906)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }
    // Storage: `Research::BlockHashBeacon` (r:1 w:0)
    // Proof: `Research::BlockHashBeacon` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
    // Storage: `System::ParentHash` (r:1 w:0)
    // Proof: `System::ParentHash` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
    // Storage: `Research::Draws` (r:1 w:1)
    // Proof: `Research::Draws` (`max_values`: Some(1), `max_size`: Some(50), added: 545, mode: `MaxEncodedLen`)
    // Storage: `Research::Rhythm` (r:1 w:0)
    // Proof: `Research::Rhythm` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn draw_start() -> Weight {
        // Proof in bytes: 412 measured, 1535 at worst.
        // At least 21_374_000 ps.
        Weight::from_parts(24_568_000, 1_535)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Research::Entries` (r:2 w:2)
    // Proof: `Research::Entries` (`max_values`: None, `max_size`: Some(69), added: 2544, mode: `MaxEncodedLen`)
    // Storage: `Research::Authors` (r:1 w:0)
    // Proof: `Research::Authors` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    // Storage: `Research::BountyStudies` (r:1 w:0)
    // Proof: `Research::BountyStudies` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:2 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Tables` (r:1 w:0)
    // Proof: `Research::Tables` (`max_values`: None, `max_size`: Some(119), added: 2594, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Research::Studies` (r:1 w:0)
    // Proof: `Research::Studies` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    // Storage: `Research::Drawn` (r:1 w:1)
    // Proof: `Research::Drawn` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Research::NextClaim` (r:1 w:1)
    // Proof: `Research::NextClaim` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Research::Answers` (r:1 w:1)
    // Proof: `Research::Answers` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
    // Storage: `Research::Ledgers` (r:1 w:1)
    // Proof: `Research::Ledgers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
    // Storage: `Research::Rhythm` (r:1 w:0)
    // Proof: `Research::Rhythm` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
    // Storage: `Research::Rounds` (r:0 w:1)
    // Proof: `Research::Rounds` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Research::Claims` (r:0 w:1)
    // Proof: `Research::Claims` (`max_values`: None, `max_size`: Some(98), added: 2573, mode: `MaxEncodedLen`)
    fn draw_granted() -> Weight {
        // Proof in bytes: 4408 measured, 6683 at worst.
        // At least 142_744_000 ps.
        Weight::from_parts(185_591_000, 6_683)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(8))
    }
    // Storage: `Research::Entries` (r:2 w:2)
    // Proof: `Research::Entries` (`max_values`: None, `max_size`: Some(69), added: 2544, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:2 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Tables` (r:1 w:0)
    // Proof: `Research::Tables` (`max_values`: None, `max_size`: Some(119), added: 2594, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Research::Studies` (r:1 w:0)
    // Proof: `Research::Studies` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
    // Storage: `Research::Drawn` (r:1 w:0)
    // Proof: `Research::Drawn` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Research::NextClaim` (r:1 w:0)
    // Proof: `Research::NextClaim` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    // Storage: `Research::Answers` (r:1 w:0)
    // Proof: `Research::Answers` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
    // Storage: `Research::Ledgers` (r:1 w:0)
    // Proof: `Research::Ledgers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
    // Storage: `Research::Rhythm` (r:1 w:0)
    // Proof: `Research::Rhythm` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
    // Storage: `Research::Purses` (r:1 w:1)
    // Proof: `Research::Purses` (`max_values`: None, `max_size`: Some(441), added: 2916, mode: `MaxEncodedLen`)
    // Storage: `Research::Issuance` (r:1 w:1)
    // Proof: `Research::Issuance` (`max_values`: Some(1), `max_size`: Some(53), added: 548, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Research::Rounds` (r:0 w:1)
    // Proof: `Research::Rounds` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn draw_refused() -> Weight {
        // Proof in bytes: 4921 measured, 6683 at worst.
        // At least 193_085_000 ps.
        Weight::from_parts(231_194_000, 6_683)
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().writes(7))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Answers` (r:1 w:1)
    // Proof: `Research::Answers` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn commit() -> Weight {
        // Proof in bytes: 893 measured, 3744 at worst.
        // At least 62_945_000 ps.
        Weight::from_parts(77_637_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Answers` (r:1 w:1)
    // Proof: `Research::Answers` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
    fn declare_lost() -> Weight {
        // Proof in bytes: 851 measured, 3744 at worst.
        // At least 60_309_000 ps.
        Weight::from_parts(73_567_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Research::Claims` (r:1 w:1)
    // Proof: `Research::Claims` (`max_values`: None, `max_size`: Some(98), added: 2573, mode: `MaxEncodedLen`)
    // Storage: `Research::Answers` (r:1 w:0)
    // Proof: `Research::Answers` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Research::Rhythm` (r:1 w:0)
    // Proof: `Research::Rhythm` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Research::Purses` (r:1 w:1)
    // Proof: `Research::Purses` (`max_values`: None, `max_size`: Some(441), added: 2916, mode: `MaxEncodedLen`)
    // Storage: `Research::Issuance` (r:1 w:1)
    // Proof: `Research::Issuance` (`max_values`: Some(1), `max_size`: Some(53), added: 548, mode: `MaxEncodedLen`)
    fn close_claim() -> Weight {
        // Proof in bytes: 1422 measured, 3906 at worst.
        // At least 146_012_000 ps.
        Weight::from_parts(178_642_000, 3_906)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // Storage: `Research::Claims` (r:1 w:1)
    // Proof: `Research::Claims` (`max_values`: None, `max_size`: Some(98), added: 2573, mode: `MaxEncodedLen`)
    // Storage: `Research::Answers` (r:1 w:0)
    // Proof: `Research::Answers` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:2 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:2 w:2)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Research::Purses` (r:1 w:1)
    // Proof: `Research::Purses` (`max_values`: None, `max_size`: Some(441), added: 2916, mode: `MaxEncodedLen`)
    // Storage: `Research::Issuance` (r:1 w:1)
    // Proof: `Research::Issuance` (`max_values`: Some(1), `max_size`: Some(53), added: 548, mode: `MaxEncodedLen`)
    fn pay_claim() -> Weight {
        // Proof in bytes: 1582 measured, 6498 at worst.
        // At least 148_860_000 ps.
        Weight::from_parts(170_680_000, 6_498)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(6))
    }
    // Storage: `Registry::Accounts` (r:1 w:0)
    // Proof: `Registry::Accounts` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `Research::Claims` (r:1 w:1)
    // Proof: `Research::Claims` (`max_values`: None, `max_size`: Some(98), added: 2573, mode: `MaxEncodedLen`)
    // Storage: `Research::Answers` (r:1 w:0)
    // Proof: `Research::Answers` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
    fn dispute() -> Weight {
        // Proof in bytes: 999 measured, 3744 at worst.
        // At least 62_731_000 ps.
        Weight::from_parts(78_998_000, 3_744)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }
    // Storage: `Research::Claims` (r:1 w:1)
    // Proof: `Research::Claims` (`max_values`: None, `max_size`: Some(98), added: 2573, mode: `MaxEncodedLen`)
    // Storage: `Registry::Members` (r:1 w:0)
    // Proof: `Registry::Members` (`max_values`: None, `max_size`: Some(279), added: 2754, mode: `MaxEncodedLen`)
    // Storage: `System::Account` (r:1 w:1)
    // Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    // Storage: `Balances::Holds` (r:1 w:1)
    // Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(229), added: 2704, mode: `MaxEncodedLen`)
    // Storage: `Research::Rhythm` (r:1 w:0)
    // Proof: `Research::Rhythm` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Research::Purses` (r:1 w:1)
    // Proof: `Research::Purses` (`max_values`: None, `max_size`: Some(441), added: 2916, mode: `MaxEncodedLen`)
    // Storage: `Research::Issuance` (r:1 w:1)
    // Proof: `Research::Issuance` (`max_values`: Some(1), `max_size`: Some(53), added: 548, mode: `MaxEncodedLen`)
    fn resolve() -> Weight {
        // Proof in bytes: 1402 measured, 3906 at worst.
        // At least 137_252_000 ps.
        Weight::from_parts(171_475_000, 3_906)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(5))
    }
    // Storage: `Research::Plans` (r:1 w:1)
    // Proof: `Research::Plans` (`max_values`: None, `max_size`: Some(35), added: 2510, mode: `MaxEncodedLen`)
    // Storage: `Research::Tables` (r:1 w:0)
    // Proof: `Research::Tables` (`max_values`: None, `max_size`: Some(119), added: 2594, mode: `MaxEncodedLen`)
    // Storage: `Timestamp::Now` (r:1 w:0)
    // Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    // Storage: `Research::Rhythm` (r:1 w:0)
    // Proof: `Research::Rhythm` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
    // Storage: `Research::EraTotals` (r:1 w:0)
    // Proof: `Research::EraTotals` (`max_values`: None, `max_size`: Some(20), added: 2495, mode: `MaxEncodedLen`)
    // Storage: `Research::Rounds` (r:1 w:1)
    // Proof: `Research::Rounds` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    // Storage: `Research::Draws` (r:1 w:1)
    // Proof: `Research::Draws` (`max_values`: Some(1), `max_size`: Some(50), added: 545, mode: `MaxEncodedLen`)
    // Storage: `Research::Entries` (r:0 w:1)
    // Proof: `Research::Entries` (`max_values`: None, `max_size`: Some(69), added: 2544, mode: `MaxEncodedLen`)
    fn on_anchored() -> Weight {
        // Proof in bytes: 570 measured, 3584 at worst.
        // At least 58_896_000 ps.
        Weight::from_parts(69_354_000, 3_584)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(4))
    }
    // Storage: `Research::Releases` (r:0 w:1)
    // Proof: `Research::Releases` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
    fn on_ended() -> Weight {
        // Proof in bytes: 0 measured, 0 at worst.
        // At least 4_163_000 ps.
        Weight::from_parts(4_787_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
}

/// The weights where there is no runtime, at RocksDB's costs.
impl WeightInfo for () {
    fn note_author() -> Weight {
        Weight::from_parts(98_580_000, 5_980)
            .saturating_add(RocksDbWeight::get().reads(9))
            .saturating_add(RocksDbWeight::get().writes(5))
    }
    fn register_collator() -> Weight {
        Weight::from_parts(69_369_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn approve_collator() -> Weight {
        Weight::from_parts(55_879_000, 6_287).saturating_add(RocksDbWeight::get().reads(6))
    }
    fn remove_collator() -> Weight {
        Weight::from_parts(75_241_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn accept_researcher() -> Weight {
        Weight::from_parts(32_568_000, 3_518)
            .saturating_add(RocksDbWeight::get().reads(1))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn forget_collator() -> Weight {
        Weight::from_parts(41_835_000, 6_046)
            .saturating_add(RocksDbWeight::get().reads(3))
            .saturating_add(RocksDbWeight::get().writes(2))
    }
    fn propose_study() -> Weight {
        Weight::from_parts(73_037_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn approve_study() -> Weight {
        Weight::from_parts(29_548_000, 3_523)
            .saturating_add(RocksDbWeight::get().reads(1))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn end_study() -> Weight {
        Weight::from_parts(72_275_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn set_bounty_study() -> Weight {
        Weight::from_parts(61_872_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(3))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn publish_plan(n: u32) -> Weight {
        Weight::from_parts(216_016_313, 3_744)
            .saturating_add(Weight::from_parts(10_574_048, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(6))
            .saturating_add(RocksDbWeight::get().writes(66))
            .saturating_add(RocksDbWeight::get().writes(1u64.saturating_mul(n.into())))
    }
    fn withdraw_table() -> Weight {
        Weight::from_parts(61_453_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(3))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn set_release() -> Weight {
        Weight::from_parts(87_192_000, 3_769)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn place_releases(n: u32) -> Weight {
        Weight::from_parts(78_365_000, 3_744)
            .saturating_add(Weight::from_parts(40_052_101, 0).saturating_mul(n.into()))
            .saturating_add(RocksDbWeight::get().reads(3))
            .saturating_add(RocksDbWeight::get().reads(2u64.saturating_mul(n.into())))
            .saturating_add(RocksDbWeight::get().writes(1u64.saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2_779).saturating_mul(n.into()))
    }
    fn claim() -> Weight {
        Weight::from_parts(245_836_000, 6_498)
            .saturating_add(RocksDbWeight::get().reads(15))
            .saturating_add(RocksDbWeight::get().writes(7))
    }
    fn settle_work() -> Weight {
        Weight::from_parts(49_236_000, 3_906)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(3))
    }
    fn draw_start() -> Weight {
        Weight::from_parts(24_568_000, 1_535)
            .saturating_add(RocksDbWeight::get().reads(5))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn draw_granted() -> Weight {
        Weight::from_parts(185_591_000, 6_683)
            .saturating_add(RocksDbWeight::get().reads(14))
            .saturating_add(RocksDbWeight::get().writes(8))
    }
    fn draw_refused() -> Weight {
        Weight::from_parts(231_194_000, 6_683)
            .saturating_add(RocksDbWeight::get().reads(16))
            .saturating_add(RocksDbWeight::get().writes(7))
    }
    fn commit() -> Weight {
        Weight::from_parts(77_637_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn declare_lost() -> Weight {
        Weight::from_parts(73_567_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(3))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn close_claim() -> Weight {
        Weight::from_parts(178_642_000, 3_906)
            .saturating_add(RocksDbWeight::get().reads(9))
            .saturating_add(RocksDbWeight::get().writes(5))
    }
    fn pay_claim() -> Weight {
        Weight::from_parts(170_680_000, 6_498)
            .saturating_add(RocksDbWeight::get().reads(9))
            .saturating_add(RocksDbWeight::get().writes(6))
    }
    fn dispute() -> Weight {
        Weight::from_parts(78_998_000, 3_744)
            .saturating_add(RocksDbWeight::get().reads(4))
            .saturating_add(RocksDbWeight::get().writes(1))
    }
    fn resolve() -> Weight {
        Weight::from_parts(171_475_000, 3_906)
            .saturating_add(RocksDbWeight::get().reads(8))
            .saturating_add(RocksDbWeight::get().writes(5))
    }
    fn on_anchored() -> Weight {
        Weight::from_parts(69_354_000, 3_584)
            .saturating_add(RocksDbWeight::get().reads(7))
            .saturating_add(RocksDbWeight::get().writes(4))
    }
    fn on_ended() -> Weight {
        Weight::from_parts(4_787_000, 0).saturating_add(RocksDbWeight::get().writes(1))
    }
}
