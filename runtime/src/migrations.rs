//! What to do to the state when this runtime replaces the one before it.
//!
//! What is done stays in these lists until no network can be on an earlier version: migrations look at the version that their pallet's
//! storage has, and do nothing where it is another.

/// Migrations that run in the first block of this runtime: small ones, since nothing else has room beside them.
pub type SingleBlock = ();

/// Migrations that run over as many blocks as they need. Meanwhile blocks have no transactions, so that nobody meets what is half
/// done.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type MultiBlock = (pallet_research::migrations::AcceptedCollators<crate::Runtime>,);
/// What the benchmarks of the pallet that runs migrations run.
#[cfg(feature = "runtime-benchmarks")]
pub type MultiBlock = pallet_migrations::mock_helpers::MockedMigrations;

/// Runs every migration to its end, with what it checks before and after, and checks every invariant (`try_state`).
///
/// The executive does so for one block only: those that take several would not be tried. Their hooks panic when a check fails.
#[cfg(feature = "try-runtime")]
pub fn try_all(
    checks: frame_support::traits::UpgradeCheckSelect,
) -> Result<frame_support::weights::Weight, sp_runtime::TryRuntimeError> {
    use frame_support::{ensure, migrations::MultiStepMigrator, traits::TryState};

    use crate::{AllPalletsWithSystem, Executive, MultiBlockMigrations, Runtime, System};

    let weight = Executive::try_runtime_upgrade(checks)?;
    while MultiBlockMigrations::ongoing() {
        let stuck =
            pallet_migrations::Cursor::<Runtime>::get().is_some_and(|cursor| cursor.as_active().is_none());
        ensure!(!stuck, "an earlier migration is stuck");
        MultiBlockMigrations::step();
    }
    if checks.try_state() {
        AllPalletsWithSystem::try_state(System::block_number(), frame_support::traits::TryStateSelect::All)?;
    }
    Ok(weight)
}
