//! Clearing away what has expired.
//!
//! What has expired permits and denies nothing: it only takes slots and bytes. So nothing needs to be cleared in time, and a
//! cursor that goes round costs two small values in all. A queue by day would cost an entry for each rule with an end, to be
//! found and taken out at each revocation.
//!
//! In idle time the cursors visit relationship after relationship, and look at all rules of one at once: whatever falls, falls
//! with everything that was shared onward from it. A visit begins only if its worst case fits into what is left, so that the
//! limit is kept. If it does not fit, the cursor waits where it is: no relationship is passed over for being dear. Glasses have
//! a cursor of their own, and the first half of the limit: neither kind can keep the other from its turn. One round a block at most.

use alloc::vec::Vec;

use frame_support::{
    traits::Get,
    weights::{Weight, WeightMeter},
};
use medrec_primitives::{MemberId, Moment, RelationshipId};
use sp_runtime::Perbill;

use crate::{rules::falling, Config, Event, GlassCursor, Glasses, Pallet, RuleCursor, Rules, WeightInfo};

/// How long after its end a rule or a glass is kept (ms). Gatekeepers' clocks may be behind, and a denial must last by the last of
/// them.
pub const EXPIRY_GRACE: Moment = 60 * 60 * 1000;

/// Bytes of a storage key's part for one `u32`, hashed by `Twox64Concat`.
const KEY_PART: usize = 8 + 4;

/// Greater than what is left of any key.
const AFTER_ALL: [u8; KEY_PART + 1] = [0xff; KEY_PART + 1];

impl<T: Config> Pallet<T> {
    /// Clears what has expired, as far as the limit goes; answers with what that weighed.
    // A part of a weight cannot overflow.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn expire(remaining: Weight) -> Weight {
        let limit = remaining.min(Self::expiry_limit());
        let mut meter = WeightMeter::with_limit(limit);
        if meter.try_consume(<T as Config>::WeightInfo::expire_base()).is_err() {
            return Weight::zero();
        }
        let mut half = WeightMeter::with_limit(Perbill::from_percent(50) * meter.remaining());
        Self::expire_glasses(&mut half);
        meter.consume(half.consumed());
        Self::expire_rules(&mut meter);
        meter.consumed()
    }

    /// The most of a block that clearing may take.
    // A part of a weight cannot overflow.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn expiry_limit() -> Weight {
        T::ExpiryShare::get() * T::BlockWeights::get().max_block
    }

    /// The dearest visit: what the limit must have room for, twice.
    pub(crate) fn dearest_visit() -> Weight {
        let rules = Self::max_rules();
        let peek = <T as Config>::WeightInfo::expire_peek();
        <T as Config>::WeightInfo::expire_rules(rules, rules)
            .max(<T as Config>::WeightInfo::expire_glasses(T::MaxGlasses::get()))
            .saturating_add(peek)
    }

    fn expire_rules(meter: &mut WeightMeter) {
        let mut cursor = RuleCursor::<T>::get();
        while meter.try_consume(<T as Config>::WeightInfo::expire_peek()).is_ok() {
            let Some(id) = Self::next_with_rules(cursor) else {
                cursor = None;
                break;
            };
            let rules = Self::rules_in_place(id);
            if !meter.can_consume(<T as Config>::WeightInfo::expire_rules(rules, rules)) {
                break;
            }
            let removed = Self::expire_rules_of(id, Self::now());
            meter.consume(<T as Config>::WeightInfo::expire_rules(rules, removed));
            cursor = Some((id.member, id.index));
        }
        RuleCursor::<T>::set(cursor);
    }

    /// The relationship with rules that comes after the cursor, in the order of the state's keys.
    pub(crate) fn next_with_rules(cursor: Option<Cursor>) -> Option<RelationshipId> {
        let mut keys = match cursor {
            Some((member, index)) => {
                Rules::<T>::iter_keys_from(after_all(Rules::<T>::hashed_key_for((member, index, 0))))
            }
            None => Rules::<T>::iter_keys(),
        };
        keys.next().map(|(member, index, _)| RelationshipId::new(member, index))
    }

    /// How many rules a relationship has.
    pub(crate) fn rules_in_place(id: RelationshipId) -> u32 {
        pallet_relationships::Pallet::<T>::get(id).map_or(0, |record| record.rules.total())
    }

    /// Removes what has expired of one relationship; answers with how many rules that were.
    pub(crate) fn expire_rules_of(id: RelationshipId, now: Moment) -> u32 {
        let expired = |end: Moment| end.saturating_add(EXPIRY_GRACE) <= now;
        let gone = falling(Self::all(id), |_, rule| rule.not_after.is_some_and(expired));
        if !gone.is_empty() {
            Self::remove(id, &gone, |grant| Event::Expired { relationship: id, grant });
        }
        u32::try_from(gone.len()).unwrap_or(u32::MAX)
    }

    fn expire_glasses(meter: &mut WeightMeter) {
        let mut cursor = GlassCursor::<T>::get();
        while meter.try_consume(<T as Config>::WeightInfo::expire_peek()).is_ok() {
            let next = match cursor {
                Some((member, index)) => {
                    Glasses::<T>::iter_keys_from(Glasses::<T>::hashed_key_for(member, index)).next()
                }
                None => Glasses::<T>::iter_keys().next(),
            };
            let Some((member, index)) = next else {
                cursor = None;
                break;
            };
            let worst = <T as Config>::WeightInfo::expire_glasses(T::MaxGlasses::get());
            if meter.try_consume(worst).is_err() {
                break;
            }
            Self::expire_glasses_of(RelationshipId::new(member, index), Self::now());
            cursor = Some((member, index));
        }
        GlassCursor::<T>::set(cursor);
    }

    /// Removes the expired glasses of one relationship.
    pub(crate) fn expire_glasses_of(id: RelationshipId, now: Moment) {
        let mut glasses = Glasses::<T>::get(id.member, id.index);
        let expired =
            Self::take_glasses(&mut glasses, |glass| glass.until.saturating_add(EXPIRY_GRACE) <= now);
        if expired.is_empty() {
            return;
        }
        Self::put_glasses(id, glasses);
        for glass in expired {
            Self::deposit_event(Event::GlassExpired { relationship: id, glass: glass.id });
        }
    }
}

/// Where a cursor stands: the relationship it visited last.
pub(crate) type Cursor = (MemberId, u32);

/// A key after those of all rules of the relationship that the rule with this key is of.
fn after_all(mut key: Vec<u8>) -> Vec<u8> {
    key.truncate(key.len().saturating_sub(KEY_PART));
    key.extend_from_slice(&AFTER_ALL);
    key
}
