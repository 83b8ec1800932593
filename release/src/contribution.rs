//! What each person adds to an answer, and no more.
//!
//! Rows are gathered by person first. A person's rows become one bounded contribution by themselves: what others have in the database
//! cannot change it. Only then is anything summed. So replacing all rows of one person changes the exact answer by no more than
//! [`medrec_primitives::research::Part::sensitivity_squared`] says; the properties of this module's tests check that on whatever rows.

use std::collections::{BTreeMap, BTreeSet};

use medrec_primitives::research::TableKind;

/// Who a row is about: the same for all rows of one person at this provider. Duplicates of persons are merged before.
pub type PersonId = u64;

/// What one row says of its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// That the person counts in this cell, by its number from 0.
    Cell(u16),
    /// A value, in the definition's units, and when it was measured (any count that rises).
    Value {
        /// When.
        at: i64,
        /// How much.
        units: i64,
    },
}

/// Which value stands for a person who has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The latest; of several at one time the greatest.
    Latest,
    /// The greatest.
    Greatest,
    /// Their sum.
    Total,
}

impl Merge {
    /// The one value of several, each with when it was measured; nothing of none.
    pub fn of(self, mut values: impl Iterator<Item = (i64, i64)>) -> Option<i64> {
        match self {
            Self::Latest => values.max().map(|(_, units)| units),
            Self::Greatest => values.map(|(_, units)| units).max(),
            Self::Total => {
                let (_, first) = values.next()?;
                Some(values.fold(first, |sum, (_, units)| sum.saturating_add(units)))
            }
        }
    }
}

/// The rows of a cohort, by person.
#[derive(Clone, Debug, Default)]
pub struct Contributions {
    persons: BTreeMap<PersonId, BTreeSet<Row>>,
}

impl Contributions {
    /// Nobody's rows yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a person in, whether there are rows about it or not: the denominator is of who released.
    pub fn person(&mut self, person: PersonId) {
        self.persons.entry(person).or_default();
    }

    /// Adds a row. Equal rows of one person are one.
    pub fn row(&mut self, person: PersonId, row: Row) {
        self.persons.entry(person).or_default().insert(row);
    }

    /// The exact answer, part by part as [`TableKind::parts`] has them: the cohort, then the table. Never to leave the gatekeeper.
    pub fn exact(&self, kind: TableKind, merge: Merge) -> Vec<Vec<i128>> {
        let cohort = vec![self.persons.len() as i128];
        let cells = |cells: u16, per_person: u16| self.cells(cells, usize::from(per_person));
        match kind {
            TableKind::Counts { cells: n, per_person } => vec![cohort, cells(n, per_person)],
            TableKind::Histogram { cells: n } | TableKind::Incidents { bins: n } => {
                vec![cohort, cells(n, 1)]
            }
            TableKind::Sum { lower, upper } => {
                let sum = self.values(merge, lower, upper).map(i128::from).sum();
                vec![cohort, vec![sum]]
            }
            TableKind::Mean { lower, upper } => {
                let (mut count, mut above) = (0, 0);
                for value in self.values(merge, lower, upper) {
                    count += 1;
                    above += i128::from(value) - i128::from(lower);
                }
                vec![cohort, vec![count], vec![above]]
            }
        }
    }

    /// Persons by cell: each in its first ones, as many as it may be in.
    fn cells(&self, cells: u16, per_person: usize) -> Vec<i128> {
        let mut counts = vec![0; usize::from(cells)];
        for rows in self.persons.values() {
            let of_person = rows.iter().filter_map(|row| match row {
                Row::Cell(cell) if *cell < cells => Some(usize::from(*cell)),
                _ => None,
            });
            for cell in of_person.take(per_person) {
                if let Some(count) = counts.get_mut(cell) {
                    *count += 1;
                }
            }
        }
        counts
    }

