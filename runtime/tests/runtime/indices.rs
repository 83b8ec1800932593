//! What is part of the encoding and must never change.

use frame_support::{
    storage::storage_prefix,
    traits::{
        GetCallIndex, GetCallName, GetStorageVersion, PalletsInfoAccess, StorageInfoTrait, StorageVersion,
    },
};
use medrec_runtime::{Access, AllPalletsWithSystem, Permissions, Registry, Relationships, Research, Runtime};

use crate::support::genesis_ext;

#[test]
fn pallets_should_keep_their_indices_and_names() {
    let mut pallets: Vec<_> =
        AllPalletsWithSystem::infos().into_iter().map(|pallet| (pallet.index, pallet.name)).collect();
    pallets.sort();
    assert_eq!(
        pallets,
        [
            (0, "System"),
            (1, "ParachainSystem"),
            (2, "Timestamp"),
            (3, "ParachainInfo"),
            (4, "WeightReclaim"),
            (5, "MultiBlockMigrations"),
            (10, "Balances"),
            (11, "TransactionPayment"),
            (12, "SkipFeelessPayment"),
            (20, "Authorship"),
            (21, "CollatorSelection"),
            (22, "Session"),
            (23, "Aura"),
            (24, "AuraExt"),
            (30, "XcmpQueue"),
            (31, "PolkadotXcm"),
            (32, "CumulusXcm"),
            (33, "MessageQueue"),
            (40, "Registry"),
            (41, "Relationships"),
            (42, "Permissions"),
            (43, "Access"),
            (44, "Research"),
            (50, "Council"),
            (51, "CouncilMembership"),
            (52, "Whitelist"),
            (53, "Preimage"),
            (54, "Scheduler"),
            (55, "TxPause"),
            (60, "Utility"),
            (61, "Proxy"),
            (62, "Multisig"),
        ]
    );
}

fn calls<Call: GetCallName + GetCallIndex>() -> Vec<(u8, &'static str)> {
    Call::get_call_indices().iter().copied().zip(Call::get_call_names().iter().copied()).collect()
}

#[test]
fn calls_should_keep_their_indices_and_names() {
    assert_eq!(
        calls::<pallet_registry::Call<Runtime>>(),
        [
            (0, "apply"),
            (1, "withdraw"),
            (2, "update"),
            (3, "rotate_gatekeeper_key"),
            (4, "rotate_sealing_key"),
            (5, "add_staff"),
            (6, "rotate_staff_key"),
            (7, "remove_staff"),
            (8, "admit"),
            (9, "suspend"),
            (10, "reinstate"),
            (11, "remove"),
            (12, "create_group"),
            (13, "add_to_group"),
            (14, "remove_from_group"),
            (15, "dissolve_group"),
        ]
    );
    assert_eq!(
        calls::<pallet_relationships::Call<Runtime>>(),
        [
            (0, "propose"),
            (1, "accept"),
            (2, "reject"),
            (3, "end"),
            (4, "set_pointer"),
            (5, "withdraw_pointer"),
            (6, "suspend"),
            (7, "resume"),
            (8, "acknowledge"),
            (9, "set_custodians"),
            (10, "remove_custodian"),
            (11, "set_flags"),
            (12, "set_inactivity"),
            (13, "touch"),
            (14, "step_in"),
            (15, "confirm_step_in"),
            (16, "step_out"),
            (17, "propose_minor"),
            (18, "enrol_patient"),
            (19, "request_rekey"),
            (20, "approve_rekey"),
            (21, "finish_rekey"),
            (22, "veto_rekey"),
            (23, "reproof"),
            (24, "cancel_rekey"),
            (25, "withdraw_deposit"),
        ]
    );
    assert_eq!(
        calls::<pallet_permissions::Call<Runtime>>(),
        [
            (0, "grant"),
            (1, "deny"),
            (2, "revoke"),
            (3, "revoke_all"),
            (4, "share"),
            (5, "break_glass"),
            (6, "close_glass"),
            (7, "review_glass"),
        ]
    );
    assert_eq!(
        calls::<pallet_access::Call<Runtime>>(),
        [
            (0, "request"),
            (1, "approve"),
            (2, "decline"),
            (3, "cancel"),
            (4, "fulfil"),
            (5, "refuse"),
            (6, "expire"),
            (7, "anchor"),
        ]
    );
    assert_eq!(
        calls::<pallet_research::Call<Runtime>>(),
        [
            (0, "register_collator"),
            (1, "approve_collator"),
            (2, "remove_collator"),
            (3, "propose_study"),
            (4, "approve_study"),
            (5, "end_study"),
            (6, "set_bounty_study"),
            (7, "publish_plan"),
            (8, "withdraw_table"),
            (9, "set_release"),
            (10, "place_releases"),
            (11, "claim"),
            (12, "draw"),
            (13, "commit"),
            (14, "declare_lost"),
            (15, "close_claim"),
            (16, "dispute"),
            (17, "resolve"),
            (18, "accept_researcher"),
        ]
    );
}

