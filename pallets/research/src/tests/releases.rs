//! What patients release.

use frame_support::{
    assert_noop, assert_ok,
    dispatch::{CheckIfFeeless, DispatchClass, GetDispatchInfo},
};
use medrec_primitives::{Custodian, CustodianRights, RelationshipId};
use sp_runtime::DispatchError;

use crate::{mock::*, Call, Error, Event, Releases};

type NotOurs = pallet_relationships::Error<Test>;

fn place(n: u8, choices: Vec<(u32, u8)>) -> frame_support::dispatch::DispatchResult {
    let choices: Vec<_> = choices.into_iter().map(|(index, byte)| (index, choice(byte))).collect();
    Research::place_releases(signed(n), choices.try_into().unwrap())
}

#[test]
fn choice_should_be_kept_when_the_patient_sets_it_and_replaced_by_the_next() {
    run(|| {
        provider(1);
        let id = patient(50);
        assert_eq!(Research::release(id), None);
        assert_ok!(Research::set_release(signed(50), id, choice(1)));
        assert_event(Event::ReleaseSet { relationship: id });
        assert_ok!(Research::set_release(signed(50), id, choice(2)));
        assert_eq!(Research::release(id), Some(choice(2)));
        assert_eq!(Releases::<Test>::iter().count(), 1);
    });
}

#[test]
fn setting_should_be_free_for_the_patient_alone_and_go_first() {
    run(|| {
        provider(1);
        let id = patient(50);
        let call = RuntimeCall::from(Call::<Test>::set_release { relationship: id, choice: choice(1) });
        assert!(call.is_feeless(&signed(50)));
        assert!(!call.is_feeless(&signed(1)));
        assert!(!call.is_feeless(&signed(9)));
        assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
    });
}

#[test]
fn setting_should_be_refused_when_not_of_the_patients_side_not_active_or_stale() {
    run(|| {
        provider(1);
        let id = patient(50);
        let set = |n, choice| Research::set_release(signed(n), id, choice);
        for n in [1, 9, 101] {
            assert_noop!(set(n, choice(1)), NotOurs::NotAllowed);
        }
        assert_noop!(Research::set_release(RuntimeOrigin::root(), id, choice(1)), DispatchError::BadOrigin);
        let other = RelationshipId::new(0, 9);
        assert_noop!(Research::set_release(signed(50), other, choice(1)), NotOurs::UnknownRelationship);
        assert_ok!(Registry::rotate_sealing_key(signed(1), [5; 32]));
        assert_noop!(set(50, choice(1)), Error::<Test>::StaleSealingKey);
        assert_ok!(set(50, medrec_primitives::SealedTerms { key: 1, ..choice(1) }));
        assert_ok!(Relationships::propose(signed(1), account(51), [8; 16]));
        let proposed = RelationshipId::new(0, 1);
        let sealed = medrec_primitives::SealedTerms { key: 1, ..choice(1) };
        assert_noop!(Research::set_release(signed(51), proposed, sealed), NotOurs::WrongStatus);
    });
}

#[test]
fn choice_should_be_narrowed_when_the_relationship_is_suspended() {
    run(|| {
        provider(1);
        let id = patient(50);
        assert_ok!(Research::set_release(signed(50), id, choice(1)));
        assert_ok!(Relationships::suspend(signed(50), id));
        assert_ok!(Research::set_release(signed(50), id, choice(2)));
        assert_eq!(Research::release(id), Some(choice(2)));
    });
}

#[test]
fn custodian_should_set_it_only_with_the_rights_to_read_and_grant() {
    run(|| {
        provider(1);
        let id = patient(50);
        let custodian = |key, rights| Custodian {
            key: account(key),
            rights: CustodianRights(rights),
            not_before: 0,
            not_after: None,
        };
        let all = vec![custodian(60, 1 | 2), custodian(61, 2), custodian(62, 1)];
        assert_ok!(Relationships::set_custodians(signed(50), id, all.try_into().unwrap()));
        assert_ok!(Research::set_release(signed(60), id, choice(1)));
        for n in [61, 62] {
            assert_noop!(Research::set_release(signed(n), id, choice(2)), NotOurs::NotAllowed);
        }
    });
}

#[test]
fn everyone_should_have_an_entry_when_the_provider_places_what_is_missing() {
    run(|| {
        provider(1);
        let ids = [patient(50), patient(51), patient(52)];
        assert_ok!(Research::set_release(signed(51), ids[1], choice(7)));
        assert_ok!(place(1, vec![(0, 1), (1, 2), (2, 3)]));
        // What the patient sealed stays, and the state does not show which that is.
        assert_eq!(Research::release(ids[1]), Some(choice(7)));
        let sizes: Vec<usize> =
            ids.iter().map(|id| codec::Encode::encoded_size(&Research::release(*id).unwrap())).collect();
        assert!(sizes.iter().all(|size| *size == sizes[0]));
        // The patient's word replaces the provider's, and not the other way round.
        assert_ok!(Research::set_release(signed(50), ids[0], choice(8)));
        assert_ok!(place(101, vec![(0, 1)]));
        assert_eq!(Research::release(ids[0]), Some(choice(8)));
    });
}

#[test]
fn placing_should_be_refused_when_not_by_the_provider_not_active_or_stale() {
    run(|| {
        provider(1);
        researcher(2);
        let id = patient(50);
        assert_noop!(place(2, vec![(0, 1)]), pallet_registry::Error::<Test>::WrongStatus);
        assert_noop!(place(50, vec![(0, 1)]), pallet_registry::Error::<Test>::NotAMember);
        assert_noop!(place(1, vec![(0, 1), (1, 1)]), Error::<Test>::NotActive);
        let stale = medrec_primitives::SealedTerms { key: 1, ..choice(1) };
        assert_noop!(
            Research::place_releases(signed(1), vec![(0, stale)].try_into().unwrap()),
            Error::<Test>::StaleSealingKey
        );
        assert_ok!(Relationships::suspend(signed(50), id));
        assert_noop!(place(1, vec![(0, 1)]), Error::<Test>::NotActive);
    });
}

#[test]
fn choice_should_go_when_the_relationship_ends() {
    run(|| {
        provider(1);
        let id = patient(50);
        assert_ok!(Research::set_release(signed(50), id, choice(1)));
        assert_ok!(Relationships::end(signed(50), id));
        assert_eq!(Research::release(id), None);
    });
}
