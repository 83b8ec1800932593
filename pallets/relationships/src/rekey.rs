//! A fresh key in the place of a lost one: the patient's, or a guardian's of a minor who has none.

use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{
    AccountId, Custodian, CustodianRights, Moment, RelationshipId, RelationshipStatus, TicketDigest,
};
use sp_runtime::DispatchError;

use crate::{
    BalanceOf, Config, Error, Event, KeyRole, Pallet, Rekey, RekeyStage, Rekeys, Relationship, MIN_CUSTODY,
    REKEY_DELAY, REKEY_TERM,
};

/// Who may have a say in a rekey beside the patient.
#[derive(Clone, PartialEq, Eq)]
enum Side {
    Provider,
    Custodian(AccountId),
}

impl<T: Config> Pallet<T> {
    /// Refuses what may not happen between a veto and the proof of identity.
    pub fn ensure_not_frozen(id: RelationshipId) -> Result<(), Error<T>> {
        let frozen = Rekeys::<T>::get(id.member, id.index).is_some_and(|rekey| rekey.is_frozen());
        ensure!(!frozen, Error::<T>::Frozen);
        Ok(())
    }

    /// Refuses what may not happen while a rekey is under way.
    pub(crate) fn ensure_no_rekey(id: RelationshipId) -> Result<(), Error<T>> {
        Self::ensure_not_frozen(id)?;
        let open = Rekeys::<T>::get(id.member, id.index).is_some_and(|rekey| !rekey.has_lapsed(Self::now()));
        ensure!(!open, Error::<T>::Rekeying);
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
        let manages = Self::acting_custodian(id, &relationship, &who, CustodianRights::MANAGE).is_some();
        ensure!(manages && *lost != who, Error::<T>::NotAllowed);
        Ok((relationship, Side::Custodian(who)))
    }

    /// Whether this custodian may have a say in the rekey: it manages now, was named to well before anyone asked, and its
    /// key is not the lost one.
    fn has_a_say(
        id: RelationshipId,
        relationship: &Relationship<BalanceOf<T>>,
        custodian: &Custodian,
        rekey: &Rekey,
    ) -> bool {
        custodian.key != rekey.lost
            && custodian.not_before.saturating_add(MIN_CUSTODY) <= rekey.asked
            && Self::may_use(id, relationship, custodian, CustodianRights::MANAGE)
    }

    /// Whether the custodian who approved, if one did, still has a say.
    fn is_approved(id: RelationshipId, relationship: &Relationship<BalanceOf<T>>, rekey: &Rekey) -> bool {
        let mut custodians = relationship.custodians.iter();
        let approving = custodians.find(|c| rekey.custodian.as_ref() == Some(&c.key));
        approving.is_some_and(|c| Self::has_a_say(id, relationship, c, rekey))
    }

    /// Whether nobody's approval is wanting but the provider's: a custodian's is there, or none has a say.
    fn needs_no_custodian(
        id: RelationshipId,
        relationship: &Relationship<BalanceOf<T>>,
        rekey: &Rekey,
    ) -> bool {
        Self::is_approved(id, relationship, rekey)
            || !relationship.custodians.iter().any(|c| Self::has_a_say(id, relationship, c, rekey))
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
        let asked = Self::now();
        let stage = RekeyStage::Asked;
        let mut rekey = Rekey { lost, key, ticket: None, custodian: None, asked, ready: 0, stage };
        Self::approve(id, &relationship, &mut rekey, side, ticket)?;
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
        let (relationship, side) = Self::ensure_side(origin, id, &rekey.lost)?;
        // After a veto the provider speaks by `reproof`.
        ensure!(!rekey.is_frozen() || side != Side::Provider, Error::<T>::Frozen);
        ensure!(rekey.key == key, Error::<T>::WrongKey);
        ensure!(!rekey.has_lapsed(Self::now()), Error::<T>::Lapsed);
        Self::approve(id, &relationship, &mut rekey, side, ticket)?;
        let event = Event::RekeyApproved { relationship: id, key, ready: rekey.ready };
        Rekeys::<T>::insert(id.member, id.index, rekey);
        Self::deposit_event(event);
        Ok(())
    }

