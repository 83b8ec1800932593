//! Medians, quartiles, confidence intervals.

use serde_json::{json, Value};

/// The middle of some measurements, and how far they spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// A quarter is below.
    pub low: f64,
    /// Half is below.
    pub median: f64,
    /// Three quarters are below.
    pub high: f64,
}

impl Spread {
    /// Of these measurements; zeros if there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self { low: quantile(&values, 0.25), median: quantile(&values, 0.5), high: quantile(&values, 0.75) }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({ "q1": self.low, "median": self.median, "q3": self.high })
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(2);
        write!(f, "{:.digits$} ({:.digits$} to {:.digits$})", self.median, self.low, self.high)
    }
}

/// The value below which this share of sorted values is; between the two neighbours where it falls between two, zero of none.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share * last as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// Standard deviations to either side that hold 99 % of a normal distribution.
const Z: f64 = 2.576;

/// A mean with its 99 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

impl Mean {
    /// The mean of independent observations; one of each person, for instance.
    pub fn of(values: &[f64]) -> Self {
        let count = values.len().max(1) as f64;
        let value = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|x| (x - value).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
        let margin = Z * (variance / count).sqrt();
        Self { value, low: value - margin, high: value + margin }
    }

    /// How often something happened, which may be never: Wilson's interval.
    pub fn of_rare(values: &[f64]) -> Self {
        let count = values.len().max(1) as f64;
        let value = values.iter().sum::<f64>() / count;
        let scale = 1.0 + Z * Z / count;
        let middle = (value + Z * Z / (2.0 * count)) / scale;
        let margin = Z / scale * (value * (1.0 - value) / count + (Z / (2.0 * count)).powi(2)).sqrt();
        Self { value, low: (middle - margin).max(0.0), high: (middle + margin).min(1.0) }
    }

    /// Whether the interval holds a value.
    #[cfg(test)]
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({ "value": self.value, "low": self.low, "high": self.high })
    }
}

impl std::fmt::Display for Mean {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(4);
        write!(f, "{:.digits$} [{:.digits$}, {:.digits$}]", self.value, self.low, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_should_be_the_quartiles_when_there_are_several_values() {
        let spread = Spread::of([5.0, 1.0, 3.0, 2.0, 4.0]);
        assert_eq!((spread.low, spread.median, spread.high), (2.0, 3.0, 4.0));
        assert_eq!(Spread::of([1.0, 2.0]).median, 1.5);
    }

    #[test]
    fn mean_should_narrow_when_there_are_more_values() {
        let few = Mean::of(&[0.0, 1.0, 0.0, 1.0]);
        let many = Mean::of(&[0.0, 1.0].repeat(1_000));
        assert_eq!((few.value, many.value), (0.5, 0.5));
        assert!(many.high - many.low < (few.high - few.low) / 10.0);
        assert!(many.holds(0.5) && !many.holds(0.6));
    }

    #[test]
    fn interval_should_not_be_empty_when_nothing_happened() {
        let never = Mean::of_rare(&[0.0; 1_000]);
        assert!(never.low < 1e-9 && never.holds(0.005) && !never.holds(0.01), "{never}");
        let half = Mean::of_rare(&[0.0, 1.0].repeat(500));
        assert!(half.holds(0.5) && !half.holds(0.6), "{half}");
    }
}
