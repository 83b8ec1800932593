//! When the glass may be broken without the chain.

use std::time::Duration;

use medrec_policy::Clock;
use medrec_primitives::Moment;

use super::GLASS;
use crate::{
    chain::Head,
    clock::Now,
    config,
    decide::{clock, Tolerance},
};

/// When it may, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The time of a decision.
    pub clock: Clock,
    /// Until when what is broken now would be open (ms, by the local clock).
    pub until: Moment,
}

/// Why it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// It is switched off.
    #[error("this gatekeeper opens nothing without the chain")]
    Off,
    /// The chain can be reached.
    #[error("the chain can be reached: break the glass on it")]
    ChainThere,
    /// Nothing is known of the chain since the start.
    #[error("nothing is known of the chain since this gatekeeper started")]
    NothingKnown,
    /// The clocks do not agree with the last finalised block.
    #[error("the clocks do not agree with the last finalised block")]
    ClockWrong,
    /// The chain has been away for too long.
    #[error("the chain has been away for longer than emergencies may go on without it")]
    TooLong,
}

/// Whether the last finalised block is old enough for the chain to be lost, and young enough to be relied on in an emergency.
pub fn window(
    settings: &config::Emergency,
    tolerance: Tolerance,
    head: &Head,
    now: &Now,
) -> Result<Window, NotNow> {
    if settings.offline_hours == 0 {
        return Err(NotNow::Off);
    }
    let hours = Duration::from_secs(3600 * u64::from(settings.offline_hours));
    let age = now.monotonic.saturating_duration_since(head.imported);
    if age <= Duration::from_millis(tolerance.max_finality_age_ms) {
        return Err(NotNow::ChainThere);
    }
    // The local clock is held against the block's own time and what has passed since on a clock that cannot be set.
    let clock = clock::clock([head], now, tolerance.max_clock_gap_ms).map_err(|_| NotNow::ClockWrong)?;
    let left = hours.checked_sub(age).filter(|left| !left.is_zero()).ok_or(NotNow::TooLong)?;
    let left = Moment::try_from(left.as_millis()).unwrap_or(0).min(GLASS);
    Ok(Window { clock, until: now.wall.saturating_add(left) })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::chain::Hash;

    const START: Moment = 1_750_000_000_000;
    const HOUR: u64 = 3_600_000;

    fn at(age_ms: u64, wall: Moment, hours: u8) -> Result<Window, NotNow> {
        let imported = Instant::now();
        let head = Head { hash: Hash::zero(), number: 9, timestamp: START, imported };
        let now = Now { wall, monotonic: imported + Duration::from_millis(age_ms) };
        let tolerance = Tolerance { max_finality_age_ms: 60_000, max_clock_gap_ms: 30_000 };
        window(&config::Emergency { offline_hours: hours, ..Default::default() }, tolerance, &head, &now)
    }

    #[test]
    fn window_should_open_when_the_chain_is_lost_and_close_after_the_hours() {
        assert_eq!(at(60_000, START + 60_000, 4), Err(NotNow::ChainThere));
        let opened = at(60_001, START + 60_001, 4).map(|window| window.until);
        assert_eq!(opened, Ok(START + 4 * HOUR));
        let late = at(4 * HOUR - 1, START + 4 * HOUR - 1, 4).map(|window| window.until);
        assert_eq!(late, Ok(START + 4 * HOUR));
        assert_eq!(at(4 * HOUR, START + 4 * HOUR, 4), Err(NotNow::TooLong));
        // No longer than a glass on chain, however many hours there are.
        assert_eq!(at(61_000, START + 61_000, 6).map(|window| window.until), Ok(START + 61_000 + GLASS));
    }

    #[test]
    fn window_should_stay_closed_when_the_clock_is_wrong_or_it_is_switched_off() {
        for wrong in [START, START + HOUR - 30_001, START + HOUR + 30_001, 0, Moment::MAX] {
            assert_eq!(at(HOUR, wrong, 4), Err(NotNow::ClockWrong), "{wrong}");
        }
        assert!(at(HOUR, START + HOUR + 30_000, 4).is_ok());
        assert_eq!(at(HOUR, START + HOUR, 0), Err(NotNow::Off));
    }
}
