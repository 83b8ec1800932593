//! A runtime with this pallet and what it stands on.
#![allow(clippy::unwrap_used)]

use frame_support::{
    dispatch::DispatchResult,
    traits::{ConstU32, ConstU64, ConstU8},
};
use medrec_primitives::{
    AccountId, Custodian, CustodianRights, MemberId, MemberRole, Moment, RelationshipId, RelationshipStatus,
    DAY_MS,
};

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

/// How many people a member may have on its staff.
const MAX_STAFF: u32 = 3;
type KeyInUse = Relationships;

include!("../../mock.rs");

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
