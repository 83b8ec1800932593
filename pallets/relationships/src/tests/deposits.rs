//! What is free on a member's deposit account goes back to the member.

use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use sp_runtime::DispatchError;

use crate::{mock::*, Error, Event};

const NOT_FREE: Error<Test> = Error::<Test>::NotFree;

fn withdraw(n: u8, amount: Option<u64>) -> sp_runtime::DispatchResult {
    Relationships::withdraw_deposit(signed(n), amount)
}

fn total(member: u32) -> u64 {
    Balances::total_balance(&Relationships::deposit_account(member))
}

#[test]
fn withdraw_deposit_should_give_back_what_is_free_when_the_member_asks() {
    run(|| {
        let member = provider(1);
        let id = active(1, 50);
        let before = Balances::total_balance(&account(1));
        assert_ok!(withdraw(1, Some(400)));
        assert_event(Event::DepositWithdrawn { member, amount: 400 });
        assert_eq!((total(member), Balances::total_balance(&account(1))), (600, before + 400));
        // What is held stays, and what the account exists by.
        let left = 100 + <Balances as Inspect<_>>::minimum_balance();
        assert_noop!(withdraw(1, Some(600 - left + 1)), NOT_FREE);
        assert_ok!(withdraw(1, None));
        assert_eq!(total(member), left);
        for nothing in [None, Some(0), Some(1)] {
            assert_noop!(withdraw(1, nothing), NOT_FREE);
        }
        // The end of a relationship frees what is held for its use.
        assert_ok!(Relationships::end(signed(50), id));
        assert_ok!(withdraw(1, None));
        assert_eq!(total(member), left - 60);
    });
}

#[test]
fn withdraw_deposit_should_be_for_the_members_account_alone_in_any_status() {
    run(|| {
        let member = provider(1);
        active(1, 50);
        // The gatekeeper's key, the patient, a stranger.
        for other in [101, 50, 9] {
            assert_noop!(withdraw(other, None), pallet_registry::Error::<Test>::NotAMember);
        }
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
            assert_noop!(Relationships::withdraw_deposit(origin, None), DispatchError::BadOrigin);
        }
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_ok!(withdraw(1, Some(1)));
        assert_ok!(Registry::remove(RuntimeOrigin::root(), member));
        assert_ok!(withdraw(1, Some(1)));
        assert_eq!(total(member), 998);
    });
}

#[test]
fn withdraw_deposit_should_empty_the_account_when_nothing_is_held() {
    run(|| {
        let member = provider(1);
        assert_ok!(withdraw(1, None));
        assert_eq!(total(member), 0);
        assert_noop!(withdraw(1, None), NOT_FREE);
        let error = Relationships::propose(signed(1), account(50), [7; 16]).unwrap_err();
        assert_eq!(error, Error::<Test>::DepositAccountTooLow.into());
    });
}
