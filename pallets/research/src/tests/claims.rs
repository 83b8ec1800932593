//! Claims, from entering to closing.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use medrec_primitives::{
    research::{Budget, ClaimStatus, DuoPurposes, Fee, Payee, TableSpec},
    DAY_MS,
};
use sp_runtime::DispatchError;

use crate::{mock::*, Claims, Error, Event, HoldReason, Issuance};

fn claim(study: u32, epoch: u16) -> frame_support::dispatch::DispatchResult {
    Research::claim(signed(2), study, key(0, epoch))
}

/// What is held of account `n` for claims.
fn held(n: u8) -> u64 {
    Balances::balance_on_hold(&HoldReason::Claim.into(), &account(n))
}

#[test]
fn claim_should_wait_and_be_paid_for_when_entered() {
    run(|| {
        let study = ready();
        assert_ok!(claim(study, 3));
        let window = Research::current_window();
        assert_event(Event::Entered { researcher: 1, study, answer: key(0, 3), window });
        assert_eq!(earnings(1), (900, 100, 0));
        assert_eq!(Claims::<Test>::iter().count(), 0);
    });
}

#[test]
fn claiming_should_be_refused_when_there_is_nothing_to_claim() {
    run(|| {
        let study = ready();
        let by = |n, study, answer| Research::claim(signed(n), study, answer);
        assert_noop!(by(1, study, key(0, 0)), Error::<Test>::NotAResearcher);
        assert_noop!(by(9, study, key(0, 0)), pallet_registry::Error::<Test>::NotAMember);
        assert_noop!(Research::claim(RuntimeOrigin::root(), study, key(0, 0)), DispatchError::BadOrigin);
        assert_noop!(by(2, study, key(1, 0)), Error::<Test>::UnknownTable);
        assert_noop!(by(2, study, key(0, 10)), Error::<Test>::UnknownEpoch);
        assert_noop!(by(2, study + 1, key(0, 0)), Error::<Test>::UnknownStudy);
        set_time(START + 4 * DAY_MS - 1);
        assert_noop!(by(2, study, key(0, 3)), Error::<Test>::EpochNotOver);
        set_time(START + 14 * DAY_MS);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), 0));
        assert_noop!(by(2, study, key(0, 0)), Error::<Test>::ProviderInactive);
        assert_ok!(Registry::reinstate(RuntimeOrigin::root(), 0));
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), 1));
        assert_noop!(by(2, study, key(0, 0)), Error::<Test>::NotAResearcher);
    });
}

#[test]
fn claiming_should_be_refused_when_the_study_does_not_allow_it() {
    run(|| {
        let study_of_two = ready();
        researcher(3);
        let study_of_three = study(3);
        assert_noop!(claim(study_of_three, 0), Error::<Test>::NotYours);
        let until = now() + DAY_MS;
        let both = DuoPurposes(DuoPurposes::BIOMEDICAL.0 | DuoPurposes::COMMERCIAL.0);
        assert_ok!(Research::propose_study(signed(2), both, [1; 32], until));
        let commercial = study_of_three + 1;
        assert_noop!(claim(commercial, 0), Error::<Test>::StudyNotApproved);
        assert_ok!(Research::approve_study(RuntimeOrigin::root(), commercial));
        assert_noop!(claim(commercial, 0), Error::<Test>::PurposeNotPlanned);
        set_time(until);
        assert_noop!(claim(commercial, 0), Error::<Test>::StudyNotApproved);
        assert_ok!(Research::end_study(signed(2), study_of_two));
        assert_noop!(claim(study_of_two, 0), Error::<Test>::StudyNotApproved);
    });
}

#[test]
fn institution_should_enter_no_more_claims_than_it_may_in_one_window() {
    run(|| {
        let study = ready();
        for epoch in 0..3 {
            assert_ok!(claim(study, epoch));
        }
        assert_noop!(claim(study, 3), Error::<Test>::TooManyClaims);
        set_time(now() + DAY_MS);
        assert_ok!(claim(study, 3));
    });
}

#[test]
fn credits_should_be_spent_when_an_answered_claim_is_closed() {
    run(|| {
        let study = ready();
        let id = granted(study, key(0, 0));
        assert_noop!(Research::close_claim(signed(9), id), Error::<Test>::TooEarly);
        committed(key(0, 0));
        let term: u64 = <Test as crate::Config>::ClaimTerm::get();
        set_time(now() + term - 1);
        assert_noop!(Research::close_claim(signed(9), id), Error::<Test>::TooEarly);
        set_time(now() + 1);
        assert_noop!(Research::close_claim(RuntimeOrigin::root(), id), DispatchError::BadOrigin);
        assert_ok!(Research::close_claim(signed(9), id));
        assert_event(Event::ClaimClosed { claim: id, answered: true });
        assert_eq!(Issuance::<Test>::get().spent, 100);
        assert_eq!(earnings(1), (900, 0, 0));
        assert_noop!(Research::close_claim(signed(9), id), Error::<Test>::UnknownClaim);
    });
}

