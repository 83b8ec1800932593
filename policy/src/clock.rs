//! Two readings of the current time.

use medrec_primitives::Moment;

/// What the time may be: no earlier than one reading, no later than another.
///
/// What widens access starts by the earlier reading and ends by the later one; what narrows access starts by the
/// later and ends by the earlier. So a doubtful clock never opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The earlier reading (ms).
    pub earliest: Moment,
    /// The later reading (ms).
    pub latest: Moment,
}

impl Clock {
    /// A clock that is sure of the time.
    pub const fn at(now: Moment) -> Self {
        Self { earliest: now, latest: now }
    }

    /// A clock between two readings, in either order.
    pub fn between(one: Moment, other: Moment) -> Self {
        Self { earliest: one.min(other), latest: one.max(other) }
    }

    /// Whether it is certain that the time is at `not_before` or later, and before `not_after`.
    pub fn surely_within(&self, not_before: Option<Moment>, not_after: Option<Moment>) -> bool {
        let Self { earliest, latest } = self.ordered();
        not_before.is_none_or(|start| start <= earliest) && not_after.is_none_or(|end| latest < end)
    }

    /// Whether the time may be at `not_before` or later, and before `not_after`.
    pub fn maybe_within(&self, not_before: Option<Moment>, not_after: Option<Moment>) -> bool {
        let Self { earliest, latest } = self.ordered();
        not_before.is_none_or(|start| start <= latest) && not_after.is_none_or(|end| earliest < end)
    }

    /// The fields are open, so they may be the wrong way round, which must not widen anything.
    fn ordered(&self) -> Self {
        Self::between(self.earliest, self.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn clock_should_start_by_the_earlier_reading_when_sure() {
        assert!(Clock::between(10, 20).surely_within(Some(10), None));
        assert!(!Clock::between(10, 20).surely_within(Some(11), None));
    }

    #[test]
    fn clock_should_end_by_the_later_reading_when_sure() {
        assert!(Clock::between(10, 20).surely_within(None, Some(21)));
        assert!(!Clock::between(10, 20).surely_within(None, Some(20)));
    }

    #[test]
    fn clock_should_start_by_the_later_reading_when_unsure() {
        assert!(Clock::between(10, 20).maybe_within(Some(20), None));
        assert!(!Clock::between(10, 20).maybe_within(Some(21), None));
    }

    #[test]
    fn clock_should_end_by_the_earlier_reading_when_unsure() {
        assert!(Clock::between(10, 20).maybe_within(None, Some(11)));
        assert!(!Clock::between(10, 20).maybe_within(None, Some(10)));
    }

    #[test]
    fn clock_should_bind_nothing_when_dates_are_missing() {
        assert!(Clock::at(0).surely_within(None, None));
        assert!(Clock::at(Moment::MAX).maybe_within(None, None));
    }

    proptest! {
        #[test]
        fn clock_should_be_maybe_within_whenever_surely_within(
            earliest in 0..20u64, latest in 0..20u64,
            start in proptest::option::of(0..20u64), end in proptest::option::of(0..20u64),
        ) {
            let clock = Clock { earliest, latest };
            prop_assert!(!clock.surely_within(start, end) || clock.maybe_within(start, end));
        }

        #[test]
        fn clock_should_narrow_when_readings_part(
            now in 5..15u64, before in 0..5u64, after in 0..5u64,
            start in proptest::option::of(0..20u64), end in proptest::option::of(0..20u64),
        ) {
            let (sure, unsure) = (Clock::at(now), Clock::between(now - before, now + after));
            prop_assert!(!unsure.surely_within(start, end) || sure.surely_within(start, end));
            prop_assert!(!sure.maybe_within(start, end) || unsure.maybe_within(start, end));
        }
    }
}
