//! What is always true of this pallet's storage.

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
use {
    crate::{
        Config, HoldReason, KeyRole, Keys, NextIndex, Pallet, Pointers, Relationships, StaffAllowances,
        MAX_POINTERS,
    },
    alloc::collections::BTreeMap,
    frame_support::{ensure, traits::fungible::hold::Inspect as _},
    medrec_primitives::{RelationshipId, RelationshipStatus},
    sp_runtime::{traits::Saturating, TryRuntimeError},
};

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every invariant that spans items:
    ///
    /// 1. indices are below the provider's next one;
    /// 2. the patient's and custodians' keys lead back to the relationship while it lasts, and are tombstones after it;
    /// 3. every key's account exists, for ever;
    /// 4. pointers and rules hang on relationships that last, and a ticket on a proposed one alone;
    /// 5. allowances of staff are those of keys that are, or were, on a member's staff;
    /// 6. what is held on each deposit account is the sum over its relationships.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut held = BTreeMap::new();
        for (member, index, record) in Relationships::<T>::iter() {
            let id = RelationshipId::new(member, index);
            ensure!(index < NextIndex::<T>::get(member), "relationship index not below the next one");
            let ended = record.status == RelationshipStatus::Ended;
            let key = Keys::<T>::get(&record.patient).ok_or("a patient's key is unknown")?;
            ensure!(key.relationship == id, "a patient's key leads elsewhere");
            let role = if ended { KeyRole::Retired } else { KeyRole::Patient };
            ensure!(key.role == role, "a patient's key has the wrong role");
            for custodian in &record.custodians {
                let key = Keys::<T>::get(&custodian.key).ok_or("a custodian's key is unknown")?;
                ensure!(
                    key.relationship == id && key.role == KeyRole::Custodian,
                    "a custodian's key leads elsewhere"
                );
            }
            ensure!(
                record.ticket.is_some() == (record.status == RelationshipStatus::Proposed),
                "a ticket is kept longer than the proposal, or missing"
            );
            if ended {
                ensure!(record.rules.total() == 0, "rules after the end");
            }
            let sum: &mut crate::BalanceOf<T> = held.entry(member).or_default();
            *sum = sum.saturating_add(record.held);
        }
        for (key, _) in Keys::<T>::iter() {
            ensure!(frame_system::Pallet::<T>::sufficients(&key) > 0, "a key lost its account");
        }
        for key in StaffAllowances::<T>::iter_keys() {
            let known = pallet_registry::StaffKeys::<T>::contains_key(&key);
            ensure!(known, "an allowance of a key that never was on a staff");
        }
        for ((member, index, slot), _) in Pointers::<T>::iter() {
            ensure!(slot < MAX_POINTERS, "a pointer in a slot that does not exist");
            let record = Relationships::<T>::get(member, index).ok_or("a pointer of no relationship")?;
            ensure!(
                matches!(record.status, RelationshipStatus::Active | RelationshipStatus::Suspended),
                "a pointer of a relationship that does not last"
            );
        }
        for (member, sum) in held {
            let account = Self::deposit_account(member);
            let on_hold = T::Deposits::balance_on_hold(&HoldReason::Relationship.into(), &account);
            ensure!(on_hold == sum, "what is held is not the sum over relationships");
        }
        Ok(())
    }
}
