//! Transfers, with which a provider fills its deposit account.

use codec::{Compact, Encode};
use medrec_primitives::{AccountId, MemberId};

use super::Call;

/// Transfer to an account, keeping the sender's alive (amount in plancks).
pub fn transfer_keep_alive(to: &AccountId, amount: u128) -> Call {
    // `MultiAddress::Id`.
    let to = [[0].as_slice(), to.as_ref()].concat();
    Call::new("Balances", "transfer_keep_alive")
        .encoded("dest", &to)
        .encoded("value", &Compact(amount).encode())
}

/// The account on which a member's deposits for relationships are held; nobody has its key.
pub fn deposit_account(member: MemberId) -> AccountId {
    // As `PalletId::into_sub_account_truncating` derives it.
    let mut account = [0; 32];
    account[..12].copy_from_slice(b"modlmdr/depo");
    account[12..16].copy_from_slice(&member.to_le_bytes());
    account.into()
}
