//! What patients release, sealed: the chain knows that there is a choice, and never which.

use frame_support::{dispatch::DispatchResult, ensure, pallet_prelude::Weight};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{CustodianRights, MemberId, RelationshipId, RelationshipStatus, SealedTerms};
use pallet_relationships::OnRelationshipEnded;

use crate::{Config, Error, Event, Pallet, Placed, Releases, WeightInfo};

impl<T: Config> Pallet<T> {
    /// What is sealed for a relationship.
    pub fn release(id: RelationshipId) -> Option<SealedTerms> {
        Releases::<T>::get(id.member, id.index)
    }

    pub(crate) fn do_set_release(
        origin: OriginFor<T>,
        id: RelationshipId,
        choice: SealedTerms,
    ) -> DispatchResult {
        let who = ensure_signed(origin.clone())?;
        let relationship =
            pallet_relationships::Pallet::<T>::ensure_patient_side(origin, id, CustodianRights::GRANT)?;
        if who != relationship.patient {
            // Who may not read must not let others count.
            let rights = CustodianRights(CustodianRights::GRANT.0 | CustodianRights::READ.0);
            let acting = pallet_relationships::Pallet::<T>::acting_custodian(id, &relationship, &who, rights);
            ensure!(acting.is_some(), pallet_relationships::Error::<T>::NotAllowed);
        }
        // A suspended one is not counted; what shall count after that can be narrowed all the same. But an enrolled key that was
        // not accepted may not be the patient's.
        let suspended = relationship.status == RelationshipStatus::Suspended && relationship.ticket.is_none();
        ensure!(
            relationship.status == RelationshipStatus::Active || suspended,
            pallet_relationships::Error::<T>::WrongStatus
        );
        Self::ensure_sealed_now(id.member, &choice)?;
        Releases::<T>::insert(id.member, id.index, choice);
        Self::deposit_event(Event::ReleaseSet { relationship: id });
        Ok(())
    }

    pub(crate) fn do_place_releases(member: MemberId, choices: Placed) -> DispatchResult {
        for (index, choice) in choices {
            let id = RelationshipId::new(member, index);
            let active = pallet_relationships::Pallet::<T>::relationship(id)
                .is_some_and(|(_, status)| status == RelationshipStatus::Active);
            ensure!(active, Error::<T>::NotActive);
            Self::ensure_sealed_now(member, &choice)?;
            // The patient may have been first: what the patient sealed stays.
            if !Releases::<T>::contains_key(member, index) {
                Releases::<T>::insert(member, index, choice);
                Self::deposit_event(Event::ReleaseSet { relationship: id });
            }
        }
        Ok(())
    }

    fn ensure_sealed_now(member: MemberId, choice: &SealedTerms) -> Result<(), Error<T>> {
        let current = pallet_registry::Pallet::<T>::may_seal_to(member, choice.key);
        ensure!(current, Error::<T>::StaleSealingKey);
        Ok(())
    }
}

/// The choice goes with the relationship.
impl<T: Config> OnRelationshipEnded for Pallet<T> {
    fn on_ended(id: RelationshipId) {
        Releases::<T>::remove(id.member, id.index);
    }

    fn weight() -> Weight {
        <T as Config>::WeightInfo::on_ended()
    }
}
