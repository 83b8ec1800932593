//! A runtime with this pallet and what it stands on.
#![allow(clippy::unwrap_used)]

use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU32, ConstU64, ConstU8},
};
use frame_system::{
    offchain::{CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase},
    EnsureRoot,
};
use medrec_primitives::{
    AccountId, GrantTerms, MemberId, MemberRole, Moment, RelationshipId, RequestId, SealedQuestion,
    Settlement, SignedReceipt, StaffRole, Viewer, DAY_MS, TERMS_PLAINTEXT_BYTES,
};
use sp_core::{sr25519, Pair};
use sp_runtime::{
    generic,
    traits::{BlakeTwo256, IdentityLookup},
    BuildStorage, MultiSignature, Perbill,
};

use crate as pallet_access;

/// What transactions carry: what authorises receipts.
pub type TxExtension = frame_system::AuthorizeCall<Test>;
/// A transaction.
pub type Extrinsic = generic::UncheckedExtrinsic<AccountId, RuntimeCall, MultiSignature, TxExtension>;
type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(3)]
    pub type Registry = pallet_registry;
    #[runtime::pallet_index(4)]
    pub type Relationships = pallet_relationships;
    #[runtime::pallet_index(5)]
    pub type Permissions = pallet_permissions;
    #[runtime::pallet_index(6)]
    pub type Access = pallet_access;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

parameter_types! {
    pub const EmergencyRoleDelay: Moment = DAY_MS;
    pub const MaxStaffTerm: Moment = 400 * DAY_MS;
    pub const GlassDuration: Moment = 4 * 60 * 60 * 1000;
    pub const ExpiryShare: Perbill = Perbill::from_percent(10);
    pub const MaxRequestTerm: Moment = 7 * DAY_MS;
    pub const ReceiptTerm: Moment = 30 * DAY_MS;
    pub const SweepShare: Perbill = Perbill::from_percent(10);
    pub const AnchorInterval: Moment = INTERVAL;
}

impl pallet_registry::Config for Test {
    type Time = Timestamp;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ConsortiumOrigin = EnsureRoot<AccountId>;
    type KeyInUse = Relationships;
    type MemberDeposit = ConstU64<100>;
    type StaffDeposit = ConstU64<10>;
    type GroupDeposit = ConstU64<20>;
    type EmergencyRoleDelay = EmergencyRoleDelay;
    type MaxStaffTerm = MaxStaffTerm;
    type MaxStaff = ConstU32<3>;
    type MaxGroupsPerMember = ConstU32<2>;
    type WeightInfo = ();
}

impl pallet_relationships::Config for Test {
    type Deposits = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RecordDeposit = ConstU64<40>;
    type UseDeposit = ConstU64<60>;
    type FreeCallsPerDay = ConstU8<3>;
    type NarrowingCallsPerDay = ConstU8<2>;
    type StaffCallsPerDay = ConstU8<3>;
    type StaffNarrowingPerDay = ConstU8<2>;
    type OnEnded = Permissions;
    type OnCustodiansGone = Permissions;
    type WeightInfo = ();
}

impl pallet_permissions::Config for Test {
    type MaxAllows = ConstU8<4>;
    type MaxDenials = ConstU8<2>;
    type MaxShared = ConstU8<2>;
    type MaxChildren = ConstU8<2>;
    type GlassDuration = GlassDuration;
    type MaxGlasses = ConstU32<2>;
    type BreaksPerStaff = ConstU8<2>;
    type BreaksPerMember = ConstU32<3>;
    type MaxOpenReviews = ConstU32<4>;
    type ExpiryShare = ExpiryShare;
    type WeightInfo = ();
}

impl pallet_access::Config for Test {
    type MaxOpenPerRelationship = ConstU32<3>;
    type MaxOpenPerAsker = ConstU32<2>;
    type MaxRequestTerm = MaxRequestTerm;
    type ReceiptTerm = ReceiptTerm;
    type MaxOwnReceipts = ConstU32<3>;
    type SweepShare = SweepShare;
    type AnchorInterval = AnchorInterval;
    type AnchorsKept = ConstU32<3>;
    type OnAnchored = ();
    type WeightInfo = ();
}

impl<LocalCall> CreateTransactionBase<LocalCall> for Test
where
    RuntimeCall: From<LocalCall>,
{
    type RuntimeCall = RuntimeCall;
    type Extrinsic = Extrinsic;
}

impl<LocalCall> CreateTransaction<LocalCall> for Test
where
    RuntimeCall: From<LocalCall>,
{
    type Extension = TxExtension;

    fn create_transaction(call: RuntimeCall, extension: TxExtension) -> Extrinsic {
        Extrinsic::new_transaction(call, extension)
    }
}

impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Test
where
    RuntimeCall: From<LocalCall>,
{
    fn create_extension() -> TxExtension {
        TxExtension::new()
    }
}

/// The account whose key is `byte` repeated.
pub fn account(byte: u8) -> AccountId {
    AccountId::new([byte; 32])
}

