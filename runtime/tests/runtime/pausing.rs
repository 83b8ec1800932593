//! The emergency stop, and what it cannot stop.

use frame_support::traits::GetCallMetadata;
use medrec_primitives::{GrantTerms, RelationshipStatus, RequestId, StaffRole, Viewer, DAY_MS};
use medrec_runtime::{
    configs::pausing::{EITHER_WAY, ESSENTIAL, NARROWING, RECORDING},
    AccountId, Relationships, Runtime, RuntimeCall,
};
use pallet_tx_pause::RuntimeCallNameOf;
use sp_core::sr25519;
use sp_keyring::Sr25519Keyring;

use crate::support::*;

fn name(pallet: &str, call: &str) -> RuntimeCallNameOf<Runtime> {
    (pallet.as_bytes().to_vec().try_into().unwrap(), call.as_bytes().to_vec().try_into().unwrap())
}

fn pause(pallet: &str, call: &str) -> pallet_tx_pause::Call<Runtime> {
    pallet_tx_pause::Call::pause { full_name: name(pallet, call) }
}

/// Every call of the runtime.
fn all_calls() -> impl Iterator<Item = (&'static str, &'static str)> {
    RuntimeCall::get_module_names()
        .iter()
        .flat_map(|pallet| RuntimeCall::get_call_names(pallet).iter().map(move |call| (*pallet, *call)))
}

/// Pauses everything that can be paused.
fn pause_all() -> usize {
    all_calls()
        .filter(|(pallet, call)| {
            pallet_tx_pause::Pallet::<Runtime>::pause(
                frame_system::RawOrigin::Root.into(),
                name(pallet, call),
            )
            .is_ok()
        })
        .count()
}

/// Ferdie, on the hospital's staff.
fn hospital_staff() -> sr25519::Pair {
    let staff = Sr25519Keyring::Ferdie.pair();
    let until = pallet_timestamp::Now::<Runtime>::get() + DAY_MS;
    submit(
        &hospital(),
        pallet_registry::Call::add_staff { key: account(&staff), role: StaffRole::Clinician, until },
    )
    .unwrap();
    staff
}

/// The call by which staff asks for something of the first patient.
fn request() -> pallet_access::Call<Runtime> {
    let GrantTerms::Sealed(question) = sealed_terms() else { unreachable!("sealed terms are sealed") };
    let expires = pallet_timestamp::Now::<Runtime>::get() + DAY_MS;
    pallet_access::Call::request { relationship: FIRST, question, expires }
}

#[test]
fn narrowing_calls_should_exist() {
    for call in NARROWING.iter().chain(EITHER_WAY).chain(RECORDING) {
        assert!(all_calls().any(|other| other == *call), "{call:?}");
    }
    for pallet in ESSENTIAL {
        assert!(RuntimeCall::get_module_names().contains(pallet), "{pallet}");
    }
}

#[test]
fn pausing_should_be_refused_when_the_call_narrows_access_or_is_essential() {
    run(|| {
        let unpausable = all_calls().filter(|call| {
            let listed = [NARROWING, EITHER_WAY, RECORDING].iter().any(|list| list.contains(call));
            listed || ESSENTIAL.contains(&call.0)
        });
        for (pallet, call) in unpausable {
            let result = decide(pause(pallet, call));
            let expected = pallet_tx_pause::Error::<Runtime>::Unpausable.into();
            assert_eq!(result, Err(expected), "{pallet}::{call}");
            // One block holds only so many votes.
            next_block();
        }
    });
}

#[test]
fn grant_should_be_refused_when_paused_by_vote_and_work_when_unpaused() {
    run(|| {
        let patient = enrolled_patient();
        decide(pause("Permissions", "grant")).unwrap();
        assert_eq!(submit(&patient, sealed_grant()), Err(call_filtered()));

        decide(pallet_tx_pause::Call::unpause { ident: name("Permissions", "grant") }).unwrap();
        assert_eq!(submit(&patient, sealed_grant()), Ok(()));
    });
}

#[test]
fn pausing_should_be_refused_when_not_voted_on() {
    run(|| {
        let result = submit(&hospital(), pause("Permissions", "grant"));
        assert_eq!(result, Err(sp_runtime::DispatchError::BadOrigin));
    });
}

#[test]
fn narrowing_calls_should_work_when_everything_that_can_be_is_paused() {
    run(|| {
        let patient = enrolled_patient();
        submit(&patient, sealed_grant()).unwrap();
        let asker = hospital_staff();
        for _ in 0..2 {
            submit(&asker, request()).unwrap();
        }
        assert!(pause_all() > 100);
        assert_eq!(submit(&asker, request()), Err(call_filtered()));
        assert_eq!(submit(&patient, sealed_grant()), Err(call_filtered()));

        let viewer = Viewer::Key(AccountId::new([8; 32]));
        let (not_before, not_after) = (None, None);
        submit(
            &patient,
            pallet_permissions::Call::deny {
                relationship: FIRST,
                viewer,
                terms: GrantTerms::Everything,
                not_before,
                not_after,
            },
        )
        .unwrap();
        for index in [0, 1] {
            assert!(pallet_access::Pallet::<Runtime>::get(RequestId::new(0, index)).is_some());
        }
        let GrantTerms::Sealed(choice) = sealed_terms() else { unreachable!("sealed terms are sealed") };
        let relationship = FIRST;
        submit(&patient, pallet_research::Call::<Runtime>::set_release { relationship, choice }).unwrap();
        submit(&patient, pallet_access::Call::decline { request: RequestId::new(0, 0) }).unwrap();
        submit(&asker, pallet_access::Call::cancel { request: RequestId::new(0, 1) }).unwrap();
        submit(&patient, pallet_permissions::Call::revoke { relationship: FIRST, grant: 0 }).unwrap();
        submit(&patient, pallet_relationships::Call::end { relationship: FIRST }).unwrap();
        assert_eq!(
            Relationships::relationship(FIRST).map(|(_, status)| status),
            Some(RelationshipStatus::Ended)
        );

        decide(pallet_registry::Call::suspend { member: 0 }).unwrap();
    });
}

#[test]
fn calls_that_close_or_record_should_work_when_everything_that_can_be_is_paused() {
    run(|| {
        pause_all();
        let unpaused = [
            ("Permissions", "review_glass"),
            ("Permissions", "revoke"),
            ("Registry", "rotate_gatekeeper_key"),
            ("Registry", "rotate_staff_key"),
            ("Relationships", "cancel_rekey"),
            ("Access", "fulfil"),
        ];
        for (pallet, call) in unpaused {
            let paused = pallet_tx_pause::PausedCalls::<Runtime>::contains_key(name(pallet, call));
            assert!(!paused, "{pallet}::{call}");
        }
    });
}
