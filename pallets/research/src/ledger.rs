//! What a provider's answers have cost in privacy: in any year, and in all.
//!
//! Entries are by day. An answer that is paid for on one day may leave days later; the window is longer by what that can take, and
//! by a day for the rounding, so that no 365 days ever see more leave than a year may.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use medrec_primitives::research::Rho;
use scale_info::TypeInfo;

/// The most days that a window has.
pub const MAX_WINDOW: u32 = 400;

/// The limits of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Over how many days, today among them, a year's budget counts; at most [`MAX_WINDOW`].
    pub window: u32,
    /// The most in one window.
    pub yearly: Rho,
    /// The most ever.
    pub lifetime: Rho,
}

/// Why something is not spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The window would have more than it may.
    Year,
    /// There would be more than there may ever be.
    Lifetime,
}

/// A provider's ledger.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Ledger {
    /// All that was ever spent.
    pub lifetime: Rho,
    /// What was spent on each day (days since the Unix epoch), ascending; days that no window reaches any more are left out when
    /// something is spent.
    pub days: BoundedVec<(u32, Rho), ConstU32<MAX_WINDOW>>,
}

impl Ledger {
    /// What was spent in the window that ends with `today`.
    pub fn spent(&self, today: u32, limits: &Limits) -> Rho {
        self.days
            .iter()
            .filter(|(day, _)| in_window(*day, today, limits))
            .fold(0, |sum: Rho, (_, rho)| sum.saturating_add(*rho))
    }

    /// What may still be spent today.
    pub fn left(&self, today: u32, limits: &Limits) -> Rho {
        limits
            .yearly
            .saturating_sub(self.spent(today, limits))
            .min(limits.lifetime.saturating_sub(self.lifetime))
    }

    /// Spends, and answers with the day that it counts for; or refuses, and changes nothing.
    pub fn spend(&mut self, today: u32, rho: Rho, limits: &Limits) -> Result<u32, Refusal> {
        let lifetime =
            self.lifetime.checked_add(rho).filter(|sum| *sum <= limits.lifetime).ok_or(Refusal::Lifetime)?;
        let mut next = Self { lifetime, days: self.days.clone() };
        let day = next.enter(today, rho, limits)?;
        *self = next;
        Ok(day)
    }

    /// Lets what was spent on `day` count for today instead, since what it was spent on leaves now; or refuses, and changes nothing.
    pub fn move_to(&mut self, day: u32, today: u32, rho: Rho, limits: &Limits) -> Result<u32, Refusal> {
        let mut next = self.clone();
        for entry in next.days.iter_mut().filter(|entry| entry.0 == day) {
            entry.1 = entry.1.saturating_sub(rho);
        }
        let day = next.enter(today, rho, limits)?;
        *self = next;
        Ok(day)
    }

    fn enter(&mut self, today: u32, rho: Rho, limits: &Limits) -> Result<u32, Refusal> {
        // Time does not run backwards; if it did, what was spent would not move into the past.
        let day = self.days.last().map_or(today, |(last, _)| today.max(*last));
        self.days.retain(|(other, spent)| *spent > 0 && in_window(*other, day, limits));
        let sum = self.spent(day, limits).checked_add(rho).ok_or(Refusal::Year)?;
        if sum > limits.yearly {
            return Err(Refusal::Year);
        }
        match self.days.last_mut() {
            Some((last, spent)) if *last == day => *spent = spent.saturating_add(rho),
            _ => self.days.try_push((day, rho)).map_err(|_| Refusal::Year)?,
        }
        Ok(day)
    }
}

/// Whether `day` lies in the window that ends with `today`; days to come do.
fn in_window(day: u32, today: u32, limits: &Limits) -> bool {
    day.saturating_add(limits.window.min(MAX_WINDOW)) > today
}
