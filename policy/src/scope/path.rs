//! Elements that a scope names.

use alloc::{sync::Arc, vec::Vec};
use core::{fmt, str::FromStr};

use crate::{
    error::{quote, ParseError},
    list,
};

/// The place of an element within a resource: `code`, `valueQuantity.value`. Indices of repeating elements are not named.
///
/// Ordered by the bytes of the text, which puts what is beneath an element right after it: `.` is before all letters
/// and digits. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementPath(Arc<str>);

impl ElementPath {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `other` or beneath it.
    pub fn within(&self, other: &Self) -> bool {
        self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl fmt::Display for ElementPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ElementPath {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if text.split('.').all(named) {
            Ok(Self(text.into()))
        } else {
            Err(ParseError::Path(quote(text)))
        }
    }
}

/// A set of paths, sorted, never empty, none beneath another. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathSet(Arc<[ElementPath]>);

impl PathSet {
    /// The set of these paths, without those that are beneath others; `None` if there are none.
    pub fn new(paths: impl IntoIterator<Item = ElementPath>) -> Option<Self> {
        let mut paths: Vec<_> = paths.into_iter().collect();
        paths.sort_unstable();
        // Sorted, whatever is beneath a path follows it before anything else.
        paths.dedup_by(|next, kept| next.within(kept));
        (!paths.is_empty()).then(|| Self(paths.into()))
    }

    /// The paths, ascending.
    pub fn iter(&self) -> core::slice::Iter<'_, ElementPath> {
        self.0.iter()
    }

    /// Whether `path` is one of them or beneath one.
    pub fn covers(&self, path: &ElementPath) -> bool {
        self.iter().any(|own| path.within(own))
    }

    /// Whether `other` covers all of them.
    pub fn within(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.iter().all(|path| other.covers(path))
    }

    /// What either covers. Clones are cheap and new sets are not, so one within the other makes no new set.
    pub(crate) fn union(&self, other: &Self) -> Self {
        if other.within(self) {
            return self.clone();
        }
        Self::new(self.iter().chain(other).cloned()).unwrap_or_else(|| other.clone())
    }

    /// What both cover, if anything.
    pub(crate) fn intersect(&self, other: &Self) -> Option<Self> {
        if self.within(other) {
            return Some(self.clone());
        }
        let inner = self.iter().filter(|path| other.covers(path));
        Self::new(inner.chain(other.iter().filter(|path| self.covers(path))).cloned())
    }

    /// Whether one of them is beneath `path` (or is `path`).
    pub fn reaches_beneath(&self, path: &ElementPath) -> bool {
        self.iter().any(|own| own.within(path))
    }
}

impl<'a> IntoIterator for &'a PathSet {
    type Item = &'a ElementPath;
    type IntoIter = core::slice::Iter<'a, ElementPath>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for PathSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list::write_commas(f, &self.0)
    }
}

impl FromStr for PathSet {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let paths = list::read_commas(text, str::parse::<ElementPath>)?;
        for (outer, inner) in paths.iter().zip(paths.iter().skip(1)) {
            if inner.within(outer) {
                return Err(ParseError::PathBeneath {
                    inner: quote(inner.as_str()),
                    outer: quote(outer.as_str()),
                });
            }
        }
        Ok(Self(paths.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::path;
    use alloc::string::ToString;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn path_should_be_within_another_when_equal_or_beneath() {
        let within = |one: &str, two: &str| {
            one.parse::<ElementPath>().unwrap().within(&two.parse::<ElementPath>().unwrap())
        };
        assert!(within("code", "code") && within("code.coding", "code") && within("a.b.c", "a.b"));
        assert!(!within("code", "code.coding") && !within("codes", "code") && !within("a.bc", "a.b"));
    }

    #[test]
    fn path_should_be_refused_when_malformed() {
        for text in [
            "", ".", "code.", ".code", "a..b", "1a", "a.1", "a-b", "a[0]", "value[x]", "_id", "ä", "a b",
            "a,b",
        ] {
            assert_eq!(text.parse::<ElementPath>(), Err(ParseError::Path(text.into())), "{text}");
        }
    }

    #[test]
    fn path_set_should_be_refused_when_not_canonical() {
        let parse = |text: &str| text.parse::<PathSet>();
        assert_eq!(parse(""), Err(ParseError::Path("".into())));
        assert_eq!(parse("a,"), Err(ParseError::Path("".into())));
        assert_eq!(parse("a,a"), Err(ParseError::Duplicate("a".into())));
        assert_eq!(parse("b,a"), Err(ParseError::Unsorted { left: "b".into(), right: "a".into() }));
        assert_eq!(parse("a,a.b"), Err(ParseError::PathBeneath { inner: "a.b".into(), outer: "a".into() }));
    }

    proptest! {
        #[test]
        fn path_set_should_return_unchanged_when_printed_and_parsed(paths in vec(path(), 1..6)) {
            let set = PathSet::new(paths).unwrap();
            prop_assert_eq!(set.to_string().parse(), Ok(set));
        }

        #[test]
        fn path_set_should_cover_all_it_was_made_of_and_hold_nothing_twice(paths in vec(path(), 1..8)) {
            let set = PathSet::new(paths.clone()).unwrap();
            prop_assert!(paths.iter().all(|path| set.covers(path)));
            prop_assert!(set.iter().all(|path| paths.contains(path)));
            for (place, one) in set.iter().enumerate() {
                prop_assert!(set.iter().enumerate().all(|(other, two)| place == other || !one.within(two)));
            }
        }

        #[test]
        fn path_set_should_never_panic_when_parsing(text in ".*") {
            if let Ok(set) = text.parse::<PathSet>() {
                prop_assert_eq!(set.to_string(), text);
            }
        }
    }
}
