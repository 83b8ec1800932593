//! Terms as text.

use core::{fmt, str::FromStr};

use alloc::{sync::Arc, vec::Vec};
use medrec_primitives::StaffId;

use super::{Parts, Period, Terms};
use crate::{
    error::{quote, ParseError},
    list,
    purpose::Purpose,
    scope::Scope,
};

const PURPOSE: &str = "purpose";
const PERIOD: &str = "period";
const STAFF: &str = "staff";

/// The clauses, in the only order they may come in.
const ORDER: [&str; 3] = [PURPOSE, PERIOD, STAFF];

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.scopes().iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            scope.fmt(f)?;
        }
        if !self.purposes().is_empty() {
            write!(f, ";{PURPOSE}=")?;
            list::write_commas(f, self.purposes())?;
        }
        if let Some(period) = self.period() {
            write!(f, ";{PERIOD}={period}")?;
        }
        if !self.staff().is_empty() {
            write!(f, ";{STAFF}=")?;
            list::write_commas(f, self.staff())?;
        }
        Ok(())
    }
}

impl FromStr for Terms {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut clauses = text.split(';');
        let scopes = clauses.next().filter(|scopes| !scopes.is_empty()).ok_or(ParseError::NoScope)?;
        let scopes = list::read(scopes, ' ', str::parse::<Scope>, |(_, left), (_, right)| left.cmp(right))?;
        let mut parts = Parts { scopes, purposes: Vec::new(), period: None, staff: Vec::new() };
        let mut later = ORDER.iter();
        for clause in clauses {
            let unknown = || ParseError::UnknownClause(quote(clause));
            let (name, value) = clause.split_once('=').ok_or_else(unknown)?;
            if !ORDER.contains(&name) {
                return Err(unknown());
            }
            if !later.any(|later| *later == name) {
                return Err(ParseError::ClauseOrder(quote(clause)));
            }
            match name {
                PURPOSE => parts.purposes = list::read_commas(value, str::parse::<Purpose>)?,
                PERIOD => parts.period = Some(value.parse::<Period>()?),
                _ => parts.staff = list::read_commas(value, staff)?,
            }
        }
        Ok(Self(Arc::new(parts)))
    }
}

fn staff(text: &str) -> Result<StaffId, ParseError> {
    text.parse().map_err(|_| ParseError::Staff(quote(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::terms;
    use alloc::string::{String, ToString};
    use proptest::prelude::*;

    #[test]
    fn terms_should_return_unchanged_when_canonical() {
        for text in [
            "patient/*.rs",
            "patient/*.r patient/Observation.rs?category=laboratory&_elements=code,valueQuantity",
            "patient/Observation.rs;purpose=HPAYMT,TREAT;period=2020-01-01..;staff=s1-2,s1-10,s2-0",
            "patient/Observation.rs;period=..2020-12-31",
            "patient/Observation.rs;staff=s0-0",
        ] {
            assert_eq!(text.parse::<Terms>().map(|terms| terms.to_string()), Ok(String::from(text)));
        }
    }

    #[test]
    fn terms_should_say_what_is_wrong_when_not_canonical() {
        use ParseError::*;
        for (text, error) in [
            ("", NoScope),
            (";purpose=TREAT", NoScope),
            (" patient/*.r", Prefix("".into())),
            ("patient/*.r ", Prefix("".into())),
            ("patient/*.r  patient/Patient.r", Prefix("".into())),
            ("patient/*.r patient/*.r", Duplicate("patient/*.r".into())),
            (
                "patient/Patient.r patient/*.r",
                Unsorted { left: "patient/Patient.r".into(), right: "patient/*.r".into() },
            ),
            ("patient/*.r;", UnknownClause("".into())),
            ("patient/*.r;purpose", UnknownClause("purpose".into())),
            ("patient/*.r;Purpose=TREAT", UnknownClause("Purpose=TREAT".into())),
            ("patient/*.r; purpose=TREAT", UnknownClause(" purpose=TREAT".into())),
            ("patient/*.r;purpose=", Purpose("".into())),
            ("patient/*.r;purpose=TREAT,", Purpose("".into())),
            ("patient/*.r;purpose=FUN", Purpose("FUN".into())),
            ("patient/*.r;purpose=TREAT,HPAYMT", Unsorted { left: "TREAT".into(), right: "HPAYMT".into() }),
            ("patient/*.r;purpose=TREAT,TREAT", Duplicate("TREAT".into())),
            ("patient/*.r;purpose=TREAT;purpose=COC", ClauseOrder("purpose=COC".into())),
            ("patient/*.r;staff=s1-2;purpose=COC", ClauseOrder("purpose=COC".into())),
            ("patient/*.r;period=..", Period("..".into())),
            ("patient/*.r;staff=", Staff("".into())),
            ("patient/*.r;staff=r1-2", Staff("r1-2".into())),
            ("patient/*.r;staff=s1-02", Staff("s1-02".into())),
            ("patient/*.r;staff=s1-10,s1-2", Unsorted { left: "s1-10".into(), right: "s1-2".into() }),
            ("patient/*.r;staff=s1-2\0", Staff("s1-2\0".into())),
        ] {
            assert_eq!(text.parse::<Terms>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn terms_should_return_unchanged_when_printed_and_parsed(terms in terms()) {
            prop_assert_eq!(terms.to_string().parse(), Ok(terms));
        }

        #[test]
        fn terms_should_be_the_only_spelling_when_parsing_anything(text in ".*") {
            if let Ok(terms) = text.parse::<Terms>() {
                prop_assert_eq!(terms.to_string(), text);
            }
        }

        #[test]
        fn terms_should_be_the_only_spelling_when_parsing_what_looks_like_some(
            text in "( ?patient/(\\*|Patient|Observation)\\.[rs]{0,2}){0,2}(;(purpose=(TREAT|COC|X)?|period=(2020-01-01)?\\.\\.(2019-02-30|2021-01-01)?|staff=s[01]-[01](,s0-0)?)){0,3}"
        ) {
            if let Ok(terms) = text.parse::<Terms>() {
                prop_assert_eq!(terms.to_string(), text);
            }
        }
    }
}
