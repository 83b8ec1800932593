//! Documents that say what the runtime has: every row, and nothing that is not there.

use std::collections::BTreeSet;

use frame_support::{
    dispatch::RawOrigin,
    traits::{EnsureOrigin, Get, GetCallMetadata, StorageInfoTrait},
};
use medrec_primitives::DAY_MS;
use medrec_runtime::{
    configs::governance::{CouncilCollective, TwoThirdsOfCouncil},
    constants::{DAYS, MOTION_DURATION, SCHEDULING_DELAY},
    Access, AccountId, Permissions, Registry, Relationships, Research, Runtime, RuntimeCall, RuntimeOrigin,
};
use scale_info::{TypeDef, TypeInfo};

use crate::metadata::metadata;

const GOVERNANCE: &str = include_str!("../../../docs/governance.md");
const PRIVACY: &str = include_str!("../../../docs/privacy.md");
const RUNTIME: &str = include_str!("../../README.md");

/// The READMEs of our pallets, which their rustdoc includes.
const PALLETS: [(&str, &str); 5] = [
    ("Registry", include_str!("../../../pallets/registry/README.md")),
    ("Relationships", include_str!("../../../pallets/relationships/README.md")),
    ("Permissions", include_str!("../../../pallets/permissions/README.md")),
    ("Access", include_str!("../../../pallets/access/README.md")),
    ("Research", include_str!("../../../pallets/research/README.md")),
];

/// The cells of the table that begins with this header, row by row.
fn table<'a>(text: &'a str, header: &str) -> Vec<Vec<&'a str>> {
    let (_, after) = text.split_once(header).unwrap_or_else(|| panic!("there is a table {header}"));
    let rows = after.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// What stands between backticks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The names of an enum's variants.
fn variants<E: TypeInfo + 'static>() -> BTreeSet<&'static str> {
    let TypeDef::Variant(all) = E::type_info().type_def else { unreachable!("it is an enum") };
    all.variants.into_iter().map(|variant| variant.name).collect()
}

fn events(pallet: &str) -> BTreeSet<&'static str> {
    match pallet {
        "Registry" => variants::<pallet_registry::Event<Runtime>>(),
        "Relationships" => variants::<pallet_relationships::Event<Runtime>>(),
        "Permissions" => variants::<pallet_permissions::Event<Runtime>>(),
        "Access" => variants::<pallet_access::Event<Runtime>>(),
        _ => variants::<pallet_research::Event<Runtime>>(),
    }
}

#[test]
fn tables_of_calls_should_have_a_row_for_each_call_and_events_that_there_are() {
    for (pallet, readme) in PALLETS {
        let events = events(pallet);
        let mut calls = BTreeSet::new();
        for row in table(readme, "| Call | Who | Costs | Emits |") {
            let [call, who, costs, emits] = row[..] else { panic!("four cells: {row:?}") };
            let call = code(call).next().expect("a call");
            assert!(calls.insert(call), "{pallet}: {call} twice");
            assert!(!who.is_empty() && !costs.is_empty(), "{pallet}: {call}");
            let told: Vec<_> = code(emits).collect();
            assert!(!told.is_empty(), "{pallet}: {call} emits something");
            for event in told {
                assert!(events.contains(event), "{pallet}: {call} emits no {event}");
            }
        }
        let every: BTreeSet<_> = RuntimeCall::get_call_names(pallet).iter().copied().collect();
        assert_eq!(calls, every, "{pallet}");
        let named: BTreeSet<_> = code(readme).collect();
        let missing: Vec<_> = events.iter().filter(|event| !named.contains(*event)).collect();
        assert!(missing.is_empty(), "{pallet}: no word of {missing:?}");
    }
}

#[test]
fn interfaces_should_be_described_method_by_method() {
    let described: BTreeSet<_> =
        code(RUNTIME).filter_map(|text| text.split_once('(')).map(|(name, _)| name.to_owned()).collect();
    let metadata = metadata();
    let ours = metadata.runtime_api_traits().filter(|api| ["MedRecApi", "ResearchApi"].contains(&api.name()));
    let mut methods = BTreeSet::new();
    for api in ours {
        methods.extend(api.methods().map(|method| format!("{}_{}", api.name(), method.name())));
    }
    assert!(methods.len() > 20);
    let apis: BTreeSet<_> = described.into_iter().filter(|name| name.contains("Api_")).collect();
    assert_eq!(apis, methods);
}

/// The names of a pallet's storage items.
fn items<Pallet: StorageInfoTrait>(pallet: &'static str) -> BTreeSet<(&'static str, String)> {
    let names = Pallet::storage_info().into_iter().map(|item| String::from_utf8(item.storage_name).unwrap());
    names.map(|name| (pallet, name)).collect()
}

