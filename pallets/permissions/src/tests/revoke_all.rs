//! Taking everything back from one viewer.

use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use medrec_primitives::{Effect, GrantId, GrantTerms, RelationshipId, Viewer};

use crate::{mock::*, Call, Error, Event, Rules};

fn grant(id: RelationshipId, viewer: Viewer) {
    assert_ok!(Permissions::grant(signed(50), id, viewer, GrantTerms::Everything, None, None, true));
}

fn left(id: RelationshipId) -> Vec<GrantId> {
    Permissions::rules(id).into_iter().map(|rule| rule.id).collect()
}

#[test]
fn revoke_all_should_remove_every_allow_and_its_children_when_the_patient_signs() {
    run(|| {
        let member = provider(1);
        let (id, other) = (active(1, 50), active(1, 51));
        grant(id, key(70));
        grant(id, key(71));
        grant(id, Viewer::Member(member));
        assert_ok!(Permissions::deny(signed(50), id, key(70), GrantTerms::Everything, Some(NOON + 1), None));
        let share = |by, parent, viewer| {
            Permissions::share(signed(by), id, parent, viewer, GrantTerms::Everything, None, None, true)
        };
        assert_ok!(share(70, 0, key(72)));
        assert_ok!(share(72, 4, key(73)));
        // The viewer got something from somebody else, too.
        assert_ok!(share(71, 1, key(70)));
        grant(id, key(70));
        assert_ok!(Permissions::grant(signed(51), other, key(70), GrantTerms::Everything, None, None, false));
        take_events();

        assert_ok!(Permissions::revoke_all(signed(50), id, key(70)));
        let revoked = [0, 4, 5, 6, 7].map(|grant| Event::Revoked { relationship: id, grant });
        assert_eq!(take_events(), revoked);
        assert_eq!(left(id), [1, 2, 3]);
        assert_eq!(Rules::<Test>::get((id.member, id.index, 3)).unwrap().grant.effect, Effect::Deny);
        assert_eq!(left(other), [0]);
        let rules = Relationships::get(id).unwrap().rules;
        assert_eq!((rules.allows, rules.denials, rules.shared), (2, 1, 0));
    });
}

#[test]
fn revoke_all_should_be_refused_when_nothing_is_allowed_to_the_viewer() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_ok!(Permissions::deny(signed(50), id, key(70), GrantTerms::Everything, None, None));
        assert_noop!(Permissions::revoke_all(signed(50), id, key(70)), Error::<Test>::NothingAllowed);
    });
}

#[test]
fn revoke_all_should_be_refused_when_anyone_else_signs() {
    run(|| {
        provider(1);
        let (id, _) = (active(1, 50), active(1, 51));
        grant(id, key(70));
        for other in [1, 51, 70, 101] {
            let not_allowed = pallet_relationships::Error::<Test>::NotAllowed;
            assert_noop!(Permissions::revoke_all(signed(other), id, key(70)), not_allowed);
        }
        let root = Permissions::revoke_all(RuntimeOrigin::root(), id, key(70));
        assert_noop!(root, sp_runtime::DispatchError::BadOrigin);
        let unknown = pallet_relationships::Error::<Test>::UnknownRelationship;
        assert_noop!(Permissions::revoke_all(signed(50), RelationshipId::new(0, 9), key(70)), unknown);
    });
}

#[test]
fn revocations_should_give_weight_back_when_there_was_less_to_look_at() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(id, key(70));
        grant(id, key(71));
        let declared = Call::<Test>::revoke { relationship: id, grant: 0 }.get_dispatch_info().call_weight;
        let actual = Permissions::revoke(signed(50), id, 0).unwrap().actual_weight.unwrap();
        assert_eq!(actual, <() as crate::WeightInfo>::revoke(1));
        assert!(actual.all_lt(declared));
        let actual = Permissions::revoke_all(signed(50), id, key(71)).unwrap().actual_weight.unwrap();
        assert_eq!(actual, <() as crate::WeightInfo>::revoke_all(1));
    });
}
