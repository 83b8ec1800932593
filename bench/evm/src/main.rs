//! MedRec's grants and revocations as a Solidity contract on `revm`: the other side of `bench/README.md`.
//!
//! | Module | Does |
//! |---|---|
//! | [`contract`] | the contract's calls |
//! | [`actors`] | keys and signed transactions |
//! | [`state`] | the state with its Merkle-Patricia tries |
//! | [`chain`] | makes blocks, and takes the time of it |
//!
//! What is timed is what `medrec-bench chain` times: decoding each transaction, recovering its signer, the call, and at the end
//! of a block the roots of state and transactions. Signing is not.

mod actors;
mod chain;
mod contract;
mod state;

use std::{path::PathBuf, time::Duration};

use alloy_consensus::TxEnvelope;
use alloy_primitives::{keccak256, Address, Bytes, FixedBytes, U256};
use alloy_sol_types::SolCall;
use anyhow::{ensure, Context};
use clap::Parser;
use serde_json::{json, Map, Value};

use actors::Actor;
use chain::Chain;
use contract::MedRec;

/// Blocks of each kind that only warm up.
const WARM_UP: u32 = 3;

/// Time grants and revocations in Solidity, signatures and state root in
#[derive(Debug, Parser)]
struct Options {
    /// The contract's creation code in hexadecimal digits, as compile.mjs writes it
    contract: PathBuf,
    /// How many accounts, and how many relationships, the state holds
    #[arg(long, default_value_t = 10_000)]
    accounts: u32,
    /// How many transactions a block holds
    #[arg(long, default_value_t = 100)]
    block: u32,
    /// How many blocks of each kind are measured
    #[arg(long, default_value_t = 31)]
    repetitions: u32,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    ensure!(options.block > 0 && options.accounts >= options.block, "more accounts than a block takes");
    let code = std::fs::read_to_string(&options.contract)
        .with_context(|| format!("cannot read {}", options.contract.display()))?;
    let mut world = World::new(hex::decode(code.trim())?, options.accounts)?;
    let mut rounds = Vec::new();
    for round in 0..WARM_UP + options.repetitions {
        let taken = world.round(round, &options)?;
        if round >= WARM_UP {
            rounds.push(taken);
        }
    }
    world.chain.check_roots()?;
    println!("{:#}", report(&options, &rounds, &world.lengths));
    Ok(())
}

/// The chain, and who acts on it.
struct World {
    chain: Chain,
    contract: Address,
    patients: Vec<Actor>,
    payers: Vec<Actor>,
    /// Bytes of the last transaction of each kind.
    lengths: [usize; 3],
}

impl World {
    fn new(code: Vec<u8>, accounts: u32) -> anyhow::Result<Self> {
        let provider = Actor::new("provider", 0);
        let mut patients: Vec<_> = (0..accounts).map(|n| Actor::new("patient", n)).collect();
        let payers: Vec<_> = (0..accounts).map(|n| Actor::new("payer", n)).collect();
        let mut chain = Chain::new(payers.iter().map(|payer| payer.address));
        let contract = chain.deploy(provider.address, code.into())?;
        let mut nonce = 1;
        let mut by_provider = |chain: &mut Chain, data: Vec<u8>| {
            nonce += 1;
            chain.prepare(provider.address, contract, nonce - 1, data)
        };
        by_provider(&mut chain, MedRec::admitCall { account: provider.address }.abi_encode())?;
        for (index, patient) in patients.iter_mut().enumerate() {
            let ticket = FixedBytes::from_slice(&keccak256(patient.address)[..16]);
            let propose = MedRec::proposeCall { at: 0, patient: patient.address, ticket };
            by_provider(&mut chain, propose.abi_encode())?;
            let accept = MedRec::acceptCall { id: index as u64 };
            chain.prepare(patient.address, contract, patient.next_nonce(), accept.abi_encode())?;
        }
        chain.seal();
        Ok(Self { chain, contract, patients, payers, lengths: [0; 3] })
    }

