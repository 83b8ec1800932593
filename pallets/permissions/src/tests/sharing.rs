//! Sharing onward, and falling with what was shared from.

use frame_support::{assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo};
use medrec_primitives::{
    GrantId, GrantTerms, Moment, RelationshipId, SealedTerms, StaffRole, Viewer, DAY_MS,
    TERMS_PLAINTEXT_BYTES,
};

use crate::{mock::*, Error, Event, Rules, Sharers};

const ALL: GrantTerms = GrantTerms::Everything;

fn grant(id: RelationshipId, viewer: Viewer, from: Option<Moment>, until: Option<Moment>) -> GrantId {
    assert_ok!(Permissions::grant(signed(50), id, viewer, ALL, from, until, true));
    Relationships::get(id).unwrap().rules.next - 1
}

fn share(by: u8, id: RelationshipId, parent: GrantId, viewer: u8) -> DispatchResultWithPostInfo {
    Permissions::share(signed(by), id, parent, key(viewer), ALL, None, None, true)
}

fn until(by: u8, id: RelationshipId, until: Option<Moment>) -> DispatchResultWithPostInfo {
    Permissions::share(signed(by), id, 0, key(99), ALL, None, until, false)
}

fn left(id: RelationshipId) -> Vec<GrantId> {
    Permissions::rules(id).into_iter().map(|rule| rule.id).collect()
}

#[test]
fn share_should_be_stored_with_its_parent_when_a_key_that_may_shares() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(id, key(70), Some(NOON), Some(NOON + 10));
        let share =
            Permissions::share(signed(70), id, 0, key(71), ALL, Some(NOON + 2), Some(NOON + 10), false);
        assert_ok!(share);
        assert_event(Event::Shared { relationship: id, grant: 1, parent: 0, viewer: key(71) });
        let rule = Rules::<Test>::get((id.member, id.index, 1)).unwrap().grant;
        assert_eq!((rule.parent, rule.viewer, rule.may_share), (Some(0), key(71), false));
        assert_eq!((rule.not_before, rule.not_after), (Some(NOON + 2), Some(NOON + 10)));
        assert_eq!(Sharers::<Test>::iter().count(), 0, "the parent's key is the sharer");
        let rules = Relationships::get(id).unwrap().rules;
        assert_eq!((rules.allows, rules.shared), (1, 1));
    });
}

#[test]
fn share_should_be_stored_with_the_sharer_when_staff_share() {
    run(|| {
        let (_, clinic) = (provider(1), provider(2));
        let id = active(1, 50);
        let doctor = staff(2, 200, StaffRole::Clinician);
        assert_ok!(Registry::create_group(signed(1), b"Rooms".to_vec().try_into().unwrap()));
        assert_ok!(Registry::add_to_group(signed(1), 0, clinic));
        grant(id, Viewer::Member(clinic), None, None);
        grant(id, Viewer::Group(0), None, None);
        assert_ok!(share(200, id, 0, 71));
        assert_ok!(share(200, id, 1, 72));
        for shared in [2, 3] {
            assert_eq!(Sharers::<Test>::get((id.member, id.index, shared)), Some(doctor));
        }
        let of = |viewer: u8| Permissions::facts(id, &account(viewer)).unwrap().grants;
        let sharers: Vec<_> = of(71).iter().map(|rule| (rule.id, rule.sharer)).collect();
        assert_eq!(sharers, [(0, None), (2, Some(doctor))], "the decision is told who shared");
    });
}

#[test]
fn share_should_be_refused_when_the_rule_is_not_about_the_signer() {
    run(|| {
        let (hospital, clinic) = (provider(1), provider(2));
        let id = active(1, 50);
        staff(2, 200, StaffRole::Clinician);
        staff(2, 201, StaffRole::Steward);
        assert_ok!(Registry::create_group(signed(1), b"Rooms".to_vec().try_into().unwrap()));
        grant(id, key(70), None, None);
        grant(id, Viewer::Member(hospital), None, None);
        grant(id, Viewer::Member(clinic), None, None);
        grant(id, Viewer::Group(0), None, None);
        // Neither another key, nor the patient, nor the provider, nor another member's staff, nor a steward, nor staff of a
        // member outside the group.
        for (by, parent) in [(71, 0), (50, 0), (1, 0), (200, 0), (200, 1), (1, 1), (201, 2), (2, 2), (200, 3)]
        {
            assert_noop!(share(by, id, parent, 72), Error::<Test>::NotHolder);
        }
        assert_noop!(
            Permissions::share(RuntimeOrigin::root(), id, 0, key(72), ALL, None, None, false),
            sp_runtime::DispatchError::BadOrigin
        );
        assert_ok!(share(200, id, 2, 72));
        // Not by staff who are not active any more, by date, by the member's status, or at all.
        let end = pallet_registry::StaffOf::<Test>::get(clinic, 0).unwrap().until;
        set_time(end);
        assert_noop!(share(200, id, 2, 73), Error::<Test>::NotHolder);
        set_time(end - 1);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), clinic));
        assert_noop!(share(200, id, 2, 73), Error::<Test>::NotHolder);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), clinic));
        assert_ok!(share(200, id, 2, 73));
        assert_ok!(Registry::remove_staff(signed(2), 0));
        assert_noop!(share(200, id, 2, 74), Error::<Test>::NotHolder);
    });
}

