//! The way to root: vote, whitelist, delay, dispatch.

use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;
use medrec_runtime::{constants::SCHEDULING_DELAY, Hash, Runtime, RuntimeCall, System};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
    traits::{BlakeTwo256, Hash as _},
    DispatchError, DispatchResult,
};

use crate::support::*;

const NEW_CODE: &[u8] = b"the next runtime";

/// The call that needs root.
fn upgrade() -> RuntimeCall {
    frame_system::Call::authorize_upgrade { code_hash: BlakeTwo256::hash(NEW_CODE) }.into()
}

fn dispatch_whitelisted(call: &RuntimeCall) -> RuntimeCall {
    pallet_whitelist::Call::dispatch_whitelisted_call {
        call_hash: BlakeTwo256::hash_of(call),
        call_encoded_len: call.encoded_size() as u32,
        call_weight_witness: call.get_dispatch_info().call_weight,
    }
    .into()
}

fn schedule(call: RuntimeCall, after: u32) -> pallet_scheduler::Call<Runtime> {
    pallet_scheduler::Call::schedule_after { after, maybe_periodic: None, priority: 0, call: Box::new(call) }
}

fn note_preimage(call: &RuntimeCall) {
    submit(&Sr25519Keyring::Alice.pair(), pallet_preimage::Call::note_preimage { bytes: call.encode() })
        .unwrap();
}

fn whitelist(call: &RuntimeCall) -> pallet_whitelist::Call<Runtime> {
    pallet_whitelist::Call::whitelist_call { call_hash: BlakeTwo256::hash_of(call) }
}

fn authorized() -> Option<Hash> {
    System::authorized_upgrade().map(|upgrade| *upgrade.code_hash())
}

fn apply(code: &[u8]) -> DispatchResult {
    submit(&Sr25519Keyring::Eve.pair(), frame_system::Call::apply_authorized_upgrade { code: code.to_vec() })
}

/// Starts the block in which what was scheduled now with the least delay is due.
fn wait() {
    begin_block(System::block_number() + SCHEDULING_DELAY + 1);
}

#[test]
fn governance_authorize_upgrade_works() {
    run(|| {
        let call = upgrade();
        note_preimage(&call);
        decide(whitelist(&call)).unwrap();
        decide(schedule(dispatch_whitelisted(&call), SCHEDULING_DELAY)).unwrap();
        let scheduled_in = System::block_number();

        begin_block(scheduled_in + SCHEDULING_DELAY);
        assert_eq!(authorized(), None, "the delay comes before the authorisation");

        next_block();
        assert_eq!(authorized(), Some(BlakeTwo256::hash(NEW_CODE)));
    });
}

#[test]
fn upgrade_should_be_refused_when_the_code_is_another() {
    run(|| {
        let call = upgrade();
        note_preimage(&call);
        decide(whitelist(&call)).unwrap();
        decide(schedule(dispatch_whitelisted(&call), SCHEDULING_DELAY)).unwrap();
        wait();
        let code_before = frame_support::storage::unhashed::get_raw(b":code");

        let result = apply(b"another runtime");

        assert_eq!(result, Err(frame_system::Error::<Runtime>::Unauthorized.into()));
        assert_eq!(authorized(), Some(BlakeTwo256::hash(NEW_CODE)));
        assert_eq!(frame_support::storage::unhashed::get_raw(b":code"), code_before);
    });
}

#[test]
fn upgrade_should_change_nothing_when_another_hash_was_whitelisted() {
    run(|| {
        let call = upgrade();
        let other: RuntimeCall =
            frame_system::Call::authorize_upgrade { code_hash: Hash::repeat_byte(1) }.into();
        note_preimage(&call);
        note_preimage(&other);
        decide(whitelist(&other)).unwrap();
        decide(schedule(dispatch_whitelisted(&call), SCHEDULING_DELAY)).unwrap();
        wait();
        assert_eq!(authorized(), None);
        assert_eq!(apply(NEW_CODE), Err(frame_system::Error::<Runtime>::NothingAuthorized.into()));
    });
}

#[test]
fn upgrade_should_change_nothing_when_the_vote_rejects_it() {
    run(|| {
        let call = upgrade();
        note_preimage(&call);
        assert_eq!(motion(whitelist(&call), [true, false, false]), None);
        decide(schedule(dispatch_whitelisted(&call), SCHEDULING_DELAY)).unwrap();
        wait();
        assert_eq!(authorized(), None);
        assert!(!pallet_whitelist::WhitelistedCall::<Runtime>::contains_key(BlakeTwo256::hash_of(&call)));
    });
}

#[test]
fn whitelisted_call_should_be_refused_when_dispatched_without_delay() {
    run(|| {
        let call = upgrade();
        note_preimage(&call);
        decide(whitelist(&call)).unwrap();

        let at_once = decide(dispatch_whitelisted(&call));
        let with_call = decide(pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
            call: Box::new(call.clone()),
        });

        assert_eq!(at_once, Err(DispatchError::BadOrigin));
        assert_eq!(with_call, Err(DispatchError::BadOrigin));
        assert_eq!(authorized(), None);
    });
}

#[test]
fn scheduling_should_be_refused_when_the_delay_is_too_short() {
    run(|| {
        let call = dispatch_whitelisted(&upgrade());
        let id = [0; 32];
        let when = System::block_number() + SCHEDULING_DELAY - 1;
        let after = SCHEDULING_DELAY - 1;
        let (maybe_periodic, priority) = (None, 0);
        let early: [pallet_scheduler::Call<Runtime>; 4] = [
            schedule(call.clone(), after),
            pallet_scheduler::Call::schedule { when, maybe_periodic, priority, call: Box::new(call.clone()) },
            pallet_scheduler::Call::schedule_named {
                id,
                when,
                maybe_periodic,
                priority,
                call: Box::new(call.clone()),
            },
            pallet_scheduler::Call::schedule_named_after {
                id,
                after,
                maybe_periodic,
                priority,
                call: Box::new(call.clone()),
            },
        ];
        for schedule in early {
            assert_eq!(decide(schedule.clone()), Err(call_filtered()));
            let batch = pallet_utility::Call::batch_all { calls: vec![schedule.into()] };
            assert_eq!(decide(batch), Err(call_filtered()));
        }
    });
}

#[test]
fn deferred_dispatch_should_be_refused_when_relayed_by_anyone() {
    run(|| {
        let call = upgrade();
        note_preimage(&call);
        decide(schedule(dispatch_whitelisted(&call), SCHEDULING_DELAY)).unwrap();
        wait();
        decide(whitelist(&call)).unwrap();

        let relayed = submit(&Sr25519Keyring::Eve.pair(), dispatch_whitelisted(&call));

        assert!(relayed.is_err());
        assert_eq!(authorized(), None);
    });
}

#[test]
fn scheduled_call_should_be_cancelled_when_the_council_votes_so() {
    run(|| {
        let call = upgrade();
        note_preimage(&call);
        decide(whitelist(&call)).unwrap();
        decide(schedule(dispatch_whitelisted(&call), SCHEDULING_DELAY)).unwrap();
        let due = System::block_number() + SCHEDULING_DELAY + 1;

        let cancelled = motion(pallet_scheduler::Call::cancel { when: due, index: 0 }, [true, true, false]);

        assert_eq!(cancelled, Some(Ok(())));
        begin_block(due);
        assert_eq!(authorized(), None);
    });
}
