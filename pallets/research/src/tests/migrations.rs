//! What becomes of storage that an earlier version wrote.

use codec::Encode;
use frame_support::{
    assert_ok,
    migrations::{SteppedMigration, SteppedMigrationError},
    storage::unhashed,
    traits::{GetStorageVersion, StorageVersion},
    weights::{Weight, WeightMeter},
};
use medrec_primitives::{AccountId, MemberId};

use crate::{
    migrations::AcceptedCollators, mock::*, ApprovedCollators, CollatorCount, CollatorStatus, Collators,
    Pallet, WeightInfo,
};

type Migration = AcceptedCollators<Test>;

/// A collator as version 1 wrote it: whose it is, and whether it is approved.
fn written_by_version_1(key: AccountId, member: MemberId, approved: bool) {
    unhashed::put_raw(&Collators::<Test>::hashed_key_for(key), &(member, approved).encode());
    CollatorCount::<Test>::mutate(member, |count| *count += 1);
    ApprovedCollators::<Test>::mutate(|count| *count += u32::from(approved));
}

/// Researchers with an approved and a merely registered collator each, in version 1.
fn version_1(researchers: u32) {
    StorageVersion::new(1).put::<Pallet<Test>>();
    for n in 0..researchers {
        let member = 10 + n;
        written_by_version_1(account(100 + n as u8), member, true);
        written_by_version_1(account(150 + n as u8), member, false);
    }
}

/// Runs the migration with room for so many collators a block; answers how many blocks it took.
fn migrate(collators: u64) -> u32 {
    let room = <Test as crate::Config>::WeightInfo::forget_collator().saturating_mul(collators);
    let mut cursor = None;
    for block in 1..1_000 {
        let mut meter = WeightMeter::with_limit(room);
        cursor = Migration::step(cursor, &mut meter).unwrap();
        if cursor.is_none() {
            return block;
        }
    }
    panic!("it never ends");
}

#[test]
fn migration_should_forget_what_nobody_approved_when_it_takes_one_block_or_many() {
    for (room, blocks) in [(1_000, 1), (3, 7), (1, 21)] {
        run(|| {
            version_1(10);
            let before = Migration::before();
            assert_eq!(migrate(room), blocks);
            assert_ok!(Migration::check(before));
            assert_eq!((before, Collators::<Test>::iter().count()), (10, 10));
            assert_eq!(CollatorCount::<Test>::get(10), 1);
        });
    }
}

#[test]
fn approved_collator_should_go_on_earning_when_version_1_wrote_it() {
    run(|| {
        version_1(1);
        assert!(Research::is_researchers(&account(100)), "before the migration, too");
        assert_eq!(Collators::<Test>::get(account(100)).unwrap().status, CollatorStatus::Approved);
        migrate(1);
        assert!(Research::is_researchers(&account(100)));
    });
}

#[test]
fn migration_should_do_nothing_when_it_was_done() {
    run(|| {
        version_1(0);
        assert_eq!(migrate(1), 1);
        let id = researcher(2);
        assert_ok!(Research::register_collator(signed(2), account(77)));
        assert_eq!(migrate(10), 1);
        assert_eq!(CollatorCount::<Test>::get(id), 2, "what is registered since stays");
        assert_eq!(Pallet::<Test>::on_chain_storage_version(), 2);
    });
}

#[test]
fn migration_should_say_how_much_it_needs_when_a_block_has_no_room() {
    run(|| {
        version_1(1);
        let required = <Test as crate::Config>::WeightInfo::forget_collator();
        let mut meter = WeightMeter::with_limit(Weight::from_parts(1, 1));
        assert_eq!(
            Migration::step(None, &mut meter),
            Err(SteppedMigrationError::InsufficientWeight { required })
        );
        migrate(1);
    });
}

#[test]
fn check_should_fail_when_a_registration_is_left_or_an_approval_is_lost() {
    run(|| {
        version_1(2);
        assert!(Migration::check(2).is_err(), "nothing was migrated");
        migrate(1);
        assert!(Migration::check(3).is_err());
        assert_ok!(Migration::check(2));
    });
}
