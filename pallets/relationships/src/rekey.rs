//! A fresh key in the place of a lost one: the patient's, or a guardian's of a minor who has none.

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

    /// The relationship, and for whom the signer speaks: its active provider, or a custodian who may manage it and whose key
    /// is not the lost one.
    fn ensure_side(
        origin: OriginFor<T>,
        id: RelationshipId,
        lost: &AccountId,
    ) -> Result<(Relationship<BalanceOf<T>>, Side), DispatchError> {
        let who = ensure_signed(origin.clone())?;
        if pallet_registry::Pallet::<T>::provider_of(&who).is_some() {
            return Ok((Self::ensure_provider(origin, id)?, Side::Provider));
        }
        let relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        let manages = Self::acting(id, &relationship, &who, CustodianRights::MANAGE).is_some();
        ensure!(manages && *lost != who, Error::<T>::NotAllowed);
        Ok((relationship, Side::Custodian))
    }

    fn rekey(id: RelationshipId) -> Result<Rekey, Error<T>> {
        Rekeys::<T>::get(id.member, id.index).ok_or(Error::<T>::NotRequested)
    }

    pub(crate) fn do_request_rekey(
        origin: OriginFor<T>,
        id: RelationshipId,
        lost: AccountId,
        key: AccountId,
        ticket: Option<TicketDigest>,
    ) -> DispatchResult {
        let (mut relationship, side) = Self::ensure_side(origin, id, &lost)?;
        Self::ensure_open(&relationship)?;
        ensure!(Self::may_be_lost(id, &relationship, &lost), Error::<T>::WrongKey);
        ensure!(!Rekeys::<T>::contains_key(id.member, id.index), Error::<T>::AlreadyRequested);
        let mut rekey = Rekey { lost, key, ticket: None, custodian: false, ready: 0, frozen: false };
        Self::approve(&mut rekey, side, ticket)?;
        Self::open_key(id, &mut relationship, &rekey.key, KeyRole::Pending)?;
        Self::put(id, relationship);
        let (lost, key) = (rekey.lost.clone(), rekey.key.clone());
        let event = Event::RekeyRequested { relationship: id, lost, key, ready: rekey.ready };
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
        ensure_signed(origin.clone())?;
        let mut rekey = Self::rekey(id)?;
        let (_, side) = Self::ensure_side(origin, id, &rekey.lost)?;
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
            Self::ensure_side(origin, id, &rekey.lost)?.0
        };
        ensure!(!rekey.frozen, Error::<T>::Frozen);
        let mut others = relationship.custodians.iter().filter(|c| c.key != rekey.lost);
        let managed = others.any(|c| Self::may_use(id, &relationship, c, CustodianRights::MANAGE));
        ensure!(rekey.ticket.is_some() && (rekey.custodian || !managed), Error::<T>::NotApproved);
        ensure!(rekey.ready <= Self::now(), Error::<T>::TooEarly);
        Self::replace_key(&mut relationship, &rekey)?;
        Self::put(id, relationship);
        Self::conclude_rekey(id, rekey.key);
        Ok(())
    }

    /// Whether this is the patient's key; where the patient has none, a key of a custodian's who manages the relationship now.
    fn may_be_lost(id: RelationshipId, relationship: &Relationship<BalanceOf<T>>, key: &AccountId) -> bool {
        if Self::is_keyless(id, relationship) {
            Self::acting(id, relationship, key, CustodianRights::MANAGE).is_some()
        } else {
            relationship.patient == *key
        }
    }

    pub(crate) fn do_veto_rekey(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let who = ensure_signed(origin)?;
        let mut relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        let rekey = Self::rekey(id)?;
        ensure!(who == rekey.lost, Error::<T>::NotAllowed);
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
            Self::replace_key(&mut relationship, &rekey)?;
            Self::put(id, relationship);
        } else {
            ensure!(key == rekey.lost, Error::<T>::WrongKey);
            Self::set_role(&rekey.key, KeyRole::Retired);
            Self::note_life(&rekey.lost);
        }
        Self::deposit_event(Event::Reproofed { relationship: id, key: key.clone(), ticket });
        Self::conclude_rekey(id, key);
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
    fn replace_key(relationship: &mut Relationship<BalanceOf<T>>, rekey: &Rekey) -> Result<(), Error<T>> {
        let (place, role) = if relationship.patient == rekey.lost {
            (&mut relationship.patient, KeyRole::Patient)
        } else {
            let guardian = relationship.custodians.iter_mut().find(|c| c.key == rekey.lost);
            // Removed in the meantime: there is no place to take.
            (&mut guardian.ok_or(Error::<T>::UnknownCustodian)?.key, KeyRole::Custodian)
        };
        *place = rekey.key.clone();
        Self::set_role(&rekey.lost, KeyRole::Retired);
        Self::set_role(&rekey.key, role);
        // Otherwise the new key would look silent since ever.
        Self::note_life(&rekey.key);
        Ok(())
    }

    fn conclude_rekey(id: RelationshipId, key: AccountId) {
        Rekeys::<T>::remove(id.member, id.index);
        Self::deposit_event(Event::RekeyConcluded { relationship: id, key });
    }

    /// Forgets a rekey, if there is one, whatever became of it.
    pub(crate) fn drop_rekey(id: RelationshipId) {
        if let Some(rekey) = Rekeys::<T>::take(id.member, id.index) {
            Self::set_role(&rekey.key, KeyRole::Retired);
        }
    }
}
