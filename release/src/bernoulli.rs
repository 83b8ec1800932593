//! Coins with exact probabilities: rational ones, and `exp(-x)` of rational `x`.
//!
//! After Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (NeurIPS 2020), algorithm 1. No
//! floating point number is anywhere near: what a table says of a float's last bits is how such mechanisms leaked (Mironov 2012).

use num_bigint::BigUint;
use num_traits::{One, Zero};
use rand::{CryptoRng, RngCore};

/// A whole number below `end`, each as likely as any other; 0 if `end` is.
pub fn below<R: RngCore + CryptoRng>(rng: &mut R, end: &BigUint) -> BigUint {
    if end.is_zero() {
        return BigUint::zero();
    }
    let bits = (end - 1u8).bits();
    let bytes = usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX);
    // The highest byte is cut to the bits that count, so that more than every second draw is taken.
    let spare = u32::try_from(bits % 8).unwrap_or(0);
    let mask = if spare == 0 { u8::MAX } else { (1u8 << spare) - 1 };
    let mut draw = vec![0u8; bytes];
    loop {
        rng.fill_bytes(&mut draw);
        if let Some(highest) = draw.last_mut() {
            *highest &= mask;
        }
        let number = BigUint::from_bytes_le(&draw);
        if number < *end {
            return number;
        }
    }
}

/// Heads with probability `numerator / denominator`, which is at most 1.
pub fn ratio<R: RngCore + CryptoRng>(rng: &mut R, numerator: &BigUint, denominator: &BigUint) -> bool {
    below(rng, denominator) < *numerator
}

/// Heads with probability `exp(-numerator / denominator)`; `denominator` is not 0.
pub fn exp_minus<R: RngCore + CryptoRng>(rng: &mut R, numerator: &BigUint, denominator: &BigUint) -> bool {
    // exp(-x) = exp(-1)^whole * exp(-rest)
    let (mut whole, rest) = (numerator / denominator, numerator % denominator);
    let one = BigUint::one();
    while !whole.is_zero() {
        if !exp_minus_fraction(rng, &one, &one) {
            return false;
        }
        whole -= 1u8;
    }
    exp_minus_fraction(rng, &rest, denominator)
}

/// As [`exp_minus`], for what is at most 1: the first `k` at which a coin of `x / k` falls on tails is odd with that probability.
fn exp_minus_fraction<R: RngCore + CryptoRng>(
    rng: &mut R,
    numerator: &BigUint,
    denominator: &BigUint,
) -> bool {
    let mut k = 1u64;
    let mut scaled = denominator.clone();
    while ratio(rng, numerator, &scaled) {
        k += 1;
        scaled += denominator;
    }
    k % 2 == 1
}