    /// One value for each person who has any, within the bounds.
    fn values(&self, merge: Merge, lower: i64, upper: i64) -> impl Iterator<Item = i64> + '_ {
        self.persons.values().filter_map(move |rows| {
            let values = rows.iter().filter_map(|row| match row {
                // Rows are clamped one by one, and what becomes of them once more.
                Row::Value { at, units } => Some((*at, (*units).clamp(lower, upper))),
                Row::Cell(_) => None,
            });
            let merged = merge.of(values)?;
            Some(merged.clamp(lower, upper))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use medrec_primitives::research::Part;
    use proptest::prelude::*;

    use super::*;

    fn kinds() -> impl Strategy<Value = TableKind> {
        prop_oneof![
            (1u16..8, 1u16..8).prop_map(|(cells, k)| TableKind::Counts { cells, per_person: k.min(cells) }),
            (-50i64..1, 1i64..50).prop_map(|(lower, upper)| TableKind::Sum { lower, upper }),
            (-50i64..50, 1i64..50).prop_map(|(lower, range)| TableKind::Mean { lower, upper: lower + range }),
            (1u16..8).prop_map(|cells| TableKind::Histogram { cells }),
            (1u16..8).prop_map(|bins| TableKind::Incidents { bins }),
        ]
    }

    fn merges() -> impl Strategy<Value = Merge> {
        prop_oneof![Just(Merge::Latest), Just(Merge::Greatest), Just(Merge::Total)]
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let value = prop_oneof![-100i64..100, Just(i64::MIN), Just(i64::MAX)];
        let row = prop_oneof![
            (0u16..10).prop_map(Row::Cell),
            (0i64..4, value).prop_map(|(at, units)| Row::Value { at, units }),
        ];
        prop::collection::vec(row, 0..12)
    }

    fn of(persons: &[Vec<Row>]) -> Contributions {
        let mut all = Contributions::new();
        for (person, rows) in persons.iter().enumerate() {
            all.person(person as u64);
            for row in rows {
                all.row(person as u64, *row);
            }
        }
        all
    }

    /// By how much two exact answers differ, part by part, squared.
    fn distances(one: &[Vec<i128>], other: &[Vec<i128>]) -> Vec<u128> {
        let squared = |(a, b): (&i128, &i128)| (a - b).unsigned_abs().pow(2);
        one.iter().zip(other).map(|(one, other)| one.iter().zip(other).map(squared).sum()).collect()
    }

    fn parts(kind: TableKind) -> Vec<Part> {
        kind.parts(1_000).unwrap().into_iter().flatten().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// The neighbours of the accounting: all records of one person replaced by any others, the cohort fixed.
        #[test]
        fn answer_should_change_by_no_more_than_stated_when_one_persons_records_are_replaced(
            kind in kinds(),
            merge in merges(),
            mut persons in prop::collection::vec(rows(), 1..8),
            replaced in any::<prop::sample::Index>(),
            others in rows(),
        ) {
            let before = of(&persons).exact(kind, merge);
            let person = replaced.index(persons.len());
            persons[person] = others;
            let after = of(&persons).exact(kind, merge);
            for (part, distance) in parts(kind).iter().zip(distances(&before, &after)) {
                prop_assert!(distance <= part.sensitivity_squared, "{part:?} changed by {distance}");
            }
            // The cohort is not part of the records: it does not change at all.
            prop_assert_eq!(&before[0], &after[0]);
        }

        /// The same noise covers a person's choice to be counted at all.
        #[test]
        fn answer_should_change_by_no_more_than_stated_when_one_person_joins_or_leaves(
            kind in kinds(),
            merge in merges(),
            persons in prop::collection::vec(rows(), 1..8),
        ) {
            let with = of(&persons).exact(kind, merge);
            let without = of(&persons[..persons.len() - 1]).exact(kind, merge);
            for (part, distance) in parts(kind).iter().zip(distances(&with, &without)) {
                prop_assert!(distance <= part.sensitivity_squared, "{part:?} changed by {distance}");
            }
        }

        #[test]
        fn answer_should_have_the_shape_that_its_parts_say(
            kind in kinds(), merge in merges(), persons in prop::collection::vec(rows(), 0..4)
        ) {
            let widths: Vec<usize> = of(&persons).exact(kind, merge).iter().map(Vec::len).collect();
            let stated: Vec<usize> = parts(kind).iter().map(|part| usize::from(part.width)).collect();
            prop_assert_eq!(widths, stated);
        }
    }

    #[test]
    fn sensitivities_should_be_reached_so_that_none_is_too_large() {
        let cells = |cells: &[u16]| cells.iter().copied().map(Row::Cell).collect::<Vec<_>>();
        let value = |units| vec![Row::Value { at: 0, units }];
        for (kind, one, other, reached) in [
            (TableKind::Counts { cells: 9, per_person: 2 }, cells(&[0, 1]), cells(&[2, 3]), vec![0, 4]),
            (TableKind::Counts { cells: 3, per_person: 3 }, cells(&[0, 1, 2]), vec![], vec![0, 3]),
            (TableKind::Counts { cells: 1, per_person: 1 }, cells(&[0]), vec![], vec![0, 1]),
            (TableKind::Histogram { cells: 5 }, cells(&[0]), cells(&[4]), vec![0, 2]),
            (TableKind::Sum { lower: -3, upper: 7 }, value(-9), value(9), vec![0, 100]),
            (TableKind::Mean { lower: 40, upper: 140 }, value(500), vec![], vec![0, 1, 10_000]),
        ] {
            let (one, other) = (of(&[one]), of(&[other]));
            let exact = |of: &Contributions| of.exact(kind, Merge::Latest);
            assert_eq!(distances(&exact(&one), &exact(&other)), reached, "{kind:?}");
            let stated: Vec<u128> = parts(kind).iter().map(|part| part.sensitivity_squared).collect();
            assert_eq!(stated[1..], reached[1..], "{kind:?}");
        }
    }

    #[test]
    fn person_should_count_once_however_many_rows_it_has() {
        let mut all = Contributions::new();
        for _ in 0..5 {
            all.row(7, Row::Cell(2));
        }
        all.row(7, Row::Cell(0));
        all.person(8);
        assert_eq!(all.exact(TableKind::Histogram { cells: 3 }, Merge::Latest), [vec![2], vec![1, 0, 0]]);
        let two = TableKind::Counts { cells: 3, per_person: 2 };
        assert_eq!(all.exact(two, Merge::Latest), [vec![2], vec![1, 0, 1]]);
    }

    #[test]
    fn value_should_be_the_one_that_the_plan_says_when_there_are_several() {
        let rows = [(0, 50), (2, -4), (1, 6)].map(|(at, units)| Row::Value { at, units });
        let of_one = of(&[rows.to_vec()]);
        let kind = TableKind::Sum { lower: -10, upper: 10 };
        let sum = |merge| of_one.exact(kind, merge)[1][0];
        assert_eq!([sum(Merge::Latest), sum(Merge::Greatest), sum(Merge::Total)], [-4, 10, 10]);
    }
}
