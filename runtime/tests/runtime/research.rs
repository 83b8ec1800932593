//! Research in the runtime: who earns, who makes blocks, by what claims are drawn, what is free.

use frame_support::{traits::Get, BoundedVec};
use medrec_primitives::{MemberId, MemberRole, SealedTerms, TERMS_PLAINTEXT_BYTES};
use medrec_runtime::{
    configs::research::{Beacon, MajorityOfProviders},
    AccountId, Research, Runtime, System,
};
use pallet_research::{Call, Error};
use pallet_session::SessionManager;
use sp_core::sr25519;
use sp_keyring::Sr25519Keyring;

use crate::support::*;

/// Eve, who runs an institute.
fn institute() -> sr25519::Pair {
    Sr25519Keyring::Eve.pair()
}

/// Lets the institute apply as a researcher and be admitted, as member 0.
fn admit_institute() -> MemberId {
    let pallet_registry::Call::apply { name, gatekeeper, sealing_key, .. } = application("Institute") else {
        unreachable!("an application applies")
    };
    let role = MemberRole::Researcher;
    let url = Default::default();
    submit(&institute(), pallet_registry::Call::apply { role, name, url, gatekeeper, sealing_key }).unwrap();
    decide(pallet_registry::Call::admit { member: 0 }).unwrap();
    0
}

fn alice() -> AccountId {
    Sr25519Keyring::Alice.to_account_id()
}

/// Puts these in the collators' seats, from the next session on.
fn seat(collators: &[Sr25519Keyring]) {
    let collators: Vec<_> = collators.iter().map(|key| key.to_account_id()).collect();
    pallet_collator_selection::Invulnerables::<Runtime>::put(BoundedVec::truncate_from(collators));
}

/// The institute and Alice say that Alice's blocks are the institute's.
fn register_alice(institutes: MemberId) {
    submit(&institute(), Call::<Runtime>::register_collator { key: alice() }).unwrap();
    let accept = Call::<Runtime>::accept_researcher { researcher: institutes };
    submit(&Sr25519Keyring::Alice.pair(), accept).unwrap();
}

/// Alice's blocks are the institute's.
fn approve_alice(institutes: MemberId) {
    seat(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie]);
    register_alice(institutes);
    decide(Call::<Runtime>::approve_collator { key: alice() }).unwrap();
}

fn choice() -> SealedTerms {
    SealedTerms { key: 0, enc: [1; 32], ciphertext: [2; TERMS_PLAINTEXT_BYTES + 16], commitment: [3; 32] }
}

#[test]
fn researcher_should_earn_the_pool_when_its_approved_collator_makes_the_eras_blocks() {
    run(|| {
        let id = admit_institute();
        next_block();
        assert_eq!(Research::credits_of(id).blocks, 0);
        approve_alice(id);
        for _ in 0..3 {
            next_block();
        }
        // An era may have begun meanwhile.
        let earned = Research::credits_of(id);
        assert!((1..=3).contains(&earned.blocks));
        jump_to_block(System::block_number() + 51);
        assert!(Research::credits_of(id).spendable >= 10_000);
    });
}

#[test]
fn collator_should_not_be_approved_when_the_providers_would_not_be_more() {
    run(|| {
        let id = admit_institute();
        register_alice(id);
        let refused = Err(Error::<Runtime>::ProvidersWouldBeOutnumbered.into());
        assert_eq!(decide(Call::<Runtime>::approve_collator { key: alice() }), refused);
    });
}

#[test]
fn session_should_leave_researchers_out_when_the_providers_would_not_be_more() {
    run(|| {
        let id = admit_institute();
        approve_alice(id);
        let bob = Sr25519Keyring::Bob.to_account_id();
        assert_eq!(MajorityOfProviders::new_session(2).map(|set| set.len()), Some(3));
        seat(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob]);
        assert_eq!(MajorityOfProviders::new_session(2), Some(vec![bob]));
    });
}

#[test]
fn beacon_should_be_the_relay_chains_unless_genesis_says_that_there_is_none() {
    run(|| assert_eq!(Beacon::get(), Some(System::parent_hash().0)));
    genesis_ext("local_testnet").execute_with(|| {
        begin_block(1);
        // No relay chain has shown any: nothing else takes its place.
        assert_eq!(Beacon::get(), None);
    });
}

#[test]
fn patient_should_say_what_is_released_for_nothing_and_take_it_along() {
    run(|| {
        let patient = enrolled_patient();
        submit(&patient, Call::<Runtime>::set_release { relationship: FIRST, choice: choice() }).unwrap();
        assert_eq!(Research::release(FIRST), Some(choice()));
        submit(&patient, pallet_relationships::Call::end { relationship: FIRST }).unwrap();
        assert_eq!(Research::release(FIRST), None);
    });
}

#[test]
fn anchor_should_be_taken_when_the_provider_has_a_plan_or_none() {
    run(|| {
        admit_hospital();
        let interval = medrec_runtime::Access::current_interval() - 1;
        let (records, log) = ([1; 32], [2; 32]);
        submit(&hospital(), pallet_access::Call::anchor { interval, records, log }).unwrap();
        assert_eq!(pallet_research::Draws::<Runtime>::get().waiting, 0);
    });
}
