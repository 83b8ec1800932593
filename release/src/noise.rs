//! From an exact answer to one that may leave.

use medrec_primitives::research::{PartKind, Rho, TableKind};
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use rand::{CryptoRng, RngCore};

use crate::{account::Variance, gaussian::discrete_gaussian};

/// A part of an answer, with its noise. Nothing is suppressed: what is displayed may hide small cells
/// ([`crate::interval::display_threshold`]), and that is no protection but a courtesy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What it is.
    pub kind: PartKind,
    /// The numbers. They can be below 0.
    pub numbers: Vec<i128>,
    /// The variance of the noise on each.
    pub variance: Variance,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The rho is too small to be shared among the parts.
    TooLittleRho,
    /// The exact numbers do not have the shape that the table has.
    WrongShape,
}

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLittleRho => "the rho cannot be shared among the answer's parts; plan at least 20 units",
            Self::WrongShape => "the exact answer does not have the numbers that the table has",
        })
    }
}

impl std::error::Error for NoAnswer {}

/// Adds noise to an exact answer, so that the whole costs `rho`. A service passes [`crate::Fresh`], calls this once for each answer, and
/// stores what comes out before anyone sees it: a second call has other noise, and the two together would tell more.
pub fn answer<R: RngCore + CryptoRng>(
    rng: &mut R,
    kind: TableKind,
    rho: Rho,
    exact: &[Vec<i128>],
) -> Result<Vec<Answered>, NoAnswer> {
    let parts = kind.parts(rho).ok_or(NoAnswer::TooLittleRho)?;
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let fits = parts.len() == exact.len()
        && parts.iter().zip(exact).all(|(part, numbers)| numbers.len() == usize::from(part.width));
    if !fits {
        return Err(NoAnswer::WrongShape);
    }
    let with_noise = |(part, numbers): (&medrec_primitives::research::Part, &Vec<i128>)| {
        let variance = Variance::of(part).ok_or(NoAnswer::TooLittleRho)?;
        let numbers = numbers
            .iter()
            .map(|number| clamped(BigInt::from(*number) + discrete_gaussian(rng, &variance)))
            .collect();
        Ok(Answered { kind: part.kind, numbers, variance })
    };
    parts.iter().zip(exact).map(with_noise).collect()
}

/// What is beyond 128 bits, which no draw will ever be, at their end.
fn clamped(number: BigInt) -> i128 {
    let end = if number.sign() == num_bigint::Sign::Minus { i128::MIN } else { i128::MAX };
    number.to_i128().unwrap_or(end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rand::{rngs::StdRng, SeedableRng};

    use super::*;
    use crate::{
        contribution::{Merge, Row},
        Contributions, Fresh,
    };

    const KIND: TableKind = TableKind::Counts { cells: 4, per_person: 1 };

    fn cohort() -> Contributions {
        let mut all = Contributions::new();
        (0..100).for_each(|person| all.row(person, Row::Cell((person % 4) as u16)));
        all
    }

    #[test]
    fn answer_should_be_the_same_bit_for_bit_when_those_who_released_nothing_differ_and_the_seed_is_fixed() {
        let noisy = |all: &Contributions| {
            let mut rng = StdRng::seed_from_u64(1);
            answer(&mut rng, KIND, 5_000, &all.exact(KIND, Merge::Latest)).unwrap()
        };
        // Persons who released nothing are not in the cohort: whatever their rows say, nobody hands them in. What is left of them to
        // differ by is where they stand in the database, and so the order in which the others come.
        let mut reversed = Contributions::new();
        (0..100).rev().for_each(|person| reversed.row(person, Row::Cell((person % 4) as u16)));
        assert_eq!(noisy(&cohort()), noisy(&reversed));
    }

    #[test]
    fn answer_should_have_other_noise_each_time_when_randomness_is_fresh() {
        let exact = cohort().exact(KIND, Merge::Latest);
        let noisy = || answer(&mut Fresh::default(), KIND, 5_000, &exact).unwrap();
        assert_ne!(noisy(), noisy());
    }

    #[test]
    fn answer_should_be_refused_when_its_shape_or_rho_is_wrong() {
        let rng = &mut Fresh::default();
        assert_eq!(answer(rng, KIND, 9, &[vec![1], vec![0; 4]]), Err(NoAnswer::TooLittleRho));
        for exact in [vec![vec![1]], vec![vec![1], vec![0; 3]], vec![vec![1], vec![0; 4], vec![1]]] {
            assert_eq!(answer(rng, KIND, 5_000, &exact), Err(NoAnswer::WrongShape));
        }
    }
}
