//! Sealed pointers to records.

use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::OriginFor;
use medrec_primitives::{
    CustodianRights, MemberId, Pointer, RelationshipId, RelationshipStatus, SealedLocator,
};

use crate::{Config, Error, Event, Pallet, Pointers, MAX_POINTERS};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_pointer(
        member: MemberId,
        id: RelationshipId,
        slot: u8,
        locator: SealedLocator,
        root: [u8; 32],
    ) -> DispatchResult {
        ensure!(member == id.member, Error::<T>::NotAllowed);
        ensure!(slot < MAX_POINTERS, Error::<T>::BadSlot);
        let relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        Self::ensure_status(&relationship, &[RelationshipStatus::Active, RelationshipStatus::Suspended])?;
        let key = (id.member, id.index, slot);
        let (last, seen) = Pointers::<T>::get(key).map_or((0, 0), |p| (p.version, p.seen));
        let version = last.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        Pointers::<T>::insert(key, Pointer { locator, root, version, seen });
        Self::deposit_event(Event::PointerSet { relationship: id, slot, version });
        Ok(())
    }

    pub(crate) fn do_withdraw_pointer(member: MemberId, id: RelationshipId, slot: u8) -> DispatchResult {
        ensure!(member == id.member, Error::<T>::NotAllowed);
        let key = (id.member, id.index, slot);
        ensure!(Pointers::<T>::contains_key(key), Error::<T>::UnknownPointer);
        Pointers::<T>::remove(key);
        Self::deposit_event(Event::PointerWithdrawn { relationship: id, slot });
        Ok(())
    }

    pub(crate) fn do_acknowledge(
        origin: OriginFor<T>,
        id: RelationshipId,
        slot: u8,
        version: u32,
    ) -> DispatchResult {
        Self::ensure_patient_side(origin, id, CustodianRights::READ)?;
        Pointers::<T>::try_mutate((id.member, id.index, slot), |pointer| {
            let pointer = pointer.as_mut().ok_or(Error::<T>::UnknownPointer)?;
            ensure!(pointer.seen < version && version <= pointer.version, Error::<T>::BadVersion);
            pointer.seen = version;
            Ok::<_, Error<T>>(())
        })?;
        Self::deposit_event(Event::Acknowledged { relationship: id, slot, version });
        Ok(())
    }

    pub(crate) fn clear_pointers(id: RelationshipId) {
        let _ = Pointers::<T>::clear_prefix((id.member, id.index), u32::from(MAX_POINTERS), None);
    }
}
