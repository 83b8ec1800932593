//! No call is too heavy to be made.

use codec::{Compact, Decode, Encode};
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
        let of = |pallet: &str| calls.iter().filter(|c| c.get_call_metadata().pallet_name == pallet).count();
        for ours in ["Registry", "Relationships", "Permissions", "Access", "Research"] {
            assert_eq!(of(ours), RuntimeCall::get_call_names(ours).len(), "{ours}");
        }
        for call in calls {
            let name = call.get_call_metadata();
            assert!(fits(&call), "{}::{}", name.pallet_name, name.function_name);
        }
    });
}

/// A call of ours that has a list of so many zeros after so many bytes of other arguments; `None` if it may not be so long.
fn with_list(call: [u8; 2], before: usize, length: u32) -> Option<RuntimeCall> {
    let bytes = [call.to_vec(), vec![0; before], Compact(length).encode(), vec![0; 65_536]].concat();
    RuntimeCall::decode(&mut bytes.as_slice()).ok()
}

/// Those of our calls whose weight grows with what they carry: by pallet, call, and the bytes before their list.
#[test]
fn calls_with_lists_should_fit_into_a_block_when_the_list_is_as_long_as_it_may_be() {
    run(|| {
        let tables = <Runtime as pallet_research::Config>::MaxTables::get();
        let lists = [
            (
                "set_custodians",
                [41, 9],
                FIRST.encoded_size(),
                pallet_relationships::Custodians::bound() as u32,
            ),
            ("review_glass", [42, 7], 0, pallet_permissions::MAX_REVIEWED),
            ("publish_plan", [44, 7], 8, tables),
            ("place_releases", [44, 10], 0, pallet_research::MAX_PLACED),
        ];
        for (name, call, before, most) in lists {
            let longest = with_list(call, before, most).unwrap();
            assert_eq!(longest.get_call_metadata().function_name, name);
            assert!(with_list(call, before, most + 1).is_none(), "{name} may be longer");
            let none = with_list(call, before, 0).unwrap();
            let weight = |call: &RuntimeCall| call.get_dispatch_info().call_weight;
            assert!(weight(&longest).any_gt(weight(&none)), "{name} weighs what it carries");
            assert!(fits(&longest), "{name}");
        }
        for steps in [pallet_research::MAX_DRAWN, u32::MAX] {
            assert!(fits(&pallet_research::Call::draw { steps }.into()), "draw of {steps}");
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
