//! The emergency stop, and what it can never stop.

use frame_support::traits::{ConstU32, Contains};
use pallet_tx_pause::RuntimeCallNameOf;

use super::governance::Consortium;
use crate::{Runtime, RuntimeCall, RuntimeEvent};

/// Calls that narrow who may read what.
pub const NARROWING: &[(&str, &str)] = &[
    ("Access", "cancel"),
    ("Access", "decline"),
    ("Access", "refuse"),
    ("Permissions", "close_glass"),
    ("Permissions", "deny"),
    ("Permissions", "revoke"),
    ("Permissions", "revoke_all"),
    ("Registry", "remove"),
    ("Registry", "remove_from_group"),
    ("Registry", "remove_staff"),
    ("Registry", "rotate_gatekeeper_key"),
    ("Registry", "rotate_staff_key"),
    ("Registry", "suspend"),
    ("Relationships", "cancel_rekey"),
    ("Relationships", "end"),
    ("Relationships", "reject"),
    ("Relationships", "remove_custodian"),
    ("Relationships", "step_out"),
    ("Relationships", "suspend"),
    ("Relationships", "veto_rekey"),
];

/// Calls that narrow access or widen it, as their arguments say.
pub const EITHER_WAY: &[(&str, &str)] = &[("Relationships", "set_flags")];

/// Pallets without which no block can be made, or no stop be lifted.
pub const ESSENTIAL: &[&str] = &["Council", "CouncilMembership", "ParachainSystem", "Timestamp", "TxPause"];

/// Whether this is a call that narrows who may read what.
pub fn is_narrowing(pallet: &str, call: &str) -> bool {
    NARROWING.contains(&(pallet, call))
}

/// What can never be paused: calls that narrow access, or can, and what keeps the chain and the Council going.
pub struct Unpausable;

impl Contains<RuntimeCallNameOf<Runtime>> for Unpausable {
    fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
        let (Ok(pallet), Ok(call)) = (core::str::from_utf8(pallet), core::str::from_utf8(call)) else {
            return false;
        };
        ESSENTIAL.contains(&pallet) || is_narrowing(pallet, call) || EITHER_WAY.contains(&(pallet, call))
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
