//! What is always true of this pallet's storage.

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
use {
    crate::{
        rules::slot, sharing::ancestors, Breaks, BreaksToday, Config, Glasses, Pallet, Reviews, Rule, Rules,
        Sharers, MAX_ANCESTORS,
    },
    alloc::collections::BTreeMap,
    frame_support::{ensure, traits::Get},
    medrec_primitives::{Effect, Grant, GrantId, RelationshipId, RelationshipStatus, Viewer},
    pallet_relationships::{Relationships, RuleCounts, RuleSlot},
    sp_runtime::TryRuntimeError,
};

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every invariant that spans items:
    ///
    /// 1. rules and glasses hang on active or suspended relationships, and rules' identifiers are below the next one;
    /// 2. the relationship's counts are the numbers of its rules, within their bounds;
    /// 3. a denial is never shared onward; what was, has a parent before it that allows, may be shared, ends no earlier, and
    ///    has no more children than it may, nor more rules above it;
    /// 4. what a custodian granted is in force only while it is one; its number stands at nothing else;
    /// 5. who shared is known exactly where the parent is about a staff;
    /// 6. glasses were broken before their end, by one person each, who belongs to the member that counts them;
    /// 7. breaks that wait for review are as many as are counted, and no glass or review is newer than the count;
    /// 8. nobody broke the glass more often in a day than allowed.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut relationships: BTreeMap<(u32, u32), BTreeMap<GrantId, Grant>> = BTreeMap::new();
        for ((member, index, grant), rule) in Rules::<T>::iter() {
            Self::try_state_granter(RelationshipId::new(member, index), &rule)?;
            relationships.entry((member, index)).or_default().insert(grant, rule.grant);
        }
        for ((member, index), rules) in &relationships {
            Self::try_state_rules(RelationshipId::new(*member, *index), rules)?;
        }
        for (member, index, record) in Relationships::<T>::iter() {
            let rules = relationships.get(&(member, index));
            let count = |kind: RuleSlot| {
                rules.map_or(0, |rules| rules.values().filter(|rule| slot(rule) == kind).count())
            };
            for (kind, max) in [
                (RuleSlot::Allow, T::MaxAllows::get()),
                (RuleSlot::Denial, T::MaxDenials::get()),
                (RuleSlot::Shared, T::MaxShared::get()),
            ] {
                let counted = RuleCounts::of(&record.rules, kind);
                ensure!(count(kind) == usize::from(counted), "a relationship's counts of rules are wrong");
                ensure!(counted <= max, "a relationship has more rules than it may have");
            }
        }
        for key in Sharers::<T>::iter_keys() {
            ensure!(Rules::<T>::contains_key(key), "a sharer of no rule");
        }
        Self::try_state_glasses()
    }

    fn try_state_granter(id: RelationshipId, rule: &Rule) -> Result<(), TryRuntimeError> {
        let Some(number) = rule.custodian else { return Ok(()) };
        let record = Relationships::<T>::get(id.member, id.index).ok_or("a rule of no relationship")?;
        let number_of = |key| pallet_relationships::Pallet::<T>::custodian_number(key) == Some(number);
        let stays = record.custodians.iter().any(|custodian| number_of(&custodian.key));
        let over = rule.grant.not_after.is_some_and(|end| end <= Self::now());
        ensure!(stays || over, "a custodian is gone, and what it granted is not");
        let grants = rule.grant.effect == Effect::Allow && rule.grant.parent.is_none();
        ensure!(grants, "a custodian's number at what is no grant of its own");
        Ok(())
    }

    fn try_state_rules(id: RelationshipId, rules: &BTreeMap<GrantId, Grant>) -> Result<(), TryRuntimeError> {
        let record = Relationships::<T>::get(id.member, id.index).ok_or("a rule of no relationship")?;
        ensure!(lasts(record.status), "a rule of a relationship that does not last");
        for (grant, rule) in rules {
            ensure!(*grant < record.rules.next, "rule id not below the next one");
            let denies = rule.effect == Effect::Deny;
            ensure!(!denies || (!rule.may_share && rule.parent.is_none()), "a denial shared onward");
            let sharer = Sharers::<T>::contains_key((id.member, id.index, *grant));
            let Some(parent) = rule.parent else {
                ensure!(!sharer, "a sharer of what was not shared");
                continue;
            };
            let above = rules.get(&parent).ok_or("shared from a rule that is gone")?;
            ensure!(parent < *grant, "shared from a later rule");
            ensure!(above.effect == Effect::Allow && above.may_share, "shared from what may not be shared");
            ensure!(
                above.not_after.is_none_or(|end| rule.not_after.is_some_and(|own| own <= end)),
                "shared for longer than it was given"
            );
            ensure!(ancestors(rules, *grant) <= MAX_ANCESTORS, "shared onward too often");
            let children = rules.values().filter(|rule| rule.parent == Some(parent)).count();
            ensure!(children <= usize::from(T::MaxChildren::get()), "a rule has too many children");
            let by_key = matches!(above.viewer, Viewer::Key(_));
            ensure!(sharer != by_key, "a sharer is missing, or recorded for a key");
        }
        Ok(())
    }

    fn try_state_glasses() -> Result<(), TryRuntimeError> {
        for (member, index, glasses) in Glasses::<T>::iter() {
            let record = Relationships::<T>::get(member, index).ok_or("a glass of no relationship")?;
            ensure!(lasts(record.status), "a glass of a relationship that does not last");
            ensure!(!glasses.is_empty(), "an entry without a glass");
            for glass in &glasses {
                ensure!(glass.from < glass.until, "a glass ends before it starts");
                ensure!(glass.staff.member == glass.id.member, "a glass is counted by another member");
                let same = glasses.iter().filter(|other| other.staff == glass.staff).count();
                ensure!(same == 1, "a person has broken the same glass twice");
                ensure!(glass.id.index < Breaks::<T>::get(member_of(glass)).next, "a glass nobody counted");
            }
        }
        let mut open: BTreeMap<_, u32> = BTreeMap::new();
        for (member, index, review) in Reviews::<T>::iter() {
            ensure!(review.staff.member == member, "a review is counted by another member");
            ensure!(index < Breaks::<T>::get(member).next, "a review nobody counted");
            let id = review.relationship;
            ensure!(Relationships::<T>::contains_key(id.member, id.index), "a review of no relationship");
            let count = open.entry(member).or_default();
            *count = count.saturating_add(1);
        }
        for (member, counts) in Breaks::<T>::iter() {
            ensure!(counts.open == open.remove(&member).unwrap_or(0), "the count of open reviews is wrong");
            ensure!(counts.open <= T::MaxOpenReviews::get(), "too many open reviews");
        }
        ensure!(open.is_empty(), "open reviews nobody counts");
        for (_, (_, by)) in BreaksToday::<T>::iter() {
            let sum = by.iter().fold(0u32, |sum, (_, count)| sum.saturating_add((*count).into()));
            ensure!(sum <= T::BreaksPerMember::get(), "a member's staff broke more than allowed");
            let most = by.iter().map(|(_, count)| *count).max().unwrap_or(0);
            ensure!(most <= T::BreaksPerStaff::get(), "a person broke more than allowed");
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
fn lasts(status: RelationshipStatus) -> bool {
    matches!(status, RelationshipStatus::Active | RelationshipStatus::Suspended)
}

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
fn member_of(glass: &medrec_primitives::Glass) -> u32 {
    glass.id.member
}