#[test]
fn credits_should_be_given_back_and_rho_not_when_the_answer_does_not_come() {
    run(|| {
        let study = ready();
        let id = granted(study, key(0, 0));
        let answer = Research::answer(key(0, 0)).unwrap();
        set_time(answer.deadline - 1);
        assert_noop!(Research::close_claim(signed(9), id), Error::<Test>::TooEarly);
        set_time(answer.deadline);
        assert_ok!(Research::close_claim(signed(9), id));
        assert_event(Event::ClaimClosed { claim: id, answered: false });
        assert_eq!(earnings(1), (1_000, 0, 0));
        assert_eq!(ledger(0).lifetime, 5_000);
        let budget = Budget { year: 5_000, life: 5_000, left: 95_000 };
        assert_eq!(Research::research_budget(0), budget);
    });
}

#[test]
fn fee_should_be_held_and_go_to_the_provider_or_the_fund_or_back() {
    for (payee, paid) in [(Payee::Provider, account(1)), (Payee::Fund, Research::fund_account())] {
        run(|| {
            provider(1);
            researcher(2);
            let fee = Some(Fee { amount: 30, payee });
            plan(1, vec![TableSpec { fee, ..table(1_000, 10) }]);
            earn(2);
            let study = study(2);
            let before = Balances::free_balance(&paid);
            let first = granted(study, key(0, 0));
            assert_eq!(held(2), 30);
            committed(key(0, 0));
            let second = granted(study, key(0, 1));
            assert_eq!(held(2), 60);
            set_time(now() + 40 * DAY_MS);
            assert_ok!(Research::close_claim(signed(9), first));
            assert_eq!((held(2), Balances::free_balance(&paid)), (30, before + 30));
            assert_ok!(Research::close_claim(signed(9), second));
            assert_eq!((held(2), Balances::free_balance(&paid)), (0, before + 30));
        });
    }
}

#[test]
fn claiming_should_be_refused_and_take_nothing_when_the_fee_is_not_there() {
    run(|| {
        provider(1);
        researcher(2);
        let fee = Some(Fee { amount: 5_000, payee: Payee::Fund });
        plan(1, vec![TableSpec { fee, ..table(1_000, 10) }]);
        earn(2);
        let study = study(2);
        assert!(frame_support::storage::with_storage_layer(|| claim(study, 0)).is_err());
        assert_eq!(earnings(1), (1_000, 0, 0));
        assert_eq!(held(2), 0);
    });
}

#[test]
fn dispute_should_stop_the_closing_until_it_is_resolved() {
    run(|| {
        let study = ready();
        let id = granted(study, key(0, 0));
        assert_noop!(Research::dispute(signed(2), id, [1; 32]), Error::<Test>::NotAnswered);
        committed(key(0, 0));
        assert_noop!(Research::dispute(signed(1), id, [1; 32]), Error::<Test>::NotYours);
        assert_noop!(Research::dispute(signed(2), id + 1, [1; 32]), Error::<Test>::UnknownClaim);
        assert_noop!(Research::resolve(RuntimeOrigin::root(), id, true), Error::<Test>::NotInDispute);
        assert_ok!(Research::dispute(signed(2), id, [1; 32]));
        assert_event(Event::Disputed { claim: id });
        assert_noop!(Research::dispute(signed(2), id, [1; 32]), Error::<Test>::AlreadyDisputed);
        set_time(now() + 40 * DAY_MS);
        assert_noop!(Research::close_claim(signed(9), id), Error::<Test>::InDispute);
        for origin in [signed(1), signed(2), RuntimeOrigin::none()] {
            assert_noop!(Research::resolve(origin, id, true), DispatchError::BadOrigin);
        }
        assert_ok!(Research::resolve(RuntimeOrigin::root(), id, false));
        assert_event(Event::Resolved { claim: id, upheld: false });
        assert_eq!(Claims::<Test>::get(id).unwrap().status, ClaimStatus::Dismissed);
        assert_noop!(Research::dispute(signed(2), id, [1; 32]), Error::<Test>::AlreadyDisputed);
        assert_ok!(Research::close_claim(signed(9), id));
        assert_eq!(Issuance::<Test>::get().spent, 100);
    });
}

#[test]
fn credits_should_be_given_back_and_rho_not_when_a_dispute_is_upheld() {
    run(|| {
        let study = ready();
        let id = granted(study, key(0, 0));
        committed(key(0, 0));
        assert_ok!(Research::dispute(signed(2), id, [1; 32]));
        assert_ok!(Research::resolve(RuntimeOrigin::root(), id, true));
        assert_event(Event::Resolved { claim: id, upheld: true });
        assert_eq!(earnings(1), (1_000, 0, 0));
        assert_eq!(ledger(0).lifetime, 5_000);
        assert_eq!(Claims::<Test>::iter().count(), 0);
    });
}
