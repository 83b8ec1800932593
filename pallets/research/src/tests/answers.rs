//! Answers: asked for, committed to, lost.

use frame_support::{assert_noop, assert_ok};
use medrec_primitives::{research::AnswerStatus, DAY_MS};
use sp_runtime::DispatchError;

use crate::{mock::*, Error, Event};

#[test]
fn answer_should_be_due_at_the_second_fixed_time_after_it_was_asked_for() {
    run(|| {
        let study = ready();
        granted(study, key(0, 0));
        let answer = Research::answer(key(0, 0)).unwrap();
        assert_eq!(answer.due, (now() / DAY_MS + 2) * DAY_MS);
        assert_eq!(answer.deadline, answer.due + DAY_MS);
        assert_eq!((answer.rho, answer.attempt, answer.status), (5_000, 1, AnswerStatus::Awaited));
        assert_eq!(u64::from(answer.day), now() / DAY_MS);
    });
}

#[test]
fn first_commitment_should_count_when_made_in_time() {
    run(|| {
        let study = ready();
        granted(study, key(0, 0));
        let answer = Research::answer(key(0, 0)).unwrap();
        let commit = |n, byte| Research::commit(signed(n), 0, 0, [byte; 32]);
        assert_noop!(commit(1, 8), Error::<Test>::TooEarly);
        set_time(answer.due - 1);
        assert_noop!(commit(1, 8), Error::<Test>::TooEarly);
        set_time(answer.deadline);
        assert_noop!(commit(1, 8), Error::<Test>::TooLate);
        set_time(answer.deadline - 1);
        // One gatekeeper of two is first.
        assert_ok!(commit(101, 8));
        assert_event(Event::Committed { answer: key(0, 0), commitment: [8; 32] });
        assert_noop!(commit(1, 9), Error::<Test>::AlreadyCommitted);
        let status = AnswerStatus::Committed { commitment: [8; 32], at: answer.deadline - 1 };
        assert_eq!(Research::answer(key(0, 0)).unwrap().status, status);
    });
}

#[test]
fn committing_should_be_refused_when_nobody_asked_or_another_signs() {
    run(|| {
        let study = ready();
        assert_noop!(Research::commit(signed(1), 0, 0, [8; 32]), Error::<Test>::NotAskedFor);
        granted(study, key(0, 0));
        set_time(Research::answer(key(0, 0)).unwrap().due);
        provider(3);
        assert_noop!(Research::commit(signed(3), 0, 0, [8; 32]), Error::<Test>::NotAskedFor);
        assert_noop!(Research::commit(signed(2), 0, 0, [8; 32]), pallet_registry::Error::<Test>::WrongStatus);
        assert_noop!(Research::commit(signed(9), 0, 0, [8; 32]), pallet_registry::Error::<Test>::NotAMember);
        assert_noop!(Research::commit(RuntimeOrigin::root(), 0, 0, [8; 32]), DispatchError::BadOrigin);
        assert_noop!(Research::commit(signed(1), 0, 1, [8; 32]), Error::<Test>::NotAskedFor);
    });
}

#[test]
fn later_claims_should_pay_no_rho_when_there_is_an_answer_or_will_be() {
    run(|| {
        let study = ready();
        granted(study, key(0, 0));
        let first = ledger(0);
        let while_awaited = granted(study, key(0, 0));
        committed(key(0, 0));
        let after_commitment = granted(study, key(0, 0));
        assert_eq!(ledger(0), first);
        assert_eq!(Research::answer(key(0, 0)).unwrap().attempt, 1);
        for claim in [while_awaited, after_commitment] {
            assert_noop!(Research::close_claim(signed(9), claim), Error::<Test>::TooEarly);
        }
        granted(study, key(0, 1));
        assert_eq!(ledger(0).lifetime, 10_000);
    });
}

#[test]
fn retry_should_pay_no_rho_but_let_it_count_from_then_when_the_answer_did_not_come() {
    run(|| {
        let study = ready();
        let first = granted(study, key(0, 0));
        let day = Research::answer(key(0, 0)).unwrap().day;
        assert_eq!(ledger(0).days.to_vec(), [(day, 5_000)]);
        set_time(now() + 10 * DAY_MS);
        let second = granted(study, key(0, 0));
        let answer = Research::answer(key(0, 0)).unwrap();
        assert_eq!((answer.attempt, answer.day), (2, day + 11));
        assert_eq!(ledger(0).lifetime, 5_000);
        assert_eq!(ledger(0).days.to_vec(), [(day + 11, 5_000)]);
        // The first claim was for an answer that did not come: it is given back, whatever comes of the second.
        committed(key(0, 0));
        assert_ok!(Research::close_claim(signed(9), first));
        assert_event(Event::ClaimClosed { claim: first, answered: false });
        assert_noop!(Research::close_claim(signed(9), second), Error::<Test>::TooEarly);
    });
}

#[test]
fn answer_should_never_come_when_it_was_lost() {
    run(|| {
        let study = ready();
        assert_noop!(Research::declare_lost(signed(1), 0, 0), Error::<Test>::NotAskedFor);
        let claim = granted(study, key(0, 0));
        committed(key(0, 0));
        assert_noop!(Research::declare_lost(signed(2), 0, 0), pallet_registry::Error::<Test>::WrongStatus);
        assert_ok!(Research::claim(signed(2), study, key(0, 0)));
        assert_ok!(Research::declare_lost(signed(101), 0, 0));
        assert_event(Event::AnswerLost { answer: key(0, 0) });
        assert_noop!(Research::declare_lost(signed(1), 0, 0), Error::<Test>::AnswerFailed);
        assert_noop!(Research::commit(signed(1), 0, 0, [8; 32]), Error::<Test>::AnswerFailed);
        assert_noop!(Research::claim(signed(2), study, key(0, 0)), Error::<Test>::AnswerFailed);
        // The claim that waited is not granted, the one that was granted is given back.
        draw();
        assert_event(Event::NotGranted { researcher: 1, answer: key(0, 0) });
        assert_ok!(Research::close_claim(signed(9), claim));
        assert_eq!(earnings(1), (1_000, 0, 0));
        assert_eq!(ledger(0).lifetime, 5_000);
    });
}

#[test]
fn answers_should_be_paged_by_epoch() {
    run(|| {
        let study = ready();
        granted(study, key(0, 4));
        granted(study, key(0, 2));
        let epochs = |start, count| {
            Research::answers(0, 0, start, count).into_iter().map(|(epoch, _)| epoch).collect::<Vec<_>>()
        };
        assert_eq!(epochs(0, 100), [2, 4]);
        assert_eq!(epochs(3, 100), [4]);
        assert_eq!(epochs(0, 3), [2]);
        assert!(epochs(10, 100).is_empty() && Research::answers(9, 0, 0, 10).is_empty());
    });
}
