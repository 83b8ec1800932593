//! The dead man's switch: custodians who may act only if the patient has been silent for too long.

use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{AccountId, RelationshipId};

use crate::{
    parties::{is_dormant, is_in_force},
    BalanceOf, Config, Error, Event, Keys, Pallet, Relationship, StepIn, StepIns, INACTIVITY_DAYS,
};

impl<T: Config> Pallet<T> {
    /// Whether custodians have stepped in for the patient, who has made no call since.
    ///
    /// The day of the patient's last call was before the day of the request, or there would have been no request; any call
    /// after it, failing ones included, has a later one. So nothing needs to be written to undo it.
    pub(crate) fn is_stepped_in(id: RelationshipId, relationship: &Relationship<BalanceOf<T>>) -> bool {
        Self::standing_request(id, relationship).is_some_and(|request| request.confirmed)
    }

    /// The request to step in, unless the patient has made a call since.
    fn standing_request(id: RelationshipId, relationship: &Relationship<BalanceOf<T>>) -> Option<StepIn> {
        let last = Self::last_sign(&relationship.patient)?;
        StepIns::<T>::get(id.member, id.index).filter(|request| last < request.day)
    }

    /// The day of a key's last free call, or call that proves life.
    fn last_sign(key: &AccountId) -> Option<u32> {
        Keys::<T>::get(key).map(|record| record.allowance.day)
    }

    /// Notes that the holder of a key lives, as a charge of its allowance does.
    pub(crate) fn note_life(key: &AccountId) {
        Keys::<T>::mutate(key, |record| {
            if let Some(record) = record {
                record.allowance = record.allowance.on(Self::today());
            }
        });
    }

    /// Notes that the patient lives, and undoes what was done in silence.
    fn come_back(id: RelationshipId, patient: &AccountId) {
        Self::note_life(patient);
        if StepIns::<T>::take(id.member, id.index).is_some() {
            Self::deposit_event(Event::SteppedOut { relationship: id });
        }
    }

    pub(crate) fn do_set_inactivity(
        origin: OriginFor<T>,
        id: RelationshipId,
        days: Option<u16>,
    ) -> DispatchResult {
        let mut relationship = Self::ensure_patient(origin, id)?;
        Self::ensure_open(&relationship)?;
        Self::ensure_not_frozen(id)?;
        ensure!(days.is_none_or(|days| INACTIVITY_DAYS.contains(&days)), Error::<T>::BadPeriod);
        Self::come_back(id, &relationship.patient);
        relationship.inactivity = days;
        Self::put(id, relationship);
        Self::deposit_event(Event::InactivitySet { relationship: id, days });
        Ok(())
    }

    pub(crate) fn do_touch(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let relationship = Self::ensure_patient(origin, id)?;
        Self::ensure_open(&relationship)?;
        Self::come_back(id, &relationship.patient);
        Ok(())
    }

    pub(crate) fn do_step_in(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let who = ensure_signed(origin)?;
        let relationship = Self::get(id).ok_or(Error::<T>::UnknownRelationship)?;
        let named =
            |c: &medrec_primitives::Custodian| c.key == who && is_dormant(c) && is_in_force(c, Self::now());
        ensure!(relationship.custodians.iter().any(named), Error::<T>::NotAllowed);
        Self::ensure_open(&relationship)?;
        let period = relationship.inactivity.ok_or(Error::<T>::NotSilent)?;
        let last = Self::last_sign(&relationship.patient).ok_or(Error::<T>::NotSilent)?;
        let day = Self::today();
        // The last call may have come at the end of its day: whole days count, from the next one on.
        ensure!(last.saturating_add(u32::from(period)) < day, Error::<T>::NotSilent);
        ensure!(Self::standing_request(id, &relationship).is_none(), Error::<T>::AlreadyRequested);
        StepIns::<T>::insert(id.member, id.index, StepIn { day, confirmed: false });
        Self::deposit_event(Event::StepInRequested { relationship: id, key: who });
        Ok(())
    }

    pub(crate) fn do_confirm_step_in(
        id: RelationshipId,
        relationship: Relationship<BalanceOf<T>>,
    ) -> DispatchResult {
        let request = Self::standing_request(id, &relationship).ok_or(Error::<T>::NotRequested)?;
        ensure!(!request.confirmed, Error::<T>::AlreadyApproved);
        StepIns::<T>::insert(id.member, id.index, StepIn { confirmed: true, ..request });
        Self::deposit_event(Event::SteppedIn { relationship: id });
        Ok(())
    }

    pub(crate) fn do_step_out(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let who = ensure_signed(origin.clone())?;
        let relationship = Self::ensure_either_side(origin, id)?;
        ensure!(StepIns::<T>::contains_key(id.member, id.index), Error::<T>::NotRequested);
        if who == relationship.patient {
            Self::come_back(id, &who);
        } else {
            StepIns::<T>::remove(id.member, id.index);
            Self::deposit_event(Event::SteppedOut { relationship: id });
        }
        Ok(())
    }
}
