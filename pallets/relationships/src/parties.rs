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
    /// A relationship. One that rests because its patient has come of age and has no key yet shows as suspended.
    pub fn get(id: RelationshipId) -> Option<Relationship<BalanceOf<T>>> {
        let mut relationship = Relationships::<T>::get(id.member, id.index)?;
        if relationship.status == RelationshipStatus::Active && Self::is_resting(id, &relationship) {
            relationship.status = RelationshipStatus::Suspended;
        }
        Some(relationship)
    }

    /// A relationship with those custodians only who may act, dates aside: those whose case has not come are left out.
    /// For decisions; not to be written back.
    pub fn in_force(id: RelationshipId) -> Option<Relationship<BalanceOf<T>>> {
        let mut relationship = Self::get(id)?;
        if relationship.custodians.iter().any(is_dormant) {
            let awake = Self::is_stepped_in(id, &relationship);
            relationship.custodians.retain(|c| awake || !is_dormant(c));
            for custodian in relationship.custodians.iter_mut() {
                custodian.rights = custodian.rights.awake();
            }
        }
        Some(relationship)
    }

    /// Stores a relationship.
    pub(crate) fn put(id: RelationshipId, relationship: Relationship<BalanceOf<T>>) {
        Relationships::<T>::insert(id.member, id.index, relationship);
    }

    /// Now (ms).
    pub(crate) fn now() -> Moment {
        <T as pallet_registry::Config>::Time::now()
    }

    /// The patient's key and the status of a relationship.
    pub fn relationship(id: RelationshipId) -> Option<(AccountId, RelationshipStatus)> {
        Self::get(id).map(|r| (r.patient, r.status))
    }

    /// The relationships in which `account` is the patient's or a custodian's key: at most one, since a key is used once.
    pub fn of_account(account: &AccountId) -> alloc::vec::Vec<(RelationshipId, RelationshipStatus)> {
        Keys::<T>::get(account)
            .filter(|record| matches!(record.role, KeyRole::Patient | KeyRole::Custodian(_)))
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
        let allowed =
            relationship.patient == who || Self::acting_custodian(id, &relationship, &who, right).is_some();
        ensure!(allowed, Error::<T>::NotAllowed);
        Ok(relationship)
    }

    /// The relationship, if the signer is its patient and no other.
    pub(crate) fn ensure_patient(
        origin: OriginFor<T>,
        id: RelationshipId,
    ) -> Result<Relationship<BalanceOf<T>>, DispatchError> {
        let who = ensure_signed(origin)?;
        let relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        ensure!(relationship.patient == who, Error::<T>::NotAllowed);
        Ok(relationship)
    }

    /// The relationship, if the signer is its active provider.
    pub(crate) fn ensure_provider(
        origin: OriginFor<T>,
        id: RelationshipId,
    ) -> Result<Relationship<BalanceOf<T>>, DispatchError> {
        let member = pallet_registry::Pallet::<T>::ensure_active_provider(origin)?;
        ensure!(member == id.member, Error::<T>::NotAllowed);
        Self::get(id).ok_or(Error::<T>::UnknownRelationship.into())
    }

    /// The custodian behind this key, if it has `right` and may use it now: within its dates, and stepped in where it is
    /// dormant. `relationship` is as [`Self::get`] gives it.
    pub fn acting_custodian<'a>(
        id: RelationshipId,
        relationship: &'a Relationship<BalanceOf<T>>,
        key: &AccountId,
        right: CustodianRights,
    ) -> Option<&'a Custodian> {
        let custodian = relationship.custodians.iter().find(|c| c.key == *key)?;
        Self::may_use(id, relationship, custodian, right).then_some(custodian)
    }

    /// Whether this custodian has `right` and may use it now.
    pub(crate) fn may_use(
        id: RelationshipId,
        relationship: &Relationship<BalanceOf<T>>,
        custodian: &Custodian,
        right: CustodianRights,
    ) -> bool {
        custodian.rights.contains(right)
            && is_in_force(custodian, Self::now())
            && (!is_dormant(custodian) || Self::is_stepped_in(id, relationship))
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

    /// Refuses relationships that are proposed or ended, and those that wait for the patient to accept an enrolment.
    pub(crate) fn ensure_open(relationship: &Relationship<BalanceOf<T>>) -> DispatchResult {
        Self::ensure_status(relationship, &[RelationshipStatus::Active, RelationshipStatus::Suspended])?;
        ensure!(relationship.ticket.is_none(), Error::<T>::WrongStatus);
        Ok(())
    }

    pub(crate) fn ensure_status(
        relationship: &Relationship<BalanceOf<T>>,
        allowed: &[RelationshipStatus],
    ) -> DispatchResult {
        ensure!(allowed.contains(&relationship.status), Error::<T>::WrongStatus);
        Ok(())
    }
}

/// Whether now lies within the custodian's dates.
pub(crate) fn is_in_force(custodian: &Custodian, now: Moment) -> bool {
    custodian.not_before <= now && custodian.not_after.is_none_or(|end| now < end)
}

/// Whether the custodian may act only after stepping in.
pub(crate) fn is_dormant(custodian: &Custodian) -> bool {
    custodian.rights.contains(CustodianRights::DORMANT)
}

/// Keys of patients and custodians, past ones among them, for [`pallet_registry::Config::KeyInUse`].
impl<T: Config> Contains<AccountId> for Pallet<T> {
    fn contains(key: &AccountId) -> bool {
        Keys::<T>::contains_key(key)
    }
}
