//! Values as databases write them, read exactly: digits, no binary fractions.

use std::str::FromStr;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

/// A decimal number: `digits * 10^-places`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: BigInt,
    places: u32,
}

/// The text is not a plain decimal number of at most 60 characters: `-12.50`, without exponent, spaces or units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADecimal;

impl std::fmt::Display for NotADecimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a plain decimal number; map the column so that it gives values like -12.50")
    }
}

impl std::error::Error for NotADecimal {}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if text.len() > 60 || !plain(whole) || !plain(fraction) {
            return Err(NotADecimal);
        }
        let places = u32::try_from(fraction.len()).map_err(|_| NotADecimal)?;
        let magnitude: BigInt = format!("{whole}{fraction}").parse().map_err(|_| NotADecimal)?;
        let digits = if unsigned.len() == text.len() { magnitude } else { -magnitude };
        Ok(Self { digits, places })
    }
}

impl Decimal {
    /// The value in units of `10^-places`, rounded to the nearest, halves away from zero, and then clamped. Each row goes through this
    /// by itself, before anything is summed: what one row says can move nothing else.
    pub fn to_units(&self, places: u32, lower: i64, upper: i64) -> i64 {
        let ten = BigInt::from(10);
        let units = if places >= self.places {
            &self.digits * ten.pow(places - self.places)
        } else {
            let by = ten.pow(self.places - places);
            let half: BigInt = &by / 2;
            let away = if self.digits.is_negative() { -half } else { half };
            (&self.digits + away) / by
        };
        let bound = if units.is_negative() { lower } else { upper };
        // What does not fit 64 bits lies beyond every bound.
        units.to_i64().unwrap_or(bound).clamp(lower, upper)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn units(text: &str, places: u32) -> i64 {
        text.parse::<Decimal>().unwrap().to_units(places, -1_000_000, 1_000_000)
    }

    #[test]
    fn decimal_should_be_rounded_to_the_nearest_unit_and_halves_away_from_zero() {
        assert_eq!(units("6.54", 1), 65);
        assert_eq!(units("6.55", 1), 66);
        assert_eq!(units("-6.55", 1), -66);
        assert_eq!(units("-6.54", 1), -65);
        assert_eq!(units("7", 2), 700);
        assert_eq!(units("0.49", 0), 0);
        assert_eq!(units("-0.5", 0), -1);
        assert_eq!(units("0.1", 1) + units("0.2", 1), units("0.3", 1));
    }

    #[test]
    fn decimal_should_be_clamped_when_out_of_bounds_however_far() {
        assert_eq!(units("1000001", 0), 1_000_000);
        assert_eq!(units(&format!("-{}", "9".repeat(50)), 3), -1_000_000);
        assert_eq!(units(&"9".repeat(50), 0), 1_000_000);
    }

    #[test]
    fn decimal_should_be_refused_when_not_plain() {
        for text in ["", "-", ".", "1.", ".5", "1e3", "1,5", " 1", "+1", "NaN", "inf", "--1", "1.2.3", "0x1"]
        {
            assert_eq!(text.parse::<Decimal>(), Err(NotADecimal), "{text}");
        }
        assert!("1".repeat(61).parse::<Decimal>().is_err());
    }
}
