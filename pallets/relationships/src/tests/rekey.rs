//! A fresh key in the place of a lost one.

use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchClass, GetDispatchInfo},
};
use medrec_primitives::{RelationshipFlags, RelationshipId, RelationshipStatus, DAY_MS};
use sp_runtime::{
    generic::Era,
    traits::{DispatchTransaction, Dispatchable},
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    DispatchResult,
};

use crate::{
    extension::FreeCalls, mock::*, Call, Error, Event, KeyRole, Keys, Pointers, Rekeys, Suspensions,
    MAX_PATIENT_KEYS,
};

const DELAY: u64 = crate::REKEY_DELAY;

fn request(n: u8, id: RelationshipId, key: u8) -> DispatchResult {
    let ticket = (!(10..=100).contains(&n)).then_some([9; 16]);
    let lost = Relationships::get(id).map_or(account(50), |r| r.patient);
    Relationships::request_rekey(signed(n), id, lost, account(key), ticket)
}

fn approve(n: u8, id: RelationshipId, key: u8) -> DispatchResult {
    let ticket = (!(10..=100).contains(&n)).then_some([9; 16]);
    Relationships::approve_rekey(signed(n), id, account(key), ticket)
}

fn finish(n: u8, id: RelationshipId) -> DispatchResult {
    Relationships::finish_rekey(signed(n), id)
}

fn reproof(n: u8, id: RelationshipId, key: u8) -> DispatchResult {
    Relationships::reproof(signed(n), id, account(key), [3; 16])
}

/// Patient 50 with custodians 60 and 61 who manage, and 62 who reads.
fn with_custodians() -> RelationshipId {
    provider(1);
    let id = active(1, 50);
    let list = [custodian(60, 4, 0, None), custodian(61, 4, 0, None), custodian(62, 3, 0, None)];
    appoint(id, &list);
    id
}

/// The patient has appointed these long ago.
fn appoint(id: RelationshipId, list: &[medrec_primitives::Custodian]) {
    set_time(NOON - crate::MIN_CUSTODY);
    assert_ok!(set_custodians(50, id, list));
    set_time(NOON);
}

/// As [`with_custodians`], and patient 50 has vetoed key 51.
fn vetoed_with_custodians() -> RelationshipId {
    let id = with_custodians();
    assert_ok!(request(1, id, 51));
    assert_ok!(Relationships::veto_rekey(signed(50), id));
    id
}

/// Patient 50 has vetoed key 51.
fn vetoed() -> RelationshipId {
    provider(1);
    let id = active(1, 50);
    assert_ok!(request(1, id, 51));
    assert_ok!(Relationships::veto_rekey(signed(50), id));
    id
}

#[test]
fn rekey_should_take_place_when_provider_asked_and_the_delay_is_over() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let locator = medrec_primitives::SealedLocator { key: 0, enc: [1; 32], ciphertext: [1; 64] };
        assert_ok!(Relationships::set_pointer(signed(1), id, 0, locator, [1; 32]));
        assert_ok!(request(1, id, 51));
        assert_event(Event::RekeyRequested {
            relationship: id,
            lost: account(50),
            key: account(51),
            ready: NOON + DELAY,
        });
        assert_eq!((role(51), System::sufficients(&account(51))), (KeyRole::Pending, 1));
        assert!(Relationships::of_account(&account(51)).is_empty());
        assert_noop!(Relationships::suspend(signed(51), id), Error::<Test>::NotAllowed);
        set_time(NOON + DELAY - 1);
        assert_noop!(finish(1, id), Error::<Test>::TooEarly);
        assert_ok!(Relationships::touch(signed(50), id));
        set_time(NOON + DELAY);
        assert_ok!(finish(51, id));
        assert_event(Event::RekeyConcluded { relationship: id, key: account(51) });
        assert_eq!((role(50), role(51)), (KeyRole::Retired, KeyRole::Patient));
        assert_eq!(Relationships::relationship(id), Some((account(51), RelationshipStatus::Active)));
        assert_eq!(Pointers::<Test>::iter().count(), 1);
        assert_eq!(Rekeys::<Test>::iter().count(), 0);
        assert_noop!(Relationships::end(signed(50), id), Error::<Test>::NotAllowed);
        assert_eq!(System::sufficients(&account(50)), 1, "the tombstone keeps its nonce");
        assert_ok!(Relationships::suspend(signed(51), id));
    });
}

