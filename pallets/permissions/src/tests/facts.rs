//! What the chain tells those who decide.

use frame_support::assert_ok;
use medrec_primitives::{
    DecisionSummary, DenyReason, GrantTerms, RelationshipId, SealedTerms, StaffRole, Viewer, DAY_MS,
    TERMS_PLAINTEXT_BYTES,
};

use crate::mock::*;

fn sealed() -> GrantTerms {
    GrantTerms::Sealed(SealedTerms {
        key: 0,
        enc: [1; 32],
        ciphertext: [2; TERMS_PLAINTEXT_BYTES + 16],
        commitment: [3; 32],
    })
}

fn grant(id: RelationshipId, viewer: Viewer, terms: GrantTerms) {
    assert_ok!(Permissions::grant(signed(50), id, viewer, terms, None, None, true));
}

fn ids(id: RelationshipId, viewer: u8) -> Vec<u32> {
    Permissions::facts(id, &account(viewer)).unwrap().grants.iter().map(|g| g.id).collect()
}

#[test]
fn facts_should_hold_the_rules_about_the_viewer_alone_when_gathered() {
    run(|| {
        let (hospital, clinic) = (provider(1), provider(2));
        let id = active(1, 50);
        assert_ok!(Registry::add_staff(signed(2), account(200), StaffRole::Clinician, NOON + DAY_MS));
        assert_ok!(Registry::create_group(signed(1), b"Rooms".to_vec().try_into().unwrap()));
        assert_ok!(Registry::add_to_group(signed(1), 0, clinic));
        grant(id, Viewer::Key(account(70)), sealed());
        grant(id, Viewer::Member(clinic), sealed());
        grant(id, Viewer::Group(0), sealed());
        grant(id, Viewer::Member(hospital), sealed());
        assert_eq!(ids(id, 70), [0]);
        assert_eq!(ids(id, 200), [1, 2]);
        assert_eq!(ids(id, 71), [0u32; 0]);
        let facts = Permissions::facts(id, &account(200)).unwrap();
        assert_eq!((facts.now, facts.patient.clone()), (NOON, account(50)));
        assert_eq!(facts.staff.as_ref().unwrap().groups, [0]);
        assert_ok!(Registry::remove_from_group(signed(1), 0, clinic));
        assert_eq!(ids(id, 200), [1]);
        assert_ok!(Registry::remove_staff(signed(2), 0));
        assert_eq!(ids(id, 200), [0u32; 0]);
        assert!(Permissions::facts(RelationshipId::new(0, 9), &account(70)).is_none());
    });
}

#[test]
fn facts_should_hold_the_ancestors_when_a_rule_was_shared_onward() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(id, Viewer::Key(account(70)), sealed());
        for (by, viewer, parent) in [(70, 71, 0), (71, 72, 1)] {
            let share = Permissions::share(signed(by), id, parent, key(viewer), sealed(), None, None, true);
            assert_ok!(share);
        }
        assert_eq!(ids(id, 72), [0, 1, 2]);
        assert_eq!(ids(id, 71), [0, 1]);
        assert_eq!(ids(id, 70), [0]);
        assert_ok!(Permissions::revoke(signed(50), id, 1));
        assert_eq!(ids(id, 72), [0u32; 0], "it fell with its parent");
        assert_eq!(ids(id, 70), [0]);
    });
}

#[test]
fn may_read_should_say_what_the_chain_knows_when_asked() {
    run(|| {
        let member = provider(1);
        let id = active(1, 50);
        let may_read = |viewer| Permissions::may_read(id, &account(viewer));
        assert_eq!(may_read(50), DecisionSummary::Permit);
        assert_eq!(may_read(70), DecisionSummary::Deny(DenyReason::NoGrant));
        grant(id, Viewer::Key(account(70)), sealed());
        assert_eq!(may_read(70), DecisionSummary::NeedsOpening);
        grant(id, Viewer::Key(account(70)), GrantTerms::Everything);
        assert_eq!(may_read(70), DecisionSummary::Permit);
        let viewer = Viewer::Key(account(70));
        assert_ok!(Permissions::deny(signed(50), id, viewer, GrantTerms::Everything, None, None));
        assert_eq!(may_read(70), DecisionSummary::Deny(DenyReason::Denied));
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_eq!(may_read(50), DecisionSummary::Deny(DenyReason::ProviderInactive));
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), member));
        assert_ok!(Relationships::end(signed(50), id));
        assert_eq!(may_read(50), DecisionSummary::Deny(DenyReason::RelationshipInactive));
        assert_eq!(
            Permissions::may_read(RelationshipId::new(7, 7), &account(50)),
            DecisionSummary::Deny(DenyReason::UnknownRelationship)
        );
    });
}

/// A standing rule about a group of `members` members, and how long the proof of all that the facts read is (bytes).
fn proof_of_standing_rule(members: u32) -> usize {
    let mut ext = new_test_ext();
    ext.execute_with(|| {
        provider(1);
        let room = provider(2);
        let id = active(1, 50);
        staff(2, 200, StaffRole::Emergency);
        assert_ok!(Registry::create_group(signed(1), b"Emergency rooms".to_vec().try_into().unwrap()));
        assert_ok!(Registry::add_to_group(signed(1), 0, room));
        for member in 10..10 + members {
            pallet_registry::GroupMembers::<Test>::insert(0, member, ());
            let groups = pallet_registry::GroupsOfMember::<Test>::truncate_from(vec![0]);
            pallet_registry::GroupsOf::<Test>::insert(member, groups);
        }
        grant(id, Viewer::Group(0), sealed());
    });
    ext.commit_all().unwrap();
    let (facts, proof) =
        ext.execute_and_prove(|| Permissions::facts(RelationshipId::new(0, 0), &account(200)).unwrap());
    let read: Vec<_> = facts.grants.iter().map(|rule| rule.id).collect();
    assert_eq!((facts.staff.unwrap().groups, read), (vec![0], vec![0]));
    proof.iter_nodes().map(Vec::len).sum()
}