/// Ten minutes (ms).
pub const INTERVAL: Moment = 600_000;

/// Noon of some day (ms).
pub const NOON: Moment = 20_000 * DAY_MS + DAY_MS / 2;

/// Accounts 1 to 9 have 1,000 each, the deposit accounts of members 0 and 1 too; it is [`NOON`].
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    let deposits = (0..2).map(|member| (Relationships::deposit_account(member), 1_000));
    pallet_balances::GenesisConfig::<Test> {
        balances: (1..10).map(|n| (account(n), 1_000)).chain(deposits).collect(),
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .unwrap();
    let mut ext = sp_io::TestExternalities::from(storage);
    ext.execute_with(|| {
        System::set_block_number(1);
        set_time(NOON);
    });
    ext
}

/// Sets the chain's clock.
pub fn set_time(now: Moment) {
    pallet_timestamp::Now::<Test>::put(now);
}

/// Runs a test block, and checks all pallets' invariants after it.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        Registry::do_try_state().unwrap();
        Relationships::do_try_state().unwrap();
        Permissions::do_try_state().unwrap();
        Access::do_try_state().unwrap();
    });
}

/// An admitted provider behind account `n`, whose gatekeeper has [`gatekeeper`]`(n)`.
pub fn provider(n: u8) -> MemberId {
    let id = pallet_registry::NextMember::<Test>::get();
    Registry::apply(
        signed(n),
        MemberRole::Provider,
        format!("Member {}", (b'A' + n) as char).into_bytes().try_into().unwrap(),
        b"https://gatekeeper.example".to_vec().try_into().unwrap(),
        gatekeeper(n).public().into(),
        [n; 32],
    )
    .unwrap();
    Registry::admit(RuntimeOrigin::root(), id).unwrap();
    id
}

/// Account `n` signs.
pub fn signed(n: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(n))
}

/// The provider behind account `provider` proposes to the patient's key `patient`.
pub fn proposed(provider: u8, patient: u8) -> RelationshipId {
    Relationships::propose(signed(provider), account(patient), [7; 16]).unwrap();
    pallet_relationships::Keys::<Test>::get(account(patient)).unwrap().relationship
}

/// As [`proposed`], and the patient accepts.
pub fn active(provider: u8, patient: u8) -> RelationshipId {
    let id = proposed(provider, patient);
    Relationships::accept(signed(patient), id).unwrap();
    id
}

/// The key of the gatekeeper of the provider behind account `n`.
pub fn gatekeeper(n: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[n; 32])
}

/// A question that nobody can open.
pub fn question() -> SealedQuestion {
    SealedQuestion { key: 0, enc: [1; 32], ciphertext: [2; TERMS_PLAINTEXT_BYTES + 16], commitment: [3; 32] }
}

/// The patient behind key 50 allows key `viewer` everything.
pub fn allow(id: RelationshipId, viewer: u8) {
    let viewer = Viewer::Key(account(viewer));
    Permissions::grant(signed(50), id, viewer, GrantTerms::Everything, None, None, false).unwrap();
}

/// The patient behind key 50 allows key `viewer` something sealed.
pub fn allow_sealed(id: RelationshipId, viewer: u8) {
    let viewer = Viewer::Key(account(viewer));
    Permissions::grant(signed(50), id, viewer, GrantTerms::Sealed(question()), None, None, false).unwrap();
}

/// Key `n` joins the staff of the member behind account `member`.
pub fn staff(member: u8, n: u8) {
    Registry::add_staff(signed(member), account(n), StaffRole::Clinician, NOON + 300 * DAY_MS).unwrap();
}

/// Key `asker` asks, for a day.
pub fn ask(asker: u8, id: RelationshipId) -> RequestId {
    let index = pallet_access::NextIndex::<Test>::get(id.member);
    let until = pallet_timestamp::Now::<Test>::get() + DAY_MS;
    Access::request(signed(asker), id, question(), until).unwrap();
    RequestId::new(id.member, index)
}

/// A request of key 70, ready for the gatekeeper of the provider behind account 1.
pub fn ready() -> RequestId {
    provider(1);
    let id = active(1, 50);
    allow(id, 70);
    ask(70, id)
}

/// A receipt by the gatekeeper of the provider behind account `n`.
pub fn receipt(n: u8, request: RequestId, settlement: Settlement) -> SignedReceipt {
    let digest = [9; 32];
    let message = Access::receipt_message(request, settlement, &digest);
    SignedReceipt { request, settlement, digest, signature: gatekeeper(n).sign(&message).0 }
}

/// The last event is `event`.
pub fn assert_event(event: pallet_access::Event<Test>) {
    System::assert_last_event(RuntimeEvent::Access(event));
}

/// The patient names one custodian.
pub fn add_custodian(id: RelationshipId, custodian: medrec_primitives::Custodian) {
    let patient = Relationships::get(id).unwrap().patient;
    let custodians = vec![custodian].try_into().unwrap();
    Relationships::set_custodians(RuntimeOrigin::signed(patient), id, custodians).unwrap();
}
