//! Counts of the rules that hang on a relationship. The rules themselves are `pallet-permissions`'; their counts are here, in
//! a record that exists anyway, so that a revoked rule leaves no byte behind.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::pallet_prelude::Weight;
use medrec_primitives::{GrantId, RelationshipId};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

use crate::{BalanceOf, Config, Error, Pallet, Relationship, Relationships};

/// How many rules a relationship has, and has ever had.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RuleCounts {
    /// The identifier that the next rule gets.
    #[codec(compact)]
    pub next: GrantId,
    /// Allowing rules of the patient's in place.
    pub allows: u8,
    /// Denials in place.
    pub denials: u8,
    /// Rules in place that viewers shared onward.
    pub shared: u8,
}

/// Which of a relationship's slots a rule takes. Each kind has its own, so that none can crowd out another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSlot {
    /// The patient's allows.
    Allow,
    /// The patient's denials.
    Denial,
    /// What viewers shared onward.
    Shared,
}

impl RuleCounts {
    /// How many rules of this kind are in place.
    pub fn of(&self, slot: RuleSlot) -> u8 {
        match slot {
            RuleSlot::Allow => self.allows,
            RuleSlot::Denial => self.denials,
            RuleSlot::Shared => self.shared,
        }
    }

    /// How many rules are in place.
    pub fn total(&self) -> u32 {
        u32::from(self.allows).saturating_add(u32::from(self.denials)).saturating_add(u32::from(self.shared))
    }

    fn of_mut(&mut self, slot: RuleSlot) -> &mut u8 {
        match slot {
            RuleSlot::Allow => &mut self.allows,
            RuleSlot::Denial => &mut self.denials,
            RuleSlot::Shared => &mut self.shared,
        }
    }

    /// No rules in place; identifiers go on where they were.
    pub(crate) fn clear(&mut self) {
        self.allows = 0;
        self.denials = 0;
        self.shared = 0;
    }
}

/// Told when a relationship ends.
pub trait OnRelationshipEnded {
    /// Clears what hung on the relationship. Must not fail.
    fn on_ended(relationship: RelationshipId);
    /// The most that this can weigh.
    fn weight() -> Weight;
}

impl OnRelationshipEnded for () {
    fn on_ended(_: RelationshipId) {}
    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Told when custodians no longer are what they were when they granted.
pub trait OnCustodiansGone {
    /// Takes back what the custodians with these numbers granted; answers with what that weighed. Must not fail.
    fn on_custodians_gone(relationship: RelationshipId, custodians: &[u8]) -> Weight;
    /// The most that this can weigh.
    fn weight() -> Weight;
}

impl OnCustodiansGone for () {
    fn on_custodians_gone(_: RelationshipId, _: &[u8]) -> Weight {
        Weight::zero()
    }
    fn weight() -> Weight {
        Weight::zero()
    }
}

impl<T: Config> Pallet<T> {
    /// Counts one rule more, of which there may be `max`; answers with its identifier.
    pub fn add_rule(
        id: RelationshipId,
        mut relationship: Relationship<BalanceOf<T>>,
        slot: RuleSlot,
        max: u8,
    ) -> Result<GrantId, DispatchError> {
        let rules = &mut relationship.rules;
        if rules.of(slot) >= max {
            return Err(match slot {
                RuleSlot::Allow => Error::<T>::TooManyAllows.into(),
                RuleSlot::Denial => Error::<T>::TooManyDenials.into(),
                RuleSlot::Shared => Error::<T>::TooManyShared.into(),
            });
        }
        let grant = rules.next;
        rules.next = grant.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        let count = rules.of_mut(slot);
        *count = count.saturating_add(1);
        Relationships::<T>::insert(id.member, id.index, relationship);
        Ok(grant)
    }

    /// Counts these rules no longer.
    pub fn remove_rules(id: RelationshipId, slots: impl IntoIterator<Item = RuleSlot>) {
        Relationships::<T>::mutate(id.member, id.index, |relationship| {
            let Some(relationship) = relationship else { return };
            for slot in slots {
                let count = relationship.rules.of_mut(slot);
                *count = count.saturating_sub(1);
            }
        });
    }
}
