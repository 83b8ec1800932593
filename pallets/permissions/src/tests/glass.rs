//! Breaking the glass, and closing it.

use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use medrec_primitives::{
    Custodian, CustodianRights, EmergencyFacts, GlassId, GlassReview, GrantTerms, Moment, RelationshipFlags,
    RelationshipId, RelationshipStatus, StaffRole, DAY_MS,
};

use crate::{mock::*, BreakCounts, Breaks, BreaksToday, Error, Event, Glasses, Reviews};

const LASTS: Moment = 4 * 60 * 60 * 1000;
const REASON: [u8; 32] = [8; 32];

fn break_glass(by: u8, id: RelationshipId) -> DispatchResult {
    Permissions::break_glass(signed(by), id, REASON)
}

fn flags(id: RelationshipId, flags: RelationshipFlags) {
    pallet_relationships::Relationships::<Test>::mutate(id.member, id.index, |record| {
        record.as_mut().unwrap().flags = flags;
    });
}

#[test]
fn break_glass_should_be_recorded_and_noticed_when_emergency_staff_sign() {
    run(|| {
        provider(1);
        let room = provider(2);
        let id = active(1, 50);
        let doctor = staff(2, 200, StaffRole::Emergency);
        let before = Permissions::facts(id, &account(200)).unwrap();
        assert_eq!(before.emergency, None);
        assert_ok!(break_glass(200, id));
        let (glass, until) = (GlassId::new(room, 0), NOON + LASTS);
        assert_event(Event::GlassBroken { relationship: id, glass, staff: doctor, until, reason: REASON });
        let facts = Permissions::facts(id, &account(200)).unwrap();
        assert_eq!(facts.emergency, Some(EmergencyFacts { from: NOON, until }));
        let review = GlassReview { relationship: id, staff: doctor, from: NOON, until, reason: REASON };
        assert_eq!(Reviews::<Test>::get(room, 0), Some(review));
        assert_eq!(Breaks::<Test>::get(room), BreakCounts { next: 1, open: 1, unjustified: 0 });
        // Nobody else's facts say anything of it.
        staff(2, 201, StaffRole::Emergency);
        for other in [201, 50, 70] {
            assert_eq!(Permissions::facts(id, &account(other)).unwrap().emergency, None);
        }
    });
}

#[test]
fn break_glass_should_be_refused_when_the_signer_is_not_active_emergency_staff() {
    run(|| {
        let (_, room) = (provider(1), provider(2));
        let id = active(1, 50);
        let roles = [StaffRole::Clinician, StaffRole::Pharmacist, StaffRole::Steward];
        for (n, role) in roles.into_iter().enumerate() {
            staff(2, 201 + n as u8, role);
        }
        for by in [201, 202, 203, 50, 1, 2, 70] {
            assert_noop!(break_glass(by, id), Error::<Test>::NotEmergencyStaff);
        }
        for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
            let refused = sp_runtime::DispatchError::BadOrigin;
            assert_noop!(Permissions::break_glass(origin, id, REASON), refused);
        }
        // The emergency role starts after a delay, and ends.
        let (from, until) = (NOON + DAY_MS, NOON + 3 * DAY_MS);
        assert_ok!(Registry::add_staff(signed(2), account(200), StaffRole::Emergency, until));
        for (time, passes) in [(from - 1, false), (until, false), (from, true)] {
            set_time(time);
            assert_eq!(break_glass(200, id).is_ok(), passes, "{time}");
        }
        assert_ok!(Permissions::close_glass(signed(200), id, GlassId::new(room, 0)));
        set_time(until - 2 * DAY_MS);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), room));
        assert_noop!(break_glass(200, id), Error::<Test>::NotEmergencyStaff);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), room));
        set_time(from);
        assert_ok!(Registry::rotate_staff_key(signed(2), 3, account(210)));
        for by in [200, 210] {
            assert_noop!(break_glass(by, id), Error::<Test>::NotEmergencyStaff);
        }
        set_time(from + DAY_MS);
        assert_ok!(break_glass(210, id));
        assert_ok!(Registry::remove_staff(signed(2), 3));
        assert_noop!(break_glass(210, id), Error::<Test>::NotEmergencyStaff);
    });
}

#[test]
fn break_glass_should_be_refused_when_relationship_or_provider_is_not_active_or_unknown() {
    run(|| {
        let hospital = provider(1);
        provider(2);
        staff(2, 200, StaffRole::Emergency);
        let id = proposed(1, 50);
        assert_noop!(break_glass(200, id), Error::<Test>::WrongStatus);
        let unknown = pallet_relationships::Error::<Test>::UnknownRelationship;
        assert_noop!(break_glass(200, RelationshipId::new(0, 9)), unknown);
        assert_ok!(Relationships::accept(signed(50), id));
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), hospital));
        assert_noop!(break_glass(200, id), Error::<Test>::ProviderInactive);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), hospital));
        pallet_relationships::Relationships::<Test>::mutate(id.member, id.index, |record| {
            record.as_mut().unwrap().status = RelationshipStatus::Suspended;
        });
        assert_noop!(break_glass(200, id), Error::<Test>::WrongStatus);
        assert_ok!(Relationships::end(signed(50), id));
        assert_noop!(break_glass(200, id), Error::<Test>::WrongStatus);
    });
}

