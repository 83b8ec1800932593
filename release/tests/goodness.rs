//! Whether the sampler draws what it says, and the stated intervals hold as often as they say.
//!
//! A chi-squared test at significance 1e-6 on 10^6 draws: a sound sampler fails once in a million runs. Its power is computed in the tests: the
//! deviations that it would find with a probability above 0.99.

#![allow(clippy::unwrap_used)]

use medrec_primitives::research::{PartKind, TableKind};
use medrec_release::{
    account::Variance,
    contribution::{Merge, Row},
    discrete_gaussian,
    interval::{combined_half_width, half_width, mean},
    Contributions, Fresh,
};
use num_traits::ToPrimitive;

const DRAWS: usize = 1_000_000;

/// The probabilities of the discrete Gaussian, for `-reach..=reach`, the ends with their tails.
fn probabilities(sigma_squared: f64, reach: i64) -> Vec<f64> {
    let weight = |x: i64| (-(x as f64).powi(2) / (2.0 * sigma_squared)).exp();
    let far = reach * 10 + 50;
    let total: f64 = (-far..=far).map(weight).sum();
    (-reach..=reach)
        .map(|x| {
            let tail: f64 = if x.abs() == reach { (reach + 1..=far).map(weight).sum() } else { 0.0 };
            (weight(x) + tail) / total
        })
        .collect()
}

/// The statistic of the chi-squared test.
fn chi_squared(counts: &[u64], expected: &[f64], draws: usize) -> f64 {
    counts
        .iter()
        .zip(expected)
        .map(|(count, p)| {
            let mean = p * draws as f64;
            (*count as f64 - mean).powi(2) / mean
        })
        .sum()
}

/// What a chi-squared variable of `degrees` exceeds with probability 1e-6 (Wilson and Hilferty).
fn critical(degrees: f64) -> f64 {
    let z = 4.753_424;
    degrees * (1.0 - 2.0 / (9.0 * degrees) + z * (2.0 / (9.0 * degrees)).sqrt()).powi(3)
}

fn draw(variance: &Variance, reach: i64, draws: usize) -> Vec<u64> {
    let mut counts = vec![0; (2 * reach + 1) as usize];
    let mut fresh = Fresh::default();
    for _ in 0..draws {
        let drawn = discrete_gaussian(&mut fresh, variance).to_i64().unwrap();
        counts[(drawn.clamp(-reach, reach) + reach) as usize] += 1;
    }
    counts
}

/// The least expected count of a cell of the test.
const LEAST: f64 = 20.0;

fn reach(sigma_squared: f64) -> i64 {
    (1..).take_while(|reach| probabilities(sigma_squared, *reach)[0] * DRAWS as f64 >= LEAST).last().unwrap()
}

/// The chi-squared test of this variance on 10^6 draws; and that the same test, on draws of a variance one in fifty larger, would have
/// failed with a probability above 0.99.
fn fits(numerator: u64, denominator: u64) {
    let variance = Variance::new(numerator, denominator).unwrap();
    let sigma_squared = numerator as f64 / denominator as f64;
    let reach = reach(sigma_squared);
    let expected = probabilities(sigma_squared, reach);
    let critical = critical((2 * reach) as f64);
    let statistic = chi_squared(&draw(&variance, reach, DRAWS), &expected, DRAWS);
    assert!(statistic < critical, "{numerator}/{denominator}: {statistic} on {} cells", 2 * reach + 1);

    // Where the draws are of another distribution, the statistic is noncentral: mean degrees + lambda, variance 2 (degrees + 2 lambda).
    let other = probabilities(sigma_squared * 1.02, reach);
    let lambda: f64 = expected.iter().zip(&other).map(|(p, q)| DRAWS as f64 * (q - p).powi(2) / p).sum();
    let degrees = (2 * reach) as f64;
    let power_in_sigmas = (degrees + lambda - critical) / (2.0 * (degrees + 2.0 * lambda)).sqrt();
    println!("{numerator}/{denominator}: {statistic:.1} < {critical:.1}; power at +2 %: {power_in_sigmas:.1} sigma");
    assert!(power_in_sigmas > 2.33, "the test would not see a variance 2 % too large");
}

#[test]
fn sampler_should_fit_the_exact_distribution_when_the_noise_is_narrow() {
    fits(1, 2);
}

#[test]
fn sampler_should_fit_the_exact_distribution_when_the_variance_is_a_fraction() {
    fits(1_000_000, 150_001);
}

#[test]
fn sampler_should_fit_the_exact_distribution_when_the_noise_is_that_of_a_table() {
    // A table of two cells a person at rho 0.009.
    fits(4 * 1_000_000, 2 * 9_000);
}

