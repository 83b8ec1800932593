//! Who the patients are. The generator is ours and small: ages of a hospital's population, conditions that become commoner with age, values
//! that follow from both. It is seeded: the same seed makes the same persons. Nobody is real.

use chrono::{Days, NaiveDate};
use rand::{rngs::StdRng, Rng, SeedableRng};

/// Whose records a hospital keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The record number: digits, or letters and digits.
    pub mrn: String,
    /// Whether a woman, as the hospital has it.
    pub female: bool,
    /// Birth date.
    pub born: NaiveDate,
    /// What was diagnosed, each time.
    pub diagnoses: Vec<Diagnosis>,
    /// What was measured.
    pub results: Vec<Measured>,
}

/// A diagnosis at one visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// In ICD-10.
    pub icd10: &'static str,
    /// When.
    pub day: NaiveDate,
}

/// A measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// In LOINC.
    pub loinc: &'static str,
    /// The number, in digits.
    pub value: String,
    /// Its unit in UCUM.
    pub unit: &'static str,
    /// When.
    pub day: NaiveDate,
}

/// LOINC: glucose in serum or plasma.
pub const GLUCOSE: &str = "2345-7";
/// LOINC: haemoglobin A1c.
pub const HBA1C: &str = "4548-4";
/// LOINC: systolic blood pressure.
pub const SYSTOLIC: &str = "8480-6";
/// LOINC: creatinine in serum or plasma.
pub const CREATININE: &str = "2160-0";

/// How far back records go (days).
const PAST: u64 = 730;

/// A condition: its code, and the log-odds of having it at age 0 and for each further year; what being a man adds.
const CONDITIONS: [(&str, f64, f64, f64); 8] = [
    ("E11.9", -4.8, 0.050, 0.2),
    ("I10", -4.6, 0.070, 0.1),
    ("I25.1", -7.2, 0.080, 0.7),
    ("I50.9", -8.4, 0.085, 0.3),
    ("J44.9", -6.6, 0.062, 0.3),
    ("J45.9", -2.3, -0.008, -0.1),
    ("C50.9", -6.4, 0.060, -4.0),
    ("C61", -39.0, 0.075, 31.0),
];

/// So many persons, whose records end before `until`. Record numbers count from `first`.
pub fn synthetic(seed: u64, first: u32, count: usize, until: NaiveDate) -> Vec<Person> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..count).map(|n| person(&mut rng, first as usize + n, until)).collect()
}

fn person(rng: &mut StdRng, number: usize, until: NaiveDate) -> Person {
    let age: f64 = match rng.gen_range(0..20) {
        0..=3 => rng.gen_range(0.0..18.0),
        4..=13 => rng.gen_range(18.0..65.0),
        // Two draws: the oldest are few.
        _ => 65.0 + rng.gen_range(0.0..15.0) + rng.gen_range(0.0..15.0),
    };
    let female = rng.gen_bool(0.52);
    let born = until - Days::new((age * 365.25) as u64 + 1);
    let day = |rng: &mut StdRng| (until - Days::new(rng.gen_range(1..=PAST))).max(born);
    let mut diagnoses = Vec::new();
    let mut diabetic = false;
    for (icd10, base, slope, men) in CONDITIONS {
        let odds = (base + slope * age + if female { 0.0 } else { men }).exp();
        if !rng.gen_bool(odds / (1.0 + odds)) {
            continue;
        }
        diabetic |= icd10 == "E11.9";
        for _ in 0..rng.gen_range(1..=8) {
            diagnoses.push(Diagnosis { icd10, day: day(rng) });
        }
    }
    let mut results = Vec::new();
    let mut measure = |rng: &mut StdRng, loinc, unit, most: u32, digits: usize, mean: f64, sd: f64| {
        for _ in 0..rng.gen_range(0..=most) {
            let value = (mean + sd * normal(rng)).max(mean / 4.0);
            results.push(Measured { loinc, value: format!("{value:.digits$}"), unit, day: day(rng) });
        }
    };
    let of = |healthy: f64, ill: f64| if diabetic { ill } else { healthy };
    measure(rng, GLUCOSE, "mg/dL", 6, 0, of(90.0, 150.0) + 0.15 * age, of(10.0, 38.0));
    measure(rng, HBA1C, "%", if diabetic { 8 } else { 1 }, 1, of(5.4, 7.3), of(0.3, 1.2));
    measure(rng, SYSTOLIC, "mm[Hg]", 8, 0, 108.0 + 0.4 * age, 13.0);
    measure(rng, CREATININE, "mg/dL", 3, 2, if female { 0.8 } else { 1.0 } + 0.003 * age, 0.18);
    Person { mrn: number.to_string(), female, born, diagnoses, results }
}

/// A standard normal number (Box and Muller).
fn normal(rng: &mut StdRng) -> f64 {
    let (one, two): (f64, f64) = (rng.gen_range(f64::MIN_POSITIVE..1.0), rng.gen());
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * two).cos()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn persons_should_be_the_same_when_the_seed_is_and_others_when_it_is_not() {
        let until = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
        let of = |seed| synthetic(seed, 1, 200, until);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn persons_should_be_plausible() {
        let until = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
        let all = synthetic(7, 1, 10_000, until);
        let share = |which: &dyn Fn(&Person) -> bool| all.iter().filter(|p| which(p)).count() as f64 / 1e4;
        let has = |icd10: &'static str| {
            move |person: &Person| person.diagnoses.iter().any(|diagnosis| diagnosis.icd10 == icd10)
        };
        assert!((0.5..0.54).contains(&share(&|person| person.female)));
        assert!((0.05..0.20).contains(&share(&has("E11.9"))), "{}", share(&has("E11.9")));
        assert!((0.15..0.40).contains(&share(&has("I10"))), "{}", share(&has("I10")));
        assert!((0.01..0.12).contains(&share(&has("I50.9"))), "{}", share(&has("I50.9")));
        assert_eq!(share(&|person| person.female && has("C61")(person)), 0.0);
        assert!(all
            .iter()
            .all(|person| person.diagnoses.iter().all(|d| person.born <= d.day && d.day < until)));
        let glucose: Vec<f64> = all
            .iter()
            .flat_map(|person| &person.results)
            .filter(|result| result.loinc == GLUCOSE)
            .map(|result| result.value.parse().unwrap())
            .collect();
        let mean = glucose.iter().sum::<f64>() / glucose.len() as f64;
        assert!((95.0..115.0).contains(&mean), "{mean}");
    }
}
