//! The emergency stop, and what it can never stop.

use frame_support::traits::{ConstU32, Contains};
use pallet_tx_pause::RuntimeCallNameOf;

use super::governance::Consortium;
use crate::{Runtime, RuntimeCall, RuntimeEvent};

/// Calls that narrow who may read what, whatever their arguments: what a [`Narrowing`](super::proxies::ProxyType) proxy may do.
pub const NARROWING: &[(&str, &str)] = &[
    ("Access", "cancel"),
    ("Access", "decline"),
    ("Access", "refuse"),
    ("Permissions", "close_glass"),
    ("Permissions", "deny"),
    ("Permissions", "revoke_all"),
    ("Registry", "remove"),
    ("Registry", "suspend"),
    ("Relationships", "cancel_rekey"),
    ("Relationships", "end"),
    ("Relationships", "reject"),
    ("Relationships", "remove_custodian"),
    ("Relationships", "step_out"),
    ("Relationships", "suspend"),
    ("Relationships", "veto_rekey"),
    ("Research", "end_study"),
    ("Research", "remove_collator"),
    ("Research", "withdraw_table"),
];

/// Calls that narrow access or widen it, as their arguments say: a denial is revoked like a grant, and ends for whoever leaves the
/// staff or the group that it is about; and a key that replaces a stolen one can do all that it could. A list of custodians, a period of
/// silence, and what a patient releases, which is sealed, may be less than before. Whoever takes a proxy away or rejects what it announced
/// narrows who acts in its name.
pub const EITHER_WAY: &[(&str, &str)] = &[
    ("Permissions", "review_glass"),
    ("Permissions", "revoke"),
    ("Proxy", "reject_announcement"),
    ("Proxy", "remove_proxies"),
    ("Proxy", "remove_proxy"),
    ("Registry", "remove_from_group"),
    ("Registry", "remove_staff"),
    ("Registry", "rotate_gatekeeper_key"),
    ("Registry", "rotate_sealing_key"),
    ("Registry", "rotate_staff_key"),
    ("Relationships", "set_custodians"),
    ("Relationships", "set_flags"),
    ("Relationships", "set_inactivity"),
    ("Relationships", "touch"),
    ("Research", "set_release"),
];

/// Calls that only carry others, each of which is stopped or let through by itself: a hospital whose account is a multisignature, or
/// that revokes through a proxy or in a batch, must not find that way closed.
pub const CARRYING: &[(&str, &str)] = &[
    ("Multisig", "approve_as_multi"),
    ("Multisig", "as_multi"),
    ("Multisig", "as_multi_threshold_1"),
    ("Proxy", "announce"),
    ("Proxy", "proxy"),
    ("Proxy", "proxy_announced"),
    ("Utility", "as_derivative"),
    ("Utility", "batch"),
    ("Utility", "batch_all"),
    ("Utility", "force_batch"),
];

/// Calls that nobody pays for and that only record what has happened. The pool does not know what is paused: a paused one would
/// fail in block after block, and its request stay open.
pub const RECORDING: &[(&str, &str)] = &[("Access", "fulfil")];

/// Pallets without which no block can be made, or no stop be lifted.
pub const ESSENTIAL: &[&str] = &["Council", "CouncilMembership", "ParachainSystem", "Timestamp", "TxPause"];

/// Whether this is a call that narrows who may read what, whatever its arguments.
pub fn is_narrowing(pallet: &str, call: &str) -> bool {
    NARROWING.contains(&(pallet, call))
}

/// What can never be paused: calls that narrow access, or can, or carry one that does, or only record, and what keeps the chain and the
/// Council going.
pub struct Unpausable;

impl Contains<RuntimeCallNameOf<Runtime>> for Unpausable {
    fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
        let (Ok(pallet), Ok(call)) = (core::str::from_utf8(pallet), core::str::from_utf8(call)) else {
            return false;
        };
        ESSENTIAL.contains(&pallet)
            || is_narrowing(pallet, call)
            || [EITHER_WAY, CARRYING, RECORDING].iter().any(|list| list.contains(&(pallet, call)))
    }
}

impl pallet_tx_pause::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PauseOrigin = Consortium;
    type UnpauseOrigin = Consortium;
    type WhitelistedCalls = Unpausable;
    type MaxNameLen = ConstU32<64>;
    type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Self>;
}
