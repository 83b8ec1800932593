//! Types of this pallet that do not leave the runtime.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    traits::{fungible::Inspect, ConstU32},
    BoundedVec,
};
use medrec_primitives::{AccountId, GroupId, MemberId};
use scale_info::TypeInfo;

use crate::Config;

/// Amounts in plancks.
pub type BalanceOf<T> = <<T as Config>::Currency as Inspect<AccountId>>::Balance;

/// A group's name: printable ASCII, at most 64 bytes; shown, not unique.
pub type GroupName = BoundedVec<u8, ConstU32<64>>;

/// How many members a group may have: more than any country has emergency rooms.
pub const MAX_GROUP_MEMBERS: u32 = 10_000;

/// The groups that one member is in, ascending.
pub type GroupsOfMember<T> = BoundedVec<GroupId, <T as Config>::MaxGroupsPerMember>;

/// What an account is to a member.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum AccountUse {
    /// Signs for the member.
    Account,
    /// The gatekeeper's key.
    Gatekeeper,
    /// Was one of these, and is nothing any more.
    Retired,
}

/// What is held on a member's account for its record and its staff (plancks). Recorded, so that a runtime that takes other
/// deposits gives back what was taken. What is held for groups stands in their own records.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Held<Balance> {
    /// For the record, until the member withdraws or is removed.
    pub record: Balance,
    /// For all keys that its staff has ever had.
    pub staff: Balance,
}

/// A group of members.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Group<Balance> {
    /// The member that keeps it.
    pub owner: MemberId,
    /// Its name.
    pub name: GroupName,
    /// How many members it has.
    #[codec(compact)]
    pub members: u32,
    /// What is held for it on its owner's account (plancks).
    pub held: Balance,
}
