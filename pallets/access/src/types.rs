//! Types of this pallet that do not leave the runtime.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use medrec_primitives::RequestId;
use scale_info::TypeInfo;

use crate::Config;

/// The open requests for one relationship, by index at its provider.
pub type OpenAt<T> = BoundedVec<u32, <T as Config>::MaxOpenPerRelationship>;

/// The open requests of one asker.
pub type OpenOf<T> = BoundedVec<RequestId, <T as Config>::MaxOpenPerAsker>;

/// The receipts of one relationship's requests that cost nothing, by index at its provider, oldest first.
pub type OwnOf<T> = BoundedVec<u32, <T as Config>::MaxOwnReceipts>;

/// How far the sweep of what is over has come.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Sweep {
    /// Every minute before this one is swept.
    pub next: u32,
    /// How many entries wait.
    pub waiting: u32,
}
