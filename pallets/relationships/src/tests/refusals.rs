//! Who is refused, and why: every call by every origin that may not make it, and in every state that it does not go with.

use frame_support::traits::GetCallName;
use medrec_primitives::{Pointer, RelationshipFlags, RelationshipId, SealedLocator, DAY_MS};
use sp_runtime::DispatchError;

use crate::{mock::*, Call, Error, NextIndex, Pointers};

type Refused = Error<Test>;
type Registration = pallet_registry::Error<Test>;

/// 1 July 2026, some two years after the day of these tests.
const HANDOVER: u64 = 20_635 * DAY_MS;

fn locator() -> SealedLocator {
    SealedLocator { key: 0, enc: [1; 32], ciphertext: [1; 64] }
}

/// What a member does for itself.
fn members_calls() -> Vec<Call<Test>> {
    vec![
        Call::propose { patient: account(80), ticket: [1; 16] },
        Call::propose_minor { guardian: account(80), handover: HANDOVER, ticket: [1; 16] },
        Call::withdraw_deposit { amount: None },
    ]
}

/// What the provider of a relationship does, and nobody else.
fn providers_calls(relationship: RelationshipId) -> Vec<Call<Test>> {
    vec![
        Call::set_pointer { relationship, slot: 0, locator: locator(), root: [1; 32] },
        Call::withdraw_pointer { relationship, slot: 0 },
        Call::enrol_patient { relationship, patient: account(80), ticket: [1; 16] },
        Call::confirm_step_in { relationship },
        Call::reproof { relationship, key: account(50), ticket: [1; 16] },
        Call::cancel_rekey { relationship },
    ]
}

/// What either side does about lost keys.
fn rekey_calls(relationship: RelationshipId) -> Vec<Call<Test>> {
    let (lost, key, ticket) = (account(50), account(51), Some([1; 16]));
    vec![
        Call::request_rekey { relationship, lost, key: account(80), ticket },
        Call::approve_rekey { relationship, key, ticket },
        Call::finish_rekey { relationship },
    ]
}

/// What the patient's side does.
fn patients_calls(relationship: RelationshipId) -> Vec<Call<Test>> {
    let (set, clear) = (RelationshipFlags::EMERGENCY_OVER_DENIALS, RelationshipFlags::NONE);
    vec![
        Call::accept { relationship },
        Call::reject { relationship },
        Call::end { relationship },
        Call::suspend { relationship },
        Call::resume { relationship },
        Call::acknowledge { relationship, slot: 0, version: 1 },
        Call::set_custodians { relationship, custodians: Default::default() },
        Call::remove_custodian { relationship, key: account(60) },
        Call::set_flags { relationship, set, clear },
        Call::set_inactivity { relationship, days: Some(30) },
        Call::touch { relationship },
        Call::step_in { relationship },
        Call::step_out { relationship },
        Call::veto_rekey { relationship },
    ]
}

/// Everything about one relationship.
fn calls_about(id: RelationshipId) -> Vec<Call<Test>> {
    [providers_calls(id), rekey_calls(id), patients_calls(id)].concat()
}

/// Patient 50 of provider 1, whose key is to be replaced by 51.
fn rekeying() -> RelationshipId {
    provider(1);
    let id = active(1, 50);
    Relationships::request_rekey(signed(1), id, account(50), account(51), Some([9; 16])).unwrap();
    id
}

