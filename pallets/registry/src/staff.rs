//! The staff of members.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{fungible::hold::Mutate as _, Get},
};
use medrec_primitives::{AccountId, Member, MemberId, Moment, Staff, StaffFacts, StaffId, StaffRole};
use sp_runtime::Saturating as _;

use crate::{
    Config, Error, Event, GroupsOf, HoldReason, Holds, Members, Pallet, StaffCount, StaffKeys, StaffOf,
};

impl<T: Config> Pallet<T> {
    /// What the chain knows of the person behind `key`, if it is the current key of someone's staff.
    pub fn staff_facts(key: &AccountId) -> Option<StaffFacts> {
        let id = StaffKeys::<T>::get(key)?;
        let staff = StaffOf::<T>::get(id.member, id.index).filter(|s| s.key == *key)?;
        Some(StaffFacts {
            id,
            role: staff.role,
            from: staff.from,
            until: staff.until,
            member_status: Self::status_of(id.member),
            groups: GroupsOf::<T>::get(id.member).into_inner(),
        })
    }

    pub(crate) fn do_add_staff(
        id: MemberId,
        mut member: Member,
        key: AccountId,
        role: StaffRole,
        until: Moment,
    ) -> DispatchResult {
        Self::ensure_active(&member)?;
        Self::ensure_fresh_key(&key)?;
        let now = Self::now();
        let from = Self::starts(role);
        let latest = now.saturating_add(T::MaxStaffTerm::get());
        ensure!(until > from && until <= latest, Error::<T>::BadTerm);
        let count = StaffCount::<T>::get(id);
        ensure!(count < T::MaxStaff::get(), Error::<T>::TooManyStaff);
        let staff = StaffId::new(id, member.next_staff);
        member.next_staff = member.next_staff.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;

        Self::open_staff_key(&member, staff, &key)?;
        StaffCount::<T>::insert(id, count.saturating_add(1));
        StaffOf::<T>::insert(id, staff.index, Staff { key: key.clone(), role, from, until });
        Members::<T>::insert(id, member);
        Self::deposit_event(Event::StaffAdded { staff, key, role });
        Ok(())
    }

    pub(crate) fn do_rotate_staff_key(
        id: MemberId,
        member: Member,
        index: u32,
        key: AccountId,
    ) -> DispatchResult {
        Self::ensure_active(&member)?;
        Self::ensure_fresh_key(&key)?;
        let mut record = StaffOf::<T>::get(id, index).ok_or(Error::<T>::UnknownStaff)?;
        if record.role == StaffRole::Emergency {
            // Otherwise a new key for an old colleague would open emergencies at once.
            record.from = Self::starts(record.role);
            ensure!(record.from < record.until, Error::<T>::BadTerm);
        }
        let staff = StaffId::new(id, index);
        Self::open_staff_key(&member, staff, &key)?;
        record.key = key.clone();
        StaffOf::<T>::insert(id, index, record);
        Self::deposit_event(Event::StaffKeyRotated { staff, key });
        Ok(())
    }

    pub(crate) fn do_remove_staff(id: MemberId, index: u32) -> DispatchResult {
        ensure!(StaffOf::<T>::contains_key(id, index), Error::<T>::UnknownStaff);
        StaffOf::<T>::remove(id, index);
        StaffCount::<T>::mutate(id, |count| *count = count.saturating_sub(1));
        Self::deposit_event(Event::StaffRemoved { staff: StaffId::new(id, index) });
        Ok(())
    }

    /// From when a key that is registered now may act in this role (ms).
    fn starts(role: StaffRole) -> Moment {
        match role {
            StaffRole::Emergency => Self::now().saturating_add(T::EmergencyRoleDelay::get()),
            StaffRole::Clinician | StaffRole::Pharmacist | StaffRole::Steward => Self::now(),
        }
    }

    /// Records a key for ever and lets its account exist without a balance. The reference is never dropped: that
    /// would delete the nonce and let old signatures count again.
    fn open_staff_key(member: &Member, staff: StaffId, key: &AccountId) -> DispatchResult {
        let deposit = T::StaffDeposit::get();
        T::Currency::hold(&HoldReason::Staff.into(), &member.account, deposit)?;
        Holds::<T>::mutate(staff.member, |held| held.staff = held.staff.saturating_add(deposit));
        frame_system::Pallet::<T>::inc_sufficients(key);
        StaffKeys::<T>::insert(key, staff);
        Ok(())
    }
}
