//! The dead man's switch.

use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchClass, GetDispatchInfo},
};
use medrec_primitives::{RelationshipId, DAY_MS};
use sp_runtime::{
    generic::Era,
    traits::{DispatchTransaction, Dispatchable},
};

use crate::{extension::FreeCalls, mock::*, Call, Error, Event, StepIns};

/// Rights as bits: everything, after stepping in.
const HEIR: u8 = 7 | 8;

/// Days after the first.
fn day(days: u64) {
    set_time(NOON + days * DAY_MS);
}

/// Patient 50, heirs 60 and 61, custodian 62 who may read; silent for 30 days is silent.
fn switch() -> RelationshipId {
    provider(1);
    let id = active(1, 50);
    let list = [custodian(60, HEIR, 0, None), custodian(61, HEIR, 0, None), custodian(62, 1, 0, None)];
    assert_ok!(set_custodians(50, id, &list));
    assert_ok!(Relationships::set_inactivity(signed(50), id, Some(30)));
    id
}

fn stepped_in() -> RelationshipId {
    let id = switch();
    day(31);
    assert_ok!(Relationships::step_in(signed(60), id));
    assert_ok!(Relationships::confirm_step_in(signed(1), id));
    id
}

/// The keys of those who may act.
fn acting(id: RelationshipId) -> Vec<u8> {
    let custodians = Relationships::in_force(id).unwrap().custodians;
    custodians.iter().map(|c| AsRef::<[u8]>::as_ref(&c.key)[0]).collect()
}

#[test]
fn heirs_should_act_when_they_stepped_in_and_the_provider_confirmed() {
    run(|| {
        let id = switch();
        assert_eq!(acting(id), [62]);
        assert_noop!(Relationships::suspend(signed(60), id), Error::<Test>::NotAllowed);
        day(31);
        assert_ok!(Relationships::step_in(signed(60), id));
        assert_event(Event::StepInRequested { relationship: id, key: account(60) });
        assert_eq!(acting(id), [62], "not before the provider confirms");
        assert_noop!(Relationships::suspend(signed(60), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::confirm_step_in(signed(101), id));
        assert_event(Event::SteppedIn { relationship: id });
        assert_eq!(acting(id), [60, 61, 62]);
        let shown = Relationships::in_force(id).unwrap().custodians;
        assert!(shown.iter().all(|c| c.rights.0 & 8 == 0), "who acts is shown with plain rights");
        assert_ok!(Relationships::suspend(signed(60), id));
        assert_ok!(Relationships::resume(signed(61), id));
    });
}

#[test]
fn step_in_should_fail_when_the_patient_is_not_silent_for_the_whole_period() {
    run(|| {
        let id = switch();
        let step_in = |n| Relationships::step_in(signed(n), id);
        let midnight = |days: u64| NOON - NOON % DAY_MS + days * DAY_MS;
        assert_noop!(step_in(60), Error::<Test>::NotSilent);
        set_time(NOON + 30 * DAY_MS - 1);
        assert_noop!(step_in(60), Error::<Test>::NotSilent);
        // The last moment of a day counts like its first.
        set_time(midnight(31) - 1);
        assert_noop!(step_in(60), Error::<Test>::NotSilent);
        assert_ok!(Relationships::touch(signed(50), id));
        set_time(midnight(61) - 1);
        assert_noop!(step_in(60), Error::<Test>::NotSilent);
        set_time(midnight(61));
        assert_ok!(step_in(60));
        assert_noop!(step_in(60), Error::<Test>::AlreadyRequested);
        assert_noop!(step_in(61), Error::<Test>::AlreadyRequested);
    });
}

#[test]
fn step_in_should_fail_when_the_signer_is_not_named_for_it_or_no_period_is_set() {
    run(|| {
        let id = switch();
        day(40);
        for stranger in [50, 62, 1, 101, 2, 70] {
            assert_noop!(Relationships::step_in(signed(stranger), id), Error::<Test>::NotAllowed);
        }
        let unknown = RelationshipId::new(9, 9);
        assert_noop!(Relationships::step_in(signed(60), unknown), Error::<Test>::UnknownRelationship);
        assert_ok!(Relationships::set_inactivity(signed(50), id, None));
        day(4_000);
        assert_noop!(Relationships::step_in(signed(60), id), Error::<Test>::NotSilent);
    });
}

#[test]
fn step_in_should_fail_when_outside_the_heirs_dates() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let at = |days| NOON + days * DAY_MS;
        let list = [custodian(60, HEIR, at(41), None), custodian(61, HEIR, 0, Some(at(40)))];
        assert_ok!(set_custodians(50, id, &list));
        assert_ok!(Relationships::set_inactivity(signed(50), id, Some(30)));
        day(40);
        for key in [60, 61] {
            assert_noop!(Relationships::step_in(signed(key), id), Error::<Test>::NotAllowed);
        }
        day(41);
        assert_ok!(Relationships::step_in(signed(60), id));
        assert_ok!(Relationships::confirm_step_in(signed(1), id));
        assert_noop!(Relationships::suspend(signed(61), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::suspend(signed(60), id));
    });
}

