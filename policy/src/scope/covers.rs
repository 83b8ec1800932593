//! What a scope covers, and when it covers all that another does.

use super::{Action, PathSet, Scope, Token, TypeSelector};
use crate::{
    mask::ElementMask,
    row::{Coding, Row},
};

impl TypeSelector {
    /// Whether it selects this resource type.
    pub fn selects(self, resource_type: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Of(own) => own.name() == resource_type,
        }
    }

    fn within(self, other: Self) -> bool {
        other == Self::Any || self == other
    }
}

impl Scope {
    /// Whether it is about this action on this type, be it on some rows only.
    pub fn covers(&self, action: Action, resource_type: &str) -> bool {
        self.actions.contains(action) && self.resource.selects(resource_type)
    }

    /// Whether it covers every row and element of this type, for this action, when it denies.
    pub(crate) fn denies_all(&self, action: Action, resource_type: &str) -> bool {
        let unlimited = self.categories.is_empty() && self.codes.is_empty() && self.security.is_empty();
        unlimited && self.elements.is_none() && self.covers(action, resource_type)
    }

    /// What of `row` it covers for `action` when it allows: every label of the row must be named.
    pub fn allowed(&self, action: Action, row: &Row<'_>) -> ElementMask {
        self.mask(action, row, Token::matches, |security| {
            row.labels.iter().all(|label| security.iter().any(|token| token.matches(label)))
        })
    }

    /// What of `row` it covers for `action` when it denies: with labels named, rows with any of these. A code that
    /// the record gives without its system may be what a token with a system names.
    pub fn denied(&self, action: Action, row: &Row<'_>) -> ElementMask {
        self.mask(action, row, Token::may_match, |security| {
            one_needed(security, row.labels, Token::may_match)
        })
    }

