//! What is over goes: requests at their expiry, receipts at the end of their term.
//!
//! Entries are filed by minute, rounded up, so that a sweep looks at nothing that is not due. Whether a request is still open
//! is never asked of the sweep: its own expiry says so.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::Get,
    weights::{Weight, WeightMeter},
};
use medrec_primitives::{Moment, RequestId};

use crate::{Config, Due, Error, Event, OwnReceipts, Pallet, Receipts, Swept, WeightInfo};

/// One minute (ms).
const MINUTE: Moment = 60_000;

impl<T: Config> Pallet<T> {
    /// The first minute that has begun at or after `moment`.
    pub(crate) fn minute(moment: Moment) -> u32 {
        u32::try_from(moment.div_ceil(MINUTE)).unwrap_or(u32::MAX)
    }

    /// Files an entry to be removed at `moment`, or within a minute after it.
    pub(crate) fn make_due(id: RequestId, moment: Moment) {
        Swept::<T>::mutate(|swept| {
            // With nothing filed there is nothing to look through since the last sweep.
            if swept.waiting == 0 {
                swept.next = Self::current_minute();
            }
            swept.waiting = swept.waiting.saturating_add(1);
        });
        Due::<T>::insert(Self::minute(moment), id, ());
    }

    /// Takes an entry out again.
    pub(crate) fn not_due(id: RequestId, moment: Moment) {
        Due::<T>::remove(Self::minute(moment), id);
        Swept::<T>::mutate(|swept| swept.waiting = swept.waiting.saturating_sub(1));
    }

    pub(crate) fn do_expire(id: RequestId) -> DispatchResult {
        let request = Self::ensure_open(id)?;
        ensure!(request.expires <= Self::now(), Error::<T>::NotYetExpired);
        Self::not_due(id, request.expires);
        Self::close(id, &request);
        Self::deposit_event(Event::Expired { request: id });
        Ok(())
    }

    /// The most of a block that the sweep may take.
    // A part of a weight cannot overflow.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn sweep_limit() -> Weight {
        T::SweepShare::get() * T::BlockWeights::get().max_block
    }

    /// Removes what is due, as far as the weight reaches.
    pub(crate) fn sweep(meter: &mut WeightMeter) {
        if meter.try_consume(<T as Config>::WeightInfo::sweep_start()).is_err() {
            return;
        }
        let mut swept = Swept::<T>::get();
        let now = Self::current_minute();
        // Minutes that wait are looked at one by one, each at the weight of an entry.
        // One iterator goes through a minute: a new one would pass over all that was removed in this block, each time.
        let mut entries = Due::<T>::drain_prefix(swept.next);
        while swept.waiting > 0
            && swept.next <= now
            && meter.try_consume(<T as Config>::WeightInfo::sweep_entry()).is_ok()
        {
            match entries.next() {
                Some((id, ())) => {
                    swept.waiting = swept.waiting.saturating_sub(1);
                    Self::remove_due(id);
                }
                None => {
                    swept.next = swept.next.saturating_add(1);
                    entries = Due::<T>::drain_prefix(swept.next);
                }
            }
        }
        Swept::<T>::put(swept);
    }

    /// Removes an entry's request, if it is open still, or else its receipt.
    pub(crate) fn remove_due(id: RequestId) {
        match Self::get(id) {
            Some(request) => {
                Self::close(id, &request);
                Self::deposit_event(Event::Expired { request: id });
            }
            None => Self::remove_receipt(id),
        }
    }

    fn remove_receipt(id: RequestId) {
        let Some(receipt) = Receipts::<T>::take(id.member, id.index) else { return };
        let relationship = receipt.relationship;
        OwnReceipts::<T>::mutate_exists(relationship.member, relationship.index, |own| {
            if let Some(list) = own {
                list.retain(|index| *index != id.index);
                if list.is_empty() {
                    *own = None;
                }
            }
        });
    }

    /// The minute that has begun last.
    fn current_minute() -> u32 {
        u32::try_from(Self::now().checked_div(MINUTE).unwrap_or(0)).unwrap_or(u32::MAX)
    }
}
