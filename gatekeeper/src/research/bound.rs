//! From rows to what each person adds. A person's rows become one bounded contribution by themselves (crate `medrec-release`): whatever
//! the rows of one say, they move nobody else's numbers, and can make nothing fail. All arithmetic is in integers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate};
use medrec_client::research::definition::{Definition, MergeRule, Rows, Value, What};
use medrec_primitives::{research::TableSpec, Moment, DAY_MS};
use medrec_release::{
    contribution::{Merge, PersonId, Row},
    Contributions, Decimal,
};
use serde_json::Value as Json;

use super::compile::Question;
use crate::fetch::cohort::Seen;

/// Codes of a status by which a row counts for nothing.
const VOID: &[&str] = &["entered-in-error", "cancelled", "not-done", "refuted"];

/// The time of one epoch (ms).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// When it begins.
    pub begins: Moment,
    /// When it ends.
    pub ends: Moment,
}

impl Epoch {
    /// The time of an epoch of a table; `None` if there is no such epoch.
    pub fn of<Balance>(spec: &TableSpec<Balance>, epoch: u16) -> Option<Self> {
        let ends = spec.ends(epoch)?;
        Some(Self { begins: ends.checked_sub(spec.length)?, ends })
    }
}

/// How the definition's rule is called by the mechanism.
pub(crate) fn merge(rule: MergeRule) -> Merge {
    match rule {
        MergeRule::Latest => Merge::Latest,
        MergeRule::Greatest => Merge::Greatest,
        MergeRule::Total => Merge::Total,
    }
}

/// How a person's values become one in a table.
pub(crate) fn merge_of(definition: &Definition) -> Merge {
    match definition.what() {
        What::Sum(values) | What::Mean(values) | What::Histogram { values, .. } => merge(values.merge),
        What::Counts { .. } | What::Incidents { .. } => Merge::Latest,
    }
}

/// The rows of some persons, by person.
pub(crate) struct Bounded<'a> {
    definition: &'a Definition,
    epoch: Epoch,
    persons: BTreeMap<usize, Gathered>,
}

#[derive(Default)]
struct Gathered {
    sex: Option<String>,
    birth: Option<NaiveDate>,
    groups: BTreeSet<u16>,
    /// When and how much.
    values: BTreeSet<(i64, i64)>,
    /// The first event ever.
    first: Option<i64>,
}

impl<'a> Bounded<'a> {
    /// Nobody's rows yet.
    pub(crate) fn new(definition: &'a Definition, epoch: Epoch) -> Self {
        Self { definition, epoch, persons: BTreeMap::new() }
    }

    /// What a row about a person itself says: sex and birth date. Of several rows the first by order of their content counts, so that
    /// the order in which a database gives them does not.
    pub(crate) fn person(&mut self, person: usize, seen: &Seen) {
        if seen.withheld {
            return;
        }
        let text = |place: usize| seen.values.get(place)?.as_ref()?.as_str();
        let gathered = self.persons.entry(person).or_default();
        let sex = text(0).map(str::to_owned);
        let birth = text(1).and_then(|day| day.parse().ok());
        gathered.sex = [gathered.sex.take(), sex].into_iter().flatten().min();
        gathered.birth = [gathered.birth, birth].into_iter().flatten().min();
    }

    /// What a row says. One that cannot be read counts for nothing.
    pub(crate) fn row(&mut self, person: usize, question: &Question<'_>, seen: &Seen) {
        let gathered = self.persons.entry(person).or_default();
        gather(gathered, self.definition, self.epoch, question, seen);
    }

    /// Who is in a group so far.
    pub(crate) fn grouped(&self) -> impl Iterator<Item = usize> + '_ {
        self.persons.iter().filter(|(_, gathered)| !gathered.groups.is_empty()).map(|(place, _)| *place)
    }

    /// Hands over what each person adds; `ids` gives the person's number in the whole cohort.
    pub(crate) fn finish(self, ids: impl Fn(usize) -> PersonId, all: &mut Contributions) {
        for (place, gathered) in self.persons {
            for row in contribution(&gathered, self.definition, self.epoch) {
                all.row(ids(place), row);
            }
        }
    }
}

