//! How many calls a patient or custodian may make for nothing.

use frame_support::traits::{Get, Time};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{AccountId, RelationshipId, DAY_MS};

use crate::{Allowance, Config, KeyRole, Keys, Pallet};

impl Allowance {
    /// What of this allowance counts on `day`: everything is fresh on a new day. A clock that went back changes nothing.
    pub(crate) fn on(self, day: u32) -> Self {
        if day > self.day {
            Self { day, calls: 0, narrowing: 0 }
        } else {
            self
        }
    }

    /// One call more.
    pub(crate) fn spend(self, narrowing: bool) -> Self {
        if narrowing {
            Self { narrowing: self.narrowing.saturating_add(1), ..self }
        } else {
            Self { calls: self.calls.saturating_add(1), ..self }
        }
    }
}

/// What is left of a key's allowance today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Calls that do not narrow access.
    pub calls: u8,
    /// Calls that narrow access.
    pub narrowing: u8,
}

impl Remaining {
    /// What is left for a call of this kind.
    pub fn of(self, narrowing: bool) -> u8 {
        if narrowing {
            self.narrowing
        } else {
            self.calls
        }
    }

    /// What is left in all: how many nonces ahead a queue of free calls may reach.
    pub fn total(self) -> u16 {
        u16::from(self.calls).saturating_add(u16::from(self.narrowing))
    }
}

impl<T: Config> Pallet<T> {
    /// Whether the call is free for whoever signed it: the key is the patient's or a custodian's of this very
    /// relationship. Whether any allowance is left is for [`crate::extension::FreeCalls`] to say.
    pub fn is_free(origin: &OriginFor<T>, relationship: &RelationshipId) -> bool {
        let Ok(who) = ensure_signed(origin.clone()) else { return false };
        Keys::<T>::get(who)
            .is_some_and(|record| record.relationship == *relationship && record.role != KeyRole::Retired)
    }

    /// What is left of the allowance of `who` today; nothing for keys that are not in use here.
    pub fn remaining(who: &AccountId) -> Remaining {
        let Some(record) = Keys::<T>::get(who).filter(|r| r.role != KeyRole::Retired) else {
            return Remaining { calls: 0, narrowing: 0 };
        };
        let spent = record.allowance.on(Self::today());
        Remaining {
            calls: T::FreeCallsPerDay::get().saturating_sub(spent.calls),
            narrowing: T::NarrowingCallsPerDay::get().saturating_sub(spent.narrowing),
        }
    }

    /// Takes one call off the allowance; `false` if none is left.
    pub(crate) fn spend(who: &AccountId, narrowing: bool) -> bool {
        if Self::remaining(who).of(narrowing) == 0 {
            return false;
        }
        Keys::<T>::mutate(who, |record| {
            if let Some(record) = record {
                record.allowance = record.allowance.on(Self::today()).spend(narrowing);
            }
        });
        true
    }

    /// Days since the Unix epoch.
    pub(crate) fn today() -> u32 {
        let now = <T as pallet_registry::Config>::Time::now();
        u32::try_from(now.checked_div(DAY_MS).unwrap_or(0)).unwrap_or(u32::MAX)
    }
}