#[test]
fn break_glass_should_be_refused_when_the_patient_opted_out() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        let both = RelationshipFlags(3);
        for opted_out in [RelationshipFlags::EMERGENCY_OPT_OUT, both] {
            flags(id, opted_out);
            assert_noop!(break_glass(200, id), Error::<Test>::OptedOut);
        }
        flags(id, RelationshipFlags::EMERGENCY_OVER_DENIALS);
        assert_ok!(break_glass(200, id));
    });
}

#[test]
fn break_glass_should_work_beside_denials_when_the_decision_heeds_them() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        assert_ok!(Permissions::deny(signed(50), id, key(200), GrantTerms::Everything, None, None));
        assert_ok!(break_glass(200, id));
        let facts = Permissions::facts(id, &account(200)).unwrap();
        assert_eq!((facts.grants.len(), facts.emergency.is_some()), (1, true));
    });
}

#[test]
fn break_glass_should_be_refused_when_broken_already_and_work_again_when_that_has_ended() {
    run(|| {
        let room = provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        assert_ok!(break_glass(200, id));
        set_time(NOON + LASTS - 1);
        assert_noop!(break_glass(200, id), Error::<Test>::AlreadyBroken);
        set_time(NOON + LASTS);
        take_events();
        assert_ok!(break_glass(200, id));
        let events = take_events();
        assert_eq!(events[0], Event::GlassExpired { relationship: id, glass: GlassId::new(room, 0) });
        assert!(matches!(events[1], Event::GlassBroken { glass: GlassId { index: 1, .. }, .. }));
        let facts = Permissions::facts(id, &account(200)).unwrap();
        assert_eq!(facts.emergency, Some(EmergencyFacts { from: NOON + LASTS, until: NOON + 2 * LASTS }));
        assert_eq!(Breaks::<Test>::get(room).open, 2, "both breaks wait for their review");
    });
}

#[test]
fn break_glass_should_replace_only_what_has_expired_when_slots_are_full() {
    run(|| {
        provider(1);
        provider(2);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        staff(1, 201, StaffRole::Emergency);
        staff(2, 202, StaffRole::Emergency);
        assert_ok!(break_glass(200, id));
        set_time(NOON + 1);
        assert_ok!(break_glass(201, id));
        assert_noop!(break_glass(202, id), Error::<Test>::TooManyGlasses);
        set_time(NOON + LASTS - 1);
        assert_noop!(break_glass(202, id), Error::<Test>::TooManyGlasses);
        set_time(NOON + LASTS);
        assert_ok!(break_glass(202, id));
        let open: Vec<_> = Permissions::glasses(id).into_iter().map(|glass| glass.id).collect();
        assert_eq!(open, [GlassId::new(0, 1), GlassId::new(1, 0)]);
    });
}

#[test]
fn break_glass_should_be_refused_when_the_persons_or_members_quota_is_used_up() {
    run(|| {
        let room = provider(1);
        let ids = [50, 51, 52, 53].map(|patient| {
            let _ = pallet_balances::Pallet::<Test>::force_set_balance(
                RuntimeOrigin::root(),
                Relationships::deposit_account(room),
                1_000,
            );
            active(1, patient)
        });
        staff(1, 200, StaffRole::Emergency);
        staff(1, 201, StaffRole::Emergency);
        assert_ok!(break_glass(200, ids[0]));
        assert_ok!(break_glass(200, ids[1]));
        assert_noop!(break_glass(200, ids[2]), Error::<Test>::StaffQuotaUsedUp);
        assert_ok!(break_glass(201, ids[2]));
        assert_noop!(break_glass(201, ids[3]), Error::<Test>::MemberQuotaUsedUp);
        assert_eq!(BreaksToday::<Test>::get(room).1.into_inner(), [(0, 2), (1, 1)]);
        // Another member's staff have a quota of their own.
        provider(2);
        staff(2, 202, StaffRole::Emergency);
        assert_ok!(break_glass(202, ids[3]));
        // Closing gives nothing back; a new day does.
        assert_ok!(Permissions::close_glass(signed(200), ids[0], GlassId::new(room, 0)));
        assert_noop!(break_glass(200, ids[0]), Error::<Test>::MemberQuotaUsedUp);
        set_time(NOON + DAY_MS / 2 - 1);
        assert_noop!(break_glass(200, ids[0]), Error::<Test>::MemberQuotaUsedUp);
        set_time(NOON + DAY_MS / 2);
        assert_ok!(break_glass(200, ids[0]));
        // A clock that goes back gives nothing back.
        set_time(NOON);
        assert_eq!(BreaksToday::<Test>::get(room).1.into_inner(), [(0, 1)]);
        assert_noop!(break_glass(201, ids[1]), Error::<Test>::TooManyOpenReviews);
    });
}

