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