#[test]
fn calls_should_be_refused_when_nobody_signs() {
    run(|| {
        let id = rekeying();
        let all = [members_calls(), calls_about(id)].concat();
        let mut names: Vec<_> = all.iter().map(|call| call.get_call_name()).collect();
        names.sort_unstable();
        let mut every = Call::<Test>::get_call_names().to_vec();
        every.sort_unstable();
        assert_eq!(names, every, "no call is left out");
        for call in all {
            refused(call.clone(), RuntimeOrigin::none(), DispatchError::BadOrigin);
            refused(call, RuntimeOrigin::root(), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn calls_should_be_refused_when_a_stranger_signs() {
    run(|| {
        let id = rekeying();
        for call in [members_calls(), providers_calls(id)].concat() {
            for stranger in [9, 50] {
                refused(call.clone(), signed(stranger), Registration::NotAMember);
            }
        }
        for call in [rekey_calls(id), patients_calls(id)].concat() {
            refused(call, signed(9), Refused::NotAllowed);
        }
    });
}

#[test]
fn calls_should_be_refused_when_another_provider_signs() {
    run(|| {
        let id = rekeying();
        provider(2);
        for signer in [2, 102] {
            for call in calls_about(id) {
                refused(call, signed(signer), Refused::NotAllowed);
            }
        }
        // Nor does the provider's own gatekeeper end anything, or take money.
        refused(Call::<Test>::end { relationship: id }, signed(101), Registration::NotAMember);
    });
}

#[test]
fn calls_of_providers_should_be_refused_when_the_member_is_suspended() {
    run(|| {
        let id = rekeying();
        Registry::suspend(RuntimeOrigin::root(), id.member).unwrap();
        let own = members_calls().into_iter().filter(|call| call.get_call_name() != "withdraw_deposit");
        let resume = Call::resume { relationship: id };
        let all = own.chain(providers_calls(id)).chain(rekey_calls(id)).chain([resume]);
        for call in all {
            refused(call, signed(1), Registration::WrongStatus);
        }
    });
}

#[test]
fn calls_should_be_refused_when_there_is_no_such_relationship() {
    run(|| {
        rekeying();
        let unknown = RelationshipId::new(0, 9);
        for call in patients_calls(unknown) {
            refused(call, signed(50), Refused::UnknownRelationship);
        }
        for call in [providers_calls(unknown), rekey_calls(unknown)].concat() {
            match call.get_call_name() {
                "withdraw_pointer" => refused(call, signed(1), Refused::UnknownPointer),
                "approve_rekey" | "finish_rekey" => refused(call, signed(1), Refused::NotRequested),
                _ => refused(call, signed(1), Refused::UnknownRelationship),
            }
        }
    });
}

#[test]
fn calls_should_be_refused_when_the_relationship_has_ended() {
    run(|| {
        let id = rekeying();
        Relationships::end(signed(50), id).unwrap();
        for call in patients_calls(id) {
            let why = match call.get_call_name() {
                "acknowledge" => Refused::UnknownPointer,
                "remove_custodian" => Refused::UnknownCustodian,
                "step_in" => Refused::NotAllowed,
                "step_out" | "veto_rekey" => Refused::NotRequested,
                _ => Refused::WrongStatus,
            };
            refused(call, signed(50), why);
        }
        for call in [providers_calls(id), rekey_calls(id)].concat() {
            let why = match call.get_call_name() {
                "withdraw_pointer" => Refused::UnknownPointer,
                "set_pointer" | "enrol_patient" | "request_rekey" => Refused::WrongStatus,
                _ => Refused::NotRequested,
            };
            refused(call, signed(1), why);
        }
    });
}

#[test]
fn calls_should_be_refused_when_a_rekey_was_vetoed() {
    run(|| {
        let id = rekeying();
        Relationships::veto_rekey(signed(50), id).unwrap();
        let widens = ["resume", "set_custodians", "set_flags", "set_inactivity", "veto_rekey"];
        for call in patients_calls(id).into_iter().filter(|call| widens.contains(&call.get_call_name())) {
            refused(call, signed(50), Refused::Frozen);
        }
        let later = ["approve_rekey", "finish_rekey", "cancel_rekey"];
        let all = [providers_calls(id), rekey_calls(id)].concat();
        for call in all.into_iter().filter(|call| later.contains(&call.get_call_name())) {
            refused(call, signed(1), Refused::Frozen);
        }
    });
}

#[test]
fn calls_that_name_a_key_should_be_refused_when_it_was_used() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        Relationships::propose_minor(signed(1), account(61), HANDOVER, [7; 16]).unwrap();
        let minor = RelationshipId::new(0, 1);
        Relationships::accept(signed(61), minor).unwrap();
        set_time(HANDOVER);
        let key = account(50);
        let calls = [
            Call::propose { patient: key.clone(), ticket: [1; 16] },
            Call::propose_minor { guardian: key.clone(), handover: HANDOVER + 184 * DAY_MS, ticket: [1; 16] },
            Call::enrol_patient { relationship: minor, patient: key.clone(), ticket: [1; 16] },
            Call::request_rekey { relationship: id, lost: key.clone(), key, ticket: Some([1; 16]) },
        ];
        for call in calls {
            refused(call, signed(1), Registration::KeyUsed);
        }
        let custodians = vec![custodian(1, 7, 0, None)].try_into().unwrap();
        refused(Call::set_custodians { relationship: id, custodians }, signed(50), Registration::KeyUsed);
    });
}

#[test]
fn calls_should_be_refused_when_what_they_say_makes_no_sense() {
    run(|| {
        provider(1);
        let id = active(1, 50);
        let pointer = |slot| Call::set_pointer { relationship: id, slot, locator: locator(), root: [1; 32] };
        refused(pointer(8), signed(1), Refused::BadSlot);
        let flags = |set, clear| Call::set_flags {
            relationship: id,
            set: RelationshipFlags(set),
            clear: RelationshipFlags(clear),
        };
        for call in [flags(4, 0), flags(0, 4), flags(1, 1)] {
            refused(call, signed(50), Refused::BadFlags);
        }
        for days in [Some(29), Some(3_661), Some(0)] {
            refused(Call::set_inactivity { relationship: id, days }, signed(50), Refused::BadPeriod);
        }
        for handover in [0, NOON, HANDOVER + 1, HANDOVER + 23 * 366 * DAY_MS] {
            let call = Call::propose_minor { guardian: account(80), handover, ticket: [1; 16] };
            refused(call, signed(1), Refused::BadHandover);
        }
        let (lost, key) = (account(60), account(80));
        let call = Call::request_rekey { relationship: id, lost, key, ticket: Some([1; 16]) };
        refused(call, signed(1), Refused::WrongKey);
    });
}

#[test]
fn calls_should_be_refused_when_no_number_is_left_or_no_deposit() {
    new_test_ext().execute_with(|| {
        provider(1);
        let id = active(1, 50);
        let pointer = Pointer { locator: locator(), root: [1; 32], version: u32::MAX, seen: 0 };
        Pointers::<Test>::insert((id.member, id.index, 0), pointer);
        let call = Call::set_pointer { relationship: id, slot: 0, locator: locator(), root: [1; 32] };
        refused(call, signed(1), Refused::IdsExhausted);
        let proposals =
            || members_calls().into_iter().filter(|call| call.get_call_name() != "withdraw_deposit");
        Relationships::withdraw_deposit(signed(1), None).unwrap();
        proposals().for_each(|call| refused(call, signed(1), Refused::DepositAccountTooLow));
        NextIndex::<Test>::insert(id.member, u32::MAX);
        proposals().for_each(|call| refused(call, signed(1), Refused::IdsExhausted));
    });
}
