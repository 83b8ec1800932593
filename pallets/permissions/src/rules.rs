//! Adding and removing rules.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    pallet_prelude::Weight,
    traits::{Get, Time},
};
use frame_system::pallet_prelude::OriginFor;
use medrec_primitives::{
    CustodianRights, Effect, Grant, GrantId, GrantTerms, MemberStatus, RelationshipId, RelationshipStatus,
    Viewer,
};
use pallet_relationships::OnRelationshipEnded;

use crate::{Config, Error, Event, Pallet, Rules, WeightInfo};

impl<T: Config> Pallet<T> {
    pub(crate) fn add(origin: OriginFor<T>, id: RelationshipId, rule: Grant) -> DispatchResult {
        let relationship =
            pallet_relationships::Pallet::<T>::ensure_patient_side(origin, id, CustodianRights::GRANT)?;
        ensure!(relationship.status == RelationshipStatus::Active, Error::<T>::WrongStatus);
        ensure!(rule.viewer != Viewer::Key(relationship.patient.clone()), Error::<T>::ViewerIsPatient);
        Self::ensure_viewer(&rule.viewer)?;
        Self::ensure_term(&rule)?;
        if let GrantTerms::Sealed(sealed) = &rule.terms {
            let open = pallet_registry::Pallet::<T>::may_seal_to(id.member, sealed.key);
            ensure!(open, Error::<T>::StaleSealingKey);
        }
        let max = match rule.effect {
            Effect::Allow => T::MaxAllows::get(),
            Effect::Deny => T::MaxDenials::get(),
        };
        let grant = pallet_relationships::Pallet::<T>::add_rule(id, relationship, rule.effect, max)?;
        let viewer = rule.viewer.clone();
        let event = match rule.effect {
            Effect::Allow => Event::Granted { relationship: id, grant, viewer },
            Effect::Deny => Event::Denied { relationship: id, grant, viewer },
        };
        Rules::<T>::insert((id.member, id.index, grant), rule);
        Self::deposit_event(event);
        Ok(())
    }

    pub(crate) fn remove(origin: OriginFor<T>, id: RelationshipId, grant: GrantId) -> DispatchResult {
        pallet_relationships::Pallet::<T>::ensure_patient_side(origin, id, CustodianRights::GRANT)?;
        let rule = Rules::<T>::take((id.member, id.index, grant)).ok_or(Error::<T>::UnknownGrant)?;
        pallet_relationships::Pallet::<T>::remove_rule(id, rule.effect);
        Self::deposit_event(Event::Revoked { relationship: id, grant });
        Ok(())
    }

    fn ensure_viewer(viewer: &Viewer) -> DispatchResult {
        let known = match viewer {
            Viewer::Key(_) => true,
            Viewer::Member(member) => {
                pallet_registry::Pallet::<T>::status_of(*member) != MemberStatus::Removed
            }
            Viewer::Group(group) => pallet_registry::Groups::<T>::contains_key(group),
        };
        ensure!(known, Error::<T>::UnknownViewer);
        Ok(())
    }

    fn ensure_term(rule: &Grant) -> DispatchResult {
        let now = <T as pallet_registry::Config>::Time::now();
        let starts = rule.not_before.unwrap_or(0).max(now);
        ensure!(rule.not_after.is_none_or(|end| starts < end), Error::<T>::BadTerm);
        Ok(())
    }

    /// The most rules that a relationship can have.
    pub(crate) fn max_rules() -> u32 {
        u32::from(T::MaxAllows::get()).saturating_add(u32::from(T::MaxDenials::get()))
    }
}

impl<T: Config> OnRelationshipEnded for Pallet<T> {
    fn on_ended(id: RelationshipId) {
        let _ = Rules::<T>::clear_prefix((id.member, id.index), Self::max_rules(), None);
    }

    fn weight() -> Weight {
        <T as Config>::WeightInfo::on_ended(Self::max_rules())
    }
}