#[test]
fn share_should_be_refused_when_the_rule_may_not_be_shared_or_denies_or_is_unknown() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_ok!(Permissions::grant(signed(50), id, key(70), ALL, None, None, false));
        assert_ok!(Permissions::deny(signed(50), id, key(70), ALL, None, None));
        assert_noop!(share(70, id, 0, 71), Error::<Test>::MayNotShare);
        assert_noop!(share(70, id, 1, 71), Error::<Test>::MayNotShare);
        assert_noop!(share(70, id, 2, 71), Error::<Test>::UnknownGrant);
        let unknown = pallet_relationships::Error::<Test>::UnknownRelationship;
        assert_noop!(share(70, RelationshipId::new(0, 9), 0, 71), unknown);
    });
}

#[test]
fn share_should_be_refused_when_the_parent_is_not_in_force() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(id, key(70), Some(NOON + 5), Some(NOON + 10));
        set_time(NOON + 4);
        assert_noop!(until(70, id, Some(NOON + 10)), Error::<Test>::NotInForce);
        set_time(NOON + 10);
        assert_noop!(until(70, id, Some(NOON + 10)), Error::<Test>::NotInForce);
        set_time(NOON + 5);
        assert_ok!(until(70, id, Some(NOON + 10)));
        set_time(NOON + 9);
        assert_ok!(until(70, id, Some(NOON + 10)));
    });
}

#[test]
fn share_should_be_refused_when_it_would_outlast_its_parent() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(id, key(70), None, Some(NOON + 10));
        assert_noop!(until(70, id, None), Error::<Test>::OutlastsParent);
        assert_noop!(until(70, id, Some(NOON + 11)), Error::<Test>::OutlastsParent);
        assert_ok!(until(70, id, Some(NOON + 10)));
    });
}

#[test]
fn share_should_be_refused_when_viewer_or_term_or_sealing_key_or_status_is_wrong() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(id, key(70), None, None);
        let with =
            |viewer, terms, until| Permissions::share(signed(70), id, 0, viewer, terms, None, until, false);
        assert_noop!(with(key(50), ALL, None), Error::<Test>::ViewerIsPatient);
        assert_noop!(with(Viewer::Member(9), ALL, None), Error::<Test>::UnknownViewer);
        assert_noop!(with(Viewer::Group(9), ALL, None), Error::<Test>::UnknownViewer);
        assert_noop!(with(key(71), ALL, Some(NOON)), Error::<Test>::BadTerm);
        let sealed = GrantTerms::Sealed(SealedTerms {
            key: 1,
            enc: [1; 32],
            ciphertext: [2; TERMS_PLAINTEXT_BYTES + 16],
            commitment: [3; 32],
        });
        assert_noop!(with(key(71), sealed, None), Error::<Test>::StaleSealingKey);
        pallet_relationships::Relationships::<Test>::mutate(id.member, id.index, |record| {
            record.as_mut().unwrap().status = medrec_primitives::RelationshipStatus::Suspended;
        });
        assert_noop!(with(key(71), ALL, None), Error::<Test>::WrongStatus);
    });
}

#[test]
fn share_should_be_refused_when_shared_onward_four_times() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(id, key(70), None, None);
        for n in 0..4 {
            assert_ok!(share(70 + n, id, n.into(), 71 + n));
        }
        assert_noop!(share(74, id, 4, 75), Error::<Test>::TooFarOnward);
        let facts = Permissions::facts(id, &account(74)).unwrap();
        let ids: Vec<_> = facts.grants.iter().map(|rule| rule.id).collect();
        assert_eq!(ids, [0, 1, 2, 3, 4], "the decision gets the whole line");
        assert_eq!(
            Permissions::may_read(id, &account(74)),
            medrec_primitives::DecisionSummary::Permit,
            "and takes it"
        );
    });
}

#[test]
fn viewers_should_not_take_the_patients_slots_or_each_others_when_they_share() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        for viewer in 70..74 {
            grant(id, key(viewer), None, None);
        }
        // Two from one rule, six in all.
        assert_ok!(share(70, id, 0, 80));
        assert_ok!(share(70, id, 0, 81));
        assert_noop!(share(70, id, 0, 82), Error::<Test>::TooManyChildren);
        for (by, parent) in [(71, 1), (71, 1), (72, 2), (72, 2)] {
            assert_ok!(share(by, id, parent, 83));
        }
        assert_noop!(share(73, id, 3, 84), pallet_relationships::Error::<Test>::TooManyShared);
        // All of that takes nothing from the patient.
        assert_ok!(Permissions::revoke(signed(50), id, 3));
        grant(id, key(74), None, None);
        for viewer in [70, 71] {
            assert_ok!(Permissions::deny(signed(50), id, key(viewer), ALL, None, None));
        }
    });
}