    /// Notes one side's approval. The delay begins anew: the patient has all of it after the last one.
    fn approve(
        id: RelationshipId,
        relationship: &Relationship<BalanceOf<T>>,
        rekey: &mut Rekey,
        side: Side,
        ticket: Option<TicketDigest>,
    ) -> Result<(), Error<T>> {
        ensure!(ticket.is_some() == (side == Side::Provider), Error::<T>::BadTicket);
        match side {
            Side::Provider => {
                ensure!(rekey.ticket.is_none(), Error::<T>::AlreadyApproved);
                rekey.ticket = ticket;
            }
            Side::Custodian(who) => {
                let mut custodians = relationship.custodians.iter();
                let says = |c: &Custodian| c.key == who && Self::has_a_say(id, relationship, c, rekey);
                ensure!(custodians.any(says), Error::<T>::TooNew);
                ensure!(!Self::is_approved(id, relationship, rekey), Error::<T>::AlreadyApproved);
                rekey.custodian = Some(who);
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
        ensure!(rekey.stage != RekeyStage::Vetoed, Error::<T>::Frozen);
        let approved = rekey.ticket.is_some() && Self::needs_no_custodian(id, &relationship, &rekey);
        ensure!(approved, Error::<T>::NotApproved);
        ensure!(rekey.ready <= Self::now(), Error::<T>::TooEarly);
        ensure!(!rekey.has_lapsed(Self::now()), Error::<T>::Lapsed);
        Self::replace_key(&mut relationship, &rekey)?;
        Self::put(id, relationship);
        if rekey.is_frozen() {
            Self::reserve_resumption(id, rekey.key.clone());
        }
        Self::conclude_rekey(id, rekey.key);
        Ok(())
    }

    /// Whether this is the patient's key; where the patient has none, a key of a custodian's who manages the relationship now.
    fn may_be_lost(id: RelationshipId, relationship: &Relationship<BalanceOf<T>>, key: &AccountId) -> bool {
        if Self::is_keyless(id, relationship) {
            Self::acting_custodian(id, relationship, key, CustodianRights::MANAGE).is_some()
        } else {
            relationship.patient == *key
        }
    }

    pub(crate) fn do_veto_rekey(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let who = ensure_signed(origin)?;
        let mut relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        let rekey = Self::rekey(id)?;
        // A guardian that was removed meanwhile, or whose term is over, has nothing to keep.
        let present = who == rekey.lost && Self::may_be_lost(id, &relationship, &who);
        ensure!(present, Error::<T>::NotAllowed);
        ensure!(!rekey.is_frozen(), Error::<T>::Frozen);
        relationship.status = RelationshipStatus::Suspended;
        Self::put(id, relationship);
        // Whoever approved did not know of the veto.
        let rekey = Rekey { stage: RekeyStage::Vetoed, custodian: None, ..rekey };
        Rekeys::<T>::insert(id.member, id.index, rekey);
        Self::deposit_event(Event::RekeyVetoed { relationship: id });
        Ok(())
    }

    pub(crate) fn do_reproof(id: RelationshipId, key: AccountId, ticket: TicketDigest) -> DispatchResult {
        let mut rekey = Self::rekey(id)?;
        ensure!(rekey.is_frozen(), Error::<T>::NotFrozen);
        let fresh = key == rekey.key;
        ensure!(fresh || key == rekey.lost, Error::<T>::WrongKey);
        Self::deposit_event(Event::Reproofed { relationship: id, key: key.clone(), ticket });
        if fresh {
            // No faster than without a veto: custodians still have their say, and whoever vetoed has time to object.
            rekey.ticket = Some(ticket);
            rekey.stage = RekeyStage::Reproofed;
            rekey.ready = Self::now().saturating_add(REKEY_DELAY);
            let event = Event::RekeyApproved { relationship: id, key, ready: rekey.ready };
            Rekeys::<T>::insert(id.member, id.index, rekey);
            Self::deposit_event(event);
        } else {
            Self::set_role(&rekey.key, KeyRole::Retired);
            Self::note_life(&rekey.lost);
            Self::reserve_resumption(id, key.clone());
            Self::conclude_rekey(id, key);
        }
        Ok(())
    }

    pub(crate) fn do_cancel_rekey(id: RelationshipId) -> DispatchResult {
        let rekey = Self::rekey(id)?;
        ensure!(!rekey.is_frozen(), Error::<T>::Frozen);
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
            let number = Self::custodian_number(&rekey.lost).ok_or(Error::<T>::UnknownCustodian)?;
            (&mut guardian.ok_or(Error::<T>::UnknownCustodian)?.key, KeyRole::Custodian(number))
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

impl Rekey {
    /// Whether it was vetoed, so that nothing but what narrows access goes on.
    pub fn is_frozen(&self) -> bool {
        self.stage != RekeyStage::Asked
    }

    /// Whether it can no longer be finished as it is. A frozen one waits for the provider's word for ever.
    pub fn has_lapsed(&self, now: Moment) -> bool {
        self.stage != RekeyStage::Vetoed && self.ready.saturating_add(REKEY_TERM) <= now
    }
}