/// What is written under the pinned names has a layout: whoever changes it raises the version, and brings a migration.
#[test]
fn storage_versions_should_be_those_of_the_code_on_a_new_chain() {
    fn versions<Pallet: GetStorageVersion<InCodeStorageVersion = StorageVersion>>() -> [StorageVersion; 2] {
        [Pallet::in_code_storage_version(), Pallet::on_chain_storage_version()]
    }
    genesis_ext("development").execute_with(|| {
        let version = |number| [StorageVersion::new(number); 2];
        assert_eq!(versions::<Registry>(), version(1));
        assert_eq!(versions::<Relationships>(), version(1));
        assert_eq!(versions::<Permissions>(), version(1));
        assert_eq!(versions::<Access>(), version(1));
        assert_eq!(versions::<Research>(), version(2));
    });
}

/// The names of a pallet's storage items, whose prefixes are checked.
fn items<Pallet: StorageInfoTrait>(pallet: &str) -> Vec<String> {
    let mut names: Vec<String> = Pallet::storage_info()
        .into_iter()
        .map(|item| {
            assert_eq!(item.pallet_name, pallet.as_bytes());
            assert_eq!(item.prefix, storage_prefix(&item.pallet_name, &item.storage_name));
            String::from_utf8(item.storage_name).unwrap()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn storage_items_should_keep_their_prefixes() {
    assert_eq!(
        items::<Registry>("Registry"),
        [
            "Accounts",
            "GroupMembers",
            "Groups",
            "GroupsOf",
            "Holds",
            "Members",
            "Names",
            "NextGroup",
            "NextMember",
            "SealingKeys",
            "StaffCount",
            "StaffKeys",
            "StaffOf",
        ]
    );
    assert_eq!(
        items::<Relationships>("Relationships"),
        [
            "Handovers",
            "Keys",
            "NextIndex",
            "Pointers",
            "Rekeys",
            "Relationships",
            "StaffAllowances",
            "StepIns",
            "Suspensions"
        ]
    );
    assert_eq!(
        items::<Permissions>("Permissions"),
        ["Breaks", "BreaksToday", "GlassCursor", "Glasses", "Reviews", "RuleCursor", "Rules", "Sharers"]
    );
    assert_eq!(
        items::<Access>("Access"),
        [
            "Anchors",
            "Due",
            "LastAnchored",
            "NextIndex",
            "OwnReceipts",
            "Receipts",
            "Requests",
            "RequestsAt",
            "RequestsOf",
            "Swept",
        ]
    );
    assert_eq!(
        items::<Research>("Research"),
        [
            "Answers",
            "ApprovedCollators",
            "Authors",
            "BlockHashBeacon",
            "BountyStudies",
            "Claims",
            "CollatorCount",
            "Collators",
            "Drawn",
            "Draws",
            "Entered",
            "Entries",
            "EraTotals",
            "Issuance",
            "Ledgers",
            "NextClaim",
            "NextStudy",
            "NextTable",
            "Plans",
            "Purses",
            "Releases",
            "Rhythm",
            "Rounds",
            "Studies",
            "StudyCount",
            "Tables",
            "WorkOf",
        ]
    );
}
