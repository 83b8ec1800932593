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

/// Runs every migration to its end, with what it checks before and after, and then checks what every pallet expects of its storage: its
/// version, that all of it decodes, every invariant (`try_state`).
///
/// The executive checks pallets after one block: there, storage whose migration takes several would always be found to be of the
/// wrong version.
#[cfg(feature = "try-runtime")]
pub fn try_all(
    checks: frame_support::traits::UpgradeCheckSelect,
) -> Result<frame_support::weights::Weight, sp_runtime::TryRuntimeError> {
    use frame_support::traits::{OnRuntimeUpgrade, UpgradeCheckSelect};

    use crate::Executive;

    let migrating = SingleBlock::try_on_runtime_upgrade(checks.pre_and_post())?;
    let weight = migrating.saturating_add(Executive::try_runtime_upgrade(UpgradeCheckSelect::None)?);
    finish_multi_block()?;
    // Once more, now that nothing is left to migrate: with the checks.
    Executive::try_runtime_upgrade(checks)?;
    finish_multi_block()?;
    Ok(weight)
}

/// Runs what takes several blocks to its end. Its hooks panic when a check fails.
#[cfg(feature = "try-runtime")]
fn finish_multi_block() -> Result<(), sp_runtime::TryRuntimeError> {
    use frame_support::{ensure, migrations::MultiStepMigrator};

    use crate::{MultiBlockMigrations, Runtime};

    while MultiBlockMigrations::ongoing() {
        let stuck =
            pallet_migrations::Cursor::<Runtime>::get().is_some_and(|cursor| cursor.as_active().is_none());
        ensure!(!stuck, "a migration over several blocks is stuck");
        MultiBlockMigrations::step();
    }
    Ok(())
}
