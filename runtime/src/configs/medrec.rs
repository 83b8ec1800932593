//! Our own pallets: who is a member, who is whose patient, who may read what, who asked on chain.

use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU8},
};
use frame_system::offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase};
use medrec_primitives::{Moment, DAY_MS};
use sp_runtime::generic::Era;

use super::governance::Consortium;
use crate::{
    constants::deposit, Balance, Balances, Permissions, Relationships, Runtime, RuntimeCall,
    RuntimeHoldReason, Timestamp, TxExtension, UncheckedExtrinsic,
};

/// How many allowing rules a relationship may have.
const MAX_ALLOWS: u8 = 64;
/// How many denials a relationship may have.
const MAX_DENIALS: u8 = 16;
/// How many rules of either kind.
const MAX_RULES: u32 = MAX_ALLOWS as u32 + MAX_DENIALS as u32;
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
    /// Record with four custodians, key, account: what stays for ever (plancks).
    pub const RecordDeposit: Balance = deposit(3, 640);
    /// Eight pointers of 200 bytes and every rule of 300, keys in: what goes with the relationship (plancks).
    pub const UseDeposit: Balance = deposit(8 + MAX_RULES, 8 * 200 + MAX_RULES * 300);
    /// A request waits for a patient who looks in now and then (ms).
    pub const MaxRequestTerm: Moment = 30 * DAY_MS;
    /// A receipt can be read on chain for as long (ms).
    pub const ReceiptTerm: Moment = 30 * DAY_MS;
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
    type OnEnded = Permissions;
    type WeightInfo = pallet_relationships::weights::SubstrateWeight<Self>;
}

impl pallet_permissions::Config for Runtime {
    type MaxAllows = ConstU8<MAX_ALLOWS>;
    type MaxDenials = ConstU8<MAX_DENIALS>;
    type WeightInfo = pallet_permissions::weights::SubstrateWeight<Self>;
}

impl pallet_access::Config for Runtime {
    type MaxOpenPerRelationship = ConstU32<16>;
    type MaxOpenPerAsker = ConstU32<32>;
    type MaxRequestTerm = MaxRequestTerm;
    type ReceiptTerm = ReceiptTerm;
    type AnchorInterval = AnchorInterval;
    // A week of intervals.
    type AnchorsKept = ConstU32<1_008>;
    type WeightInfo = pallet_access::weights::SubstrateWeight<Self>;
}

// Transactions that nobody signs, because their calls carry the signature that counts: receipts.

impl<LocalCall> CreateTransactionBase<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type RuntimeCall = RuntimeCall;
    type Extrinsic = UncheckedExtrinsic;
}

impl<LocalCall> CreateTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    type Extension = TxExtension;

    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_transaction(call, extension)
    }
}

impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Runtime
where
    RuntimeCall: From<LocalCall>,
{
    /// Era, nonce and tip say nothing where nobody signs. The pool's own longevity bounds such a transaction.
    fn create_extension() -> TxExtension {
        TxExtension::new((
            frame_system::AuthorizeCall::new(),
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            pallet_relationships::extension::FreeCalls::new(Era::Immortal, 0),
            frame_system::CheckWeight::new(),
            pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
            frame_metadata_hash_extension::CheckMetadataHash::new(false),
        ))
    }
}