#[test]
fn sampler_should_be_symmetric_and_of_the_right_width_when_the_noise_is_that_of_a_sum() {
    // A sum of 0 to 10^6 at rho 0.002: sigma 15.8 million.
    let variance = Variance::new(1_000_000_000_000u64 * 1_000_000, 4_000u32).unwrap();
    let draws = 100_000;
    let (mut sum, mut squares, mut above) = (0.0, 0.0, 0u32);
    let mut fresh = Fresh::default();
    let sigma = variance.sigma();
    for _ in 0..draws {
        let drawn = discrete_gaussian(&mut fresh, &variance).to_f64().unwrap() / sigma;
        sum += drawn;
        squares += drawn * drawn;
        above += u32::from(drawn.abs() > 1.959_964);
    }
    let n = f64::from(draws);
    // Five standard deviations of each estimate.
    assert!((sum / n).abs() < 5.0 / n.sqrt());
    assert!((squares / n - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
    assert!((f64::from(above) / n - 0.05).abs() < 5.0 * (0.05 * 0.95 / n).sqrt());
}

#[test]
fn interval_of_a_count_should_hold_the_true_value_as_often_as_it_says() {
    // 200,000 runs: a coverage of 0.945 instead of 0.95 would lie ten standard deviations off.
    let runs = 200_000;
    let variance = Variance::new(2_000_000u32, 2 * 4_000u32).unwrap();
    let off = half_width(&variance, 0.95);
    let mut fresh = Fresh::default();
    let held =
        (0..runs).filter(|_| discrete_gaussian(&mut fresh, &variance).to_f64().unwrap().abs() <= off).count();
    let rate = held as f64 / f64::from(runs);
    let standard = (0.95f64 * 0.05 / f64::from(runs)).sqrt();
    // The interval is of whole numbers: it may hold a little more often, by the weight of one number on each side.
    assert!(rate > 0.95 - 5.0 * standard, "{rate}");
    assert!(rate < 0.96, "{rate}");
}

#[test]
fn interval_of_a_number_over_providers_should_hold_the_true_value_as_often_as_it_says() {
    // A cell of a quarter's table of two cells a person, at three providers who planned it at different prices. 100,000 runs: a rate of 0.945
    // would be found with a probability of 0.99, and a sound one is refused once in a million runs.
    let runs = 100_000;
    let variances: Vec<Variance> =
        [4_000u32, 10_000, 30_000].iter().map(|rho| Variance::new(4_000_000u32, rho * 2).unwrap()).collect();
    let off = combined_half_width(&variances, 0.95);
    let mut fresh = Fresh::default();
    let mut held = 0;
    for _ in 0..runs {
        let noise: f64 =
            variances.iter().map(|one| discrete_gaussian(&mut fresh, one).to_f64().unwrap()).sum();
        held += u32::from(noise.abs() <= off);
    }
    let rate = f64::from(held) / f64::from(runs);
    let standard = (0.95f64 * 0.05 / f64::from(runs)).sqrt();
    assert!(0.945 < 0.95 - (4.75 + 2.33) * standard, "the power that is stated");
    // Of whole numbers, and rounded up: by the weight of one number on each side more.
    assert!(rate > 0.95 - 4.75 * standard && rate < 0.96, "{rate}");
}

#[test]
fn interval_of_a_mean_should_hold_the_true_value_as_often_as_it_says() {
    let kind = TableKind::Mean { lower: 40, upper: 140 };
    let mut cohort = Contributions::new();
    for person in 0..500 {
        let units = 60 + (person as i64 * 7) % 50;
        cohort.row(person, Row::Value { at: 0, units });
    }
    let exact = cohort.exact(kind, Merge::Latest);
    let truth = 40.0 + exact[2][0] as f64 / exact[1][0] as f64;
    let (runs, mut fresh) = (20_000, Fresh::default());
    let mut held = 0;
    for _ in 0..runs {
        let parts = medrec_release::answer(&mut fresh, kind, 4_000, &exact).unwrap();
        let part = |kind| {
            let part = parts.iter().find(|part| part.kind == kind).unwrap();
            (part.numbers[0], &part.variance)
        };
        let (_, low, high) = mean(part(PartKind::Count), part(PartKind::Sum), 40, 140, 0.95).unwrap();
        held += u32::from(low <= truth && truth <= high);
    }
    let rate = f64::from(held) / f64::from(runs);
    // Stated as "95 times of 100 or more": a rate of 0.94 would be found with a probability above 0.99.
    let standard = (0.95f64 * 0.05 / f64::from(runs)).sqrt();
    assert!(0.94 < 0.95 - (3.0 + 2.33) * standard, "the power that is stated");
    assert!(rate >= 0.95 - 3.0 * standard, "{rate}");
    println!("the interval of a mean held {rate} times of 1");
}