#[test]
fn rekey_should_need_a_custodian_when_one_manages() {
    run(|| {
        let id = with_custodians();
        assert_ok!(request(1, id, 51));
        set_time(NOON + DELAY);
        for who in [1, 60, 51] {
            assert_noop!(finish(who, id), Error::<Test>::NotApproved);
        }
        assert_ok!(approve(61, id, 51));
        let ready = NOON + 2 * DELAY;
        assert_event(Event::RekeyApproved { relationship: id, key: account(51), ready });
        assert_noop!(approve(60, id, 51), Error::<Test>::AlreadyApproved);
        assert_noop!(approve(1, id, 51), Error::<Test>::AlreadyApproved);
        set_time(ready - 1);
        assert_noop!(finish(1, id), Error::<Test>::TooEarly);
        set_time(ready);
        for stranger in [50, 62, 2, 70] {
            assert_noop!(finish(stranger, id), Error::<Test>::NotAllowed);
        }
        assert_ok!(finish(60, id));
        assert_eq!(Relationships::get(id).unwrap().custodians.len(), 3, "custodians stay");
    });
}

#[test]
fn rekey_should_need_the_provider_when_a_custodian_asked() {
    run(|| {
        let id = with_custodians();
        assert_ok!(request(60, id, 51));
        set_time(NOON + DELAY);
        assert_noop!(finish(60, id), Error::<Test>::NotApproved);
        assert_noop!(approve(60, id, 51), Error::<Test>::AlreadyApproved);
        assert_noop!(approve(101, id, 52), Error::<Test>::WrongKey);
        assert_ok!(approve(101, id, 51));
        set_time(NOON + 2 * DELAY);
        assert_ok!(finish(101, id));
    });
}

#[test]
fn rekey_should_not_need_custodians_when_none_of_them_may_act() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let list = [custodian(60, 4 | 8, 0, None), custodian(61, 4, 0, Some(NOON + DELAY))];
        appoint(id, &list);
        assert_noop!(request(60, id, 51), Error::<Test>::NotAllowed);
        assert_ok!(request(1, id, 51));
        set_time(NOON + DELAY);
        assert_ok!(finish(1, id));
    });
}

#[test]
fn request_should_fail_when_signer_or_ticket_or_key_or_status_is_wrong() {
    run(|| {
        let id = with_custodians();
        let member = provider(2);
        let (lost, fresh) = (|| account(50), || account(51));
        for other in [60, 61, 51, 70] {
            assert_noop!(
                Relationships::request_rekey(signed(1), id, account(other), fresh(), Some([9; 16])),
                Error::<Test>::WrongKey
            );
        }
        for stranger in [50, 62, 70] {
            let call = Relationships::request_rekey(signed(stranger), id, lost(), fresh(), None);
            assert_eq!(call, Err(Error::<Test>::NotAllowed.into()));
        }
        assert_noop!(request(2, id, 51), Error::<Test>::NotAllowed);
        for (who, ticket) in [(1, None), (60, Some([9; 16]))] {
            assert_noop!(
                Relationships::request_rekey(signed(who), id, lost(), fresh(), ticket),
                Error::<Test>::BadTicket
            );
        }
        for used in [50, 60, 1, 101] {
            assert_noop!(request(1, id, used), pallet_registry::Error::<Test>::KeyUsed);
        }
        for call in [approve(1, id, 51), finish(1, id), Relationships::cancel_rekey(signed(1), id)] {
            assert_eq!(call, Err(Error::<Test>::NotRequested.into()));
        }
        assert_noop!(Relationships::veto_rekey(signed(50), id), Error::<Test>::NotRequested);
        assert_noop!(reproof(1, id, 50), Error::<Test>::NotRequested);
        let unknown = RelationshipId::new(id.member, 9);
        assert_noop!(request(1, unknown, 51), Error::<Test>::UnknownRelationship);
        assert_ok!(request(1, id, 51));
        assert_noop!(request(60, id, 52), Error::<Test>::AlreadyRequested);
        for stranger in [50, 51, 62, 70, 2] {
            assert_noop!(approve(stranger, id, 51), Error::<Test>::NotAllowed);
        }
        assert_noop!(
            Relationships::approve_rekey(signed(60), id, fresh(), Some([9; 16])),
            Error::<Test>::BadTicket
        );
        let proposed = proposed(1, 53);
        assert_noop!(request(1, proposed, 54), Error::<Test>::WrongStatus);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id.member));
        for call in [approve(1, id, 51), finish(1, id), Relationships::cancel_rekey(signed(1), id)] {
            assert_eq!(call, Err(pallet_registry::Error::<Test>::WrongStatus.into()));
        }
        assert_ne!(member, id.member);
    });
}

