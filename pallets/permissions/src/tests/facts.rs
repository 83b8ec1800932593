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
