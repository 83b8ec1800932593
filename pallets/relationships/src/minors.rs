//! Patients who have no key yet: only custodians act until the handover, and nobody from then on until the patient has
//! enrolled.

use frame_support::{dispatch::DispatchResult, ensure, PalletId};
use medrec_primitives::{
    is_half_year, AccountId, Custodian, CustodianRights, MemberId, Moment, RelationshipId,
    RelationshipStatus, TicketDigest,
};
use sp_runtime::traits::AccountIdConversion;

use crate::{BalanceOf, Config, Error, Event, Handovers, KeyRole, Pallet, Relationship, MAX_MINORITY};

/// The accounts that stand for minors are derived from this and the relationship's identifier.
const MINOR_PALLET_ID: PalletId = PalletId(*b"mdr/mino");

impl<T: Config> Pallet<T> {
    /// What stands in the place of the patient's key while a minor has none: an account that nobody has the key of, and
    /// that is different in each relationship.
    pub fn minor_account(id: RelationshipId) -> AccountId {
        MINOR_PALLET_ID.into_sub_account_truncating((id.member, id.index))
    }

    /// Whether the patient has no key yet.
    pub fn is_keyless(id: RelationshipId, relationship: &Relationship<BalanceOf<T>>) -> bool {
        relationship.patient == Self::minor_account(id)
    }

    /// Whether the patient has come of age and enrolled no key yet.
    pub(crate) fn is_resting(id: RelationshipId, relationship: &Relationship<BalanceOf<T>>) -> bool {
        Self::is_keyless(id, relationship)
            && Handovers::<T>::get(id.member, id.index).is_none_or(|date| date <= Self::now())
    }

    pub(crate) fn do_propose_minor(
        member: MemberId,
        guardian: AccountId,
        handover: Moment,
        ticket: TicketDigest,
    ) -> DispatchResult {
        let now = Self::now();
        let ahead = now < handover && handover <= now.saturating_add(MAX_MINORITY);
        ensure!(ahead && is_half_year(handover), Error::<T>::BadHandover);
        pallet_registry::Pallet::<T>::ensure_fresh_key(&guardian)?;
        let index = crate::NextIndex::<T>::get(member);
        let patient = Self::minor_account(RelationshipId::new(member, index));
        let (id, mut relationship) = Self::begin(member, patient, ticket)?;
        Self::open_custodian_key(id, &mut relationship, &guardian)?;
        let custodian = Custodian {
            key: guardian.clone(),
            rights: CustodianRights::ALL,
            not_before: now,
            not_after: Some(handover),
        };
        relationship.custodians.try_push(custodian).map_err(|_| Error::<T>::BadCustodian)?;
        Handovers::<T>::insert(id.member, id.index, handover);
        Self::put(id, relationship);
        Self::deposit_event(Event::MinorProposed { relationship: id, guardian, handover, ticket });
        Ok(())
    }

    pub(crate) fn do_enrol_patient(
        id: RelationshipId,
        mut relationship: Relationship<BalanceOf<T>>,
        patient: AccountId,
        ticket: TicketDigest,
    ) -> DispatchResult {
        Self::ensure_status(&relationship, &[RelationshipStatus::Active, RelationshipStatus::Suspended])?;
        // Enrolled already, and not yet accepted: the key was not the patient's.
        let again = relationship.ticket.is_some();
        ensure!(again || Self::is_keyless(id, &relationship), Error::<T>::WrongStatus);
        ensure!(again || Self::is_resting(id, &relationship), Error::<T>::TooEarly);
        Self::open_key(id, &mut relationship, &patient, KeyRole::Patient)?;
        Self::set_role(&relationship.patient, KeyRole::Retired);
        for custodian in core::mem::take(&mut relationship.custodians) {
            Self::set_role(&custodian.key, KeyRole::Retired);
        }
        relationship.patient = patient.clone();
        relationship.status = RelationshipStatus::Suspended;
        relationship.ticket = Some(ticket);
        Self::put(id, relationship);
        Handovers::<T>::remove(id.member, id.index);
        // A guardian's, who has nothing to lose any more.
        Self::drop_rekey(id);
        Self::release_resumption(id);
        Self::deposit_event(Event::PatientEnrolled { relationship: id, patient, ticket });
        Ok(())
    }
}
