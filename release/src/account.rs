//! What noise costs, in exact numbers.

use medrec_primitives::research::{Part, Rho, RHO_UNIT};
use num_bigint::BigUint;
use num_traits::{ToPrimitive, Zero};

/// The variance of noise: a positive rational number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variance {
    numerator: BigUint,
    denominator: BigUint,
}

impl Variance {
    /// The variance `numerator / denominator`; `None` unless both are above 0.
    pub fn new(numerator: impl Into<BigUint>, denominator: impl Into<BigUint>) -> Option<Self> {
        let (numerator, denominator) = (numerator.into(), denominator.into());
        (!numerator.is_zero() && !denominator.is_zero()).then_some(Self { numerator, denominator })
    }

    /// The variance by which a part of an answer costs what it may: `sensitivity^2 / (2 rho)`. `None` for a part that costs nothing, or
    /// that nobody can change.
    pub fn of(part: &Part) -> Option<Self> {
        Self::new(
            BigUint::from(part.sensitivity_squared) * BigUint::from(RHO_UNIT),
            BigUint::from(part.rho) * 2u8,
        )
    }

    /// The variance of this noise and another together, where neither knows of the other.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            numerator: &self.numerator * &other.denominator + &other.numerator * &self.denominator,
            denominator: &self.denominator * &other.denominator,
        }
    }

    /// What is above the line.
    pub fn numerator(&self) -> &BigUint {
        &self.numerator
    }

    /// What is below the line.
    pub fn denominator(&self) -> &BigUint {
        &self.denominator
    }

    /// The standard deviation, rounded: to be shown, never to be computed with.
    pub fn sigma(&self) -> f64 {
        let ratio =
            self.numerator.to_f64().unwrap_or(f64::MAX) / self.denominator.to_f64().unwrap_or(f64::MAX);
        ratio.sqrt()
    }

    /// What noise of this variance costs, in rho, on what changes by at most the root of `sensitivity_squared`.
    pub fn cost(&self, sensitivity_squared: u128) -> Cost {
        Cost {
            numerator: &self.denominator * BigUint::from(sensitivity_squared),
            denominator: &self.numerator * 2u8,
        }
    }
}

/// A rho, as the rational number that it is.
#[derive(Clone, Debug)]
pub struct Cost {
    numerator: BigUint,
    denominator: BigUint,
}

impl Cost {
    /// So many units.
    pub fn of(units: Rho) -> Self {
        Self { numerator: units.into(), denominator: RHO_UNIT.into() }
    }

    /// This and another, which both are spent.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            numerator: &self.numerator * &other.denominator + &other.numerator * &self.denominator,
            denominator: &self.denominator * &other.denominator,
        }
    }
}

impl PartialEq for Cost {
    fn eq(&self, other: &Self) -> bool {
        &self.numerator * &other.denominator == &other.numerator * &self.denominator
    }
}

/// The epsilon of (epsilon, delta)-differential privacy that a rho implies (Bun and Steinke 2016, proposition 1.3), rounded: to be shown.
pub fn epsilon(units: u64, delta: f64) -> f64 {
    let rho = units as f64 / f64::from(RHO_UNIT);
    rho + 2.0 * (rho * (1.0 / delta).ln()).sqrt()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use medrec_primitives::research::TableKind;
    use proptest::prelude::*;

    use super::*;

    fn kinds() -> impl Strategy<Value = TableKind> {
        prop_oneof![
            (1u16..4_096, 1u16..4_096).prop_filter_map("in range", |(cells, per_person)| {
                Some(TableKind::Counts { cells, per_person }).filter(|kind| kind.is_well_formed())
            }),
            (-1_000_000i64..1, 0i64..1_000_000).prop_filter_map("in range", |(lower, upper)| {
                Some(TableKind::Sum { lower, upper }).filter(|kind| kind.is_well_formed())
            }),
            (-1_000_000i64..1_000_000, 1i64..1_000_000)
                .prop_map(|(lower, range)| TableKind::Mean { lower, upper: lower + range }),
            (1u16..4_096).prop_map(|cells| TableKind::Histogram { cells }),
            (1u16..4_096).prop_map(|bins| TableKind::Incidents { bins }),
        ]
    }

    proptest! {
        #[test]
        fn answer_should_cost_exactly_what_its_table_says(kind in kinds(), units in 20u32..1_000_000) {
            let parts: Vec<_> = kind.parts(units).unwrap().into_iter().flatten().collect();
            let cost = parts
                .iter()
                .map(|part| Variance::of(part).unwrap().cost(part.sensitivity_squared))
                .fold(Cost::of(0), |sum, cost| sum.plus(&cost));
            prop_assert_eq!(cost, Cost::of(units));
        }
    }

    #[test]
    fn variance_should_be_refused_when_not_above_zero() {
        assert_eq!(Variance::new(0u8, 1u8), None);
        assert_eq!(Variance::new(1u8, 0u8), None);
    }

    #[test]
    fn epsilon_should_be_as_published_when_rho_is_a_tenth() {
        // 0.1 + 2 sqrt(0.1 ln 10^6) = 2.4508
        assert!((epsilon(100_000, 1e-6) - 2.450_788).abs() < 1e-5);
    }
}
