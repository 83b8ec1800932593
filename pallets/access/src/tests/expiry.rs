//! What is over goes.

use frame_support::{
    assert_noop, assert_ok,
    traits::{Get, Hooks},
    weights::{Weight, WeightMeter},
};
use frame_system::limits::BlockWeights;
use medrec_primitives::{Settlement, DAY_MS};
use sp_runtime::{DispatchError, Perbill};

use crate::{mock::*, Due, Error, Event, Pallet, Receipts, Requests, Swept, WeightInfo};

const MINUTE: u64 = 60_000;

/// As many idle blocks as there is something to do for.
fn idle() {
    let mut before = None;
    while before != Some(Swept::<Test>::get()) {
        before = Some(Swept::<Test>::get());
        Access::on_idle(1, Weight::MAX);
    }
}

#[test]
fn request_should_expire_when_its_time_is_over_and_a_block_is_idle() {
    run(|| {
        let request = ready();
        set_time(NOON + DAY_MS - 1);
        idle();
        assert!(Access::get(request).is_some());
        set_time(NOON + DAY_MS);
        idle();
        assert_event(Event::Expired { request });
        assert!(Access::get(request).is_none() && Access::receipt(request).is_none());
        assert_eq!(Swept::<Test>::get().waiting, 0);
        // Its slots are free again.
        let id = pallet_relationships::Keys::<Test>::get(account(50)).unwrap().relationship;
        ask(70, id);
        ask(70, id);
    });
}

#[test]
fn request_should_expire_within_a_minute_when_its_time_ends_between_minutes() {
    run(|| {
        let id = Access::get(ready()).unwrap().relationship;
        assert_ok!(Access::request(signed(70), id, question(), NOON + 1));
        set_time(NOON + MINUTE - 1);
        idle();
        assert_eq!(Access::requests_of(&account(70)).len(), 2);
        set_time(NOON + MINUTE);
        idle();
        assert_eq!(Access::requests_of(&account(70)).len(), 1);
    });
}

#[test]
fn receipt_should_go_when_its_term_is_over() {
    run(|| {
        let request = ready();
        set_time(NOON + 1000);
        assert_ok!(Access::decline(signed(50), request));
        set_time(NOON + DAY_MS + 1000);
        idle();
        assert!(Access::receipt(request).is_some());
        set_time(NOON + 30 * DAY_MS + 999);
        idle();
        assert!(Access::receipt(request).is_some());
        set_time(NOON + 30 * DAY_MS + MINUTE);
        idle();
        assert_eq!(Receipts::<Test>::iter().count() + Due::<Test>::iter().count(), 0);
    });
}

#[test]
fn sweep_should_stop_at_its_weight_and_go_on_in_the_next_block() {
    run(|| {
        let id = Access::get(ready()).unwrap().relationship;
        allow(id, 71);
        ask(70, id);
        ask(71, id);
        set_time(NOON + DAY_MS);
        // A day of minutes, and the last of them three times.
        let (start, entry) = (<() as WeightInfo>::sweep_start(), <() as WeightInfo>::sweep_entry());
        let minutes = DAY_MS / MINUTE;
        let sweep = |limit: Weight| {
            let mut meter = WeightMeter::with_limit(limit);
            Pallet::<Test>::sweep(&mut meter);
            meter.consumed()
        };
        assert_eq!(Access::on_idle(1, Weight::zero()), Weight::zero());
        let used = sweep(start.saturating_add(entry.saturating_mul(minutes)));
        assert_eq!(used, start.saturating_add(entry.saturating_mul(minutes)));
        assert_eq!(Requests::<Test>::iter().count(), 3);
        sweep(start.saturating_add(entry.saturating_mul(2)));
        assert_eq!(Requests::<Test>::iter().count(), 1);
        idle();
        assert_eq!(Requests::<Test>::iter().count(), 0);
    });
}

#[test]
fn sweep_should_leave_the_rest_of_a_block_alone_when_much_is_due() {
    run(|| {
        ready();
        set_time(NOON + 30 * DAY_MS);
        let used = Access::on_idle(1, Weight::MAX);
        assert_eq!(Swept::<Test>::get().waiting, 1, "more minutes wait than one block looks at");
        assert!(Pallet::<Test>::sweep_limit().all_gte(used));
        let block = <<Test as frame_system::Config>::BlockWeights as Get<BlockWeights>>::get().max_block;
        assert_eq!(Pallet::<Test>::sweep_limit(), Perbill::from_percent(10) * block);
    });
}

#[test]
fn sweep_should_remove_all_of_a_minute_when_many_are_due_at_once() {
    run(|| {
        let id = Access::get(ready()).unwrap().relationship;
        let minute = Pallet::<Test>::minute(NOON + DAY_MS);
        for index in 100..400 {
            Pallet::<Test>::make_due(medrec_primitives::RequestId::new(id.member, index), NOON + DAY_MS);
        }
        assert_eq!(Due::<Test>::iter_prefix(minute).count(), 301);
        set_time(NOON + DAY_MS);
        idle();
        assert_eq!((Due::<Test>::iter().count(), Requests::<Test>::iter().count()), (0, 0));
    });
}

#[test]
fn sweep_should_cost_little_when_nothing_waits_for_years() {
    run(|| {
        let request = ready();
        assert_ok!(Access::cancel(signed(70), request));
        set_time(NOON + 1000 * DAY_MS);
        assert_eq!(Access::on_idle(1, Weight::MAX), <() as WeightInfo>::sweep_start());
        // And what is filed after that goes in its own time.
        let id = pallet_relationships::Keys::<Test>::get(account(50)).unwrap().relationship;
        let late = ask(70, id);
        set_time(NOON + 1001 * DAY_MS);
        let mut meter = WeightMeter::new();
        Pallet::<Test>::sweep(&mut meter);
        assert!(Access::get(late).is_none());
    });
}

#[test]
fn expire_should_remove_a_request_when_its_time_is_over_and_anyone_signs() {
    run(|| {
        let request = ready();
        assert_noop!(Access::expire(signed(9), request), Error::<Test>::NotYetExpired);
        set_time(NOON + DAY_MS - 1);
        assert_noop!(Access::expire(signed(9), request), Error::<Test>::NotYetExpired);
        set_time(NOON + DAY_MS);
        assert_noop!(Access::expire(RuntimeOrigin::none(), request), DispatchError::BadOrigin);
        assert_noop!(Access::expire(RuntimeOrigin::root(), request), DispatchError::BadOrigin);
        assert_ok!(Access::expire(signed(9), request));
        assert_event(Event::Expired { request });
        assert_noop!(Access::expire(signed(9), request), Error::<Test>::UnknownRequest);
    });
}

#[test]
fn expire_should_leave_receipts_alone() {
    run(|| {
        let request = ready();
        assert_ok!(Access::fulfil(
            frame_system::Origin::<Test>::Authorized.into(),
            request,
            receipt(1, request, Settlement::Fulfilled).digest,
            [0; 64]
        ));
        set_time(NOON + DAY_MS);
        assert_noop!(Access::expire(signed(9), request), Error::<Test>::UnknownRequest);
        idle();
        assert!(Access::receipt(request).is_some());
    });
}
