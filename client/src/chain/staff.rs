//! Where the chain keeps who is on a member's staff.

use medrec_primitives::{AccountId, RelationshipId, StaffId};
use sp_crypto_hashing::blake2_128;

use super::{custody::hashed, storage_key};

const PALLET: &str = "Registry";

/// The storage key of whose a staff key is, or was: a [`StaffId`].
pub fn staff_id_key(account: &AccountId) -> Vec<u8> {
    let account: &[u8] = account.as_ref();
    [storage_key(PALLET, "StaffKeys").as_slice(), &blake2_128(account), account].concat()
}

/// The storage key of a person on a member's staff.
pub fn staff_key(staff: StaffId) -> Vec<u8> {
    // The maps are alike: by member and number.
    let place = hashed(RelationshipId::new(staff.member, staff.index));
    [storage_key(PALLET, "StaffOf").as_slice(), &place].concat()
}
