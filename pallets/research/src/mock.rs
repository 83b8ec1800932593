//! A runtime with this pallet and what it stands on.
#![allow(clippy::unwrap_used)]

use core::cell::RefCell;

use frame_support::{
    parameter_types,
    traits::{ConstU32, ConstU64, ConstU8, Get, Hooks},
    weights::WeightMeter,
};
use medrec_primitives::{
    research::{AnswerKey, ClaimId, Credits, DuoPurposes, StudyId, TableId, TableKind, TableSpec},
    AccountId, MemberId, MemberRole, Moment, RelationshipId, SealedTerms, DAY_MS, TERMS_PLAINTEXT_BYTES,
};
use pallet_authorship::EventHandler;
use sp_runtime::Perbill;

use crate::{self as pallet_research, ledger::Ledger, Schedule};

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
    pub type Research = pallet_research;
}

/// How many people a member may have on its staff.
const MAX_STAFF: u32 = 3;
type KeyInUse = Relationships;

include!("../../mock.rs");

parameter_types! {
    pub const DefaultSchedule: Schedule =
        Schedule { era: 7 * DAY_MS, window: DAY_MS, answer: DAY_MS, grace: DAY_MS, epoch: DAY_MS };
    pub const ClaimTerm: Moment = 30 * DAY_MS;
    pub const DrawShare: Perbill = Perbill::from_percent(10);
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
    type OnEnded = Research;
    type OnCustodiansGone = ();
    type WeightInfo = ();
}

thread_local! {
    static BEACON: RefCell<Option<[u8; 32]>> = const { RefCell::new(Some([0; 32])) };
    static AUTHORITIES: RefCell<Vec<AccountId>> = const { RefCell::new(Vec::new()) };
}

/// What the beacon says, as the test has set it.
pub struct Beacon;
impl Get<Option<[u8; 32]>> for Beacon {
    fn get() -> Option<[u8; 32]> {
        BEACON.with_borrow(|beacon| *beacon)
    }
}

/// Who makes blocks, as the test has set it.
pub struct Authorities;
impl Get<Vec<AccountId>> for Authorities {
    fn get() -> Vec<AccountId> {
        AUTHORITIES.with_borrow(Clone::clone)
    }
}

impl pallet_research::Config for Test {
    type Escrow = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Authorities = Authorities;
    type Beacon = Beacon;
    type DefaultSchedule = DefaultSchedule;
    type EraPool = ConstU32<1_000>;
    type CreditCap = ConstU32<3_000>;
    type CreditLife = ConstU32<8>;
    type MaxCollators = ConstU32<2>;
    type MaxStudies = ConstU32<2>;
    type MaxTables = ConstU32<4>;
    type MaxEntries = ConstU32<3>;
    type DrawsPerWindow = ConstU32<2>;
    type MinRho = ConstU32<100>;
    type YearlyRho = ConstU32<100_000>;
    type LifetimeRho = ConstU32<1_000_000>;
    type AnswerDays = ConstU32<4>;
    type ClaimTerm = ClaimTerm;
    type DrawShare = DrawShare;
    type WeightInfo = ();
}

/// Midnight of a day on which an era of the mock begins (ms).
pub const START: Moment = 20_006 * DAY_MS;

/// Accounts 1 to 9 have 1,000 each, the deposit accounts of members 0 and 1 too; it is [`START`]. Collators 201 to 205 are nobody's.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut ext = ext_with((0..2).map(Relationships::deposit_account));
    ext.execute_with(|| {
        set_time(START);
        set_beacon(Some([0; 32]));
        set_authorities(201..206);
    });
    ext
}

/// Runs a test block, and checks all pallets' invariants after it.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        check();
    });
}

/// Checks all pallets' invariants.
pub fn check() {
    Registry::do_try_state().unwrap();
    Relationships::do_try_state().unwrap();
    Research::do_try_state().unwrap();
}

/// The chain's clock.
pub fn now() -> Moment {
    pallet_timestamp::Now::<Test>::get()
}

/// Sets what the beacon says.
pub fn set_beacon(said: Option<[u8; 32]>) {
    BEACON.with_borrow_mut(|beacon| *beacon = said);
}

/// Sets who makes blocks.
pub fn set_authorities(keys: impl IntoIterator<Item = u8>) {
    AUTHORITIES.with_borrow_mut(|all| *all = keys.into_iter().map(account).collect());
}

/// An admitted provider behind account `n`, whose gatekeeper has account `100 + n`.
pub fn provider(n: u8) -> MemberId {
    provider_with(n, account(100 + n))
}

/// An admitted researcher behind account `n`, with the approved collator `210 + n`.
pub fn researcher(n: u8) -> MemberId {
    let id = apply_with(n, MemberRole::Researcher, account(100 + n));
    Registry::admit(RuntimeOrigin::root(), id).unwrap();
    Research::register_collator(signed(n), account(210 + n)).unwrap();
    Research::accept_researcher(signed(210 + n), id).unwrap();
    Research::approve_collator(RuntimeOrigin::root(), account(210 + n)).unwrap();
    id
}