#[test]
fn standing_rule_should_read_no_more_when_its_group_has_thousands_of_members() {
    let (few, many) = (proof_of_standing_rule(3), proof_of_standing_rule(5_000));
    // The state is a tree: with a thousand times the members, the way to what is read is some nodes longer.
    assert!(many < few + 4_000, "{few} and {many} bytes");
}

#[test]
fn standing_rule_should_open_something_for_staff_of_every_member_of_the_group_alone() {
    run(|| {
        provider(1);
        let rooms = [provider(2), provider(3)];
        let outside = provider(4);
        let id = active(1, 50);
        for (n, role) in [(2, StaffRole::Emergency), (3, StaffRole::Clinician), (4, StaffRole::Emergency)] {
            staff(n, 200 + n, role);
        }
        assert_ok!(Registry::create_group(signed(1), b"Emergency rooms".to_vec().try_into().unwrap()));
        for room in rooms {
            assert_ok!(Registry::add_to_group(signed(1), 0, room));
        }
        grant(id, Viewer::Group(0), sealed());
        let may_read = |viewer| Permissions::may_read(id, &account(viewer));
        assert_eq!([202, 203].map(may_read), [DecisionSummary::NeedsOpening; 2]);
        assert_eq!(may_read(204), DecisionSummary::Deny(DenyReason::NoGrant));
        assert_ok!(Registry::add_to_group(signed(1), 0, outside));
        assert_eq!(may_read(204), DecisionSummary::NeedsOpening, "who joins later is meant, too");
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), rooms[0]));
        assert_eq!(may_read(202), DecisionSummary::Deny(DenyReason::NoGrant));
    });
}

/// A clinic whose person 200 shared with key 71 what the clinic and a group that it is in may see, and key 71 with key 72.
fn shared_by_staff() -> (RelationshipId, u32) {
    provider(1);
    let clinic = provider(2);
    let id = active(1, 50);
    staff(2, 200, StaffRole::Clinician);
    assert_ok!(Registry::create_group(signed(1), b"Rooms".to_vec().try_into().unwrap()));
    assert_ok!(Registry::add_to_group(signed(1), 0, clinic));
    grant(id, Viewer::Member(clinic), GrantTerms::Everything);
    grant(id, Viewer::Group(0), GrantTerms::Everything);
    for (by, parent, viewer) in [(200, 0, 71), (200, 1, 72), (71, 2, 73)] {
        let (viewer, terms) = (Viewer::Key(account(viewer)), GrantTerms::Everything);
        assert_ok!(Permissions::share(signed(by), id, parent, viewer, terms, None, None, true));
    }
    (id, clinic)
}

/// Which of the keys of [`shared_by_staff`] may read.
fn reading(id: RelationshipId) -> [bool; 3] {
    [71, 72, 73].map(|key| Permissions::may_read(id, &account(key)) == DecisionSummary::Permit)
}

#[test]
fn shared_rule_should_open_nothing_when_who_shared_it_was_removed_from_the_staff() {
    run(|| {
        let (id, _) = shared_by_staff();
        assert_eq!(reading(id), [true; 3]);
        assert_ok!(Registry::rotate_staff_key(signed(2), 0, account(201)));
        assert_eq!(reading(id), [true; 3], "the same person, with another key");
        assert_ok!(Registry::remove_staff(signed(2), 0));
        assert_eq!(reading(id), [false; 3]);
        assert_eq!(ids(id, 71), [0]);
    });
}

#[test]
fn shared_rule_should_open_nothing_when_the_term_of_who_shared_it_is_over() {
    run(|| {
        let (id, _) = shared_by_staff();
        set_time(NOON + 100 * DAY_MS - 1);
        assert_eq!(reading(id), [true; 3]);
        set_time(NOON + 100 * DAY_MS);
        assert_eq!(reading(id), [false; 3]);
    });
}

#[test]
fn shared_rule_should_open_nothing_when_the_sharers_member_is_suspended_or_left_the_group() {
    run(|| {
        let (id, clinic) = shared_by_staff();
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), clinic));
        assert_eq!(reading(id), [false; 3]);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), clinic));
        assert_eq!(reading(id), [true; 3]);
        assert_ok!(Registry::remove_from_group(signed(1), 0, clinic));
        assert_eq!(reading(id), [true, false, true]);
        assert_ok!(Registry::remove(RuntimeOrigin::root(), clinic));
        assert_eq!(reading(id), [false; 3]);
    });
}

#[test]
fn shared_rule_should_open_nothing_when_who_shared_it_is_denied_everything() {
    run(|| {
        let (id, clinic) = shared_by_staff();
        let deny = |viewer, from, until| {
            assert_ok!(Permissions::deny(signed(50), id, viewer, GrantTerms::Everything, from, until));
        };
        // As a person on a staff: by the key, or the member.
        for (grant, viewer) in [(5, Viewer::Key(account(200))), (6, Viewer::Member(clinic))] {
            deny(viewer, None, None);
            assert_eq!(reading(id), [false; 3]);
            assert_ok!(Permissions::revoke(signed(50), id, grant));
            assert_eq!(reading(id), [true; 3]);
        }
        // As a key.
        deny(Viewer::Key(account(71)), None, Some(NOON + 5));
        assert_eq!(ids(id, 73), [0, 2, 4, 7], "the decision is told of the denial");
        assert_eq!(reading(id), [false, true, false]);
        set_time(NOON + 5);
        assert_eq!(reading(id), [true; 3]);
    });
}
