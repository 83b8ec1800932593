//! Runtime upgrades: what is voted on, what is scheduled, what anyone may apply.

use codec::{Compact, Encode};
use sp_core::H256;

use super::Call;

/// Allow code with this hash to become the runtime (root).
pub fn authorize(code: H256) -> Call {
    Call::new("System", "authorize_upgrade").scale("code_hash", code)
}

/// Make authorised code the runtime (anyone).
pub fn apply(code: &[u8]) -> Call {
    Call::new("System", "apply_authorized_upgrade").scale("code", code)
}

/// Keep a call on chain, for those who know its hash alone (anyone, against a deposit).
pub fn note_preimage(call: &[u8]) -> Call {
    Call::new("Preimage", "note_preimage").scale("bytes", call)
}

/// Say that a call may be dispatched as root once (council).
pub fn whitelist(call: H256) -> Call {
    Call::new("Whitelist", "whitelist_call").scale("call_hash", call)
}

/// Dispatch a whitelisted call of this length as root, with at most this weight (scheduled by the council).
pub fn dispatch_whitelisted(call: H256, length: u32, weight: (u64, u64)) -> Call {
    let weight = (Compact(weight.0), Compact(weight.1)).encode();
    Call::new("Whitelist", "dispatch_whitelisted_call")
        .scale("call_hash", call)
        .number("call_encoded_len", length)
        .encoded("call_weight_witness", &weight)
}

/// Dispatch a call, encoded against the same metadata, so many blocks from now (council).
pub fn schedule_after(blocks: u32, call: &[u8]) -> Call {
    Call::new("Scheduler", "schedule_after")
        .number("after", blocks)
        .scale("maybe_periodic", None::<(u32, u32)>)
        .number("priority", 0u8)
        .encoded("call", call)
}
