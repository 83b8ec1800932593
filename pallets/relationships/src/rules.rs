//! Counts of the rules that hang on a relationship. The rules themselves are `pallet-permissions`'; their counts are here, in
//! a record that exists anyway, so that a revoked rule leaves no byte behind.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::pallet_prelude::Weight;
use medrec_primitives::{Effect, GrantId, RelationshipId};
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
    /// Allowing rules in place.
    pub allows: u8,
    /// Denials in place.
    pub denials: u8,
}

impl RuleCounts {
    /// How many rules of this effect are in place.
    pub fn of(&self, effect: Effect) -> u8 {
        match effect {
            Effect::Allow => self.allows,
            Effect::Deny => self.denials,
        }
    }

    fn of_mut(&mut self, effect: Effect) -> &mut u8 {
        match effect {
            Effect::Allow => &mut self.allows,
            Effect::Deny => &mut self.denials,
        }
    }

    /// No rules in place; identifiers go on where they were.
    pub(crate) fn clear(&mut self) {
        self.allows = 0;
        self.denials = 0;
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

impl<T: Config> Pallet<T> {
    /// Counts one rule more, of which there may be `max`; answers with its identifier.
    pub fn add_rule(
        id: RelationshipId,
        mut relationship: Relationship<BalanceOf<T>>,
        effect: Effect,
        max: u8,
    ) -> Result<GrantId, DispatchError> {
        let rules = &mut relationship.rules;
        if rules.of(effect) >= max {
            return Err(match effect {
                Effect::Allow => Error::<T>::TooManyAllows.into(),
                Effect::Deny => Error::<T>::TooManyDenials.into(),
            });
        }
        let grant = rules.next;
        rules.next = grant.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
        let count = rules.of_mut(effect);
        *count = count.saturating_add(1);
        Relationships::<T>::insert(id.member, id.index, relationship);
        Ok(grant)
    }

    /// Counts one rule less.
    pub fn remove_rule(id: RelationshipId, effect: Effect) {
        Relationships::<T>::mutate(id.member, id.index, |relationship| {
            if let Some(relationship) = relationship {
                let count = relationship.rules.of_mut(effect);
                *count = count.saturating_sub(1);
            }
        });
    }
}
