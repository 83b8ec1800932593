//! Keys of patients and custodians: opened once, kept for ever.

use frame_support::{dispatch::DispatchResult, ensure};
use medrec_primitives::{AccountId, RelationshipId};

use crate::{
    Allowance, BalanceOf, Config, Error, KeyRecord, KeyRole, Keys, Pallet, Relationship, MAX_CUSTODIAN_KEYS,
    MAX_PATIENT_KEYS,
};

impl<T: Config> Pallet<T> {
    /// Opens a key that nobody has ever used, and counts it.
    pub(crate) fn open_key(
        id: RelationshipId,
        relationship: &mut Relationship<BalanceOf<T>>,
        key: &AccountId,
        role: KeyRole,
    ) -> DispatchResult {
        pallet_registry::Pallet::<T>::ensure_fresh_key(key)?;
        let keys = &mut relationship.keys;
        let (count, max) = match role {
            KeyRole::Custodian(_) => (&mut keys.custodian, MAX_CUSTODIAN_KEYS),
            KeyRole::Patient | KeyRole::Pending | KeyRole::Retired => (&mut keys.patient, MAX_PATIENT_KEYS),
        };
        ensure!(*count < max, Error::<T>::TooManyKeys);
        *count = count.saturating_add(1);
        // Never dropped: that would delete the nonce, and old signatures would count again.
        frame_system::Pallet::<T>::inc_sufficients(key);
        Keys::<T>::insert(key, KeyRecord { relationship: id, role, allowance: Allowance::default() });
        Ok(())
    }

    /// Opens the key of a custodian, under the next number.
    pub(crate) fn open_custodian_key(
        id: RelationshipId,
        relationship: &mut Relationship<BalanceOf<T>>,
        key: &AccountId,
    ) -> DispatchResult {
        let number = relationship.keys.custodian;
        Self::open_key(id, relationship, key, KeyRole::Custodian(number))
    }

    /// The number of the custodian behind this key, if it is one.
    pub fn custodian_number(key: &AccountId) -> Option<u8> {
        match Keys::<T>::get(key)?.role {
            KeyRole::Custodian(number) => Some(number),
            KeyRole::Patient | KeyRole::Pending | KeyRole::Retired => None,
        }
    }

    /// Changes what a key is. One that was never opened stays so.
    pub(crate) fn set_role(key: &AccountId, role: KeyRole) {
        Keys::<T>::mutate(key, |record| {
            if let Some(record) = record {
                record.role = role;
            }
        });
    }
}
