//! Staff pay nothing in an emergency and for what they share, and nobody can abuse that.

use frame_support::{
    assert_ok,
    dispatch::{CheckIfFeeless, DispatchInfo, GetDispatchInfo},
};
use medrec_primitives::{GlassId, GrantTerms, RelationshipId, StaffRole, Viewer, DAY_MS};
use pallet_relationships::{
    extension::{FreeCalls, ALLOWANCE_USED_UP, FREE_PRIORITY, IMMORTAL, NARROWING_PRIORITY},
    StaffAllowances,
};
use sp_runtime::{
    generic::Era,
    traits::{DispatchTransaction, Dispatchable},
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
    },
};

use crate::{mock::*, Call};

fn break_glass(relationship: RelationshipId) -> RuntimeCall {
    Call::<Test>::break_glass { relationship, reason: [1; 32] }.into()
}

fn close_glass(relationship: RelationshipId, index: u32) -> RuntimeCall {
    Call::<Test>::close_glass { relationship, glass: GlassId::new(0, index) }.into()
}

fn revoke(relationship: RelationshipId, grant: u32) -> RuntimeCall {
    Call::<Test>::revoke { relationship, grant }.into()
}

fn share(relationship: RelationshipId) -> RuntimeCall {
    let (viewer, terms) = (key(71), GrantTerms::Everything);
    let (not_before, not_after, may_share) = (None, None, false);
    Call::<Test>::share { relationship, parent: 0, viewer, terms, not_before, not_after, may_share }.into()
}

fn info(call: &RuntimeCall) -> DispatchInfo {
    call.get_dispatch_info()
}

fn validate(who: u8, call: &RuntimeCall, nonce: u32) -> Result<ValidTransaction, TransactionValidityError> {
    FreeCalls::<Test>::new(Era::mortal(64, 1), nonce)
        .validate_only(signed(who), call, &info(call), 100, TransactionSource::External, 0)
        .map(|(valid, _, _)| valid)
}

/// As a block does: validates, prepares, dispatches. The outer result is the transaction's, the inner one the call's.
fn apply(who: u8, call: &RuntimeCall, nonce: u32) -> Result<bool, TransactionValidityError> {
    FreeCalls::<Test>::new(Era::mortal(64, 1), nonce).validate_and_prepare(
        signed(who),
        call,
        &info(call),
        100,
        0,
    )?;
    Ok(call.clone().dispatch(signed(who)).is_ok())
}

fn used_up() -> TransactionValidityError {
    InvalidTransaction::Custom(ALLOWANCE_USED_UP).into()
}

/// A relationship of the emergency room's own, and of emergency staff with key 200, a clinician with key 201.
fn room(test: impl FnOnce(RelationshipId)) {
    run(|| {
        frame_system::BlockHash::<Test>::insert(0, sp_core::H256::repeat_byte(1));
        frame_system::BlockHash::<Test>::insert(1, sp_core::H256::repeat_byte(2));
        provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        staff(1, 201, StaffRole::Clinician);
        let viewer = Viewer::Member(0);
        assert_ok!(Permissions::grant(signed(50), id, viewer, GrantTerms::Everything, None, None, true));
        test(id);
    });
}

#[test]
fn staff_without_balance_should_break_share_and_take_back_when_allowance_is_left() {
    room(|id| {
        assert_eq!(validate(200, &break_glass(id), 0).unwrap().priority, FREE_PRIORITY);
        assert_eq!(apply(200, &break_glass(id), 0), Ok(true));
        assert_eq!(validate(200, &close_glass(id, 0), 1).unwrap().priority, NARROWING_PRIORITY);
        assert_eq!(apply(200, &close_glass(id, 0), 1), Ok(true));
        assert_eq!(apply(201, &share(id), 0), Ok(true));
        assert_eq!(apply(201, &revoke(id, 1), 1), Ok(true));
        assert_eq!(Balances::free_balance(account(200)), 0);
        let spent = StaffAllowances::<Test>::get(account(200));
        assert_eq!((spent.calls, spent.narrowing), (1, 1));
    });
}

#[test]
fn calls_should_be_free_only_when_signed_by_staff_in_force_or_the_patients_side() {
    room(|id| {
        let other = active(1, 51);
        for call in [break_glass(id), share(id)] {
            assert!(call.is_feeless(&signed(200)) && call.is_feeless(&signed(201)));
            for by in [50, 1, 101, 70] {
                assert!(!call.is_feeless(&signed(by)), "{by}");
            }
            assert!(!call.is_feeless(&RuntimeOrigin::root()) && !call.is_feeless(&RuntimeOrigin::none()));
        }
        for call in [close_glass(id, 0), revoke(id, 0)] {
            assert!(call.is_feeless(&signed(200)) && call.is_feeless(&signed(50)));
            for by in [51, 1, 101, 70] {
                assert!(!call.is_feeless(&signed(by)), "{by}");
            }
        }
        let all = Call::<Test>::revoke_all { relationship: id, viewer: key(70) }.into();
        assert!(RuntimeCall::is_feeless(&all, &signed(50)));
        assert!(!RuntimeCall::is_feeless(&all, &signed(200)) && !RuntimeCall::is_feeless(&all, &signed(51)));
        let glasses = Default::default();
        let outcome = medrec_primitives::ReviewOutcome::Justified;
        let review = Call::<Test>::review_glass { glasses, outcome }.into();
        assert!(!RuntimeCall::is_feeless(&review, &signed(200)));
        // What is the patient's alone is not free for staff.
        let accept = pallet_relationships::Call::<Test>::accept { relationship: other }.into();
        assert!(!RuntimeCall::is_feeless(&accept, &signed(200)));
    });
}

