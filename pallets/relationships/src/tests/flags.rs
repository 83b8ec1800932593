//! The patient's open choices.

use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchClass, GetDispatchInfo},
};
use medrec_primitives::{RelationshipFlags as Flags, RelationshipId};

use crate::{mock::*, Call, Error, Event};

fn set(n: u8, id: RelationshipId, set: Flags, clear: Flags) -> sp_runtime::DispatchResult {
    Relationships::set_flags(signed(n), id, set, clear)
}

#[test]
fn flags_should_change_and_leave_the_rest_when_set_and_cleared() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let flags = || Relationships::get(id).unwrap().flags;
        assert_ok!(set(50, id, Flags::EMERGENCY_OPT_OUT, Flags::NONE));
        assert_event(Event::FlagsSet { relationship: id, flags: Flags::EMERGENCY_OPT_OUT });
        assert_ok!(set(50, id, Flags::EMERGENCY_OVER_DENIALS, Flags::NONE));
        assert_eq!(flags(), Flags::ALL);
        assert_ok!(set(50, id, Flags::NONE, Flags::EMERGENCY_OPT_OUT));
        assert_eq!(flags(), Flags::EMERGENCY_OVER_DENIALS);
        assert_ok!(set(50, id, Flags::EMERGENCY_OPT_OUT, Flags::EMERGENCY_OVER_DENIALS));
        assert_eq!(flags(), Flags::EMERGENCY_OPT_OUT);
    });
}

#[test]
fn flags_should_be_refused_when_without_meaning_or_not_the_patients() {
    run(|| {
        provider(1);
        let id = proposed(1, 50);
        let (on, off) = (Flags::EMERGENCY_OPT_OUT, Flags::NONE);
        assert_noop!(set(50, id, on, off), Error::<Test>::WrongStatus);
        assert_ok!(Relationships::accept(signed(50), id));
        set_custodians(50, id, &[custodian(60, 3, 0, None), custodian(61, 4, 0, None)]).unwrap();
        for stranger in [1, 101, 2, 60, 70] {
            assert_noop!(set(stranger, id, on, off), Error::<Test>::NotAllowed);
        }
        for (set_to, clear) in [(Flags(4), off), (off, Flags(128)), (on, on), (Flags::ALL, on)] {
            assert_noop!(set(50, id, set_to, clear), Error::<Test>::BadFlags);
        }
        assert_noop!(set(50, RelationshipId::new(9, 9), on, off), Error::<Test>::UnknownRelationship);
        assert_ok!(set(61, id, on, off));
        assert_ok!(Relationships::end(signed(50), id));
        assert_noop!(set(50, id, on, off), Error::<Test>::WrongStatus);
    });
}

#[test]
fn flags_should_go_first_only_when_they_narrow() {
    let class = |set, clear| {
        let call = Call::<Test>::set_flags { relationship: RelationshipId::new(0, 0), set, clear };
        call.get_dispatch_info().class
    };
    let (none, out, over) = (Flags::NONE, Flags::EMERGENCY_OPT_OUT, Flags::EMERGENCY_OVER_DENIALS);
    for (set, clear) in [(out, none), (none, over), (out, over)] {
        assert_eq!(class(set, clear), DispatchClass::Operational);
    }
    for (set, clear) in [(over, none), (none, out), (over, out), (Flags::ALL, none), (out, Flags::ALL)] {
        assert_eq!(class(set, clear), DispatchClass::Normal);
    }
}
