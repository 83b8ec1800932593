//! Researchers' collators.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use crate::{mock::*, ApprovedCollators, CollatorCount, Error, Event};

#[test]
fn collator_should_count_when_registered_and_approved() {
    run(|| {
        let id = researcher(2);
        assert_event(Event::CollatorApproved { researcher: id, key: account(212) });
        assert!(Research::is_researchers(&account(212)));
        assert_ok!(Research::register_collator(signed(2), account(77)));
        assert_event(Event::CollatorRegistered { researcher: id, key: account(77) });
        assert!(!Research::is_researchers(&account(77)));
        assert_eq!((CollatorCount::<Test>::get(id), ApprovedCollators::<Test>::get()), (2, 1));
    });
}

#[test]
fn registering_should_be_refused_when_not_a_researcher_taken_or_one_too_many() {
    run(|| {
        provider(1);
        let id = researcher(2);
        researcher(3);
        let register = |n, key| Research::register_collator(signed(n), account(key));
        assert_noop!(register(1, 80), Error::<Test>::NotAResearcher);
        assert_noop!(register(9, 80), pallet_registry::Error::<Test>::NotAMember);
        assert_noop!(register(3, 212), Error::<Test>::CollatorTaken);
        assert_ok!(register(2, 80));
        assert_noop!(register(2, 81), Error::<Test>::TooManyCollators);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_noop!(register(2, 81), Error::<Test>::NotAResearcher);
        assert_noop!(
            Research::register_collator(RuntimeOrigin::root(), account(81)),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn approving_should_be_refused_when_not_by_the_consortium_unknown_or_twice() {
    run(|| {
        let id = researcher(2);
        assert_ok!(Research::register_collator(signed(2), account(77)));
        for origin in [signed(2), signed(1), RuntimeOrigin::none()] {
            assert_noop!(Research::approve_collator(origin, account(77)), DispatchError::BadOrigin);
        }
        let approve = |key| Research::approve_collator(RuntimeOrigin::root(), account(key));
        assert_noop!(approve(77), Error::<Test>::NotAccepted);
        assert_ok!(Research::accept_researcher(signed(77), id));
        assert_noop!(approve(78), Error::<Test>::UnknownCollator);
        assert_noop!(approve(212), Error::<Test>::AlreadyApproved);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        assert_noop!(approve(77), Error::<Test>::NotAResearcher);
    });
}

#[test]
fn approving_should_be_refused_when_providers_would_not_be_more() {
    run(|| {
        let id = researcher(2);
        researcher(3);
        assert_ok!(Research::register_collator(signed(2), account(77)));
        assert_ok!(Research::accept_researcher(signed(77), id));
        let approve = || Research::approve_collator(RuntimeOrigin::root(), account(77));
        // Whether researchers' own are among the authorities changes nothing.
        for keys in [vec![201, 202, 203], vec![201, 202, 203, 212, 213, 77]] {
            set_authorities(keys);
            assert_noop!(approve(), Error::<Test>::ProvidersWouldBeOutnumbered);
        }
        set_authorities([201, 202, 203, 204]);
        assert_ok!(approve());
    });
}

#[test]
fn collator_should_count_no_longer_when_its_researcher_or_the_consortium_removes_it() {
    run(|| {
        let id = researcher(2);
        researcher(3);
        let remove = |origin| Research::remove_collator(origin, account(212));
        assert_noop!(remove(signed(3)), Error::<Test>::NotYours);
        assert_noop!(remove(signed(9)), pallet_registry::Error::<Test>::NotAMember);
        assert_ok!(remove(signed(2)));
        assert_event(Event::CollatorRemoved { researcher: id, key: account(212) });
        assert_noop!(remove(signed(2)), Error::<Test>::UnknownCollator);
        assert_ok!(Research::remove_collator(RuntimeOrigin::root(), account(213)));
        assert_eq!(ApprovedCollators::<Test>::get(), 0);
        assert_eq!(CollatorCount::<Test>::iter().count(), 0);
    });
}

#[test]
fn set_of_collators_should_keep_a_majority_of_providers_whatever_was_chosen() {
    run(|| {
        for n in [2, 3, 4] {
            researcher(n);
        }
        let set = |keys: &[u8]| {
            let keys = keys.iter().copied().map(account).collect();
            let kept = Research::with_majority_of_providers(keys);
            kept.into_iter().map(|key| <[u8; 32]>::from(key)[0]).collect::<Vec<_>>()
        };
        assert_eq!(set(&[201, 212, 202, 213, 203]), [201, 212, 202, 213, 203]);
        assert_eq!(set(&[212, 201, 213, 202, 214]), [212, 201, 202]);
        assert_eq!(set(&[212, 201]), [201]);
        assert_eq!(set(&[201]), [201]);
        // Better researchers' than none.
        assert_eq!(set(&[212, 213]), [212, 213]);
        assert!(set(&[]).is_empty());
    });
}

#[test]
fn collator_should_accept_when_its_researcher_named_it() {
    run(|| {
        let id = researcher(2);
        let other = researcher(3);
        let accept = |key, researcher| Research::accept_researcher(signed(key), researcher);
        assert_noop!(accept(77, id), Error::<Test>::UnknownCollator);
        assert_ok!(Research::register_collator(signed(2), account(77)));
        assert_noop!(accept(77, other), Error::<Test>::NotYours);
        assert_noop!(accept(2, id), Error::<Test>::UnknownCollator);
        assert_ok!(accept(77, id));
        assert_event(Event::ResearcherAccepted { researcher: id, key: account(77) });
        assert!(!Research::is_researchers(&account(77)), "the consortium has a say, too");
        assert_noop!(accept(77, id), Error::<Test>::AlreadyAccepted);
        assert_noop!(accept(212, id), Error::<Test>::AlreadyAccepted);
    });
}

#[test]
fn collator_should_be_free_for_its_researcher_when_it_shakes_off_another() {
    run(|| {
        let squatter = researcher(2);
        let id = researcher(3);
        assert_ok!(Research::register_collator(signed(2), account(77)));
        assert_noop!(Research::register_collator(signed(3), account(77)), Error::<Test>::CollatorTaken);
        assert_ok!(Research::remove_collator(signed(77), account(77)));
        assert_event(Event::CollatorRemoved { researcher: squatter, key: account(77) });
        assert_ok!(Research::register_collator(signed(3), account(77)));
        assert_ok!(Research::accept_researcher(signed(77), id));
        // It leaves when it likes, approved or not.
        assert_ok!(Research::remove_collator(signed(213), account(213)));
        assert!(!Research::is_researchers(&account(213)));
    });
}