fn gather(
    gathered: &mut Gathered,
    definition: &Definition,
    epoch: Epoch,
    question: &Question<'_>,
    seen: &Seen,
) -> Option<()> {
    let text = |place: &usize| seen.values.get(*place)?.as_ref()?.as_str();
    let labelled = seen.labels.iter().all(|(_, code)| definition.labels().contains(code));
    let void = question.statuses.iter().filter_map(text).any(|status| VOID.contains(&status));
    if seen.withheld || void || !labelled {
        return None;
    }
    let at = moment(question.dates.iter().find_map(text)?)?;
    let (begins, ends) = (i64::try_from(epoch.begins).ok()?, i64::try_from(epoch.ends).ok()?);
    let far_enough = match (definition.what(), definition.rows()) {
        (What::Incidents { .. }, _) | (_, Rows::SoFar) => true,
        (_, Rows::InEpoch) => begins <= at,
    };
    if at >= ends || !far_enough {
        return None;
    }
    let codings: Vec<(&str, &str)> =
        question.codes.iter().filter_map(|(system, code)| Some((text(system)?, text(code)?))).collect();
    let is = |patterns: &[medrec_client::research::definition::Pattern]| {
        patterns.iter().any(|pattern| codings.iter().any(|(system, code)| pattern.matches(system, code)))
    };
    match definition.what() {
        What::Counts { groups, .. } => {
            for (place, group) in groups.iter().enumerate() {
                if is(&group.codes) {
                    gathered.groups.insert(u16::try_from(place).ok()?);
                }
            }
        }
        What::Sum(values) | What::Mean(values) | What::Histogram { values, .. } => {
            if !is(&values.codes) {
                return None;
            }
            let number = match &values.value {
                Value::Quantity { unit } => {
                    let written = question.units.iter().find_map(text)?;
                    if written != unit {
                        return None;
                    }
                    match seen.values.get(question.value?)?.as_ref()? {
                        Json::Number(number) => number.to_string(),
                        _ => return None,
                    }
                }
                Value::Days => {
                    let (start, end) = question.period?;
                    let (start, end) = (moment(text(&start)?)?, moment(text(&end)?)?);
                    let day = i64::try_from(DAY_MS).ok()?;
                    let days = end.div_euclid(day).checked_sub(start.div_euclid(day))?;
                    (days >= 0).then(|| days.to_string())?
                }
            };
            let number: Decimal = number.parse().ok()?;
            gathered.values.insert((at, number.to_units(values.decimals, values.lower, values.upper)));
        }
        What::Incidents { codes, .. } => {
            if is(codes) {
                gathered.first = Some(gathered.first.map_or(at, |first| first.min(at)));
            }
        }
    }
    Some(())
}

/// What one person adds, before the mechanism bounds it.
fn contribution(gathered: &Gathered, definition: &Definition, epoch: Epoch) -> Vec<Row> {
    match definition.what() {
        What::Counts { ages, sexes, .. } => cells(gathered, ages, sexes, epoch).unwrap_or_default(),
        What::Sum(_) | What::Mean(_) => {
            gathered.values.iter().map(|(at, units)| Row::Value { at: *at, units: *units }).collect()
        }
        What::Histogram { values, edges } => merge(values.merge)
            .of(gathered.values.iter().copied())
            .and_then(|value| bin(value.clamp(values.lower, values.upper), edges))
            .map(Row::Cell)
            .into_iter()
            .collect(),
        What::Incidents { bins, .. } => {
            gathered.first.and_then(|first| part(first, epoch, *bins)).map(Row::Cell).into_iter().collect()
        }
    }
}

/// The cells of a person: by group, then by age, then by sex.
fn cells(gathered: &Gathered, ages: &[u16], sexes: &[String], epoch: Epoch) -> Option<Vec<Row>> {
    let band = match ages {
        [] => 0,
        _ => {
            let age = age(gathered.birth?, epoch)?;
            ages.iter().rposition(|from| i32::from(*from) <= age)?
        }
    };
    let sex = match sexes {
        [] => 0,
        _ => sexes.iter().position(|sex| Some(sex) == gathered.sex.as_ref())?,
    };
    let cell = |group: &u16| {
        let cell = usize::from(*group)
            .checked_mul(ages.len().max(1))?
            .checked_add(band)?
            .checked_mul(sexes.len().max(1))?
            .checked_add(sex)?;
        u16::try_from(cell).ok().map(Row::Cell)
    };
    Some(gathered.groups.iter().filter_map(cell).collect())
}

