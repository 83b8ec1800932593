//! Who acts for the patient.

use alloc::vec::Vec;

use frame_support::{dispatch::DispatchResultWithPostInfo, ensure, pallet_prelude::Weight};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{AccountId, Custodian, CustodianRights, Moment, RelationshipId};

use crate::{
    parties::is_dormant, rules::OnCustodiansGone, BalanceOf, Config, Custodians, Error, Event, KeyRole,
    Pallet, Relationship, WeightInfo,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_set_custodians(
        origin: OriginFor<T>,
        id: RelationshipId,
        mut custodians: Custodians,
    ) -> DispatchResultWithPostInfo {
        let named = custodians.len() as u32;
        let who = ensure_signed(origin.clone())?;
        let mut relationship = Self::ensure_patient_side(origin, id, CustodianRights::MANAGE)?;
        Self::ensure_open(&relationship)?;
        Self::ensure_no_rekey(id)?;
        Self::begin_custody(&relationship.custodians, &mut custodians);
        Self::ensure_well_formed(&relationship.custodians, &custodians)?;
        if who != relationship.patient {
            let me = relationship.custodians.iter().find(|c| c.key == who).ok_or(Error::<T>::NotAllowed)?;
            Self::ensure_may_appoint(me, &relationship.custodians, &custodians)?;
        }
        let before = core::mem::take(&mut relationship.custodians);
        for new in custodians.iter().filter(|new| !before.iter().any(|old| old.key == new.key)) {
            Self::open_custodian_key(id, &mut relationship, &new.key)?;
        }
        let now = Self::now();
        let gone = |old: &&Custodian| {
            let new = custodians.iter().find(|new| new.key == old.key);
            !new.is_some_and(|new| new == *old || upholds(new, old, now))
        };
        let gone: Vec<u8> =
            before.iter().filter(gone).filter_map(|old| Self::custodian_number(&old.key)).collect();
        for old in before.iter().filter(|old| !custodians.iter().any(|new| new.key == old.key)) {
            Self::set_role(&old.key, KeyRole::Retired);
        }
        relationship.custodians = custodians;
        Self::put(id, relationship);
        let taken_back = Self::take_back(id, &gone);
        Self::deposit_event(Event::CustodiansSet { relationship: id });
        Ok(Some(<T as Config>::WeightInfo::set_custodians(named).saturating_add(taken_back)).into())
    }

    pub(crate) fn do_remove_custodian(
        origin: OriginFor<T>,
        id: RelationshipId,
        key: AccountId,
    ) -> DispatchResultWithPostInfo {
        let who = ensure_signed(origin)?;
        let mut relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        Self::ensure_may_remove(id, &relationship, &who, &key)?;
        let gone: Vec<u8> = Self::custodian_number(&key).into_iter().collect();
        relationship.custodians.retain(|c| c.key != key);
        Self::set_role(&key, KeyRole::Retired);
        Self::put(id, relationship);
        let taken_back = Self::take_back(id, &gone);
        Self::deposit_event(Event::CustodianRemoved { relationship: id, key });
        Ok(Some(<T as Config>::WeightInfo::remove_custodian().saturating_add(taken_back)).into())
    }

    /// Takes back what the custodians with these numbers granted.
    fn take_back(id: RelationshipId, gone: &[u8]) -> Weight {
        if gone.is_empty() {
            return Weight::zero();
        }
        T::OnCustodiansGone::on_custodians_gone(id, gone)
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
            let custodian = custodian.ok_or(Error::<T>::UnknownCustodian)?;
            // A thief of the patient's key would remove those whose approval the fresh key needs.
            if who != key && stays(custodian, Self::now()) {
                Self::ensure_not_frozen(id)?;
            }
        } else {
            ensure!(manages(), Error::<T>::NotAllowed);
            let custodian = custodian.ok_or(Error::<T>::UnknownCustodian)?;
            ensure!(!stays(custodian, Self::now()), Error::<T>::NotAllowed);
        }
        Ok(())
    }

    /// Those who are named to manage do so from now on at the earliest, whatever date they were given: by this date one
    /// sees later how long they have.
    fn begin_custody(old: &Custodians, new: &mut Custodians) {
        for custodian in new.iter_mut().filter(|c| c.rights.contains(CustodianRights::MANAGE)) {
            let before =
                old.iter().find(|o| o.key == custodian.key && o.rights.contains(CustodianRights::MANAGE));
            let since = before.map_or(Self::now(), |o| o.not_before);
            custodian.not_before = custodian.not_before.max(since);
        }
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

/// Whether what a custodian has granted stays when its entry is changed: it still reads and grants, now, for no shorter and under
/// no condition that is new.
fn upholds(new: &Custodian, old: &Custodian, now: Moment) -> bool {
    let needed = CustodianRights(CustodianRights::READ.0 | CustodianRights::GRANT.0);
    let no_shorter = match (new.not_after, old.not_after) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(end), Some(before)) => before <= end,
    };
    new.rights.contains(needed)
        && (is_dormant(old) || !is_dormant(new))
        && new.not_before <= now
        && no_shorter
}
