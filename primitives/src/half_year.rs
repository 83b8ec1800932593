//! Half-years, to which dates that would tell a birthday are rounded.

use crate::{Moment, DAY_MS};

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: u64 = 719_468;
/// Days in 400 years, after which the calendar repeats.
const ERA: u64 = 146_097;
/// Which day 1 July is of a year that starts on 1 March.
const FIRST_OF_JULY: u64 = 122;
/// Which day 1 January is of a year that starts on 1 March.
const FIRST_OF_JANUARY: u64 = 306;

/// Whether this is 1 January or 1 July, 00:00 UTC.
pub fn is_half_year(moment: Moment) -> bool {
    if !moment.is_multiple_of(DAY_MS) {
        return false;
    }
    // Howard Hinnant, "chrono-compatible low-level date algorithms". All numbers are small: nothing saturates.
    let day_of_era = (moment / DAY_MS).saturating_add(EPOCH) % ERA;
    let year_of_era = day_of_era
        .saturating_sub(day_of_era / 1460)
        .saturating_add(day_of_era / 36_524)
        .saturating_sub(day_of_era / 146_096)
        / 365;
    let before_year =
        year_of_era.saturating_mul(365).saturating_add(year_of_era / 4).saturating_sub(year_of_era / 100);
    matches!(day_of_era.saturating_sub(before_year), FIRST_OF_JULY | FIRST_OF_JANUARY)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days since 1970 of the first of January and July, counted month by month.
    fn starts(years: core::ops::Range<u64>) -> Vec<u64> {
        let (mut days, mut starts) = (0, Vec::new());
        for year in years {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            starts.push(days);
            starts.push(days + if leap { 182 } else { 181 });
            days += if leap { 366 } else { 365 };
        }
        starts
    }

    #[test]
    fn moment_should_be_a_half_year_only_when_it_starts_one() {
        let starts = starts(1970..2500);
        let found: Vec<u64> =
            (0..starts[starts.len() - 1] + 1).filter(|day| is_half_year(day * DAY_MS)).collect();
        assert_eq!(found, starts);
    }

    #[test]
    fn moment_should_be_no_half_year_when_a_millisecond_off() {
        // 2032-07-01.
        let start = 22_827 * DAY_MS;
        assert!(is_half_year(start));
        assert!(!is_half_year(start - 1));
        assert!(!is_half_year(start + 1));
        is_half_year(Moment::MAX);
    }
}
