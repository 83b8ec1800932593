//! Which pallets there are.
//!
//! Indices are part of the encoding of calls, events, errors and origins: never change them. Pallets start and end
//! blocks in the order of their indices.
#![allow(missing_docs)] // What the macro generates has none.

use alloc::vec::Vec;

pub mod apis;

#[frame_support::runtime]
mod runtime {
    /// The runtime.
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
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type ParachainSystem = cumulus_pallet_parachain_system;
    #[runtime::pallet_index(2)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(3)]
    pub type ParachainInfo = parachain_info;
    #[runtime::pallet_index(4)]
    pub type WeightReclaim = cumulus_pallet_weight_reclaim;
    #[runtime::pallet_index(5)]
    pub type MultiBlockMigrations = pallet_migrations;

    #[runtime::pallet_index(10)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(11)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(12)]
    pub type SkipFeelessPayment = pallet_skip_feeless_payment;

    // The order of these five matters: authorship before selection before session before Aura.
    #[runtime::pallet_index(20)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(21)]
    pub type CollatorSelection = pallet_collator_selection;
    #[runtime::pallet_index(22)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(23)]
    pub type Aura = pallet_aura;
    #[runtime::pallet_index(24)]
    pub type AuraExt = cumulus_pallet_aura_ext;

    #[runtime::pallet_index(30)]
    pub type XcmpQueue = cumulus_pallet_xcmp_queue;
    #[runtime::pallet_index(31)]
    pub type PolkadotXcm = pallet_xcm;
    #[runtime::pallet_index(32)]
    pub type CumulusXcm = cumulus_pallet_xcm;
    #[runtime::pallet_index(33)]
    pub type MessageQueue = pallet_message_queue;

    #[runtime::pallet_index(40)]
    pub type Registry = pallet_registry;
    #[runtime::pallet_index(41)]
    pub type Relationships = pallet_relationships;
    #[runtime::pallet_index(42)]
    pub type Permissions = pallet_permissions;
    #[runtime::pallet_index(43)]
    pub type Access = pallet_access;
    #[runtime::pallet_index(44)]
    pub type Research = pallet_research;

    #[runtime::pallet_index(50)]
    pub type Council = pallet_collective::Pallet<Runtime, Instance1>;
    #[runtime::pallet_index(51)]
    pub type CouncilMembership = pallet_membership::Pallet<Runtime, Instance1>;
    #[runtime::pallet_index(52)]
    pub type Whitelist = pallet_whitelist;
    #[runtime::pallet_index(53)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(54)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(55)]
    pub type TxPause = pallet_tx_pause;

    #[runtime::pallet_index(60)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(61)]
    pub type Proxy = pallet_proxy;
    #[runtime::pallet_index(62)]
    pub type Multisig = pallet_multisig;
}
