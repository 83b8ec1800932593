//! Who acts for the patient.

use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchClass, GetDispatchInfo},
};
use medrec_primitives::RelationshipId;

use crate::{mock::*, Call, Error, Event, KeyRole, Keys, MAX_CUSTODIAN_KEYS};

/// Rights as bits.
const READ: u8 = 1;
const GRANT: u8 = 2;
const MANAGE: u8 = 4;
const ALL: u8 = 7;
const DORMANT: u8 = 8;

fn custodians(id: RelationshipId) -> Vec<medrec_primitives::Custodian> {
    Relationships::get(id).unwrap().custodians.into_inner()
}

#[test]
fn custodian_should_act_only_within_right_and_dates_when_signing() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let list = [
            custodian(60, READ | GRANT, 0, None),
            custodian(61, MANAGE, NOON + 1, None),
            custodian(62, MANAGE, 0, Some(NOON + 1)),
            custodian(63, ALL, NOON + 1, Some(NOON + 2)),
        ];
        assert_ok!(set_custodians(50, id, &list));
        let suspend = |n| Relationships::suspend(signed(n), id);
        for key in [60, 61, 63] {
            assert_noop!(suspend(key), Error::<Test>::NotAllowed);
        }
        assert_ok!(suspend(62));
        set_time(NOON + 1);
        for key in [60, 62] {
            assert_noop!(Relationships::resume(signed(key), id), Error::<Test>::NotAllowed);
        }
        assert_ok!(Relationships::resume(signed(61), id));
        assert_ok!(suspend(63));
        set_time(NOON + 2);
        assert_noop!(Relationships::resume(signed(63), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::end(signed(61), id));
        for key in [50, 60, 61, 62, 63] {
            assert_eq!(role(key), KeyRole::Retired);
        }
    });
}

#[test]
fn set_custodians_should_open_new_keys_and_retire_old_ones_when_the_patient_signs() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let (first, second) = (custodian(60, READ, 0, None), custodian(61, ALL | DORMANT, NOON, None));
        assert_ok!(set_custodians(50, id, &[first.clone(), second.clone()]));
        assert_event(Event::CustodiansSet { relationship: id });
        assert_eq!(custodians(id), [first.clone(), second.clone()]);
        for key in [60, 61] {
            assert_eq!((role(key), System::sufficients(&account(key))), (KeyRole::Custodian(key - 60), 1));
            assert_eq!(Relationships::of_account(&account(key)).len(), 1);
        }
        let wider = custodian(60, READ | GRANT, 0, None);
        assert_ok!(set_custodians(50, id, std::slice::from_ref(&wider)));
        assert_eq!(custodians(id), [wider]);
        assert_eq!((role(60), role(61)), (KeyRole::Custodian(0), KeyRole::Retired));
        assert_eq!(System::sufficients(&account(61)), 1, "the nonce outlives the role");
        assert!(Relationships::of_account(&account(61)).is_empty());
        assert_noop!(set_custodians(50, id, &[second]), pallet_registry::Error::<Test>::KeyUsed);
        assert_ok!(set_custodians(50, id, &[]));
        assert_eq!(role(60), KeyRole::Retired);
    });
}

#[test]
fn set_custodians_should_fail_when_the_list_is_malformed() {
    run(|| {
        provider(1);
        let (id, other) = (active(1, 50), active(1, 51));
        assert_ok!(set_custodians(51, other, &[custodian(70, READ, 0, None)]));
        for bad in [
            custodian(60, 0, 0, None),
            custodian(60, DORMANT, 0, None),
            custodian(60, 16, 0, None),
            custodian(60, ALL | 128, 0, None),
            custodian(60, READ, 0, Some(NOON)),
            custodian(60, READ, NOON + 5, Some(NOON + 5)),
        ] {
            assert_noop!(set_custodians(50, id, &[bad]), Error::<Test>::BadCustodian);
        }
        let twice = [custodian(60, READ, 0, None), custodian(60, GRANT, 0, None)];
        assert_noop!(set_custodians(50, id, &twice), Error::<Test>::BadCustodian);
        // The patient, a custodian of someone else's, the provider.
        for used in [50, 70, 1, 101] {
            assert_noop!(
                set_custodians(50, id, &[custodian(used, READ, 0, None)]),
                pallet_registry::Error::<Test>::KeyUsed
            );
        }
    });
}

#[test]
fn set_custodians_should_keep_one_whose_term_is_over_when_unchanged() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let over = custodian(60, READ, 0, Some(NOON + 1));
        assert_ok!(set_custodians(50, id, std::slice::from_ref(&over)));
        set_time(NOON + 1);
        assert_ok!(set_custodians(50, id, &[over, custodian(61, READ, 0, None)]));
    });
}

#[test]
fn set_custodians_should_fail_when_status_or_signer_is_wrong() {
    run(|| {
        provider(1);
        let id = proposed(1, 50);
        let list = [custodian(60, READ, 0, None)];
        assert_noop!(set_custodians(50, id, &list), Error::<Test>::WrongStatus);
        assert_ok!(Relationships::accept(signed(50), id));
        assert_ok!(set_custodians(50, id, &list));
        for stranger in [1, 101, 2, 60, 70] {
            assert_noop!(set_custodians(stranger, id, &[]), Error::<Test>::NotAllowed);
        }
        let unknown = RelationshipId::new(9, 9);
        assert_noop!(set_custodians(50, unknown, &[]), Error::<Test>::UnknownRelationship);
        assert_ok!(Relationships::end(signed(50), id));
        assert_noop!(set_custodians(50, id, &[]), Error::<Test>::WrongStatus);
    });
}

