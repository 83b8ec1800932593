//! Membership: from the application to the removal.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{fungible::hold::Mutate as _, tokens::Precision, Contains, Get, Time},
};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{
    AccountId, GatekeeperUrl, Member, MemberId, MemberName, MemberRole, MemberStatus, Moment, SealingKey,
};
use sp_runtime::{traits::Zero, DispatchError};

use crate::{
    name, url, AccountUse, Accounts, Config, Error, Event, Held, HoldReason, Holds, Members, Names,
    NextMember, Pallet, SealingKeys, StaffKeys,
};

impl<T: Config> Pallet<T> {
    /// The member that `account` signs for in everything.
    pub fn ensure_account(origin: OriginFor<T>) -> Result<(MemberId, Member), DispatchError> {
        let account = ensure_signed(origin)?;
        match Accounts::<T>::get(&account) {
            Some((id, AccountUse::Account)) => {
                Members::<T>::get(id).map(|m| (id, m)).ok_or(Error::<T>::UnknownMember.into())
            }
            _ => Err(Error::<T>::NotAMember.into()),
        }
    }

    /// The active provider that the account, or the gatekeeper's key, signs for.
    pub fn ensure_active_provider(origin: OriginFor<T>) -> Result<MemberId, DispatchError> {
        let account = ensure_signed(origin)?;
        let id = Self::provider_of(&account).ok_or(Error::<T>::NotAMember)?;
        let member = Members::<T>::get(id).ok_or(Error::<T>::UnknownMember)?;
        ensure!(
            member.status == MemberStatus::Active && member.role == MemberRole::Provider,
            Error::<T>::WrongStatus
        );
        Ok(id)
    }

    /// The member whose account or gatekeeper's key this is, in any status.
    pub fn provider_of(account: &AccountId) -> Option<MemberId> {
        match Accounts::<T>::get(account)? {
            (id, AccountUse::Account | AccountUse::Gatekeeper) => Some(id),
            (_, AccountUse::Retired) => None,
        }
    }

    /// Where a member stands; someone unknown counts as removed.
    pub fn status_of(member: MemberId) -> MemberStatus {
        Members::<T>::get(member).map_or(MemberStatus::Removed, |m| m.status)
    }

    /// A page of the members, ascending from `start`, at most 100 at a time. Shorter only at the end: the numbers of applicants who
    /// withdrew are passed over, or whoever applies and withdraws in a row would hide all who come after.
    pub fn members(start: MemberId, count: u32) -> alloc::vec::Vec<(MemberId, Member)> {
        let all = (start..NextMember::<T>::get()).filter_map(|id| Members::<T>::get(id).map(|m| (id, m)));
        all.take(count.min(100) as usize).collect()
    }

    /// Refuses a key that anyone uses or ever used.
    pub fn ensure_fresh_key(key: &AccountId) -> DispatchResult {
        let used = Accounts::<T>::contains_key(key)
            || StaffKeys::<T>::contains_key(key)
            || T::KeyInUse::contains(key);
        ensure!(!used, Error::<T>::KeyUsed);
        Ok(())
    }

    /// Now (ms).
    pub(crate) fn now() -> Moment {
        T::Time::now()
    }

    pub(crate) fn do_apply(
        account: AccountId,
        role: MemberRole,
        name: MemberName,
        url: GatekeeperUrl,
        gatekeeper: AccountId,
        sealing_key: [u8; 32],
    ) -> DispatchResult {
        Self::ensure_fresh_key(&account)?;
        Self::ensure_fresh_key(&gatekeeper)?;
        ensure!(account != gatekeeper, Error::<T>::KeyUsed);
        ensure!(sealing_key != [0; 32], Error::<T>::SealingKeyMalformed);
        Self::ensure_url(role, &url)?;
        let id = NextMember::<T>::get();
        let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        Self::take_name(id, &name)?;
        let record = T::MemberDeposit::get();
        T::Currency::hold(&HoldReason::Member.into(), &account, record)?;

        Holds::<T>::insert(id, Held { record, staff: Zero::zero() });
        NextMember::<T>::put(next);
        Accounts::<T>::insert(&account, (id, AccountUse::Account));
        Accounts::<T>::insert(&gatekeeper, (id, AccountUse::Gatekeeper));
        SealingKeys::<T>::insert(
            id,
            0,
            SealingKey { public: sealing_key, not_before: Self::now(), not_after: None },
        );
        Members::<T>::insert(
            id,
            Member {
                role,
                status: MemberStatus::Applied,
                account: account.clone(),
                name,
                url,
                gatekeeper,
                sealing_key: 0,
                next_staff: 0,
            },
        );
        Self::deposit_event(Event::Applied { member: id, account });
        Ok(())
    }

