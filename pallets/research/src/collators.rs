//! Researchers' collators, and the majority of providers'.

use alloc::vec::Vec;

use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use medrec_primitives::{AccountId, MemberId};

use crate::{
    ApprovedCollators, Collator, CollatorCount, CollatorStatus, Collators, Config, Error, Event, Pallet,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_register_collator(member: MemberId, key: AccountId) -> DispatchResult {
        Self::ensure_active_researcher(member)?;
        ensure!(!Collators::<T>::contains_key(&key), Error::<T>::CollatorTaken);
        CollatorCount::<T>::try_mutate(member, |count| {
            ensure!(*count < T::MaxCollators::get(), Error::<T>::TooManyCollators);
            *count = count.saturating_add(1);
            Ok::<_, Error<T>>(())
        })?;
        Collators::<T>::insert(&key, Collator { member, status: CollatorStatus::Registered });
        Self::deposit_event(Event::CollatorRegistered { researcher: member, key });
        Ok(())
    }

    /// The collator's own account says that it works for this researcher: nobody's blocks are somebody else's without that.
    pub(crate) fn do_accept_researcher(key: AccountId, researcher: MemberId) -> DispatchResult {
        let collator = Collators::<T>::get(&key).ok_or(Error::<T>::UnknownCollator)?;
        ensure!(collator.member == researcher, Error::<T>::NotYours);
        ensure!(collator.status == CollatorStatus::Registered, Error::<T>::AlreadyAccepted);
        Collators::<T>::insert(&key, Collator { status: CollatorStatus::Accepted, ..collator });
        Self::deposit_event(Event::ResearcherAccepted { researcher, key });
        Ok(())
    }

    pub(crate) fn do_approve_collator(key: AccountId) -> DispatchResult {
        let collator = Collators::<T>::get(&key).ok_or(Error::<T>::UnknownCollator)?;
        match collator.status {
            CollatorStatus::Registered => return Err(Error::<T>::NotAccepted.into()),
            CollatorStatus::Approved => return Err(Error::<T>::AlreadyApproved.into()),
            CollatorStatus::Accepted => {}
        }
        Self::ensure_active_researcher(collator.member)?;
        let all = T::Authorities::get();
        let others = all.iter().filter(|other| **other != key && !Self::is_researchers(other)).count();
        let approved = ApprovedCollators::<T>::get().saturating_add(1);
        ensure!((approved as usize) < others, Error::<T>::ProvidersWouldBeOutnumbered);
        ApprovedCollators::<T>::put(approved);
        Collators::<T>::insert(&key, Collator { status: CollatorStatus::Approved, ..collator });
        Self::deposit_event(Event::CollatorApproved { researcher: collator.member, key });
        Ok(())
    }

    /// Removes a collator: `owner`'s, or anyone's where the consortium or the collator itself does it.
    pub(crate) fn do_remove_collator(owner: Option<MemberId>, key: AccountId) -> DispatchResult {
        let collator = Collators::<T>::get(&key).ok_or(Error::<T>::UnknownCollator)?;
        ensure!(owner.is_none_or(|owner| owner == collator.member), Error::<T>::NotYours);
        Collators::<T>::remove(&key);
        CollatorCount::<T>::mutate_exists(collator.member, |count| {
            *count = count.and_then(|n| n.checked_sub(1)).filter(|n| *n > 0);
        });
        if collator.status == CollatorStatus::Approved {
            ApprovedCollators::<T>::mutate(|count| *count = count.saturating_sub(1));
        }
        Self::deposit_event(Event::CollatorRemoved { researcher: collator.member, key });
        Ok(())
    }

    /// Whether this is an approved collator of a researcher.
    pub fn is_researchers(key: &AccountId) -> bool {
        Collators::<T>::get(key).is_some_and(|collator| collator.status == CollatorStatus::Approved)
    }

    /// These collators, in this order, without so many of researchers' that they would not be outnumbered. Whoever chose the set
    /// may have taken providers' out of it since researchers' were approved.
    pub fn with_majority_of_providers(collators: Vec<AccountId>) -> Vec<AccountId> {
        let others = collators.iter().filter(|key| !Self::is_researchers(key)).count();
        if others == 0 {
            // A chain without collators would stop for good.
            return collators;
        }
        let mut room = others.saturating_sub(1);
        let keep = |key: &AccountId| {
            if !Self::is_researchers(key) {
                return true;
            }
            let kept = room > 0;
            room = room.saturating_sub(1);
            kept
        };
        collators.into_iter().filter(keep).collect()
    }
}
