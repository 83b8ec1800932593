//! Who reads in a patient's place, and who does not.

use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchResult, GetDispatchInfo},
};
use medrec_primitives::{
    Custodian, CustodianRights, DecisionSummary, DenyReason, GrantTerms, Moment, RelationshipId,
    RelationshipStatus, StaffRole, Viewer, DAY_MS,
};

use crate::{mock::*, Error, STEPPED_IN_GRANT};

/// 1 July 2026, some two years after the day of these tests.
const HANDOVER: Moment = 20_635 * DAY_MS;

const PERMIT: DecisionSummary = DecisionSummary::Permit;
const NO_GRANT: DecisionSummary = DecisionSummary::Deny(DenyReason::NoGrant);
const RESTS: DecisionSummary = DecisionSummary::Deny(DenyReason::RelationshipInactive);

fn custodian(key: u8, rights: CustodianRights, not_before: Moment, not_after: Option<Moment>) -> Custodian {
    Custodian { key: account(key), rights, not_before, not_after }
}

fn set_custodians(who: u8, id: RelationshipId, list: &[Custodian]) {
    assert_ok!(Relationships::set_custodians(signed(who), id, list.to_vec().try_into().unwrap()));
}

fn may_read(id: RelationshipId, key: u8) -> DecisionSummary {
    Permissions::may_read(id, &account(key))
}

/// Who of all keys of these tests may read.
fn readers(id: RelationshipId) -> Vec<u8> {
    (0..=255).filter(|key| may_read(id, *key) == PERMIT).collect()
}

/// Account `who` lets key 70 see everything and share it.
fn grant_until(who: u8, id: RelationshipId, until: Option<Moment>) -> DispatchResult {
    Permissions::grant(signed(who), id, key(70), GrantTerms::Everything, None, until, true)
}

fn deny(who: u8, id: RelationshipId) -> DispatchResult {
    Permissions::deny(signed(who), id, key(71), GrantTerms::Everything, None, None)
}

/// A minor's relationship with guardian 60.
fn minor() -> RelationshipId {
    provider(1);
    assert_ok!(Relationships::propose_minor(signed(1), account(60), HANDOVER, [7; 16]));
    let id = RelationshipId::new(0, 0);
    assert_ok!(Relationships::accept(signed(60), id));
    id
}

#[test]
fn custodians_should_read_only_with_the_right_and_within_their_dates() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let (read, rest) = (CustodianRights::READ, CustodianRights(6));
        let list = [
            custodian(60, read, 0, None),
            custodian(61, rest, 0, None),
            custodian(62, read, NOON + 1, None),
            custodian(63, read, 0, Some(NOON + 1)),
        ];
        set_custodians(50, id, &list);
        assert_eq!(readers(id), [50, 60, 63]);
        set_time(NOON + 1);
        assert_eq!(readers(id), [50, 60, 62]);
        assert_ok!(Relationships::remove_custodian(signed(50), id, account(60)));
        assert_eq!(readers(id), [50, 62]);
        assert_ok!(Relationships::suspend(signed(50), id));
        assert_eq!(readers(id), [0u8; 0]);
        assert_eq!(may_read(id, 50), RESTS);
        assert_ok!(Relationships::resume(signed(50), id));
        assert_eq!(readers(id), [50, 62]);
    });
}

#[test]
fn nobody_but_custodians_should_read_when_the_patient_has_no_key() {
    run(|| {
        let id = minor();
        assert_eq!(readers(id), [60]);
        let facts = Permissions::facts(id, &account(60)).unwrap();
        assert_eq!(facts.patient, Relationships::minor_account(id));
        let mut list = facts.custodians;
        list.push(custodian(61, CustodianRights::READ, NOON + 5, Some(HANDOVER - 1)));
        set_custodians(60, id, &list);
        assert_eq!(readers(id), [60]);
        set_time(NOON + 5);
        assert_eq!(readers(id), [60, 61]);
        set_time(HANDOVER - 1);
        assert_eq!(readers(id), [60]);
    });
}

