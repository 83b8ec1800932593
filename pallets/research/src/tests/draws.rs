//! The draw.

use std::collections::BTreeMap;

use frame_support::{assert_noop, assert_ok};
use medrec_primitives::DAY_MS;
use sp_runtime::DispatchError;

use crate::{mock::*, Claims, Draws, Entries, Error, Event, BEACON_EVERY};

/// Three researchers who each enter `claims` claims of their own to member 0, which answers two in a window.
fn rivals(claims: u16) {
    provider(1);
    for n in [2, 3, 4] {
        researcher(n);
    }
    plan(1, vec![table(5_000, 10)]);
    for n in [2, 3, 4] {
        author(n, 1);
    }
    set_time(START + 14 * DAY_MS);
    for n in [2u8, 3, 4] {
        let study = study(n);
        for epoch in 0..claims {
            let epoch = u16::from(n - 2) * claims + epoch;
            Research::claim(signed(n), study, key(0, epoch)).unwrap();
        }
    }
}

/// Whose claims were granted, and to which epochs.
fn winners() -> Vec<(u32, u16)> {
    let mut all: Vec<_> =
        Claims::<Test>::iter_values().map(|claim| (claim.researcher, claim.answer.epoch)).collect();
    all.sort();
    all
}

#[test]
fn claims_should_be_granted_when_the_beacon_has_changed_twice_after_the_window() {
    run(|| {
        let study = ready();
        assert_ok!(Research::claim(signed(2), study, key(0, 0)));
        let look = |said: u8| {
            set_beacon(Some([said; 32]));
            set_time(now() + BEACON_EVERY);
            idle();
            Claims::<Test>::iter().count()
        };
        // However often it changes while the window is open.
        for said in 1..5 {
            assert_eq!(look(said), 0);
        }
        set_time(now() + DAY_MS);
        assert_eq!(look(10), 0);
        assert_eq!(look(10), 0);
        assert_eq!(look(11), 0);
        assert_eq!(look(11), 0);
        // A minute's changes are one change.
        set_beacon(Some([12; 32]));
        idle();
        assert_eq!(Claims::<Test>::iter().count(), 0);
        assert_eq!(look(13), 1);
        let (researcher, answer) = (1, key(0, 0));
        System::assert_has_event(Event::Granted { claim: 0, researcher, answer }.into());
        assert_eq!(Draws::<Test>::get().waiting, 0);
    });
}

#[test]
fn nothing_should_be_drawn_when_there_is_no_beacon() {
    run(|| {
        let study = ready();
        assert_ok!(Research::claim(signed(2), study, key(0, 0)));
        set_time(now() + 2 * DAY_MS);
        set_beacon(None);
        for _ in 0..5 {
            set_time(now() + BEACON_EVERY);
            idle();
        }
        assert_eq!(Draws::<Test>::get().waiting, 1);
    });
}

#[test]
fn provider_should_be_asked_for_no_more_answers_than_it_may_in_one_window() {
    run(|| {
        rivals(1);
        draw();
        assert_eq!(winners().len(), 2);
        assert_eq!(ledger(0).lifetime, 10_000);
        // Who was not drawn has its credits again.
        let all: u32 = [1, 2, 3].into_iter().map(credits).sum();
        assert_eq!(all, 3 * 333 - 2 * 10);
    });
}

#[test]
fn draw_should_be_fair_when_more_is_claimed_than_answered() {
    let mut won: BTreeMap<u32, u32> = BTreeMap::new();
    for said in 0..150 {
        run(|| {
            rivals(1);
            draw_by(said);
            for (researcher, _) in winners() {
                *won.entry(researcher).or_default() += 1;
            }
        });
    }
    // Each wins two times in three: 100 of 150, standard deviation 5.8. Five of these either way.
    assert_eq!(won.values().sum::<u32>(), 300);
    assert!(won.len() == 3 && won.values().all(|n| (71..=129).contains(n)), "{won:?}");
}

#[test]
fn draw_should_end_alike_whoever_runs_it_and_in_how_many_steps() {
    let mut outcomes = Vec::new();
    for steps in [1u32, 2, 32] {
        run(|| {
            rivals(3);
            set_time(now() + DAY_MS);
            let run_draw = |said: u8| {
                set_beacon(Some([said; 32]));
                set_time(now() + BEACON_EVERY);
                Research::draw(signed(9), steps)
            };
            assert_ok!(run_draw(1));
            assert_ok!(run_draw(2));
            assert_ok!(run_draw(3));
            while Draws::<Test>::get().waiting > 0 {
                assert_ok!(Research::draw(signed(9), steps));
                check();
            }
            assert_noop!(Research::draw(signed(9), steps), Error::<Test>::NothingToDraw);
            outcomes.push(winners());
        });
    }
    assert_eq!(outcomes[0].len(), 2);
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
}

#[test]
fn drawing_should_be_refused_when_there_is_nothing_to_draw() {
    run(|| {
        let study = ready();
        assert_noop!(Research::draw(signed(9), 1), Error::<Test>::NothingToDraw);
        assert_ok!(Research::claim(signed(2), study, key(0, 0)));
        assert_noop!(Research::draw(signed(9), 1), Error::<Test>::NothingToDraw);
        set_time(now() + DAY_MS);
        assert_noop!(Research::draw(signed(9), 0), Error::<Test>::NothingToDraw);
        assert_noop!(Research::draw(RuntimeOrigin::root(), 1), DispatchError::BadOrigin);
        assert_ok!(Research::draw(signed(9), 1));
    });
}

#[test]
fn windows_should_be_drawn_in_their_order_each_by_a_seed_of_its_own() {
    run(|| {
        let study = ready();
        assert_ok!(Research::claim(signed(2), study, key(0, 0)));
        set_time(now() + DAY_MS);
        idle();
        assert_ok!(Research::claim(signed(2), study, key(0, 1)));
        set_time(now() + DAY_MS);
        let mut granted_after = Vec::new();
        for said in 1..9 {
            set_beacon(Some([said; 32]));
            set_time(now() + BEACON_EVERY);
            idle();
            granted_after.push(winners().len());
        }
        // The second window's two changes are counted from when the first was drawn.
        assert_eq!(granted_after, [0, 1, 1, 2, 2, 2, 2, 2]);
        assert_eq!(Entries::<Test>::iter().count(), 0);
    });
}

#[test]
fn claim_should_not_be_granted_when_what_it_stood_on_is_gone_at_the_draw() {
    for spoil in 0..4 {
        run(|| {
            let study = ready();
            assert_ok!(Research::claim(signed(2), study, key(0, 0)));
            assert_ok!(match spoil {
                0 => Research::end_study(signed(2), study),
                1 => Research::withdraw_table(signed(1), 0),
                2 => Registry::suspend(RuntimeOrigin::root(), 0),
                _ => Registry::suspend(RuntimeOrigin::root(), 1),
            });
            draw();
            assert_event(Event::NotGranted { researcher: 1, answer: key(0, 0) });
            assert_eq!(earnings(1), (1_000, 0, 0));
            assert_eq!(ledger(0).lifetime, 0);
        });
    }
}
