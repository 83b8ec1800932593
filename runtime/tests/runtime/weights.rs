//! No call is too heavy to be made.

use codec::Decode;
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    traits::{Get, GetCallMetadata, PalletsInfoAccess},
};
use medrec_runtime::{configs::system::RuntimeBlockWeights, AllPalletsWithSystem, Runtime, RuntimeCall};

use crate::support::*;

/// Whether a call with this weight fits into an empty block.
fn fits(call: &RuntimeCall) -> bool {
    let info = call.get_dispatch_info();
    let limits = RuntimeBlockWeights::get();
    match info.class {
        DispatchClass::Mandatory => info.call_weight.all_lte(limits.max_block),
        class => info.call_weight.all_lte(limits.get(class).max_extrinsic.unwrap()),
    }
}

/// One call of every variant that can be decoded from zeros, which is almost every.
fn sample_of_all_calls() -> Vec<RuntimeCall> {
    let zeros = [0; 4096];
    AllPalletsWithSystem::infos()
        .iter()
        .flat_map(|pallet| (0..=u8::MAX).map(move |call| (pallet.index as u8, call)))
        .filter_map(|(pallet, call)| {
            RuntimeCall::decode(&mut [&[pallet, call][..], &zeros[..]].concat().as_slice()).ok()
        })
        .collect()
}

#[test]
fn calls_should_fit_into_a_block() {
    run(|| {
        let calls = sample_of_all_calls();
        let all: usize = RuntimeCall::get_module_names()
            .iter()
            .map(|pallet| RuntimeCall::get_call_names(pallet).len())
            .sum();
        assert!(calls.len() * 10 >= all * 9, "{} of {all} were sampled", calls.len());
        for call in calls {
            let name = call.get_call_metadata();
            assert!(fits(&call), "{}::{}", name.pallet_name, name.function_name);
        }
    });
}

#[test]
fn calls_of_the_main_job_should_fit_into_a_block_many_times() {
    run(|| {
        let calls: [RuntimeCall; 6] = [
            proposal(&patient(0)).into(),
            pallet_relationships::Call::accept { relationship: FIRST }.into(),
            pallet_relationships::Call::end { relationship: FIRST }.into(),
            sealed_grant().into(),
            pallet_permissions::Call::revoke { relationship: FIRST, grant: 0 }.into(),
            application("Somebody").into(),
        ];
        let block = RuntimeBlockWeights::get().max_block;
        for call in calls {
            let weight = call.get_dispatch_info().call_weight;
            let times = weight.checked_div_per_component(&block);
            assert_eq!(times, Some(0));
            let name = call.get_call_metadata();
            let many = block.checked_div_per_component(&weight).unwrap_or(0);
            assert!(many >= 20, "{} fits {many} times", name.function_name);
        }
    });
}

#[test]
fn hold_should_cover_every_rule_and_pointer() {
    let deposit = <Runtime as pallet_relationships::Config>::UseDeposit::get();
    let allows: u8 = <Runtime as pallet_permissions::Config>::MaxAllows::get();
    let denials: u8 = <Runtime as pallet_permissions::Config>::MaxDenials::get();
    let shared: u8 = <Runtime as pallet_permissions::Config>::MaxShared::get();
    let rules = u128::from(allows) + u128::from(denials) + u128::from(shared);
    let grant = <medrec_primitives::Grant as codec::MaxEncodedLen>::max_encoded_len() as u128 + 68;
    let byte = medrec_runtime::constants::deposit(0, 1);
    assert!(deposit >= rules * grant * byte);
}

#[test]
fn hold_should_cover_the_record_and_every_key_it_may_have() {
    type Record = pallet_relationships::Relationship<medrec_runtime::Balance>;
    let max = |bytes: usize| bytes as u128;
    let record = max(<Record as codec::MaxEncodedLen>::max_encoded_len()) + 56;
    let tombstone = max(<pallet_relationships::KeyRecord as codec::MaxEncodedLen>::max_encoded_len()) + 80;
    let account = 80 + 80;
    let keys = u128::from(pallet_relationships::MAX_PATIENT_KEYS)
        + u128::from(pallet_relationships::MAX_CUSTODIAN_KEYS);
    let byte = medrec_runtime::constants::deposit(0, 1);
    let deposit = <Runtime as pallet_relationships::Config>::RecordDeposit::get();
    assert!(deposit >= (record + keys * (tombstone + account)) * byte);
}
