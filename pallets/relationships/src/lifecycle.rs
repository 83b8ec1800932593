//! A relationship from its proposal to its end.

use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{
    AccountId, CustodianRights, MemberId, RelationshipFlags, RelationshipId, RelationshipStatus, TicketDigest,
};
use sp_runtime::DispatchError;

use crate::{
    rules::OnRelationshipEnded, BalanceOf, Config, Error, Event, Handovers, KeyRole, NextIndex, Pallet,
    Relationship, StepIns, Suspension, Suspensions,
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
        // What the provider suspended stays so until it consents.
        let waits = Suspensions::<T>::get(id.member, id.index).provider;
        relationship.status = if waits { RelationshipStatus::Suspended } else { RelationshipStatus::Active };
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
        let who = ensure_signed(origin.clone())?;
        let mut relationship = Self::ensure_either_side(origin, id)?;
        if pallet_registry::Pallet::<T>::provider_of(&who) == Some(id.member) {
            Self::ensure_status(&relationship, &[RelationshipStatus::Active, RelationshipStatus::Suspended])?;
            let mut suspension = Suspensions::<T>::get(id.member, id.index);
            ensure!(!suspension.provider, Error::<T>::WrongStatus);
            suspension.provider = true;
            Suspensions::<T>::insert(id.member, id.index, suspension);
        } else {
            Self::ensure_status(&relationship, &[RelationshipStatus::Active])?;
        }
        relationship.status = RelationshipStatus::Suspended;
        Self::put(id, relationship);
        Self::deposit_event(Event::Suspended { relationship: id });
        Ok(())
    }

    pub(crate) fn do_resume(origin: OriginFor<T>, id: RelationshipId) -> DispatchResult {
        let who = ensure_signed(origin.clone())?;
        if pallet_registry::Pallet::<T>::provider_of(&who).is_some() {
            Self::ensure_provider(origin, id)?;
            return Self::consent(id);
        }
        let mut relationship = Self::ensure_patient_side(origin, id, CustodianRights::MANAGE)?;
        Self::ensure_status(&relationship, &[RelationshipStatus::Suspended])?;
        Self::ensure_open(&relationship)?;
        Self::ensure_not_frozen(id)?;
        let suspension = Suspensions::<T>::get(id.member, id.index);
        ensure!(!suspension.provider, Error::<T>::ProviderSuspended);
        let barred = |only: AccountId| {
            let manages =
                || Self::acting_custodian(id, &relationship, &only, CustodianRights::MANAGE).is_some();
            only != who && (only == relationship.patient || manages())
        };
        ensure!(!suspension.only.is_some_and(barred), Error::<T>::NotAllowed);
        Suspensions::<T>::remove(id.member, id.index);
        relationship.status = RelationshipStatus::Active;
        Self::put(id, relationship);
        Self::deposit_event(Event::Resumed { relationship: id });
        Ok(())
    }

    /// The provider no longer stands in the way of resuming.
    fn consent(id: RelationshipId) -> DispatchResult {
        Suspensions::<T>::try_mutate_exists(id.member, id.index, |suspension| {
            let Some(Suspension { provider: true, only }) = suspension.take() else {
                return Err(Error::<T>::WrongStatus);
            };
            *suspension = only.map(|key| Suspension { provider: false, only: Some(key) });
            Ok(())
        })?;
        Self::deposit_event(Event::ResumptionAllowed { relationship: id });
        Ok(())
    }

    /// After a veto nobody resumes but the key that goes on.
    pub(crate) fn reserve_resumption(id: RelationshipId, key: AccountId) {
        Suspensions::<T>::mutate(id.member, id.index, |suspension| suspension.only = Some(key));
    }

    /// The rest of the patient's side may resume again.
    pub(crate) fn release_resumption(id: RelationshipId) {
        Suspensions::<T>::mutate_exists(id.member, id.index, |suspension| {
            if let Some(Suspension { provider, .. }) = suspension.take() {
                *suspension = provider.then_some(Suspension { provider, only: None });
            }
        });
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
        let who = ensure_signed(origin.clone())?;
        let relationship = Self::ensure_either_side(origin.clone(), id)?;
        if pallet_registry::Pallet::<T>::provider_of(&who) == Some(id.member) {
            // Not the gatekeeper's key, which is in use day and night: nothing brings an ended relationship back.
            pallet_registry::Pallet::<T>::ensure_account(origin)?;
        }
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
        Suspensions::<T>::remove(id.member, id.index);
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
