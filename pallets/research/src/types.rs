//! Types of this pallet that do not leave the runtime.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    traits::{fungible::Inspect, ConstU32, Get},
    BoundedVec,
};
use medrec_primitives::{
    research::{AnswerKey, Credits, Fee, StudyId},
    AccountId, MemberId, Moment, SealedTerms,
};
use scale_info::TypeInfo;

use crate::Config;

/// Amounts in plancks.
pub type BalanceOf<T> = <<T as Config>::Escrow as Inspect<AccountId>>::Balance;

/// How many of an era's blocks by researchers are remembered one by one, for bounties to be drawn among.
pub const AUTHORS_KEPT: u32 = 4_096;

/// How long a plan is at most (ms): a leap year.
pub const PLAN_TERM: Moment = 366 * medrec_primitives::DAY_MS;

/// How many choices a provider may place at once.
pub const MAX_PLACED: u32 = 32;

/// Choices to be placed: relationships' indices, and what is sealed for each.
pub type Placed = BoundedVec<(u32, SealedTerms), ConstU32<MAX_PLACED>>;

/// How many claims one call may draw.
pub const MAX_DRAWN: u32 = 32;

/// How often the beacon is looked at, at most (ms).
pub const BEACON_EVERY: Moment = 60_000;

/// How often the beacon must have changed after a window was closed before its draw is decided by it. A value that is published
/// when the window closes may have been known before; the second one after it is made of what nobody knew then.
pub const BEACON_CHANGES: u8 = 2;

/// For how many eras credits that are given back last at least.
pub const REFUND_ERAS: u32 = 4;

/// The chain's rhythm of research. Set at genesis, for good.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// How long an era is, over which a pool of credits is shared (ms).
    pub era: Moment,
    /// How long claims are collected before they are drawn (ms).
    pub window: Moment,
    /// How far the fixed times are apart at which answers are committed to (ms). An answer is due at the second one after it
    /// was asked for.
    pub answer: Moment,
    /// How long after that it may still be committed to (ms).
    pub grace: Moment,
    /// How short an epoch of a table may be (ms).
    pub epoch: Moment,
}

impl Schedule {
    /// Whether it goes on at all.
    pub fn is_well_formed(&self) -> bool {
        [self.era, self.window, self.answer, self.grace, self.epoch].iter().all(|length| *length > 0)
    }

    /// How long after it was paid for an answer can be committed to, at most (ms).
    pub fn longest_answer(&self) -> Moment {
        self.answer.saturating_mul(2).saturating_add(self.grace)
    }
}

/// How far a researcher's collator has come.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum CollatorStatus {
    /// The researcher named it. Its own account has not said so yet.
    Registered,
    /// The consortium approved it: its blocks earn credits.
    Approved,
    /// Its own account accepted the researcher. The consortium has not approved it yet.
    Accepted,
}

/// A researcher's collator.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Collator {
    /// Whose it is.
    pub member: MemberId,
    /// How far it has come.
    pub status: CollatorStatus,
}

/// The blocks that a researcher's collators have made in an era, not yet turned into credits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Work {
    /// The era.
    #[codec(compact)]
    pub era: u32,
    /// How many.
    #[codec(compact)]
    pub blocks: u32,
}

/// Credits that were earned in one era, and expire together.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Lot {
    /// The era.
    #[codec(compact)]
    pub era: u32,
    /// How many are left.
    #[codec(compact)]
    pub credits: Credits,
}

/// Where all credits that there ever were have gone. What is not here is in purses.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Totals {
    /// The era in which the first were earned.
    pub since: Option<u32>,
    /// Made, by authorship alone.
    pub minted: u128,
    /// Spent on answers.
    pub spent: u128,
    /// Expired.
    pub expired: u128,
}

/// For whom a claim waits to be drawn.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Claimant<Balance> {
    /// A researcher, who pays.
    Paying {
        /// Who.
        researcher: MemberId,
        /// For which study.
        study: StudyId,
        /// How many credits are set aside for it.
        credits: Credits,
        /// The era by which they would expire if they were given back.
        era: u32,
        /// What is held beside.
        fee: Option<Fee<Balance>>,
    },
    /// One of an era's authors, who pays nothing: a bounty.
    Author {
        /// The era.
        era: u32,
        /// Among how many blocks of it.
        blocks: u32,
    },
}

/// A claim that waits to be drawn.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Entry<Balance> {
    /// For whom.
    pub claimant: Claimant<Balance>,
    /// To what.
    pub answer: AnswerKey,
}

/// How far claims are drawn.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Draw {
    /// The first window that is not drawn yet. No claim waits in an earlier one.
    pub next: u32,
    /// How many claims wait, in all windows.
    pub waiting: u32,
    /// What decides the order in which the claims of that window are drawn.
    pub seed: Seed,
}

/// What decides a draw.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Seed {
    /// The window is not closed, or nobody has looked at the beacon since.
    #[default]
    None,
    /// The beacon has not changed often enough since the window was closed.
    Waiting {
        /// What it said last.
        seen: [u8; 32],
        /// How often it has changed.
        changes: u8,
        /// When it was looked at last (ms).
        looked: Moment,
    },
    /// Known.
    Known([u8; 32]),
}

/// How many of something in the window in which it last happened.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PerWindow {
    /// The window.
    #[codec(compact)]
    pub window: u32,
    /// How many.
    #[codec(compact)]
    pub count: u32,
}

impl PerWindow {
    /// How many in this window.
    pub fn of(&self, window: u32) -> u32 {
        if self.window == window {
            self.count
        } else {
            0
        }
    }
}

/// How many lots a purse can have: one for each era whose credits have not expired.
pub struct MaxLots<T>(core::marker::PhantomData<T>);

impl<T: Config> Get<u32> for MaxLots<T> {
    fn get() -> u32 {
        T::CreditLife::get().saturating_add(1)
    }
}
