//! The bounty: an interval's anchor can carry one planned table, which one of the era's authors gets for nothing.

use frame_support::pallet_prelude::Weight;
use medrec_primitives::{research::AnswerKey, MemberId};
use pallet_access::OnAnchored;

use crate::{Claimant, Config, Entry, EraTotals, Event, Pallet, Plans, Tables, WeightInfo, AUTHORS_KEPT};

impl<T: Config> Pallet<T> {
    /// Enters the provider's next bounty, if an epoch of its table is over, into the window that is open.
    pub(crate) fn carry(provider: MemberId) {
        let Some(mut plan) = Plans::<T>::get(provider) else { return };
        let Some((table, epoch)) = plan.bounty else { return };
        let Some(record) = Tables::<T>::get(provider, table) else { return };
        if record.withdrawn || record.spec.ends(epoch).is_none_or(|ends| ends > Self::now()) {
            return;
        }
        let era = Self::current_era();
        let total = EraTotals::<T>::get(Self::era_place(era)).filter(|total| total.era == era);
        // Nobody to draw among: a later anchor carries it.
        let Some(blocks) = total.map(|total| total.blocks.min(AUTHORS_KEPT)) else { return };
        let answer = AnswerKey { provider, table, epoch };
        let entry = Entry { claimant: Claimant::Author { era, blocks }, answer };
        if Self::enter(Self::current_window(), entry).is_ok() {
            plan.bounty = epoch.checked_add(1).map(|next| (table, next));
            Plans::<T>::insert(provider, plan);
            Self::deposit_event(Event::BountyCarried { answer });
        }
    }
}

impl<T: Config> OnAnchored for Pallet<T> {
    fn on_anchored(member: MemberId, _interval: u32) {
        Self::carry(member);
    }

    fn weight() -> Weight {
        <T as Config>::WeightInfo::on_anchored()
    }
}
