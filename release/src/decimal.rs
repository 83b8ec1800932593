//! Values as databases write them, read exactly: digits, no binary fractions.

use std::str::FromStr;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

/// As many characters as a database's binary fraction takes where it is written without exponent: 308 digits before the point, or 324
/// after it, and some more.
const LONGEST: usize = 400;

/// The largest exponent, of either sign: no less than any binary fraction of 64 bits has.
const MAX_EXPONENT: u32 = 400;

/// A decimal number: `digits * 10^power`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: BigInt,
    power: i64,
}

/// The text is not a decimal number of at most 400 characters: `-12.50` or `1.5e-07`, without spaces or units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADecimal;

impl std::fmt::Display for NotADecimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a decimal number; map the column so that it gives values like -12.50")
    }
}

impl std::error::Error for NotADecimal {}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, written)) => {
                let magnitude = written.strip_prefix(['-', '+']).unwrap_or(written);
                let power: u32 = Some(magnitude)
                    .filter(|text| plain(text))
                    .and_then(|text| text.parse().ok())
                    .filter(|power| *power <= MAX_EXPONENT)
                    .ok_or(NotADecimal)?;
                let power = i64::from(power);
                (mantissa, if written.starts_with('-') { -power } else { power })
            }
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        if text.len() > LONGEST || !plain(whole) || !plain(fraction) {
            return Err(NotADecimal);
        }
        let places = i64::try_from(fraction.len()).map_err(|_| NotADecimal)?;
        let magnitude: BigInt = format!("{whole}{fraction}").parse().map_err(|_| NotADecimal)?;
        let digits = if unsigned.len() == text.len() { magnitude } else { -magnitude };
        Ok(Self { digits, power: exponent - places })
    }
}

impl Decimal {
    /// The value in units of `10^-places`, rounded to the nearest, halves away from zero, and then clamped. Each row goes through this
    /// by itself, before anything is summed: what one row says can move nothing else.
    pub fn to_units(&self, places: u32, lower: i64, upper: i64) -> i64 {
        // Neither sum nor power is large: both terms are bounded, the places by what a definition may say.
        let power = self.power.saturating_add(i64::from(places));
        let by = BigInt::from(10).pow(u32::try_from(power.unsigned_abs()).unwrap_or(u32::MAX));
        let units = if power >= 0 {
            &self.digits * by
        } else {
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
    fn decimal_should_be_the_same_number_when_databases_write_it_with_an_exponent() {
        for (text, places, expected) in [
            ("1e3", 0, 1_000),
            ("6.54E+00", 1, 65),
            ("1.5e-07", 9, 150),
            ("1e-05", 4, 0),
            ("-2.5e-1", 1, -3),
            ("1e+300", 0, 1_000_000),
            ("-1e400", 0, -1_000_000),
            ("1e-400", 9, 0),
            ("0e400", 9, 0),
        ] {
            assert_eq!(units(text, places), expected, "{text}");
        }
        // As SQLite's values are written here: never with an exponent.
        assert_eq!(units(&f64::MAX.to_string(), 9), 1_000_000);
        assert_eq!(units(&f64::MIN_POSITIVE.to_string(), 9), 0);
        assert_eq!(units(&(-f64::MAX).to_string(), 0), -1_000_000);
    }

    #[test]
    fn decimal_should_be_refused_when_it_is_none() {
        for text in ["", "-", ".", "1.", ".5", "1,5", " 1", "+1", "NaN", "inf", "--1", "1.2.3", "0x1"] {
            assert_eq!(text.parse::<Decimal>(), Err(NotADecimal), "{text}");
        }
        for text in ["e3", "1e", "1e+", "1e-+3", "1e3.0", "1e3e3", "1e401", "1e-401", "1e99999999999", "1.e3"]
        {
            assert_eq!(text.parse::<Decimal>(), Err(NotADecimal), "{text}");
        }
        assert!("1".repeat(401).parse::<Decimal>().is_err());
    }
}
