//! What members have on hold.

use frame_support::{assert_ok, traits::fungible::hold::Inspect};
use medrec_primitives::{MemberRole, StaffRole, DAY_MS};

use crate::{mock::*, HoldReason};

fn signed(n: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(n))
}

fn on_hold(reason: HoldReason, n: u8) -> u64 {
    Balances::balance_on_hold(&reason.into(), &account(n))
}

/// Another runtime takes other deposits.
fn raise() {
    MemberDeposit::set(150);
    StaffDeposit::set(15);
    GroupDeposit::set(30);
}

fn add_staff(n: u8, key: u8) {
    assert_ok!(Registry::add_staff(signed(n), account(key), StaffRole::Clinician, NOON + DAY_MS));
}

#[test]
fn deposits_should_stay_as_they_were_held_when_their_amounts_change() {
    run(|| {
        let id = provider(1);
        add_staff(1, 50);
        assert_ok!(Registry::create_group(signed(1), b"Rooms".to_vec().try_into().unwrap()));
        raise();
        assert_ok!(Registry::do_try_state());
        add_staff(1, 51);
        assert_ok!(Registry::create_group(signed(1), b"Rooms".to_vec().try_into().unwrap()));
        let held =
            [HoldReason::Member, HoldReason::Staff, HoldReason::Group].map(|reason| on_hold(reason, 1));
        assert_eq!(held, [100, 10 + 15, 20 + 30]);
        assert_ok!(Registry::do_try_state());
        assert_ok!(Registry::remove(RuntimeOrigin::root(), id));
        assert_eq!(on_hold(HoldReason::Member, 1), 0);
    });
}

#[test]
fn deposit_should_be_given_back_whole_when_its_amount_was_lowered() {
    run(|| {
        let id = provider(1);
        apply(2, MemberRole::Provider);
        MemberDeposit::set(40);
        assert_ok!(Registry::remove(RuntimeOrigin::root(), id));
        assert_ok!(Registry::withdraw(signed(2)));
        assert_eq!((on_hold(HoldReason::Member, 1), on_hold(HoldReason::Member, 2)), (0, 0));
    });
}
