//! Keys and signed transactions.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{keccak256, Address, Bytes, Signature, TxKind, U256};
use secp256k1::{Message, PublicKey, Secp256k1, SecretKey};

/// Ethereum's own.
pub const CHAIN_ID: u64 = 1;

/// More than any of these transactions takes.
pub const GAS_LIMIT: u64 = 1_000_000;

/// Someone with a key.
pub struct Actor {
    key: SecretKey,
    /// The account.
    pub address: Address,
    nonce: u64,
    grants: u32,
}

impl Actor {
    /// A key of its own for each pair of words and number.
    pub fn new(words: &str, number: u32) -> Self {
        let seed = keccak256([words.as_bytes(), &number.to_le_bytes()].concat());
        let key = SecretKey::from_slice(seed.as_slice()).expect("a hash is a key but once in 2^128");
        let public = PublicKey::from_secret_key(&Secp256k1::signing_only(), &key).serialize_uncompressed();
        Self { key, address: Address::from_slice(&keccak256(&public[1..])[12..]), nonce: 0, grants: 0 }
    }

    /// The number of the next transaction, which is taken.
    pub fn next_nonce(&mut self) -> u64 {
        self.nonce += 1;
        self.nonce - 1
    }

    /// The number of the grant just made.
    pub fn granted(&mut self) -> u32 {
        self.grants += 1;
        self.grants - 1
    }

    /// A transaction with the next nonce. Gas costs nothing here, so that patients need no balance.
    pub fn sign(&mut self, to: Address, value: U256, input: Vec<u8>) -> TxEnvelope {
        let transaction = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: self.next_nonce(),
            gas_limit: GAS_LIMIT,
            max_fee_per_gas: 0,
            max_priority_fee_per_gas: 0,
            to: TxKind::Call(to),
            value,
            access_list: Default::default(),
            input: input.into(),
        };
        let message = Message::from_digest(transaction.signature_hash().0);
        let signature = Secp256k1::signing_only().sign_ecdsa_recoverable(&message, &self.key);
        let (recovery, bytes) = signature.serialize_compact();
        let odd = i32::from(recovery) & 1 == 1;
        let signature = Signature::from_bytes_and_parity(&bytes, odd);
        transaction.into_signed(signature).into()
    }
}

/// As it travels.
pub fn encoded(transaction: &TxEnvelope) -> Bytes {
    transaction.encoded_2718().into()
}
