//! Who is refused, and why: every call by every origin that may not make it.

use frame_support::traits::GetCallName;
use medrec_primitives::{RefusalReason, RelationshipId, RequestId, DAY_MS};
use pallet_relationships::Error as Custody;
use sp_runtime::DispatchError;

use crate::{mock::*, Call, Error, NextIndex};

type Refused = Error<Test>;

/// What somebody signs.
fn signed_calls(relationship: RelationshipId, request: RequestId) -> Vec<Call<Test>> {
    vec![
        Call::request { relationship, question: question(), expires: NOON + DAY_MS },
        Call::approve { request },
        Call::decline { request },
        Call::cancel { request },
        Call::expire { request },
        Call::anchor { interval: (NOON / INTERVAL) as u32 - 1, records: [1; 32], log: [1; 32] },
    ]
}

/// What carries its own signature.
fn receipts(request: RequestId) -> [Call<Test>; 2] {
    let (digest, signature) = ([1; 32], [1; 64]);
    let reason = RefusalReason::NotPermitted;
    [Call::fulfil { request, digest, signature }, Call::refuse { request, reason, digest, signature }]
}

fn authorized() -> RuntimeOrigin {
    frame_system::RawOrigin::Authorized.into()
}

#[test]
fn calls_should_be_refused_when_the_origin_is_another() {
    run(|| {
        let request = ready();
        let id = Access::get(request).unwrap().relationship;
        let all = signed_calls(id, request).into_iter().chain(receipts(request));
        let mut names: Vec<_> = all.clone().map(|call| call.get_call_name()).collect();
        names.sort_unstable();
        let mut every = Call::<Test>::get_call_names().to_vec();
        every.sort_unstable();
        assert_eq!(names, every, "no call is left out");
        for call in all {
            refused(call.clone(), RuntimeOrigin::none(), DispatchError::BadOrigin);
            refused(call, RuntimeOrigin::root(), DispatchError::BadOrigin);
        }
        for call in signed_calls(id, request) {
            refused(call, authorized(), DispatchError::BadOrigin);
        }
        for call in receipts(request) {
            // Not even the gatekeeper signs them as transactions.
            for who in [70, 50, 1] {
                refused(call.clone(), signed(who), DispatchError::BadOrigin);
            }
        }
    });
}

#[test]
fn calls_should_be_refused_when_a_stranger_signs() {
    run(|| {
        let request = ready();
        let id = Access::get(request).unwrap().relationship;
        for call in signed_calls(id, request) {
            match call.get_call_name() {
                "request" => refused(call, signed(9), Refused::NotPermitted),
                "cancel" => refused(call, signed(9), Refused::NotTheAsker),
                "expire" => refused(call, signed(9), Refused::NotYetExpired),
                "anchor" => refused(call, signed(9), pallet_registry::Error::<Test>::NotAMember),
                _ => refused(call, signed(9), Custody::<Test>::NotAllowed),
            }
        }
    });
}

#[test]
fn calls_should_be_refused_when_there_is_no_such_request() {
    run(|| {
        let request = ready();
        let id = Access::get(request).unwrap().relationship;
        let unknown = RequestId::new(0, 9);
        let about = ["approve", "decline", "cancel", "expire"];
        for call in signed_calls(id, unknown).into_iter().filter(|call| about.contains(&call.get_call_name()))
        {
            refused(call, signed(50), Refused::UnknownRequest);
        }
        for call in receipts(unknown) {
            refused(call, authorized(), Refused::UnknownRequest);
        }
    });
}

#[test]
fn receipts_should_be_refused_when_the_request_waits_or_is_over() {
    run(|| {
        let request = ready();
        let id = Access::get(request).unwrap().relationship;
        allow_sealed(id, 71);
        let waiting = ask(71, id);
        for call in receipts(waiting) {
            refused(call, authorized(), Refused::NotReady);
        }
        set_time(NOON + DAY_MS);
        for call in receipts(request) {
            refused(call, authorized(), Refused::RequestExpired);
        }
    });
}

#[test]
fn requests_should_be_refused_when_they_make_no_sense_or_no_number_is_left() {
    new_test_ext().execute_with(|| {
        let request = ready();
        let id = Access::get(request).unwrap().relationship;
        let ask = |question, expires| Call::request { relationship: id, question, expires };
        for expires in [0, NOON, NOON + 7 * DAY_MS + 1] {
            refused(ask(question(), expires), signed(70), Refused::BadExpiry);
        }
        let stale = medrec_primitives::SealedQuestion { key: 7, ..question() };
        refused(ask(stale, NOON + 1), signed(70), Refused::StaleSealingKey);
        let unknown = RelationshipId::new(0, 9);
        let call = Call::request { relationship: unknown, question: question(), expires: NOON + 1 };
        refused(call, signed(70), Refused::NotPermitted);
        NextIndex::<Test>::insert(id.member, u32::MAX);
        refused(ask(question(), NOON + 1), signed(70), Refused::IdsExhausted);
    });
}

#[test]
fn anchor_should_be_refused_when_the_member_is_suspended_or_the_interval_wrong() {
    run(|| {
        let member = provider(1);
        let last = (NOON / INTERVAL) as u32 - 1;
        let anchor = |interval| Call::anchor { interval, records: [1; 32], log: [1; 32] };
        for interval in [last - 1, last + 1, 0, u32::MAX] {
            refused(anchor(interval), signed(1), Refused::WrongInterval);
        }
        Access::anchor(signed(1), last, [1; 32], [1; 32]).unwrap();
        refused(anchor(last), signed(1), Refused::AlreadyAnchored);
        Registry::suspend(RuntimeOrigin::root(), member).unwrap();
        refused(anchor(last), signed(1), pallet_registry::Error::<Test>::WrongStatus);
    });
}
