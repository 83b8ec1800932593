//! What is always true of this pallet's storage.

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
use {
    crate::{Config, Pallet, Rules},
    alloc::collections::BTreeMap,
    frame_support::ensure,
    medrec_primitives::{Effect, RelationshipStatus},
    pallet_relationships::{Relationships, RuleCounts},
    sp_runtime::TryRuntimeError,
};

#[cfg(any(test, feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
    /// Checks every invariant that spans items:
    ///
    /// 1. rules hang on active or suspended relationships, with identifiers below the next one;
    /// 2. the relationship's counts are the numbers of its rules;
    /// 3. a denial is never shared onward.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut counts: BTreeMap<_, RuleCounts> = BTreeMap::new();
        for ((member, index, grant), rule) in Rules::<T>::iter() {
            let record = Relationships::<T>::get(member, index).ok_or("a rule of no relationship")?;
            ensure!(
                matches!(record.status, RelationshipStatus::Active | RelationshipStatus::Suspended),
                "a rule of a relationship that does not last"
            );
            ensure!(grant < record.rules.next, "rule id not below the next one");
            let denies = rule.effect == Effect::Deny;
            ensure!(!denies || (!rule.may_share && rule.parent.is_none()), "a denial shared onward");
            let count = counts.entry((member, index)).or_default();
            let count = if denies { &mut count.denials } else { &mut count.allows };
            *count = count.saturating_add(1);
        }
        for (member, index, record) in Relationships::<T>::iter() {
            let found = counts.get(&(member, index)).copied().unwrap_or_default();
            ensure!(
                found.allows == record.rules.allows && found.denials == record.rules.denials,
                "a relationship's counts of rules are wrong"
            );
        }
        Ok(())
    }
}
