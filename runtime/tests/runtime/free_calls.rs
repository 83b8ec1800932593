//! Patients pay nothing, nor do staff in an emergency, and only for what is theirs to do.

use medrec_primitives::{GlassId, GrantTerms, Moment, RelationshipStatus, StaffRole, Viewer, DAY_MS};
use medrec_runtime::{
    medrec_api::runtime_decl_for_med_rec_api::MedRecApiV1, Balances, Executive, Relationships, Runtime,
    System,
};
use sp_core::{sr25519, Pair};
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

const REASON: [u8; 32] = [6; 32];

/// A person on the hospital's staff, without any balance. The role is in force at once.
fn staff(role: StaffRole) -> sr25519::Pair {
    let pair = sr25519::Pair::from_string(&format!("//{role:?}"), None).unwrap();
    let until = pallet_timestamp::Now::<Runtime>::get() + 300 * DAY_MS;
    let key = account(&pair);
    submit(&hospital(), pallet_registry::Call::add_staff { key: key.clone(), role, until }).unwrap();
    let id = pallet_registry::StaffKeys::<Runtime>::get(&key).unwrap();
    pallet_registry::StaffOf::<Runtime>::mutate(id.member, id.index, |staff| {
        staff.as_mut().unwrap().from = 0
    });
    assert_eq!(Balances::free_balance(&key), 0);
    pair
}

fn break_glass() -> pallet_permissions::Call<Runtime> {
    pallet_permissions::Call::break_glass { relationship: FIRST, reason: REASON }
}

fn close_glass(index: u32) -> pallet_permissions::Call<Runtime> {
    pallet_permissions::Call::close_glass { relationship: FIRST, glass: GlassId::new(0, index) }
}

#[test]
fn emergency_staff_should_break_and_close_the_glass_when_without_any_balance() {
    run(|| {
        enrolled_patient();
        let doctor = staff(StaffRole::Emergency);
        submit(&doctor, break_glass()).unwrap();
        assert!(Runtime::facts(FIRST, account(&doctor)).unwrap().emergency.is_some());
        assert_eq!(Runtime::glasses(FIRST).len(), 1);
        submit(&doctor, close_glass(0)).unwrap();
        assert_eq!(Runtime::facts(FIRST, account(&doctor)).unwrap().emergency, None);
        assert_eq!(
            (System::account_nonce(account(&doctor)), Balances::free_balance(account(&doctor))),
            (2, 0)
        );
        // The consortium reviews it by one vote.
        let open = Runtime::open_reviews(0, 0, 10);
        assert_eq!(open.len(), 1);
        let glasses = vec![open[0].0].try_into().unwrap();
        let outcome = medrec_primitives::ReviewOutcome::Justified;
        decide(pallet_permissions::Call::review_glass { glasses, outcome }).unwrap();
        assert_eq!(Runtime::open_reviews(0, 0, 10), []);
    });
}

#[test]
fn staff_should_share_and_take_back_when_without_any_balance() {
    run(|| {
        let patient = enrolled_patient();
        let doctor = staff(StaffRole::Clinician);
        let (not_before, not_after) = (None, None::<Moment>);
        let terms = GrantTerms::Everything;
        submit(
            &patient,
            pallet_permissions::Call::grant {
                relationship: FIRST,
                viewer: Viewer::Member(0),
                terms: terms.clone(),
                not_before,
                not_after,
                may_share: true,
            },
        )
        .unwrap();
        submit(
            &doctor,
            pallet_permissions::Call::share {
                relationship: FIRST,
                parent: 0,
                viewer: Viewer::Key(medrec_runtime::AccountId::new([9; 32])),
                terms,
                not_before,
                not_after,
                may_share: false,
            },
        )
        .unwrap();
        assert_eq!(Runtime::rules(FIRST).len(), 2);
        submit(&doctor, pallet_permissions::Call::revoke { relationship: FIRST, grant: 1 }).unwrap();
        assert_eq!(Runtime::rules(FIRST).len(), 1);
    });
}

#[test]
fn wrapped_call_should_be_refused_when_staff_have_no_balance() {
    run(|| {
        enrolled_patient();
        let doctor = staff(StaffRole::Emergency);
        let payment = Some(TransactionValidityError::Invalid(InvalidTransaction::Payment));
        let batch = pallet_utility::Call::<Runtime>::batch { calls: vec![break_glass().into()] };
        assert_eq!(refusal(&doctor, batch), payment);
        let real = medrec_runtime::Address::Id(account(&doctor));
        let call = Box::new(break_glass().into());
        let proxied = pallet_proxy::Call::<Runtime>::proxy { real, force_proxy_type: None, call };
        assert_eq!(refusal(&doctor, proxied), payment);
    });
}

#[test]
fn calls_of_staff_should_be_refused_when_the_key_is_not_in_force() {
    run(|| {
        enrolled_patient();
        let doctor = staff(StaffRole::Emergency);
        submit(&doctor, break_glass()).unwrap();
        submit(&hospital(), pallet_registry::Call::remove_staff { index: 0 }).unwrap();
        let payment = Some(TransactionValidityError::Invalid(InvalidTransaction::Payment));
        assert_eq!(refusal(&doctor, break_glass()), payment);
        assert_eq!(refusal(&doctor, close_glass(0)), payment);
    });
}

#[test]
fn free_calls_of_staff_should_be_refused_when_the_allowance_is_used_up() {
    run(|| {
        enrolled_patient();
        let doctor = staff(StaffRole::Emergency);
        let mut free = 0;
        // All but the first fail: the glass is broken already.
        while try_submit(&doctor, break_glass()).is_ok() {
            free += 1;
        }
        assert_eq!(free, 64);
        let code = pallet_relationships::extension::ALLOWANCE_USED_UP;
        assert_eq!(refusal(&doctor, break_glass()), Some(InvalidTransaction::Custom(code).into()));
        submit(&doctor, close_glass(0)).unwrap();
    });
}
