#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]
#![recursion_limit = "256"]

// The blob of this runtime: `WASM_BINARY`.
#[cfg(feature = "std")]
mod wasm {
    #![allow(missing_docs, dead_code)] // Generated.
    include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
mod composition;
pub mod configs;
pub mod constants;
pub mod genesis;
pub mod medrec_api;
pub mod migrations;
pub mod research_api;
pub mod weights;

use alloc::{borrow::Cow, vec::Vec};

use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, Hash as HashT},
    MultiAddress,
};
use sp_version::RuntimeVersion;

pub use composition::{apis::RUNTIME_API_VERSIONS, *};
#[cfg(feature = "std")]
pub use medrec_api::MedRecApi;
pub use medrec_primitives::AccountId;
#[cfg(feature = "std")]
pub use research_api::ResearchApi;
#[cfg(feature = "std")]
pub use wasm::{WASM_BINARY, WASM_BINARY_BLOATY};

/// The signature of a transaction: sr25519, ed25519 or ecdsa.
pub type Signature = sp_runtime::MultiSignature;
/// An amount of the token (plancks).
pub type Balance = u128;
/// Counts an account's transactions.
pub type Nonce = u32;
/// A hash of the chain.
pub type Hash = <BlakeTwo256 as HashT>::Output;
/// Counts blocks.
pub type BlockNumber = u32;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// The header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// What a transaction carries beside its call, and what is checked of it.
///
/// `FreeCalls` stands where `CheckMortality` and `CheckNonce` stand elsewhere, and looks to wallets like these two.
pub type TxExtension = cumulus_pallet_weight_reclaim::StorageWeightReclaim<
    Runtime,
    (
        frame_system::AuthorizeCall<Runtime>,
        frame_system::CheckNonZeroSender<Runtime>,
        frame_system::CheckSpecVersion<Runtime>,
        frame_system::CheckTxVersion<Runtime>,
        frame_system::CheckGenesis<Runtime>,
        pallet_relationships::extension::FreeCalls<Runtime>,
        frame_system::CheckWeight<Runtime>,
        pallet_skip_feeless_payment::SkipCheckIfFeeless<
            Runtime,
            pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
        >,
        frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    ),
>;
/// A transaction as it travels.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a transaction's signature is over.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;
/// Applies blocks and transactions to the pallets.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

impl_opaque_keys! {
    /// The keys of a collator.
    pub struct SessionKeys {
        /// Signs blocks.
        pub aura: Aura,
    }
}

/// The version of this runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("medrec"),
    impl_name: Cow::Borrowed("medrec"),
    authoring_version: 1,
    spec_version: 1_003,
    impl_version: 0,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 1,
    // The highest that light clients read (smoldot 3.3).
    system_version: 1,
};

// `validate_block`, with which relay chain validators check our blocks.
cumulus_pallet_parachain_system::register_validate_block! {
    Runtime = Runtime,
    BlockExecutor = cumulus_pallet_aura_ext::BlockExecutor::<Runtime, Executive>,
}
