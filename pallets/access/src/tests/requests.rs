//! Asking, approving, declining, taking back.

use frame_support::{
    assert_noop, assert_ok,
    dispatch::{CheckIfFeeless, DispatchClass, GetDispatchInfo},
    weights::constants::RocksDbWeight,
};
use frame_system::RawOrigin;
use medrec_primitives::{
    Custodian, CustodianRights, GrantTerms, RelationshipId, RequestId, RequestOutcome, RequestStatus,
    SealedQuestion, Viewer, DAY_MS,
};
use sp_runtime::DispatchError;

use crate::{mock::*, Call, Error, Event, Receipts, Requests, RequestsAt, RequestsOf, WeightInfo};

fn status(id: RequestId) -> Option<RequestStatus> {
    Access::get(id).map(|request| request.status)
}

fn custodian(key: u8, rights: CustodianRights) -> Custodian {
    Custodian { key: account(key), rights, not_before: 0, not_after: None }
}

#[test]
fn request_should_be_ready_when_the_chain_knows_that_the_asker_may_read() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        allow(id, 70);
        assert_ok!(Access::request(signed(70), id, question(), NOON + DAY_MS));
        let request = RequestId::new(0, 0);
        assert_event(Event::Requested { request, relationship: id });
        let kept = Access::get(request).unwrap();
        assert_eq!((kept.relationship, kept.asker, kept.expires), (id, account(70), NOON + DAY_MS));
        assert_eq!((kept.question, kept.status), (question(), RequestStatus::Ready));
        assert_eq!(Access::requests_of(&account(70)).len(), 1);
        assert_eq!(Access::requests_at(id).len(), 1);
        assert_eq!(Access::open_requests(0, None, 10).len(), 1);
        assert_eq!(Access::open_requests(0, Some(0), 10), []);
    });
}

#[test]
fn request_should_wait_when_the_grant_is_sealed_or_staff_has_none() {
    run(|| {
        provider(1);
        provider(2);
        let id = active(1, 50);
        allow_sealed(id, 70);
        staff(2, 71);
        assert_eq!(status(ask(70, id)), Some(RequestStatus::Waiting));
        assert_eq!(status(ask(71, id)), Some(RequestStatus::Waiting));
    });
}

#[test]
fn request_should_be_refused_when_a_stranger_asks_without_a_grant() {
    run(|| {
        provider(1);
        provider(2);
        let id = active(1, 50);
        let asked = |n| Access::request(signed(n), id, question(), NOON + DAY_MS);
        assert_noop!(asked(70), Error::<Test>::NotPermitted);
        staff(2, 71);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), 1));
        assert_noop!(asked(71), Error::<Test>::NotPermitted);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), 1));
        assert_ok!(Registry::remove_staff(signed(2), 0));
        assert_noop!(asked(71), Error::<Test>::NotPermitted);
    });
}

#[test]
fn request_should_be_refused_when_staff_has_not_begun_or_has_left() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let role = medrec_primitives::StaffRole::Emergency;
        assert_ok!(Registry::add_staff(signed(1), account(70), role, NOON + 3 * DAY_MS));
        let asked = || Access::request(signed(70), id, question(), NOON + 4 * DAY_MS);
        set_time(NOON + DAY_MS - 1);
        assert_noop!(asked(), Error::<Test>::NotPermitted);
        set_time(NOON + DAY_MS);
        assert_ok!(asked());
        set_time(NOON + 3 * DAY_MS);
        assert_noop!(asked(), Error::<Test>::NotPermitted);
    });
}

#[test]
fn request_should_be_refused_when_the_chain_knows_that_the_answer_is_no() {
    run(|| {
        provider(1);
        let id = proposed(1, 50);
        let asked = |id| Access::request(signed(70), id, question(), NOON + DAY_MS);
        assert_noop!(asked(RelationshipId::new(0, 9)), Error::<Test>::NotPermitted);
        assert_noop!(asked(id), Error::<Test>::NotPermitted);
        assert_ok!(Relationships::accept(signed(50), id));
        allow(id, 70);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), 0));
        assert_noop!(asked(id), Error::<Test>::NotPermitted);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), 0));
        let viewer = Viewer::Key(account(70));
        assert_ok!(Permissions::deny(signed(50), id, viewer, GrantTerms::Everything, None, None));
        assert_noop!(asked(id), Error::<Test>::NotPermitted);
    });
}

#[test]
fn request_should_be_refused_when_its_expiry_is_over_or_too_far() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        allow(id, 70);
        let until = |expires| Access::request(signed(70), id, question(), expires);
        assert_noop!(until(NOON), Error::<Test>::BadExpiry);
        assert_noop!(until(NOON + 7 * DAY_MS + 1), Error::<Test>::BadExpiry);
        assert_ok!(until(NOON + 1));
        assert_ok!(until(NOON + 7 * DAY_MS));
    });
}

