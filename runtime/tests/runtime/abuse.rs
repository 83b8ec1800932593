//! What free calls could be abused for: every try through the executive and the pool's validation, by real signatures.

use codec::Encode;
use medrec_primitives::RelationshipStatus;
use medrec_runtime::{
    AccountId, Address, Balances, Executive, Hash, Permissions, Relationships, Runtime, RuntimeCall, System,
    UncheckedExtrinsic,
};
use pallet_relationships::{extension::ALLOWANCE_USED_UP, Call};
use sp_core::sr25519;
use sp_runtime::{
    generic::Era,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
};

use crate::support::*;

const PAYMENT: TransactionValidityError = TransactionValidityError::Invalid(InvalidTransaction::Payment);
const STALE: TransactionValidityError = TransactionValidityError::Invalid(InvalidTransaction::Stale);

fn era() -> Era {
    Era::mortal(64, u64::from(System::block_number() - 1))
}

fn accept() -> RuntimeCall {
    Call::<Runtime>::accept { relationship: FIRST }.into()
}

fn end() -> RuntimeCall {
    Call::<Runtime>::end { relationship: FIRST }.into()
}

/// Every way in which an account can put a call into another one.
fn wrapped(who: &AccountId, call: &RuntimeCall) -> Vec<RuntimeCall> {
    let (real, delegate) = (Address::Id(who.clone()), Address::Id(who.clone()));
    let one = || Box::new(call.clone());
    let calls = || vec![call.clone()];
    let other_signatories = vec![account(&hospital())];
    let (max_weight, maybe_timepoint) = (Default::default(), None);
    let as_multi = pallet_multisig::Call::<Runtime>::as_multi {
        threshold: 2,
        other_signatories: other_signatories.clone(),
        maybe_timepoint,
        call: one(),
        max_weight,
    };
    let batch = pallet_utility::Call::<Runtime>::batch { calls: calls() };
    vec![
        batch.clone().into(),
        pallet_utility::Call::<Runtime>::batch_all { calls: vec![batch.into()] }.into(),
        pallet_utility::Call::<Runtime>::batch_all { calls: calls() }.into(),
        pallet_utility::Call::<Runtime>::force_batch { calls: calls() }.into(),
        pallet_utility::Call::<Runtime>::as_derivative { index: 0, call: one() }.into(),
        pallet_utility::Call::<Runtime>::if_else { main: one(), fallback: one() }.into(),
        pallet_utility::Call::<Runtime>::with_weight { call: one(), weight: max_weight }.into(),
        pallet_proxy::Call::<Runtime>::proxy { real: real.clone(), force_proxy_type: None, call: one() }
            .into(),
        pallet_proxy::Call::<Runtime>::proxy_announced {
            delegate,
            real,
            force_proxy_type: None,
            call: one(),
        }
        .into(),
        pallet_multisig::Call::<Runtime>::as_multi_threshold_1 { other_signatories, call: one() }.into(),
        as_multi.into(),
        pallet_whitelist::Call::<Runtime>::dispatch_whitelisted_call_with_preimage { call: one() }.into(),
    ]
}

#[test]
fn wrapped_calls_should_be_refused_by_pool_and_block_when_the_patient_has_no_balance() {
    run(|| {
        let patient = enrolled_patient();
        let revoke: RuntimeCall =
            pallet_permissions::Call::<Runtime>::revoke { relationship: FIRST, grant: 0 }.into();
        submit(&patient, sealed_grant()).unwrap();
        let before = Relationships::remaining(&account(&patient));
        for call in [sealed_grant().into(), revoke, end()] {
            for wrapped in wrapped(&account(&patient), &call) {
                let transaction = sign(&patient, wrapped.clone());
                assert_eq!(pool(transaction.clone()), Err(PAYMENT), "{wrapped:?}");
                assert_eq!(Executive::apply_extrinsic(transaction), Err(PAYMENT), "{wrapped:?}");
            }
        }
        assert_eq!(Permissions::rules(FIRST).len(), 1);
        assert_eq!(Relationships::remaining(&account(&patient)), before);
    });
}

