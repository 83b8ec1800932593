//! A runtime with this pallet and what it stands on.
#![allow(clippy::unwrap_used)]

use frame_support::{parameter_types, traits::ConstU32};
use medrec_primitives::{AccountId, MemberId, MemberRole, Moment, DAY_MS};

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

/// How many people a member may have on its staff.
const MAX_STAFF: u32 = 3;
type KeyInUse = Elsewhere;

include!("../../mock.rs");

parameter_types! {
    pub static KeysElsewhere: Vec<AccountId> = vec![];
}

pub struct Elsewhere;
impl frame_support::traits::Contains<AccountId> for Elsewhere {
    fn contains(key: &AccountId) -> bool {
        KeysElsewhere::get().contains(key)
    }
}

/// Accounts 1 to 9 have 1,000 each; it is [`NOON`].
pub fn new_test_ext() -> sp_io::TestExternalities {
    ext_with([])
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
    apply_with(n, role, account(100 + n))
}

/// An admitted provider behind account `n`.
pub fn provider(n: u8) -> MemberId {
    provider_with(n, account(100 + n))
}

/// The last event is `event`.
pub fn assert_event(event: pallet_registry::Event<Test>) {
    System::assert_last_event(RuntimeEvent::Registry(event));
}