#[test]
fn nobody_should_read_from_the_handover_until_the_patient_has_accepted() {
    run(|| {
        let id = minor();
        assert_ok!(grant_until(60, id, Some(HANDOVER)));
        assert_eq!(readers(id), [60, 70]);
        set_time(HANDOVER - 1);
        assert_eq!(readers(id), [60, 70]);
        set_time(HANDOVER);
        let facts = Permissions::facts(id, &account(60)).unwrap();
        assert_eq!(facts.status, RelationshipStatus::Suspended);
        for key in [60, 70] {
            assert_eq!(may_read(id, key), RESTS);
        }
        assert_ok!(Relationships::enrol_patient(signed(1), id, account(50), [8; 16]));
        assert_eq!(readers(id), [0u8; 0]);
        Permissions::do_try_state().unwrap();
        assert_ok!(Relationships::accept(signed(50), id));
        assert_eq!(readers(id), [50], "the guardian is gone, and what it granted");
        assert_eq!(may_read(id, 60), NO_GRANT);
        set_custodians(50, id, &[custodian(61, CustodianRights::READ, 0, None)]);
        assert_eq!(readers(id), [50, 61]);
    });
}

#[test]
fn heirs_should_be_no_custodians_to_the_decision_until_they_stepped_in_and_after_the_patient_is_back() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let heir = CustodianRights(CustodianRights::ALL.0 | CustodianRights::DORMANT.0);
        set_custodians(50, id, &[custodian(60, heir, 0, None)]);
        assert_ok!(Relationships::set_inactivity(signed(50), id, Some(30)));
        let shown = || Permissions::facts(id, &account(60)).unwrap().custodians;
        assert!(shown().is_empty());
        assert_eq!(readers(id), [50]);
        set_time(NOON + 31 * DAY_MS);
        assert_ok!(Relationships::step_in(signed(60), id));
        assert_eq!(readers(id), [50]);
        assert_ok!(Relationships::confirm_step_in(signed(1), id));
        assert_eq!(shown(), [custodian(60, CustodianRights::ALL, NOON, None)]);
        assert_eq!(readers(id), [50, 60]);
        assert_ok!(Relationships::touch(signed(50), id));
        assert!(shown().is_empty());
        assert_eq!(readers(id), [50]);
    });
}

#[test]
fn new_key_should_read_and_the_old_one_not_when_rekeyed_and_rules_survive() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let doctor = Viewer::Key(account(70));
        assert_ok!(Permissions::grant(signed(50), id, doctor, GrantTerms::Everything, None, None, false));
        assert_ok!(Relationships::request_rekey(signed(1), id, account(50), account(51), Some([9; 16])));
        assert_eq!(readers(id), [50, 70]);
        set_time(NOON + pallet_relationships::REKEY_DELAY);
        assert_ok!(Relationships::finish_rekey(signed(51), id));
        assert_eq!(readers(id), [51, 70]);
        assert_ok!(Relationships::request_rekey(signed(1), id, account(51), account(52), Some([9; 16])));
        assert_ok!(Relationships::veto_rekey(signed(51), id));
        assert_eq!(readers(id), [0u8; 0], "frozen until identity is proofed anew");
        assert_ok!(Relationships::reproof(signed(1), id, account(52), [3; 16]));
        set_time(NOON + 2 * pallet_relationships::REKEY_DELAY);
        assert_ok!(Relationships::finish_rekey(signed(52), id));
        assert_eq!(readers(id), [0u8; 0], "until the key that goes on resumes it");
        assert_ok!(Relationships::resume(signed(52), id));
        assert_eq!(readers(id), [52, 70]);
    });
}