#[test]
fn request_should_be_refused_when_sealed_to_an_old_key_or_none() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        allow(id, 70);
        let sealed = |key| {
            let question = SealedQuestion { key, ..question() };
            Access::request(signed(70), id, question, NOON + DAY_MS)
        };
        assert_noop!(sealed(1), Error::<Test>::StaleSealingKey);
        assert_ok!(Registry::rotate_sealing_key(signed(1), [9; 32]));
        assert_noop!(sealed(0), Error::<Test>::StaleSealingKey);
        assert_ok!(sealed(1));
    });
}

#[test]
fn request_should_be_refused_when_slots_are_full() {
    run(|| {
        provider(1);
        let (id, other) = (active(1, 50), active(1, 51));
        for n in 70..74 {
            allow(id, n);
        }
        let grant = Permissions::grant(
            signed(51),
            other,
            Viewer::Key(account(70)),
            GrantTerms::Everything,
            None,
            None,
            false,
        );
        assert_ok!(grant);
        ask(70, id);
        let first = ask(70, id);
        let of_asker = Access::request(signed(70), other, question(), NOON + DAY_MS);
        assert_noop!(of_asker, Error::<Test>::TooManyOpenOfAsker);
        ask(71, id);
        let here = || Access::request(signed(72), id, question(), NOON + DAY_MS);
        assert_noop!(here(), Error::<Test>::TooManyOpenHere);
        assert_ok!(Access::cancel(signed(70), first));
        assert_ok!(here());
        // Identifiers are not used again.
        assert!(status(RequestId::new(0, 3)).is_some() && status(RequestId::new(0, 1)).is_none());
    });
}

#[test]
fn requests_without_a_grant_should_leave_slots_to_those_with_one() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        allow(id, 70);
        staff(1, 71);
        staff(1, 72);
        ask(71, id);
        ask(71, id);
        let here = || Access::request(signed(72), id, question(), NOON + DAY_MS);
        assert_noop!(here(), Error::<Test>::TooManyOpenHere);
        ask(70, id);
    });
}

#[test]
fn request_should_be_refused_when_nobody_signs() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        for origin in
            [RuntimeOrigin::root(), RuntimeOrigin::none(), frame_system::Origin::<Test>::Authorized.into()]
        {
            assert_noop!(Access::request(origin, id, question(), NOON + DAY_MS), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn approve_should_make_ready_when_the_patient_side_signs() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        allow_sealed(id, 70);
        add_custodian(id, custodian(60, CustodianRights::GRANT));
        let (one, two) = (ask(70, id), ask(70, id));
        assert_ok!(Access::approve(signed(50), one));
        assert_event(Event::Approved { request: one });
        assert_ok!(Access::approve(signed(60), two));
        assert_eq!((status(one), status(two)), (Some(RequestStatus::Ready), Some(RequestStatus::Ready)));
        assert_noop!(Access::approve(signed(50), one), Error::<Test>::NotWaiting);
    });
}

#[test]
fn approve_and_decline_should_be_refused_when_anyone_else_signs() {
    run(|| {
        provider(1);
        let (id, _) = (active(1, 50), active(1, 51));
        allow_sealed(id, 70);
        add_custodian(id, custodian(60, CustodianRights(5)));
        let request = ask(70, id);
        for other in [1, 51, 60, 70] {
            let not_allowed = pallet_relationships::Error::<Test>::NotAllowed;
            assert_noop!(Access::approve(signed(other), request), not_allowed);
            let not_allowed = pallet_relationships::Error::<Test>::NotAllowed;
            assert_noop!(Access::decline(signed(other), request), not_allowed);
        }
        for origin in [RawOrigin::Root, RawOrigin::None] {
            assert_noop!(Access::approve(origin.clone().into(), request), DispatchError::BadOrigin);
            assert_noop!(Access::decline(origin.into(), request), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn approve_should_be_refused_when_nothing_is_granted_yet() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        staff(1, 71);
        let request = ask(71, id);
        assert_noop!(Access::approve(signed(50), request), Error::<Test>::NothingGranted);
        allow(id, 71);
        assert_ok!(Access::approve(signed(50), request));
    });
}

#[test]
fn approve_should_be_refused_when_the_time_is_over_or_the_relationship_ended() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        allow_sealed(id, 70);
        let (one, two) = (ask(70, id), ask(70, id));
        set_time(NOON + DAY_MS - 1);
        assert_ok!(Access::approve(signed(50), one));
        set_time(NOON + DAY_MS);
        assert_noop!(Access::approve(signed(50), two), Error::<Test>::RequestExpired);
        set_time(NOON);
        assert_ok!(Relationships::end(signed(50), id));
        assert_noop!(Access::approve(signed(50), two), Error::<Test>::NotPermitted);
        assert_ok!(Access::decline(signed(50), two));
        assert_noop!(Access::approve(signed(50), two), Error::<Test>::UnknownRequest);
    });
}