#[test]
fn veto_should_freeze_until_identity_is_proofed_anew() {
    run(|| {
        let id = with_custodians();
        assert_ok!(request(1, id, 51));
        assert_ok!(approve(60, id, 51));
        for stranger in [1, 101, 60, 51, 70] {
            assert_noop!(Relationships::veto_rekey(signed(stranger), id), Error::<Test>::NotAllowed);
        }
        set_time(NOON + DELAY);
        assert_ok!(Relationships::veto_rekey(signed(50), id));
        assert_event(Event::RekeyVetoed { relationship: id });
        assert_eq!(status(id), RelationshipStatus::Suspended);
        let (over, none) = (RelationshipFlags::EMERGENCY_OVER_DENIALS, RelationshipFlags::NONE);
        for call in [
            finish(1, id),
            finish(51, id),
            approve(1, id, 51),
            Relationships::resume(signed(50), id),
            Relationships::resume(signed(60), id),
            Relationships::veto_rekey(signed(50), id),
            Relationships::cancel_rekey(signed(1), id),
            Relationships::set_inactivity(signed(50), id, None),
            Relationships::set_flags(signed(50), id, over, none),
            set_custodians(50, id, &[]),
        ] {
            assert_eq!(call, Err(Error::<Test>::Frozen.into()));
        }
        assert_noop!(request(1, id, 52), Error::<Test>::AlreadyRequested);
        // What narrows access goes on.
        assert_ok!(Relationships::set_flags(signed(50), id, RelationshipFlags::EMERGENCY_OPT_OUT, over));
        assert_ok!(Relationships::remove_custodian(signed(50), id, account(62)));
        // But nobody does away with those who have to approve.
        assert_noop!(Relationships::remove_custodian(signed(50), id, account(60)), Error::<Test>::Frozen);
        assert_ok!(Relationships::remove_custodian(signed(61), id, account(61)));
        let call = Call::<Test>::veto_rekey { relationship: id };
        assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
    });
}