#[test]
fn suspension_should_close_every_relationship_of_the_provider_at_once() {
    run(|| {
        let member = provider(1);
        provider(2);
        let (first, second, other) = (active(1, 50), active(1, 51), active(2, 52));
        let who = || [readers(first), readers(second), readers(other)];
        assert_eq!(who(), [vec![50], vec![51], vec![52]]);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), member));
        assert_eq!(who(), [vec![], vec![], vec![52]]);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), member));
        assert_eq!(who(), [vec![50], vec![51], vec![52]]);
    });
}

#[test]
fn suspension_should_close_a_relationship_at_once_for_whoever_could_read_by_whatever_right() {
    run(|| {
        let (hospital, clinic, room) = (provider(1), provider(2), provider(3));
        let id = active(1, 50);
        staff(2, 200, StaffRole::Clinician);
        staff(3, 201, StaffRole::Clinician);
        staff(3, 202, StaffRole::Emergency);
        assert_ok!(Registry::create_group(signed(1), b"Rooms".to_vec().try_into().unwrap()));
        assert_ok!(Registry::add_to_group(signed(1), 0, room));
        set_custodians(50, id, &[custodian(60, CustodianRights::READ, 0, None)]);
        let everything = GrantTerms::Everything;
        for viewer in [key(70), Viewer::Member(clinic), Viewer::Group(0)] {
            assert_ok!(Permissions::grant(signed(50), id, viewer, everything.clone(), None, None, true));
        }
        for (by, parent, to) in [(70, 0, 71), (200, 1, 72), (201, 2, 73)] {
            assert_ok!(Permissions::share(
                signed(by),
                id,
                parent,
                key(to),
                everything.clone(),
                None,
                None,
                false
            ));
        }
        let all = [50, 60, 70, 71, 72, 73, 200, 201, 202];
        assert_eq!(readers(id), all);
        let vote = |call: fn(RuntimeOrigin, u32) -> DispatchResult, member| {
            assert_ok!(call(RuntimeOrigin::root(), member));
        };

        // The provider: nobody, nor in an emergency.
        vote(Registry::suspend, hospital);
        assert_eq!(readers(id), [0u8; 0]);
        let broken = Permissions::break_glass(signed(202), id, [8; 32]);
        assert_eq!(broken, Err(Error::<Test>::ProviderInactive.into()));
        vote(Registry::reinstate, hospital);
        assert_eq!(readers(id), all);

        // Whose staff may read: its staff, and those to whom they passed it on.
        vote(Registry::suspend, clinic);
        assert_eq!(readers(id), [50, 60, 70, 71, 73, 201, 202]);
        vote(Registry::suspend, room);
        assert_eq!(readers(id), [50, 60, 70, 71]);
        let broken = Permissions::break_glass(signed(202), id, [8; 32]);
        assert_eq!(broken, Err(Error::<Test>::NotEmergencyStaff.into()));
        vote(Registry::reinstate, clinic);
        vote(Registry::reinstate, room);
        assert_eq!(readers(id), all);
        vote(Registry::remove, room);
        assert_eq!(readers(id), [50, 60, 70, 71, 72, 200]);
    });
}

#[test]
fn grant_should_be_refused_when_it_outlasts_the_custodian_who_signs() {
    run(|| {
        let id = minor();
        for until in [None, Some(HANDOVER + 1)] {
            assert_noop!(grant_until(60, id, until), Error::<Test>::OutlastsGranter);
        }
        assert_ok!(grant_until(60, id, Some(HANDOVER)));
        assert_ok!(deny(60, id));
        // Custodians without an end, and the patient, bind nobody by their own.
        let adult = active(1, 50);
        set_custodians(50, adult, &[custodian(61, CustodianRights::ALL, 0, None)]);
        assert_ok!(grant_until(61, adult, None));
        assert_ok!(grant_until(50, adult, None));
    });
}

