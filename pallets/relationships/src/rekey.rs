//! A fresh key in the place of a patient's lost one.

use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{AccountId, CustodianRights, RelationshipId, RelationshipStatus, TicketDigest};
use sp_runtime::DispatchError;

use crate::{BalanceOf, Config, Error, Event, KeyRole, Pallet, Rekey, Rekeys, Relationship, REKEY_DELAY};

/// Who may have a say in a rekey beside the patient.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Provider,
    Custodian,
}

impl<T: Config> Pallet<T> {
    /// Refuses what may not happen between a veto and the proof of identity.
    pub(crate) fn ensure_not_frozen(id: RelationshipId) -> Result<(), Error<T>> {
        let frozen = Rekeys::<T>::get(id.member, id.index).is_some_and(|rekey| rekey.frozen);
        ensure!(!frozen, Error::<T>::Frozen);
        Ok(())
    }

    /// The relationship, and for whom the signer speaks: its active provider, or a custodian who may manage it.
    fn ensure_side(
        origin: OriginFor<T>,
        id: RelationshipId,
    ) -> Result<(Relationship<BalanceOf<T>>, Side), DispatchError> {
        let who = ensure_signed(origin.clone())?;
        if pallet_registry::Pallet::<T>::provider_of(&who).is_some() {
            return Ok((Self::ensure_provider(origin, id)?, Side::Provider));
        }
        let relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        let manages = Self::acting(id, &relationship, &who, CustodianRights::MANAGE).is_some();
        ensure!(manages, Error::<T>::NotAllowed);
        Ok((relationship, Side::Custodian))
    }

    fn rekey(id: RelationshipId) -> Result<Rekey, Error<T>> {
        Rekeys::<T>::get(id.member, id.index).ok_or(Error::<T>::NotRequested)
    }

    pub(crate) fn do_request_rekey(
        origin: OriginFor<T>,
        id: RelationshipId,
        key: AccountId,
        ticket: Option<TicketDigest>,
    ) -> DispatchResult {
        let (mut relationship, side) = Self::ensure_side(origin, id)?;
        Self::ensure_open(&relationship)?;
        // Whoever has no key has lost none.
        ensure!(!Self::is_keyless(id, &relationship), Error::<T>::WrongStatus);
        ensure!(!Rekeys::<T>::contains_key(id.member, id.index), Error::<T>::AlreadyRequested);
        let mut rekey = Rekey { key, ticket: None, custodian: false, ready: 0, frozen: false };
        Self::approve(&mut rekey, side, ticket)?;
        Self::open_key(id, &mut relationship, &rekey.key, KeyRole::Pending)?;
        Self::put(id, relationship);
        let event = Event::RekeyRequested { relationship: id, key: rekey.key.clone(), ready: rekey.ready };
        Rekeys::<T>::insert(id.member, id.index, rekey);
        Self::deposit_event(event);
        Ok(())
    }

    pub(crate) fn do_approve_rekey(
        origin: OriginFor<T>,
        id: RelationshipId,
        key: AccountId,
        ticket: Option<TicketDigest>,
    ) -> DispatchResult {
        let (_, side) = Self::ensure_side(origin, id)?;
        let mut rekey = Self::rekey(id)?;
        ensure!(!rekey.frozen, Error::<T>::Frozen);
        ensure!(rekey.key == key, Error::<T>::WrongKey);
        Self::approve(&mut rekey, side, ticket)?;
        let event = Event::RekeyApproved { relationship: id, key, ready: rekey.ready };
        Rekeys::<T>::insert(id.member, id.index, rekey);
        Self::deposit_event(event);
        Ok(())
    }

