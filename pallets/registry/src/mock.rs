//! A runtime with this pallet and what it stands on.
#![allow(clippy::unwrap_used)]

use frame_support::{derive_impl, parameter_types, traits::ConstU32};
use frame_system::EnsureRoot;
use medrec_primitives::{AccountId, MemberId, MemberRole, Moment, DAY_MS};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

use crate as pallet_registry;

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
    pub static MemberDeposit: u64 = 100;
    pub static StaffDeposit: u64 = 10;
    pub static GroupDeposit: u64 = 20;
    pub static KeysElsewhere: Vec<AccountId> = vec![];
}

pub struct Elsewhere;
impl frame_support::traits::Contains<AccountId> for Elsewhere {
    fn contains(key: &AccountId) -> bool {
        KeysElsewhere::get().contains(key)
    }
}

impl pallet_registry::Config for Test {
    type Time = Timestamp;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ConsortiumOrigin = EnsureRoot<AccountId>;
    type KeyInUse = Elsewhere;
    type MemberDeposit = MemberDeposit;
    type StaffDeposit = StaffDeposit;
    type GroupDeposit = GroupDeposit;
    type EmergencyRoleDelay = EmergencyRoleDelay;
    type MaxStaffTerm = MaxStaffTerm;
    type MaxStaff = ConstU32<3>;
    type MaxGroupsPerMember = ConstU32<2>;
    type WeightInfo = ();
}
/// The account whose key is `byte` repeated.
pub fn account(byte: u8) -> AccountId {
    AccountId::new([byte; 32])
}

/// Noon of some day (ms).
pub const NOON: Moment = 20_000 * DAY_MS + DAY_MS / 2;

/// Accounts 1 to 9 have 1,000 each; it is [`NOON`].
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    pallet_balances::GenesisConfig::<Test> {
        balances: (1..10).map(|n| (account(n), 1_000)).collect(),
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

/// Runs a test block, and checks the pallet's invariants after it.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        Registry::do_try_state().unwrap();
    });
}

/// Account `n` applies as `role` by the name "Member <n>", with gatekeeper's key `100 + n`.
pub fn apply(n: u8, role: MemberRole) -> MemberId {
    let id = pallet_registry::NextMember::<Test>::get();
    Registry::apply(
        RuntimeOrigin::signed(account(n)),
        role,
        format!("Member {}", (b'A' + n) as char).into_bytes().try_into().unwrap(),
        b"https://gatekeeper.example".to_vec().try_into().unwrap(),
        account(100 + n),
        [n; 32],
    )
    .unwrap();
    id
}

/// An admitted provider behind account `n`.
pub fn provider(n: u8) -> MemberId {
    let id = apply(n, MemberRole::Provider);
    Registry::admit(RuntimeOrigin::root(), id).unwrap();
    id
}

/// The last event is `event`.
pub fn assert_event(event: pallet_registry::Event<Test>) {
    System::assert_last_event(RuntimeEvent::Registry(event));
}