/// The collator of the researcher behind account `n` makes so many blocks.
pub fn author(n: u8, blocks: u32) {
    for _ in 0..blocks {
        <Research as EventHandler<AccountId, u64>>::note_author(account(210 + n));
    }
}

/// The researcher behind account `n` makes all blocks of an era: it has the pool's credits when that is over, which it is then.
pub fn earn(n: u8) {
    author(n, 1);
    set_time(now() + DefaultSchedule::get().era);
}

/// What the researcher behind account `n` could spend now.
pub fn credits(id: MemberId) -> Credits {
    Research::credits_of(id).spendable
}

/// An approved study of the researcher behind account `n`, for biomedical research.
pub fn study(n: u8) -> StudyId {
    let id = pallet_research::NextStudy::<Test>::get();
    let until = START + 4_000 * DAY_MS;
    Research::propose_study(signed(n), DuoPurposes::BIOMEDICAL, [n; 32], until).unwrap();
    Research::approve_study(RuntimeOrigin::root(), id).unwrap();
    id
}

/// A table of daily epochs from now on, of this price and rho.
pub fn table(rho: u32, price: Credits) -> TableSpec<u64> {
    TableSpec {
        kind: TableKind::Counts { cells: 12, per_person: 2 },
        definition: [9; 32],
        purposes: DuoPurposes(DuoPurposes::BIOMEDICAL.0 | DuoPurposes::DISEASE.0),
        first: now(),
        length: DAY_MS,
        epochs: 10,
        rho,
        price,
        fee: None,
    }
}

/// The provider behind account `n` plans these tables from now on; the first one's number.
pub fn plan(n: u8, tables: Vec<TableSpec<u64>>) -> TableId {
    let member = Registry::provider_of(&account(n)).unwrap();
    let first = pallet_research::NextTable::<Test>::get(member);
    Research::publish_plan(signed(n), now(), tables.try_into().unwrap(), None).unwrap();
    first
}

/// An epoch of a table of member 0.
pub fn key(table: TableId, epoch: u16) -> AnswerKey {
    AnswerKey { provider: 0, table, epoch }
}

/// A provider behind account 1 with one table of rho 5,000 and price 100, ten days old; a researcher behind account 2 with a study
/// and a purse that is full of one era's credits. The number of the study.
pub fn ready() -> StudyId {
    provider(1);
    let _ = researcher(2);
    plan(1, vec![table(5_000, 100)]);
    earn(2);
    set_time(START + 14 * DAY_MS);
    study(2)
}

/// Idle time, until all that can be drawn is.
pub fn idle() {
    Research::on_idle(System::block_number(), WeightMeter::new().limit());
}

/// Closes the window that is open, and draws it by what the beacon says second after that.
pub fn draw_by(said: u8) {
    set_time(now() + DefaultSchedule::get().window);
    for beacon in [said.wrapping_add(101), said.wrapping_add(102), said] {
        set_beacon(Some([beacon; 32]));
        set_time(now() + crate::BEACON_EVERY);
        idle();
    }
}

/// As [`draw_by`], by something.
pub fn draw() {
    draw_by(7);
}

/// The researcher behind account 2 claims an epoch of a table of member 0, and is granted it.
pub fn granted(study: StudyId, answer: AnswerKey) -> ClaimId {
    let claim = pallet_research::NextClaim::<Test>::get();
    Research::claim(signed(2), study, answer).unwrap();
    draw();
    assert!(pallet_research::Claims::<Test>::contains_key(claim), "granted");
    claim
}

/// Lets the time come at which an answer is due, and commits to it.
pub fn committed(answer: AnswerKey) {
    set_time(Research::answer(answer).unwrap().due);
    Research::commit(signed(1), answer.table, answer.epoch, [8; 32]).unwrap();
}

/// What a researcher could spend now, what is set aside, and its blocks of the running era.
pub fn earnings(id: MemberId) -> (Credits, Credits, u32) {
    let of = Research::credits_of(id);
    (of.spendable, of.set_aside, of.blocks)
}

/// The ledger of a provider.
pub fn ledger(provider: MemberId) -> Ledger {
    pallet_research::Ledgers::<Test>::get(provider)
}

/// The provider behind account 1 proposes to the patient's key, who accepts.
pub fn patient(key: u8) -> RelationshipId {
    Relationships::propose(signed(1), account(key), [7; 16]).unwrap();
    let id = pallet_relationships::Keys::<Test>::get(account(key)).unwrap().relationship;
    Relationships::accept(signed(key), id).unwrap();
    id
}

/// A choice that nobody can open.
pub fn choice(byte: u8) -> SealedTerms {
    SealedTerms { key: 0, enc: [1; 32], ciphertext: [byte; TERMS_PLAINTEXT_BYTES + 16], commitment: [3; 32] }
}

/// The last event is `event`.
pub fn assert_event(event: pallet_research::Event<Test>) {
    System::assert_last_event(RuntimeEvent::Research(event));
}
