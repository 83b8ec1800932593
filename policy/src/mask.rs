//! Which elements of a row may be seen.

use crate::scope::{ElementPath, PathSet};

/// A set of elements of one row.
///
/// Closed downwards: who may see an element may see all beneath it. The order that [`ElementMask::within`] gives has
/// `Nothing` at the bottom and `All` at the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElementMask {
    /// Every element.
    All,
    /// These elements and everything beneath them.
    Paths(PathSet),
    /// No element: the row is not there.
    Nothing,
}

impl ElementMask {
    /// What either covers.
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Nothing, mask) | (mask, Self::Nothing) => mask.clone(),
            (Self::Paths(one), Self::Paths(two)) => Self::Paths(one.union(two)),
        }
    }

    /// What both cover.
    pub fn intersect(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::All, mask) | (mask, Self::All) => mask.clone(),
            (Self::Paths(one), Self::Paths(two)) => Self::of(one.intersect(two)),
        }
    }

    /// What is left when `denied` is taken away: whatever is neither beneath nor above a denied element.
    ///
    /// An element above a denied one goes as a whole, because a mask cannot name "all of it but"; for the same reason
    /// everything less one element is nothing.
    pub fn subtract(&self, denied: &Self) -> Self {
        match (self, denied) {
            (mask, Self::Nothing) => mask.clone(),
            (_, Self::All) | (Self::All | Self::Nothing, Self::Paths(_)) => Self::Nothing,
            (Self::Paths(paths), Self::Paths(denied)) => {
                let left = paths.iter().filter(|path| !denied.covers(path) && !denied.reaches_beneath(path));
                Self::of(PathSet::new(left.cloned()))
            }
        }
    }

    /// Whether the element at `path` may be seen, with everything beneath it.
    pub fn covers(&self, path: &ElementPath) -> bool {
        match self {
            Self::All => true,
            Self::Paths(paths) => paths.covers(path),
            Self::Nothing => false,
        }
    }

    /// Whether the element at `path` or anything beneath it may be seen: whether a walk down a record goes on here.
    pub fn touches(&self, path: &ElementPath) -> bool {
        match self {
            Self::All => true,
            Self::Paths(paths) => paths.covers(path) || paths.reaches_beneath(path),
            Self::Nothing => false,
        }
    }

    /// Whether `other` covers all that this covers.
    pub fn within(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::All) => true,
            (_, Self::Nothing) | (Self::All, Self::Paths(_)) => false,
            (Self::Paths(one), Self::Paths(two)) => one.within(two),
        }
    }

    /// Whether no element may be seen.
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// No paths are nothing.
    fn of(paths: Option<PathSet>) -> Self {
        paths.map_or(Self::Nothing, Self::Paths)
    }
}

#[cfg(test)]
mod tests {
    use super::{ElementMask::*, *};
    use crate::testing::{mask, path};
    use proptest::prelude::*;

    fn paths(text: &str) -> ElementMask {
        ElementMask::of(PathSet::new(text.split(',').map(|path| path.parse().unwrap())))
    }

    #[test]
    fn mask_should_cover_what_is_beneath_when_path_is_granted() {
        let mask = paths("code,valueQuantity.value");
        for covered in ["code", "code.coding", "code.coding.display", "valueQuantity.value"] {
            assert!(mask.covers(&covered.parse().unwrap()), "{covered}");
        }
        for hidden in
            ["codes", "cod", "valueQuantity", "valueQuantity.unit", "valueQuantity.values", "status"]
        {
            assert!(!mask.covers(&hidden.parse().unwrap()), "{hidden}");
        }
    }

    #[test]
    fn mask_should_touch_what_is_above_when_path_is_granted() {
        let mask = paths("a.b.c");
        for touched in ["a", "a.b", "a.b.c", "a.b.c.d"] {
            assert!(mask.touches(&touched.parse().unwrap()), "{touched}");
        }
        for untouched in ["b", "a.bb", "a.b.d", "a.c"] {
            assert!(!mask.touches(&untouched.parse().unwrap()), "{untouched}");
        }
    }

