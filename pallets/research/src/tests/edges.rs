//! The last moment of a year, and the first one after it.

use medrec_primitives::{
    research::{AnswerStatus, TableSpec},
    DAY_MS,
};

use crate::{mock::*, BEACON_EVERY, PLAN_TERM};

/// Draws the window that was open before, at this moment.
fn draw_at(moment: u64) {
    for (byte, before) in [(1, 2), (2, 1), (3, 0)] {
        set_beacon(Some([byte; 32]));
        set_time(moment - before * BEACON_EVERY);
        idle();
    }
}

/// A provider spends its whole year on one day; the next year's plan has one answer that costs as much. It is claimed, and drawn at the
/// moment `at` after the beginning of that day. Whether it was granted.
fn granted_when_drawn(at: u64) -> bool {
    let mut granted = false;
    run(|| {
        provider(1);
        let _ = researcher(2);
        plan(1, vec![TableSpec { epochs: 2, ..table(50_000, 10) }]);
        earn(2);
        let study = study(2);
        for epoch in [0, 1] {
            Research::claim(signed(2), study, key(0, epoch)).unwrap();
        }
        draw();
        let day = Research::answer(key(0, 0)).unwrap().day;
        assert_eq!(Research::answer(key(0, 1)).unwrap().day, day);
        assert_eq!(Research::research_budget(0).left, 0);

        // Credits of the first year are gone by then.
        set_time(START + PLAN_TERM - 14 * DAY_MS);
        earn(2);
        set_time(START + PLAN_TERM);
        plan(1, vec![TableSpec { epochs: 1, ..table(100_000, 10) }]);
        let at = u64::from(day) * DAY_MS + at;
        // Claimed the day before.
        set_time(at / DAY_MS * DAY_MS - DAY_MS);
        let before = credits(1);
        Research::claim(signed(2), study, key(1, 0)).unwrap();
        draw_at(at);
        check();
        granted = Research::answer(key(1, 0)).is_some();
        assert_eq!(before - credits(1), if granted { 10 } else { 0 }, "what is not granted is given back");
        assert!(Research::research_budget(0).year <= 100_000);
    });
    granted
}

#[test]
fn answer_should_be_granted_from_the_first_moment_that_a_year_has_room_and_no_sooner() {
    // 365 days in full, one for rounding, four for the time between payment and commitment.
    let window = 370 * DAY_MS;
    assert!(!granted_when_drawn(window - DAY_MS / 2));
    assert!(!granted_when_drawn(window - 1));
    assert!(granted_when_drawn(window + DAY_MS / 2));
}

#[test]
fn credits_should_be_neither_made_nor_lost_when_everything_happens_at_the_edge_of_an_era() {
    run(|| {
        let study = ready();
        let era = 7 * DAY_MS;
        let edge = (now() / era + 1) * era;
        set_time(edge - 1);
        author(2, 3);
        Research::claim(signed(2), study, key(0, 0)).unwrap();
        let (spendable, aside, blocks) = earnings(1);
        assert_eq!((aside, blocks), (100, 3));
        set_time(edge);
        // The era's pool is there, once, and whoever looks or claims at that moment changes nothing of it.
        assert_eq!(earnings(1), (spendable + 1_000, 100, 0));
        author(2, 1);
        assert_eq!(earnings(1), (spendable + 1_000, 100, 1));
        Research::claim(signed(2), study, key(0, 1)).unwrap();
        assert_eq!(earnings(1), (spendable + 900, 200, 1));
        check();
    });
}

#[test]
fn answer_should_have_one_commitment_when_several_gatekeepers_commit_at_the_edge_of_its_time() {
    run(|| {
        let study = ready();
        granted(study, key(0, 0));
        let due = Research::answer(key(0, 0)).unwrap().due;
        set_time(due);
        // A thousand gatekeepers of one provider, each with noise of its own, from both of its keys.
        let commit = |n: u16| {
            let signer = if n.is_multiple_of(2) { signed(1) } else { signed(101) };
            Research::commit(signer, 0, 0, [n as u8; 32]).is_ok()
        };
        assert_eq!((7..1_007).filter(|n| commit(*n)).count(), 1);
        let status = Research::answer(key(0, 0)).unwrap().status;
        assert_eq!(status, AnswerStatus::Committed { commitment: [7; 32], at: due });
        assert_eq!(ledger(0).lifetime, 5_000);
    });
}