#[test]
fn privacy_page_should_name_every_item_of_our_storage() {
    let mut told = BTreeSet::new();
    let mut pallet = "";
    for row in table(PRIVACY, "| Pallet | Items | Row |") {
        let [name, names, what] = row[..] else { panic!("three cells: {row:?}") };
        assert!(!what.is_empty());
        pallet = code(name).next().unwrap_or(pallet);
        told.extend(code(names).map(|item| (pallet, item.to_owned())));
    }
    let every: BTreeSet<_> = items::<Registry>("Registry")
        .into_iter()
        .chain(items::<Relationships>("Relationships"))
        .chain(items::<Permissions>("Permissions"))
        .chain(items::<Access>("Access"))
        .chain(items::<Research>("Research"))
        .collect();
    assert_eq!(told, every);
}

/// Whether the name of a call is what a row says, which may leave out a beginning or an end.
fn is_meant(said: &str, call: &str) -> bool {
    match said.split_once('*') {
        Some((start, end)) => call.starts_with(start) && call.ends_with(end),
        None => said == call,
    }
}

#[test]
fn deeds_of_governance_should_be_calls_that_there_are() {
    let mut ours = BTreeSet::new();
    for row in table(GOVERNANCE, "| Deed | Who | How | Takes effect |") {
        let [deed, who, how, when] = row[..] else { panic!("four cells: {row:?}") };
        assert!(!who.is_empty() && !when.is_empty(), "{deed}");
        let mut pallet = "";
        for said in code(how) {
            let said = said.split('(').next().unwrap_or(said);
            let (of, call) = said.split_once('.').unwrap_or((pallet, said));
            pallet = of;
            let names = RuntimeCall::get_call_names(pallet).iter().filter(|name| is_meant(call, name));
            let meant: Vec<_> = names.map(|name| (pallet.to_owned(), *name)).collect();
            assert!(!meant.is_empty(), "{deed}: there is no {pallet}.{call}");
            ours.extend(meant);
        }
    }
    // What the consortium decides is not left out.
    for (pallet, call) in [
        ("Registry", "admit"),
        ("Registry", "suspend"),
        ("Registry", "reinstate"),
        ("Registry", "remove"),
        ("Permissions", "review_glass"),
        ("TxPause", "pause"),
        ("TxPause", "unpause"),
        ("Whitelist", "whitelist_call"),
        ("Scheduler", "schedule_after"),
        ("Scheduler", "cancel"),
        ("Research", "approve_collator"),
        ("Research", "approve_study"),
        ("Research", "resolve"),
    ] {
        assert!(ours.contains(&(pallet.to_owned(), call)), "{pallet}.{call}");
    }
}

/// Whether a motion with so many votes out of so many passes for the consortium.
fn passes(yes: u32, seats: u32) -> bool {
    let origin: RuntimeOrigin =
        pallet_collective::RawOrigin::<AccountId, CouncilCollective>::Members(yes, seats).into();
    <TwoThirdsOfCouncil as EnsureOrigin<_>>::try_origin(origin).is_ok()
}

#[test]
fn thresholds_should_be_those_of_the_table() {
    let days = |blocks: u32| match blocks / DAYS {
        1 => "1 day".to_owned(),
        more => format!("{more} days"),
    };
    assert_eq!((MOTION_DURATION % DAYS, SCHEDULING_DELAY % DAYS), (0, 0));
    let delay: u64 = <Runtime as pallet_registry::Config>::EmergencyRoleDelay::get();
    assert_eq!(delay % DAY_MS, 0);
    let rho = |millionths: u32| format!("{:?}", f64::from(millionths) / 1e6);
    let (year, life): (u32, u32) = (
        <Runtime as pallet_research::Config>::YearlyRho::get(),
        <Runtime as pallet_research::Config>::LifetimeRho::get(),
    );
    let values: Vec<_> =
        table(GOVERNANCE, "| What | Value | Where |").into_iter().map(|row| row[1]).collect();
    assert_eq!(
        values,
        [
            "two thirds of the Council",
            &days(MOTION_DURATION),
            &days(SCHEDULING_DELAY),
            // Tests of `pallet-research` and of the session manager.
            "fewer than the others",
            &format!("rho {}, and {}", rho(year), rho(life)),
            &days((delay / DAY_MS) as u32 * DAYS),
        ]
    );
    for seats in 1..=100u32 {
        for yes in 0..=seats {
            assert_eq!(passes(yes, seats), 3 * yes >= 2 * seats, "{yes} of {seats}");
        }
    }
    for other in [RawOrigin::None, RawOrigin::Signed(AccountId::new([1; 32]))] {
        assert!(<TwoThirdsOfCouncil as EnsureOrigin<_>>::try_origin(RuntimeOrigin::from(other)).is_err());
    }
}