    #[test]
    fn subtract_should_take_the_element_with_those_beneath_and_above_when_denied() {
        assert_eq!(paths("code,status").subtract(&paths("code.coding")), paths("status"));
        assert_eq!(paths("code.coding,status").subtract(&paths("code")), paths("status"));
        assert_eq!(paths("code.text,status").subtract(&paths("code.coding")), paths("code.text,status"));
        assert_eq!(paths("code").subtract(&paths("code")), Nothing);
    }

    #[test]
    fn subtract_should_leave_nothing_of_everything_when_one_element_is_denied() {
        assert_eq!(All.subtract(&paths("note")), Nothing);
        assert_eq!(All.subtract(&Nothing), All);
    }

    #[test]
    fn intersect_should_keep_the_deeper_path_when_one_is_beneath_the_other() {
        assert_eq!(paths("code,status").intersect(&paths("code.coding,subject")), paths("code.coding"));
        assert_eq!(paths("code").intersect(&paths("status")), Nothing);
    }

    #[test]
    fn union_should_drop_paths_that_are_beneath_others() {
        assert_eq!(paths("code.coding,status").union(&paths("code")), paths("code,status"));
    }

    proptest! {
        #[test]
        fn union_should_be_the_least_upper_bound(a in mask(), b in mask(), c in mask(), p in path()) {
            let union = a.union(&b);
            prop_assert_eq!(&union, &b.union(&a));
            prop_assert_eq!(union.union(&c), a.union(&b.union(&c)));
            prop_assert_eq!(&a.union(&a), &a);
            prop_assert!(a.within(&union) && b.within(&union));
            prop_assert_eq!(a.within(&c) && b.within(&c), union.within(&c));
            prop_assert_eq!(union.covers(&p), a.covers(&p) || b.covers(&p));
        }

        #[test]
        fn intersection_should_be_the_greatest_lower_bound(a in mask(), b in mask(), c in mask(), p in path()) {
            let intersection = a.intersect(&b);
            prop_assert_eq!(&intersection, &b.intersect(&a));
            prop_assert_eq!(intersection.intersect(&c), a.intersect(&b.intersect(&c)));
            prop_assert_eq!(&a.intersect(&a), &a);
            prop_assert!(intersection.within(&a) && intersection.within(&b));
            prop_assert_eq!(c.within(&a) && c.within(&b), c.within(&intersection));
            prop_assert_eq!(intersection.covers(&p), a.covers(&p) && b.covers(&p));
        }

        #[test]
        fn union_and_intersection_should_absorb_and_distribute(a in mask(), b in mask(), c in mask()) {
            prop_assert_eq!(&a.union(&a.intersect(&b)), &a);
            prop_assert_eq!(&a.intersect(&a.union(&b)), &a);
            prop_assert_eq!(a.intersect(&b.union(&c)), a.intersect(&b).union(&a.intersect(&c)));
            prop_assert_eq!(a.union(&b.intersect(&c)), a.union(&b).intersect(&a.union(&c)));
        }

        #[test]
        fn subtraction_should_leave_nothing_that_is_denied(a in mask(), b in mask(), c in mask(), p in path()) {
            let left = a.subtract(&b);
            prop_assert!(left.within(&a));
            prop_assert!(left.intersect(&b).is_nothing());
            prop_assert!(!(left.covers(&p) && b.touches(&p)));
            prop_assert_eq!(left.subtract(&c), a.subtract(&b.union(&c)));
            prop_assert_eq!(&a.subtract(&Nothing), &a);
            prop_assert_eq!(&left.subtract(&b), &left);
        }

        #[test]
        fn within_should_be_a_partial_order_that_agrees_with_covers(a in mask(), b in mask(), c in mask(), p in path()) {
            prop_assert!(a.within(&a));
            prop_assert!(!(a.within(&b) && b.within(&a)) || a == b);
            prop_assert!(!(a.within(&b) && b.within(&c)) || a.within(&c));
            prop_assert!(!(a.within(&b) && a.covers(&p)) || b.covers(&p));
            prop_assert!(!a.covers(&p) || a.touches(&p));
        }
    }
}