/// Whole years on the last day of an epoch.
fn age(birth: NaiveDate, epoch: Epoch) -> Option<i32> {
    let last = i64::try_from(epoch.ends.checked_sub(1)?).ok()?;
    let day = DateTime::from_timestamp_millis(last)?.date_naive();
    let years = day.year() - birth.year();
    let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
    Some(if had_birthday { years } else { years - 1 })
}

fn bin(value: i64, edges: &[i64]) -> Option<u16> {
    let last = edges.len().checked_sub(2)?;
    let place = edges.iter().rposition(|edge| *edge <= value)?;
    u16::try_from(place.min(last)).ok()
}

/// In which of equal parts of an epoch a moment lies.
fn part(at: i64, epoch: Epoch, bins: u16) -> Option<u16> {
    let since = u128::from(u64::try_from(at).ok()?.checked_sub(epoch.begins)?);
    let length = u128::from(epoch.ends.checked_sub(epoch.begins)?);
    let place = since.checked_mul(u128::from(bins))?.checked_div(length)?;
    u16::try_from(place).ok().filter(|place| *place < bins)
}

/// A date or time of FHIR (ms); a day counts from midnight UTC, and what is coarser than a day does not count.
fn moment(text: &str) -> Option<i64> {
    if text.len() == 10 {
        let day: NaiveDate = text.parse().ok()?;
        return Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis());
    }
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const EPOCH: Epoch = Epoch { begins: 1_767_225_600_000, ends: 1_775_001_600_000 };

    #[test]
    fn age_should_be_whole_years_on_the_last_day_of_the_epoch() {
        // The last day is 31 March 2026, since the epoch ends before midnight of 1 April.
        let age_of = |text: &str| age(text.parse().unwrap(), EPOCH).unwrap();
        assert_eq!(age_of("2008-03-31"), 18);
        assert_eq!(age_of("2008-04-01"), 17);
        assert_eq!(age_of("2026-05-01"), -1);
    }

    #[test]
    fn bin_should_hold_its_lower_edge_and_the_last_one_both() {
        let edges = [0, 10, 20];
        assert_eq!([0, 9, 10, 19, 20].map(|value| bin(value, &edges).unwrap()), [0, 0, 1, 1, 1]);
        assert_eq!(bin(-1, &edges), None);
    }

    #[test]
    fn part_should_be_where_in_the_epoch_an_event_lies() {
        let (begins, ends) = (EPOCH.begins as i64, EPOCH.ends as i64);
        assert_eq!(part(begins, EPOCH, 3), Some(0));
        assert_eq!(part(ends - 1, EPOCH, 3), Some(2));
        assert_eq!(part(begins - 1, EPOCH, 3), None);
        assert_eq!(part(ends, EPOCH, 3), None);
    }

    #[test]
    fn moment_should_be_none_when_it_is_coarser_than_a_day() {
        assert_eq!(moment("1970-01-02"), Some(86_400_000));
        assert_eq!(moment("1970-01-01T01:00:00+01:00"), Some(0));
        assert!(["1970", "1970-01", "", "soon"].iter().all(|text| moment(text).is_none()));
    }

    #[test]
    fn cells_should_be_by_group_then_age_then_sex() {
        let mut gathered = Gathered {
            sex: Some("male".into()),
            birth: Some("1980-01-01".parse().unwrap()),
            groups: [0, 2].into(),
            ..Gathered::default()
        };
        let sexes = ["female".to_owned(), "male".to_owned()];
        let of = |gathered: &Gathered| cells(gathered, &[0, 18, 65], &sexes, EPOCH);
        assert_eq!(of(&gathered).unwrap(), [Row::Cell(3), Row::Cell(15)]);
        gathered.sex = Some("unknown".into());
        assert_eq!(of(&gathered), None);
    }
}
