//! Clearing away what has expired.

use frame_support::{assert_ok, traits::Hooks, weights::Weight};
use medrec_primitives::{
    Effect, GlassId, Grant, GrantId, GrantTerms, Moment, RelationshipId, StaffRole, Viewer,
};

use crate::{mock::*, Event, GlassCursor, Glasses, RuleCursor, Rules, Sharers, EXPIRY_GRACE};

const ALL: GrantTerms = GrantTerms::Everything;
const LOTS: Weight = Weight::MAX;

fn idle(remaining: Weight) -> Weight {
    let used = Permissions::on_idle(1, remaining);
    assert!(used.all_lte(remaining), "{used} of {remaining}");
    assert!(used.all_lte(Permissions::expiry_limit()));
    used
}

fn grant(n: u8, id: RelationshipId, viewer: Viewer, until: Option<Moment>) {
    assert_ok!(Permissions::grant(signed(n), id, viewer, ALL, None, until, true));
}

fn left(id: RelationshipId) -> Vec<GrantId> {
    Permissions::rules(id).into_iter().map(|rule| rule.id).collect()
}

#[test]
fn rules_should_be_cleared_when_their_time_and_a_grace_are_over() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(50, id, key(70), Some(NOON + 10));
        grant(50, id, key(71), None);
        assert_ok!(Permissions::deny(signed(50), id, key(72), ALL, None, Some(NOON + 11)));
        take_events();
        set_time(NOON + 10 + EXPIRY_GRACE - 1);
        idle(LOTS);
        assert_eq!((left(id), take_events()), (vec![0, 1, 2], vec![]));
        set_time(NOON + 10 + EXPIRY_GRACE);
        idle(LOTS);
        assert_eq!(left(id), [1, 2]);
        assert_eq!(take_events(), [Event::Expired { relationship: id, grant: 0 }]);
        set_time(NOON + 11 + EXPIRY_GRACE);
        idle(LOTS);
        assert_eq!(left(id), [1]);
        assert_eq!(take_events(), [Event::Expired { relationship: id, grant: 2 }]);
        let rules = Relationships::get(id).unwrap().rules;
        assert_eq!((rules.next, rules.allows, rules.denials, rules.shared), (3, 1, 0, 0));
    });
}

#[test]
fn children_should_be_cleared_when_their_parent_expires() {
    run(|| {
        let member = provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Clinician);
        grant(50, id, Viewer::Member(member), Some(NOON + 10));
        let share = |by, parent| {
            Permissions::share(signed(by), id, parent, key(71), ALL, None, Some(NOON + 10), true)
        };
        assert_ok!(share(200, 0));
        assert_ok!(share(71, 1));
        grant(50, id, key(72), None);
        // As if the end of what was shared were later than its parent's.
        for child in [1, 2] {
            Rules::<Test>::mutate((id.member, id.index, child), |rule| {
                rule.as_mut().unwrap().grant.not_after = Some(NOON + 1_000);
            });
        }
        take_events();
        set_time(NOON + 10 + EXPIRY_GRACE);
        idle(LOTS);
        assert_eq!(take_events(), [0, 1, 2].map(|grant| Event::Expired { relationship: id, grant }));
        assert_eq!(left(id), [3]);
        assert_eq!(Sharers::<Test>::iter().count(), 0);
    });
}

#[test]
fn child_should_be_cleared_alone_when_it_ends_before_its_parent() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        grant(50, id, key(70), None);
        assert_ok!(Permissions::share(signed(70), id, 0, key(71), ALL, None, Some(NOON + 1), true));
        set_time(NOON + 1 + EXPIRY_GRACE);
        idle(LOTS);
        assert_eq!(left(id), [0]);
    });
}

#[test]
fn glasses_should_be_cleared_when_their_time_and_a_grace_are_over() {
    run(|| {
        let room = provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        assert_ok!(Permissions::break_glass(signed(200), id, [1; 32]));
        let until = Permissions::glasses(id)[0].until;
        take_events();
        set_time(until + EXPIRY_GRACE - 1);
        idle(LOTS);
        assert_eq!(Permissions::glasses(id).len(), 1);
        set_time(until + EXPIRY_GRACE);
        idle(LOTS);
        assert_eq!(Glasses::<Test>::iter().count(), 0);
        assert_eq!(take_events(), [Event::GlassExpired { relationship: id, glass: GlassId::new(room, 0) }]);
        assert_eq!(Permissions::open_reviews(room, 0, 10).len(), 1, "the review stays open");
    });
}

