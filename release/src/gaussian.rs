//! The discrete Gaussian: whole numbers `x` with probability in proportion to `exp(-x^2 / (2 variance))`, exactly.
//!
//! After Canonne, Kamath and Steinke (NeurIPS 2020), algorithms 2 and 3: rejection from a discrete Laplace distribution. A vector whose
//! parts change by at most `d` in Euclidean norm, each part with independent noise of this kind, is `d^2 / (2 variance)`-zCDP (their
//! theorem 4 and corollary).

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{One, Zero};
use rand::{CryptoRng, RngCore};

use crate::{
    account::Variance,
    bernoulli::{below, exp_minus},
};

/// A draw of the discrete Laplace distribution: `x` in proportion to `exp(-|x| / scale)`, for a whole `scale` above 0.
pub fn discrete_laplace<R: RngCore + CryptoRng>(rng: &mut R, scale: &BigUint) -> BigInt {
    let one = BigUint::one();
    loop {
        let rest = below(rng, scale);
        if !exp_minus(rng, &rest, scale) {
            continue;
        }
        let mut whole = BigUint::zero();
        while exp_minus(rng, &one, &one) {
            whole += 1u8;
        }
        let size = rest + scale * whole;
        let negative = rng.next_u32() & 1 == 1;
        // Else 0 would come twice as often as it should.
        if negative && size.is_zero() {
            continue;
        }
        return BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, size);
    }
}

/// A draw of the discrete Gaussian of this variance.
pub fn discrete_gaussian<R: RngCore + CryptoRng>(rng: &mut R, variance: &Variance) -> BigInt {
    let (p, q) = (variance.numerator(), variance.denominator());
    // floor(sigma) + 1
    let scale = (p / q).sqrt() + 1u8;
    // exp(-(|y| - variance / scale)^2 / (2 variance)), over one denominator
    let denominator = BigUint::from(2u8) * p * q * &scale * &scale;
    loop {
        let draw = discrete_laplace(rng, &scale);
        let scaled = BigInt::from(draw.magnitude() * &scale * q) - BigInt::from(p.clone());
        let numerator = scaled.magnitude() * scaled.magnitude();
        if exp_minus(rng, &numerator, &denominator) {
            return draw;
        }
    }
}