#[test]
fn break_glass_should_be_refused_when_too_many_reviews_are_open() {
    run(|| {
        let room = provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        for day in 0..4 {
            set_time(NOON + day * DAY_MS);
            assert_ok!(break_glass(200, id));
        }
        set_time(NOON + 4 * DAY_MS);
        assert_noop!(break_glass(200, id), Error::<Test>::TooManyOpenReviews);
        let reviewed = vec![GlassId::new(room, 2)].try_into().unwrap();
        let justified = medrec_primitives::ReviewOutcome::Justified;
        assert_ok!(Permissions::review_glass(RuntimeOrigin::root(), reviewed, justified));
        assert_ok!(break_glass(200, id));
    });
}

#[test]
fn break_glass_should_be_refused_when_no_number_is_left() {
    run(|| {
        let room = provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        Breaks::<Test>::insert(room, BreakCounts { next: u32::MAX, ..Default::default() });
        assert_noop!(break_glass(200, id), Error::<Test>::BreaksExhausted);
    });
}

#[test]
fn close_glass_should_close_when_who_broke_it_the_patient_or_a_custodian_signs() {
    run(|| {
        let room = provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        let custodian = |key, rights| Custodian { key: account(key), rights, not_before: 0, not_after: None };
        let custodians = vec![custodian(60, CustodianRights::GRANT), custodian(61, CustodianRights::READ)];
        assert_ok!(Relationships::set_custodians(signed(50), id, custodians.try_into().unwrap()));
        for (n, by) in [200, 50, 60].into_iter().enumerate() {
            set_time(NOON + n as u64 * DAY_MS);
            assert_ok!(break_glass(200, id));
            let glass = GlassId::new(room, n as u32);
            let refused = Permissions::close_glass(signed(61), id, glass);
            assert_noop!(refused, pallet_relationships::Error::<Test>::NotAllowed);
            assert_ok!(Permissions::close_glass(signed(by), id, glass));
            assert_event(Event::GlassClosed { relationship: id, glass });
            assert_eq!(Permissions::facts(id, &account(200)).unwrap().emergency, None);
            assert_eq!(Glasses::<Test>::iter().count(), 0, "no byte is left");
        }
        assert_eq!(Breaks::<Test>::get(room).open, 3, "the reviews stay open");
    });
}

#[test]
fn close_glass_should_close_when_the_person_has_a_new_key_and_is_not_active_any_more() {
    run(|| {
        let room = provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        assert_ok!(break_glass(200, id));
        assert_ok!(Registry::rotate_staff_key(signed(1), 0, account(201)));
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), room));
        set_time(NOON + 200 * DAY_MS);
        let glass = GlassId::new(room, 0);
        let refused = Permissions::close_glass(signed(200), id, glass);
        assert_noop!(refused, pallet_relationships::Error::<Test>::NotAllowed);
        assert_ok!(Permissions::close_glass(signed(201), id, glass));
    });
}

#[test]
fn close_glass_should_be_refused_when_anyone_else_signs_or_there_is_none() {
    run(|| {
        let room = provider(1);
        let (id, other) = (active(1, 50), active(1, 51));
        staff(1, 200, StaffRole::Emergency);
        staff(1, 201, StaffRole::Emergency);
        assert_ok!(break_glass(200, id));
        let glass = GlassId::new(room, 0);
        for by in [201, 51, 1, 101, 70] {
            let refused = Permissions::close_glass(signed(by), id, glass);
            assert_noop!(refused, pallet_relationships::Error::<Test>::NotAllowed);
        }
        let refused = Permissions::close_glass(signed(200), other, glass);
        assert_noop!(refused, pallet_relationships::Error::<Test>::NotAllowed);
        let refused = Permissions::close_glass(RuntimeOrigin::root(), id, glass);
        assert_noop!(refused, sp_runtime::DispatchError::BadOrigin);
        let refused = Permissions::close_glass(signed(50), id, GlassId::new(room, 1));
        assert_noop!(refused, Error::<Test>::UnknownGlass);
        let refused = Permissions::close_glass(signed(51), other, glass);
        assert_noop!(refused, Error::<Test>::UnknownGlass);
    });
}

#[test]
fn glasses_should_be_gone_and_reviews_stay_when_the_relationship_ends() {
    run(|| {
        let room = provider(1);
        let id = active(1, 50);
        staff(1, 200, StaffRole::Emergency);
        assert_ok!(break_glass(200, id));
        assert_ok!(Relationships::end(signed(50), id));
        assert_eq!(Glasses::<Test>::iter().count(), 0);
        assert_eq!(Permissions::open_reviews(room, 0, 10).len(), 1);
    });
}
