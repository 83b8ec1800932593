//! Deposits: the provider pays for the whole footprint of a relationship when it proposes it, so that no call of a patient's
//! depends on anyone's balance.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        fungible::{hold::Mutate as _, Inspect as _, Mutate as _},
        tokens::{Fortitude, Precision, Preservation},
        Get,
    },
    PalletId,
};
use frame_system::pallet_prelude::OriginFor;
use medrec_primitives::{AccountId, MemberId};
use sp_runtime::traits::{AccountIdConversion, Saturating, Zero};

use crate::{BalanceOf, Config, Error, Event, HoldReason, Pallet};

/// Deposit accounts are derived from this and the member's identifier.
pub const DEPOSIT_PALLET_ID: PalletId = PalletId(*b"mdr/depo");

impl<T: Config> Pallet<T> {
    /// The account on which a member's deposits are held. Nobody has its key; anyone may transfer to it.
    pub fn deposit_account(member: MemberId) -> AccountId {
        DEPOSIT_PALLET_ID.into_sub_account_truncating(member)
    }

    /// Holds the whole footprint of one relationship; answers with the amount.
    pub(crate) fn hold_footprint(member: MemberId) -> Result<BalanceOf<T>, Error<T>> {
        let amount = T::RecordDeposit::get().saturating_add(T::UseDeposit::get());
        T::Deposits::hold(&HoldReason::Relationship.into(), &Self::deposit_account(member), amount)
            .map_err(|_| Error::<T>::DepositAccountTooLow)?;
        Ok(amount)
    }

    /// Gives back to a member what nothing is held for.
    pub(crate) fn do_withdraw_deposit(origin: OriginFor<T>, amount: Option<BalanceOf<T>>) -> DispatchResult {
        let (id, member) = pallet_registry::Pallet::<T>::ensure_account(origin)?;
        let account = Self::deposit_account(id);
        let free = T::Deposits::reducible_balance(&account, Preservation::Expendable, Fortitude::Polite);
        let amount = amount.unwrap_or(free);
        ensure!(!amount.is_zero() && amount <= free, Error::<T>::NotFree);
        T::Deposits::transfer(&account, &member.account, amount, Preservation::Expendable)?;
        Self::deposit_event(Event::DepositWithdrawn { member: id, amount });
        Ok(())
    }

    /// Releases what is held for the time that a relationship lasts, and keeps the rest; answers with the rest.
    pub(crate) fn release_use(
        member: MemberId,
        held: BalanceOf<T>,
    ) -> Result<BalanceOf<T>, sp_runtime::DispatchError> {
        let keep = held.min(T::RecordDeposit::get());
        // Best effort: ending a relationship must not fail for the sake of a balance.
        T::Deposits::release(
            &HoldReason::Relationship.into(),
            &Self::deposit_account(member),
            held.saturating_sub(keep),
            Precision::BestEffort,
        )?;
        Ok(keep)
    }
}
