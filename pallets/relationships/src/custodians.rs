//! Who acts for the patient.

use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{AccountId, Custodian, CustodianRights, Moment, RelationshipId};

use crate::{
    parties::is_dormant, BalanceOf, Config, Custodians, Error, Event, KeyRole, Pallet, Relationship,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_custodians(
        origin: OriginFor<T>,
        id: RelationshipId,
        custodians: Custodians,
    ) -> DispatchResult {
        let who = ensure_signed(origin.clone())?;
        let mut relationship = Self::ensure_patient_side(origin, id, CustodianRights::MANAGE)?;
        Self::ensure_open(&relationship)?;
        Self::ensure_not_frozen(id)?;
        Self::ensure_well_formed(&relationship.custodians, &custodians)?;
        if who != relationship.patient {
            let me = relationship.custodians.iter().find(|c| c.key == who).ok_or(Error::<T>::NotAllowed)?;
            Self::ensure_may_appoint(me, &relationship.custodians, &custodians)?;
        }
        let before = core::mem::take(&mut relationship.custodians);
        for new in custodians.iter().filter(|new| !before.iter().any(|old| old.key == new.key)) {
            Self::open_key(id, &mut relationship, &new.key, KeyRole::Custodian)?;
        }
        for old in before.iter().filter(|old| !custodians.iter().any(|new| new.key == old.key)) {
            Self::set_role(&old.key, KeyRole::Retired);
        }
        relationship.custodians = custodians;
        Self::put(id, relationship);
        Self::deposit_event(Event::CustodiansSet { relationship: id });
        Ok(())
    }

    pub(crate) fn do_remove_custodian(
        origin: OriginFor<T>,
        id: RelationshipId,
        key: AccountId,
    ) -> DispatchResult {
        let who = ensure_signed(origin)?;
        let mut relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        Self::ensure_may_remove(id, &relationship, &who, &key)?;
        relationship.custodians.retain(|c| c.key != key);
        Self::set_role(&key, KeyRole::Retired);
        Self::put(id, relationship);
        Self::deposit_event(Event::CustodianRemoved { relationship: id, key });
        Ok(())
    }

    fn ensure_may_remove(
        id: RelationshipId,
        relationship: &Relationship<BalanceOf<T>>,
        who: &AccountId,
        key: &AccountId,
    ) -> Result<(), Error<T>> {
        let manages = || Self::acting_custodian(id, relationship, who, CustodianRights::MANAGE).is_some();
        let custodian = relationship.custodians.iter().find(|c| c.key == *key);
        if *who == relationship.patient || (who == key && custodian.is_some()) {
            ensure!(custodian.is_some(), Error::<T>::UnknownCustodian);
        } else {
            ensure!(manages(), Error::<T>::NotAllowed);
            let custodian = custodian.ok_or(Error::<T>::UnknownCustodian)?;
            ensure!(!stays(custodian, Self::now()), Error::<T>::NotAllowed);
        }
        Ok(())
    }

    /// Refuses rights without meaning, empty terms, keys named twice, and new terms that have ended.
    fn ensure_well_formed(old: &Custodians, new: &Custodians) -> Result<(), Error<T>> {
        let now = Self::now();
        for (place, custodian) in new.iter().enumerate() {
            let twice = new.iter().take(place).any(|other| other.key == custodian.key);
            let ended = custodian.not_after.is_some_and(|end| end <= now || end <= custodian.not_before);
            let good = old.contains(custodian) || (custodian.rights.is_well_formed() && !ended);
            ensure!(!twice && good, Error::<T>::BadCustodian);
        }
        Ok(())
    }

    /// What a custodian may do to the list: nothing to others who manage; and whatever it writes lies within its own rights,
    /// dates and condition, its own entry included.
    fn ensure_may_appoint(me: &Custodian, old: &Custodians, new: &Custodians) -> Result<(), Error<T>> {
        let now = Self::now();
        let kept = old.iter().all(|o| o.key == me.key || !stays(o, now) || new.contains(o));
        let within = new.iter().all(|n| old.contains(n) || is_within(n, me));
        ensure!(kept && within, Error::<T>::NotAllowed);
        Ok(())
    }
}

/// Whether this custodian can be removed by the patient and itself alone: it manages, and its term has not ended.
fn stays(custodian: &Custodian, now: Moment) -> bool {
    custodian.rights.contains(CustodianRights::MANAGE) && custodian.not_after.is_none_or(|end| now < end)
}

/// Whether `custodian` has no right that `me` has not, does not outlast it, and acts in no case in which `me` does not.
fn is_within(custodian: &Custodian, me: &Custodian) -> bool {
    let ends = match (custodian.not_after, me.not_after) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(end), Some(mine)) => end <= mine,
    };
    me.rights.awake().contains(custodian.rights.awake()) && (is_dormant(custodian) || !is_dormant(me)) && ends
}
