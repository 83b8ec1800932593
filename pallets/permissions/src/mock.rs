//! A runtime with this pallet and what it stands on.
#![allow(clippy::unwrap_used)]

use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU64, ConstU8},
};
use medrec_primitives::{
    AccountId, MemberId, MemberRole, Moment, RelationshipId, StaffId, StaffRole, Viewer, DAY_MS,
};
use sp_runtime::Perbill;

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

/// How many people a member may have on its staff.
const MAX_STAFF: u32 = 6;
type KeyInUse = Relationships;

include!("../../mock.rs");

parameter_types! {
    pub const GlassDuration: Moment = 4 * 60 * 60 * 1000;
    pub const ExpiryShare: Perbill = Perbill::from_percent(10);
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

/// Accounts 1 to 9 have 1,000 each, the deposit accounts of members 0 and 1 too; it is [`NOON`].
pub fn new_test_ext() -> sp_io::TestExternalities {
    ext_with((0..2).map(Relationships::deposit_account))
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
    provider_with(n, account(100 + n))
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
