//! Claims: entered in a window, granted or not by its draw, closed at the end.

use alloc::vec::Vec;

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        fungible::hold::Mutate as _,
        tokens::{Fortitude, Precision, Restriction},
        Get, Time,
    },
    PalletId,
};
use medrec_primitives::{
    research::{AnswerKey, AnswerStatus, Claim, ClaimId, ClaimStatus, Fee, Payee, StudyId, Table},
    AccountId, MemberId, MemberStatus, Moment,
};
use sp_runtime::{traits::AccountIdConversion, DispatchError};

use crate::{
    Answers, BalanceOf, Claimant, Claims, Config, Entered, Entry, Error, Event, HoldReason, Pallet,
    PerWindow, Tables,
};

/// From which the common fund's account is derived.
const FUND: PalletId = PalletId(*b"mdr/fund");

impl<T: Config> Pallet<T> {
    /// The common fund, which root can spend from.
    pub fn fund_account() -> AccountId {
        FUND.into_account_truncating()
    }

    pub(crate) fn do_claim(researcher: MemberId, study: StudyId, answer: AnswerKey) -> DispatchResult {
        Self::ensure_active_researcher(researcher)?;
        let table = Self::ensure_claimable(answer)?;
        Self::ensure_study(study, researcher, table.spec.purposes)?;
        ensure!(!Self::is_failed(answer), Error::<T>::AnswerFailed);
        let window = Self::current_window();
        let entered = Entered::<T>::get(researcher).of(window);
        ensure!(entered < T::MaxEntries::get(), Error::<T>::TooManyClaims);

        let credits = table.spec.price;
        let era = Self::set_aside(researcher, credits)?;
        if let Some(fee) = table.spec.fee {
            let account = Self::account_of(researcher).ok_or(Error::<T>::NotAResearcher)?;
            T::Escrow::hold(&HoldReason::Claim.into(), &account, fee.amount)?;
        }
        Entered::<T>::insert(researcher, PerWindow { window, count: entered.saturating_add(1) });
        let claimant = Claimant::Paying { researcher, study, credits, era, fee: table.spec.fee };
        Self::enter(window, Entry { claimant, answer })?;
        Self::deposit_event(Event::Entered { researcher, study, answer, window });
        Ok(())
    }

    /// The table of an answer that can be claimed now: planned, not taken back, its epoch over, its provider active.
    pub(crate) fn ensure_claimable(answer: AnswerKey) -> Result<Table<BalanceOf<T>>, Error<T>> {
        let table = Tables::<T>::get(answer.provider, answer.table).ok_or(Error::<T>::UnknownTable)?;
        ensure!(!table.withdrawn, Error::<T>::TableWithdrawn);
        let ends = table.spec.ends(answer.epoch).ok_or(Error::<T>::UnknownEpoch)?;
        ensure!(ends <= Self::now(), Error::<T>::EpochNotOver);
        let status = pallet_registry::Pallet::<T>::status_of(answer.provider);
        ensure!(status == MemberStatus::Active, Error::<T>::ProviderInactive);
        Ok(table)
    }

    pub(crate) fn do_close_claim(id: ClaimId) -> DispatchResult {
        let claim = Claims::<T>::get(id).ok_or(Error::<T>::UnknownClaim)?;
        let answered = match Self::outcome(&claim) {
            Outcome::Refundable => false,
            Outcome::Pending => return Err(Error::<T>::TooEarly.into()),
            Outcome::Answered { at } => {
                ensure!(!matches!(claim.status, ClaimStatus::Disputed { .. }), Error::<T>::InDispute);
                let ends = claim.at.max(at).saturating_add(T::ClaimTerm::get());
                ensure!(ends <= Self::now(), Error::<T>::TooEarly);
                true
            }
        };
        Self::settle_claim(id, claim, answered)
    }

    pub(crate) fn do_dispute(researcher: MemberId, id: ClaimId, grounds: [u8; 32]) -> DispatchResult {
        let claim = Claims::<T>::get(id).ok_or(Error::<T>::UnknownClaim)?;
        ensure!(claim.researcher == researcher, Error::<T>::NotYours);
        ensure!(claim.status == ClaimStatus::Open, Error::<T>::AlreadyDisputed);
        ensure!(matches!(Self::outcome(&claim), Outcome::Answered { .. }), Error::<T>::NotAnswered);
        Claims::<T>::insert(id, Claim { status: ClaimStatus::Disputed { grounds }, ..claim });
        Self::deposit_event(Event::Disputed { claim: id });
        Ok(())
    }

