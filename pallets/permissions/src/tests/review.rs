//! The consortium's review of broken glasses.

use frame_support::{assert_noop, assert_ok};
use medrec_primitives::{
    GlassId, GlassReview, MemberId, RelationshipId, ReviewOutcome, StaffId, StaffRole, DAY_MS,
};

use crate::{mock::*, BreakCounts, Breaks, Error, Event, Reviewed, Reviews};
use ReviewOutcome::{Justified, Unjustified};

fn broken(times: u64) -> (MemberId, RelationshipId) {
    let room = provider(1);
    let id = active(1, 50);
    staff(1, 200, StaffRole::Emergency);
    for day in 0..times {
        set_time(NOON + day * DAY_MS);
        assert_ok!(Permissions::break_glass(signed(200), id, [day as u8; 32]));
    }
    (room, id)
}

fn glasses(of: impl IntoIterator<Item = GlassId>) -> Reviewed {
    of.into_iter().collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn review_should_be_closed_when_the_consortium_votes() {
    run(|| {
        let (room, id) = broken(3);
        let all: Vec<_> = (0..3).map(|index| GlassId::new(room, index)).collect();
        let open: Vec<_> = Permissions::open_reviews(room, 0, 100).into_iter().map(|(id, _)| id).collect();
        assert_eq!(open, all);
        take_events();
        assert_ok!(Permissions::review_glass(RuntimeOrigin::root(), glasses([all[0], all[1]]), Justified));
        let reviewed = [all[0], all[1]].map(|glass| Event::GlassReviewed {
            relationship: id,
            glass,
            outcome: Justified,
        });
        assert_eq!(take_events(), reviewed);
        assert_eq!(Breaks::<Test>::get(room), BreakCounts { next: 3, open: 1, unjustified: 0 });
        assert_eq!(Reviews::<Test>::iter().count(), 1);
        assert_eq!(Permissions::glasses(id).len(), 1, "what was justified stays open for its time");
    });
}

#[test]
fn glass_should_be_closed_when_found_unjustified() {
    run(|| {
        let (room, id) = broken(2);
        let (past, open) = (GlassId::new(room, 0), GlassId::new(room, 1));
        take_events();
        assert_ok!(Permissions::review_glass(RuntimeOrigin::root(), glasses([past, open]), Unjustified));
        let reviewed = |glass| Event::GlassReviewed { relationship: id, glass, outcome: Unjustified };
        let closed = Event::GlassClosed { relationship: id, glass: open };
        assert_eq!(take_events(), [reviewed(past), reviewed(open), closed]);
        assert_eq!(Permissions::facts(id, &account(200)).unwrap().emergency, None);
        assert_eq!(Breaks::<Test>::get(room), BreakCounts { next: 2, open: 0, unjustified: 2 });
    });
}

#[test]
fn review_should_be_refused_when_unknown_or_reviewed_already() {
    run(|| {
        let (room, _) = broken(1);
        let review = |index, outcome| {
            Permissions::review_glass(RuntimeOrigin::root(), glasses([GlassId::new(room, index)]), outcome)
        };
        assert_noop!(review(1, Justified), Error::<Test>::UnknownReview);
        assert_ok!(review(0, Justified));
        assert_noop!(review(0, Unjustified), Error::<Test>::UnknownReview);
    });
}

#[test]
fn review_should_change_nothing_when_one_of_several_is_unknown() {
    run(|| {
        let (room, _) = broken(1);
        let some = glasses([GlassId::new(room, 0), GlassId::new(room, 0)]);
        // Calls run in a storage layer of their own; so here.
        let result = frame_support::storage::with_storage_layer(|| {
            Permissions::review_glass(RuntimeOrigin::root(), some, Justified)
        });
        assert_eq!(result, Err(Error::<Test>::UnknownReview.into()));
        assert_eq!(Breaks::<Test>::get(room).open, 1);
    });
}

#[test]
fn review_should_be_refused_when_anyone_but_the_consortium_signs() {
    run(|| {
        let (room, _) = broken(1);
        for by in [1, 50, 101, 200, 70] {
            let refused = Permissions::review_glass(signed(by), glasses([GlassId::new(room, 0)]), Justified);
            assert_noop!(refused, sp_runtime::DispatchError::BadOrigin);
        }
    });
}

#[test]
fn open_reviews_should_come_in_pages_when_asked_for() {
    run(|| {
        let (room, _) = broken(4);
        let page = |start, count| -> Vec<u32> {
            Permissions::open_reviews(room, start, count).into_iter().map(|(id, _)| id.index).collect()
        };
        assert_eq!(page(0, 2), [0, 1]);
        assert_eq!(page(2, 2), [2, 3]);
        assert_eq!(page(3, 100), [3]);
        assert_eq!(page(4, 100), [0u32; 0]);
        assert_eq!(page(0, 0), [0u32; 0]);
        assert!(Permissions::open_reviews(room + 1, 0, 100).is_empty());
    });
}

#[test]
fn open_reviews_should_read_none_beside_the_page_when_many_wait() {
    let mut ext = new_test_ext();
    ext.execute_with(|| {
        for index in 0..200u8 {
            let (relationship, staff) = (RelationshipId::new(0, index.into()), StaffId::new(0, 0));
            let review = GlassReview { relationship, staff, from: 0, until: 1, reason: [index; 32] };
            Reviews::<Test>::insert(0, u32::from(index), review);
        }
    });
    ext.commit_all().unwrap();
    let (page, proof) = ext.execute_and_prove(|| Permissions::open_reviews(0, 150, 3));
    assert_eq!(page.into_iter().map(|(id, _)| id.index).collect::<Vec<_>>(), [150, 151, 152]);
    let nodes: Vec<_> = proof.iter_nodes().collect();
    let read = (0..200u8).filter(|n| nodes.iter().any(|node| node.windows(32).any(|part| part == [*n; 32])));
    assert_eq!(read.collect::<Vec<_>>(), [150, 151, 152]);
}
