//! How storage is taken over from an earlier version.

use frame_support::{
    migrations::FreezeChainOnFailedMigration, parameter_types, traits::ConstU32, weights::Weight,
};
use sp_runtime::Perbill;

use super::system::RuntimeBlockWeights;
use crate::{Runtime, RuntimeEvent};

parameter_types! {
    /// What migrations may use of a block. What is left is for what a block must do in any case.
    pub MaxServiceWeight: Weight = Perbill::from_percent(70) * RuntimeBlockWeights::get().max_block;
}

impl pallet_migrations::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Migrations = crate::migrations::MultiBlock;
    type CursorMaxLen = ConstU32<65_536>;
    type IdentifierMaxLen = ConstU32<256>;
    type MigrationStatusHandler = ();
    // Half migrated state is worse than none: a right could be read that nobody gave. Gatekeepers refuse while the chain is frozen,
    // and the consortium replaces the code by way of the relay chain.
    type FailedMigrationHandler = FreezeChainOnFailedMigration;
    type MaxServiceWeight = MaxServiceWeight;
    type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}