#[test]
fn failing_calls_should_cost_the_allowance_of_their_kind_when_they_are_free() {
    run(|| {
        let patient = enrolled_patient();
        let who = account(&patient);
        let failing = [
            (accept(), false),
            (Call::<Runtime>::resume { relationship: FIRST }.into(), false),
            (Call::<Runtime>::reject { relationship: FIRST }.into(), true),
            (pallet_permissions::Call::<Runtime>::revoke { relationship: FIRST, grant: 9 }.into(), true),
        ];
        for (call, narrowing) in failing {
            let before = Relationships::remaining(&who);
            assert!(submit(&patient, call.clone()).is_err());
            let after = Relationships::remaining(&who);
            assert_eq!(after.of(narrowing) + 1, before.of(narrowing), "{call:?}");
            assert_eq!(after.of(!narrowing), before.of(!narrowing), "{call:?}");
        }
        assert_eq!(Balances::free_balance(&who), 0);
    });
}

/// However many nonces somebody signs ahead, and whatever calls: the pool holds no more than the day's allowance, and a second
/// transaction with the same nonce outbids the first one once at most.
#[test]
fn pool_should_hold_no_more_than_the_allowance_when_a_patient_floods_it() {
    run(|| {
        let patient = enrolled_patient();
        let next = System::account_nonce(account(&patient));
        let left = Relationships::remaining(&account(&patient));
        let mut let_in = 0;
        for nonce in next..next + 200 {
            let mut priorities = Vec::new();
            let mut tags = Vec::new();
            for call in [
                accept(),
                sealed_grant().into(),
                end(),
                Call::<Runtime>::suspend { relationship: FIRST }.into(),
            ] {
                match pool(sign_at(&patient, call, era(), nonce)) {
                    Ok(valid) => {
                        priorities.push(valid.priority);
                        tags.push(valid.provides);
                    }
                    Err(refused) => {
                        assert_eq!(refused, InvalidTransaction::Custom(ALLOWANCE_USED_UP).into())
                    }
                }
            }
            priorities.dedup();
            tags.dedup();
            assert!(priorities.len() <= 2 && tags.len() <= 1, "{nonce}");
            let_in += tags.len();
        }
        assert_eq!(let_in, usize::from(left.total()));
        // All used up, not even the next one comes in; the other kind still does.
        let mut narrowing = 0;
        while try_submit(&patient, Call::<Runtime>::reject { relationship: FIRST }).is_ok() {
            narrowing += 1;
        }
        assert_eq!(narrowing, left.of(true));
        let refused = Err(InvalidTransaction::Custom(ALLOWANCE_USED_UP).into());
        assert_eq!(pool(sign(&patient, end())), refused);
        assert!(pool(sign(&patient, accept())).is_ok());
    });
}

/// What a patient has signed: what was applied, and what was signed for later and never sent.
struct Signed {
    applied: Vec<UncheckedExtrinsic>,
    kept: Vec<UncheckedExtrinsic>,
}

/// A patient who accepts, grants and revokes, and has more signed for the nonces that follow.
fn signed(patient: &sr25519::Pair) -> Signed {
    admit_hospital();
    submit(&hospital(), proposal(patient)).unwrap();
    let revoke = pallet_permissions::Call::<Runtime>::revoke { relationship: FIRST, grant: 0 };
    let applied = [accept(), sealed_grant().into(), revoke.into()].map(|call| {
        let transaction = sign(patient, call);
        Executive::apply_extrinsic(transaction.clone()).unwrap().unwrap();
        transaction
    });
    let calls =
        [accept(), sealed_grant().into(), Call::<Runtime>::resume { relationship: FIRST }.into(), end()];
    let kept =
        calls.into_iter().flat_map(|call| (3..8).map(move |nonce| (call.clone(), nonce)).collect::<Vec<_>>());
    let kept = kept.map(|(call, nonce)| sign_at(patient, call, era(), nonce)).collect();
    Signed { applied: applied.to_vec(), kept }
}