#[test]
fn custodian_should_never_widen_itself_nor_outlast_its_dates_when_it_appoints() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let end = NOON + 100;
        let me = custodian(60, READ | MANAGE, 0, Some(end));
        assert_ok!(set_custodians(50, id, std::slice::from_ref(&me)));
        let set = |list: &[_]| set_custodians(60, id, list);
        for beyond in [
            custodian(60, ALL, 0, Some(end)),
            custodian(60, READ | MANAGE, 0, Some(end + 1)),
            custodian(60, READ | MANAGE, 0, None),
        ] {
            assert_noop!(set(&[beyond]), Error::<Test>::NotAllowed);
        }
        for beyond in [
            custodian(61, GRANT, 0, Some(end)),
            custodian(61, READ, 0, Some(end + 1)),
            custodian(61, READ, 0, None),
        ] {
            assert_noop!(set(&[me.clone(), beyond]), Error::<Test>::NotAllowed);
        }
        assert_ok!(set(&[me.clone(), custodian(61, READ, NOON + 5, Some(end))]));
        // What it has narrowed it cannot widen again.
        let less = custodian(60, MANAGE, 0, Some(end - 1));
        assert_ok!(set(&[less.clone(), custodian(61, READ, NOON + 5, Some(end))]));
        assert_noop!(set(&[me]), Error::<Test>::NotAllowed);
        assert_noop!(set(&[less, custodian(62, READ, 0, Some(end - 1))]), Error::<Test>::NotAllowed);
        // And it may leave.
        assert_ok!(set(&[]));
        assert_noop!(set(&[]), Error::<Test>::NotAllowed);
    });
}

#[test]
fn custodian_should_leave_others_who_manage_as_they_are_when_it_appoints() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let (me, peer) = (custodian(60, ALL, 0, None), custodian(61, MANAGE, 0, Some(NOON + 10)));
        let aide = custodian(62, READ, 0, None);
        assert_ok!(set_custodians(50, id, &[me.clone(), peer.clone(), aide.clone()]));
        assert_noop!(set_custodians(60, id, &[me.clone(), aide]), Error::<Test>::NotAllowed);
        let less = custodian(61, MANAGE, 0, Some(NOON + 9));
        assert_noop!(set_custodians(60, id, &[me.clone(), less]), Error::<Test>::NotAllowed);
        assert_ok!(set_custodians(60, id, &[me.clone(), peer]));
        // Once its term is over it may be tidied away.
        set_time(NOON + 10);
        assert_ok!(set_custodians(60, id, &[me]));
        assert_eq!(role(61), KeyRole::Retired);
    });
}

#[test]
fn remove_custodian_should_work_for_patient_itself_and_manager_when_allowed() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let (manager, peer) = (custodian(60, MANAGE, 0, None), custodian(61, MANAGE, 0, Some(NOON + 10)));
        let (aide, reader) = (custodian(62, READ, 0, None), custodian(63, READ, 0, None));
        assert_ok!(set_custodians(50, id, &[manager, peer, aide, reader]));
        let remove = |n, key| Relationships::remove_custodian(signed(n), id, account(key));
        for (who, key) in [(1, 60), (101, 60), (2, 60), (62, 63), (62, 60), (60, 61), (70, 70)] {
            assert_noop!(remove(who, key), Error::<Test>::NotAllowed);
        }
        for who in [50, 60] {
            assert_noop!(remove(who, 70), Error::<Test>::UnknownCustodian);
        }
        assert_ok!(remove(60, 62));
        assert_event(Event::CustodianRemoved { relationship: id, key: account(62) });
        assert_eq!(role(62), KeyRole::Retired);
        assert_ok!(remove(63, 63));
        assert_noop!(remove(63, 63), Error::<Test>::NotAllowed);
        set_time(NOON + 10);
        assert_ok!(remove(60, 61));
        assert_ok!(remove(50, 60));
        assert!(custodians(id).is_empty());
        let unknown = RelationshipId::new(9, 9);
        assert_noop!(
            Relationships::remove_custodian(signed(50), unknown, account(60)),
            Error::<Test>::UnknownRelationship
        );
        let call = Call::<Test>::remove_custodian { relationship: id, key: account(60) };
        assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
    });
}

#[test]
fn custodian_keys_should_be_refused_when_all_that_are_paid_for_were_used() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        for n in 0..MAX_CUSTODIAN_KEYS {
            assert_ok!(set_custodians(50, id, &[custodian(60 + n, READ, 0, None)]));
        }
        assert_noop!(set_custodians(50, id, &[custodian(80, READ, 0, None)]), Error::<Test>::TooManyKeys);
        assert!(!Keys::<Test>::contains_key(account(80)));
        assert_ok!(set_custodians(50, id, &[]));
    });
}