    pub(crate) fn do_withdraw(id: MemberId, member: Member) -> DispatchResult {
        ensure!(member.status == MemberStatus::Applied, Error::<T>::WrongStatus);
        Self::release_record(id, &member.account)?;
        Holds::<T>::remove(id);
        Names::<T>::remove(name::normal_form(&member.name));
        Accounts::<T>::insert(&member.account, (id, AccountUse::Retired));
        Accounts::<T>::insert(&member.gatekeeper, (id, AccountUse::Retired));
        SealingKeys::<T>::remove(id, member.sealing_key);
        Members::<T>::remove(id);
        Self::deposit_event(Event::Withdrawn { member: id });
        Ok(())
    }

    pub(crate) fn do_update(
        id: MemberId,
        mut member: Member,
        name: Option<MemberName>,
        url: Option<GatekeeperUrl>,
    ) -> DispatchResult {
        Self::ensure_in_good_standing(&member)?;
        if let Some(url) = url {
            Self::ensure_url(member.role, &url)?;
            member.url = url;
        }
        if let Some(name) = name {
            Names::<T>::remove(name::normal_form(&member.name));
            Self::take_name(id, &name)?;
            member.name = name;
        }
        Members::<T>::insert(id, member);
        Self::deposit_event(Event::Updated { member: id });
        Ok(())
    }

    pub(crate) fn do_admit(id: MemberId) -> DispatchResult {
        Self::change_status(id, &[MemberStatus::Applied], MemberStatus::Active)?;
        Self::deposit_event(Event::Admitted { member: id });
        Ok(())
    }

    pub(crate) fn do_suspend(id: MemberId) -> DispatchResult {
        Self::change_status(id, &[MemberStatus::Active], MemberStatus::Suspended)?;
        Self::deposit_event(Event::Suspended { member: id });
        Ok(())
    }

    pub(crate) fn do_reinstate(id: MemberId) -> DispatchResult {
        Self::change_status(id, &[MemberStatus::Suspended], MemberStatus::Active)?;
        Self::deposit_event(Event::Reinstated { member: id });
        Ok(())
    }

    pub(crate) fn do_remove(id: MemberId) -> DispatchResult {
        let from = [MemberStatus::Applied, MemberStatus::Active, MemberStatus::Suspended];
        let before = Self::change_status(id, &from, MemberStatus::Removed)?;
        Self::release_record(id, &before.account)?;
        if before.status == MemberStatus::Applied {
            // Or whoever applies under a hospital's name would take it from the hospital for good.
            Names::<T>::remove(name::normal_form(&before.name));
        }
        Self::deposit_event(Event::Removed { member: id });
        Ok(())
    }

    /// Gives back what was held for a member's record.
    fn release_record(id: MemberId, account: &AccountId) -> DispatchResult {
        let record = Holds::<T>::mutate(id, |held| core::mem::take(&mut held.record));
        T::Currency::release(&HoldReason::Member.into(), account, record, Precision::BestEffort)?;
        Ok(())
    }

    /// Refuses applicants turned down, suspended and removed members.
    pub(crate) fn ensure_in_good_standing(member: &Member) -> DispatchResult {
        let good = matches!(member.status, MemberStatus::Applied | MemberStatus::Active);
        ensure!(good, Error::<T>::WrongStatus);
        Ok(())
    }

    pub(crate) fn ensure_active(member: &Member) -> DispatchResult {
        ensure!(member.status == MemberStatus::Active, Error::<T>::WrongStatus);
        Ok(())
    }

    /// Changes the status if it is one of `from`; answers with the member as it was.
    fn change_status(id: MemberId, from: &[MemberStatus], to: MemberStatus) -> Result<Member, DispatchError> {
        Members::<T>::try_mutate(id, |member| {
            let member = member.as_mut().ok_or(Error::<T>::UnknownMember)?;
            ensure!(from.contains(&member.status), Error::<T>::WrongStatus);
            let before = member.clone();
            member.status = to;
            Ok(before)
        })
    }

    fn take_name(id: MemberId, name: &MemberName) -> DispatchResult {
        ensure!(name::is_well_formed(name), Error::<T>::NameMalformed);
        let normal = name::normal_form(name);
        ensure!(!Names::<T>::contains_key(&normal), Error::<T>::NameTaken);
        Names::<T>::insert(normal, id);
        Ok(())
    }

    fn ensure_url(role: MemberRole, url: &GatekeeperUrl) -> DispatchResult {
        if url.is_empty() {
            ensure!(role != MemberRole::Provider, Error::<T>::UrlMissing);
            return Ok(());
        }
        ensure!(url::is_well_formed(url), Error::<T>::UrlMalformed);
        Ok(())
    }
}
