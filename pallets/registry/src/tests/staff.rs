//! The staff of members.

use frame_support::{assert_noop, assert_ok, traits::fungible::hold::Inspect};
use medrec_primitives::{MemberStatus, StaffId, StaffRole, DAY_MS};

use crate::{mock::*, Error, Event, HoldReason, StaffKeys};

fn add(signer: u8, key: u8, role: StaffRole, until: u64) -> frame_support::dispatch::DispatchResult {
    Registry::add_staff(RuntimeOrigin::signed(account(signer)), account(key), role, until)
}

#[test]
fn add_staff_should_open_an_account_without_balance_when_active() {
    run(|| {
        let id = provider(1);
        assert_ok!(add(1, 200, StaffRole::Clinician, NOON + DAY_MS));
        let staff = StaffId::new(id, 0);
        assert_event(Event::StaffAdded { staff, key: account(200), role: StaffRole::Clinician });
        assert_eq!(System::sufficients(&account(200)), 1);
        assert_eq!(Balances::balance_on_hold(&HoldReason::Staff.into(), &account(1)), 10);
        let facts = Registry::staff_facts(&account(200)).unwrap();
        assert_eq!((facts.id, facts.from, facts.until), (staff, NOON, NOON + DAY_MS));
        assert_eq!(facts.member_status, MemberStatus::Active);
    });
}

#[test]
fn emergency_role_should_start_after_the_delay_when_added() {
    run(|| {
        provider(1);
        assert_noop!(add(1, 200, StaffRole::Emergency, NOON + DAY_MS), Error::<Test>::BadTerm);
        assert_ok!(add(1, 200, StaffRole::Emergency, NOON + 2 * DAY_MS));
        assert_eq!(Registry::staff_facts(&account(200)).unwrap().from, NOON + DAY_MS);
    });
}

#[test]
fn add_staff_should_fail_when_term_or_number_or_key_or_status_is_wrong() {
    run(|| {
        let id = provider(1);
        assert_noop!(add(1, 200, StaffRole::Clinician, NOON), Error::<Test>::BadTerm);
        assert_noop!(add(1, 200, StaffRole::Clinician, NOON + 401 * DAY_MS), Error::<Test>::BadTerm);
        assert_noop!(add(1, 101, StaffRole::Clinician, NOON + 1), Error::<Test>::KeyUsed);
        assert_noop!(add(101, 200, StaffRole::Clinician, NOON + 1), Error::<Test>::NotAMember);
        for key in 200..203 {
            assert_ok!(add(1, key, StaffRole::Clinician, NOON + 1));
        }
        assert_noop!(add(1, 203, StaffRole::Clinician, NOON + 1), Error::<Test>::TooManyStaff);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_noop!(add(1, 203, StaffRole::Clinician, NOON + 1), Error::<Test>::WrongStatus);
    });
}

#[test]
fn staff_key_should_open_nothing_when_rotated() {
    run(|| {
        let id = provider(1);
        assert_ok!(add(1, 200, StaffRole::Clinician, NOON + 1));
        assert_ok!(Registry::rotate_staff_key(RuntimeOrigin::signed(account(1)), 0, account(201)));
        assert_event(Event::StaffKeyRotated { staff: StaffId::new(id, 0), key: account(201) });
        assert!(Registry::staff_facts(&account(200)).is_none());
        assert!(Registry::staff_facts(&account(201)).is_some());
        for key in [200, 201] {
            assert_noop!(
                Registry::rotate_staff_key(RuntimeOrigin::signed(account(1)), 0, account(key)),
                Error::<Test>::KeyUsed
            );
        }
        assert_noop!(
            Registry::rotate_staff_key(RuntimeOrigin::signed(account(1)), 7, account(202)),
            Error::<Test>::UnknownStaff
        );
    });
}

#[test]
fn staff_key_should_stay_used_when_removed() {
    run(|| {
        let id = provider(1);
        assert_ok!(add(1, 200, StaffRole::Clinician, NOON + 1));
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_ok!(Registry::remove_staff(RuntimeOrigin::signed(account(1)), 0));
        assert_event(Event::StaffRemoved { staff: StaffId::new(id, 0) });
        assert!(Registry::staff_facts(&account(200)).is_none());
        assert!(StaffKeys::<Test>::contains_key(account(200)));
        assert_eq!(System::sufficients(&account(200)), 1);
        assert_noop!(
            Registry::remove_staff(RuntimeOrigin::signed(account(1)), 0),
            Error::<Test>::UnknownStaff
        );
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), id));
        assert_noop!(add(1, 200, StaffRole::Clinician, NOON + 1), Error::<Test>::KeyUsed);
        // Indices are not used again either.
        assert_ok!(add(1, 201, StaffRole::Clinician, NOON + 1));
        assert_eq!(Registry::staff_facts(&account(201)).unwrap().id.index, 1);
    });
}

#[test]
fn emergency_role_should_wait_again_when_the_key_is_rotated() {
    run(|| {
        provider(1);
        assert_ok!(add(1, 200, StaffRole::Emergency, NOON + 5 * DAY_MS));
        assert_ok!(add(1, 201, StaffRole::Clinician, NOON + 5 * DAY_MS));
        let rotate =
            |index, key| Registry::rotate_staff_key(RuntimeOrigin::signed(account(1)), index, account(key));
        let from = |key| Registry::staff_facts(&account(key)).unwrap().from;
        set_time(NOON + 3 * DAY_MS);
        assert_eq!(from(200), NOON + DAY_MS);
        assert_ok!(rotate(0, 202));
        assert_eq!(from(202), NOON + 4 * DAY_MS, "no short cut into emergencies");
        assert_ok!(rotate(1, 203));
        assert_eq!(from(203), NOON, "other roles go on");
        set_time(NOON + 4 * DAY_MS);
        assert_noop!(rotate(0, 204), Error::<Test>::BadTerm);
    });
}

#[test]
fn staff_should_be_shown_as_of_a_suspended_member_at_once_when_it_is() {
    run(|| {
        let id = provider(1);
        assert_ok!(add(1, 200, StaffRole::Clinician, NOON + DAY_MS));
        let status = || Registry::staff_facts(&account(200)).unwrap().member_status;
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_eq!(status(), MemberStatus::Suspended);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), id));
        assert_eq!(status(), MemberStatus::Active);
        assert_ok!(Registry::remove(RuntimeOrigin::root(), id));
        assert_eq!(status(), MemberStatus::Removed);
    });
}
