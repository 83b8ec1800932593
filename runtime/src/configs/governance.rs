//! The consortium of providers, and its way to root.
//!
//! There is no superuser. Two thirds of the Council admit, suspend and remove members and decide who sits in the
//! Council. What needs root goes: motion -> `Whitelist::whitelist_call` of the call's hash; motion ->
//! `Scheduler::schedule_after` (see [`super::scheduling`] for the delay) -> `Whitelist::dispatch_whitelisted_call`,
//! which dispatches as root. A runtime upgrade is such a call: `System::authorize_upgrade`, after which anyone may
//! apply the code at once; hence the delay stands before it.

use core::cmp::Ordering;

use frame_support::{
    parameter_types,
    traits::{fungible::HoldConsideration, ConstU32, EitherOfDiverse, LinearStoragePrice, PrivilegeCmp},
    weights::Weight,
};
use frame_system::{EnsureRoot, RawOrigin};
use sp_runtime::Perbill;

use super::{scheduling::Scheduled, system::RuntimeBlockWeights};
use crate::{
    constants::{deposit, MOTION_DURATION},
    AccountId, Balance, Balances, BlockNumber, Council, OriginCaller, Preimage, Runtime, RuntimeCall,
    RuntimeEvent, RuntimeHoldReason, RuntimeOrigin, System,
};

/// The collective of the consortium's members who vote.
pub type CouncilCollective = pallet_collective::Instance1;
/// The membership of the Council.
pub type CouncilMembershipInstance = pallet_membership::Instance1;
/// A motion that at least two thirds of the Council voted for.
pub type TwoThirdsOfCouncil = pallet_collective::EnsureProportionAtLeast<AccountId, CouncilCollective, 2, 3>;
/// Root, or two thirds of the Council.
pub type Consortium = EitherOfDiverse<EnsureRoot<AccountId>, TwoThirdsOfCouncil>;

parameter_types! {
    /// How long a motion is open (blocks).
    pub const MotionDuration: BlockNumber = MOTION_DURATION;
    /// What a motion's call may weigh.
    pub MaxProposalWeight: Weight = Perbill::from_percent(50) * RuntimeBlockWeights::get().max_block;
    /// Held for a preimage (plancks).
    pub const PreimageBaseDeposit: Balance = deposit(2, 64);
    /// Held for each byte of a preimage (plancks).
    pub const PreimageByteDeposit: Balance = deposit(0, 1);
    /// Why preimages are held for.
    pub const PreimageHoldReason: RuntimeHoldReason =
        RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
    /// What scheduled calls may weigh in one block.
    pub MaximumSchedulerWeight: Weight = Perbill::from_percent(80) * RuntimeBlockWeights::get().max_block;
}

impl pallet_collective::Config<CouncilCollective> for Runtime {
    type RuntimeOrigin = RuntimeOrigin;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type MotionDuration = MotionDuration;
    type MaxProposals = ConstU32<100>;
    type MaxMembers = ConstU32<100>;
    type DefaultVote = pallet_collective::PrimeDefaultVote;
    type WeightInfo = pallet_collective::weights::SubstrateWeight<Self>;
    // Seats are given by the membership pallet.
    type SetMembersOrigin = EnsureRoot<AccountId>;
    type MaxProposalWeight = MaxProposalWeight;
    type DisapproveOrigin = EnsureRoot<AccountId>;
    type KillOrigin = EnsureRoot<AccountId>;
    type Consideration = ();
}

impl pallet_membership::Config<CouncilMembershipInstance> for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type AddOrigin = Consortium;
    type RemoveOrigin = Consortium;
    type SwapOrigin = Consortium;
    type ResetOrigin = Consortium;
    type PrimeOrigin = Consortium;
    type MembershipInitialized = Council;
    type MembershipChanged = Council;
    type MaxMembers = ConstU32<100>;
    type WeightInfo = pallet_membership::weights::SubstrateWeight<Self>;
}

impl pallet_whitelist::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WhitelistOrigin = Consortium;
    // The Council alone is not enough: the dispatch must have been scheduled, and so have waited.
    type DispatchWhitelistedOrigin = EitherOfDiverse<EnsureRoot<AccountId>, Scheduled<TwoThirdsOfCouncil>>;
    type Preimages = Preimage;
    // A dispatch of what is not whitelisted is not kept for later: it would be a way around the vote's order.
    type DeferredDispatchExpiration = ConstU32<0>;
    type BlockNumberProvider = System;
    type WeightInfo = pallet_whitelist::weights::SubstrateWeight<Self>;
}

impl pallet_preimage::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_preimage::weights::SubstrateWeight<Self>;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type Consideration = HoldConsideration<
        AccountId,
        Balances,
        PreimageHoldReason,
        LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>,
    >;
}

impl pallet_scheduler::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = MaximumSchedulerWeight;
    type ScheduleOrigin = Consortium;
    type OriginPrivilegeCmp = EqualOrRoot;
    type MaxScheduledPerBlock = ConstU32<50>;
    type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Self>;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

/// Who may cancel what someone else scheduled: root anything, and the Council what the Council scheduled, however many
/// voted for it then.
pub struct EqualOrRoot;

impl PrivilegeCmp<OriginCaller> for EqualOrRoot {
    fn cmp_privilege(left: &OriginCaller, right: &OriginCaller) -> Option<Ordering> {
        match (left, right) {
            (left, right) if left == right => Some(Ordering::Equal),
            (OriginCaller::system(RawOrigin::Root), _) => Some(Ordering::Greater),
            (
                OriginCaller::Council(pallet_collective::RawOrigin::Members(..)),
                OriginCaller::Council(pallet_collective::RawOrigin::Members(..)),
            ) => Some(Ordering::Equal),
            _ => None,
        }
    }
}
