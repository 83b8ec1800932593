//! Rotation of a member's keys.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, Error, Event, SealingKeys};

#[test]
fn gatekeeper_key_should_stop_working_when_rotated() {
    run(|| {
        let id = provider(1);
        assert_ok!(Registry::rotate_gatekeeper_key(RuntimeOrigin::signed(account(1)), account(150)));
        assert_event(Event::GatekeeperKeyRotated { member: id, gatekeeper: account(150) });
        assert_eq!(Registry::provider_of(&account(150)), Some(id));
        assert_eq!(Registry::provider_of(&account(101)), None);
        // Not even its former owner may use it again.
        assert_noop!(
            Registry::rotate_gatekeeper_key(RuntimeOrigin::signed(account(1)), account(101)),
            Error::<Test>::KeyUsed
        );
    });
}

#[test]
fn rotation_should_fail_when_signed_by_the_gatekeeper_or_suspended() {
    run(|| {
        let id = provider(1);
        assert_noop!(
            Registry::rotate_gatekeeper_key(RuntimeOrigin::signed(account(101)), account(150)),
            Error::<Test>::NotAMember
        );
        assert_noop!(
            Registry::rotate_sealing_key(RuntimeOrigin::signed(account(101)), [9; 32]),
            Error::<Test>::NotAMember
        );
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_noop!(
            Registry::rotate_gatekeeper_key(RuntimeOrigin::signed(account(1)), account(150)),
            Error::<Test>::WrongStatus
        );
    });
}

#[test]
fn sealing_key_should_stay_listed_but_closed_when_rotated() {
    run(|| {
        let id = provider(1);
        set_time(NOON + 5);
        assert_ok!(Registry::rotate_sealing_key(RuntimeOrigin::signed(account(1)), [9; 32]));
        assert_event(Event::SealingKeyRotated { member: id, key: 1 });
        let keys = Registry::sealing_keys(id);
        assert_eq!(keys.len(), 2);
        assert_eq!((keys[0].1.public, keys[0].1.not_after), ([1; 32], Some(NOON + 5)));
        assert_eq!((keys[1].1.public, keys[1].1.not_before, keys[1].1.not_after), ([9; 32], NOON + 5, None));
        assert!(!Registry::may_seal_to(id, 0));
        assert!(Registry::may_seal_to(id, 1));
        assert!(!Registry::may_seal_to(id, 2));
        assert_noop!(
            Registry::rotate_sealing_key(RuntimeOrigin::signed(account(1)), [0; 32]),
            Error::<Test>::SealingKeyMalformed
        );
    });
}

#[test]
fn sealing_key_rotation_should_fail_when_indices_run_out() {
    run(|| {
        let id = provider(1);
        for _ in 0..255 {
            assert_ok!(Registry::rotate_sealing_key(RuntimeOrigin::signed(account(1)), [9; 32]));
        }
        assert_noop!(
            Registry::rotate_sealing_key(RuntimeOrigin::signed(account(1)), [9; 32]),
            Error::<Test>::IdsExhausted
        );
        assert_eq!(SealingKeys::<Test>::iter_prefix(id).count(), 256);
    });
}

#[test]
fn sealing_key_rotation_should_fail_when_only_applied() {
    run(|| {
        let id = apply(1, medrec_primitives::MemberRole::Provider);
        let rotate = || Registry::rotate_sealing_key(RuntimeOrigin::signed(account(1)), [9; 32]);
        assert_noop!(rotate(), Error::<Test>::WrongStatus);
        assert_ok!(Registry::withdraw(RuntimeOrigin::signed(account(1))));
        assert_eq!(SealingKeys::<Test>::iter_prefix(id).count(), 0);
    });
}

#[test]
fn invariants_should_be_seen_broken_when_an_account_leads_nowhere() {
    new_test_ext().execute_with(|| {
        let id = provider(1);
        assert_ok!(Registry::do_try_state());
        crate::Accounts::<Test>::insert(account(77), (id, crate::AccountUse::Gatekeeper));
        assert_eq!(Registry::do_try_state(), Err("an account leads nowhere".into()));
        crate::Accounts::<Test>::insert(account(77), (id + 1, crate::AccountUse::Retired));
        assert_eq!(Registry::do_try_state(), Err("an account of a member that never was".into()));
    });
}

#[test]
fn invariants_should_be_seen_broken_when_a_hold_is_missing() {
    use frame_support::traits::{fungible::hold::Mutate, tokens::Precision};
    for reason in [crate::HoldReason::Member, crate::HoldReason::Staff, crate::HoldReason::Group] {
        new_test_ext().execute_with(|| {
            provider(1);
            let signed = || RuntimeOrigin::signed(account(1));
            let role = medrec_primitives::StaffRole::Clinician;
            assert_ok!(Registry::add_staff(signed(), account(200), role, NOON + 1_000));
            assert_ok!(Registry::create_group(signed(), b"Group".to_vec().try_into().unwrap()));
            assert_ok!(Registry::do_try_state());
            assert_ok!(Balances::release(&reason.into(), &account(1), 1, Precision::Exact));
            let broken = "what a member has on hold is not what is recorded";
            assert_eq!(Registry::do_try_state(), Err(broken.into()));
        });
    }
}
