//! Who may act in a relationship.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{Contains, Time},
};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{AccountId, Custodian, CustodianRights, Moment, RelationshipId, RelationshipStatus};
use sp_runtime::DispatchError;

use crate::{BalanceOf, Config, Error, KeyRole, Keys, Pallet, Relationship, Relationships};

impl<T: Config> Pallet<T> {
    /// A relationship.
    pub fn get(id: RelationshipId) -> Option<Relationship<BalanceOf<T>>> {
        Relationships::<T>::get(id.member, id.index)
    }

    /// The patient's key and the status of a relationship.
    pub fn relationship(id: RelationshipId) -> Option<(AccountId, RelationshipStatus)> {
        Self::get(id).map(|r| (r.patient, r.status))
    }

    /// The relationships in which `account` is the patient's or a custodian's key: at most one, since a key is used once.
    pub fn of_account(account: &AccountId) -> alloc::vec::Vec<(RelationshipId, RelationshipStatus)> {
        Keys::<T>::get(account)
            .filter(|record| record.role != KeyRole::Retired)
            .and_then(|record| Self::get(record.relationship).map(|r| (record.relationship, r.status)))
            .into_iter()
            .collect()
    }

    /// The relationship, if the signer is its patient, or a custodian who has `right` now.
    pub fn ensure_patient_side(
        origin: OriginFor<T>,
        id: RelationshipId,
        right: CustodianRights,
    ) -> Result<Relationship<BalanceOf<T>>, DispatchError> {
        let who = ensure_signed(origin)?;
        let relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        let now = <T as pallet_registry::Config>::Time::now();
        let allowed = relationship.patient == who
            || relationship
                .custodians
                .iter()
                .any(|c| c.key == who && is_in_force(c, now) && c.rights.contains(right));
        ensure!(allowed, Error::<T>::NotAllowed);
        Ok(relationship)
    }

    /// The relationship, if the signer is its patient, a custodian who may manage it, or its provider.
    pub(crate) fn ensure_either_side(
        origin: OriginFor<T>,
        id: RelationshipId,
    ) -> Result<Relationship<BalanceOf<T>>, DispatchError> {
        let who = ensure_signed(origin.clone())?;
        if pallet_registry::Pallet::<T>::provider_of(&who) == Some(id.member) {
            return Self::get(id).ok_or(Error::<T>::UnknownRelationship.into());
        }
        Self::ensure_patient_side(origin, id, CustodianRights::MANAGE)
    }

    pub(crate) fn ensure_status(
        relationship: &Relationship<BalanceOf<T>>,
        allowed: &[RelationshipStatus],
    ) -> DispatchResult {
        ensure!(allowed.contains(&relationship.status), Error::<T>::WrongStatus);
        Ok(())
    }
}

fn is_in_force(custodian: &Custodian, now: Moment) -> bool {
    custodian.not_before <= now && custodian.not_after.is_none_or(|end| now < end)
}

/// Keys of patients and custodians, past ones among them, for [`pallet_registry::Config::KeyInUse`].
impl<T: Config> Contains<AccountId> for Pallet<T> {
    fn contains(key: &AccountId) -> bool {
        Keys::<T>::contains_key(key)
    }
}
