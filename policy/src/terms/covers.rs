//! What terms cover, and when they cover all that others do.

use medrec_primitives::StaffId;

use super::Terms;
use crate::{
    date::Date,
    mask::ElementMask,
    purpose::Purpose,
    row::Row,
    scope::{Action, Scope},
};

impl Terms {
    /// Whether some scope is about this action on this type.
    pub fn covers(&self, action: Action, resource_type: &str) -> bool {
        self.scopes().iter().any(|scope| scope.covers(action, resource_type))
    }

    /// Whether the purposes name `purpose`.
    pub fn names_purpose(&self, purpose: Purpose) -> bool {
        self.purposes().contains(&purpose)
    }

    /// Whether the staff is not limited, or named with `person`.
    pub(crate) fn admits_staff(&self, person: Option<StaffId>) -> bool {
        self.staff().is_empty() || person.is_some_and(|person| self.staff().contains(&person))
    }

    /// Whether they take away every row and element of this type, for this action, when they deny.
    pub(crate) fn denies_all(&self, action: Action, resource_type: &str) -> bool {
        self.period().is_none() && self.scopes().iter().any(|scope| scope.denies_all(action, resource_type))
    }

    /// What of `row` they cover for `action` when they allow. A row without a date is outside every period.
    pub fn allowed(&self, action: Action, row: &Row<'_>) -> ElementMask {
        if self.dates(row, false) {
            self.union(|scope| scope.allowed(action, row))
        } else {
            ElementMask::Nothing
        }
    }

    /// What of `row` they cover for `action` when they deny. A row without a date is within every period.
    pub fn denied(&self, action: Action, row: &Row<'_>) -> ElementMask {
        if self.dates(row, true) {
            self.union(|scope| scope.denied(action, row))
        } else {
            ElementMask::Nothing
        }
    }

    fn dates(&self, row: &Row<'_>, undated: bool) -> bool {
        self.period().is_none_or(|period| row.date.map_or(undated, |date: Date| period.includes(date)))
    }

    fn union(&self, mask: impl Fn(&Scope) -> ElementMask) -> ElementMask {
        self.scopes().iter().fold(ElementMask::Nothing, |union, scope| match union {
            ElementMask::All => union,
            _ => union.union(&mask(scope)),
        })
    }

    /// Whether, as allowing terms, these cover all that `other` covers, for whoever and whatever for.
    pub fn contains(&self, other: &Self) -> bool {
        let staff = self.staff().is_empty()
            || (!other.staff().is_empty()
                && other.staff().iter().all(|person| self.staff().contains(person)));
        let period = match (other.period(), self.period()) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(inner), Some(outer)) => inner.within(outer),
        };
        staff
            && period
            && other.purposes().iter().all(|purpose| self.names_purpose(*purpose))
            && other.scopes().iter().all(|inner| self.scopes().iter().any(|outer| outer.contains(inner)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, terms, terms_pair};
    use proptest::prelude::*;

    fn terms_of(text: &str) -> Terms {
        text.parse().unwrap()
    }

    #[test]
    fn terms_should_allow_no_undated_row_and_deny_it_when_they_have_a_period() {
        let terms = terms_of("patient/*.r;period=2020-01-01..");
        let row =
            |date: Option<&str>| Row { date: date.map(|date| date.parse().unwrap()), ..Row::of("Patient") };
        for (date, allowed, denied) in
            [(None, false, true), (Some("2020-01-01"), true, true), (Some("2019-12-31"), false, false)]
        {
            assert_eq!(!terms.allowed(Action::Read, &row(date)).is_nothing(), allowed, "{date:?}");
            assert_eq!(!terms.denied(Action::Read, &row(date)).is_nothing(), denied, "{date:?}");
        }
    }

    #[test]
    fn terms_should_join_their_scopes_with_this_action_only() {
        let terms = terms_of(
            "patient/*.r?_elements=code patient/*.rs?_elements=status patient/Condition.r?_elements=note",
        );
        let mask = |action| terms.allowed(action, &Row::of("Observation"));
        assert_eq!(mask(Action::Read), ElementMask::Paths("code,status".parse().unwrap()));
        assert_eq!(mask(Action::Search), ElementMask::Paths("status".parse().unwrap()));
        assert_eq!(mask(Action::Create), ElementMask::Nothing);
    }

    #[test]
    fn terms_should_contain_others_when_no_narrower() {
        for (outer, inner, contained) in [
            ("patient/*.r;purpose=COC,TREAT", "patient/Patient.r;purpose=TREAT", true),
            ("patient/*.r;purpose=TREAT", "patient/Patient.r;purpose=COC", false),
            ("patient/*.r", "patient/*.r;staff=s1-1", true),
            ("patient/*.r;staff=s1-1", "patient/*.r", false),
            ("patient/*.r;staff=s1-1,s1-2", "patient/*.r;staff=s1-2", true),
            ("patient/*.r;period=2020-01-01..", "patient/*.r", false),
            ("patient/*.r;period=2020-01-01..", "patient/*.r;period=2020-01-01..2021-01-01", true),
            ("patient/*.r;period=2020-01-01..", "patient/*.r;period=..2021-01-01", false),
            ("patient/Condition.r patient/Patient.r", "patient/Patient.r", true),
            ("patient/Patient.r", "patient/Condition.r patient/Patient.r", false),
        ] {
            assert_eq!(terms_of(outer).contains(&terms_of(inner)), contained, "{inner} <= {outer}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn containment_should_be_sound_against_masks((inner, outer) in terms_pair(), row in row()) {
            if outer.contains(&inner) {
                let row = row.borrow();
                for action in Action::ALL {
                    prop_assert!(inner.allowed(action, &row.row()).within(&outer.allowed(action, &row.row())));
                    prop_assert!(!inner.covers(action, row.row().resource_type) || outer.covers(action, row.row().resource_type));
                }
                prop_assert!(Purpose::ALL.iter().all(|purpose| !inner.names_purpose(*purpose) || outer.names_purpose(*purpose)));
                for person in [None, Some(StaffId::new(0, 0)), Some(StaffId::new(0, 1)), Some(StaffId::new(1, 0))] {
                    prop_assert!(!inner.admits_staff(person) || outer.admits_staff(person));
                }
            }
        }

        #[test]
        fn containment_should_be_reflexive(terms in terms()) {
            prop_assert!(terms.contains(&terms));
        }

        #[test]
        fn containment_should_be_transitive((a, b) in terms_pair(), c in terms()) {
            prop_assert!(!(a.contains(&b) && b.contains(&c)) || a.contains(&c));
            prop_assert!(!(c.contains(&a) && a.contains(&b)) || c.contains(&b));
            prop_assert!(!(b.contains(&a) && a.contains(&c)) || b.contains(&c));
        }

        #[test]
        fn terms_should_take_every_row_when_they_deny_all(terms in terms(), row in row()) {
            let row = row.borrow();
            for action in Action::ALL {
                if terms.denies_all(action, row.row().resource_type) {
                    prop_assert_eq!(terms.denied(action, &row.row()), ElementMask::All);
                }
            }
        }
    }
}
