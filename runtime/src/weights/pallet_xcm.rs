//! Weights of `pallet-xcm`, which brings none.
//!
//! Nobody but root sends, executes or configures messages here, and transfers are off, so these are bounds rather than
//! measurements: a generous time, and the storage that the most expensive call of the pallet touches.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// One millisecond, a proof of 32 KiB, ten reads and five writes.
fn bound() -> Weight {
    Weight::from_parts(1_000_000_000, 32 * 1024).saturating_add(RocksDbWeight::get().reads_writes(10, 5))
}

/// Upper bounds for the calls of `pallet-xcm`.
pub struct Bounds;

impl pallet_xcm::WeightInfo for Bounds {
    fn send() -> Weight {
        bound()
    }

    fn teleport_assets() -> Weight {
        bound()
    }

    fn reserve_transfer_assets() -> Weight {
        bound()
    }

    fn transfer_assets() -> Weight {
        bound()
    }

    fn execute() -> Weight {
        bound()
    }

    fn force_xcm_version() -> Weight {
        bound()
    }

    fn force_default_xcm_version() -> Weight {
        bound()
    }

    fn force_subscribe_version_notify() -> Weight {
        bound()
    }

    fn force_unsubscribe_version_notify() -> Weight {
        bound()
    }

    fn force_suspension() -> Weight {
        bound()
    }

    fn migrate_supported_version() -> Weight {
        bound()
    }

    fn migrate_version_notifiers() -> Weight {
        bound()
    }

    fn already_notified_target() -> Weight {
        bound()
    }

    fn notify_current_targets() -> Weight {
        bound()
    }

    fn notify_target_migration_fail() -> Weight {
        bound()
    }

    fn migrate_version_notify_targets() -> Weight {
        bound()
    }

    fn migrate_and_notify_old_targets() -> Weight {
        bound()
    }

    fn new_query() -> Weight {
        bound()
    }

    fn take_response() -> Weight {
        bound()
    }

    fn claim_assets(n: u32) -> Weight {
        bound().saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(n.into()))
    }

    fn add_authorized_alias() -> Weight {
        bound()
    }

    fn remove_authorized_alias() -> Weight {
        bound()
    }

    fn weigh_message(n: u32) -> Weight {
        Weight::from_parts(1_000_000, 0)
            .saturating_add(Weight::from_parts(100_000, 0).saturating_mul(n.into()))
    }

    fn decode_xcm(n: u32) -> Weight {
        Weight::from_parts(1_000_000, 0)
            .saturating_add(Weight::from_parts(20_000, 0).saturating_mul(n.into()))
    }
}