/// Nothing that was signed comes into the pool or a block any more, nor changes anything but by being tried.
fn is_worth_nothing(signed: &Signed) {
    let before = (Relationships::relationship(FIRST), Permissions::rules(FIRST));
    for transaction in &signed.applied {
        assert_eq!(pool(transaction.clone()), Err(STALE));
        assert_eq!(Executive::apply_extrinsic(transaction.clone()), Err(STALE));
    }
    for transaction in &signed.kept {
        let refused = pool(transaction.clone()).expect_err("the key is nobody's");
        assert!([PAYMENT, STALE].contains(&refused), "{refused:?}");
        assert!(Executive::apply_extrinsic(transaction.clone()).is_err());
    }
    assert_eq!((Relationships::relationship(FIRST), Permissions::rules(FIRST)), before);
}

#[test]
fn signatures_should_be_worth_nothing_when_replayed_after_the_end() {
    run(|| {
        let patient = patient(0);
        let signed = signed(&patient);
        submit(&hospital(), Call::<Runtime>::end { relationship: FIRST }).unwrap();
        is_worth_nothing(&signed);
        assert_eq!(System::account_nonce(account(&patient)), 3, "the account stays, and its nonce with it");
    });
}

#[test]
fn signatures_should_be_worth_nothing_when_replayed_after_a_rekey() {
    run(|| {
        let (lost, fresh) = (patient(0), patient(1));
        let signed = signed(&lost);
        let request = Call::<Runtime>::request_rekey {
            relationship: FIRST,
            lost: account(&lost),
            key: account(&fresh),
            ticket: Some(TICKET),
        };
        submit(&hospital(), request).unwrap();
        let now = pallet_timestamp::Now::<Runtime>::get();
        pallet_timestamp::Now::<Runtime>::put(now + pallet_relationships::REKEY_DELAY);
        submit(&hospital(), Call::<Runtime>::finish_rekey { relationship: FIRST }).unwrap();
        is_worth_nothing(&signed);
        assert_eq!(Relationships::relationship(FIRST), Some((account(&fresh), RelationshipStatus::Active)));
    });
}

#[test]
fn signatures_should_be_worth_nothing_when_replayed_after_a_new_proposal() {
    run(|| {
        let patient = patient(0);
        let signed = signed(&patient);
        submit(&hospital(), Call::<Runtime>::end { relationship: FIRST }).unwrap();
        let used = pallet_registry::Error::<Runtime>::KeyUsed.into();
        assert_eq!(submit(&hospital(), proposal(&patient)), Err(used), "not with the same key");
        submit(&hospital(), proposal(&crate::support::patient(1))).unwrap();
        is_worth_nothing(&signed);
        let second = medrec_primitives::RelationshipId::new(0, 1);
        assert_eq!(Relationships::relationship(second).unwrap().1, RelationshipStatus::Proposed);
    });
}

#[test]
fn signature_should_be_refused_when_its_era_is_over() {
    run(|| {
        let patient = enrolled_patient();
        let transaction = sign(&patient, sealed_grant());
        assert!(pool(transaction.clone()).is_ok());
        let now = System::block_number() + 64;
        begin_block(now);
        // In these tests blocks have no hashes of their own.
        for number in now - 64..now {
            frame_system::BlockHash::<Runtime>::insert(number, Hash::repeat_byte(7));
        }
        let refused = pool(transaction.clone()).expect_err("it was signed for 64 blocks");
        let dead = [InvalidTransaction::BadProof, InvalidTransaction::AncientBirthBlock].map(Into::into);
        assert!(dead.contains(&refused), "{refused:?}");
        assert!(Executive::apply_extrinsic(transaction).is_err());
        assert!(Permissions::rules(FIRST).is_empty());
    });
}

#[test]
fn signature_should_be_refused_when_a_bit_of_the_call_was_changed() {
    run(|| {
        let patient = enrolled_patient();
        let bytes = sign(&patient, sealed_grant()).encode();
        let last = bytes.len() - 1;
        let changed = [&bytes[..last], &[bytes[last] ^ 1]].concat();
        let transaction = codec::Decode::decode(&mut changed.as_slice()).unwrap();
        assert_eq!(pool(transaction), Err(InvalidTransaction::BadProof.into()));
    });
}