#[test]
fn shared_rules_should_fall_when_the_parent_is_revoked() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(id, key(70), None, None);
        grant(id, key(71), None, None);
        assert_ok!(share(70, id, 0, 72));
        assert_ok!(share(72, id, 2, 73));
        assert_ok!(share(71, id, 1, 74));
        take_events();
        assert_ok!(Permissions::revoke(signed(50), id, 0));
        assert_eq!(take_events(), [0, 2, 3].map(|grant| Event::Revoked { relationship: id, grant }));
        assert_eq!(left(id), [1, 4]);
        // The patient may take back any one.
        assert_ok!(Permissions::revoke(signed(50), id, 4));
        assert_eq!(left(id), [1]);
    });
}

#[test]
fn sharer_should_take_back_what_it_shared_and_nothing_else() {
    run(|| {
        let (_, clinic) = (provider(1), provider(2));
        let id = active(1, 50);
        staff(2, 200, StaffRole::Clinician);
        staff(2, 201, StaffRole::Clinician);
        grant(id, key(70), None, None);
        grant(id, Viewer::Member(clinic), None, None);
        assert_ok!(share(70, id, 0, 71));
        assert_ok!(share(71, id, 2, 72));
        assert_ok!(share(200, id, 1, 73));
        let refused = sp_runtime::DispatchError::from(pallet_relationships::Error::<Test>::NotAllowed);
        // Not its own grant, not what others shared, not as a colleague, not as the viewer of it.
        for (by, rule) in [(70, 0), (70, 3), (70, 4), (200, 1), (201, 4), (200, 2), (72, 3), (73, 4), (70, 9)]
        {
            assert_noop!(Permissions::revoke(signed(by), id, rule), refused);
        }
        assert_ok!(Permissions::revoke(signed(70), id, 2));
        assert_eq!(left(id), [0, 1, 4]);
        // With a new key, after the time on the staff, and of a suspended member.
        assert_ok!(Registry::rotate_staff_key(signed(2), 0, account(202)));
        assert_noop!(Permissions::revoke(signed(200), id, 4), refused);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), clinic));
        set_time(NOON + 200 * DAY_MS);
        assert_ok!(Permissions::revoke(signed(202), id, 4));
        assert_eq!(Sharers::<Test>::iter().count(), 0);
    });
}

#[test]
fn shared_rules_should_be_gone_when_the_relationship_ends() {
    run(|| {
        let member = provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Clinician);
        grant(id, Viewer::Member(member), None, None);
        assert_ok!(share(200, id, 0, 71));
        assert_ok!(Relationships::end(signed(50), id));
        assert_eq!((Rules::<Test>::iter().count(), Sharers::<Test>::iter().count()), (0, 0));
    });
}

#[test]
fn share_should_be_refused_when_a_denial_in_force_is_about_the_sharer() {
    run(|| {
        let (_, clinic) = (provider(1), provider(2));
        let id = active(1, 50);
        staff(2, 200, StaffRole::Clinician);
        grant(id, key(70), None, None);
        grant(id, Viewer::Member(clinic), None, None);
        let deny = |viewer, from| Permissions::deny(signed(50), id, viewer, ALL, from, None);
        assert_ok!(deny(key(70), Some(NOON + 5)));
        assert_ok!(share(70, id, 0, 71));
        set_time(NOON + 5);
        assert_noop!(share(70, id, 0, 72), Error::<Test>::SharerDenied);
        assert_ok!(share(200, id, 1, 73));
        assert_ok!(deny(Viewer::Member(clinic), None));
        assert_noop!(share(200, id, 1, 74), Error::<Test>::SharerDenied);
        assert_ok!(Permissions::revoke(signed(50), id, 2));
        assert_ok!(share(70, id, 0, 72));
    });
}

#[test]
fn share_should_be_refused_when_the_denial_about_the_sharer_is_sealed() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(id, key(70), None, None);
        let (enc, commitment) = ([1; 32], [3; 32]);
        let ciphertext = [2; TERMS_PLAINTEXT_BYTES + 16];
        let sealed = GrantTerms::Sealed(SealedTerms { key: 0, enc, ciphertext, commitment });
        assert_ok!(Permissions::deny(signed(50), id, key(70), sealed, None, None));
        assert_noop!(share(70, id, 0, 71), Error::<Test>::SharerDenied);
    });
}
