//! Money, time and the size of a block.

use frame_support::weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight};
use polkadot_runtime_common::prod_or_fast;
use sp_runtime::Perbill;

use crate::{Balance, BlockNumber};

/// One token (plancks).
pub const MDR: Balance = 1_000_000_000_000;
/// A thousandth of a token (plancks).
pub const MILLI_MDR: Balance = MDR / 1_000;
/// A millionth of a token (plancks).
pub const MICRO_MDR: Balance = MDR / 1_000_000;

/// The symbol of the token, as wallets show it.
pub const TOKEN_SYMBOL: &str = "MDR";
/// How many decimals the token has.
pub const TOKEN_DECIMALS: u8 = 12;
/// The prefix of addresses in SS58: generic Substrate.
pub const SS58_PREFIX: u16 = 42;

/// What an account with a balance must keep (plancks). Patients' accounts exist without any.
pub const EXISTENTIAL_DEPOSIT: Balance = 100 * MICRO_MDR;

/// What is held for `items` entries of storage of `bytes` in all (plancks).
// Of two numbers of 32 bits, in one of 128.
#[allow(clippy::arithmetic_side_effects)]
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    items as Balance * 10 * MILLI_MDR + bytes as Balance * 100 * MICRO_MDR
}

/// How long a slot lasts (ms).
pub const SLOT_DURATION: u64 = 6_000;
/// How long a slot of the relay chain lasts (ms).
pub const RELAY_CHAIN_SLOT_DURATION: u32 = 6_000;
/// One minute (blocks).
pub const MINUTES: BlockNumber = 60_000 / SLOT_DURATION as BlockNumber;
/// One hour (blocks).
pub const HOURS: BlockNumber = 60 * MINUTES;
/// One day (blocks).
pub const DAYS: BlockNumber = 24 * HOURS;

/// How many blocks are made for each block of the relay chain.
pub const BLOCK_PROCESSING_VELOCITY: u32 = 1;
/// How many blocks behind the tip of the relay chain blocks are built on.
pub const RELAY_PARENT_OFFSET: u32 = 0;
/// How many blocks may wait for inclusion by the relay chain: one is built while one is backed and one included.
pub const UNINCLUDED_SEGMENT_CAPACITY: u32 = 3;

/// What a block may weigh: two seconds of computation, and the largest proof that validators take.
pub const MAXIMUM_BLOCK_WEIGHT: Weight = Weight::from_parts(
    WEIGHT_REF_TIME_PER_SECOND.saturating_mul(2),
    cumulus_primitives_core::relay_chain::MAX_POV_SIZE as u64,
);
/// What a block may be long (bytes).
pub const MAXIMUM_BLOCK_LENGTH: u32 = 5 * 1024 * 1024;
/// How much of a block ordinary transactions may fill. The rest is kept for revocations, denials and votes.
pub const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);
/// How much of a block its start uses on average.
pub const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(5);

/// How long a session of collators lasts (blocks).
pub const SESSION_PERIOD: BlockNumber = prod_or_fast!(6 * HOURS, MINUTES);
/// How long the consortium may vote on a motion (blocks).
pub const MOTION_DURATION: BlockNumber = prod_or_fast!(7 * DAYS, 10 * MINUTES);
/// How long anything that the consortium schedules must wait at least (blocks): the time in which members, patients
/// and operators can read a runtime upgrade before it can be authorised.
pub const SCHEDULING_DELAY: BlockNumber = prod_or_fast!(DAYS, 2 * MINUTES);
