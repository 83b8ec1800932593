//! Tests, by module. Vectors that other implementations made stand beside a word on how.
#![allow(clippy::unwrap_used)]

mod answer;
mod calls;
mod enrol;
mod gatekeeper;
mod keys;
mod messages;
mod question;
mod request;
mod sealed;
mod sealing;
mod signature;
mod signin;
mod text;

use medrec_primitives::AccountId;
use sp_core::{crypto::Ss58Codec, H256};

use crate::{KeyPair, KeyType};

pub const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
pub const BOB: &str = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
pub const GENESIS: H256 = H256([0x11; 32]);

pub fn account(address: &str) -> AccountId {
    AccountId::from_ss58check(address).unwrap()
}

pub fn alice() -> KeyPair {
    KeyPair::from_suri("//Alice", KeyType::Sr25519).unwrap()
}

pub fn bob() -> KeyPair {
    KeyPair::from_suri("//Bob", KeyType::Sr25519).unwrap()
}

/// `text` with one character replaced by another, at every place.
pub fn mutations(text: &str) -> impl Iterator<Item = String> + '_ {
    text.char_indices().flat_map(move |(at, c)| {
        ["", "0", "x", "\n", " "].into_iter().filter(move |new| *new != c.to_string()).map(move |new| {
            let mut changed = text.to_owned();
            changed.replace_range(at..at + c.len_utf8(), new);
            changed
        })
    })
}