    /// A block of each kind: transfers first in every other round, a grant always before its revocation.
    fn round(&mut self, round: u32, options: &Options) -> anyhow::Result<[Duration; 3]> {
        let accounts = options.accounts;
        let first = round.wrapping_mul(options.block);
        let chosen: Vec<_> =
            (0..options.block).map(|place| (first.wrapping_add(place) % accounts) as usize).collect();
        let mut taken = [Duration::ZERO; 3];
        if round % 2 == 0 {
            taken[0] = self.transfers(&chosen)?;
        }
        let until = self.chain.time() + 90 * 24 * 60 * 60;
        let contract = self.contract;
        taken[1] = self.block(1, &chosen, |world, index| {
            let noise = keccak256((index as u64).to_le_bytes());
            let call = MedRec::grantCall {
                id: index as u64,
                viewerKind: 0,
                viewer: keccak256(noise),
                sealingKey: 0,
                terms: noise.iter().copied().cycle().take(136).collect::<Vec<_>>().into(),
                commitment: noise,
                notBefore: 0,
                notAfter: alloy_primitives::aliases::U48::from(until),
                mayShare: false,
            };
            world.patients[index].sign(contract, U256::ZERO, call.abi_encode())
        })?;
        taken[2] = self.block(2, &chosen, |world, index| {
            // Every round grants once, and a patient's turn comes again after all the others'.
            let number = world.patients[index].granted();
            let call = MedRec::revokeCall { id: index as u64, number };
            world.patients[index].sign(contract, U256::ZERO, call.abi_encode())
        })?;
        if round % 2 == 1 {
            taken[0] = self.transfers(&chosen)?;
        }
        Ok(taken)
    }

    fn transfers(&mut self, chosen: &[usize]) -> anyhow::Result<Duration> {
        self.block(0, chosen, |world, index| {
            let to = world.payers[(index + world.payers.len() / 2) % world.payers.len()].address;
            world.payers[index].sign(to, U256::from(1_000_000_007u64), Vec::new())
        })
    }

    fn block(
        &mut self,
        kind: usize,
        chosen: &[usize],
        sign: impl Fn(&mut Self, usize) -> TxEnvelope,
    ) -> anyhow::Result<Duration> {
        let signed: Vec<Bytes> = chosen.iter().map(|&index| actors::encoded(&sign(self, index))).collect();
        self.lengths[kind] = signed.last().map_or(0, |bytes| bytes.len());
        self.chain.block(&signed)
    }
}

/// In the form of `medrec-bench chain --json`.
fn report(options: &Options, rounds: &[[Duration; 3]], lengths: &[usize; 3]) -> Value {
    let each = |kind: usize| -> Vec<f64> {
        rounds.iter().map(|round| round[kind].as_secs_f64() * 1e6 / f64::from(options.block)).collect()
    };
    let ratio = |kind: usize| -> Vec<f64> {
        rounds.iter().map(|round| round[kind].as_secs_f64() / round[0].as_secs_f64()).collect()
    };
    let names = ["transfer", "grant", "revoke"];
    let times: Map<_, _> = names
        .iter()
        .enumerate()
        .map(|(kind, name)| {
            let us = quartiles(each(kind));
            let about = json!({
                "us": us,
                "per_second": 1e6 / us["median"].as_f64().unwrap_or(f64::NAN),
                "ratio": quartiles(ratio(kind)),
                "bytes": lengths[kind],
            });
            ((*name).to_owned(), about)
        })
        .collect();
    json!({
        "side": "evm",
        "accounts": options.accounts,
        "block": options.block,
        "repetitions": options.repetitions,
        "times": times,
    })
}

fn quartiles(mut values: Vec<f64>) -> Value {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get(((values.len() - 1) as f64 * share).round() as usize).copied();
    json!({ "q1": at(0.25), "median": at(0.5), "q3": at(0.75) })
}
