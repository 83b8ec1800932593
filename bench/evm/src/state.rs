//! The Merkle-Patricia tries over the state, kept up to date block by block as Ethereum's are.

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::TrieAccount;
use alloy_primitives::{keccak256, map::HashMap, Address, B256, U256};
use alloy_trie::{HashBuilder, Nibbles, EMPTY_ROOT_HASH};
use anyhow::ensure;
use eth_trie::{EthTrie, MemoryDB, Trie};
use revm::state::{AccountInfo, EvmState};

type InMemoryTrie = EthTrie<MemoryDB>;

/// The tries, and what a block has changed so far.
pub struct Tries {
    accounts: InMemoryTrie,
    storage: HashMap<Address, InMemoryTrie>,
    roots: HashMap<Address, B256>,
    changed: BTreeMap<Address, AccountInfo>,
    slots: BTreeMap<Address, BTreeMap<U256, U256>>,
}

impl Tries {
    /// Of an empty state.
    pub fn new() -> Self {
        Self {
            accounts: trie(),
            storage: HashMap::default(),
            roots: HashMap::default(),
            changed: BTreeMap::new(),
            slots: BTreeMap::new(),
        }
    }

    /// An account that is there from the start.
    pub fn set(&mut self, address: Address, info: AccountInfo) {
        self.changed.insert(address, info);
    }

    /// Notes what a transaction has changed.
    pub fn note(&mut self, state: &EvmState) {
        for (address, account) in state {
            if !account.is_touched() {
                continue;
            }
            self.changed.insert(*address, account.info.copy_without_code());
            let changed = account.storage.iter().filter(|(_, slot)| slot.is_changed());
            for (key, slot) in changed {
                self.slots.entry(*address).or_default().insert(*key, slot.present_value);
            }
        }
    }

    /// Puts what the block has changed into the tries; answers with the state's root.
    pub fn seal(&mut self) -> anyhow::Result<B256> {
        for (address, slots) in std::mem::take(&mut self.slots) {
            let storage = self.storage.entry(address).or_insert_with(trie);
            for (key, value) in slots {
                let key = keccak256(B256::from(key));
                if value.is_zero() {
                    storage.remove(key.as_slice())?;
                } else {
                    storage.insert(key.as_slice(), &alloy_rlp::encode(value))?;
                }
            }
            self.roots.insert(address, storage.root_hash()?);
        }
        for (address, info) in std::mem::take(&mut self.changed) {
            let key = keccak256(address);
            if info.is_empty() {
                self.accounts.remove(key.as_slice())?;
            } else {
                let root = self.roots.get(&address).copied().unwrap_or(EMPTY_ROOT_HASH);
                self.accounts.insert(key.as_slice(), &alloy_rlp::encode(leaf(&info, root)))?;
            }
        }
        Ok(self.accounts.root_hash()?)
    }

    /// Computes every root anew from a state as another library does; they must agree.
    pub fn check(
        &mut self,
        accounts: impl Iterator<Item = (Address, AccountInfo, BTreeMap<U256, U256>)>,
    ) -> anyhow::Result<()> {
        let mut leaves = BTreeMap::new();
        for (address, info, slots) in accounts {
            if info.is_empty() {
                continue;
            }
            let slots = slots.into_iter().filter(|(_, value)| !value.is_zero());
            let hashed = slots.map(|(key, value)| (keccak256(B256::from(key)), alloy_rlp::encode(value)));
            let root = rebuilt(hashed.collect());
            let kept = self.roots.get(&address).copied().unwrap_or(EMPTY_ROOT_HASH);
            ensure!(root == kept, "the storage root of {address} is {kept}, computed anew {root}");
            leaves.insert(keccak256(address), alloy_rlp::encode(leaf(&info, root)));
        }
        let (kept, root) = (self.accounts.root_hash()?, rebuilt(leaves));
        ensure!(root == kept, "the state's root is {kept}, computed anew {root}");
        Ok(())
    }
}

fn trie() -> InMemoryTrie {
    EthTrie::new(Arc::new(MemoryDB::new(false)))
}

fn leaf(info: &AccountInfo, storage_root: B256) -> TrieAccount {
    TrieAccount { nonce: info.nonce, balance: info.balance, storage_root, code_hash: info.code_hash }
}

fn rebuilt(leaves: BTreeMap<B256, Vec<u8>>) -> B256 {
    let mut builder = HashBuilder::default();
    for (key, value) in leaves {
        builder.add_leaf(Nibbles::unpack(key), &value);
    }
    builder.root()
}
