//! Receipts: which count, and what the pool lets in.

use frame_support::{
    assert_noop, assert_ok,
    dispatch::GetDispatchInfo,
    pallet_prelude::{
        InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction, Weight,
    },
    traits::Authorize,
    weights::WeightMeter,
};
use medrec_primitives::{RefusalReason, RequestId, RequestOutcome, Settlement, SignedReceipt, DAY_MS};
use sp_core::Pair;
use sp_runtime::{
    traits::{Applyable, Checkable, IdentityLookup},
    DispatchError,
};

use crate::{mock::*, receipts::LONGEVITY, Call, Error, Event, OwnReceipts};

const REFUSED: Settlement = Settlement::Refused(RefusalReason::NotPermitted);

/// What the pool says.
fn valid(receipt: SignedReceipt) -> Result<ValidTransaction, InvalidTransaction> {
    let call: RuntimeCall = Access::call(receipt).into();
    let mut answers = [TransactionSource::External, TransactionSource::Local, TransactionSource::InBlock]
        .map(|source| call.authorize(source).unwrap());
    // It must travel, so that the source makes no difference.
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    match std::mem::replace(&mut answers[0], Err(InvalidTransaction::Call.into())) {
        Ok((valid, unspent)) => {
            assert_eq!(unspent, Weight::zero());
            Ok(valid)
        }
        Err(TransactionValidityError::Invalid(invalid)) => Err(invalid),
        Err(other) => panic!("{other:?}"),
    }
}

/// Applies a receipt as a block does.
fn apply(receipt: SignedReceipt) -> Result<(), DispatchError> {
    let call: RuntimeCall = Access::call(receipt).into();
    let info = call.get_dispatch_info();
    let transaction = Extrinsic::new_transaction(call, TxExtension::new());
    let checked = Checkable::check(transaction, &IdentityLookup::default()).unwrap();
    match checked.apply::<Test>(&info, 0) {
        Ok(result) => result.map(|_| ()).map_err(|error| error.error),
        Err(_) => Err(DispatchError::Other("not valid")),
    }
}

#[test]
fn receipt_should_end_the_request_when_the_gatekeeper_signed_it() {
    run(|| {
        let request = ready();
        let receipt = receipt(1, request, Settlement::Fulfilled);
        let answer = valid(receipt).unwrap();
        assert_eq!(answer.provides.len(), 1);
        assert!(answer.requires.is_empty() && answer.propagate);
        assert_eq!(answer.longevity, LONGEVITY);
        assert_ok!(apply(receipt));
        assert_event(Event::Fulfilled { request });
        let settled = RequestOutcome::Settled { settlement: Settlement::Fulfilled, digest: [9; 32] };
        assert_eq!(Access::receipt(request).map(|r| r.outcome), Some(settled));
        assert_eq!(Access::get(request), None);
    });
}

#[test]
fn refusal_should_end_the_request_when_the_gatekeeper_signed_it() {
    run(|| {
        let request = ready();
        assert_ok!(apply(receipt(1, request, REFUSED)));
        assert_event(Event::Refused { request });
        let settled = RequestOutcome::Settled { settlement: REFUSED, digest: [9; 32] };
        assert_eq!(Access::receipt(request).map(|r| r.outcome), Some(settled));
    });
}

#[test]
fn receipt_should_be_refused_when_the_request_has_one_already() {
    run(|| {
        let request = ready();
        let (one, other) = (receipt(1, request, Settlement::Fulfilled), receipt(1, request, REFUSED));
        // Only one for each request waits in the pool, whatever it says.
        assert_eq!(valid(one).unwrap().provides, valid(other).unwrap().provides);
        assert_ok!(apply(one));
        assert_eq!(valid(one), Err(InvalidTransaction::Stale));
        assert_eq!(valid(other), Err(InvalidTransaction::Stale));
        assert!(apply(one).is_err() && apply(other).is_err());
    });
}

#[test]
fn receipts_of_two_requests_should_not_exclude_each_other() {
    run(|| {
        let one = ready();
        let two = ask(70, Access::get(one).unwrap().relationship);
        let provides = |request| valid(receipt(1, request, Settlement::Fulfilled)).unwrap().provides;
        assert_ne!(provides(one), provides(two));
    });
}

#[test]
fn receipt_should_be_refused_when_the_request_is_unknown_or_waits_or_is_over() {
    run(|| {
        let request = ready();
        let id = Access::get(request).unwrap().relationship;
        let unknown = RequestId::new(0, 9);
        assert_eq!(valid(receipt(1, unknown, REFUSED)), Err(InvalidTransaction::Stale));
        allow_sealed(id, 71);
        let waiting = ask(71, id);
        assert_eq!(valid(receipt(1, waiting, REFUSED)), Err(InvalidTransaction::Stale));
        let good = receipt(1, request, Settlement::Fulfilled);
        set_time(NOON + DAY_MS - 1);
        assert!(valid(good).is_ok());
        set_time(NOON + DAY_MS);
        assert_eq!(valid(good), Err(InvalidTransaction::Stale));
    });
}

