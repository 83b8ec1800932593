//! How many calls a patient, a custodian or a person on a member's staff may make for nothing.

use frame_support::traits::{Get, Time};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{AccountId, MemberStatus, RelationshipId, DAY_MS};

use crate::{Allowance, Config, KeyRecord, KeyRole, Keys, Pallet, StaffAllowances};

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

    /// Whether the call is free for whoever signed it: the key is the current one of a person on an active member's staff,
    /// in force now.
    pub fn is_free_for_staff(origin: &OriginFor<T>) -> bool {
        ensure_signed(origin.clone()).is_ok_and(|who| Self::is_active_staff(&who))
    }

    /// What is left of the allowance of `who` today; nothing for keys that are not in use here.
    pub fn remaining(who: &AccountId) -> Remaining {
        let nothing = Remaining { calls: 0, narrowing: 0 };
        match Keys::<T>::get(who) {
            Some(KeyRecord { role: KeyRole::Retired, .. }) => nothing,
            Some(record) => {
                Self::left(record.allowance, T::FreeCallsPerDay::get(), T::NarrowingCallsPerDay::get())
            }
            None if Self::is_active_staff(who) => Self::left(
                StaffAllowances::<T>::get(who),
                T::StaffCallsPerDay::get(),
                T::StaffNarrowingPerDay::get(),
            ),
            None => nothing,
        }
    }

    fn left(spent: Allowance, calls: u8, narrowing: u8) -> Remaining {
        let spent = spent.on(Self::today());
        Remaining {
            calls: calls.saturating_sub(spent.calls),
            narrowing: narrowing.saturating_sub(spent.narrowing),
        }
    }

    /// Takes one call off the allowance; `false` if none is left.
    pub(crate) fn spend(who: &AccountId, narrowing: bool) -> bool {
        if Self::remaining(who).of(narrowing) == 0 {
            return false;
        }
        let spend = |allowance: Allowance| allowance.on(Self::today()).spend(narrowing);
        if Keys::<T>::contains_key(who) {
            Keys::<T>::mutate(who, |record| {
                if let Some(record) = record {
                    record.allowance = spend(record.allowance);
                }
            });
        } else {
            StaffAllowances::<T>::mutate(who, |allowance| *allowance = spend(*allowance));
        }
        true
    }

    fn is_active_staff(who: &AccountId) -> bool {
        let now = <T as pallet_registry::Config>::Time::now();
        pallet_registry::Pallet::<T>::staff_facts(who).is_some_and(|staff| {
            staff.member_status == MemberStatus::Active && staff.from <= now && now < staff.until
        })
    }

    /// Days since the Unix epoch.
    pub(crate) fn today() -> u32 {
        let now = <T as pallet_registry::Config>::Time::now();
        u32::try_from(now.checked_div(DAY_MS).unwrap_or(0)).unwrap_or(u32::MAX)
    }
}
