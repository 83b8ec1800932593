//! Who makes blocks.

use codec::Encode;
use medrec_primitives::AccountId;

use super::Call;

/// Name the session keys with which this account's node makes blocks (the account; a deposit is held). `proof` is the node's that it
/// has their secrets.
pub fn set_keys(keys: &[u8], proof: &[u8]) -> Call {
    Call::new("Session", "set_keys").encoded("keys", keys).encoded("proof", &proof.encode())
}

/// Give the session keys up, and get the deposit back (the account).
pub fn purge_keys() -> Call {
    Call::new("Session", "purge_keys")
}

/// Let an account make blocks, from the session after the next on (consortium).
pub fn add_invulnerable(account: &AccountId) -> Call {
    Call::new("CollatorSelection", "add_invulnerable").scale("who", account)
}

/// Let an account make blocks no longer, from the session after the next on (consortium).
pub fn remove_invulnerable(account: &AccountId) -> Call {
    Call::new("CollatorSelection", "remove_invulnerable").scale("who", account)
}