    /// Notes one side's approval. The delay begins anew: the patient has all of it after the last one.
    fn approve(rekey: &mut Rekey, side: Side, ticket: Option<TicketDigest>) -> Result<(), Error<T>> {
        ensure!(ticket.is_some() == (side == Side::Provider), Error::<T>::BadTicket);
        match side {
            Side::Provider => {
                ensure!(rekey.ticket.is_none(), Error::<T>::AlreadyApproved);
                rekey.ticket = ticket;
            }
            Side::Custodian => {
                ensure!(!rekey.custodian, Error::<T>::AlreadyApproved);
                rekey.custodian = true;
            }
        }
        rekey.ready = Self::now().saturating_add(REKEY_DELAY);
        Ok(())
    }

    pub(crate) fn do_finish_rekey(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let who = ensure_signed(origin.clone())?;
        let rekey = Self::rekey(id)?;
        let mut relationship = if who == rekey.key {
            Self::get(id).ok_or(Error::<T>::UnknownRelationship)?
        } else {
            Self::ensure_side(origin, id)?.0
        };
        ensure!(!rekey.frozen, Error::<T>::Frozen);
        let custodians = &relationship.custodians;
        let managed = custodians.iter().any(|c| Self::may_use(id, &relationship, c, CustodianRights::MANAGE));
        ensure!(rekey.ticket.is_some() && (rekey.custodian || !managed), Error::<T>::NotApproved);
        ensure!(rekey.ready <= Self::now(), Error::<T>::TooEarly);
        Self::replace_key(&mut relationship, rekey.key);
        Self::conclude_rekey(id, relationship);
        Ok(())
    }

    pub(crate) fn do_veto_rekey(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let mut relationship = Self::ensure_patient(origin, id)?;
        let rekey = Self::rekey(id)?;
        ensure!(!rekey.frozen, Error::<T>::Frozen);
        relationship.status = RelationshipStatus::Suspended;
        Self::put(id, relationship);
        Rekeys::<T>::insert(id.member, id.index, Rekey { frozen: true, ..rekey });
        Self::deposit_event(Event::RekeyVetoed { relationship: id });
        Ok(())
    }

    pub(crate) fn do_reproof(
        id: RelationshipId,
        mut relationship: Relationship<BalanceOf<T>>,
        key: AccountId,
        ticket: TicketDigest,
    ) -> DispatchResult {
        let rekey = Self::rekey(id)?;
        ensure!(rekey.frozen, Error::<T>::NotFrozen);
        if key == rekey.key {
            Self::replace_key(&mut relationship, rekey.key);
        } else {
            ensure!(key == relationship.patient, Error::<T>::WrongKey);
            Self::set_role(&rekey.key, KeyRole::Retired);
            Self::note_life(&relationship.patient);
        }
        Self::deposit_event(Event::Reproofed { relationship: id, patient: key, ticket });
        Self::conclude_rekey(id, relationship);
        Ok(())
    }

    pub(crate) fn do_cancel_rekey(id: RelationshipId) -> DispatchResult {
        let rekey = Self::rekey(id)?;
        ensure!(!rekey.frozen, Error::<T>::Frozen);
        Self::set_role(&rekey.key, KeyRole::Retired);
        Rekeys::<T>::remove(id.member, id.index);
        Self::deposit_event(Event::RekeyCancelled { relationship: id });
        Ok(())
    }

    /// Puts the fresh key in the place of the old one, which stays as a tombstone with its nonce.
    fn replace_key(relationship: &mut Relationship<BalanceOf<T>>, key: AccountId) {
        Self::set_role(&relationship.patient, KeyRole::Retired);
        Self::set_role(&key, KeyRole::Patient);
        // Otherwise the new key would look silent since ever.
        Self::note_life(&key);
        relationship.patient = key;
    }

    fn conclude_rekey(id: RelationshipId, relationship: Relationship<BalanceOf<T>>) {
        Rekeys::<T>::remove(id.member, id.index);
        let patient = relationship.patient.clone();
        Self::put(id, relationship);
        Self::deposit_event(Event::RekeyConcluded { relationship: id, patient });
    }
}
