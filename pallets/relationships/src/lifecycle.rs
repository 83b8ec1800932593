//! A relationship from its proposal to its end.

use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::OriginFor;
use medrec_primitives::{
    AccountId, CustodianRights, MemberId, RelationshipFlags, RelationshipId, RelationshipStatus, TicketDigest,
};
use sp_runtime::DispatchError;

use crate::{
    rules::OnRelationshipEnded, BalanceOf, Config, Error, Event, Handovers, KeyRole, NextIndex, Pallet,
    Relationship, StepIns,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_propose(member: MemberId, patient: AccountId, ticket: TicketDigest) -> DispatchResult {
        pallet_registry::Pallet::<T>::ensure_fresh_key(&patient)?;
        let (id, mut relationship) = Self::begin(member, patient.clone(), ticket)?;
        Self::open_key(id, &mut relationship, &patient, KeyRole::Patient)?;
        Self::put(id, relationship);
        Self::deposit_event(Event::Proposed { relationship: id, patient, ticket });
        Ok(())
    }

    /// A new relationship, paid for and not yet stored.
    pub(crate) fn begin(
        member: MemberId,
        patient: AccountId,
        ticket: TicketDigest,
    ) -> Result<(RelationshipId, Relationship<BalanceOf<T>>), DispatchError> {
        let index = NextIndex::<T>::get(member);
        let next = index.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        let held = Self::hold_footprint(member)?;
        NextIndex::<T>::insert(member, next);
        let relationship = Relationship {
            patient,
            status: RelationshipStatus::Proposed,
            ticket: Some(ticket),
            custodians: Default::default(),
            inactivity: None,
            flags: Default::default(),
            rules: Default::default(),
            keys: Default::default(),
            held,
        };
        Ok((RelationshipId::new(member, index), relationship))
    }

    pub(crate) fn do_accept(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let mut relationship = Self::ensure_patient_side(origin, id, CustodianRights::MANAGE)?;
        // A proposal, or the enrolment of a key after the handover.
        ensure!(relationship.ticket.is_some(), Error::<T>::WrongStatus);
        relationship.status = RelationshipStatus::Active;
        relationship.ticket = None;
        Self::put(id, relationship);
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

    pub(crate) fn do_suspend(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let mut relationship = Self::ensure_either_side(origin, id)?;
        Self::ensure_status(&relationship, &[RelationshipStatus::Active])?;
        relationship.status = RelationshipStatus::Suspended;
        Self::put(id, relationship);
        Self::deposit_event(Event::Suspended { relationship: id });
        Ok(())
    }

    pub(crate) fn do_resume(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let mut relationship = Self::ensure_patient_side(origin, id, CustodianRights::MANAGE)?;
        Self::ensure_status(&relationship, &[RelationshipStatus::Suspended])?;
        Self::ensure_open(&relationship)?;
        Self::ensure_not_frozen(id)?;
        relationship.status = RelationshipStatus::Active;
        Self::put(id, relationship);
        Self::deposit_event(Event::Resumed { relationship: id });
        Ok(())
    }

    pub(crate) fn do_set_flags(
        origin: OriginFor<T>,
        id: RelationshipId,
        set: RelationshipFlags,
        clear: RelationshipFlags,
    ) -> DispatchResult {
        let mut relationship = Self::ensure_patient_side(origin, id, CustodianRights::MANAGE)?;
        let known = RelationshipFlags::ALL.contains(set) && RelationshipFlags::ALL.contains(clear);
        ensure!(known && set.0 & clear.0 == 0, Error::<T>::BadFlags);
        Self::ensure_open(&relationship)?;
        if !is_narrowing(set, clear) {
            Self::ensure_not_frozen(id)?;
        }
        let flags = RelationshipFlags((relationship.flags.0 | set.0) & !clear.0);
        relationship.flags = flags;
        Self::put(id, relationship);
        Self::deposit_event(Event::FlagsSet { relationship: id, flags });
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
        for key in relationship.custodians.iter().map(|c| &c.key).chain([&relationship.patient]) {
            Self::set_role(key, KeyRole::Retired);
        }
        Self::drop_rekey(id);
        StepIns::<T>::remove(id.member, id.index);
        Handovers::<T>::remove(id.member, id.index);
        relationship.status = RelationshipStatus::Ended;
        relationship.ticket = None;
        relationship.custodians = Default::default();
        relationship.rules.clear();
        Self::put(id, relationship);
        Ok(())
    }
}

/// Whether a change of flags can only narrow access: opting out of emergencies, and no longer letting them beat denials.
pub(crate) fn is_narrowing(set: RelationshipFlags, clear: RelationshipFlags) -> bool {
    RelationshipFlags::EMERGENCY_OPT_OUT.contains(set)
        && RelationshipFlags::EMERGENCY_OVER_DENIALS.contains(clear)
}
