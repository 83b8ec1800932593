//! Our own pallets: who is a member, who is whose patient, who may read what.

use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU8},
};
use medrec_primitives::{Moment, DAY_MS};

use super::governance::Consortium;
use crate::{
    constants::deposit, Balance, Balances, Permissions, Relationships, Runtime, RuntimeHoldReason, Timestamp,
};

/// How many allowing rules a relationship may have.
const MAX_ALLOWS: u8 = 64;
/// How many denials a relationship may have.
const MAX_DENIALS: u8 = 16;
/// How many rules of either kind.
const MAX_RULES: u32 = MAX_ALLOWS as u32 + MAX_DENIALS as u32;
/// How many keys a relationship may ever have.
const MAX_KEYS: u32 =
    pallet_relationships::MAX_PATIENT_KEYS as u32 + pallet_relationships::MAX_CUSTODIAN_KEYS as u32;
/// Free calls of a patient's key in a day, those that narrow access not counted.
const FREE_CALLS: u8 = 32;
/// Free calls that narrow access: enough to take back every rule in one day.
const NARROWING_CALLS: u8 = 100;
const _: () = assert!(NARROWING_CALLS as u32 >= MAX_RULES);

parameter_types! {
    /// Record, name, two accounts, a sealing key (plancks).
    pub const MemberDeposit: Balance = deposit(5, 720);
    /// Record, key, account (plancks).
    pub const StaffDeposit: Balance = deposit(3, 360);
    /// Record, first entries (plancks).
    pub const GroupDeposit: Balance = deposit(2, 256);
    /// A colleague's new emergency role can be seen and contested before it opens anything (ms).
    pub const EmergencyRoleDelay: Moment = DAY_MS;
    /// Staff keys are renewed every two years at the latest (ms).
    pub const MaxStaffTerm: Moment = 731 * DAY_MS;
    /// Record with four custodians; a tombstone and an account for each key that it may ever have: what stays for ever
    /// (plancks).
    pub const RecordDeposit: Balance = deposit(1 + 2 * MAX_KEYS, 480 + MAX_KEYS * 260);
    /// Eight pointers of 205 bytes and every rule of 300, a handover, a step-in and a rekey, keys in: what goes with the
    /// relationship (plancks).
    pub const UseDeposit: Balance = deposit(11 + MAX_RULES, 8 * 205 + MAX_RULES * 300 + 320);
}

impl pallet_registry::Config for Runtime {
    type Time = Timestamp;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ConsortiumOrigin = Consortium;
    type KeyInUse = Relationships;
    type MemberDeposit = MemberDeposit;
    type StaffDeposit = StaffDeposit;
    type GroupDeposit = GroupDeposit;
    type EmergencyRoleDelay = EmergencyRoleDelay;
    type MaxStaffTerm = MaxStaffTerm;
    type MaxStaff = ConstU32<10_000>;
    type MaxGroupsPerMember = ConstU32<32>;
    type WeightInfo = pallet_registry::weights::SubstrateWeight<Self>;
}

impl pallet_relationships::Config for Runtime {
    type Deposits = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RecordDeposit = RecordDeposit;
    type UseDeposit = UseDeposit;
    type FreeCallsPerDay = ConstU8<FREE_CALLS>;
    type NarrowingCallsPerDay = ConstU8<NARROWING_CALLS>;
    type OnEnded = Permissions;
    type WeightInfo = pallet_relationships::weights::SubstrateWeight<Self>;
}

impl pallet_permissions::Config for Runtime {
    type MaxAllows = ConstU8<MAX_ALLOWS>;
    type MaxDenials = ConstU8<MAX_DENIALS>;
    type WeightInfo = pallet_permissions::weights::SubstrateWeight<Self>;
}
