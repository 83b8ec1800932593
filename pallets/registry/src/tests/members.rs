//! From the application to the removal.

use frame_support::{assert_noop, assert_ok, traits::fungible::hold::Inspect};
use medrec_primitives::{MemberRole, MemberStatus};
use sp_runtime::DispatchError;

use crate::{mock::*, Accounts, Error, Event, HoldReason, Members};

fn held(n: u8) -> u64 {
    Balances::balance_on_hold(&HoldReason::Member.into(), &account(n))
}

#[test]
fn apply_should_record_member_and_hold_deposit_when_fresh() {
    run(|| {
        let id = apply(1, MemberRole::Provider);
        assert_event(Event::Applied { member: id, account: account(1) });
        let member = Members::<Test>::get(id).unwrap();
        assert_eq!(member.status, MemberStatus::Applied);
        assert_eq!(held(1), 100);
        assert_eq!(apply(2, MemberRole::Researcher), 1);
    });
}

#[test]
fn apply_should_fail_when_a_key_is_used_already() {
    run(|| {
        apply(1, MemberRole::Provider);
        let apply = |signer: u8, gatekeeper: u8| {
            Registry::apply(
                RuntimeOrigin::signed(account(signer)),
                MemberRole::Provider,
                b"Other".to_vec().try_into().unwrap(),
                b"https://other.example".to_vec().try_into().unwrap(),
                account(gatekeeper),
                [1; 32],
            )
        };
        KeysElsewhere::set(vec![account(77)]);
        for (signer, gatekeeper) in [(1, 50), (2, 101), (2, 1), (2, 2), (2, 77)] {
            assert_noop!(apply(signer, gatekeeper), Error::<Test>::KeyUsed);
        }
        assert_ok!(apply(2, 50));
    });
}

#[test]
fn apply_should_fail_when_name_or_address_or_key_is_bad() {
    run(|| {
        apply(1, MemberRole::Provider);
        let apply = |name: &str, url: &str, role, key: u8| {
            Registry::apply(
                RuntimeOrigin::signed(account(2)),
                role,
                name.as_bytes().to_vec().try_into().unwrap(),
                url.as_bytes().to_vec().try_into().unwrap(),
                account(50),
                [key; 32],
            )
        };
        let (provider, url) = (MemberRole::Provider, "https://x.example");
        assert_noop!(apply("", url, provider, 1), Error::<Test>::NameMalformed);
        assert_noop!(apply("MEMBER-B", url, provider, 1), Error::<Test>::NameTaken);
        assert_noop!(apply("X", "http://x.example", provider, 1), Error::<Test>::UrlMalformed);
        assert_noop!(apply("X", "", provider, 1), Error::<Test>::UrlMissing);
        assert_noop!(apply("X", url, provider, 0), Error::<Test>::SealingKeyMalformed);
        assert_ok!(apply("X", "", MemberRole::Researcher, 1));
    });
}

#[test]
fn apply_should_fail_when_applicant_cannot_pay_deposit() {
    run(|| {
        let result = Registry::apply(
            RuntimeOrigin::signed(account(60)),
            MemberRole::Provider,
            b"Poor".to_vec().try_into().unwrap(),
            b"https://poor.example".to_vec().try_into().unwrap(),
            account(61),
            [1; 32],
        );
        assert!(result.is_err());
        assert!(Members::<Test>::get(0).is_none());
    });
}

#[test]
fn withdraw_should_free_name_and_deposit_but_not_keys_when_applied() {
    run(|| {
        let id = apply(1, MemberRole::Provider);
        assert_ok!(Registry::withdraw(RuntimeOrigin::signed(account(1))));
        assert_event(Event::Withdrawn { member: id });
        assert_eq!(held(1), 0);
        assert!(Members::<Test>::get(id).is_none());
        assert!(Accounts::<Test>::contains_key(account(1)));
        assert_noop!(Registry::ensure_fresh_key(&account(101)), Error::<Test>::KeyUsed);
        assert_noop!(Registry::withdraw(RuntimeOrigin::signed(account(1))), Error::<Test>::NotAMember);
    });
}

#[test]
fn withdraw_should_fail_when_admitted() {
    run(|| {
        provider(1);
        assert_noop!(Registry::withdraw(RuntimeOrigin::signed(account(1))), Error::<Test>::WrongStatus);
    });
}

#[test]
fn status_should_follow_the_consortium_when_it_votes() {
    run(|| {
        let id = apply(1, MemberRole::Provider);
        let status = || Members::<Test>::get(id).unwrap().status;
        assert_noop!(Registry::suspend(RuntimeOrigin::root(), id), Error::<Test>::WrongStatus);
        assert_noop!(Registry::reinstate(RuntimeOrigin::root(), id), Error::<Test>::WrongStatus);
        assert_ok!(Registry::admit(RuntimeOrigin::root(), id));
        assert_event(Event::Admitted { member: id });
        assert_noop!(Registry::admit(RuntimeOrigin::root(), id), Error::<Test>::WrongStatus);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_event(Event::Suspended { member: id });
        assert_eq!(status(), MemberStatus::Suspended);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), id));
        assert_event(Event::Reinstated { member: id });
        assert_eq!(status(), MemberStatus::Active);
        assert_ok!(Registry::remove(RuntimeOrigin::root(), id));
        assert_event(Event::Removed { member: id });
        assert_eq!((status(), held(1)), (MemberStatus::Removed, 0));
        for call in [Registry::admit, Registry::suspend, Registry::reinstate, Registry::remove] {
            assert_noop!(call(RuntimeOrigin::root(), id), Error::<Test>::WrongStatus);
            assert_noop!(call(RuntimeOrigin::root(), 99), Error::<Test>::UnknownMember);
        }
    });
}

