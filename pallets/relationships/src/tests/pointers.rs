//! Sealed pointers.

use frame_support::{assert_noop, assert_ok};
use medrec_primitives::{SealedLocator, LOCATOR_PLAINTEXT_BYTES};

use crate::{mock::*, Error, Event, Pointers};

fn locator(byte: u8) -> SealedLocator {
    SealedLocator { key: 0, enc: [byte; 32], ciphertext: [byte; LOCATOR_PLAINTEXT_BYTES + 16] }
}

#[test]
fn pointer_should_count_versions_when_set_again() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_ok!(Relationships::set_pointer(signed(1), id, 0, locator(1), [1; 32]));
        assert_event(Event::PointerSet { relationship: id, slot: 0, version: 1 });
        assert_ok!(Relationships::set_pointer(signed(101), id, 0, locator(2), [2; 32]));
        assert_event(Event::PointerSet { relationship: id, slot: 0, version: 2 });
        let pointer = Pointers::<Test>::get((id.member, id.index, 0)).unwrap();
        assert_eq!((pointer.root, pointer.version, pointer.locator), ([2; 32], 2, locator(2)));
        assert_ok!(Relationships::withdraw_pointer(signed(1), id, 0));
        assert_event(Event::PointerWithdrawn { relationship: id, slot: 0 });
        assert_noop!(Relationships::withdraw_pointer(signed(1), id, 0), Error::<Test>::UnknownPointer);
    });
}

#[test]
fn pointer_should_be_refused_when_slot_or_signer_or_status_is_wrong() {
    run(|| {
        provider(1);
        provider(2);
        let id = proposed(1, 50);
        let set = |n, slot| Relationships::set_pointer(signed(n), id, slot, locator(1), [1; 32]);
        assert_noop!(set(1, 0), Error::<Test>::WrongStatus);
        assert_ok!(Relationships::accept(signed(50), id));
        assert_noop!(set(1, 8), Error::<Test>::BadSlot);
        assert_noop!(set(2, 0), Error::<Test>::NotAllowed);
        assert_noop!(set(50, 0), pallet_registry::Error::<Test>::NotAMember);
        assert_noop!(Relationships::withdraw_pointer(signed(2), id, 0), Error::<Test>::NotAllowed);
        assert_ok!(set(1, 7));
    });
}

#[test]
fn pointers_should_be_gone_when_the_relationship_ends() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        for slot in 0..8 {
            assert_ok!(Relationships::set_pointer(signed(1), id, slot, locator(1), [1; 32]));
        }
        assert_ok!(Relationships::end(signed(50), id));
        assert_eq!(Pointers::<Test>::iter().count(), 0);
        assert_noop!(
            Relationships::set_pointer(signed(1), id, 0, locator(1), [1; 32]),
            Error::<Test>::WrongStatus
        );
    });
}

#[test]
fn pointer_should_be_new_updated_or_seen_when_acknowledged() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        set_custodians(50, id, &[custodian(60, 1, 0, None), custodian(61, 6, 0, None)]).unwrap();
        let versions = || Pointers::<Test>::get((id.member, id.index, 0)).map(|p| (p.seen, p.version));
        let acknowledge = |n, slot, version| Relationships::acknowledge(signed(n), id, slot, version);
        assert_noop!(acknowledge(50, 0, 1), Error::<Test>::UnknownPointer);
        assert_ok!(Relationships::set_pointer(signed(1), id, 0, locator(1), [1; 32]));
        assert_eq!(versions(), Some((0, 1)), "new");
        for stranger in [1, 2, 61, 70] {
            assert_noop!(acknowledge(stranger, 0, 1), Error::<Test>::NotAllowed);
        }
        for (slot, error) in [(1, Error::<Test>::UnknownPointer), (8, Error::<Test>::UnknownPointer)] {
            assert_noop!(acknowledge(50, slot, 1), error);
        }
        for version in [0, 2] {
            assert_noop!(acknowledge(50, 0, version), Error::<Test>::BadVersion);
        }
        assert_ok!(acknowledge(50, 0, 1));
        assert_event(Event::Acknowledged { relationship: id, slot: 0, version: 1 });
        assert_eq!(versions(), Some((1, 1)), "seen");
        assert_noop!(acknowledge(50, 0, 1), Error::<Test>::BadVersion);
        assert_ok!(Relationships::set_pointer(signed(1), id, 0, locator(2), [2; 32]));
        assert_eq!(versions(), Some((1, 2)), "updated");
        assert_ok!(acknowledge(60, 0, 2));
        assert_eq!(versions(), Some((2, 2)), "seen by who acts for the patient");
        assert_noop!(
            Relationships::acknowledge(signed(50), medrec_primitives::RelationshipId::new(9, 9), 0, 1),
            Error::<Test>::UnknownRelationship
        );
    });
}
