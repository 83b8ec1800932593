//! From an application to a member, by vote.

use medrec_primitives::MemberStatus;
use medrec_runtime::{configs::governance::CouncilMembershipInstance, Address, Registry, Runtime};
use sp_keyring::Sr25519Keyring;
use sp_runtime::DispatchError;

use crate::support::*;

#[test]
fn provider_should_be_admitted_when_two_thirds_vote_for_it() {
    run(|| {
        submit(&hospital(), application("Dave Hospital")).unwrap();
        assert_eq!(Registry::status_of(0), MemberStatus::Applied);

        let result = motion(pallet_registry::Call::admit { member: 0 }, [true, true, false]);

        assert_eq!(result, Some(Ok(())));
        assert_eq!(Registry::status_of(0), MemberStatus::Active);
    });
}

#[test]
fn provider_should_stay_applicant_when_one_third_votes_for_it() {
    run(|| {
        submit(&hospital(), application("Dave Hospital")).unwrap();

        let result = motion(pallet_registry::Call::admit { member: 0 }, [true, false, false]);

        assert_eq!(result, None);
        assert_eq!(Registry::status_of(0), MemberStatus::Applied);
    });
}

#[test]
fn admission_should_be_refused_when_not_voted_on() {
    run(|| {
        submit(&hospital(), application("Dave Hospital")).unwrap();
        for who in [hospital(), Sr25519Keyring::Alice.pair()] {
            let result = submit(&who, pallet_registry::Call::admit { member: 0 });
            assert_eq!(result, Err(DispatchError::BadOrigin));
        }
        assert_eq!(Registry::status_of(0), MemberStatus::Applied);
    });
}

#[test]
fn council_should_get_a_seat_more_when_two_thirds_vote_for_it() {
    run(|| {
        let dave = account(&hospital());
        decide(pallet_membership::Call::<Runtime, CouncilMembershipInstance>::add_member {
            who: Address::Id(dave.clone()),
        })
        .unwrap();
        assert_eq!(seats().len(), 4);
        assert!(seats().contains(&dave));
    });
}