#[test]
fn votes_should_fail_when_not_of_the_consortium() {
    run(|| {
        let id = apply(1, MemberRole::Provider);
        for call in [Registry::admit, Registry::suspend, Registry::reinstate, Registry::remove] {
            assert_noop!(call(RuntimeOrigin::signed(account(1)), id), DispatchError::BadOrigin);
            assert_noop!(call(RuntimeOrigin::none(), id), DispatchError::BadOrigin);
        }
    });
}

#[test]
fn update_should_change_name_and_address_when_in_good_standing() {
    run(|| {
        let id = provider(1);
        let update = |name: Option<&str>, url: Option<&str>| {
            Registry::update(
                RuntimeOrigin::signed(account(1)),
                name.map(|n| n.as_bytes().to_vec().try_into().unwrap()),
                url.map(|u| u.as_bytes().to_vec().try_into().unwrap()),
            )
        };
        assert_ok!(update(Some("Hillcrest"), Some("https://hillcrest.example")));
        assert_event(Event::Updated { member: id });
        // The same name in another spelling is still its own.
        assert_ok!(update(Some("HILLCREST"), None));
        let other = provider(2);
        assert_ne!(id, other);
        assert_noop!(update(Some("Member C"), None), Error::<Test>::NameTaken);
        assert_noop!(update(None, Some("x")), Error::<Test>::UrlMalformed);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_noop!(update(Some("New"), None), Error::<Test>::WrongStatus);
    });
}

#[test]
fn active_provider_should_be_found_by_account_and_gatekeeper_only_when_active() {
    run(|| {
        let id = apply(1, MemberRole::Provider);
        let ensure = |n: u8| Registry::ensure_active_provider(RuntimeOrigin::signed(account(n)));
        assert_eq!(ensure(1), Err(Error::<Test>::WrongStatus.into()));
        assert_ok!(Registry::admit(RuntimeOrigin::root(), id));
        assert_eq!((ensure(1), ensure(101)), (Ok(id), Ok(id)));
        assert_eq!(ensure(2), Err(Error::<Test>::NotAMember.into()));
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_eq!(ensure(101), Err(Error::<Test>::WrongStatus.into()));
        let researcher = apply(3, MemberRole::Researcher);
        assert_ok!(Registry::admit(RuntimeOrigin::root(), researcher));
        assert_eq!(ensure(3), Err(Error::<Test>::WrongStatus.into()));
    });
}

#[test]
fn members_should_page_when_asked() {
    run(|| {
        for n in 1..6 {
            apply(n, MemberRole::Provider);
        }
        let ids = |start, count| Registry::members(start, count).into_iter().map(|m| m.0).collect::<Vec<_>>();
        assert_eq!(ids(0, 2), [0, 1]);
        assert_eq!(ids(4, 10), [4]);
        assert_eq!(ids(u32::MAX, u32::MAX), [0u32; 0]);
    });
}

#[test]
fn members_should_fill_a_page_when_applicants_withdrew_in_between() {
    run(|| {
        for n in 1..9 {
            apply(n, MemberRole::Provider);
        }
        for n in 2..7 {
            assert_ok!(Registry::withdraw(signed(n)));
        }
        let ids = |start, count| Registry::members(start, count).into_iter().map(|m| m.0).collect::<Vec<_>>();
        assert_eq!(ids(0, 2), [0, 6]);
        assert_eq!(ids(1, 2), [6, 7]);
        assert_eq!(ids(7, 2), [7]);
        assert_eq!(ids(8, 2), [0u32; 0]);
    });
}

#[test]
fn name_should_be_free_when_the_applicant_was_turned_down_and_not_when_a_member_was_removed() {
    run(|| {
        let squatter = apply(1, MemberRole::Provider);
        let called = |n: u8, name: &str| {
            Registry::apply(
                signed(n),
                MemberRole::Provider,
                name.as_bytes().to_vec().try_into().unwrap(),
                b"https://gatekeeper.example".to_vec().try_into().unwrap(),
                account(100 + n),
                [n; 32],
            )
        };
        assert_noop!(called(2, "MEMBER B"), Error::<Test>::NameTaken);
        assert_ok!(Registry::remove(RuntimeOrigin::root(), squatter));
        assert_ok!(called(2, "MEMBER B"));
        let hospital = squatter + 1;
        assert_ok!(Registry::admit(RuntimeOrigin::root(), hospital));
        assert_ok!(Registry::remove(RuntimeOrigin::root(), hospital));
        assert_noop!(called(3, "Member B"), Error::<Test>::NameTaken);
        assert_eq!(Members::<Test>::get(squatter).unwrap().name.to_vec(), b"Member B", "the record stays");
    });
}

#[test]
fn invariants_should_be_seen_broken_when_a_name_is_lost_or_anothers() {
    new_test_ext().execute_with(|| {
        let (one, other) = (apply(1, MemberRole::Provider), apply(2, MemberRole::Provider));
        let normal = crate::name::normal_form(b"Member B");
        crate::Names::<Test>::insert(&normal, other);
        assert_eq!(Registry::do_try_state(), Err("a member does not hold its name".into()));
        crate::Names::<Test>::insert(&normal, one);
        assert_ok!(Registry::do_try_state());
        crate::Names::<Test>::insert(crate::name::normal_form(b"Other"), one);
        let broken = "a name is held by nobody, or by a member with another one";
        assert_eq!(Registry::do_try_state(), Err(broken.into()));
    });
}
