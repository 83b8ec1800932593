//! The time of a decision.
//!
//! A block says what time it was when it was made; since then the monotonic clock has run. The local clock says something
//! too. Neither is trusted alone: what starts goes by the earlier, what ends by the later, and where they are too far
//! apart nothing is decided at all.

use medrec_policy::Clock;
use medrec_primitives::Moment;

use super::Unavailable;
use crate::{chain::Head, clock::Now};

/// The time by one block: its own, and what has passed since it was first seen.
pub fn chain_time(head: &Head, now: &Now) -> Moment {
    let since = now.monotonic.saturating_duration_since(head.imported);
    head.timestamp.saturating_add(Moment::try_from(since.as_millis()).unwrap_or(Moment::MAX))
}

/// One clock that spans the clocks of all blocks decided on, so that it is at least as careful as each of them.
pub fn clock<'a>(
    heads: impl IntoIterator<Item = &'a Head>,
    now: &Now,
    max_gap_ms: u64,
) -> Result<Clock, Unavailable> {
    let (mut earliest, mut latest) = (now.wall, now.wall);
    for head in heads {
        let chain = chain_time(head, now);
        if chain.abs_diff(now.wall) > max_gap_ms {
            return Err(Unavailable::ClockGap);
        }
        earliest = earliest.min(chain);
        latest = latest.max(chain);
    }
    Ok(Clock::between(earliest, latest))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::{Duration, Instant};

    use super::*;
    use crate::chain::Hash;

    fn head(timestamp: Moment, imported: Instant) -> Head {
        Head { hash: Hash::zero(), number: 1, timestamp, imported }
    }

    #[test]
    fn clock_should_add_what_passed_since_the_block_was_seen() {
        let imported = Instant::now();
        let now = Now { wall: 10_000, monotonic: imported + Duration::from_secs(2) };
        assert_eq!(
            clock(&[head(9_000, imported)], &now, 5_000).unwrap(),
            Clock { earliest: 10_000, latest: 11_000 }
        );
    }

    #[test]
    fn clock_should_span_all_blocks_when_there_are_several() {
        let at = Instant::now();
        let now = Now { wall: 10_000, monotonic: at };
        let heads = [head(9_500, at), head(9_000, at), head(12_000, at)];
        assert_eq!(clock(&heads, &now, 5_000).unwrap(), Clock { earliest: 9_000, latest: 12_000 });
    }

    #[test]
    fn clock_should_refuse_when_one_block_is_too_far_from_the_local_clock() {
        let at = Instant::now();
        let now = Now { wall: 100_000, monotonic: at };
        for timestamp in [89_999, 110_001] {
            let heads = [head(100_000, at), head(timestamp, at)];
            assert_eq!(clock(&heads, &now, 10_000), Err(Unavailable::ClockGap));
        }
        assert!(clock(&[head(90_000, at), head(110_000, at)], &now, 10_000).is_ok());
    }
}
