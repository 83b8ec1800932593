//! Sealed pointers to records.

use frame_support::{dispatch::DispatchResult, ensure};
use medrec_primitives::{MemberId, Pointer, RelationshipId, RelationshipStatus, SealedLocator};

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
        let version = Pointers::<T>::get(key)
            .map_or(0, |p| p.version)
            .checked_add(1)
            .ok_or(Error::<T>::IdsExhausted)?;
        Pointers::<T>::insert(key, Pointer { locator, root, version });
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

    pub(crate) fn clear_pointers(id: RelationshipId) {
        let _ = Pointers::<T>::clear_prefix((id.member, id.index), u32::from(MAX_POINTERS), None);
    }
}