    pub(crate) fn do_resolve(id: ClaimId, upheld: bool) -> DispatchResult {
        let claim = Claims::<T>::get(id).ok_or(Error::<T>::UnknownClaim)?;
        ensure!(matches!(claim.status, ClaimStatus::Disputed { .. }), Error::<T>::NotInDispute);
        if upheld {
            Self::settle_claim(id, claim, false)?;
        } else {
            Claims::<T>::insert(id, Claim { status: ClaimStatus::Dismissed, ..claim });
        }
        Self::deposit_event(Event::Resolved { claim: id, upheld });
        Ok(())
    }

    /// Takes a claim off the books: its price is spent, or given back.
    pub(crate) fn settle_claim(id: ClaimId, claim: Claim<BalanceOf<T>>, answered: bool) -> DispatchResult {
        if let Some(fee) = claim.fee {
            if answered {
                Self::pay(claim.researcher, claim.answer.provider, fee)?;
            } else {
                Self::release_fee(claim.researcher, fee);
            }
        }
        if answered {
            Self::burn(claim.researcher, claim.credits);
        } else {
            Self::give_back(claim.researcher, claim.credits, claim.era);
        }
        Claims::<T>::remove(id);
        Self::deposit_event(Event::ClaimClosed { claim: id, answered });
        Ok(())
    }

    /// What became of a claim's answer.
    pub(crate) fn outcome(claim: &Claim<BalanceOf<T>>) -> Outcome {
        let key = claim.answer;
        let Some(answer) = Answers::<T>::get((key.provider, key.table, key.epoch)) else {
            return Outcome::Refundable;
        };
        match answer.status {
            AnswerStatus::Failed => Outcome::Refundable,
            _ if claim.attempt < answer.attempt => Outcome::Refundable,
            AnswerStatus::Committed { at, .. } => Outcome::Answered { at },
            AnswerStatus::Awaited if answer.deadline <= Self::now() => Outcome::Refundable,
            AnswerStatus::Awaited => Outcome::Pending,
        }
    }

    fn pay(researcher: MemberId, provider: MemberId, fee: Fee<BalanceOf<T>>) -> DispatchResult {
        let from = Self::account_of(researcher).ok_or(Error::<T>::NotAResearcher)?;
        let to = match fee.payee {
            Payee::Provider => Self::account_of(provider).unwrap_or_else(Self::fund_account),
            Payee::Fund => Self::fund_account(),
        };
        T::Escrow::transfer_on_hold(
            &HoldReason::Claim.into(),
            &from,
            &to,
            fee.amount,
            Precision::BestEffort,
            Restriction::Free,
            Fortitude::Polite,
        )?;
        Ok(())
    }

    /// Gives back what was held beside.
    pub(crate) fn release_fee(researcher: MemberId, fee: Fee<BalanceOf<T>>) {
        if let Some(account) = Self::account_of(researcher) {
            // What cannot be released was never held.
            let _ =
                T::Escrow::release(&HoldReason::Claim.into(), &account, fee.amount, Precision::BestEffort);
        }
    }

    fn account_of(member: MemberId) -> Option<AccountId> {
        pallet_registry::Members::<T>::get(member).map(|member| member.account)
    }

    /// A claim.
    pub fn claim_of(id: ClaimId) -> Option<Claim<BalanceOf<T>>> {
        Claims::<T>::get(id)
    }

    /// A page of claims, ascending from `start`, at most 100 at a time.
    pub fn claims(start: ClaimId, count: u32) -> Vec<(ClaimId, Claim<BalanceOf<T>>)> {
        let end = start.saturating_add(count.min(100)).min(crate::NextClaim::<T>::get());
        (start..end).filter_map(|id| Claims::<T>::get(id).map(|claim| (id, claim))).collect()
    }

    /// The member whose account signed.
    pub(crate) fn ensure_member(
        origin: frame_system::pallet_prelude::OriginFor<T>,
    ) -> Result<MemberId, DispatchError> {
        pallet_registry::Pallet::<T>::ensure_account(origin).map(|(member, _)| member)
    }

    /// Now (ms).
    pub(crate) fn now() -> Moment {
        <T as pallet_registry::Config>::Time::now()
    }
}

/// What became of a claim's answer.
pub(crate) enum Outcome {
    /// The provider still has time.
    Pending,
    /// Committed to.
    Answered {
        /// When (ms).
        at: Moment,
    },
    /// It will not come, or not for this claim.
    Refundable,
}
