//! The ledger of rho, against what it says of any year and any life.

use proptest::prelude::*;

use crate::ledger::{Ledger, Limits, Refusal};

const LIMITS: Limits = Limits { window: 370, yearly: 100_000, lifetime: 1_000_000 };

#[test]
fn ledger_should_refuse_and_change_nothing_when_a_year_would_have_too_much() {
    let mut ledger = Ledger::default();
    assert_eq!(ledger.spend(1_000, 60_000, &LIMITS), Ok(1_000));
    assert_eq!(ledger.spend(1_001, 40_000, &LIMITS), Ok(1_001));
    let full = ledger.clone();
    assert_eq!(ledger.spend(1_369, 1, &LIMITS), Err(Refusal::Year));
    assert_eq!(ledger, full);
    assert_eq!(ledger.left(1_369, &LIMITS), 0);
    // On day 1,370 the first day's lies 370 days back.
    assert_eq!(ledger.left(1_370, &LIMITS), 60_000);
    assert_eq!(ledger.spend(1_370, 60_001, &LIMITS), Err(Refusal::Year));
    assert_eq!(ledger.spend(1_370, 60_000, &LIMITS), Ok(1_370));
}

#[test]
fn ledger_should_refuse_for_ever_when_a_life_is_spent() {
    let mut ledger = Ledger::default();
    for year in 0..10 {
        assert!(ledger.spend(year * 370, 100_000, &LIMITS).is_ok());
    }
    assert_eq!(ledger.spend(1_000_000, 1, &LIMITS), Err(Refusal::Lifetime));
    assert_eq!(ledger.left(1_000_000, &LIMITS), 0);
    assert_eq!(ledger.spend(1_000_000, u32::MAX, &LIMITS), Err(Refusal::Lifetime));
}

#[test]
fn ledger_should_charge_the_later_day_when_the_clock_goes_back() {
    let mut ledger = Ledger::default();
    assert_eq!(ledger.spend(1_000, 10, &LIMITS), Ok(1_000));
    assert_eq!(ledger.spend(900, 10, &LIMITS), Ok(1_000));
    assert_eq!(ledger.days.to_vec(), [(1_000, 20)]);
}

#[test]
fn ledger_should_have_room_for_a_spend_every_day_of_the_longest_window() {
    let limits = Limits { window: 400, yearly: 400, lifetime: u32::MAX };
    let mut ledger = Ledger::default();
    for day in 0..2_000 {
        assert_eq!(ledger.spend(day, 1, &limits), Ok(day), "{day}");
    }
    assert_eq!(ledger.days.len(), 400);
}

proptest! {
    /// Whatever is asked of it over decades, and whatever leaves up to four days after it was paid for: nothing that leaves within
    /// any 365 days costs more than a year may, and nothing in all more than a life.
    #[test]
    fn ledger_should_never_let_more_leave_than_a_year_and_a_life_may(
        asked in prop::collection::vec((0u64..40, 0u64..24, 1u32..30_000, 0u64..96, any::<bool>()), 1..200)
    ) {
        let mut ledger = Ledger::default();
        // In hours. What was paid for and timed out is asked for again sometimes.
        let (mut now, mut left): (u64, Vec<(u64, u32)>) = (24 * 1_000, Vec::new());
        let mut timed_out: Vec<(u32, u32)> = Vec::new();
        for (days, hours, rho, later, again) in asked {
            now += days * 24 + hours;
            let today = (now / 24) as u32;
            let retried = timed_out.last().copied().filter(|_| again);
            let paid = match retried {
                Some((day, rho)) => ledger.move_to(day, today, rho, &LIMITS).map(|day| (day, rho)),
                None => ledger.spend(today, rho, &LIMITS).map(|day| (day, rho)),
            };
            let Ok((day, rho)) = paid else { continue };
            if retried.is_some() {
                timed_out.pop();
            }
            if later > 90 {
                timed_out.push((day, rho));
            } else {
                left.push((now + later, rho));
            }
            prop_assert!(ledger.lifetime <= LIMITS.lifetime);
        }
        let life: u64 = left.iter().map(|(_, rho)| u64::from(*rho)).sum();
        prop_assert!(life <= u64::from(LIMITS.lifetime));
        for (start, _) in &left {
            let year: u64 = left
                .iter()
                .filter(|(at, _)| start <= at && *at < start + 365 * 24)
                .map(|(_, rho)| u64::from(*rho))
                .sum();
            prop_assert!(year <= u64::from(LIMITS.yearly), "{year} from hour {start}");
        }
    }
}
