// What the runtimes of all pallets' tests have in common. Each pallet's `mock.rs` includes this file, and says besides what is
// its own: `Block`, `KeyInUse`, and the number `MAX_STAFF`.

use frame_support::derive_impl;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId;
    type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

frame_support::parameter_types! {
    pub static MemberDeposit: u64 = 100;
    pub static StaffDeposit: u64 = 10;
    pub static GroupDeposit: u64 = 20;
    pub const EmergencyRoleDelay: Moment = DAY_MS;
    pub const MaxStaffTerm: Moment = 400 * DAY_MS;
}

impl pallet_registry::Config for Test {
    type Time = Timestamp;
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type ConsortiumOrigin = frame_system::EnsureRoot<AccountId>;
    type KeyInUse = KeyInUse;
    type MemberDeposit = MemberDeposit;
    type StaffDeposit = StaffDeposit;
    type GroupDeposit = GroupDeposit;
    type EmergencyRoleDelay = EmergencyRoleDelay;
    type MaxStaffTerm = MaxStaffTerm;
    type MaxStaff = ConstU32<MAX_STAFF>;
    type MaxGroupsPerMember = ConstU32<2>;
    type WeightInfo = ();
}

/// The account whose key is `byte` repeated.
pub fn account(byte: u8) -> AccountId {
    AccountId::new([byte; 32])
}

/// Account `n` signs.
pub fn signed(n: u8) -> RuntimeOrigin {
    RuntimeOrigin::signed(account(n))
}

/// Noon of some day (ms).
pub const NOON: Moment = 20_000 * DAY_MS + DAY_MS / 2;

/// Sets the chain's clock.
pub fn set_time(now: Moment) {
    pallet_timestamp::Now::<Test>::put(now);
}

/// Accounts 1 to 9, and those given, have 1,000 each; it is [`NOON`].
fn ext_with(others: impl IntoIterator<Item = AccountId>) -> sp_io::TestExternalities {
    use sp_runtime::BuildStorage;
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    pallet_balances::GenesisConfig::<Test> {
        balances: (1..10).map(account).chain(others).map(|account| (account, 1_000)).collect(),
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

/// Account `n` applies as `role`, with a gatekeeper that has this key.
fn apply_with(n: u8, role: MemberRole, gatekeeper: AccountId) -> MemberId {
    let id = pallet_registry::NextMember::<Test>::get();
    Registry::apply(
        signed(n),
        role,
        format!("Member {}", (b'A' + n) as char).into_bytes().try_into().unwrap(),
        b"https://gatekeeper.example".to_vec().try_into().unwrap(),
        gatekeeper,
        [n; 32],
    )
    .unwrap();
    id
}

/// An admitted provider behind account `n`, with a gatekeeper that has this key.
fn provider_with(n: u8, gatekeeper: AccountId) -> MemberId {
    let id = apply_with(n, MemberRole::Provider, gatekeeper);
    Registry::admit(RuntimeOrigin::root(), id).unwrap();
    id
}

/// The call fails like this, and changes nothing.
pub fn refused(
    call: impl Into<RuntimeCall>,
    origin: RuntimeOrigin,
    error: impl Into<sp_runtime::DispatchError>,
) {
    use sp_runtime::{traits::Dispatchable, StateVersion};
    let call = call.into();
    let before = sp_io::storage::root(StateVersion::V1);
    let result = call.clone().dispatch(origin);
    assert_eq!(result.map(drop).map_err(|failed| failed.error), Err(error.into()), "{call:?}");
    assert_eq!(sp_io::storage::root(StateVersion::V1), before, "{call:?}");
}
