//! Types of this pallet that do not leave the runtime.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use medrec_primitives::{Glass, GlassId, Grant, Moment, DAY_MS};
use scale_info::TypeInfo;

use crate::Config;

/// How many rules a rule may have above it. `medrec-policy` takes longer lines for void.
pub const MAX_ANCESTORS: usize = 4;

/// How long a grant by a custodian who has stepped in may last (ms), rounded up to a full day (UTC) so that the time of signing
/// need not show in its end: a patient who comes back need not know of it.
pub const STEPPED_IN_GRANT: Moment = 30 * DAY_MS;

/// How many breaks the consortium may review by one vote.
pub const MAX_REVIEWED: u32 = 64;

/// A rule as the chain keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Rule {
    /// What it says.
    pub grant: Grant,
    /// The number of the custodian who granted it, with whom it falls. Nobody's where the patient granted, where it was shared
    /// onward, and for denials, which outlast whoever made them.
    pub custodian: Option<u8>,
}

impl From<Grant> for Rule {
    /// A rule of the patient's, or one that was shared onward.
    fn from(grant: Grant) -> Self {
        Self { grant, custodian: None }
    }
}

/// Breaks that are reviewed together.
pub type Reviewed = BoundedVec<GlassId, ConstU32<MAX_REVIEWED>>;

/// The broken glasses of one relationship.
pub type GlassesOf<T> = BoundedVec<Glass, <T as Config>::MaxGlasses>;

/// The day of a member's latest break (days since the Unix epoch), and how often each person on its staff broke the glass on
/// that day, by the person's index.
pub type BreaksOfDay<T> = (u32, BoundedVec<(u32, u8), <T as Config>::BreaksPerMember>);

/// What a member's staff have broken, ever.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct BreakCounts {
    /// Breaks so far: the index that the next one gets.
    #[codec(compact)]
    pub next: u32,
    /// Breaks that wait for the consortium's review.
    #[codec(compact)]
    pub open: u32,
    /// Breaks that the consortium found unjustified.
    #[codec(compact)]
    pub unjustified: u32,
}