#[test]
fn reproof_should_let_the_fresh_key_go_on_when_the_vetoing_one_was_stolen() {
    run(|| {
        let id = vetoed();
        assert_ok!(reproof(1, id, 51));
        let event = Event::Reproofed { relationship: id, key: account(51), ticket: [3; 16] };
        System::assert_has_event(RuntimeEvent::Relationships(event));
        let ready = NOON + DELAY;
        assert_event(Event::RekeyApproved { relationship: id, key: account(51), ready });
        assert_eq!((role(50), role(51)), (KeyRole::Patient, KeyRole::Pending));
        assert_noop!(Relationships::veto_rekey(signed(50), id), Error::<Test>::Frozen);
        assert_noop!(Relationships::resume(signed(50), id), Error::<Test>::Frozen);
        assert_noop!(Relationships::cancel_rekey(signed(1), id), Error::<Test>::Frozen);
        set_time(ready - 1);
        assert_noop!(finish(51, id), Error::<Test>::TooEarly);
        set_time(ready);
        assert_ok!(finish(51, id));
        assert_event(Event::RekeyConcluded { relationship: id, key: account(51) });
        assert_eq!((role(50), role(51)), (KeyRole::Retired, KeyRole::Patient));
        assert_eq!(status(id), RelationshipStatus::Suspended, "until the key resumes");
        assert_noop!(Relationships::resume(signed(50), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::resume(signed(51), id));
    });
}

#[test]
fn reproof_should_let_the_present_key_go_on_when_the_request_was_false() {
    run(|| {
        let id = vetoed();
        assert_ok!(reproof(101, id, 50));
        assert_event(Event::RekeyConcluded { relationship: id, key: account(50) });
        assert_eq!((role(50), role(51)), (KeyRole::Patient, KeyRole::Retired));
        assert_noop!(finish(51, id), Error::<Test>::NotRequested);
        assert_ok!(Relationships::resume(signed(50), id));
        assert_noop!(request(1, id, 51), pallet_registry::Error::<Test>::KeyUsed);
        assert_ok!(request(1, id, 52));
    });
}

#[test]
fn reproof_should_fail_when_signer_or_key_is_wrong_or_nothing_is_frozen() {
    run(|| {
        let id = vetoed();
        provider(2);
        assert_noop!(reproof(2, id, 51), Error::<Test>::NotAllowed);
        for stranger in [50, 51, 9] {
            assert_noop!(reproof(stranger, id, 51), pallet_registry::Error::<Test>::NotAMember);
        }
        assert_noop!(reproof(1, id, 52), Error::<Test>::WrongKey);
        let unknown = RelationshipId::new(id.member, 9);
        assert_noop!(reproof(1, unknown, 51), Error::<Test>::UnknownRelationship);
        let other = active(1, 40);
        assert_ok!(request(1, other, 41));
        assert_noop!(reproof(1, other, 41), Error::<Test>::NotFrozen);
        assert_ok!(reproof(1, id, 51));
    });
}

#[test]
fn cancel_should_retire_the_fresh_key_when_the_provider_signs() {
    run(|| {
        let id = with_custodians();
        assert_ok!(request(60, id, 51));
        for stranger in [50, 60, 51, 70] {
            assert_noop!(
                Relationships::cancel_rekey(signed(stranger), id),
                pallet_registry::Error::<Test>::NotAMember
            );
        }
        provider(2);
        assert_noop!(Relationships::cancel_rekey(signed(2), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::cancel_rekey(signed(1), id));
        assert_event(Event::RekeyCancelled { relationship: id });
        assert_eq!((role(50), role(51)), (KeyRole::Patient, KeyRole::Retired));
    });
}

#[test]
fn rekey_should_be_refused_when_all_keys_that_are_paid_for_were_used() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        for key in 51..50 + MAX_PATIENT_KEYS {
            assert_ok!(request(1, id, key));
            assert_ok!(Relationships::cancel_rekey(signed(1), id));
        }
        assert_noop!(request(1, id, 70), Error::<Test>::TooManyKeys);
    });
}

#[test]
fn pending_key_should_be_retired_when_the_relationship_ends() {
    run(|| {
        let id = vetoed();
        assert_ok!(Relationships::end(signed(50), id));
        assert_eq!((role(50), role(51)), (KeyRole::Retired, KeyRole::Retired));
        assert_eq!(Rekeys::<Test>::iter().count(), 0);
        assert_noop!(reproof(1, id, 51), Error::<Test>::NotRequested);
    });
}

#[test]
fn new_key_should_not_look_silent_when_it_has_made_no_call() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_ok!(set_custodians(50, id, &[custodian(60, 7 | 8, 0, None)]));
        assert_ok!(Relationships::set_inactivity(signed(50), id, Some(30)));
        assert_ok!(request(1, id, 51));
        set_time(NOON + 35 * DAY_MS);
        assert_ok!(finish(1, id));
        assert_noop!(Relationships::step_in(signed(60), id), Error::<Test>::NotSilent);
    });
}

/// As a block does.
fn apply(who: u8, call: &RuntimeCall, nonce: u32) -> Result<bool, TransactionValidityError> {
    let info = call.get_dispatch_info();
    FreeCalls::<Test>::new(Era::mortal(64, 1), nonce).validate_and_prepare(
        signed(who),
        call,
        &info,
        100,
        0,
    )?;
    Ok(call.clone().dispatch(signed(who)).is_ok())
}

