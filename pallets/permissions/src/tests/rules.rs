//! Granting, denying, revoking.

use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use medrec_primitives::{
    Effect, GrantTerms, Moment, RelationshipId, SealedTerms, Viewer, TERMS_PLAINTEXT_BYTES,
};

use crate::{mock::*, Error, Event, Rules};

fn sealed(key: u8) -> GrantTerms {
    GrantTerms::Sealed(SealedTerms {
        key,
        enc: [1; 32],
        ciphertext: [2; TERMS_PLAINTEXT_BYTES + 16],
        commitment: [3; 32],
    })
}

fn grant(n: u8, id: RelationshipId, viewer: Viewer) -> DispatchResult {
    Permissions::grant(signed(n), id, viewer, GrantTerms::Everything, None, None, false)
}

fn deny(n: u8, id: RelationshipId, viewer: Viewer) -> DispatchResult {
    Permissions::deny(signed(n), id, viewer, GrantTerms::Everything, None, None)
}

#[test]
fn grant_should_be_stored_when_the_patient_signs() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_ok!(Permissions::grant(signed(50), id, key(70), sealed(0), Some(NOON), Some(NOON + 1), true));
        assert_event(Event::Granted { relationship: id, grant: 0, viewer: key(70) });
        let rule = Rules::<Test>::get((id.member, id.index, 0)).unwrap().grant;
        assert_eq!((rule.effect, rule.terms, rule.may_share), (Effect::Allow, sealed(0), true));
        assert_eq!((rule.not_before, rule.not_after), (Some(NOON), Some(NOON + 1)));
        assert_ok!(deny(50, id, key(70)));
        assert_event(Event::Denied { relationship: id, grant: 1, viewer: key(70) });
    });
}

#[test]
fn rules_should_be_refused_when_anyone_else_signs() {
    run(|| {
        provider(1);
        let (id, _) = (active(1, 50), active(1, 51));
        for other in [1, 101, 51, 70] {
            let not_allowed = pallet_relationships::Error::<Test>::NotAllowed;
            assert_noop!(grant(other, id, key(70)), not_allowed);
            assert_noop!(deny(other, id, key(70)), pallet_relationships::Error::<Test>::NotAllowed);
        }
        assert_ok!(grant(50, id, key(70)));
        assert_noop!(Permissions::revoke(signed(51), id, 0), pallet_relationships::Error::<Test>::NotAllowed);
        assert_noop!(
            grant(50, RelationshipId::new(0, 9), key(70)),
            pallet_relationships::Error::<Test>::UnknownRelationship
        );
    });
}

#[test]
fn rules_should_be_refused_when_the_relationship_is_not_active() {
    run(|| {
        provider(1);
        let id = proposed(1, 50);
        assert_noop!(grant(50, id, key(70)), Error::<Test>::WrongStatus);
        assert_ok!(Relationships::accept(signed(50), id));
        assert_ok!(Relationships::end(signed(50), id));
        assert_noop!(deny(50, id, key(70)), Error::<Test>::WrongStatus);
    });
}

#[test]
fn rules_should_be_refused_when_viewer_or_term_or_sealing_key_is_wrong() {
    run(|| {
        let member = provider(1);
        let id = active(1, 50);
        let with = |viewer, terms, from: Option<Moment>, until: Option<Moment>| {
            Permissions::grant(signed(50), id, viewer, terms, from, until, false)
        };
        let all = GrantTerms::Everything;
        assert_noop!(with(key(50), all.clone(), None, None), Error::<Test>::ViewerIsPatient);
        assert_noop!(with(Viewer::Member(9), all.clone(), None, None), Error::<Test>::UnknownViewer);
        assert_noop!(with(Viewer::Group(0), all.clone(), None, None), Error::<Test>::UnknownViewer);
        assert_noop!(with(key(70), all.clone(), None, Some(NOON)), Error::<Test>::BadTerm);
        assert_noop!(with(key(70), all.clone(), Some(NOON + 5), Some(NOON + 5)), Error::<Test>::BadTerm);
        assert_noop!(with(key(70), sealed(1), None, None), Error::<Test>::StaleSealingKey);
        assert_ok!(with(Viewer::Member(member), sealed(0), None, None));
        assert_ok!(Registry::rotate_sealing_key(signed(1), [9; 32]));
        assert_noop!(with(key(70), sealed(0), None, None), Error::<Test>::StaleSealingKey);
        assert_ok!(with(key(70), sealed(1), Some(NOON + 5), Some(NOON + 6)));
        let name = b"Emergency rooms".to_vec().try_into().unwrap();
        assert_ok!(Registry::create_group(signed(1), name));
        assert_ok!(with(Viewer::Group(0), all, None, None));
    });
}

#[test]
fn denials_should_have_slots_of_their_own_when_grants_are_full() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        for n in 0..4 {
            assert_ok!(grant(50, id, key(70 + n)));
        }
        assert_noop!(grant(50, id, key(80)), pallet_relationships::Error::<Test>::TooManyAllows);
        assert_ok!(deny(50, id, key(70)));
        assert_ok!(deny(50, id, key(71)));
        assert_noop!(deny(50, id, key(72)), pallet_relationships::Error::<Test>::TooManyDenials);
        assert_ok!(Permissions::revoke(signed(50), id, 0));
        assert_ok!(grant(50, id, key(80)));
        // Identifiers are not used again.
        assert!(Rules::<Test>::contains_key((id.member, id.index, 6)));
        assert!(!Rules::<Test>::contains_key((id.member, id.index, 0)));
    });
}

#[test]
fn revoke_should_leave_the_state_root_as_before_but_for_the_counter_when_done() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_ok!(grant(50, id, key(70)));
        assert_ok!(Permissions::revoke(signed(50), id, 0));
        assert_event(Event::Revoked { relationship: id, grant: 0 });
        assert_eq!(Rules::<Test>::iter().count(), 0);
        let rules = Relationships::get(id).unwrap().rules;
        assert_eq!((rules.next, rules.allows, rules.denials), (1, 0, 0));
        assert_noop!(Permissions::revoke(signed(50), id, 0), Error::<Test>::UnknownGrant);
    });
}

#[test]
fn rules_should_be_gone_when_the_relationship_ends() {
    run(|| {
        provider(1);
        let (id, other) = (active(1, 50), active(1, 51));
        for n in 0..4 {
            assert_ok!(grant(50, id, key(70 + n)));
        }
        assert_ok!(deny(50, id, key(70)));
        assert_ok!(grant(51, other, key(70)));
        assert_ok!(Relationships::end(signed(1), id));
        assert_eq!(Rules::<Test>::iter().count(), 1, "the other relationship's rule stays");
    });
}
