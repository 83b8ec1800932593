//! Research: who earns credits, by what claims are drawn, what a year may cost.

use alloc::vec::Vec;

use cumulus_pallet_parachain_system::{RelayChainStateProof, RelayStateProof, ValidationData};
use cumulus_primitives_core::relay_chain::well_known_keys::ONE_EPOCH_AGO_RANDOMNESS;
use frame_support::{
    parameter_types,
    traits::{ConstU32, Get},
    weights::Weight,
};
use medrec_primitives::{Moment, RelationshipId, DAY_MS};
use pallet_relationships::OnRelationshipEnded;
use pallet_research::Schedule;
use pallet_session::SessionManager;
use sp_runtime::Perbill;

use crate::{
    AccountId, Balances, CollatorSelection, ParachainInfo, Permissions, Research, Runtime, RuntimeHoldReason,
    System,
};

parameter_types! {
    /// Credits by the week; claims by the day, and answers by the day, so that neither tells when anybody was busy.
    pub const DefaultSchedule: Schedule =
        Schedule { era: 7 * DAY_MS, window: DAY_MS, answer: DAY_MS, grace: DAY_MS, epoch: DAY_MS };
    /// A researcher looks at what it got within a month (ms).
    pub const ClaimTerm: Moment = 30 * DAY_MS;
    /// What idle time goes to drawing claims.
    pub const DrawShare: Perbill = Perbill::from_percent(10);
}

impl pallet_research::Config for Runtime {
    type Escrow = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Authorities = Authorities;
    type Beacon = Beacon;
    type DefaultSchedule = DefaultSchedule;
    type EraPool = ConstU32<10_000>;
    // What a researcher alone could earn in a quarter.
    type CreditCap = ConstU32<130_000>;
    // A year of weeks.
    type CreditLife = ConstU32<52>;
    type MaxCollators = ConstU32<4>;
    type MaxStudies = ConstU32<16>;
    type MaxTables = ConstU32<64>;
    type MaxEntries = ConstU32<8>;
    type DrawsPerWindow = ConstU32<16>;
    // 10,000 answers of a provider, ever.
    type MinRho = ConstU32<100>;
    // Rho 0.1 and 1.0, in millionths.
    type YearlyRho = ConstU32<100_000>;
    type LifetimeRho = ConstU32<1_000_000>;
    type AnswerDays = ConstU32<4>;
    type ClaimTerm = ClaimTerm;
    type DrawShare = DrawShare;
    type WeightInfo = pallet_research::weights::SubstrateWeight<Self>;
}

/// Those who may make blocks: invulnerables, and candidates by bond where the consortium lets there be any.
pub struct Authorities;

impl Get<Vec<AccountId>> for Authorities {
    fn get() -> Vec<AccountId> {
        let candidates = pallet_collator_selection::CandidateList::<Runtime>::get();
        let mut all = pallet_collator_selection::Invulnerables::<Runtime>::get().into_inner();
        all.extend(candidates.into_iter().map(|candidate| candidate.who));
        all
    }
}

/// The collators that were selected, of which no more are researchers' than leave providers the majority.
pub struct MajorityOfProviders;

impl SessionManager<AccountId> for MajorityOfProviders {
    fn new_session(index: u32) -> Option<Vec<AccountId>> {
        let selected = <CollatorSelection as SessionManager<AccountId>>::new_session(index)?;
        Some(Research::with_majority_of_providers(selected))
    }

    fn start_session(index: u32) {
        <CollatorSelection as SessionManager<AccountId>>::start_session(index)
    }

    fn end_session(index: u32) {
        <CollatorSelection as SessionManager<AccountId>>::end_session(index)
    }
}

/// The relay chain's randomness of one epoch ago, as the proof in this block shows it. All its validators make it, over an epoch;
/// a collator can neither choose it nor leave it out for good. Chains for development, which have no relay chain, take the last
/// block's hash if their genesis says so.
pub struct Beacon;

impl Get<Option<[u8; 32]>> for Beacon {
    fn get() -> Option<[u8; 32]> {
        if pallet_research::BlockHashBeacon::<Runtime>::get() {
            return Some(System::parent_hash().0);
        }
        let root = ValidationData::<Runtime>::get()?.relay_parent_storage_root;
        let proof = RelayStateProof::<Runtime>::get()?;
        let state = RelayChainStateProof::new(ParachainInfo::parachain_id(), root, proof).ok()?;
        state.read_optional_entry(ONE_EPOCH_AGO_RANDOMNESS).ok()?
    }
}

/// What a relationship takes with it when it ends: its rules, and what was released of it.
pub struct OnEnded;

impl OnRelationshipEnded for OnEnded {
    fn on_ended(relationship: RelationshipId) {
        Permissions::on_ended(relationship);
        Research::on_ended(relationship);
    }

    fn weight() -> Weight {
        <Permissions as OnRelationshipEnded>::weight()
            .saturating_add(<Research as OnRelationshipEnded>::weight())
    }
}
