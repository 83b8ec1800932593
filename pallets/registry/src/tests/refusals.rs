//! Who is refused, and why: every call by every origin that may not make it, and every error that no other test of the call
//! comes to.

use frame_support::traits::GetCallName;
use medrec_primitives::{GatekeeperUrl, MemberName, MemberRole, StaffRole, DAY_MS};
use sp_runtime::{traits::Dispatchable, DispatchError, StateVersion, TokenError};

use crate::{mock::*, Call, Error, Members, NextGroup, NextMember};

type Refused = Error<Test>;

fn signed(n: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(n))
}

/// The call fails like this, and changes nothing.
fn refused(call: Call<Test>, origin: RuntimeOrigin, error: impl Into<DispatchError>) {
    let before = sp_io::storage::root(StateVersion::V1);
    let result = RuntimeCall::from(call.clone()).dispatch(origin);
    assert_eq!(result.map(drop).map_err(|failed| failed.error), Err(error.into()), "{call:?}");
    assert_eq!(sp_io::storage::root(StateVersion::V1), before, "{call:?}");
}

fn name(text: &str) -> MemberName {
    text.as_bytes().to_vec().try_into().unwrap()
}

fn url(text: &str) -> GatekeeperUrl {
    text.as_bytes().to_vec().try_into().unwrap()
}

fn application(gatekeeper: u8) -> Call<Test> {
    Call::apply {
        role: MemberRole::Provider,
        name: name("Hillcrest"),
        url: url("https://hillcrest.example"),
        gatekeeper: account(gatekeeper),
        sealing_key: [1; 32],
    }
}

fn addition(key: u8, until: u64) -> Call<Test> {
    Call::add_staff { key: account(key), role: StaffRole::Emergency, until }
}

/// What a member's account does for its member.
fn own_calls() -> Vec<Call<Test>> {
    vec![
        Call::withdraw {},
        Call::update { name: None, url: None },
        Call::rotate_gatekeeper_key { gatekeeper: account(60) },
        Call::rotate_sealing_key { public: [1; 32] },
        addition(61, NOON + 2 * DAY_MS),
        Call::rotate_staff_key { index: 0, key: account(62) },
        Call::remove_staff { index: 0 },
        Call::create_group { name: name("Rooms") },
    ]
}

/// What the consortium does.
fn votes(member: u32) -> Vec<Call<Test>> {
    vec![
        Call::admit { member },
        Call::suspend { member },
        Call::reinstate { member },
        Call::remove { member },
    ]
}

/// What a group's owner does, or the consortium.
fn group_calls(group: u32) -> Vec<Call<Test>> {
    vec![
        Call::add_to_group { group, member: 0 },
        Call::remove_from_group { group, member: 1 },
        Call::dissolve_group { group },
    ]
}

#[test]
fn calls_should_be_refused_when_the_origin_is_another() {
    run(|| {
        provider(1);
        let mut names = Vec::new();
        let all = [vec![application(60)], own_calls(), votes(0), group_calls(0)].concat();
        for call in all {
            names.push(call.get_call_name());
            refused(call, RuntimeOrigin::none(), DispatchError::BadOrigin);
        }
        names.sort_unstable();
        let mut every = Call::<Test>::get_call_names().to_vec();
        every.sort_unstable();
        assert_eq!(names, every, "no call is left out");
        for call in [vec![application(60)], own_calls()].concat() {
            refused(call, RuntimeOrigin::root(), DispatchError::BadOrigin);
        }
        for call in votes(0) {
            refused(call, signed(1), DispatchError::BadOrigin);
        }
        // A stranger, and the gatekeeper's key.
        for call in [own_calls(), group_calls(0)].concat() {
            refused(call.clone(), signed(9), Refused::NotAMember);
            refused(call, signed(101), Refused::NotAMember);
        }
    });
}

#[test]
fn own_calls_should_be_refused_when_the_member_is_suspended_but_to_take_out() {
    run(|| {
        let id = provider(1);
        Registry::suspend(RuntimeOrigin::root(), id).unwrap();
        for call in own_calls().into_iter().filter(|call| call.get_call_name() != "remove_staff") {
            refused(call, signed(1), Refused::WrongStatus);
        }
        refused(Call::remove_staff { index: 0 }, signed(1), Refused::UnknownStaff);
    });
}

#[test]
fn calls_of_active_members_should_be_refused_when_the_member_has_only_applied() {
    run(|| {
        apply(1, MemberRole::Provider);
        let standing = ["withdraw", "update", "rotate_gatekeeper_key", "remove_staff"];
        for call in own_calls().into_iter().filter(|call| !standing.contains(&call.get_call_name())) {
            refused(call, signed(1), Refused::WrongStatus);
        }
    });
}

