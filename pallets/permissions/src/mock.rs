//! A runtime with this pallet and what it stands on.
#![allow(clippy::unwrap_used)]

use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU32, ConstU64, ConstU8},
};
use frame_system::EnsureRoot;
use medrec_primitives::{
    AccountId, MemberId, MemberRole, Moment, RelationshipId, StaffId, StaffRole, Viewer, DAY_MS,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage, Perbill};

use crate as pallet_permissions;

type Block = frame_system::mocking::MockBlock<Test>;

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
    type MaxStaff = ConstU32<6>;
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
    type MaxShared = ConstU8<6>;
    type MaxChildren = ConstU8<2>;
    type GlassDuration = GlassDuration;
    type MaxGlasses = ConstU32<2>;
    type BreaksPerStaff = ConstU8<2>;
    type BreaksPerMember = ConstU32<3>;
    type MaxOpenReviews = ConstU32<4>;
    type ExpiryShare = ExpiryShare;
    type WeightInfo = ();
}

/// The account whose key is `byte` repeated.
pub fn account(byte: u8) -> AccountId {
    AccountId::new([byte; 32])
}

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
    });
}

/// An admitted provider behind account `n`, whose gatekeeper has key `100 + n`.
pub fn provider(n: u8) -> MemberId {
    let id = pallet_registry::NextMember::<Test>::get();
    Registry::apply(
        signed(n),
        MemberRole::Provider,
        format!("Member {}", (b'A' + n) as char).into_bytes().try_into().unwrap(),
        b"https://gatekeeper.example".to_vec().try_into().unwrap(),
        account(100 + n),
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

/// The member of account `provider` puts account `key` on its staff; the role is in force at once.
pub fn staff(provider: u8, key: u8, role: StaffRole) -> StaffId {
    let until = pallet_timestamp::Now::<Test>::get() + 100 * DAY_MS;
    Registry::add_staff(signed(provider), account(key), role, until).unwrap();
    let id = pallet_registry::StaffKeys::<Test>::get(account(key)).unwrap();
    pallet_registry::StaffOf::<Test>::mutate(id.member, id.index, |staff| staff.as_mut().unwrap().from = 0);
    id
}

/// The key of account `n` as a viewer.
pub fn key(n: u8) -> Viewer {
    Viewer::Key(account(n))
}

/// The events of this pallet since the last call.
pub fn take_events() -> Vec<pallet_permissions::Event<Test>> {
    let events = System::events();
    System::reset_events();
    let ours = |event| if let RuntimeEvent::Permissions(event) = event { Some(event) } else { None };
    events.into_iter().filter_map(|record| ours(record.event)).collect()
}

/// The last event is `event`.
pub fn assert_event(event: pallet_permissions::Event<Test>) {
    System::assert_last_event(RuntimeEvent::Permissions(event));
}
