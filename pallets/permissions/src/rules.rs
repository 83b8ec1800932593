//! Adding and removing rules.

use alloc::collections::{BTreeMap, BTreeSet};

use frame_support::{
    dispatch::{DispatchResult, DispatchResultWithPostInfo},
    ensure,
    pallet_prelude::Weight,
    traits::{Get, Time},
};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{
    AccountId, CustodianRights, Effect, Grant, GrantFacts, GrantId, GrantTerms, MemberStatus, Moment,
    RelationshipId, RelationshipStatus, Viewer, DAY_MS,
};
use pallet_relationships::{BalanceOf, OnCustodiansGone, OnRelationshipEnded, Relationship, RuleSlot};

use crate::{
    types::STEPPED_IN_GRANT, Config, Error, Event, Glasses, Pallet, Rule, Rules, Sharers, WeightInfo,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn add(origin: OriginFor<T>, id: RelationshipId, rule: Grant) -> DispatchResult {
        let who = ensure_signed(origin.clone())?;
        let relationship =
            pallet_relationships::Pallet::<T>::ensure_patient_side(origin, id, CustodianRights::GRANT)?;
        // Who has suspended need not widen to deny. An enrolled key that was not accepted may not be the patient's.
        let suspended = relationship.status == RelationshipStatus::Suspended && relationship.ticket.is_none();
        let open =
            relationship.status == RelationshipStatus::Active || (rule.effect == Effect::Deny && suspended);
        ensure!(open, Error::<T>::WrongStatus);
        Self::ensure_well_formed(id, &relationship.patient, &rule)?;
        let mut custodian = None;
        if rule.effect == Effect::Allow && who != relationship.patient {
            Self::ensure_within_custodian(id, &relationship, &who, &rule)?;
            custodian = pallet_relationships::Pallet::<T>::custodian_number(&who);
        }
        let max = match rule.effect {
            Effect::Allow => T::MaxAllows::get(),
            Effect::Deny => T::MaxDenials::get(),
        };
        let grant = pallet_relationships::Pallet::<T>::add_rule(id, relationship, slot(&rule), max)?;
        let viewer = rule.viewer.clone();
        let event = match rule.effect {
            Effect::Allow => Event::Granted { relationship: id, grant, viewer },
            Effect::Deny => Event::Denied { relationship: id, grant, viewer },
        };
        Rules::<T>::insert((id.member, id.index, grant), Rule { grant: rule, custodian });
        Self::deposit_event(event);
        Ok(())
    }

    pub(crate) fn do_revoke(
        origin: OriginFor<T>,
        id: RelationshipId,
        grant: GrantId,
    ) -> DispatchResultWithPostInfo {
        let who = ensure_signed(origin.clone())?;
        let relationship = match pallet_relationships::Pallet::<T>::ensure_patient_side(
            origin,
            id,
            CustodianRights::GRANT,
        ) {
            Ok(relationship) => relationship,
            Err(error) => pallet_relationships::Pallet::<T>::get(id)
                .filter(|_| Self::is_sharer(id, grant, &who))
                .ok_or(error)?,
        };
        let rule = Self::rule(id, grant).ok_or(Error::<T>::UnknownGrant)?;
        if rule.effect == Effect::Deny {
            pallet_relationships::Pallet::<T>::ensure_not_frozen(id)?;
        }
        // Without anything shared onward there is nothing to look for.
        let (looked_at, falling) = if relationship.rules.shared == 0 {
            (1, BTreeMap::from([(grant, rule)]))
        } else {
            (relationship.rules.total(), falling(Self::all(id), |one, _| one == grant))
        };
        Self::remove(id, &falling, |grant| Event::Revoked { relationship: id, grant });
        Ok(Some(<T as Config>::WeightInfo::revoke(looked_at)).into())
    }

    pub(crate) fn do_revoke_all(
        origin: OriginFor<T>,
        id: RelationshipId,
        viewer: &Viewer,
    ) -> DispatchResultWithPostInfo {
        let relationship =
            pallet_relationships::Pallet::<T>::ensure_patient_side(origin, id, CustodianRights::GRANT)?;
        let falling =
            falling(Self::all(id), |_, rule| rule.effect == Effect::Allow && rule.viewer == *viewer);
        ensure!(!falling.is_empty(), Error::<T>::NothingAllowed);
        Self::remove(id, &falling, |grant| Event::Revoked { relationship: id, grant });
        Ok(Some(<T as Config>::WeightInfo::revoke_all(relationship.rules.total())).into())
    }

    /// All rules of a relationship, ascending.
    pub fn rules(id: RelationshipId) -> alloc::vec::Vec<GrantFacts> {
        Self::all(id).into_iter().map(|(grant, rule)| Self::grant_facts(id, grant, rule)).collect()
    }

    /// A rule with what is known of it.
    pub(crate) fn grant_facts(relationship: RelationshipId, id: GrantId, grant: Grant) -> GrantFacts {
        let key = (relationship.member, relationship.index, id);
        let sharer = grant.parent.and_then(|_| Sharers::<T>::get(key));
        GrantFacts { id, grant, sharer }
    }

    /// All rules of a relationship: at most [`Self::max_rules`].
    pub(crate) fn all(id: RelationshipId) -> BTreeMap<GrantId, Grant> {
        Rules::<T>::iter_prefix((id.member, id.index)).map(|(grant, rule)| (grant, rule.grant)).collect()
    }

    /// One rule of a relationship.
    pub(crate) fn rule(id: RelationshipId, grant: GrantId) -> Option<Grant> {
        Rules::<T>::get((id.member, id.index, grant)).map(|rule| rule.grant)
    }

    /// Removes rules, and says so of each.
    pub(crate) fn remove(
        id: RelationshipId,
        rules: &BTreeMap<GrantId, Grant>,
        event: impl Fn(GrantId) -> Event<T>,
    ) {
        for (grant, rule) in rules {
            let key = (id.member, id.index, *grant);
            Rules::<T>::remove(key);
            if rule.parent.is_some() {
                Sharers::<T>::remove(key);
            }
            Self::deposit_event(event(*grant));
        }
        pallet_relationships::Pallet::<T>::remove_rules(id, rules.values().map(slot));
    }

    /// Refuses a rule that could not be meant.
    pub(crate) fn ensure_well_formed(
        id: RelationshipId,
        patient: &AccountId,
        rule: &Grant,
    ) -> DispatchResult {
        ensure!(rule.viewer != Viewer::Key(patient.clone()), Error::<T>::ViewerIsPatient);
        Self::ensure_viewer(&rule.viewer)?;
        let starts = rule.not_before.unwrap_or(0).max(Self::now());
        ensure!(rule.not_after.is_none_or(|end| starts < end), Error::<T>::BadTerm);
        if let GrantTerms::Sealed(sealed) = &rule.terms {
            let open = pallet_registry::Pallet::<T>::may_seal_to(id.member, sealed.key);
            ensure!(open, Error::<T>::StaleSealingKey);
        }
        Ok(())
    }

    /// Refuses what would give others more than the custodian who grants has, or for longer.
    fn ensure_within_custodian(
        id: RelationshipId,
        relationship: &Relationship<BalanceOf<T>>,
        who: &AccountId,
        rule: &Grant,
    ) -> DispatchResult {
        let custodian = pallet_relationships::Pallet::<T>::acting_custodian(
            id,
            relationship,
            who,
            CustodianRights(CustodianRights::READ.0 | CustodianRights::GRANT.0),
        )
        .ok_or(Error::<T>::GranterMayNotRead)?;
        let dormant = custodian.rights.contains(CustodianRights::DORMANT);
        let last_day = || Self::now().saturating_add(STEPPED_IN_GRANT).div_ceil(DAY_MS);
        let stepped_in = dormant.then(|| last_day().saturating_mul(DAY_MS));
        let mut ends = custodian.not_after.into_iter().chain(stepped_in);
        let within = ends.all(|end| rule.not_after.is_some_and(|own| own <= end));
        ensure!(within, Error::<T>::OutlastsGranter);
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

    /// Now (ms).
    pub(crate) fn now() -> Moment {
        <T as pallet_registry::Config>::Time::now()
    }

    /// The most rules that a relationship can have.
    pub(crate) fn max_rules() -> u32 {
        u32::from(T::MaxAllows::get())
            .saturating_add(u32::from(T::MaxDenials::get()))
            .saturating_add(u32::from(T::MaxShared::get()))
    }
}

/// Which slot a rule takes.
pub(crate) fn slot(rule: &Grant) -> RuleSlot {
    match (rule.effect, rule.parent) {
        (Effect::Deny, _) => RuleSlot::Denial,
        (Effect::Allow, None) => RuleSlot::Allow,
        (Effect::Allow, Some(_)) => RuleSlot::Shared,
    }
}

/// Of a relationship's rules those that `falls` says fall, and all that was shared onward from them.
pub(crate) fn falling(
    rules: BTreeMap<GrantId, Grant>,
    falls: impl Fn(GrantId, &Grant) -> bool,
) -> BTreeMap<GrantId, Grant> {
    let mut falling: BTreeMap<GrantId, Grant> = BTreeMap::new();
    // Ascending: whatever was shared onward has a higher number than what it was shared from.
    for (id, rule) in rules {
        if falls(id, &rule) || rule.parent.is_some_and(|parent| falling.contains_key(&parent)) {
            falling.insert(id, rule);
        }
    }
    falling
}

impl<T: Config> OnRelationshipEnded for Pallet<T> {
    fn on_ended(id: RelationshipId) {
        let prefix = (id.member, id.index);
        let _ = Rules::<T>::clear_prefix(prefix, Self::max_rules(), None);
        let _ = Sharers::<T>::clear_prefix(prefix, T::MaxShared::get().into(), None);
        Glasses::<T>::remove(id.member, id.index);
    }

    fn weight() -> Weight {
        <T as Config>::WeightInfo::on_ended(Self::max_rules())
    }
}

impl<T: Config> OnCustodiansGone for Pallet<T> {
    fn on_custodians_gone(id: RelationshipId, custodians: &[u8]) -> Weight {
        let (mut rules, mut theirs) = (BTreeMap::new(), BTreeSet::new());
        for (grant, rule) in Rules::<T>::iter_prefix((id.member, id.index)) {
            if rule.custodian.is_some_and(|number| custodians.contains(&number)) {
                theirs.insert(grant);
            }
            rules.insert(grant, rule.grant);
        }
        let looked_at = u32::try_from(rules.len()).unwrap_or(u32::MAX);
        if !theirs.is_empty() {
            let falling = falling(rules, |grant, _| theirs.contains(&grant));
            Self::remove(id, &falling, |grant| Event::Revoked { relationship: id, grant });
        }
        <T as Config>::WeightInfo::revoke_all(looked_at)
    }

    fn weight() -> Weight {
        <T as Config>::WeightInfo::revoke_all(Self::max_rules())
    }
}