#[test]
fn confirm_should_fail_when_nothing_stands_or_the_signer_is_not_the_provider() {
    run(|| {
        let id = switch();
        provider(2);
        let confirm = |n| Relationships::confirm_step_in(signed(n), id);
        assert_noop!(confirm(1), Error::<Test>::NotRequested);
        day(31);
        assert_ok!(Relationships::step_in(signed(60), id));
        assert_noop!(confirm(2), Error::<Test>::NotAllowed);
        for stranger in [50, 60, 9] {
            assert_noop!(confirm(stranger), pallet_registry::Error::<Test>::NotAMember);
        }
        let unknown = RelationshipId::new(id.member, 9);
        let other = Relationships::confirm_step_in(signed(1), unknown);
        assert_eq!(other, Err(Error::<Test>::UnknownRelationship.into()));
        assert_ok!(confirm(1));
        assert_noop!(confirm(1), Error::<Test>::AlreadyApproved);
    });
}

/// The very moment: in the same millisecond as the confirmation, by a call that fails.
#[test]
fn heirs_should_be_out_the_moment_the_patient_makes_any_call() {
    run(|| {
        frame_system::BlockHash::<Test>::insert(0, sp_core::H256::repeat_byte(1));
        frame_system::BlockHash::<Test>::insert(1, sp_core::H256::repeat_byte(2));
        let id = stepped_in();
        assert_eq!(acting(id), [60, 61, 62]);
        let accept: RuntimeCall = Call::<Test>::accept { relationship: id }.into();
        let info = accept.get_dispatch_info();
        FreeCalls::<Test>::new(Era::mortal(64, 1), 0)
            .validate_and_prepare(signed(50), &accept, &info, 100, 0)
            .unwrap();
        assert!(accept.dispatch(signed(50)).is_err());
        assert_eq!(acting(id), [62]);
        assert_noop!(Relationships::suspend(signed(60), id), Error::<Test>::NotAllowed);
        assert_noop!(Relationships::confirm_step_in(signed(1), id), Error::<Test>::NotRequested);
        // They may ask again only after another period of silence.
        day(61);
        assert_noop!(Relationships::step_in(signed(60), id), Error::<Test>::NotSilent);
        day(62);
        assert_ok!(Relationships::step_in(signed(61), id));
    });
}

#[test]
fn request_should_be_void_when_the_patient_calls_before_the_confirmation() {
    run(|| {
        let id = switch();
        day(31);
        assert_ok!(Relationships::step_in(signed(60), id));
        assert_ok!(Relationships::touch(signed(50), id));
        assert_event(Event::SteppedOut { relationship: id });
        assert_noop!(Relationships::confirm_step_in(signed(1), id), Error::<Test>::NotRequested);
        assert_eq!(StepIns::<Test>::iter().count(), 0);
    });
}

#[test]
fn step_out_should_work_for_patient_provider_and_manager_when_stepped_in() {
    run(|| {
        let id = stepped_in();
        let step_out = |n| Relationships::step_out(signed(n), id);
        for stranger in [62, 2, 70] {
            assert_noop!(step_out(stranger), Error::<Test>::NotAllowed);
        }
        for (n, who) in [50, 1, 101, 61].into_iter().enumerate() {
            assert_ok!(step_out(who));
            assert_event(Event::SteppedOut { relationship: id });
            assert_eq!(acting(id), [62]);
            assert_noop!(step_out(50), Error::<Test>::NotRequested);
            day(62 + 31 * n as u64);
            assert_ok!(Relationships::step_in(signed(60), id));
            assert_ok!(Relationships::confirm_step_in(signed(1), id));
        }
        let call = Call::<Test>::step_out { relationship: id };
        assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
        assert_ok!(Relationships::end(signed(60), id));
        assert_eq!(StepIns::<Test>::iter().count(), 0);
    });
}

#[test]
fn set_inactivity_should_fail_when_out_of_bounds_or_not_the_patients() {
    run(|| {
        let id = switch();
        let set = |n, days| Relationships::set_inactivity(signed(n), id, days);
        for days in [0, 29, 3_661, u16::MAX] {
            assert_noop!(set(50, Some(days)), Error::<Test>::BadPeriod);
        }
        for days in [Some(30), Some(3_660), None] {
            assert_ok!(set(50, days));
            assert_event(Event::InactivitySet { relationship: id, days });
        }
        set_custodians(50, id, &[custodian(63, 7, 0, None)]).unwrap();
        for stranger in [1, 60, 63, 70] {
            assert_noop!(set(stranger, None), Error::<Test>::NotAllowed);
            assert_noop!(Relationships::touch(signed(stranger), id), Error::<Test>::NotAllowed);
        }
        let unknown = RelationshipId::new(9, 9);
        assert_noop!(Relationships::touch(signed(50), unknown), Error::<Test>::UnknownRelationship);
        let proposed = proposed(1, 51);
        assert_noop!(Relationships::touch(signed(51), proposed), Error::<Test>::WrongStatus);
        let early = Relationships::set_inactivity(signed(51), proposed, None);
        assert_eq!(early, Err(Error::<Test>::WrongStatus.into()));
    });
}

#[test]
fn heir_should_appoint_heirs_alone_when_stepped_in() {
    run(|| {
        let id = stepped_in();
        let mut list = Relationships::get(id).unwrap().custodians.into_inner();
        list.push(custodian(64, 7, 0, None));
        assert_noop!(set_custodians(60, id, &list), Error::<Test>::NotAllowed);
        list[3] = custodian(64, HEIR, 0, None);
        assert_ok!(set_custodians(60, id, &list));
        assert_eq!(acting(id), [60, 61, 62, 64]);
        assert_ok!(Relationships::touch(signed(50), id));
        assert_eq!(acting(id), [62]);
    });
}
