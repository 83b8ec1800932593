//! Our own pallets: who is a member, who is whose patient, who may read what, who asked on chain.

use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU8},
};
use medrec_primitives::{Moment, DAY_MS};
use sp_runtime::Perbill;

use super::{governance::Consortium, research::OnEnded};
use crate::{
    constants::deposit, Balance, Balances, Permissions, Relationships, Research, Runtime, RuntimeHoldReason,
    Timestamp,
};

/// How many allowing rules of the patient's a relationship may have.
const MAX_ALLOWS: u8 = 64;
/// How many denials a relationship may have.
const MAX_DENIALS: u8 = 16;
/// How many rules of a relationship may be shared onward from others.
const MAX_SHARED: u8 = 32;
/// How many rules of any kind.
const MAX_RULES: u32 = MAX_ALLOWS as u32 + MAX_DENIALS as u32 + MAX_SHARED as u32;
/// How many persons may have broken the glass of a relationship at the same time.
const MAX_GLASSES: u32 = 8;
/// Of how many requests by the patient's side receipts are kept.
const MAX_OWN_RECEIPTS: u32 = 16;
/// How many keys a relationship may ever have.
const MAX_KEYS: u32 =
    pallet_relationships::MAX_PATIENT_KEYS as u32 + pallet_relationships::MAX_CUSTODIAN_KEYS as u32;
/// Free calls of a patient's key in a day, those that narrow access not counted.
const FREE_CALLS: u8 = 32;
/// Free calls that narrow access: enough to take back every rule in one day.
const NARROWING_CALLS: u8 = 120;
const _: () = assert!(NARROWING_CALLS as u32 >= MAX_RULES);

/// How many rules may be shared onward from one.
const MAX_CHILDREN: u8 = 8;
/// How often one person may break the glass in a day.
const BREAKS_PER_STAFF: u8 = 24;
/// How often a member's staff may, all together.
const BREAKS_PER_MEMBER: u32 = 400;
/// How many of these may wait for review: those of a month of such days.
const MAX_OPEN_REVIEWS: u32 = 30 * BREAKS_PER_MEMBER;
/// Free calls of a person on a staff in a day: every break, as many that fail, and some to share.
const STAFF_CALLS: u8 = 64;
/// Free calls of a person on a staff that narrow access: closing every break, and taking back what was shared.
const STAFF_NARROWING: u8 = 64;
const _: () = assert!(STAFF_CALLS >= 2 * BREAKS_PER_STAFF && STAFF_NARROWING >= BREAKS_PER_STAFF);

parameter_types! {
    /// Record, name, two accounts, a sealing key (plancks).
    pub const MemberDeposit: Balance = deposit(5, 720);
    /// Record, key, account, allowance of free calls (plancks).
    pub const StaffDeposit: Balance = deposit(4, 450);
    /// Record, first entries (plancks).
    pub const GroupDeposit: Balance = deposit(2, 256);
    /// A colleague's new emergency role can be seen and contested before it opens anything (ms).
    pub const EmergencyRoleDelay: Moment = DAY_MS;
    /// Staff keys are renewed every two years at the latest (ms).
    pub const MaxStaffTerm: Moment = 731 * DAY_MS;
    /// Record with four custodians; a tombstone and an account for each key that it may ever have: what stays for ever
    /// (plancks).
    pub const RecordDeposit: Balance = deposit(1 + 2 * MAX_KEYS, 480 + MAX_KEYS * 260);
    /// Eight pointers of 205 bytes, every rule of 300, who shared each that may be shared with 80, one entry for all broken
    /// glasses, a handover, a step-in, a rekey, a suspension and a choice of what is released; receipts of its own side's requests, each with its due date,
    /// and their list; keys in: what goes with the relationship (plancks).
    pub const UseDeposit: Balance = deposit(
        15 + MAX_RULES + MAX_SHARED as u32 + 2 * MAX_OWN_RECEIPTS,
        8 * 205
            + MAX_RULES * 300
            + MAX_SHARED as u32 * 80
            + 60
            + MAX_GLASSES * 40
            + 440
            + MAX_OWN_RECEIPTS * 225
            + 60
            + 230,
    );
    /// A glass is broken for a shift's half; who needs longer breaks it again (ms).
    pub const GlassDuration: Moment = 4 * 60 * 60 * 1000;
    /// What idle time goes to clearing what has expired.
    pub const ExpiryShare: Perbill = Perbill::from_percent(10);
    /// A request waits for a patient who looks in now and then (ms).
    pub const MaxRequestTerm: Moment = 30 * DAY_MS;
    /// A receipt can be read on chain for as long (ms).
    pub const ReceiptTerm: Moment = 30 * DAY_MS;
    /// What idle time goes to clearing requests and receipts whose time is over.
    pub const SweepShare: Perbill = Perbill::from_percent(10);
    /// What changed within ten minutes cannot be told apart (ms).
    pub const AnchorInterval: Moment = 10 * 60 * 1_000;
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
    type StaffCallsPerDay = ConstU8<STAFF_CALLS>;
    type StaffNarrowingPerDay = ConstU8<STAFF_NARROWING>;
    type OnEnded = OnEnded;
    type OnCustodiansGone = Permissions;
    type WeightInfo = pallet_relationships::weights::SubstrateWeight<Self>;
}

impl pallet_permissions::Config for Runtime {
    type MaxAllows = ConstU8<MAX_ALLOWS>;
    type MaxDenials = ConstU8<MAX_DENIALS>;
    type MaxShared = ConstU8<MAX_SHARED>;
    type MaxChildren = ConstU8<MAX_CHILDREN>;
    type GlassDuration = GlassDuration;
    type MaxGlasses = ConstU32<MAX_GLASSES>;
    type BreaksPerStaff = ConstU8<BREAKS_PER_STAFF>;
    type BreaksPerMember = ConstU32<BREAKS_PER_MEMBER>;
    type MaxOpenReviews = ConstU32<MAX_OPEN_REVIEWS>;
    type ExpiryShare = ExpiryShare;
    type WeightInfo = pallet_permissions::weights::SubstrateWeight<Self>;
}

impl pallet_access::Config for Runtime {
    type MaxOpenPerRelationship = ConstU32<16>;
    type MaxOpenPerAsker = ConstU32<32>;
    type MaxRequestTerm = MaxRequestTerm;
    type ReceiptTerm = ReceiptTerm;
    type MaxOwnReceipts = ConstU32<MAX_OWN_RECEIPTS>;
    type SweepShare = SweepShare;
    type AnchorInterval = AnchorInterval;
    // A week of intervals.
    type AnchorsKept = ConstU32<1_008>;
    type OnAnchored = Research;
    type WeightInfo = pallet_access::weights::SubstrateWeight<Self>;
}