#[test]
fn grant_should_be_refused_when_the_custodian_who_signs_may_not_read() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        set_custodians(50, id, &[custodian(60, CustodianRights::GRANT, 0, None)]);
        assert_noop!(grant_until(60, id, None), Error::<Test>::GranterMayNotRead);
        // What narrows is for this custodian all the same.
        assert_ok!(deny(60, id));
        assert_ok!(grant_until(50, id, None));
        assert_ok!(Permissions::revoke(signed(60), id, 1));
        set_custodians(50, id, &[custodian(60, CustodianRights(3), 0, None)]);
        assert_ok!(grant_until(60, id, None));
    });
}

#[test]
fn grant_should_last_thirty_days_at_most_when_the_custodian_has_stepped_in() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let heir = CustodianRights(CustodianRights::ALL.0 | CustodianRights::DORMANT.0);
        set_custodians(50, id, &[custodian(60, heir, 0, None)]);
        assert_ok!(Relationships::set_inactivity(signed(50), id, Some(30)));
        let now = NOON + 31 * DAY_MS;
        set_time(now);
        assert_ok!(Relationships::step_in(signed(60), id));
        assert_ok!(Relationships::confirm_step_in(signed(1), id));
        // Noon: the day on which the thirty days end counts whole.
        let last = now + STEPPED_IN_GRANT + DAY_MS / 2;
        for until in [None, Some(last + 1)] {
            assert_noop!(grant_until(60, id, until), Error::<Test>::OutlastsGranter);
        }
        assert_ok!(grant_until(60, id, Some(last)));
        assert_ok!(Relationships::touch(signed(50), id));
        assert_eq!(readers(id), [50, 70]);
        set_time(last);
        assert_eq!(readers(id), [50], "the patient is back, and knew of nothing");
    });
}

#[test]
fn denial_should_stay_when_the_rekey_was_vetoed_and_fall_when_that_is_settled() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_ok!(grant_until(50, id, None));
        assert_ok!(deny(50, id));
        assert_ok!(Relationships::request_rekey(signed(1), id, account(50), account(51), Some([9; 16])));
        assert_ok!(Relationships::veto_rekey(signed(50), id));
        let frozen = pallet_relationships::Error::<Test>::Frozen;
        assert_noop!(Permissions::revoke(signed(50), id, 1), frozen);
        assert_ok!(Permissions::revoke(signed(50), id, 0));
        assert_ok!(Relationships::reproof(signed(1), id, account(50), [3; 16]));
        assert_ok!(Permissions::revoke(signed(50), id, 1));
    });
}

#[test]
fn denial_should_be_added_without_widening_anything_when_the_relationship_is_suspended() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_ok!(Relationships::suspend(signed(50), id));
        assert_noop!(grant_until(50, id, None), Error::<Test>::WrongStatus);
        assert_ok!(deny(50, id));
        assert_ok!(Relationships::resume(signed(50), id));
        let denied = DecisionSummary::Deny(DenyReason::Denied);
        assert_eq!((may_read(id, 71), may_read(id, 70)), (denied, NO_GRANT));
    });
}

#[test]
fn denial_should_be_refused_when_the_enrolled_key_has_not_accepted_yet() {
    run(|| {
        let id = minor();
        set_time(HANDOVER);
        assert_ok!(Relationships::enrol_patient(signed(1), id, account(50), [8; 16]));
        assert_noop!(deny(50, id), Error::<Test>::WrongStatus);
        assert_ok!(Relationships::accept(signed(50), id));
        assert_ok!(deny(50, id));
    });
}