#[test]
fn old_signatures_should_not_count_again_when_the_key_was_replaced() {
    run(|| {
        frame_system::BlockHash::<Test>::insert(0, sp_core::H256::repeat_byte(1));
        frame_system::BlockHash::<Test>::insert(1, sp_core::H256::repeat_byte(2));
        provider(1);
        let id = proposed(1, 50);
        let accept: RuntimeCall = Call::<Test>::accept { relationship: id }.into();
        let suspend: RuntimeCall = Call::<Test>::suspend { relationship: id }.into();
        assert_eq!(apply(50, &accept, 0), Ok(true));
        assert_ok!(request(1, id, 51));
        set_time(NOON + DELAY);
        // The fresh key pays nothing to finish.
        let done: RuntimeCall = Call::<Test>::finish_rekey { relationship: id }.into();
        assert_eq!(apply(51, &done, 0), Ok(true));
        for call in [&accept, &suspend] {
            assert_eq!(apply(50, call, 0), Err(InvalidTransaction::Stale.into()));
            assert!(!frame_support::dispatch::CheckIfFeeless::is_feeless(call, &signed(50)));
        }
        assert_eq!(System::account_nonce(account(50)), 1);
        // Nor does the old key come back by a proposal.
        assert_noop!(
            Relationships::propose(signed(1), account(50), [0; 16]),
            pallet_registry::Error::<Test>::KeyUsed
        );
        assert_eq!(Keys::<Test>::get(account(50)).unwrap().role, KeyRole::Retired);
        assert_eq!(apply(51, &suspend, 1), Ok(true));
    });
}

#[test]
fn reproof_should_not_bypass_custodians_when_the_patient_vetoed() {
    run(|| {
        let id = vetoed_with_custodians();
        assert_ok!(reproof(1, id, 51));
        set_time(NOON + DELAY);
        assert_noop!(finish(51, id), Error::<Test>::NotApproved);
        assert_ok!(approve(60, id, 51));
        assert_noop!(finish(51, id), Error::<Test>::TooEarly);
        set_time(NOON + 2 * DELAY);
        assert_ok!(finish(51, id));
        assert_eq!((role(50), role(51)), (KeyRole::Retired, KeyRole::Patient));
    });
}

#[test]
fn approval_should_not_outlast_a_veto_when_it_was_given_before() {
    run(|| {
        let id = with_custodians();
        assert_ok!(request(1, id, 51));
        assert_ok!(approve(60, id, 51));
        assert_ok!(Relationships::veto_rekey(signed(50), id));
        assert_ok!(reproof(1, id, 51));
        set_time(NOON + DELAY);
        assert_noop!(finish(51, id), Error::<Test>::NotApproved);
    });
}

#[test]
fn reproof_should_be_taken_back_for_the_other_key_when_not_finished() {
    run(|| {
        let id = vetoed_with_custodians();
        assert_ok!(approve(60, id, 51));
        assert_noop!(finish(51, id), Error::<Test>::Frozen);
        assert_ok!(reproof(1, id, 51));
        assert_ok!(reproof(1, id, 50));
        assert_eq!((role(50), role(51)), (KeyRole::Patient, KeyRole::Retired));
        assert_noop!(finish(51, id), Error::<Test>::NotRequested);
    });
}

#[test]
fn resume_should_be_for_the_key_that_goes_on_alone_when_a_rekey_was_vetoed() {
    run(|| {
        let id = vetoed_with_custodians();
        assert_ok!(approve(60, id, 51));
        assert_ok!(reproof(1, id, 51));
        set_time(NOON + DELAY);
        assert_ok!(finish(1, id));
        for custodian in [60, 61] {
            assert_noop!(Relationships::resume(signed(custodian), id), Error::<Test>::NotAllowed);
        }
        assert_ok!(Relationships::resume(signed(51), id));
        assert_eq!(Suspensions::<Test>::iter().count(), 0);
        // From then on as before.
        assert_ok!(Relationships::suspend(signed(60), id));
        assert_ok!(Relationships::resume(signed(61), id));
    });
}

