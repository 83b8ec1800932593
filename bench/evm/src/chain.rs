//! Makes blocks, and takes the time of it.

use std::time::{Duration, Instant};

use alloy_consensus::{
    proofs::calculate_transaction_root, transaction::SignerRecoverable, Transaction, TxEnvelope,
};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, Bytes, TxKind, U256};
use anyhow::{bail, Context as _};
use revm::{
    context::{result::ExecutionResult, Context, TxEnv},
    database::{CacheDB, EmptyDB},
    state::AccountInfo,
    ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm,
};

use crate::{
    actors::{CHAIN_ID, GAS_LIMIT},
    state::Tries,
};

/// Seconds from one block to the next.
const SLOT: u64 = 6;

/// The time of the first block: some day in 2026.
const FIRST: u64 = 1_770_000_000;

type State = CacheDB<EmptyDB>;
type Evm = MainnetEvm<revm::handler::MainnetContext<State>>;

/// The chain.
pub struct Chain {
    evm: Evm,
    tries: Tries,
    time: u64,
}

impl Chain {
    /// With a balance for each of these.
    pub fn new(payers: impl Iterator<Item = Address>) -> Self {
        let mut state = State::default();
        let mut tries = Tries::new();
        for payer in payers {
            let info = AccountInfo { balance: U256::from(10).pow(U256::from(18)), ..Default::default() };
            state.insert_account_info(payer, info.clone());
            tries.set(payer, info);
        }
        let evm = Context::mainnet()
            .with_db(state)
            .modify_block_chained(|block| {
                block.basefee = 0;
                block.gas_limit = u64::MAX;
                block.timestamp = U256::from(FIRST);
            })
            .build_mainnet();
        Self { evm, tries, time: FIRST }
    }

    /// The block's time (s).
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Puts a contract on the chain.
    pub fn deploy(&mut self, by: Address, code: Bytes) -> anyhow::Result<Address> {
        let result = self.execute(TxEnv {
            caller: by,
            gas_limit: 16_000_000,
            kind: TxKind::Create,
            data: code,
            chain_id: Some(CHAIN_ID),
            ..Default::default()
        })?;
        result.created_address().context("no contract was made")
    }

    /// A call that nobody signs and nobody times.
    pub fn prepare(&mut self, by: Address, to: Address, nonce: u64, data: Vec<u8>) -> anyhow::Result<()> {
        let transaction = TxEnv {
            caller: by,
            gas_limit: GAS_LIMIT,
            kind: TxKind::Call(to),
            data: data.into(),
            nonce,
            chain_id: Some(CHAIN_ID),
            ..Default::default()
        };
        self.execute(transaction).map(drop)
    }

    /// Ends a block of such calls.
    pub fn seal(&mut self) {
        self.tries.seal().expect("a trie in memory");
    }

    /// A block of these transactions, all of which must succeed.
    pub fn block(&mut self, signed: &[Bytes]) -> anyhow::Result<Duration> {
        let started = Instant::now();
        self.time += SLOT;
        let time = U256::from(self.time);
        self.evm.ctx.modify_block(|block| block.timestamp = time);
        let mut transactions = Vec::with_capacity(signed.len());
        for bytes in signed {
            let transaction = TxEnvelope::decode_2718(&mut bytes.as_ref())?;
            let caller = transaction.recover_signer()?;
            self.execute(TxEnv {
                tx_type: 2,
                caller,
                gas_limit: transaction.gas_limit(),
                gas_price: transaction.max_fee_per_gas(),
                gas_priority_fee: transaction.max_priority_fee_per_gas(),
                kind: transaction.kind(),
                value: transaction.value(),
                data: transaction.input().clone(),
                nonce: transaction.nonce(),
                chain_id: transaction.chain_id(),
                ..Default::default()
            })?;
            transactions.push(transaction);
        }
        std::hint::black_box(self.tries.seal()?);
        std::hint::black_box(calculate_transaction_root(&transactions));
        Ok(started.elapsed())
    }

    /// The roots that were kept up to date are those of the state.
    pub fn check_roots(&mut self) -> anyhow::Result<()> {
        let accounts = self.evm.ctx.journaled_state.database.cache.accounts.iter();
        let accounts: Vec<_> = accounts
            .map(|(address, account)| {
                let slots = account.storage.iter().map(|(key, value)| (*key, *value)).collect();
                (*address, account.info.copy_without_code(), slots)
            })
            .collect();
        self.tries.check(accounts.into_iter())
    }

    fn execute(&mut self, transaction: TxEnv) -> anyhow::Result<ExecutionResult> {
        let done = self.evm.transact(transaction)?;
        if !done.result.is_success() {
            bail!("a transaction failed: {:?}", done.result);
        }
        self.tries.note(&done.state);
        self.evm.commit(done.state);
        Ok(done.result)
    }
}