#[test]
fn what_a_custodian_granted_should_fall_with_it_when_removed() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let all = CustodianRights::ALL;
        let list = [custodian(60, all, 0, None), custodian(61, all, 0, None), custodian(62, all, 0, None)];
        set_custodians(50, id, &list);
        let open_ended = |who, viewer| {
            Permissions::grant(signed(who), id, key(viewer), GrantTerms::Everything, None, None, true)
        };
        for (who, viewer) in [(50, 70), (60, 71), (61, 72), (62, 73)] {
            assert_ok!(open_ended(who, viewer));
        }
        let share = Permissions::share(signed(71), id, 1, key(74), GrantTerms::Everything, None, None, false);
        assert_ok!(share);
        assert_eq!(readers(id), [50, 60, 61, 62, 70, 71, 72, 73, 74]);
        assert_ok!(deny(60, id));
        assert_ok!(Relationships::remove_custodian(signed(50), id, account(60)));
        assert_eq!(readers(id), [50, 61, 62, 70, 72, 73], "with what was shared onward from it");
        assert_eq!(Permissions::rules(id).len(), 4, "its denial stays");
        set_custodians(50, id, &list[1..2]);
        assert_eq!(readers(id), [50, 61, 70, 72]);
        assert_ok!(Relationships::remove_custodian(signed(61), id, account(61)));
        assert_eq!(readers(id), [50, 70]);
    });
}

#[test]
fn what_a_custodian_granted_should_fall_when_it_loses_the_right_or_time_and_stay_otherwise() {
    let all = CustodianRights::ALL;
    let dormant = CustodianRights(all.0 | CustodianRights::DORMANT.0);
    let (read, rights) = (CustodianRights::READ, CustodianRights(3));
    let day = |n: u64| NOON + n * DAY_MS;
    let before = |end| custodian(60, all, 0, end);
    let cases = [
        (before(None), custodian(60, read, 0, None), false),
        (before(None), custodian(60, dormant, 0, None), false),
        (before(None), custodian(60, all, 0, Some(day(90))), false),
        (before(None), custodian(60, rights, day(1), None), false),
        (before(Some(day(90))), custodian(60, all, 0, Some(day(89))), false),
        (before(None), custodian(60, rights, 0, None), true),
        (before(Some(day(90))), custodian(60, all, 0, Some(day(91))), true),
        (before(Some(day(90))), custodian(60, all, 0, None), true),
        (before(None), before(None), true),
    ];
    for (old, new, stays) in cases {
        run(|| {
            provider(1);
            let id = active(1, 50);
            set_custodians(50, id, std::slice::from_ref(&old));
            assert_ok!(grant_until(60, id, old.not_after));
            set_custodians(50, id, &[new.clone(), custodian(61, read, 0, None)]);
            assert_eq!(may_read(id, 70) == PERMIT, stays, "{old:?} {new:?}");
        });
    }
}

#[test]
fn what_a_guardian_granted_should_stay_when_its_lost_key_is_replaced_and_fall_with_the_new_one() {
    run(|| {
        let id = minor();
        let mut list = Permissions::facts(id, &account(60)).unwrap().custodians;
        list.push(custodian(61, CustodianRights::ALL, 0, Some(HANDOVER)));
        set_custodians(60, id, &list);
        assert_ok!(grant_until(60, id, Some(HANDOVER)));
        assert_ok!(Relationships::request_rekey(signed(1), id, account(60), account(63), Some([9; 16])));
        set_time(NOON + pallet_relationships::REKEY_DELAY);
        assert_ok!(Relationships::finish_rekey(signed(63), id));
        assert_eq!(readers(id), [61, 63, 70]);
        assert_ok!(Relationships::remove_custodian(signed(63), id, account(63)));
        assert_eq!(readers(id), [61]);
    });
}

#[test]
fn weight_of_a_removal_should_be_for_the_rules_in_place() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        set_custodians(50, id, &[custodian(60, CustodianRights::ALL, 0, None)]);
        let call =
            pallet_relationships::Call::<Test>::remove_custodian { relationship: id, key: account(60) };
        let declared = call.get_dispatch_info().call_weight;
        let done = Relationships::remove_custodian(signed(50), id, account(60)).unwrap();
        assert!(done.actual_weight.unwrap().all_lt(declared));
    });
}
