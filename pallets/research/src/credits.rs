//! Credits: made by authorship, kept in lots that expire, set aside for claims.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchClass, ensure, traits::Get, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use medrec_primitives::{
    research::{Credits, Earnings},
    AccountId, MemberId, MemberRole, MemberStatus, Moment,
};
use scale_info::TypeInfo;

use crate::{
    Authors, CollatorStatus, Collators, Config, EraTotals, Error, Event, Issuance, Lot, MaxLots, Pallet,
    Purses, Rhythm, WeightInfo, Work, WorkOf, AUTHORS_KEPT, REFUND_ERAS,
};

/// A researcher's credits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound())]
pub struct Purse<T: Config> {
    /// What can be spent, by era, ascending.
    pub lots: BoundedVec<Lot, MaxLots<T>>,
    /// What is set aside for claims.
    pub set_aside: Credits,
}

impl<T: Config> Default for Purse<T> {
    fn default() -> Self {
        Self { lots: BoundedVec::new(), set_aside: 0 }
    }
}

impl<T: Config> Purse<T> {
    /// What can be spent, expired lots among it.
    pub fn sum(&self) -> Credits {
        self.lots.iter().fold(0, |sum: Credits, lot| sum.saturating_add(lot.credits))
    }

    /// Drops what has expired; answers with how much that was.
    pub fn drop_expired(&mut self, era: u32) -> Credits {
        let before = self.sum();
        self.lots.retain(|lot| !is_expired::<T>(lot.era, era));
        before.saturating_sub(self.sum())
    }

    /// Puts credits of an era in; answers with how many found room.
    fn put(&mut self, era: u32, credits: Credits) -> Credits {
        if credits == 0 {
            return 0;
        }
        match self.lots.binary_search_by_key(&era, |lot| lot.era) {
            Ok(place) => self.lots.get_mut(place).map_or(0, |lot| {
                let sum = lot.credits.saturating_add(credits);
                let put = sum.saturating_sub(lot.credits);
                lot.credits = sum;
                put
            }),
            Err(place) => self.lots.try_insert(place, Lot { era, credits }).map_or(0, |()| credits),
        }
    }

    /// Sets credits aside, oldest first; answers with the oldest era. Nothing changes if there are not enough.
    fn set_aside(&mut self, credits: Credits) -> Option<u32> {
        if self.sum() < credits {
            return None;
        }
        let oldest = self.lots.first()?.era;
        let mut due = credits;
        for lot in self.lots.iter_mut() {
            let part = due.min(lot.credits);
            lot.credits = lot.credits.saturating_sub(part);
            due = due.saturating_sub(part);
        }
        self.lots.retain(|lot| lot.credits > 0);
        self.set_aside = self.set_aside.saturating_add(credits);
        Some(oldest)
    }

    /// All that the researcher has.
    pub fn all(&self) -> u128 {
        u128::from(self.sum()).saturating_add(u128::from(self.set_aside))
    }
}

/// Whether credits of era `of` have expired in era `now`.
fn is_expired<T: Config>(of: u32, now: u32) -> bool {
    of.saturating_add(T::CreditLife::get()) < now
}

impl<T: Config> Pallet<T> {
    /// The era in which now is.
    pub fn current_era() -> u32 {
        Self::count_of(Rhythm::<T>::get().era)
    }

    /// How many of these lengths of time have passed since the Unix epoch.
    pub(crate) fn count_of(length: Moment) -> u32 {
        u32::try_from(Self::now().checked_div(length).unwrap_or(0)).unwrap_or(u32::MAX)
    }

    /// What a researcher has earned.
    pub fn credits_of(member: MemberId) -> Earnings {
        let era = Self::current_era();
        let mut purse = Purses::<T>::get(member);
        purse.drop_expired(era);
        let work = WorkOf::<T>::get(member);
        let earned = if work.era < era { Self::earned(&work, &purse, era) } else { 0 };
        let blocks = if work.era == era { work.blocks } else { 0 };
        Earnings { spendable: purse.sum().saturating_add(earned), set_aside: purse.set_aside, blocks }
    }

    /// Counts a block of this era for the researcher whose collator made it.
    pub(crate) fn count_block(author: &AccountId, era: u32) {
        let Some(member) = Collators::<T>::get(author)
            .filter(|collator| collator.status == CollatorStatus::Approved)
            .map(|collator| collator.member)
        else {
            return;
        };
        if Self::ensure_active_researcher(member).is_err() {
            return;
        }
        let mut work = WorkOf::<T>::get(member);
        if work.era != era {
            Self::settle_work(member, era);
            work = Work { era, blocks: 0 };
        }
        work.blocks = work.blocks.saturating_add(1);
        WorkOf::<T>::insert(member, work);
        let place = Self::era_place(era);
        let blocks = EraTotals::<T>::get(place).filter(|total| total.era == era).map_or(0, |t| t.blocks);
        EraTotals::<T>::insert(place, Work { era, blocks: blocks.saturating_add(1) });
        let place = blocks.checked_rem(AUTHORS_KEPT).unwrap_or(0);
        Authors::<T>::insert(Self::parity(era), place, member);
    }

