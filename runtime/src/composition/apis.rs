//! The interfaces of the runtime towards node and clients.
#![allow(missing_docs)] // What the macro generates has none.

use alloc::vec::Vec;

use cumulus_primitives_core::{ParaId, VerifySchedulingSignature};
use frame_support::{
    genesis_builder_helper::{build_state, get_preset},
    view_functions::{ViewFunctionDispatchError, ViewFunctionId},
    weights::Weight,
};
use medrec_primitives::{
    research::{Answer, AnswerKey, Budget, Claim, ClaimId, Earnings, Plan, Study, StudyId, Table, TableId},
    AccessRequest, Anchor, DecisionSummary, Facts, Glass, GlassId, GlassReview, GrantFacts, GroupId, Member,
    MemberId, Receipt, RelationshipId, RelationshipStatus, RequestId, SealedTerms, SealingKey, SealingKeyId,
};
use sp_api::impl_runtime_apis;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_runtime::{
    traits::Block as BlockT,
    transaction_validity::{TransactionSource, TransactionValidity},
    ApplyExtrinsicResult,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

use super::InherentDataExt;
use crate::{
    configs::consensus::ConsensusHook,
    constants::{BLOCK_PROCESSING_VELOCITY, RELAY_PARENT_OFFSET, SLOT_DURATION},
    genesis, Access, AccountId, Balance, Block, Executive, Nonce, ParachainInfo, ParachainSystem,
    Permissions, Registry, Relationships, Research, Runtime, RuntimeCall, RuntimeGenesisConfig, SessionKeys,
    System, TransactionPayment, VERSION,
};

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block)
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
        fn execute_view_function(
            id: ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, ViewFunctionDispatchError> {
            Runtime::execute_view_function(id, input)
        }
    }

    impl crate::research_api::ResearchApi<Block> for Runtime {
        fn research_plan(provider: MemberId) -> Option<(Plan, Vec<(TableId, Table<Balance>)>)> {
            Research::research_plan(provider)
        }

        fn research_budget(provider: MemberId) -> Budget {
            Research::research_budget(provider)
        }

        fn earnings(researcher: MemberId) -> Earnings {
            Research::credits_of(researcher)
        }

        fn study(study: StudyId) -> Option<Study> {
            pallet_research::Studies::<Runtime>::get(study)
        }

        fn claim(claim: ClaimId) -> Option<Claim<Balance>> {
            Research::claim_of(claim)
        }

        fn claims(start: ClaimId, count: u32) -> Vec<(ClaimId, Claim<Balance>)> {
            Research::claims(start, count)
        }

        fn answer(answer: AnswerKey) -> Option<Answer> {
            Research::answer(answer)
        }

        fn answers(provider: MemberId, table: TableId, start: u16, count: u32) -> Vec<(u16, Answer)> {
            Research::answers(provider, table, start, count)
        }

        fn release(relationship: RelationshipId) -> Option<SealedTerms> {
            Research::release(relationship)
        }
    }

    impl crate::medrec_api::MedRecApi<Block> for Runtime {
        fn facts(relationship: RelationshipId, viewer: AccountId) -> Option<Facts> {
            Permissions::facts(relationship, &viewer)
        }

        fn may_read(relationship: RelationshipId, viewer: AccountId) -> DecisionSummary {
            Permissions::may_read(relationship, &viewer)
        }

        fn my_relationships(account: AccountId) -> Vec<(RelationshipId, RelationshipStatus)> {
            Relationships::of_account(&account)
        }

        fn relationship(relationship: RelationshipId) -> Option<(AccountId, RelationshipStatus)> {
            Relationships::relationship(relationship)
        }

        fn member(member: MemberId) -> Option<Member> {
            pallet_registry::Members::<Runtime>::get(member)
        }

        fn members(start: MemberId, count: u32) -> Vec<(MemberId, Member)> {
            Registry::members(start, count)
        }

        fn sealing_keys(member: MemberId) -> Vec<(SealingKeyId, SealingKey)> {
            Registry::sealing_keys(member)
        }

        fn member_of(account: AccountId) -> Option<MemberId> {
            Registry::provider_of(&account)
        }

        fn rules(relationship: RelationshipId) -> Vec<GrantFacts> {
            Permissions::rules(relationship)
        }

        fn glasses(relationship: RelationshipId) -> Vec<Glass> {
            Permissions::glasses(relationship)
        }

        fn open_reviews(member: MemberId, start: u32, count: u32) -> Vec<(GlassId, GlassReview)> {
            Permissions::open_reviews(member, start, count)
        }

        fn group_members(group: GroupId, after: Option<MemberId>, count: u32) -> Vec<MemberId> {
            Registry::group_members(group, after, count)
        }

        fn request(request: RequestId) -> Option<AccessRequest> {
            Access::get(request)
        }

        fn receipt(request: RequestId) -> Option<Receipt> {
            Access::receipt(request)
        }

        fn open_requests(
            member: MemberId,
            after: Option<u32>,
            count: u32,
        ) -> Vec<(RequestId, AccessRequest)> {
            Access::open_requests(member, after, count)
        }

        fn requests_of(asker: AccountId) -> Vec<(RequestId, AccessRequest)> {
            Access::requests_of(&asker)
        }

        fn requests_at(relationship: RelationshipId) -> Vec<(RequestId, AccessRequest)> {
            Access::requests_at(relationship)
        }

        fn latest_anchor(member: MemberId) -> Option<Anchor> {
            Access::latest_anchor(member)
        }

        fn anchor(member: MemberId, interval: u32) -> Option<Anchor> {
            Access::anchor_of(member, interval)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(
            block: <Block as BlockT>::LazyBlock,
            data: sp_inherents::InherentData,
        ) -> sp_inherents::CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, tx, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
        fn slot_duration() -> sp_consensus_aura::SlotDuration {
            sp_consensus_aura::SlotDuration::from_millis(SLOT_DURATION)
        }

        fn authorities() -> Vec<AuraId> {
            pallet_aura::Authorities::<Runtime>::get().into_inner()
        }
    }

    impl cumulus_primitives_aura::AuraUnincludedSegmentApi<Block> for Runtime {
        fn can_build_upon(
            included_hash: <Block as BlockT>::Hash,
            slot: cumulus_primitives_aura::Slot,
        ) -> bool {
            ConsensusHook::can_build_upon(included_hash, slot)
        }
    }

    impl cumulus_primitives_core::RelayParentOffsetApi<Block> for Runtime {
        fn relay_parent_offset() -> u32 {
            RELAY_PARENT_OFFSET
        }

        fn max_claim_queue_offset() -> u8 {
            ParachainSystem::max_claim_queue_offset()
        }
    }

    impl cumulus_primitives_core::SchedulingV3EnabledApi<Block> for Runtime {
        fn scheduling_v3_enabled() -> bool {
            <Runtime as cumulus_pallet_parachain_system::Config>::SchedulingSignatureVerifier::V3_SCHEDULING_ENABLED
        }
    }

    impl cumulus_primitives_core::TargetBlockRate<Block> for Runtime {
        fn target_block_rate() -> u32 {
            BLOCK_PROCESSING_VELOCITY
        }
    }

    impl cumulus_primitives_core::CollectCollationInfo<Block> for Runtime {
        fn collect_collation_info(
            header: &<Block as BlockT>::Header,
        ) -> cumulus_primitives_core::CollationInfo {
            ParachainSystem::collect_collation_info(header)
        }
    }

    impl cumulus_primitives_core::GetParachainInfo<Block> for Runtime {
        fn parachain_id() -> ParaId {
            ParachainInfo::parachain_id()
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(uxt, len)
        }

        fn query_fee_details(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_fee_details(uxt, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall>
        for Runtime
    {
        fn query_call_info(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, len)
        }

        fn query_call_fee_details(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis::get_preset)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            genesis::preset_names()
        }
    }

    #[cfg(feature = "try-runtime")]
    impl frame_try_runtime::TryRuntime<Block> for Runtime {
        fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
            let weight = crate::migrations::try_all(checks).expect("a migration failed its checks");
            (weight, crate::configs::system::RuntimeBlockWeights::get().max_block)
        }

        fn execute_block(
            block: <Block as BlockT>::LazyBlock,
            state_root_check: bool,
            signature_check: bool,
            select: frame_try_runtime::TryStateSelect,
        ) -> Weight {
            Executive::try_execute_block(block, state_root_check, signature_check, select)
                .expect("the block does not execute")
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            crate::benchmarks::metadata(extra)
        }

        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            crate::benchmarks::dispatch(config)
        }
    }
}
