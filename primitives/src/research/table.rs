//! Planned tables: what is counted or summed, how far one person can change it, what it costs.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use super::{Credits, DuoPurposes, Rho};
use crate::Moment;

/// The most cells that a table has.
pub const MAX_CELLS: u16 = 4_096;

/// The largest absolute value of a bound: sums over 2^22 persons stay below 2^63.
pub const MAX_BOUND: i64 = 1 << 40;

/// What is counted or summed. What the cells are, and the unit and number of decimals of a value, stands in the definition.
///
/// Sensitivity here is how far the answer can change, in Euclidean norm, when all records of one person are replaced by any others.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum TableKind {
    /// Persons by cell, such as diagnosis group, age band and sex; a person counts in at most `per_person` cells, once in each.
    Counts {
        /// How many cells.
        cells: u16,
        /// In how many of them one person counts, at most.
        per_person: u16,
    },
    /// The sum of one value for each person. Who has none adds nothing, so 0 lies within the bounds.
    Sum {
        /// The smallest that one person adds.
        lower: i64,
        /// The largest that one person adds.
        upper: i64,
    },
    /// The mean of one value for each person who has one: the sum of what each lies above `lower`, and the count.
    Mean {
        /// The smallest value; smaller ones count as this.
        lower: i64,
        /// The largest value; larger ones count as this.
        upper: i64,
    },
    /// Persons by the bin that their value lies in, from which quantiles are read; one bin for each person.
    Histogram {
        /// How many bins.
        cells: u16,
    },
    /// Persons by the bin of time in which their first event lies.
    Incidents {
        /// How many bins.
        bins: u16,
    },
}

/// A part of an answer, with noise of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// How many numbers it has.
    pub width: u16,
    /// The square of its sensitivity.
    pub sensitivity_squared: u128,
    /// What it costs. The variance of its noise is `sensitivity_squared / (2 rho)`.
    pub rho: Rho,
}

/// What a part of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// How many persons the cohort has: the denominator that every answer has.
    Cohort,
    /// How many persons are in each cell.
    Cells,
    /// How many persons have a value.
    Count,
    /// The sum.
    Sum,
}

impl TableKind {
    /// How many numbers the table has, the denominator aside; 2 for a mean.
    pub const fn width(self) -> u16 {
        match self {
            Self::Counts { cells, .. } | Self::Histogram { cells } => cells,
            Self::Incidents { bins } => bins,
            Self::Sum { .. } => 1,
            Self::Mean { .. } => 2,
        }
    }

    /// Whether bounds and sizes have a meaning.
    pub fn is_well_formed(self) -> bool {
        let cells = |cells: u16| (1..=MAX_CELLS).contains(&cells);
        let within = |lower: i64, upper: i64| -MAX_BOUND <= lower && lower < upper && upper <= MAX_BOUND;
        match self {
            Self::Counts { cells: n, per_person } => cells(n) && (1..=n).contains(&per_person),
            Self::Histogram { cells: n } | Self::Incidents { bins: n } => cells(n),
            Self::Sum { lower, upper } => within(lower, upper) && lower <= 0 && 0 <= upper,
            Self::Mean { lower, upper } => within(lower, upper),
        }
    }

    /// The parts of an answer that costs `rho`, which share it exactly: a tenth for the denominator, the rest for the table; a
    /// mean halves that between its sum and its count. `None` if there is not a unit for each part.
    pub fn parts(self, rho: Rho) -> Option<[Option<Part>; 3]> {
        let cohort = rho.checked_div(10)?;
        let rest = rho.checked_sub(cohort)?;
        let part = |kind, width, sensitivity_squared, rho| {
            (rho > 0).then_some(Part { kind, width, sensitivity_squared, rho })
        };
        let denominator = Some(part(PartKind::Cohort, 1, 1, cohort)?);
        let cells = |n: u16, per_person: u16| part(PartKind::Cells, n, squared_of_cells(n, per_person), rest);
        Some(match self {
            Self::Counts { cells: n, per_person } => [denominator, Some(cells(n, per_person)?), None],
            Self::Histogram { cells: n } | Self::Incidents { bins: n } => {
                [denominator, Some(cells(n, 1)?), None]
            }
            Self::Sum { lower, upper } => {
                [denominator, Some(part(PartKind::Sum, 1, squared_of_range(lower, upper), rest)?), None]
            }
            Self::Mean { lower, upper } => {
                let count = rest.checked_div(2)?;
                let sum = rest.checked_sub(count)?;
                [
                    denominator,
                    Some(part(PartKind::Count, 1, 1, count)?),
                    Some(part(PartKind::Sum, 1, squared_of_range(lower, upper), sum)?),
                ]
            }
        })
    }
}

/// A person leaves at most `per_person` cells and enters as many; no more cells than there are can change.
fn squared_of_cells(cells: u16, per_person: u16) -> u128 {
    u128::from(per_person).saturating_mul(2).min(u128::from(cells))
}

fn squared_of_range(lower: i64, upper: i64) -> u128 {
    let range = u128::from(upper.abs_diff(lower));
    range.saturating_mul(range)
}

/// Who is paid for an answer, where anyone is. Never a patient: their keys must not be joined by payments.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Payee {
    /// The provider's own account.
    Provider,
    /// The common fund, of which the consortium disposes.
    Fund,
}