    fn mask(
        &self,
        action: Action,
        row: &Row<'_>,
        matches: impl Fn(&Token, &Coding<'_>) -> bool,
        labels: impl Fn(&[Token]) -> bool,
    ) -> ElementMask {
        let covered = self.covers(action, row.resource_type)
            && one_needed(&self.categories, row.categories, &matches)
            && one_needed(&self.codes, row.codes, &matches)
            && labels(&self.security);
        match &self.elements {
            _ if !covered => ElementMask::Nothing,
            Some(elements) => ElementMask::Paths(elements.clone()),
            None => ElementMask::All,
        }
    }

    /// Whether, as an allowing scope, this covers every row and element that `other` covers, for every action of `other`.
    pub fn contains(&self, other: &Self) -> bool {
        other.resource.within(self.resource)
            && other.actions.within(self.actions)
            && narrows(&other.categories, &self.categories)
            && narrows(&other.codes, &self.codes)
            && other.security.iter().all(|label| self.security.contains(label))
            && elements_within(other.elements(), self.elements())
    }
}

/// Whether a row with these codings has one of `tokens`, if any is needed.
fn one_needed(
    tokens: &[Token],
    codings: &[Coding<'_>],
    matches: impl Fn(&Token, &Coding<'_>) -> bool,
) -> bool {
    tokens.is_empty() || codings.iter().any(|coding| tokens.iter().any(|token| matches(token, coding)))
}

/// Whether needing one of `inner` is at least as much as needing one of `outer`.
fn narrows(inner: &[Token], outer: &[Token]) -> bool {
    outer.is_empty()
        || (!inner.is_empty() && inner.iter().all(|inner| outer.iter().any(|outer| inner.within(outer))))
}

fn elements_within(inner: Option<&PathSet>, outer: Option<&PathSet>) -> bool {
    match (inner, outer) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(inner), Some(outer)) => inner.within(outer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{row, scope, scope_pair};
    use proptest::prelude::*;

    fn scope_of(text: &str) -> Scope {
        text.parse().unwrap()
    }

    const LAB: Coding<'static> = Coding { system: None, code: "laboratory" };
    const HBA1C: Coding<'static> = Coding { system: Some("http://loinc.org"), code: "4548-4" };
    const ETH: Coding<'static> = Coding { system: None, code: "ETH" };
    const HIV: Coding<'static> = Coding { system: None, code: "HIV" };

    fn observation() -> Row<'static> {
        Row { categories: &[LAB], codes: &[HBA1C], ..Row::of("Observation") }
    }

    #[test]
    fn scope_should_cover_rows_when_type_and_tokens_match() {
        let row = observation();
        for (text, covered) in [
            ("patient/*.rs", true),
            ("patient/Observation.rs", true),
            ("patient/Condition.rs", false),
            ("patient/Observation.rs?category=laboratory", true),
            ("patient/Observation.rs?category=|laboratory", true),
            ("patient/Observation.rs?category=vital-signs", false),
            ("patient/Observation.rs?code=4548-4", true),
            ("patient/Observation.rs?code=http://loinc.org|4548-4", true),
            ("patient/Observation.rs?code=|4548-4", false),
            ("patient/Observation.rs?category=laboratory&code=1,4548-4", true),
            ("patient/Observation.rs?category=vital-signs&code=4548-4", false),
        ] {
            assert_eq!(!scope_of(text).allowed(Action::Read, &row).is_nothing(), covered, "{text}");
            assert_eq!(!scope_of(text).denied(Action::Read, &row).is_nothing(), covered, "{text}");
        }
    }

    #[test]
    fn scope_should_deny_but_not_allow_a_row_when_its_code_lacks_the_system_that_the_scope_names() {
        const NAMED: &str = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory";
        assert!(scope_of(NAMED).allowed(Action::Read, &observation()).is_nothing());
        assert_eq!(scope_of(NAMED).denied(Action::Read, &observation()), ElementMask::All);
        let labelled = Row { labels: &[ETH], ..observation() };
        assert_eq!(
            scope_of("patient/*.r?_security=http://x|ETH").denied(Action::Read, &labelled),
            ElementMask::All
        );
    }

    #[test]
    fn scope_should_cover_nothing_when_action_is_not_its() {
        assert!(scope_of("patient/*.r").allowed(Action::Search, &observation()).is_nothing());
        assert!(scope_of("patient/*.r").denied(Action::Search, &observation()).is_nothing());
    }

    #[test]
    fn scope_should_allow_a_labelled_row_only_when_it_names_every_label() {
        let allowed = |text: &str, labels| {
            !scope_of(text).allowed(Action::Read, &Row { labels, ..observation() }).is_nothing()
        };
        assert!(!allowed("patient/*.rs", &[ETH]));
        assert!(!allowed("patient/*.rs?_security=ETH", &[ETH, HIV]));
        assert!(allowed("patient/*.rs?_security=ETH,HIV", &[ETH, HIV]));
        assert!(allowed("patient/*.rs?_security=ETH,HIV", &[]));
    }

    #[test]
    fn scope_should_deny_a_labelled_row_when_it_names_any_label_or_none() {
        let denied = |text: &str, labels| {
            !scope_of(text).denied(Action::Read, &Row { labels, ..observation() }).is_nothing()
        };
        assert!(denied("patient/*.rs", &[ETH]));
        assert!(denied("patient/*.rs?_security=ETH", &[ETH, HIV]));
        assert!(!denied("patient/*.rs?_security=ETH", &[HIV]));
        assert!(!denied("patient/*.rs?_security=ETH", &[]));
    }

    #[test]
    fn scope_should_deny_all_only_when_unlimited() {
        for (text, all) in [
            ("patient/*.rs", true),
            ("patient/Observation.r", true),
            ("patient/Observation.s", false),
            ("patient/Condition.r", false),
            ("patient/*.rs?category=a", false),
            ("patient/*.rs?code=a", false),
            ("patient/*.rs?_security=a", false),
            ("patient/*.rs?_elements=a", false),
        ] {
            assert_eq!(scope_of(text).denies_all(Action::Read, "Observation"), all, "{text}");
        }
    }

    #[test]
    fn scope_should_contain_another_when_no_narrower() {
        for (outer, inner, contained) in [
            ("patient/*.rs", "patient/Observation.r", true),
            ("patient/Observation.r", "patient/*.r", false),
            ("patient/Observation.r", "patient/Observation.rs", false),
            ("patient/*.r?code=a", "patient/*.r", false),
            ("patient/*.r?code=a", "patient/*.r?code=http://x|a", true),
            ("patient/*.r?code=a", "patient/*.r?code=|a", true),
            ("patient/*.r?code=http://x|a", "patient/*.r?code=a", false),
            ("patient/*.r?code=|a", "patient/*.r?code=a", false),
            ("patient/*.r?code=a", "patient/*.r?code=a,b", false),
            ("patient/*.r?code=a,b", "patient/*.r?category=c&code=b", true),
            ("patient/*.r", "patient/*.r?_security=ETH", false),
            ("patient/*.r?_security=ETH,HIV", "patient/*.r?_security=ETH", true),
            ("patient/*.r?_security=ETH", "patient/*.r", true),
            ("patient/*.r?_elements=code", "patient/*.r", false),
            ("patient/*.r?_elements=code", "patient/*.r?_elements=code.coding", true),
            ("patient/*.r?_elements=code.coding", "patient/*.r?_elements=code", false),
        ] {
            assert_eq!(scope_of(outer).contains(&scope_of(inner)), contained, "{inner} <= {outer}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn containment_should_be_sound_against_masks((inner, outer) in scope_pair(), row in row()) {
            if outer.contains(&inner) {
                for action in inner.actions().iter() {
                    let row = row.borrow();
                    let (inner, outer) = (inner.allowed(action, &row.row()), outer.allowed(action, &row.row()));
                    prop_assert!(inner.within(&outer), "{inner:?} {outer:?}");
                }
            }
        }

        #[test]
        fn containment_should_be_reflexive(scope in scope()) {
            prop_assert!(scope.contains(&scope));
        }

        #[test]
        fn containment_should_be_transitive((a, b) in scope_pair(), c in scope()) {
            prop_assert!(!(a.contains(&b) && b.contains(&c)) || a.contains(&c));
            prop_assert!(!(c.contains(&a) && a.contains(&b)) || c.contains(&b));
            prop_assert!(!(b.contains(&a) && a.contains(&c)) || b.contains(&c));
        }

        #[test]
        fn denying_should_take_at_least_what_allowing_gives_when_scope_names_no_label(scope in scope(), row in row()) {
            let row = row.borrow();
            let scope = scope.with_security([]);
            for action in Action::ALL {
                prop_assert!(scope.allowed(action, &row.row()).within(&scope.denied(action, &row.row())));
            }
        }
    }
}
