//! What no benchmark can measure, since the pallet does not see what it depends on, and weights that are made of others.

use frame_support::{traits::Get, weights::Weight};

use crate::{Config, Pallet, WeightInfo};

/// Bytes of proof for an entry of a map, with the nodes above it, at worst.
const ENTRY: u64 = 3_600;

/// As many collators as a runtime has: a hundred that were invited, and candidates.
const AUTHORITIES: u64 = 150;

/// Reading a relay chain's state proof of some 60 kB for the beacon: decoding it and looking one entry up (ps, bytes).
const BEACON: (u64, u64) = (350_000_000, 65_536);

impl<T: Config> Pallet<T> {
    /// Weight of `approve_collator`: each of the authorities is looked up. How many providers' there are is the runtime's, so that
    /// what is measured is the looking alone; the two entries that are written come on top.
    pub(crate) fn approve_weight() -> Weight {
        <T as Config>::WeightInfo::approve_collator()
            .saturating_add(T::DbWeight::get().reads_writes(AUTHORITIES, 2))
            .saturating_add(Weight::from_parts(0, AUTHORITIES.saturating_mul(ENTRY)))
    }

    /// Weight of `claim`, with the credits of the researcher's last era.
    pub(crate) fn claim_weight() -> Weight {
        <T as Config>::WeightInfo::claim().saturating_add(<T as Config>::WeightInfo::settle_work())
    }

    /// Weight of `close_claim`: its price is given back or paid.
    pub(crate) fn close_weight() -> Weight {
        <T as Config>::WeightInfo::close_claim().max(<T as Config>::WeightInfo::pay_claim())
    }

    /// Weight of looking whether anything can be drawn, and at the beacon.
    pub(crate) fn draw_start_weight() -> Weight {
        <T as Config>::WeightInfo::draw_start().saturating_add(Weight::from_parts(BEACON.0, BEACON.1))
    }

    /// Weight of drawing one claim, which is granted or given back.
    pub(crate) fn draw_entry_weight() -> Weight {
        <T as Config>::WeightInfo::draw_granted().max(<T as Config>::WeightInfo::draw_refused())
    }

    /// Weight of `draw`, by the number of claims drawn at most.
    pub(crate) fn draw_weight(claims: u32) -> Weight {
        Self::draw_start_weight().saturating_add(Self::draw_entry_weight().saturating_mul(claims.into()))
    }
}