    /// Turns the blocks of an era that is over into credits, and drops what has expired.
    pub(crate) fn settle_work(member: MemberId, era: u32) {
        let mut purse = Purses::<T>::get(member);
        let expired = purse.drop_expired(era);
        let work = WorkOf::<T>::get(member);
        let mut minted = 0;
        if work.blocks > 0 && work.era < era {
            WorkOf::<T>::remove(member);
            let earned = Self::earned(&work, &purse, era);
            minted = purse.put(work.era, earned);
        }
        if minted > 0 || expired > 0 {
            Purses::<T>::insert(member, purse);
            Issuance::<T>::mutate(|totals| {
                totals.minted = totals.minted.saturating_add(minted.into());
                totals.expired = totals.expired.saturating_add(expired.into());
                if minted > 0 {
                    totals.since = Some(totals.since.map_or(work.era, |since| since.min(work.era)));
                }
            });
            if minted > 0 {
                Self::deposit_event(Event::Earned { researcher: member, era: work.era, credits: minted });
            }
        }
    }

    /// What these blocks of an era that is over are worth in era `now`, as far as the purse may still be filled.
    fn earned(work: &Work, purse: &Purse<T>, now: u32) -> Credits {
        if is_expired::<T>(work.era, now) {
            return 0;
        }
        let total = EraTotals::<T>::get(Self::era_place(work.era)).filter(|total| total.era == work.era);
        let Some(total) = total else { return 0 };
        let share = u64::from(T::EraPool::get())
            .saturating_mul(u64::from(work.blocks))
            .checked_div(u64::from(total.blocks))
            .unwrap_or(0);
        let room = u128::from(T::CreditCap::get()).saturating_sub(purse.all());
        u32::try_from(u128::from(share).min(room)).unwrap_or(u32::MAX)
    }

    /// Sets a price aside; answers with the era by which it expires if it is given back.
    pub(crate) fn set_aside(member: MemberId, credits: Credits) -> Result<u32, Error<T>> {
        Self::settle_work(member, Self::current_era());
        Purses::<T>::try_mutate(member, |purse| purse.set_aside(credits).ok_or(Error::<T>::NotEnoughCredits))
    }

    /// Gives back what was set aside. It lasts as its oldest part would have, or some eras if that is longer.
    pub(crate) fn give_back(member: MemberId, credits: Credits, era: u32) {
        if credits == 0 {
            return;
        }
        let now = Self::current_era();
        let least = now.saturating_add(REFUND_ERAS).saturating_sub(T::CreditLife::get()).min(now);
        let era = era.max(least).min(now);
        let expired = Purses::<T>::mutate(member, |purse| {
            let credits = credits.min(purse.set_aside);
            purse.set_aside = purse.set_aside.saturating_sub(credits);
            let expired = purse.drop_expired(now);
            let lost = credits.saturating_sub(purse.put(era, credits));
            expired.saturating_add(lost)
        });
        if expired > 0 {
            Issuance::<T>::mutate(|totals| totals.expired = totals.expired.saturating_add(expired.into()));
        }
    }

    /// Spends what was set aside.
    pub(crate) fn burn(member: MemberId, credits: Credits) {
        if credits == 0 {
            return;
        }
        Purses::<T>::mutate(member, |purse| purse.set_aside = purse.set_aside.saturating_sub(credits));
        Issuance::<T>::mutate(|totals| totals.spent = totals.spent.saturating_add(credits.into()));
    }

    /// Refuses who is no active researcher.
    pub(crate) fn ensure_active_researcher(member: MemberId) -> Result<(), Error<T>> {
        let active = pallet_registry::Members::<T>::get(member)
            .is_some_and(|m| m.status == MemberStatus::Active && m.role == MemberRole::Researcher);
        ensure!(active, Error::<T>::NotAResearcher);
        Ok(())
    }

    /// An era's place in the ring of totals, which reaches back as far as credits last.
    pub(crate) fn era_place(era: u32) -> u32 {
        era.checked_rem(T::CreditLife::get().saturating_add(2)).unwrap_or(0)
    }

    /// Which of the two rings of authors an era has: the running one's, or the last one's.
    pub(crate) fn parity(era: u32) -> bool {
        !era.is_multiple_of(2)
    }
}

impl<T: Config> pallet_authorship::EventHandler<AccountId, BlockNumberFor<T>> for Pallet<T> {
    fn note_author(author: AccountId) {
        Self::count_block(&author, Self::current_era());
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            <T as Config>::WeightInfo::note_author(),
            DispatchClass::Mandatory,
        );
    }
}
