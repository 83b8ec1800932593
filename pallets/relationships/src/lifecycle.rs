//! A relationship from its proposal to its end.

use frame_support::dispatch::DispatchResult;
use frame_system::pallet_prelude::OriginFor;
use medrec_primitives::{
    AccountId, CustodianRights, MemberId, RelationshipId, RelationshipStatus, TicketDigest,
};

use crate::{
    rules::OnRelationshipEnded, Allowance, BalanceOf, Config, Error, Event, KeyRecord, KeyRole, Keys,
    NextIndex, Pallet, Relationship, Relationships,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_propose(member: MemberId, patient: AccountId, ticket: TicketDigest) -> DispatchResult {
        pallet_registry::Pallet::<T>::ensure_fresh_key(&patient)?;
        let index = NextIndex::<T>::get(member);
        let next = index.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        let held = Self::hold_footprint(member)?;
        let relationship = RelationshipId::new(member, index);

        NextIndex::<T>::insert(member, next);
        // Never dropped: that would delete the nonce, and old signatures would count again.
        frame_system::Pallet::<T>::inc_sufficients(&patient);
        Keys::<T>::insert(
            &patient,
            KeyRecord { relationship, role: KeyRole::Patient, allowance: Allowance::default() },
        );
        Relationships::<T>::insert(
            member,
            index,
            Relationship {
                patient: patient.clone(),
                status: RelationshipStatus::Proposed,
                ticket: Some(ticket),
                custodians: Default::default(),
                inactivity: None,
                flags: Default::default(),
                rules: Default::default(),
                held,
            },
        );
        Self::deposit_event(Event::Proposed { relationship, patient, ticket });
        Ok(())
    }

    pub(crate) fn do_accept(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let mut relationship = Self::ensure_patient_side(origin, id, CustodianRights::MANAGE)?;
        Self::ensure_status(&relationship, &[RelationshipStatus::Proposed])?;
        relationship.status = RelationshipStatus::Active;
        relationship.ticket = None;
        Relationships::<T>::insert(id.member, id.index, relationship);
        Self::deposit_event(Event::Accepted { relationship: id });
        Ok(())
    }

    pub(crate) fn do_reject(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let relationship = Self::ensure_patient_side(origin, id, CustodianRights::MANAGE)?;
        Self::ensure_status(&relationship, &[RelationshipStatus::Proposed])?;
        Self::close(id, relationship)?;
        Self::deposit_event(Event::Rejected { relationship: id });
        Ok(())
    }

    pub(crate) fn do_end(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let relationship = Self::ensure_either_side(origin, id)?;
        let open = [RelationshipStatus::Proposed, RelationshipStatus::Active, RelationshipStatus::Suspended];
        Self::ensure_status(&relationship, &open)?;
        Self::clear_pointers(id);
        T::OnEnded::on_ended(id);
        Self::close(id, relationship)?;
        Self::deposit_event(Event::Ended { relationship: id });
        Ok(())
    }

    /// Leaves the record and the tombstones, and nothing else.
    fn close(id: RelationshipId, mut relationship: Relationship<BalanceOf<T>>) -> DispatchResult {
        relationship.held = Self::release_use(id.member, relationship.held)?;
        let keys = relationship.custodians.iter().map(|c| &c.key).chain([&relationship.patient]);
        for key in keys {
            Keys::<T>::mutate(key, |record| {
                if let Some(record) = record {
                    record.role = KeyRole::Retired;
                }
            });
        }
        relationship.status = RelationshipStatus::Ended;
        relationship.ticket = None;
        relationship.custodians = Default::default();
        relationship.rules.clear();
        Relationships::<T>::insert(id.member, id.index, relationship);
        Ok(())
    }
}
