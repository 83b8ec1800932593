//! Sharing onward: a viewer passes on a part of what it was given.

use alloc::collections::BTreeMap;

use frame_support::{dispatch::DispatchResultWithPostInfo, ensure, traits::Get};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use medrec_primitives::{
    AccountId, Effect, Grant, GrantId, GrantTerms, MemberStatus, RelationshipId, RelationshipStatus,
    StaffFacts, StaffRole, Viewer,
};
use pallet_relationships::RuleSlot;

use crate::{
    facts::is_about, types::MAX_ANCESTORS, Config, Error, Event, Pallet, Rule, Rules, Sharers, WeightInfo,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_share(
        origin: OriginFor<T>,
        id: RelationshipId,
        parent: GrantId,
        rule: Grant,
    ) -> DispatchResultWithPostInfo {
        let who = ensure_signed(origin)?;
        let relationship = pallet_relationships::Pallet::<T>::get(id)
            .ok_or(pallet_relationships::Error::<T>::UnknownRelationship)?;
        ensure!(relationship.status == RelationshipStatus::Active, Error::<T>::WrongStatus);
        let above = Self::rule(id, parent).ok_or(Error::<T>::UnknownGrant)?;
        let staff = Self::holder(&above, &who)?;
        ensure!(above.effect == Effect::Allow && above.may_share, Error::<T>::MayNotShare);
        ensure!(Self::is_in_force(&above), Error::<T>::NotInForce);
        // It starts now at the earliest, and its parent has started.
        let within = above.not_after.is_none_or(|end| rule.not_after.is_some_and(|own| own <= end));
        ensure!(within, Error::<T>::OutlastsParent);
        Self::ensure_well_formed(id, &relationship.patient, &rule)?;

        let rules = Self::all(id);
        ensure!(!Self::is_denied(&rules, &who, |_| true), Error::<T>::SharerDenied);
        ensure!(ancestors(&rules, parent) < MAX_ANCESTORS, Error::<T>::TooFarOnward);
        let children = rules.values().filter(|rule| rule.parent == Some(parent)).count();
        ensure!(children < usize::from(T::MaxChildren::get()), Error::<T>::TooManyChildren);
        let looked_at = relationship.rules.total();
        let grant = pallet_relationships::Pallet::<T>::add_rule(
            id,
            relationship,
            RuleSlot::Shared,
            T::MaxShared::get(),
        )?;

        let key = (id.member, id.index, grant);
        if let Some(staff) = staff {
            Sharers::<T>::insert(key, staff.id);
        }
        let viewer = rule.viewer.clone();
        Rules::<T>::insert(key, Rule::from(Grant { parent: Some(parent), ..rule }));
        Self::deposit_event(Event::Shared { relationship: id, grant, parent, viewer });
        Ok(Some(<T as Config>::WeightInfo::share(looked_at)).into())
    }

    /// Passes whoever a rule is about, if the rule can be used now: as a person on a staff, unless the rule is about the
    /// key itself.
    fn holder(rule: &Grant, who: &AccountId) -> Result<Option<StaffFacts>, Error<T>> {
        if let Viewer::Key(key) = &rule.viewer {
            return if key == who { Ok(None) } else { Err(Error::<T>::NotHolder) };
        }
        let staff = pallet_registry::Pallet::<T>::staff_facts(who).ok_or(Error::<T>::NotHolder)?;
        let holds = match &rule.viewer {
            Viewer::Key(_) => false,
            Viewer::Member(member) => staff.id.member == *member,
            Viewer::Group(group) => staff.groups.contains(group),
        };
        ensure!(holds && staff.role != StaffRole::Steward, Error::<T>::NotHolder);
        ensure!(Self::is_active(&staff), Error::<T>::NotHolder);
        Ok(Some(staff))
    }

    /// Whether a denial in force, with terms that `counts`, is about `who`.
    fn is_denied(
        rules: &BTreeMap<GrantId, Grant>,
        who: &AccountId,
        counts: impl Fn(&GrantTerms) -> bool,
    ) -> bool {
        let staff = pallet_registry::Pallet::<T>::staff_facts(who);
        rules.values().any(|rule| {
            rule.effect == Effect::Deny
                && counts(&rule.terms)
                && is_about(&rule.viewer, who, staff.as_ref())
                && Self::is_in_force(rule)
        })
    }

    /// Whether what was shared onward holds as far as who shared it goes: a person still on a staff that the parent is about, and whom
    /// the patient does not deny everything. Where a key shared, the decision looks.
    pub(crate) fn is_upheld(id: RelationshipId, rules: &BTreeMap<GrantId, Grant>, grant: GrantId) -> bool {
        let parent = rules.get(&grant).and_then(|rule| rule.parent);
        let Some(parent) = parent.and_then(|parent| rules.get(&parent)) else { return true };
        if matches!(parent.viewer, Viewer::Key(_)) {
            return true;
        }
        let person = Sharers::<T>::get((id.member, id.index, grant))
            .and_then(|sharer| pallet_registry::StaffOf::<T>::get(sharer.member, sharer.index));
        person.is_some_and(|person| {
            let staff = pallet_registry::Pallet::<T>::staff_facts(&person.key);
            // A new key in an emergency role waits for its start; what was shared with the old one does not.
            let stays = staff.as_ref().is_some_and(|staff| {
                staff.member_status == MemberStatus::Active && Self::now() < staff.until
            });
            stays
                && is_about(&parent.viewer, &person.key, staff.as_ref())
                && !Self::is_denied(rules, &person.key, |terms| *terms == GrantTerms::Everything)
        })
    }

    /// Whether `who` shared this rule onward. Staff may have a new key, and need not be active any more.
    pub(crate) fn is_sharer(id: RelationshipId, grant: GrantId, who: &AccountId) -> bool {
        let rule = |grant| Self::rule(id, grant);
        let Some(parent) = rule(grant).and_then(|rule| rule.parent).and_then(rule) else { return false };
        match parent.viewer {
            Viewer::Key(key) => key == *who,
            Viewer::Member(_) | Viewer::Group(_) => {
                let sharer = Sharers::<T>::get((id.member, id.index, grant));
                sharer.is_some() && sharer == pallet_registry::Pallet::<T>::staff_facts(who).map(|s| s.id)
            }
        }
    }

    /// Whether a person on a staff may use what the staff may use, now.
    pub(crate) fn is_active(staff: &StaffFacts) -> bool {
        let now = Self::now();
        staff.member_status == MemberStatus::Active && staff.from <= now && now < staff.until
    }

    fn is_in_force(rule: &Grant) -> bool {
        let now = Self::now();
        rule.not_before.is_none_or(|start| start <= now) && rule.not_after.is_none_or(|end| now < end)
    }
}

/// How many rules a rule has above it, as far as it matters.
pub(crate) fn ancestors(rules: &BTreeMap<GrantId, Grant>, grant: GrantId) -> usize {
    let above = |id: &GrantId| rules.get(id).and_then(|rule| rule.parent);
    core::iter::successors(above(&grant), above).take(MAX_ANCESTORS.saturating_add(1)).count()
}