/// `count` relationships with an expired rule each, put down as the calls would.
fn many(count: u32) {
    provider(1);
    active(1, 50);
    let record = Relationships::get(RelationshipId::new(0, 0)).unwrap();
    pallet_relationships::NextIndex::<Test>::insert(0, count);
    for index in 0..count {
        let patient = medrec_primitives::AccountId::new(sp_io::hashing::blake2_256(&index.to_le_bytes()));
        let mut record = record.clone();
        if index > 0 {
            record.patient = patient.clone();
            record.held = 0;
            let key = pallet_relationships::KeyRecord {
                relationship: RelationshipId::new(0, index),
                role: pallet_relationships::KeyRole::Patient,
                allowance: Default::default(),
            };
            pallet_relationships::Keys::<Test>::insert(&patient, key);
            System::inc_sufficients(&patient);
        }
        record.rules.next = 1;
        record.rules.allows = 1;
        pallet_relationships::Relationships::<Test>::insert(0, index, record);
        let rule = Grant {
            viewer: key(70),
            effect: Effect::Allow,
            terms: ALL,
            not_before: None,
            not_after: Some(NOON),
            may_share: false,
            parent: None,
        };
        Rules::<Test>::insert((0, index, 0), crate::Rule::from(rule));
    }
    set_time(NOON + EXPIRY_GRACE);
}

#[test]
fn clearing_should_get_round_to_every_relationship_when_each_block_has_little_room() {
    run(|| {
        many(50);
        let weights = |n: u32| {
            let visit = <() as crate::WeightInfo>::expire_peek()
                .saturating_add(<() as crate::WeightInfo>::expire_rules(1, 1));
            let glasses = <() as crate::WeightInfo>::expire_peek();
            <() as crate::WeightInfo>::expire_base()
                .saturating_add(glasses)
                .saturating_add(visit.saturating_mul(n.into()))
        };
        let mut blocks = 0;
        while Rules::<Test>::iter().count() > 0 {
            let before = Rules::<Test>::iter().count();
            idle(weights(3));
            let cleared = before - Rules::<Test>::iter().count();
            assert!((1..=3).contains(&cleared), "{cleared} in block {blocks}");
            blocks += 1;
        }
        assert_eq!(blocks, 17, "three in each block");
        idle(weights(3));
        assert_eq!(RuleCursor::<Test>::get(), None, "the next round starts anew");
    });
}

#[test]
fn clearing_should_wait_where_it_is_when_the_block_is_full() {
    run(|| {
        many(3);
        assert_eq!(idle(Weight::zero()), Weight::zero());
        let base = <() as crate::WeightInfo>::expire_base();
        assert_eq!(idle(base.saturating_sub(Weight::from_parts(1, 0))), Weight::zero());
        assert_eq!(idle(base), base);
        idle(base.saturating_add(<() as crate::WeightInfo>::expire_peek().saturating_mul(2)));
        assert_eq!((Rules::<Test>::iter().count(), RuleCursor::<Test>::get()), (3, None));
        idle(LOTS);
        assert_eq!(Rules::<Test>::iter().count(), 0);
    });
}

#[test]
fn clearing_should_keep_to_its_share_when_the_block_is_empty() {
    run(|| {
        many(400);
        let used = idle(LOTS);
        assert!(used.all_lte(Permissions::expiry_limit()));
        let first = Rules::<Test>::iter().count();
        assert!(first > 0 && first < 400, "{first}");
        idle(LOTS);
        assert!(Rules::<Test>::iter().count() < first);
    });
}

#[test]
fn round_should_skip_nothing_when_rules_come_and_go_under_the_cursor() {
    run(|| {
        many(20);
        let visited: Vec<_> = Rules::<Test>::iter_keys().map(|(_, index, _)| index).collect();
        // The cursor stands at a relationship whose rules are gone.
        RuleCursor::<Test>::put((0, visited[9]));
        Permissions::expire_rules_of(RelationshipId::new(0, visited[9]), NOON + EXPIRY_GRACE);
        idle(LOTS);
        let mut left: Vec<_> = Rules::<Test>::iter_keys().map(|(_, index, _)| index).collect();
        left.sort_unstable();
        let mut before = visited[..9].to_vec();
        before.sort_unstable();
        assert_eq!(left, before, "all behind the cursor are cleared, and no other");
        assert_eq!((RuleCursor::<Test>::get(), GlassCursor::<Test>::get()), (None, None));
        idle(LOTS);
        assert_eq!(Rules::<Test>::iter().count(), 0);
    });
}

#[test]
fn clearing_should_weigh_next_to_nothing_when_there_is_nothing() {
    run(|| {
        let used = idle(LOTS);
        let most = <() as crate::WeightInfo>::expire_base()
            .saturating_add(<() as crate::WeightInfo>::expire_peek().saturating_mul(2));
        assert_eq!(used, most);
    });
}

#[test]
fn share_of_the_block_should_have_room_for_the_dearest_visit() {
    run(|| {
        <Permissions as Hooks<u64>>::integrity_test();
    });
}
