//! A runtime with this pallet and what it stands on.
#![allow(clippy::unwrap_used)]

use frame_support::{
    derive_impl,
    dispatch::DispatchResult,
    parameter_types,
    traits::{ConstU32, ConstU64, ConstU8},
};
use frame_system::EnsureRoot;
use medrec_primitives::{
    AccountId, Custodian, CustodianRights, MemberId, MemberRole, Moment, RelationshipId, RelationshipStatus,
    DAY_MS,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

use crate::{self as pallet_relationships, KeyRole};

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
    type OnEnded = ();
    type OnCustodiansGone = ();
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

/// The last event is `event`.
pub fn assert_event(event: pallet_relationships::Event<Test>) {
    System::assert_last_event(RuntimeEvent::Relationships(event));
}

/// A custodian with these rights, from some time until another.
pub fn custodian(key: u8, rights: u8, not_before: Moment, not_after: Option<Moment>) -> Custodian {
    Custodian { key: account(key), rights: CustodianRights(rights), not_before, not_after }
}

/// Whoever signs sets the list of custodians.
pub fn set_custodians(who: u8, id: RelationshipId, list: &[Custodian]) -> DispatchResult {
    let list = list.to_vec().try_into().unwrap();
    Relationships::set_custodians(signed(who), id, list).map(|_| ()).map_err(|error| error.error)
}

/// What a key is.
pub fn role(key: u8) -> KeyRole {
    pallet_relationships::Keys::<Test>::get(account(key)).unwrap().role
}

/// Where a relationship stands.
pub fn status(id: RelationshipId) -> RelationshipStatus {
    Relationships::get(id).unwrap().status
}
