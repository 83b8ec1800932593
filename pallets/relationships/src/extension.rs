//! The transaction extension by which patients pay nothing, and staff nothing in an emergency.
//!
//! [`FreeCalls`] stands where `CheckMortality` and `CheckNonce` stand in other chains, contains both, and shows itself to
//! wallets as these two: it adds no byte, so that unmodified wallets sign. For a call that is free for its signer (its
//! `feeless_if` says so) it does four things besides:
//!
//! 1. It refuses immortal transactions: a signature given away must not wait for ever.
//! 2. It refuses nonces further ahead than what is left of the signer's allowance, so that a queue in the pool is bounded.
//! 3. It charges the allowance before dispatch, so that failing calls count. (A charge inside the call would roll back.)
//! 4. It sets the priority: calls that narrow access (those of the operational class) go before all others.
//!
//! Wrapped calls (`utility`, `proxy`) are not free: the wrapper's own fee is due, and a patient's or an emergency room's key has nothing.

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
    dispatch::{CheckIfFeeless, DispatchClass, DispatchInfo},
    pallet_prelude::{TransactionSource, Weight},
};
use frame_system::{pallet_prelude::OriginFor, CheckMortality, CheckNonce};
use medrec_primitives::AccountId;
use scale_info::TypeInfo;
use sp_runtime::{
    generic::Era,
    traits::{
        AsSystemOriginSigner, DispatchInfoOf, Dispatchable, Implication, PostDispatchInfoOf,
        SaturatedConversion, TransactionExtension, TransactionExtensionMetadata, ValidateResult,
    },
    transaction_validity::{
        InvalidTransaction, TransactionPriority, TransactionValidityError, ValidTransaction,
    },
    DispatchResult,
};

use crate::{Config, Pallet, WeightInfo};

/// Priority of free calls that narrow access: above whatever a tip can buy.
pub const NARROWING_PRIORITY: TransactionPriority = TransactionPriority::MAX / 2;

/// Priority of other free calls: above paid calls without a tip.
pub const FREE_PRIORITY: TransactionPriority = 1 << 32;

/// `InvalidTransaction::Custom` code: a free call must be mortal. Sign it with an era.
pub const IMMORTAL: u8 = 1;

/// `InvalidTransaction::Custom` code: today's allowance is used up, or the nonce is further ahead than it reaches.
/// Try again tomorrow (UTC).
pub const ALLOWANCE_USED_UP: u8 = 2;

/// See the [module's documentation](self).
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, Eq, PartialEq, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct FreeCalls<T: Config + Send + Sync> {
    mortality: CheckMortality<T>,
    nonce: CheckNonce<T>,
}

impl<T: Config + Send + Sync> FreeCalls<T> {
    /// The extension of a transaction with this era and nonce.
    pub fn new(era: Era, nonce: T::Nonce) -> Self {
        Self { mortality: CheckMortality::from(era), nonce: CheckNonce::from(nonce) }
    }
}

impl<T: Config + Send + Sync> core::fmt::Debug for FreeCalls<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "FreeCalls({:?}, {:?})", self.mortality, self.nonce)
    }
}

/// What validation found out and preparation acts on.
#[derive(Debug)]
pub struct Val<Nonce> {
    nonce: Nonce,
    charge: Option<Charge>,
}

/// An allowance to be charged.
#[derive(Debug)]
struct Charge {
    who: AccountId,
    narrowing: bool,
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for FreeCalls<T>
where
    T::RuntimeCall: Dispatchable<Info = DispatchInfo> + CheckIfFeeless<Origin = OriginFor<T>>,
    <T::RuntimeCall as Dispatchable>::RuntimeOrigin: AsSystemOriginSigner<AccountId> + Clone,
{
    const IDENTIFIER: &'static str = "FreeCalls<Use `metadata()`!>";
    type Implicit = T::Hash;
    type Val = Val<<CheckNonce<T> as TransactionExtension<T::RuntimeCall>>::Val>;
    type Pre = <CheckNonce<T> as TransactionExtension<T::RuntimeCall>>::Pre;

    fn metadata() -> alloc::vec::Vec<TransactionExtensionMetadata> {
        let mut both = <CheckMortality<T> as TransactionExtension<T::RuntimeCall>>::metadata();
        both.extend(<CheckNonce<T> as TransactionExtension<T::RuntimeCall>>::metadata());
        both
    }

    fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
        <CheckMortality<T> as TransactionExtension<T::RuntimeCall>>::implicit(&self.mortality)
    }

    fn weight(&self, call: &T::RuntimeCall) -> Weight {
        // The key's record, or the person's on a staff, is read to see whether the call is free, and written to charge it.
        // The few calls that are free for staff weigh the registry's records of the person themselves.
        self.mortality
            .weight(call)
            .saturating_add(self.nonce.weight(call))
            .saturating_add(<T as Config>::WeightInfo::charge())
    }

    fn validate(
        &self,
        origin: OriginFor<T>,
        call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        len: usize,
        self_implicit: Self::Implicit,
        inherited_implication: &impl Implication,
        source: TransactionSource,
    ) -> ValidateResult<Self::Val, T::RuntimeCall> {
        let (mortal, (), origin) =
            self.mortality.validate(origin, call, info, len, self_implicit, inherited_implication, source)?;
        let (valid, nonce, origin) =
            self.nonce.validate(origin, call, info, len, (), inherited_implication, source)?;
        let valid = mortal.combine_with(valid);

        let signer = origin.as_system_origin_signer().cloned();
        let Some(who) = signer.filter(|_| call.is_feeless(&origin)) else {
            return Ok((valid, Val { nonce, charge: None }, origin));
        };
        if self.mortality.0.is_immortal() {
            return Err(InvalidTransaction::Custom(IMMORTAL).into());
        }
        let narrowing = info.class == DispatchClass::Operational;
        let left = Pallet::<T>::remaining(&who);
        let ahead = self
            .nonce
            .0
            .saturated_into::<u64>()
            .saturating_sub(frame_system::Pallet::<T>::account_nonce(&who).saturated_into::<u64>());
        if left.of(narrowing) == 0 || ahead >= u64::from(left.total()) {
            return Err(InvalidTransaction::Custom(ALLOWANCE_USED_UP).into());
        }
        let priority = if narrowing { NARROWING_PRIORITY } else { FREE_PRIORITY };
        let valid = valid.combine_with(ValidTransaction { priority, ..Default::default() });
        Ok((valid, Val { nonce, charge: Some(Charge { who, narrowing }) }, origin))
    }

    fn prepare(
        self,
        val: Self::Val,
        origin: &OriginFor<T>,
        call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        len: usize,
    ) -> Result<Self::Pre, TransactionValidityError> {
        let pre = self.nonce.prepare(val.nonce, origin, call, info, len)?;
        match val.charge {
            Some(Charge { who, narrowing }) if !Pallet::<T>::spend(&who, narrowing) => {
                Err(InvalidTransaction::Custom(ALLOWANCE_USED_UP).into())
            }
            _ => Ok(pre),
        }
    }

    fn post_dispatch_details(
        pre: Self::Pre,
        info: &DispatchInfoOf<T::RuntimeCall>,
        post_info: &PostDispatchInfoOf<T::RuntimeCall>,
        len: usize,
        result: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        <CheckNonce<T> as TransactionExtension<T::RuntimeCall>>::post_dispatch_details(
            pre, info, post_info, len, result,
        )
    }
}