#[test]
fn keys_should_be_refused_when_used_already() {
    run(|| {
        provider(1);
        Registry::add_staff(signed(1), account(50), StaffRole::Clinician, NOON + DAY_MS).unwrap();
        KeysElsewhere::set(vec![account(77)]);
        for used in [1, 101, 50, 77] {
            let key = account(used);
            let calls = [
                Call::rotate_gatekeeper_key { gatekeeper: key.clone() },
                addition(used, NOON + 2 * DAY_MS),
                Call::rotate_staff_key { index: 0, key },
            ];
            for call in calls {
                refused(call, signed(1), Refused::KeyUsed);
            }
        }
    });
}

#[test]
fn own_calls_should_be_refused_when_what_they_say_makes_no_sense() {
    run(|| {
        provider(1);
        provider(2);
        let update = |text: Option<&str>, address: Option<&str>| Call::update {
            name: text.map(name),
            url: address.map(url),
        };
        refused(update(Some("\n"), None), signed(1), Refused::NameMalformed);
        refused(update(Some("MEMBER C"), None), signed(1), Refused::NameTaken);
        refused(update(None, Some("https://10.0.0.1")), signed(1), Refused::UrlMalformed);
        refused(update(None, Some("")), signed(1), Refused::UrlMissing);
        refused(Call::rotate_sealing_key { public: [0; 32] }, signed(1), Refused::SealingKeyMalformed);
        for until in [0, NOON + DAY_MS, NOON + 401 * DAY_MS] {
            refused(addition(50, until), signed(1), Refused::BadTerm);
        }
        for (n, key) in (50..53).enumerate() {
            assert_eq!(n as u32, Members::<Test>::get(0).unwrap().next_staff);
            Registry::add_staff(signed(1), account(key), StaffRole::Emergency, NOON + 2 * DAY_MS).unwrap();
        }
        refused(addition(53, NOON + 2 * DAY_MS), signed(1), Refused::TooManyStaff);
        let rotation = |index, key| Call::rotate_staff_key { index, key: account(key) };
        refused(rotation(3, 54), signed(1), Refused::UnknownStaff);
        set_time(NOON + DAY_MS);
        refused(rotation(0, 54), signed(1), Refused::BadTerm);
    });
}

#[test]
fn calls_should_be_refused_when_no_number_is_left() {
    new_test_ext().execute_with(|| {
        let id = provider(1);
        let change = |change: fn(&mut medrec_primitives::Member)| {
            Members::<Test>::mutate(id, |member| change(member.as_mut().unwrap()));
        };
        change(|member| member.sealing_key = u8::MAX);
        refused(Call::rotate_sealing_key { public: [1; 32] }, signed(1), Refused::IdsExhausted);
        change(|member| member.next_staff = u32::MAX);
        refused(addition(50, NOON + 2 * DAY_MS), signed(1), Refused::IdsExhausted);
        NextGroup::<Test>::put(u32::MAX);
        refused(Call::create_group { name: name("Rooms") }, signed(1), Refused::IdsExhausted);
        NextMember::<Test>::put(u32::MAX);
        refused(application(60), signed(2), Refused::IdsExhausted);
    });
}

#[test]
fn calls_that_hold_should_be_refused_when_the_account_cannot_pay() {
    run(|| {
        provider(1);
        Registry::add_staff(signed(1), account(50), StaffRole::Clinician, NOON + DAY_MS).unwrap();
        refused(application(60), signed(40), TokenError::FundsUnavailable);
        StaffDeposit::set(5_000);
        GroupDeposit::set(5_000);
        for call in [
            addition(51, NOON + 2 * DAY_MS),
            Call::rotate_staff_key { index: 0, key: account(51) },
            Call::create_group { name: name("Rooms") },
        ] {
            refused(call, signed(1), TokenError::FundsUnavailable);
        }
    });
}

#[test]
fn calls_about_groups_should_be_refused_when_there_is_none_or_it_is_anothers() {
    run(|| {
        let (owner, other) = (provider(1), provider(2));
        for call in group_calls(0) {
            let missing = if call.get_call_name() == "remove_from_group" {
                Refused::NotInGroup
            } else {
                Refused::UnknownGroup
            };
            refused(call.clone(), signed(1), Refused::UnknownGroup);
            refused(call, RuntimeOrigin::root(), missing);
        }
        Registry::create_group(signed(1), name("Rooms").to_vec().try_into().unwrap()).unwrap();
        let leave = |member| Call::remove_from_group { group: 0, member };
        refused(leave(owner), signed(2), Refused::NotGroupOwner);
        for origin in [signed(1), signed(2), RuntimeOrigin::root()] {
            refused(leave(other), origin, Refused::NotInGroup);
        }
        refused(Call::add_to_group { group: 0, member: other }, signed(2), Refused::NotGroupOwner);
    });
}

#[test]
fn votes_should_be_refused_when_there_is_no_such_member() {
    run(|| {
        for call in votes(0) {
            refused(call, RuntimeOrigin::root(), Refused::UnknownMember);
        }
    });
}
