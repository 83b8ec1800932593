//! Storage that an earlier runtime left, taken over through the executive.

use codec::Encode;
use frame_support::{
    migrations::MultiStepMigrator,
    storage::unhashed,
    traits::{GetStorageVersion, StorageVersion},
};
use frame_system::LastRuntimeUpgradeInfo;
use medrec_primitives::MemberId;
use medrec_runtime::{AccountId, MultiBlockMigrations, Research, Runtime, VERSION};
use pallet_research::{ApprovedCollators, CollatorCount, Collators};

use crate::support::*;

/// How many collators the earlier runtime had: more than one block can look at.
const COLLATORS: u32 = 2_000;

/// The state that the runtime before wrote: every tenth collator is approved.
fn leave_state_of_1_002() {
    let before = LastRuntimeUpgradeInfo { spec_version: 1_002.into(), spec_name: VERSION.spec_name };
    frame_system::LastRuntimeUpgrade::<Runtime>::put(before);
    StorageVersion::new(1).put::<Research>();
    for n in 0..COLLATORS {
        let key = AccountId::new(sp_io::hashing::blake2_256(&n.encode()));
        let (member, approved): (MemberId, bool) = (n / 5, n % 10 == 0);
        unhashed::put_raw(&Collators::<Runtime>::hashed_key_for(key), &(member, approved).encode());
        CollatorCount::<Runtime>::mutate(member, |count| *count += 1);
        ApprovedCollators::<Runtime>::mutate(|count| *count += u32::from(approved));
    }
}

#[test]
fn upgrade_should_migrate_over_several_blocks_when_there_is_much_to_migrate() {
    run(|| {
        leave_state_of_1_002();
        next_block();
        assert!(MultiBlockMigrations::ongoing(), "the first block of the new code starts it");
        let mut blocks = 0;
        while MultiBlockMigrations::ongoing() {
            // What the executive does once a block's inherents are applied.
            MultiBlockMigrations::step();
            next_block();
            blocks += 1;
            assert!(blocks < 100, "it ends");
        }
        assert!(blocks > 1, "{blocks}");
        assert_eq!(Research::on_chain_storage_version(), 2);
        assert_eq!(Collators::<Runtime>::iter().count() as u32, COLLATORS / 10);
        Research::do_try_state().unwrap();
        // Transactions are taken again.
        decide(pallet_registry::Call::reinstate { member: 9 }).unwrap_err();
    });
}

#[test]
fn upgrade_should_migrate_nothing_when_the_storage_is_of_this_version() {
    run(|| {
        let before = LastRuntimeUpgradeInfo { spec_version: 1_002.into(), spec_name: VERSION.spec_name };
        frame_system::LastRuntimeUpgrade::<Runtime>::put(before);
        next_block();
        assert!(MultiBlockMigrations::ongoing(), "it is looked at");
        MultiBlockMigrations::step();
        next_block();
        assert!(!MultiBlockMigrations::ongoing());
        assert_eq!(Research::on_chain_storage_version(), 2);
    });
}
