//! Anchors.

use frame_support::{assert_noop, assert_ok};
use medrec_primitives::{
    merkle::{includes, position, Kind, Leaf, Tree},
    Anchor,
};
use sp_core::Pair;
use sp_runtime::DispatchError;

use crate::{mock::*, Anchors, Error, Event};

/// The interval that has just ended at [`NOON`].
const LAST: u32 = (NOON / INTERVAL) as u32 - 1;

#[test]
fn anchor_should_be_kept_when_the_provider_or_its_gatekeeper_signs() {
    run(|| {
        let (one, two) = (provider(1), provider(2));
        assert_ok!(Access::anchor(signed(1), LAST, [1; 32], [2; 32]));
        assert_event(Event::Anchored { member: one, interval: LAST });
        let gatekeeper = RuntimeOrigin::signed(gatekeeper(2).public().into());
        assert_ok!(Access::anchor(gatekeeper, LAST, [3; 32], [4; 32]));
        let anchor = Anchor { interval: LAST, records: [1; 32], log: [2; 32] };
        assert_eq!(Access::latest_anchor(one), Some(anchor));
        assert_eq!(Access::anchor_of(one, LAST), Some(anchor));
        assert_eq!(Access::latest_anchor(two).map(|anchor| anchor.records), Some([3; 32]));
        assert_eq!(Access::latest_anchor(9), None);
    });
}

#[test]
fn anchor_should_be_refused_when_the_interval_is_not_the_last_or_anchored() {
    run(|| {
        provider(1);
        let anchor = |interval| Access::anchor(signed(1), interval, [0; 32], [0; 32]);
        for other in [0, LAST - 1, LAST + 1, LAST + 2, u32::MAX] {
            assert_noop!(anchor(other), Error::<Test>::WrongInterval);
        }
        assert_ok!(anchor(LAST));
        assert_noop!(anchor(LAST), Error::<Test>::AlreadyAnchored);
        set_time(NOON + INTERVAL - 1);
        assert_noop!(anchor(LAST), Error::<Test>::AlreadyAnchored);
        set_time(NOON + INTERVAL);
        assert_noop!(anchor(LAST), Error::<Test>::WrongInterval);
        assert_ok!(anchor(LAST + 1));
        // A gap is no obstacle, and cannot be filled later.
        set_time(NOON + 3 * INTERVAL);
        assert_noop!(anchor(LAST + 2), Error::<Test>::WrongInterval);
        assert_ok!(anchor(LAST + 3));
    });
}

#[test]
fn anchor_should_be_refused_when_anyone_else_signs() {
    run(|| {
        let member = provider(1);
        let by = |origin| Access::anchor(origin, LAST, [0; 32], [0; 32]);
        assert_noop!(by(signed(5)), pallet_registry::Error::<Test>::NotAMember);
        assert_noop!(by(RuntimeOrigin::root()), DispatchError::BadOrigin);
        assert_noop!(by(RuntimeOrigin::none()), DispatchError::BadOrigin);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_noop!(by(signed(1)), pallet_registry::Error::<Test>::WrongStatus);
    });
}

#[test]
fn anchors_should_make_room_when_the_ring_is_full() {
    run(|| {
        let member = provider(1);
        for n in 0..5 {
            set_time(NOON + u64::from(n) * INTERVAL);
            assert_ok!(Access::anchor(signed(1), LAST + n, [n as u8; 32], [0; 32]));
        }
        let kept: Vec<bool> = (0..5).map(|n| Access::anchor_of(member, LAST + n).is_some()).collect();
        assert_eq!(kept, [false, false, true, true, true]);
        assert_eq!(Anchors::<Test>::iter().count(), 3);
        assert_eq!(Access::latest_anchor(member).map(|anchor| anchor.interval), Some(LAST + 4));
    });
}

#[test]
fn record_should_be_proven_when_its_root_is_anchored() {
    run(|| {
        let member = provider(1);
        let (secret, filling) = ([1; 32], [2; 32]);
        let place = |key: &[u8]| position(&secret, Kind::Records, key);
        let leaves = vec![
            Leaf { position: place(b"r0-0"), value: [5; 32] },
            Leaf { position: place(b"r0-1"), value: [6; 32] },
        ];
        let tree = Tree::new(Kind::Records, &filling, leaves).unwrap();
        assert_ok!(Access::anchor(signed(1), LAST, tree.root(), [0; 32]));
        let root = Access::latest_anchor(member).unwrap().records;
        let proof = tree.proof(place(b"r0-1")).unwrap();
        assert!(includes(Kind::Records, &root, &[6; 32], &proof));
        assert!(!includes(Kind::Records, &root, &[5; 32], &proof));
        assert!(!includes(Kind::Log, &root, &[6; 32], &proof));
    });
}
