//! The benchmarks, for the generation of weights: of our pallets, and of those of the SDK whose benchmarks need nothing besides.

use alloc::{string::String, vec::Vec};

use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use frame_system_benchmarking::{extensions::Pallet as SystemExtensionsBench, Pallet as SystemBench};

use crate::{
    Access, AllPalletsWithSystem, Balances, Council, CouncilMembership, MessageQueue, Multisig,
    ParachainSystem, Permissions, Preimage, Proxy, Registry, Relationships, Research, Runtime, Scheduler,
    System, Timestamp, TransactionPayment, TxPause, Utility, WeightReclaim, Whitelist, XcmpQueue,
};

impl frame_system_benchmarking::Config for Runtime {
    fn setup_set_code_requirements(code: &Vec<u8>) -> Result<(), frame_benchmarking::BenchmarkError> {
        ParachainSystem::initialize_for_set_code_benchmark(code.len() as u32);
        Ok(())
    }

    fn verify_set_code() {
        System::assert_last_event(
            cumulus_pallet_parachain_system::Event::<Runtime>::ValidationFunctionStored.into(),
        );
    }
}

impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

define_benchmarks!(
    [frame_system, SystemBench::<Runtime>]
    [frame_system_extensions, SystemExtensionsBench::<Runtime>]
    [cumulus_pallet_parachain_system, ParachainSystem]
    [cumulus_pallet_weight_reclaim, WeightReclaim]
    [cumulus_pallet_xcmp_queue, XcmpQueue]
    [pallet_access, Access]
    [pallet_balances, Balances]
    [pallet_collective, Council]
    [pallet_membership, CouncilMembership]
    [pallet_message_queue, MessageQueue]
    [pallet_multisig, Multisig]
    [pallet_permissions, Permissions]
    [pallet_preimage, Preimage]
    [pallet_proxy, Proxy]
    [pallet_registry, Registry]
    [pallet_relationships, Relationships]
    [pallet_research, Research]
    [pallet_scheduler, Scheduler]
    [pallet_timestamp, Timestamp]
    [pallet_transaction_payment, TransactionPayment]
    [pallet_tx_pause, TxPause]
    [pallet_utility, Utility]
    [pallet_whitelist, Whitelist]
);

/// Which benchmarks there are.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::<BenchmarkList>::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs one.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::<BenchmarkBatch>::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}
