//! Motions of the consortium.

use codec::{Compact, Encode};
use sp_core::H256;

use super::Call;

const PALLET: &str = "Council";

/// Propose a call, encoded against the same metadata, to be dispatched once `threshold` of the council agree.
pub fn propose(threshold: u32, call: &[u8]) -> Call {
    Call::new(PALLET, "propose")
        .number("threshold", threshold)
        .encoded("proposal", call)
        .number("length_bound", call.len() as u128)
}

/// Vote on a motion.
pub fn vote(motion: H256, index: u32, approve: bool) -> Call {
    Call::new(PALLET, "vote").scale("proposal", motion).number("index", index).scale("approve", approve)
}

/// Close a motion that has votes enough, or whose time is over, and dispatch what it agreed to.
pub fn close(motion: H256, index: u32, weight: (u64, u64), length: u32) -> Call {
    let weight = (Compact(weight.0), Compact(weight.1)).encode();
    Call::new(PALLET, "close")
        .scale("proposal_hash", motion)
        .number("index", index)
        .encoded("proposal_weight_bound", &weight)
        .number("length_bound", length)
}