#[test]
fn allowance_should_be_charged_when_calls_of_staff_fail() {
    room(|id| {
        assert_eq!(apply(200, &break_glass(id), 0), Ok(true));
        assert_eq!(apply(200, &break_glass(id), 1), Ok(false), "broken already, and it counts");
        assert_eq!(apply(200, &break_glass(RelationshipId::new(7, 7)), 2), Ok(false));
        assert_eq!(apply(200, &break_glass(id), 3), Err(used_up()));
        assert_eq!(validate(200, &share(id), 3), Err(used_up()));
        // What narrows has an allowance of its own.
        assert_eq!(apply(200, &close_glass(id, 9), 3), Ok(false));
        assert_eq!(apply(200, &close_glass(id, 0), 4), Ok(true));
        assert_eq!(apply(200, &close_glass(id, 0), 5), Err(used_up()));
        // A colleague has its own, and the patient too.
        assert_eq!(apply(201, &share(id), 0), Ok(true));
        assert_eq!(pallet_relationships::Keys::<Test>::get(account(50)).unwrap().allowance.calls, 0);
    });
}

#[test]
fn allowance_of_staff_should_be_fresh_when_a_new_day_begins() {
    room(|id| {
        for nonce in 0..3 {
            assert!(apply(200, &break_glass(id), nonce).is_ok());
        }
        set_time(NOON + DAY_MS / 2 - 1);
        assert_eq!(validate(200, &break_glass(id), 3), Err(used_up()));
        set_time(NOON + DAY_MS / 2);
        assert_eq!(apply(200, &break_glass(id), 3), Ok(true));
        set_time(NOON);
        assert_eq!(apply(200, &break_glass(id), 4), Ok(false));
        assert_eq!(apply(200, &break_glass(id), 5), Ok(false));
        assert_eq!(
            apply(200, &break_glass(id), 6),
            Err(used_up()),
            "a clock that goes back gives nothing back"
        );
    });
}

#[test]
fn nonce_of_staff_should_be_refused_when_further_ahead_than_the_allowance() {
    room(|id| {
        // Three calls and two narrowing ones are left: nonces 0 to 4.
        assert!(validate(200, &break_glass(id), 4).is_ok());
        assert_eq!(validate(200, &break_glass(id), 5), Err(used_up()));
        assert_eq!(validate(200, &close_glass(id, 0), u32::MAX), Err(used_up()));
    });
}

#[test]
fn immortal_transaction_should_be_refused_when_free_for_staff() {
    room(|id| {
        let call = break_glass(id);
        let result = FreeCalls::<Test>::new(Era::Immortal, 0)
            .validate_only(signed(200), &call, &info(&call), 100, TransactionSource::External, 0)
            .map(|(valid, _, _)| valid);
        assert_eq!(result, Err(InvalidTransaction::Custom(IMMORTAL).into()));
    });
}

#[test]
fn nothing_should_be_free_when_the_key_of_staff_is_not_in_force() {
    room(|id| {
        let all = [break_glass(id), share(id), close_glass(id, 0), revoke(id, 0)];
        let free = |by: u8| all.iter().filter(|call| call.is_feeless(&signed(by))).count();
        assert_eq!(free(200), 4);
        // Retired by a new key.
        assert_ok!(Registry::rotate_staff_key(signed(1), 0, account(210)));
        // A new key in an emergency role waits.
        assert_eq!((free(200), free(210)), (0, 0));
        pallet_registry::StaffOf::<Test>::mutate(0, 0, |staff| staff.as_mut().unwrap().from = NOON);
        assert_eq!((free(200), free(210)), (0, 4));
        assert_eq!(Relationships::remaining(&account(200)).total(), 0);
        // Suspended with the member.
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), 0));
        assert_eq!(free(210), 0);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), 0));
        // Expired, to the millisecond.
        let until = pallet_registry::StaffOf::<Test>::get(0, 0).unwrap().until;
        set_time(until - 1);
        assert_eq!(free(210), 4);
        set_time(until);
        assert_eq!((free(210), Relationships::remaining(&account(210)).total()), (0, 0));
        set_time(NOON);
        // Removed.
        assert_ok!(Registry::remove_staff(signed(1), 0));
        assert_eq!(free(210), 0);
        // Not begun: an emergency role starts after a delay.
        assert_ok!(Registry::add_staff(signed(1), account(211), StaffRole::Emergency, NOON + 9 * DAY_MS));
        assert_eq!(free(211), 0);
        set_time(NOON + DAY_MS);
        assert_eq!(free(211), 4);
    });
}

#[test]
fn signature_of_staff_should_not_count_again_when_replayed_even_after_removal() {
    room(|id| {
        assert_eq!(apply(200, &break_glass(id), 0), Ok(true));
        assert_eq!(apply(200, &break_glass(id), 0), Err(InvalidTransaction::Stale.into()));
        assert_ok!(Registry::remove_staff(signed(1), 0));
        assert_eq!(apply(200, &break_glass(id), 0), Err(InvalidTransaction::Stale.into()));
        assert_eq!(System::account_nonce(account(200)), 1);
    });
}
