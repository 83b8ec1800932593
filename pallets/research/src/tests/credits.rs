//! Credits.

use frame_support::{assert_noop, assert_ok};
use medrec_primitives::DAY_MS;
use pallet_authorship::EventHandler;

use crate::{mock::*, Authors, EraTotals, Error, Event, Issuance, Purses, WorkOf, AUTHORS_KEPT};

/// How long an era is (ms).
const ERA: u64 = 7 * DAY_MS;

#[test]
fn pool_should_be_shared_by_blocks_when_the_era_is_over() {
    run(|| {
        let (two, three) = (researcher(2), researcher(3));
        author(2, 1);
        author(3, 2);
        assert_eq!((credits(two), credits(three)), (0, 0));
        set_time(START + ERA - 1);
        assert_eq!(credits(two), 0);
        set_time(START + ERA);
        // What does not divide is nobody's.
        assert_eq!((credits(two), credits(three)), (333, 666));
        // Seeing is not getting, and getting changes nothing that was seen.
        assert_eq!(Issuance::<Test>::get().minted, 0);
        author(2, 1);
        assert_eq!(Issuance::<Test>::get().minted, 333);
        assert_eq!((credits(two), earnings(two).2), (333, 1));
    });
}

#[test]
fn earning_should_say_so_when_blocks_become_credits() {
    run(|| {
        let id = researcher(2);
        earn(2);
        let era = Research::current_era() - 1;
        author(2, 1);
        assert_event(Event::Earned { researcher: id, era, credits: 1_000 });
    });
}

#[test]
fn blocks_should_earn_nothing_when_not_by_a_researchers_approved_collator() {
    run(|| {
        let id = researcher(2);
        assert_ok!(Research::register_collator(signed(2), account(77)));
        for key in [77, 201, 2] {
            <Research as EventHandler<_, u64>>::note_author(account(key));
        }
        assert_eq!(WorkOf::<Test>::iter().count(), 0);
        author(2, 1);
        assert_ok!(Registry::suspend(RuntimeOrigin::root(), id));
        author(2, 5);
        assert_eq!(WorkOf::<Test>::get(id).blocks, 1);
        assert_ok!(Research::remove_collator(RuntimeOrigin::root(), account(212)));
        author(2, 5);
        assert_eq!(EraTotals::<Test>::iter_values().map(|total| total.blocks).sum::<u32>(), 1);
    });
}

#[test]
fn block_should_cost_the_same_work_whatever_the_past() {
    run(|| {
        let id = researcher(2);
        for _ in 0..20 {
            author(2, 3);
            set_time(now() + ERA);
        }
        author(2, AUTHORS_KEPT + 5);
        assert!(Purses::<Test>::get(id).lots.len() <= 9);
        assert!(EraTotals::<Test>::iter().count() <= 10);
        assert!(Authors::<Test>::iter().count() as u32 <= AUTHORS_KEPT + 3);
    });
}

#[test]
fn purse_should_be_full_when_the_cap_is_reached() {
    run(|| {
        let id = researcher(2);
        for _ in 0..4 {
            earn(2);
        }
        author(2, 1);
        assert_eq!(credits(id), 3_000);
        assert_eq!(Issuance::<Test>::get().minted, 3_000);
    });
}

#[test]
fn credits_should_expire_when_their_eras_are_over() {
    run(|| {
        let id = researcher(2);
        earn(2);
        author(2, 1);
        set_time(START + 8 * ERA);
        assert_eq!(credits(id), 2_000);
        set_time(START + 9 * ERA);
        assert_eq!(credits(id), 1_000);
        author(2, 1);
        assert_eq!(Issuance::<Test>::get().expired, 1_000);
        set_time(START + 40 * ERA);
        assert_eq!(credits(id), 0);
        check();
        // Blocks of an era that is so long over are worth nothing any more.
        author(2, 1);
        assert_eq!(credits(id), 0);
    });
}

#[test]
fn oldest_credits_should_be_spent_first() {
    run(|| {
        provider(1);
        let id = researcher(2);
        plan(1, vec![table(1_000, 1_200)]);
        earn(2);
        earn(2);
        let study = study(2);
        assert_ok!(Research::claim(signed(2), study, key(0, 0)));
        let lots = Purses::<Test>::get(id).lots;
        assert_eq!(lots.iter().map(|lot| lot.credits).collect::<Vec<_>>(), [800]);
        assert_eq!(lots[0].era, Research::current_era() - 1);
        assert_eq!(earnings(id), (800, 1_200, 0));
        assert_noop!(Research::claim(signed(2), study, key(0, 1)), Error::<Test>::NotEnoughCredits);
    });
}

#[test]
fn what_is_given_back_should_last_as_its_oldest_part_or_some_eras() {
    run(|| {
        let study = ready();
        let id = 1;
        // The lot is of the first era, and would expire after the ninth.
        set_time(START + 8 * ERA + ERA / 2);
        let claim = granted(study, key(0, 0));
        set_time(now() + 4 * DAY_MS);
        assert_eq!(credits(id), 0);
        assert_ok!(Research::close_claim(signed(9), claim));
        assert_event(Event::ClaimClosed { claim, answered: false });
        assert_eq!(credits(id), 100);
        let era = Research::current_era();
        set_time((u64::from(era) + 4) * ERA);
        assert_eq!(credits(id), 100);
        set_time((u64::from(era) + 5) * ERA);
        assert_eq!(credits(id), 0);
    });
}