#[test]
fn receipt_should_be_refused_when_the_signature_is_not_the_gatekeepers_under_it() {
    run(|| {
        let request = ready();
        provider(2);
        let good = receipt(1, request, Settlement::Fulfilled);
        let bad = Err(InvalidTransaction::BadProof);
        assert_eq!(valid(receipt(2, request, Settlement::Fulfilled)), bad);
        assert_eq!(valid(SignedReceipt { settlement: REFUSED, ..good }), bad);
        assert_eq!(valid(SignedReceipt { digest: [8; 32], ..good }), bad);
        assert_eq!(valid(SignedReceipt { signature: [0; 64], ..good }), bad);
        let other = ask(70, Access::get(request).unwrap().relationship);
        assert_eq!(valid(SignedReceipt { request: other, ..good }), bad);
        // A signature from another chain.
        let message = medrec_primitives::access::receipt_message(
            &[0; 32],
            request,
            Settlement::Fulfilled,
            &good.digest,
        );
        let elsewhere = SignedReceipt { signature: gatekeeper(1).sign(&message).0, ..good };
        assert_eq!(valid(elsewhere), bad);
        assert!(valid(good).is_ok());
    });
}

#[test]
fn receipt_should_follow_the_gatekeeper_key_when_it_is_rotated() {
    run(|| {
        let request = ready();
        let old = receipt(1, request, Settlement::Fulfilled);
        assert_ok!(Registry::rotate_gatekeeper_key(signed(1), gatekeeper(9).public().into()));
        assert_eq!(valid(old), Err(InvalidTransaction::BadProof));
        assert!(valid(receipt(9, request, Settlement::Fulfilled)).is_ok());
    });
}

#[test]
fn receipt_should_only_refuse_when_the_provider_is_suspended() {
    run(|| {
        let request = ready();
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), 0));
        let fulfilled = receipt(1, request, Settlement::Fulfilled);
        assert_eq!(valid(fulfilled), Err(InvalidTransaction::BadSigner));
        assert_ok!(apply(receipt(1, request, REFUSED)));
    });
}

#[test]
fn receipt_should_be_refused_when_anyone_signs_the_transaction_instead() {
    run(|| {
        let request = ready();
        let SignedReceipt { digest, signature, .. } = receipt(1, request, Settlement::Fulfilled);
        for origin in [signed(1), signed(70), RuntimeOrigin::root(), RuntimeOrigin::none()] {
            let reason = RefusalReason::NotPermitted;
            assert_noop!(
                Access::fulfil(origin.clone(), request, digest, signature),
                DispatchError::BadOrigin
            );
            assert_noop!(
                Access::refuse(origin, request, reason, digest, signature),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn receipt_should_be_refused_when_dispatched_for_a_request_that_is_not_ready() {
    run(|| {
        let request = ready();
        let id = Access::get(request).unwrap().relationship;
        allow_sealed(id, 71);
        let waiting = ask(71, id);
        let fulfil = |request| {
            let origin = frame_system::Origin::<Test>::Authorized.into();
            Access::fulfil(origin, request, [0; 32], [0; 64])
        };
        assert_noop!(fulfil(waiting), Error::<Test>::NotReady);
        assert_noop!(fulfil(RequestId::new(0, 9)), Error::<Test>::UnknownRequest);
        set_time(NOON + DAY_MS);
        assert_noop!(fulfil(request), Error::<Test>::RequestExpired);
    });
}

#[test]
fn only_receipts_should_be_authorised_without_a_signer() {
    run(|| {
        let request = ready();
        let anchor = Call::<Test>::anchor { interval: 0, records: [0; 32], log: [0; 32] };
        for call in [Call::approve { request }, Call::decline { request }, Call::expire { request }, anchor] {
            assert!(RuntimeCall::from(call).authorize(TransactionSource::Local).is_none());
        }
    });
}

/// The patient asks for its own records, and the gatekeeper answers.
fn settle_own(id: medrec_primitives::RelationshipId) -> RequestId {
    let request = ask(50, id);
    assert_ok!(apply(receipt(1, request, REFUSED)));
    request
}

#[test]
fn receipts_of_the_patients_own_requests_should_replace_the_oldest_when_there_are_many() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        allow(id, 70);
        let paid = ask(70, id);
        assert_ok!(apply(receipt(1, paid, REFUSED)));
        let own: Vec<_> = (0..5).map(|_| settle_own(id)).collect();
        let kept: Vec<_> = own.iter().map(|request| Access::receipt(*request).is_some()).collect();
        assert_eq!(kept, [false, false, true, true, true]);
        assert!(Access::receipt(paid).is_some(), "what was paid for stays");
        Access::do_try_state().unwrap();
    });
}

#[test]
fn receipts_of_the_patients_own_requests_should_go_at_the_end_of_their_term() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let own = [settle_own(id), settle_own(id)];
        assert_eq!(OwnReceipts::<Test>::get(id.member, id.index).len(), 2);
        set_time(NOON + 31 * DAY_MS);
        Access::sweep(&mut WeightMeter::new());
        assert!(own.iter().all(|request| Access::receipt(*request).is_none()));
        assert!(!OwnReceipts::<Test>::contains_key(id.member, id.index));
    });
}
