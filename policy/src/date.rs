//! Days.

use core::{fmt, str::FromStr};

use crate::error::{quote, ParseError};

/// A day of the Gregorian calendar in the years 0001 to 9999, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;
/// Days in 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;

impl Date {
    /// 0001-01-01.
    pub const FIRST: Self = Self(-719_162);
    /// 9999-12-31.
    pub const LAST: Self = Self(2_932_896);

    /// The day that is `days` after 1970-01-01, if its year has four digits and is not 0.
    pub fn from_days(days: i32) -> Option<Self> {
        (Self::FIRST.0..=Self::LAST.0).contains(&days).then_some(Self(days))
    }

    /// The day with this year, month (from 1) and day of the month (from 1), if there is one.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let valid = (1..=9999).contains(&year) && (1..=month_days(year, month)?).contains(&day);
        if !valid {
            return None;
        }
        // Years that start in March put the leap day last (Howard Hinnant, "chrono-compatible low-level date
        // algorithms"). All numbers are small: nothing saturates.
        let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
        let shifted_year = if month <= 2 { year.saturating_sub(1) } else { year };
        let shifted_month = month.saturating_add(9) % 12;
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let day_of_year =
            (shifted_month.saturating_mul(153).saturating_add(2) / 5).saturating_add(day).saturating_sub(1);
        let day_of_era = year_of_era
            .saturating_mul(365)
            .saturating_add(year_of_era / 4)
            .saturating_sub(year_of_era / 100)
            .saturating_add(day_of_year);
        let days = era.saturating_mul(ERA).saturating_add(day_of_era).saturating_sub(EPOCH);
        i32::try_from(days).ok().and_then(Self::from_days)
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// Year, month (from 1) and day of the month (from 1).
    pub fn year_month_day(self) -> (i64, i64, i64) {
        let days = i64::from(self.0).saturating_add(EPOCH);
        let era = days.div_euclid(ERA);
        let day_of_era = days.rem_euclid(ERA);
        let year_of_era = day_of_era
            .saturating_sub(day_of_era / 1460)
            .saturating_add(day_of_era / 36_524)
            .saturating_sub(day_of_era / 146_096)
            / 365;
        let before_year =
            year_of_era.saturating_mul(365).saturating_add(year_of_era / 4).saturating_sub(year_of_era / 100);
        let day_of_year = day_of_era.saturating_sub(before_year);
        let shifted_month = day_of_year.saturating_mul(5).saturating_add(2) / 153;
        let before_month = shifted_month.saturating_mul(153).saturating_add(2) / 5;
        let day = day_of_year.saturating_sub(before_month).saturating_add(1);
        let month = if shifted_month < 10 {
            shifted_month.saturating_add(3)
        } else {
            shifted_month.saturating_sub(9)
        };
        let year = era.saturating_mul(400).saturating_add(year_of_era).saturating_add(i64::from(month <= 2));
        (year, month, day)
    }
}

/// How many days a month has; `None` if there is no such month.
fn month_days(year: u16, month: u8) -> Option<u8> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.year_month_day();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or_else(|| ParseError::Date(quote(text)))
    }
}

fn read(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let shape = parts.next().is_none() && (year.len(), month.len(), day.len()) == (4, 2, 2);
    let digits = [year, month, day].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !shape || !digits {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn date_should_count_from_1970_when_parsed() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-11-22", 20_779),
            ("0001-01-01", Date::FIRST.days()),
            ("9999-12-31", Date::LAST.days()),
        ] {
            assert_eq!(text.parse::<Date>().map(Date::days), Ok(days), "{text}");
        }
    }

    #[test]
    fn date_should_return_unchanged_when_printed_and_parsed() {
        for days in (Date::FIRST.days()..=Date::LAST.days()).step_by(97) {
            let date = Date::from_days(days).unwrap();
            assert_eq!(date.to_string().parse(), Ok(date));
        }
    }

    #[test]
    fn date_should_follow_the_calendar_day_by_day() {
        // The calendar repeats after 400 years.
        let mut days = Date::new(1800, 1, 1).unwrap().days();
        for year in 1800..2200 {
            for month in 1..=12 {
                for day in 1..=month_days(year, month).unwrap() {
                    let date = Date::new(year, month, day).unwrap();
                    assert_eq!(date.days(), days);
                    assert_eq!(date.year_month_day(), (year.into(), month.into(), day.into()));
                    days += 1;
                }
            }
        }
    }

    #[test]
    fn date_should_be_refused_when_not_a_day() {
        for text in [
            "",
            "1970",
            "1970-01",
            "1970-1-1",
            "1970-00-01",
            "1970-13-01",
            "1970-01-00",
            "1970-01-32",
            "1970-02-29",
            "1900-02-29",
            "2023-04-31",
            "0000-01-01",
            "10000-01-01",
            "-001-01-01",
            "+970-01-01",
            "1970-01-01T00:00",
            "1970-01-01-01",
            "1970/01/01",
            " 1970-01-01",
            "１970-01-01",
        ] {
            assert_eq!(text.parse::<Date>(), Err(ParseError::Date(quote(text))), "{text}");
        }
    }

    #[test]
    fn date_should_be_refused_when_days_are_beyond_the_calendar() {
        for days in [i32::MIN, Date::FIRST.days() - 1, Date::LAST.days() + 1, i32::MAX] {
            assert_eq!(Date::from_days(days), None);
        }
    }
}