#[test]
fn decline_should_end_a_request_when_it_waits_or_is_ready() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        allow_sealed(id, 70);
        let (one, two) = (ask(70, id), ask(70, id));
        assert_ok!(Access::approve(signed(50), two));
        for request in [one, two] {
            assert_ok!(Access::decline(signed(50), request));
            assert_event(Event::Declined { request });
            let receipt = Access::receipt(request).unwrap();
            assert_eq!((receipt.asker, receipt.relationship), (account(70), id));
            assert_eq!((receipt.outcome, receipt.at), (RequestOutcome::Declined, NOON));
            assert_noop!(Access::decline(signed(50), request), Error::<Test>::UnknownRequest);
        }
        assert_eq!(RequestsAt::<Test>::iter().count() + RequestsOf::<Test>::iter().count(), 0);
    });
}

#[test]
fn decline_should_leave_nothing_when_the_asker_is_of_the_patient_side() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        add_custodian(id, custodian(60, CustodianRights::ALL));
        for asker in [50, 60] {
            let request = ask(asker, id);
            assert_ok!(Access::decline(signed(50), request));
            assert_event(Event::Declined { request });
        }
        assert_eq!(Requests::<Test>::iter().count() + Receipts::<Test>::iter().count(), 0);
        assert_eq!(crate::Due::<Test>::iter().count(), 0);
    });
}

#[test]
fn open_requests_should_come_in_pages_each_once_when_asked_for() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        for asker in [70, 71] {
            allow(id, asker);
        }
        let mut asked = vec![ask(70, id), ask(70, id), ask(71, id)];
        let (mut seen, mut after) = (Vec::new(), None);
        while let [(request, _)] = Access::open_requests(0, after, 1).as_slice() {
            seen.push(*request);
            after = Some(request.index);
        }
        seen.sort_unstable();
        asked.sort_unstable();
        assert_eq!(seen, asked);
        assert_eq!(Access::open_requests(0, None, u32::MAX).len(), 3);
        assert_eq!(Access::open_requests(1, None, 10), []);
        // Where a page ended may be closed in the meantime.
        assert_ok!(Access::cancel(signed(70), RequestId::new(0, 0)));
        assert_eq!(Access::open_requests(0, None, 10).len(), 2);
        assert!(Access::open_requests(0, Some(0), 10).len() <= 2);
    });
}

/// What a relationship may have at most in the runtime: 112 rules, 32 of them shared onward by a person on a staff.
const RULES_AND_SHARERS: u64 = 112 + 3 * 32;

#[test]
fn asking_and_approving_should_weigh_every_rule_and_sharer_that_is_read() {
    let reads = RocksDbWeight::get().reads(RULES_AND_SHARERS);
    for weight in [<() as WeightInfo>::request(), <() as WeightInfo>::approve()] {
        assert!(weight.ref_time() >= reads.ref_time(), "{weight:?}");
    }
}

#[test]
fn cancel_should_leave_nothing_when_the_asker_signs() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        allow(id, 70);
        let request = ask(70, id);
        for other in [1, 50, 71] {
            assert_noop!(Access::cancel(signed(other), request), Error::<Test>::NotTheAsker);
        }
        assert_noop!(Access::cancel(RuntimeOrigin::root(), request), DispatchError::BadOrigin);
        assert_ok!(Access::cancel(signed(70), request));
        assert_event(Event::Cancelled { request });
        assert_noop!(Access::cancel(signed(70), request), Error::<Test>::UnknownRequest);
        assert_eq!(Requests::<Test>::iter().count() + Receipts::<Test>::iter().count(), 0);
        assert_eq!(crate::Due::<Test>::iter().count(), 0);
    });
}

#[test]
fn calls_of_the_patient_side_should_be_free_and_nobody_elses() {
    run(|| {
        provider(1);
        let (id, _) = (active(1, 50), active(1, 51));
        allow_sealed(id, 70);
        add_custodian(id, custodian(60, CustodianRights::ALL));
        let request = ask(70, id);
        for call in [Call::approve { request }, Call::decline { request }, Call::cancel { request }] {
            let call = RuntimeCall::Access(call);
            for (n, free) in [(50, true), (60, true), (51, false), (70, false), (1, false)] {
                assert_eq!(call.is_feeless(&signed(n)), free, "{call:?} by {n}");
            }
        }
        let asked: RuntimeCall =
            Call::request { relationship: id, question: question(), expires: NOON + 1 }.into();
        assert!(asked.is_feeless(&signed(60)) && !asked.is_feeless(&signed(70)));
        let unknown: RuntimeCall = Call::approve { request: RequestId::new(0, 9) }.into();
        assert!(!unknown.is_feeless(&signed(50)));
    });
}

#[test]
fn calls_that_narrow_should_go_first() {
    let request = RequestId::new(0, 0);
    for call in [Call::<Test>::decline { request }, Call::cancel { request }] {
        assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
    }
    for call in [Call::<Test>::approve { request }, Call::expire { request }] {
        assert_eq!(call.get_dispatch_info().class, DispatchClass::Normal);
    }
}