/// What a claim costs beside credits.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Fee<Balance> {
    /// How much (plancks). Held from the claim on, paid when the claim is closed.
    pub amount: Balance,
    /// Whom it is paid to.
    pub payee: Payee,
}

/// A table as a provider plans it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TableSpec<Balance> {
    /// What is counted or summed.
    pub kind: TableKind,
    /// BLAKE2b-256 of the definition, which the provider's gatekeeper serves: value sets, cells, unit, decimals.
    pub definition: [u8; 32],
    /// For which purposes it may be claimed. Who excludes one of them is not in its cohort, so that one answer is for all claims.
    pub purposes: DuoPurposes,
    /// When its first epoch begins (ms).
    pub first: Moment,
    /// How long an epoch is (ms).
    pub length: Moment,
    /// How many epochs there are.
    pub epochs: u16,
    /// What each epoch's answer costs in privacy.
    pub rho: Rho,
    /// What a claim costs.
    pub price: Credits,
    /// What it costs beside, if anything.
    pub fee: Option<Fee<Balance>>,
}

impl<Balance> TableSpec<Balance> {
    /// When an epoch has ended (ms): from then on it can be claimed. `None` if there is no such epoch.
    pub fn ends(&self, epoch: u16) -> Option<Moment> {
        if epoch >= self.epochs {
            return None;
        }
        let epochs = Moment::from(epoch).checked_add(1)?;
        self.length.checked_mul(epochs)?.checked_add(self.first)
    }

    /// What all its epochs cost together.
    pub fn total_rho(&self) -> u64 {
        u64::from(self.rho).saturating_mul(u64::from(self.epochs))
    }
}

/// A table of a published plan.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Table<Balance> {
    /// As planned. Never changed.
    pub spec: TableSpec<Balance>,
    /// Whether its provider took it back: nothing new is answered then.
    pub withdrawn: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [TableKind; 5] = [
        TableKind::Counts { cells: 120, per_person: 2 },
        TableKind::Sum { lower: -3, upper: 7 },
        TableKind::Mean { lower: 40, upper: 140 },
        TableKind::Histogram { cells: 20 },
        TableKind::Incidents { bins: 12 },
    ];

    fn parts(kind: TableKind, rho: Rho) -> Vec<Part> {
        kind.parts(rho).map(|parts| parts.into_iter().flatten().collect()).unwrap_or_default()
    }

    #[test]
    fn parts_should_share_rho_exactly() {
        for kind in KINDS {
            for rho in [20, 21, 99, 1_000, 12_345, u32::MAX] {
                let parts = parts(kind, rho);
                assert!(parts.len() >= 2, "{kind:?} {rho}");
                assert_eq!(parts.iter().map(|part| u64::from(part.rho)).sum::<u64>(), u64::from(rho));
                assert!(parts.iter().all(|part| part.rho > 0));
            }
        }
    }

    #[test]
    fn parts_should_be_none_when_rho_is_too_small_to_share() {
        assert!(KINDS.iter().all(|kind| kind.parts(9).is_none()));
        assert!(KINDS.iter().all(|kind| kind.parts(0).is_none()));
    }

    #[test]
    fn sensitivities_should_be_those_of_the_design() {
        let of = |kind: TableKind| {
            let parts = parts(kind, 1_000);
            parts.into_iter().skip(1).map(|part| part.sensitivity_squared).collect::<Vec<_>>()
        };
        assert_eq!(of(TableKind::Counts { cells: 1, per_person: 1 }), [1]);
        assert_eq!(of(TableKind::Histogram { cells: 20 }), [2]);
        assert_eq!(of(TableKind::Counts { cells: 120, per_person: 3 }), [6]);
        assert_eq!(of(TableKind::Counts { cells: 4, per_person: 3 }), [4]);
        assert_eq!(of(TableKind::Sum { lower: -3, upper: 7 }), [100]);
        assert_eq!(of(TableKind::Mean { lower: 40, upper: 140 }), [1, 10_000]);
    }

    #[test]
    fn kinds_should_be_refused_when_their_bounds_have_no_meaning() {
        assert!(KINDS.iter().all(|kind| kind.is_well_formed()));
        for kind in [
            TableKind::Counts { cells: 0, per_person: 0 },
            TableKind::Counts { cells: 3, per_person: 4 },
            TableKind::Counts { cells: 3, per_person: 0 },
            TableKind::Histogram { cells: MAX_CELLS + 1 },
            TableKind::Incidents { bins: 0 },
            TableKind::Sum { lower: 1, upper: 7 },
            TableKind::Sum { lower: 0, upper: 0 },
            TableKind::Mean { lower: 7, upper: 7 },
            TableKind::Mean { lower: 0, upper: MAX_BOUND + 1 },
        ] {
            assert!(!kind.is_well_formed(), "{kind:?}");
        }
    }

    #[test]
    fn epoch_should_end_when_its_length_is_over() {
        let spec = TableSpec::<u64> {
            kind: KINDS[0],
            definition: [0; 32],
            purposes: DuoPurposes::GENERAL,
            first: 100,
            length: 10,
            epochs: 2,
            rho: 1_000,
            price: 1,
            fee: None,
        };
        assert_eq!([spec.ends(0), spec.ends(1), spec.ends(2)], [Some(110), Some(120), None]);
        assert_eq!(spec.total_rho(), 2_000);
        assert_eq!(TableSpec { length: u64::MAX, ..spec }.ends(1), None);
    }
}
