//! Patients pay nothing, and nobody can abuse that.

use frame_support::dispatch::{CheckIfFeeless, DispatchInfo, GetDispatchInfo};
use medrec_primitives::{RelationshipId, DAY_MS};
use sp_runtime::{
    generic::Era,
    traits::{DispatchTransaction, Dispatchable, TransactionExtension},
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
    },
};

use crate::{
    extension::{FreeCalls, ALLOWANCE_USED_UP, FREE_PRIORITY, IMMORTAL, NARROWING_PRIORITY},
    mock::*,
    Call, Keys,
};

fn accept(id: RelationshipId) -> RuntimeCall {
    Call::<Test>::accept { relationship: id }.into()
}

fn end(id: RelationshipId) -> RuntimeCall {
    Call::<Test>::end { relationship: id }.into()
}

fn info(call: &RuntimeCall) -> DispatchInfo {
    call.get_dispatch_info()
}

fn validate(who: u8, call: &RuntimeCall, nonce: u32) -> Result<ValidTransaction, TransactionValidityError> {
    validate_era(who, call, nonce, Era::mortal(64, 1))
}

fn validate_era(
    who: u8,
    call: &RuntimeCall,
    nonce: u32,
    era: Era,
) -> Result<ValidTransaction, TransactionValidityError> {
    FreeCalls::<Test>::new(era, nonce)
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

fn custom(code: u8) -> TransactionValidityError {
    InvalidTransaction::Custom(code).into()
}

/// The hash of the genesis block, which eras in these tests refer to.
fn with_genesis_hash(test: impl FnOnce()) {
    run(|| {
        frame_system::BlockHash::<Test>::insert(0, sp_core::H256::repeat_byte(1));
        frame_system::BlockHash::<Test>::insert(1, sp_core::H256::repeat_byte(2));
        test();
    });
}

#[test]
fn call_should_be_free_only_when_signed_by_the_relationships_own_key() {
    with_genesis_hash(|| {
        provider(1);
        let (one, other) = (proposed(1, 50), proposed(1, 51));
        assert!(accept(one).is_feeless(&signed(50)));
        assert!(!accept(other).is_feeless(&signed(50)));
        assert!(!accept(one).is_feeless(&signed(1)));
        assert!(!accept(one).is_feeless(&RuntimeOrigin::none()));
        assert!(!accept(one).is_feeless(&RuntimeOrigin::root()));
        let propose = Call::<Test>::propose { patient: account(52), ticket: [0; 16] }.into();
        assert!(!RuntimeCall::is_feeless(&propose, &signed(50)));
    });
}

#[test]
fn patient_without_balance_should_pass_when_allowance_is_left() {
    with_genesis_hash(|| {
        provider(1);
        let id = proposed(1, 50);
        let valid = validate(50, &accept(id), 0).unwrap();
        assert_eq!(valid.priority, FREE_PRIORITY);
        assert_eq!(apply(50, &accept(id), 0), Ok(true));
        let valid = validate(50, &end(id), 1).unwrap();
        assert_eq!(valid.priority, NARROWING_PRIORITY);
    });
}

#[test]
fn stranger_without_account_should_be_refused_when_signing() {
    with_genesis_hash(|| {
        provider(1);
        let id = proposed(1, 50);
        assert_eq!(validate(60, &accept(id), 0), Err(InvalidTransaction::Payment.into()));
    });
}

#[test]
fn immortal_transaction_should_be_refused_when_free() {
    with_genesis_hash(|| {
        provider(1);
        let id = proposed(1, 50);
        assert_eq!(validate_era(50, &accept(id), 0, Era::Immortal), Err(custom(IMMORTAL)));
        // Who pays may sign as he likes.
        assert!(validate_era(1, &accept(id), 0, Era::Immortal).is_ok());
    });
}

#[test]
fn allowance_should_be_charged_when_calls_fail() {
    with_genesis_hash(|| {
        provider(1);
        let id = active(1, 50);
        for nonce in 0..3 {
            assert_eq!(apply(50, &accept(id), nonce), Ok(false), "accepting twice fails, and counts");
        }
        assert_eq!(apply(50, &accept(id), 3), Err(custom(ALLOWANCE_USED_UP)));
        assert_eq!(Keys::<Test>::get(account(50)).unwrap().allowance.calls, 3);
    });
}

#[test]
fn narrowing_calls_should_have_an_allowance_of_their_own_when_the_other_is_used_up() {
    with_genesis_hash(|| {
        provider(1);
        let id = active(1, 50);
        for nonce in 0..3 {
            assert_eq!(apply(50, &accept(id), nonce), Ok(false));
        }
        assert_eq!(validate(50, &accept(id), 3), Err(custom(ALLOWANCE_USED_UP)));
        let reject = Call::<Test>::reject { relationship: id }.into();
        assert_eq!(apply(50, &reject, 3), Ok(false));
        assert_eq!(apply(50, &end(id), 4), Ok(true));
    });
}

#[test]
fn allowance_should_be_fresh_when_a_new_day_begins() {
    with_genesis_hash(|| {
        provider(1);
        let id = active(1, 50);
        for nonce in 0..3 {
            assert_eq!(apply(50, &accept(id), nonce), Ok(false));
        }
        set_time(NOON + DAY_MS / 2 - 1);
        assert_eq!(validate(50, &accept(id), 3), Err(custom(ALLOWANCE_USED_UP)));
        set_time(NOON + DAY_MS / 2);
        assert_eq!(apply(50, &accept(id), 3), Ok(false));
        // A clock that goes back gives nothing back.
        assert_eq!(apply(50, &accept(id), 4), Ok(false));
        assert_eq!(apply(50, &accept(id), 5), Ok(false));
        set_time(NOON);
        assert_eq!(validate(50, &accept(id), 6), Err(custom(ALLOWANCE_USED_UP)));
    });
}

#[test]
fn nonce_should_be_refused_when_further_ahead_than_the_allowance() {
    with_genesis_hash(|| {
        provider(1);
        let id = proposed(1, 50);
        // Three calls and two narrowing ones are left: nonces 0 to 4.
        assert!(validate(50, &accept(id), 4).is_ok());
        assert_eq!(validate(50, &accept(id), 5), Err(custom(ALLOWANCE_USED_UP)));
        assert_eq!(validate(50, &end(id), 5), Err(custom(ALLOWANCE_USED_UP)));
        assert_eq!(validate(50, &end(id), u32::MAX), Err(custom(ALLOWANCE_USED_UP)));
    });
}

#[test]
fn signature_should_not_count_again_when_replayed_even_after_the_end() {
    with_genesis_hash(|| {
        provider(1);
        let id = proposed(1, 50);
        assert_eq!(apply(50, &accept(id), 0), Ok(true));
        assert_eq!(apply(50, &accept(id), 0), Err(InvalidTransaction::Stale.into()));
        assert_eq!(apply(50, &end(id), 1), Ok(true));
        for call in [accept(id), end(id)] {
            for nonce in [0, 1] {
                assert_eq!(apply(50, &call, nonce), Err(InvalidTransaction::Stale.into()));
            }
            assert!(!call.is_feeless(&signed(50)), "after the end nothing is free");
        }
        assert_eq!(System::account_nonce(account(50)), 2);
    });
}

#[test]
fn paying_account_should_not_be_charged_an_allowance_when_it_signs() {
    with_genesis_hash(|| {
        provider(1);
        let id = proposed(1, 50);
        for nonce in 0..20 {
            assert_eq!(apply(2, &accept(id), nonce), Ok(false));
        }
        assert!(validate(2, &accept(id), 1_000).is_ok());
    });
}

#[test]
fn extension_should_look_like_mortality_and_nonce_when_described() {
    let both = <FreeCalls<Test> as TransactionExtension<RuntimeCall>>::metadata();
    let names: Vec<_> = both.iter().map(|m| m.identifier).collect();
    assert_eq!(names, ["CheckMortality", "CheckNonce"]);
    let bytes = codec::Encode::encode(&FreeCalls::<Test>::new(Era::mortal(64, 1), 5));
    assert_eq!(bytes.len(), 3, "two bytes of era, one of nonce, and none of ours");
}
