//! Who makes blocks, and how they become part of the relay chain.

use cumulus_pallet_parachain_system::RelayNumberMonotonicallyIncreases;
use cumulus_primitives_core::AggregateMessageOrigin;
use frame_support::{
    parameter_types,
    traits::{ConstBool, ConstU32, ConstU64, EitherOfDiverse, EnqueueWithOrigin},
    weights::Weight,
    PalletId,
};
use frame_system::EnsureRoot;
use pallet_collator_selection::IdentityCollator;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::traits::OpaqueKeys;

use super::{governance::TwoThirdsOfCouncil, research::MajorityOfProviders};
use crate::{
    constants::{
        deposit, BLOCK_PROCESSING_VELOCITY, MAXIMUM_BLOCK_WEIGHT, RELAY_CHAIN_SLOT_DURATION,
        RELAY_PARENT_OFFSET, SESSION_PERIOD, SLOT_DURATION, UNINCLUDED_SEGMENT_CAPACITY,
    },
    AccountId, Aura, Balance, Balances, BlockNumber, CollatorSelection, MessageQueue, Research, Runtime,
    RuntimeEvent, Session, SessionKeys, XcmpQueue,
};

/// Decides which blocks may be built on which: one for each relay chain block, up to three not yet included.
pub type ConsensusHook = cumulus_pallet_aura_ext::FixedVelocityConsensusHook<
    Runtime,
    RELAY_CHAIN_SLOT_DURATION,
    BLOCK_PROCESSING_VELOCITY,
    UNINCLUDED_SEGMENT_CAPACITY,
>;

parameter_types! {
    /// What messages from siblings may weigh in a block.
    pub const ReservedXcmpWeight: Weight = MAXIMUM_BLOCK_WEIGHT.saturating_div(4);
    /// What messages from the relay chain may weigh in a block.
    pub const ReservedDmpWeight: Weight = MAXIMUM_BLOCK_WEIGHT.saturating_div(4);
    /// Where messages from the relay chain queue.
    pub const RelayOrigin: AggregateMessageOrigin = AggregateMessageOrigin::Parent;
    /// How long a session lasts (blocks).
    pub const Period: BlockNumber = SESSION_PERIOD;
    /// When the first session ends (blocks).
    pub const Offset: BlockNumber = 0;
    /// Whose account pays collators.
    pub const PotId: PalletId = PalletId(*b"PotStake");
    /// Held from a collator for its session keys (plancks).
    pub const SessionKeyDeposit: Balance = deposit(2, 128);
}

impl cumulus_pallet_parachain_system::Config for Runtime {
    type WeightInfo = cumulus_pallet_parachain_system::weights::SubstrateWeight<Self>;
    type RuntimeEvent = RuntimeEvent;
    type OnSystemEvent = ();
    type SelfParaId = parachain_info::Pallet<Runtime>;
    type OutboundXcmpMessageSource = XcmpQueue;
    type DmpQueue = EnqueueWithOrigin<MessageQueue, RelayOrigin>;
    type ReservedDmpWeight = ReservedDmpWeight;
    type XcmpMessageHandler = XcmpQueue;
    type ReservedXcmpWeight = ReservedXcmpWeight;
    type CheckAssociatedRelayNumber = RelayNumberMonotonicallyIncreases;
    type ConsensusHook = ConsensusHook;
    type RelayParentOffset = ConstU32<RELAY_PARENT_OFFSET>;
    type SchedulingSignatureVerifier = ();
}

impl parachain_info::Config for Runtime {}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Aura>;
    type EventHandler = (CollatorSelection, Research);
}

impl pallet_collator_selection::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Currency = Balances;
    // Collators are approved by the consortium: the number of candidates by bond is 0 until it votes otherwise.
    type UpdateOrigin = EitherOfDiverse<EnsureRoot<AccountId>, TwoThirdsOfCouncil>;
    type PotId = PotId;
    type MaxCandidates = ConstU32<100>;
    type MinEligibleCollators = ConstU32<1>;
    type MaxInvulnerables = ConstU32<50>;
    // A multiple of the session, else collators could be kicked within one.
    type KickThreshold = Period;
    type ValidatorId = AccountId;
    type ValidatorIdOf = IdentityCollator;
    type ValidatorRegistration = Session;
    type WeightInfo = pallet_collator_selection::weights::SubstrateWeight<Self>;
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = IdentityCollator;
    type ShouldEndSession = pallet_session::PeriodicSessions<Period, Offset>;
    type NextSessionRotation = pallet_session::PeriodicSessions<Period, Offset>;
    type SessionManager = MajorityOfProviders;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type WeightInfo = pallet_session::weights::SubstrateWeight<Self>;
    type Currency = Balances;
    type KeyDeposit = SessionKeyDeposit;
}

impl pallet_aura::Config for Runtime {
    type AuthorityId = AuraId;
    type DisabledValidators = ();
    // As many as collators can be: invulnerables and candidates.
    type MaxAuthorities = ConstU32<150>;
    type AllowMultipleBlocksPerSlot = ConstBool<true>;
    type SlotDuration = ConstU64<SLOT_DURATION>;
}

impl cumulus_pallet_aura_ext::Config for Runtime {}
