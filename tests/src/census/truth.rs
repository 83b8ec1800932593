//! What a table would say without noise: computed from the persons themselves, by other code than the gatekeeper's.

use chrono::{Datelike, NaiveDate};

use super::people::Person;

/// A span of days: the first, and the first after it.
pub type Days = (NaiveDate, NaiveDate);

/// Persons by group of diagnoses (beginnings of codes), age on the last day, and sex (women first): each person in the first
/// `per_person` cells.
pub fn counts<'a>(
    people: impl IntoIterator<Item = &'a Person>,
    groups: &[&[&str]],
    ages: &[i32],
    per_person: usize,
    (from, until): Days,
) -> Vec<i64> {
    let mut cells = vec![0; groups.len() * ages.len() * 2];
    for person in people {
        let age = age(person.born, until.pred_opt().unwrap_or(until));
        let Some(band) = ages.iter().rposition(|begins| *begins <= age) else { continue };
        let within = |group: &&[&str]| {
            let diagnoses = person.diagnoses.iter().filter(|d| (from..until).contains(&d.day));
            diagnoses.into_iter().any(|d| group.iter().any(|begins| d.icd10.starts_with(begins)))
        };
        let own = groups.iter().enumerate().filter(|(_, group)| within(group)).take(per_person);
        for (group, _) in own {
            cells[(group * ages.len() + band) * 2 + usize::from(!person.female)] += 1;
        }
    }
    cells
}

/// How many persons have a value, and the sum of what these lie above `lower`: each person's latest, the greatest of a day.
pub fn above<'a>(
    people: impl IntoIterator<Item = &'a Person>,
    loinc: &str,
    (lower, upper): (i64, i64),
    (from, until): Days,
) -> (i64, i64) {
    let (mut count, mut sum) = (0, 0);
    for person in people {
        let own = person.results.iter().filter(|r| r.loinc == loinc && (from..until).contains(&r.day));
        let value = |text: &str| text.parse::<f64>().map_or(lower, |value| value.round() as i64);
        let latest = own.map(|result| (result.day, value(&result.value).clamp(lower, upper))).max();
        if let Some((_, value)) = latest {
            count += 1;
            sum += value - lower;
        }
    }
    (count, sum)
}

fn age(born: NaiveDate, day: NaiveDate) -> i32 {
    let years = day.year() - born.year();
    years - i32::from((day.month(), day.day()) < (born.month(), born.day()))
}
