//! Data periods.

use core::{fmt, str::FromStr};

use crate::{
    date::Date,
    error::{quote, ParseError},
};

/// The days from which records are covered, both ends included, at least one of them set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    from: Option<Date>,
    to: Option<Date>,
}

impl Period {
    /// The period between two days; `None` if both ends are open or it ends before it starts.
    pub fn new(from: Option<Date>, to: Option<Date>) -> Option<Self> {
        let some = match (from, to) {
            (None, None) => false,
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        some.then_some(Self { from, to })
    }

    /// The first day, if it has one.
    pub const fn from(self) -> Option<Date> {
        self.from
    }

    /// The last day, if it has one.
    pub const fn to(self) -> Option<Date> {
        self.to
    }

    /// Whether `date` is in it.
    pub fn includes(self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }

    /// Whether all of its days are in `other`.
    pub fn within(self, other: Self) -> bool {
        let from = other.from.is_none_or(|outer| self.from.is_some_and(|inner| outer <= inner));
        let to = other.to.is_none_or(|outer| self.to.is_some_and(|inner| inner <= outer));
        from && to
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(from) = self.from {
            from.fmt(f)?;
        }
        f.write_str("..")?;
        if let Some(to) = self.to {
            to.fmt(f)?;
        }
        Ok(())
    }
}

impl FromStr for Period {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once("..").ok_or_else(|| ParseError::Period(quote(text)))?;
        let (from, to) = (end(from)?, end(to)?);
        let wrong =
            if from.is_none() && to.is_none() { ParseError::Period } else { ParseError::PeriodReversed };
        Self::new(from, to).ok_or_else(|| wrong(quote(text)))
    }
}

fn end(text: &str) -> Result<Option<Date>, ParseError> {
    if text.is_empty() {
        Ok(None)
    } else {
        text.parse().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{date, period};
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Period, ParseError> {
        text.parse()
    }

    #[test]
    fn period_should_include_both_ends() {
        let period = parse("2020-01-01..2020-01-03").unwrap();
        let includes = |text: &str| period.includes(text.parse().unwrap());
        assert!(includes("2020-01-01") && includes("2020-01-03"));
        assert!(!includes("2019-12-31") && !includes("2020-01-04"));
    }

    #[test]
    fn period_should_be_refused_when_not_canonical() {
        assert_eq!(parse(".."), Err(ParseError::Period("..".into())));
        assert_eq!(parse("2020-01-01"), Err(ParseError::Period("2020-01-01".into())));
        assert_eq!(
            parse("2020-01-02..2020-01-01"),
            Err(ParseError::PeriodReversed("2020-01-02..2020-01-01".into()))
        );
        assert_eq!(parse("2020..2021"), Err(ParseError::Date("2020".into())));
        assert_eq!(parse("2020-01-01...2020-01-02"), Err(ParseError::Date(".2020-01-02".into())));
        assert_eq!(parse("2020-01-01.."), Ok(Period { from: Date::new(2020, 1, 1), to: None }));
    }

    proptest! {
        #[test]
        fn period_should_return_unchanged_when_printed_and_parsed(period in period()) {
            prop_assert_eq!(period.to_string().parse(), Ok(period));
        }

        #[test]
        fn period_should_include_only_days_of_the_wider_when_within(a in period(), b in period(), c in period(), day in date()) {
            prop_assert!(a.within(a));
            prop_assert!(!(a.within(b) && a.includes(day)) || b.includes(day));
            prop_assert!(!(a.within(b) && b.within(c)) || a.within(c));
        }
    }
}
