//! Patients pay nothing, and only for what is theirs to do.

use medrec_primitives::RelationshipStatus;
use medrec_runtime::{Balances, Executive, Relationships, Runtime, System};
use sp_runtime::{
    generic::Era,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
};

use crate::support::*;

#[test]
fn patient_should_accept_grant_and_revoke_when_without_any_balance() {
    run(|| {
        let patient = enrolled_patient();
        submit(&patient, sealed_grant()).unwrap();
        submit(&patient, pallet_permissions::Call::revoke { relationship: FIRST, grant: 0 }).unwrap();
        assert_eq!(System::account_nonce(account(&patient)), 3);
        assert_eq!(Balances::free_balance(account(&patient)), 0);
        assert_eq!(Relationships::of_account(&account(&patient)), [(FIRST, RelationshipStatus::Active)]);
    });
}

#[test]
fn free_call_should_be_refused_when_immortal() {
    run(|| {
        let patient = enrolled_patient();
        let immortal = sign_with(&patient, sealed_grant(), Era::Immortal);
        assert_eq!(
            Executive::apply_extrinsic(immortal),
            Err(InvalidTransaction::Custom(pallet_relationships::extension::IMMORTAL).into())
        );
    });
}

#[test]
fn wrapped_call_should_be_refused_when_the_patient_has_no_balance() {
    run(|| {
        let patient = enrolled_patient();
        let batch = pallet_utility::Call::<Runtime>::batch { calls: vec![sealed_grant().into()] };
        assert_eq!(
            refusal(&patient, batch),
            Some(TransactionValidityError::Invalid(InvalidTransaction::Payment))
        );
    });
}

#[test]
fn free_calls_should_be_refused_when_the_allowance_is_used_up() {
    run(|| {
        let patient = enrolled_patient();
        let mut free = 1;
        while submit_or_refuse(&patient) {
            free += 1;
        }
        assert_eq!(free, 32);
        submit(&patient, pallet_permissions::Call::revoke { relationship: FIRST, grant: 0 }).unwrap();
    });
}

/// One grant more; `false` if there is no allowance left.
fn submit_or_refuse(patient: &sp_core::sr25519::Pair) -> bool {
    match try_submit(patient, sealed_grant()) {
        Ok(result) => {
            result.unwrap();
            true
        }
        Err(refusal) => {
            let code = pallet_relationships::extension::ALLOWANCE_USED_UP;
            assert_eq!(refusal, InvalidTransaction::Custom(code).into());
            false
        }
    }
}
