//! Bounties that anchors carry.

use frame_support::{assert_ok, BoundedVec};
use medrec_primitives::{research::AnswerStatus, DAY_MS};
use pallet_access::OnAnchored;

use crate::{mock::*, Claims, Draws, Event, Plans};

/// A provider behind account 1 whose anchors carry its one table; researchers behind accounts 2 and 3 who have made 3 blocks and 1
/// in the running era, the first of whom takes bounties.
fn carrying() {
    provider(1);
    researcher(2);
    researcher(3);
    let tables = BoundedVec::truncate_from(vec![table(5_000, 10)]);
    Research::publish_plan(signed(1), START, tables, Some(0)).unwrap();
    author(2, 3);
    author(3, 1);
    let study = study(2);
    Research::set_bounty_study(signed(2), Some(study)).unwrap();
}

fn anchor() {
    Research::on_anchored(0, 0);
}

#[test]
fn anchor_should_carry_each_epoch_once_when_it_is_over() {
    run(|| {
        carrying();
        anchor();
        assert_eq!(Draws::<Test>::get().waiting, 0);
        set_time(START + DAY_MS);
        anchor();
        assert_event(Event::BountyCarried { answer: key(0, 0) });
        anchor();
        assert_eq!(Draws::<Test>::get().waiting, 1);
        assert_eq!(Plans::<Test>::get(0).unwrap().bounty, Some((0, 1)));
        set_time(START + 4 * DAY_MS);
        anchor();
        anchor();
        assert_eq!(Draws::<Test>::get().waiting, 3);
        // Of a provider without a plan, or a plan without one, nothing.
        Research::on_anchored(7, 0);
        assert_eq!(Draws::<Test>::get().waiting, 3);
    });
}

#[test]
fn bounty_should_go_to_one_of_the_eras_authors_by_blocks() {
    let mut granted = 0;
    for said in 0..100 {
        run(|| {
            carrying();
            set_time(START + DAY_MS);
            anchor();
            draw_by(said);
            let claims: Vec<_> = Claims::<Test>::iter_values().collect();
            for claim in &claims {
                assert_eq!((claim.researcher, claim.credits, claim.answer), (1, 0, key(0, 0)));
                assert_eq!(Research::answer(key(0, 0)).unwrap().status, AnswerStatus::Awaited);
            }
            // Who has named no study gets none, and no rho is spent for it.
            assert_eq!(ledger(0).lifetime, 5_000 * claims.len() as u32);
            granted += claims.len();
        });
    }
    // Three blocks of four: 75 of 100, standard deviation 4.3. Five of these either way.
    assert!((54..=96).contains(&granted), "{granted}");
}

#[test]
fn bounty_should_be_closed_like_any_claim_and_cost_no_credits() {
    run(|| {
        carrying();
        assert_ok!(Research::remove_collator(signed(3), account(213)));
        let study = study(3);
        assert_ok!(Research::set_bounty_study(signed(3), Some(study)));
        set_time(START + DAY_MS);
        anchor();
        draw();
        assert_eq!(Claims::<Test>::iter().count(), 1);
        committed(key(0, 0));
        set_time(now() + 31 * DAY_MS);
        assert_ok!(Research::close_claim(signed(9), 0));
        assert_eq!(crate::Issuance::<Test>::get().spent, 0);
    });
}

#[test]
fn anchor_should_carry_nothing_when_nobody_has_authored_in_the_era() {
    run(|| {
        carrying();
        set_time(START + 8 * DAY_MS);
        anchor();
        assert_eq!(Draws::<Test>::get().waiting, 0);
        assert_eq!(Plans::<Test>::get(0).unwrap().bounty, Some((0, 0)));
        author(3, 1);
        anchor();
        assert_eq!(Draws::<Test>::get().waiting, 1);
    });
}

#[test]
fn anchor_should_carry_nothing_when_the_table_was_withdrawn() {
    run(|| {
        carrying();
        set_time(START + DAY_MS);
        assert_ok!(Research::withdraw_table(signed(1), 0));
        anchor();
        assert_eq!(Draws::<Test>::get().waiting, 0);
    });
}