#[test]
fn custodians_should_not_be_set_when_a_rekey_is_under_way() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        assert_ok!(request(1, id, 51));
        let list = [custodian(60, 4, 0, None)];
        assert_noop!(set_custodians(50, id, &list), Error::<Test>::Rekeying);
        set_time(NOON + DELAY + crate::REKEY_TERM);
        assert_ok!(set_custodians(50, id, &list));
        assert_noop!(finish(1, id), Error::<Test>::Lapsed);
        assert_ok!(Relationships::cancel_rekey(signed(1), id));
        assert_ok!(set_custodians(50, id, &[]));
    });
}

#[test]
fn custodian_should_have_no_say_when_appointed_within_a_week() {
    run(|| {
        let id = with_custodians();
        set_time(NOON + 1);
        let mut list = Relationships::get(id).unwrap().custodians.into_inner();
        // What it is said to have been before does not count.
        list.retain(|c| c.key == account(62));
        list.push(custodian(63, 4, 0, None));
        assert_ok!(set_custodians(50, id, &list));
        set_time(NOON + crate::MIN_CUSTODY);
        assert_noop!(request(63, id, 51), Error::<Test>::TooNew);
        assert_ok!(request(1, id, 51));
        set_time(NOON + crate::MIN_CUSTODY + DELAY);
        assert_noop!(approve(63, id, 51), Error::<Test>::TooNew);
        assert_ok!(finish(1, id));
    });
}

#[test]
fn approval_should_not_count_when_its_custodian_was_removed() {
    run(|| {
        let id = with_custodians();
        assert_ok!(request(1, id, 51));
        assert_ok!(approve(60, id, 51));
        assert_ok!(Relationships::remove_custodian(signed(50), id, account(60)));
        set_time(NOON + DELAY);
        assert_noop!(finish(1, id), Error::<Test>::NotApproved);
        assert_ok!(approve(61, id, 51));
        set_time(NOON + 2 * DELAY);
        assert_ok!(finish(1, id));
    });
}

#[test]
fn rekey_should_lapse_when_nobody_finishes_it() {
    run(|| {
        let id = with_custodians();
        assert_ok!(request(60, id, 51));
        set_time(NOON + DELAY + crate::REKEY_TERM - 1);
        assert_noop!(finish(60, id), Error::<Test>::NotApproved);
        set_time(NOON + DELAY + crate::REKEY_TERM);
        assert_noop!(approve(1, id, 51), Error::<Test>::Lapsed);
        let call = Call::<Test>::cancel_rekey { relationship: id };
        assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
        assert_ok!(Relationships::cancel_rekey(signed(1), id));
        assert_ok!(request(1, id, 52));
    });
}

#[test]
fn guardian_should_not_veto_when_removed_or_over() {
    run(|| {
        provider(1);
        let handover = 20_635 * DAY_MS;
        assert_ok!(Relationships::propose_minor(signed(1), account(60), handover, [7; 16]));
        let id = RelationshipId::new(0, 0);
        assert_ok!(Relationships::accept(signed(60), id));
        let guardians = [custodian(60, 7, NOON, Some(handover)), custodian(61, 7, NOON, Some(NOON + 2))];
        assert_ok!(set_custodians(60, id, &guardians));
        let rekey = |lost: u8, key: u8| {
            Relationships::request_rekey(signed(1), id, account(lost), account(key), Some([9; 16]))
        };
        assert_ok!(rekey(61, 71));
        set_time(NOON + 2);
        assert_noop!(Relationships::veto_rekey(signed(61), id), Error::<Test>::NotAllowed);
        assert_ok!(Relationships::cancel_rekey(signed(1), id));
        assert_ok!(rekey(60, 70));
        assert_ok!(Relationships::remove_custodian(signed(60), id, account(60)));
        assert_noop!(Relationships::veto_rekey(signed(60), id), Error::<Test>::NotAllowed);
        assert_eq!(status(id), RelationshipStatus::Active);
    });
}
