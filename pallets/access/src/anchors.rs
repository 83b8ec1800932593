//! Anchors: what a provider's records and log were at the end of each interval.

use frame_support::{dispatch::DispatchResult, ensure, pallet_prelude::Weight, traits::Get};
use medrec_primitives::{Anchor, MemberId};

use crate::{Anchors, Config, Error, Event, LastAnchored, Pallet};

/// Told of every anchor.
pub trait OnAnchored {
    /// A member anchored an interval. Must not fail.
    fn on_anchored(member: MemberId, interval: u32);
    /// The most that this can weigh.
    fn weight() -> Weight;
}

impl OnAnchored for () {
    fn on_anchored(_: MemberId, _: u32) {}
    fn weight() -> Weight {
        Weight::zero()
    }
}

impl<T: Config> Pallet<T> {
    /// The interval in which now is.
    pub fn current_interval() -> u32 {
        let number = Self::now().checked_div(T::AnchorInterval::get()).unwrap_or(0);
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// A member's latest anchor.
    pub fn latest_anchor(member: MemberId) -> Option<Anchor> {
        Self::anchor_of(member, LastAnchored::<T>::get(member)?)
    }

    /// A member's anchor of an interval, as long as it is kept.
    pub fn anchor_of(member: MemberId, interval: u32) -> Option<Anchor> {
        Anchors::<T>::get(member, Self::place(interval)?).filter(|anchor| anchor.interval == interval)
    }

    pub(crate) fn do_anchor(member: MemberId, anchor: Anchor) -> DispatchResult {
        let interval = anchor.interval;
        // Later would be a statement about the past made with hindsight.
        ensure!(interval.checked_add(1) == Some(Self::current_interval()), Error::<T>::WrongInterval);
        ensure!(LastAnchored::<T>::get(member) < Some(interval), Error::<T>::AlreadyAnchored);
        Self::keep_anchor(member, anchor);
        Ok(())
    }

    pub(crate) fn keep_anchor(member: MemberId, anchor: Anchor) {
        let interval = anchor.interval;
        LastAnchored::<T>::insert(member, interval);
        // There is a place for every interval: the ring has places.
        if let Some(place) = Self::place(interval) {
            Anchors::<T>::insert(member, place, anchor);
        }
        Self::deposit_event(Event::Anchored { member, interval });
        T::OnAnchored::on_anchored(member, interval);
    }

    /// An interval's place in the ring.
    fn place(interval: u32) -> Option<u32> {
        interval.checked_rem(T::AnchorsKept::get())
    }
}
