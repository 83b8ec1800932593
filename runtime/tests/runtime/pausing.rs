//! The emergency stop, and what it cannot stop.

use frame_support::traits::GetCallMetadata;
use medrec_primitives::{GrantTerms, RelationshipStatus, RequestId, StaffRole, Viewer, DAY_MS};
use medrec_runtime::{
    configs::{
        pausing::{CARRYING, EITHER_WAY, ESSENTIAL, NARROWING, RECORDING},
        proxies::ProxyType,
    },
    AccountId, Address, Permissions, Relationships, Runtime, RuntimeCall,
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

/// Calls that can be paused by no vote.
fn unpausable((pallet, call): (&str, &str)) -> bool {
    let lists = [NARROWING, EITHER_WAY, CARRYING, RECORDING];
    ESSENTIAL.contains(&pallet) || lists.iter().any(|list| list.contains(&(pallet, call)))
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
    for call in [NARROWING, EITHER_WAY, CARRYING, RECORDING].into_iter().flatten() {
        assert!(all_calls().any(|other| other == *call), "{call:?}");
    }
    for pallet in ESSENTIAL {
        assert!(RuntimeCall::get_module_names().contains(pallet), "{pallet}");
    }
}

#[test]
fn pausing_should_be_refused_when_the_call_narrows_access_or_is_essential() {
    run(|| {
        for (pallet, call) in all_calls().filter(|call| unpausable(*call)) {
            let result = decide(pause(pallet, call));
            let expected = pallet_tx_pause::Error::<Runtime>::Unpausable.into();
            assert_eq!(result, Err(expected), "{pallet}::{call}");
            // One block holds only so many votes.
            next_block();
        }
    });
}

/// Whoever adds a call to one of our pallets has to say here, or in a list of what cannot be paused, which of the two it is.
#[test]
fn calls_of_ours_should_be_pausable_only_when_they_narrow_nothing() {
    let ours = ["Registry", "Relationships", "Permissions", "Access", "Research"];
    let pausable: Vec<_> = all_calls().filter(|call| ours.contains(&call.0) && !unpausable(*call)).collect();
    assert_eq!(
        pausable,
        [
            ("Registry", "apply"),
            // An application opens nothing.
            ("Registry", "withdraw"),
            ("Registry", "update"),
            ("Registry", "add_staff"),
            ("Registry", "admit"),
            ("Registry", "reinstate"),
            ("Registry", "create_group"),
            ("Registry", "add_to_group"),
            // A group without members opens nothing.
            ("Registry", "dissolve_group"),
            ("Relationships", "propose"),
            ("Relationships", "accept"),
            ("Relationships", "set_pointer"),
            // It is for the provider alone, and opens nothing.
            ("Relationships", "withdraw_pointer"),
            ("Relationships", "resume"),
            ("Relationships", "acknowledge"),
            ("Relationships", "step_in"),
            ("Relationships", "confirm_step_in"),
            ("Relationships", "propose_minor"),
            ("Relationships", "enrol_patient"),
            // It could hand a relationship over: suspend, veto or end it meanwhile.
            ("Relationships", "request_rekey"),
            ("Relationships", "approve_rekey"),
            ("Relationships", "finish_rekey"),
            ("Relationships", "reproof"),
            ("Relationships", "withdraw_deposit"),
            ("Permissions", "grant"),
            ("Permissions", "share"),
            ("Permissions", "break_glass"),
            ("Access", "request"),
            ("Access", "approve"),
            // What has expired is answered no more, cleared or not.
            ("Access", "expire"),
            ("Access", "anchor"),
            ("Research", "register_collator"),
            ("Research", "approve_collator"),
            ("Research", "propose_study"),
            ("Research", "approve_study"),
            ("Research", "set_bounty_study"),
            ("Research", "publish_plan"),
            // Sealed, and for those alone who have said nothing themselves.
            ("Research", "place_releases"),
            ("Research", "claim"),
            ("Research", "draw"),
            ("Research", "commit"),
            ("Research", "declare_lost"),
            ("Research", "close_claim"),
            ("Research", "dispute"),
            ("Research", "resolve"),
            ("Research", "accept_researcher"),
        ]
    );
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

/// A patient, whose key has a balance here, lets Bob act for it.
fn patient_with_proxy(kind: ProxyType) -> (sr25519::Pair, sr25519::Pair) {
    use frame_support::traits::fungible::Mutate;
    let (patient, bob) = (enrolled_patient(), Sr25519Keyring::Bob.pair());
    medrec_runtime::Balances::mint_into(&account(&patient), 1_000 * medrec_runtime::constants::MDR).unwrap();
    let delegate = Address::Id(account(&bob));
    submit(&patient, pallet_proxy::Call::<Runtime>::add_proxy { delegate, proxy_type: kind, delay: 0 })
        .unwrap();
    (patient, bob)
}

#[test]
fn carried_calls_should_be_stopped_or_not_by_themselves_when_everything_that_can_be_is_paused() {
    run(|| {
        let (patient, bob) = patient_with_proxy(ProxyType::Any);
        for _ in 0..3 {
            submit(&patient, sealed_grant()).unwrap();
        }
        pause_all();
        let rules = || Permissions::rules(FIRST).len();
        let revoke = |grant| {
            RuntimeCall::from(pallet_permissions::Call::<Runtime>::revoke { relationship: FIRST, grant })
        };
        let proxied = |call: RuntimeCall| {
            let (real, call) = (Address::Id(account(&patient)), Box::new(call));
            pallet_proxy::Call::<Runtime>::proxy { real, force_proxy_type: None, call }
        };
        let alone = |call: RuntimeCall| pallet_multisig::Call::<Runtime>::as_multi_threshold_1 {
            other_signatories: vec![account(&bob)],
            call: Box::new(call),
        };

        submit(&patient, pallet_utility::Call::<Runtime>::batch_all { calls: vec![revoke(0)] }).unwrap();
        assert_eq!(rules(), 2);
        submit(&bob, proxied(revoke(1))).unwrap();
        assert_eq!(rules(), 1);
        // The joint account of the two has no part in the relationship: the call comes through, and is refused there.
        let stranger = pallet_relationships::Error::<Runtime>::NotAllowed.into();
        assert_eq!(submit(&patient, alone(revoke(2))), Err(stranger));

        let widening = pallet_utility::Call::<Runtime>::batch_all { calls: vec![sealed_grant().into()] };
        assert_eq!(submit(&patient, widening), Err(call_filtered()));
        submit(&bob, proxied(sealed_grant().into())).unwrap();
        assert_eq!(rules(), 1, "it was carried, and stopped there");
        assert_eq!(submit(&patient, alone(sealed_grant().into())), Err(call_filtered()));
    });
}

#[test]
fn proxy_should_be_taken_away_when_everything_that_can_be_is_paused() {
    run(|| {
        let (patient, bob) = patient_with_proxy(ProxyType::Any);
        pause_all();
        let delegate = Address::Id(account(&bob));
        let remove =
            pallet_proxy::Call::<Runtime>::remove_proxy { delegate, proxy_type: ProxyType::Any, delay: 0 };
        submit(&patient, remove).unwrap();
        let end = pallet_relationships::Call::<Runtime>::end { relationship: FIRST };
        let (real, call) = (Address::Id(account(&patient)), Box::new(end.into()));
        assert!(submit(&bob, pallet_proxy::Call::<Runtime>::proxy { real, force_proxy_type: None, call })
            .is_err());
    });
}

#[test]
fn custodians_should_be_narrowed_and_silence_broken_when_everything_that_can_be_is_paused() {
    run(|| {
        use medrec_primitives::{Custodian, CustodianRights};
        let (patient, other) = (enrolled_patient(), patient(1));
        let list = |rights| {
            let rights = CustodianRights(rights);
            let custodian = Custodian { key: account(&other), rights, not_before: 0, not_after: None };
            let custodians = vec![custodian].try_into().unwrap();
            pallet_relationships::Call::<Runtime>::set_custodians { relationship: FIRST, custodians }
        };
        let inactivity =
            |days| pallet_relationships::Call::<Runtime>::set_inactivity { relationship: FIRST, days };
        submit(&patient, list(7)).unwrap();
        submit(&patient, inactivity(Some(30))).unwrap();
        pause_all();
        submit(&patient, list(1)).unwrap();
        submit(&patient, inactivity(None)).unwrap();
        submit(&patient, pallet_relationships::Call::<Runtime>::touch { relationship: FIRST }).unwrap();
        let record = Relationships::get(FIRST).unwrap();
        assert_eq!((record.custodians[0].rights, record.inactivity), (CustodianRights::READ, None));
    });
}
