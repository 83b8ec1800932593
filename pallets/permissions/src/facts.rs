//! What the chain knows of one viewer and one relationship, gathered from all pallets: the ground of every decision.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::traits::Time;
use medrec_primitives::{
    AccountId, DecisionSummary, DenyReason, Effect, Facts, Grant, GrantFacts, GrantId, GrantTerms,
    RelationshipId, StaffFacts, Viewer,
};

use crate::{types::MAX_ANCESTORS, Config, Pallet};

impl<T: Config> Pallet<T> {
    /// The facts about `viewer` at relationship `id`, as of this block.
    pub fn facts(id: RelationshipId, viewer: &AccountId) -> Option<Facts> {
        let relationship = pallet_relationships::Pallet::<T>::in_force(id)?;
        let staff = pallet_registry::Pallet::<T>::staff_facts(viewer);
        let grants = Self::rules_about(id, viewer, staff.as_ref());
        let emergency = staff.as_ref().and_then(|staff| Self::emergency(id, staff.id));
        Some(Facts {
            now: <T as pallet_registry::Config>::Time::now(),
            relationship: id,
            provider: pallet_registry::Pallet::<T>::status_of(id.member),
            status: relationship.status,
            patient: relationship.patient,
            custodians: relationship.custodians.into_inner(),
            flags: relationship.flags,
            viewer: viewer.clone(),
            staff,
            grants,
            emergency,
        })
    }

    /// Whether `viewer` may read something of relationship `id` for some purpose but emergency treatment, as far as the
    /// chain can tell.
    pub fn may_read(id: RelationshipId, viewer: &AccountId) -> DecisionSummary {
        match Self::facts(id, viewer) {
            Some(facts) => medrec_policy::summary(&facts),
            None => DecisionSummary::Deny(DenyReason::UnknownRelationship),
        }
    }

    /// The rules that can be about the viewer, the ancestors of those that were shared onward, and the denials of everything to
    /// keys among these; ascending. What a person shared who could not share it now is left out, so that all beneath it is
    /// void.
    fn rules_about(id: RelationshipId, viewer: &AccountId, staff: Option<&StaffFacts>) -> Vec<GrantFacts> {
        let all: BTreeMap<GrantId, Grant> = Self::all(id);
        let mut about: Vec<GrantId> =
            all.iter().filter(|(_, rule)| is_about(&rule.viewer, viewer, staff)).map(|(id, _)| *id).collect();
        let mut parents = about.clone();
        for _ in 0..MAX_ANCESTORS {
            parents = parents.iter().filter_map(|id| all.get(id).and_then(|rule| rule.parent)).collect();
            about.extend(&parents);
        }
        about.sort_unstable();
        about.dedup();
        let keys: Vec<&Viewer> = about
            .iter()
            .filter_map(|id| all.get(id).map(|rule| &rule.viewer))
            .filter(|above| matches!(above, Viewer::Key(key) if key != viewer))
            .collect();
        let denies = |rule: &Grant| rule.effect == Effect::Deny && rule.terms == GrantTerms::Everything;
        let denials = all.iter().filter(|(_, rule)| denies(rule) && keys.contains(&&rule.viewer));
        let denials: Vec<GrantId> = denials.map(|(id, _)| *id).collect();
        about.extend(denials);
        about.sort_unstable();
        about
            .into_iter()
            .filter(|rule| Self::is_upheld(id, &all, *rule))
            .filter_map(|rule| all.get(&rule).map(|grant| Self::grant_facts(id, rule, grant.clone())))
            .collect()
    }
}

/// Whether a rule for `rule` can be about this viewer, dates and statuses aside: those are for the decision.
pub(crate) fn is_about(rule: &Viewer, viewer: &AccountId, staff: Option<&StaffFacts>) -> bool {
    match rule {
        Viewer::Key(key) => key == viewer,
        Viewer::Member(member) => staff.is_some_and(|s| s.id.member == *member),
        Viewer::Group(group) => staff.is_some_and(|s| s.groups.contains(group)),
    }
}
