//! The best attack on a year of answers, with the mechanism itself, against what the accounting allows.
//!
//! The attacker knows everybody's records but one person's, and two things that these may be; a coin decided which. It sees all answers of
//! a year that costs rho 0.1, and guesses. Whatever it knows beside, no test between two cases beats the ratio of their likelihoods
//! (Neyman and Pearson), so this one includes every differencing attack: subtracting what is known, overlapping tables, repeated quarters
//! (Dinur and Nissim, PODS 2003; Homer and others, PLoS Genetics 2008; Sankararaman and others, Nature Genetics 2009). The noise has one
//! variance in both cases, so the ratio of likelihoods is known exactly, from whole numbers.
//!
//! Each test states its power: how much too little noise it would find.

#![allow(clippy::unwrap_used)]

use medrec_primitives::research::TableKind;
use medrec_release::{
    contribution::{Merge, Row},
    discrete_gaussian,
    year::YEAR,
    Contributions, Variance,
};
use num_traits::ToPrimitive;
use rand::{rngs::StdRng, Rng, SeedableRng};

/// How often the coin is tossed.
const GUESSES: u32 = 40_000;

/// Below or above which many standard deviations a sound mechanism is found once in three million runs.
const SURE: f64 = 5.0;

/// Answers to one table in the two cases, without noise.
struct Table {
    kind: TableKind,
    rho: u32,
    cases: [Vec<Vec<i128>>; 2],
}

impl Table {
    /// By how much the sum of squares tells the cases apart: the divergence, in rho, of the two distributions of what is seen.
    fn rho_between(&self) -> f64 {
        let parts = self.kind.parts(self.rho).unwrap();
        let parts = parts.iter().flatten().zip(self.cases[0].iter().zip(&self.cases[1]));
        parts
            .map(|(part, (one, other))| {
                let apart: i128 = one.iter().zip(other).map(|(one, other)| (one - other).pow(2)).sum();
                apart as f64 / (2.0 * Variance::of(part).unwrap().sigma().powi(2))
            })
            .sum()
    }

    /// Twice the logarithm of the ratio of likelihoods of one answer that is drawn now in this case: above 0 it speaks for case 0. Numbers
    /// that are the same in both cases say nothing, and no noise is drawn for them: the mechanism's is independent.
    fn evidence(&self, rng: &mut StdRng, case: usize) -> f64 {
        let parts = self.kind.parts(self.rho).unwrap();
        let mut evidence = 0.0;
        for (part, (one, other)) in parts.iter().flatten().zip(self.cases[0].iter().zip(&self.cases[1])) {
            let variance = Variance::of(part).unwrap();
            for (one, other) in one.iter().zip(other).filter(|(one, other)| one != other) {
                let noise = discrete_gaussian(rng, &variance).to_i128().unwrap();
                let seen = [one, other][case] + noise;
                evidence += ((seen - other).pow(2) - (seen - one).pow(2)) as f64 / variance.sigma().powi(2);
            }
        }
        evidence
    }
}

/// The evidence that the best attack has in each of its guesses on all of these answers together, with the case that was true.
fn guesses(tables: &[Table]) -> Vec<(usize, f64)> {
    let mut rng = StdRng::seed_from_u64(20_261_123);
    let mut guess = |_| {
        let case = usize::from(rng.gen_bool(0.5));
        (case, tables.iter().map(|table| table.evidence(&mut rng, case)).sum())
    };
    (0..GUESSES).map(&mut guess).collect()
}

/// How often it is right, where it changes its mind at this threshold.
fn right(guesses: &[(usize, f64)], threshold: f64) -> f64 {
    let right = guesses.iter().filter(|(case, evidence)| (*evidence < threshold) == (*case == 1)).count();
    right as f64 / guesses.len() as f64
}

/// The probability that a standard normal variable lies below `x` (Abramowitz and Stegun 26.2.17, error below 1e-7).
fn phi(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let poly = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530];
    let tail = poly.iter().fold(0.0, |sum, c| (sum + c) * t) * (-x * x / 2.0).exp()
        / (2.0 * std::f64::consts::PI).sqrt();
    if x < 0.0 {
        tail
    } else {
        1.0 - tail
    }
}

/// What the accounting allows a guess from a toss-up: by Pinsker's inequality for any mechanism of this rho, and for Gaussian noise.
fn allowed(rho: f64) -> (f64, f64) {
    (0.5 + (rho / 8.0).sqrt(), phi((rho / 2.0).sqrt()))
}

/// Holds the attack against what is allowed; and says what it would have found.
fn hold(name: &str, tables: &[Table], rho: f64) {
    let between: f64 = tables.iter().map(Table::rho_between).sum();
    assert!(between <= rho + 1e-9, "{name}: the two cases are {between} apart, and only {rho} was paid for");
    let guesses = guesses(tables);
    let found = right(&guesses, 0.0);
    let standard = (0.25 / f64::from(GUESSES)).sqrt();
    let (pinsker, gaussian) = allowed(rho);
    println!("{name}: apart by rho {between:.4} of {rho}; right {found:.4}; allowed {gaussian:.4}, by Pinsker {pinsker:.4}");
    assert!(found <= pinsker, "{name}: {found} > {pinsker}");
    assert!(found <= gaussian + SURE * standard, "{name}: {found} > {gaussian}");
    // Nor does it gain by being right of one case more often than of the other.
    for threshold in [-1.0, -0.3, 0.3, 1.0] {
        let found = right(&guesses, threshold);
        assert!(found <= gaussian + SURE * standard, "{name}, threshold {threshold}: {found} > {gaussian}");
    }
    // An attack that fails for being clumsy shows nothing: it finds what there is to be found.
    let there = phi((between / 2.0).sqrt());
    assert!(found >= there - SURE * standard, "{name}: {found} < {there}: the attack is not the best one");
    // Power: were the noise so small that it costs half as much again, this would fail 99 times of 100.
    let caught = phi((1.5 * rho / 2.0).sqrt()) - 2.33 * standard;
    assert!(caught > gaussian + SURE * standard, "{name}: the test would not see rho {rho} exceeded by half");
}

/// All answers of the year in which one person is all that differs, and differs as much as it can.
fn whole_year(difference: impl Fn(TableKind) -> [Contributions; 2]) -> Vec<Table> {
    let mut tables = Vec::new();
    for planned in &YEAR {
        for _ in 0..planned.epochs {
            let cases = difference(planned.kind).map(|cohort| cohort.exact(planned.kind, Merge::Latest));
            tables.push(Table { kind: planned.kind, rho: planned.rho, cases });
        }
    }
    tables
}

/// A cohort of 200, whom the attacker knows.
fn others(kind: TableKind) -> Contributions {
    let mut all = Contributions::new();
    for person in 0..200u64 {
        let row = match kind {
            TableKind::Sum { lower, upper } | TableKind::Mean { lower, upper } => {
                Row::Value { at: 0, units: lower + (person as i64 * 7) % (upper - lower) }
            }
            _ => Row::Cell((person % 4) as u16),
        };
        all.person(person);
        all.row(person, row);
    }
    all
}

const SUSPECT: u64 = 1_000;

/// The suspect's records: as many cells as may be, from this one on, or this value.
fn suspect(kind: TableKind, from: u16, value: Option<i64>) -> Contributions {
    let mut all = others(kind);
    all.person(SUSPECT);
    match kind {
        TableKind::Counts { per_person, .. } => {
            (from * per_person..(from + 1) * per_person).for_each(|cell| all.row(SUSPECT, Row::Cell(cell)));
        }
        TableKind::Histogram { .. } | TableKind::Incidents { .. } => all.row(SUSPECT, Row::Cell(from)),
        TableKind::Sum { .. } | TableKind::Mean { .. } => {
            if let Some(units) = value {
                all.row(SUSPECT, Row::Value { at: 0, units });
            }
        }
    }
    all
}

#[test]
fn attack_should_be_right_no_more_often_than_accounted_when_one_persons_records_of_a_year_are_others() {
    let tables = whole_year(|kind| {
        let upper = match kind {
            TableKind::Mean { upper, .. } | TableKind::Sum { upper, .. } => upper,
            _ => 0,
        };
        [suspect(kind, 0, Some(upper)), suspect(kind, 1, None)]
    });
    // A tenth of the rho is for denominators, which nobody's records change.
    let between: f64 = tables.iter().map(Table::rho_between).sum();
    assert!((between - 0.09).abs() < 1e-9, "{between}: the two cases are not as far apart as they can be");
    hold("records replaced", &tables, 0.1);
}

#[test]
fn attack_should_be_right_no_more_often_than_accounted_when_the_person_may_not_be_there_at_all() {
    let tables = whole_year(|kind| {
        let upper = match kind {
            TableKind::Mean { upper, .. } | TableKind::Sum { upper, .. } => upper,
            _ => 0,
        };
        [suspect(kind, 0, Some(upper)), others(kind)]
    });
    hold("joined or not", &tables, 0.1);
}

#[test]
fn attack_should_be_right_no_more_often_than_accounted_when_every_number_differs_as_far_as_it_may() {
    // Not reachable by anybody's records: each part differs by all that was paid for, denominators, too.
    let mut tables = Vec::new();
    for planned in &YEAR {
        let parts = planned.kind.parts(planned.rho).unwrap();
        let zeros: Vec<Vec<i128>> =
            parts.iter().flatten().map(|part| vec![0; usize::from(part.width)]).collect();
        let mut far = zeros.clone();
        for (numbers, part) in far.iter_mut().zip(parts.iter().flatten()) {
            let root = (part.sensitivity_squared as f64).sqrt() as i128;
            if root * root == part.sensitivity_squared as i128 {
                numbers[0] = root;
            } else {
                // Sensitivities of cells are sums of ones.
                let ones = usize::try_from(part.sensitivity_squared).unwrap();
                numbers.iter_mut().take(ones).for_each(|number| *number = 1);
            }
        }
        let cases = [zeros, far];
        (0..planned.epochs).for_each(|_| {
            tables.push(Table { kind: planned.kind, rho: planned.rho, cases: cases.clone() });
        });
    }
    let between: f64 = tables.iter().map(Table::rho_between).sum();
    assert!((between - 0.1).abs() < 1e-9, "{between}: all of the year's rho can be seen");
    hold("every number", &tables, 0.1);
}

#[test]
fn attack_should_be_right_no_more_often_than_accounted_when_all_is_spent_on_two_tables() {
    // The attack by subtraction: a table, and one that is the same but for the suspect. All of the year's rho is spent on the two.
    let kind = TableKind::Counts { cells: 2, per_person: 1 };
    let tables: Vec<Table> = (0..2)
        .map(|_| Table {
            kind,
            rho: 50_000,
            cases: [0, 1].map(|case| suspect(kind, case, None).exact(kind, Merge::Latest)),
        })
        .collect();
    hold("two tables that differ by one", &tables, 0.1);
}
