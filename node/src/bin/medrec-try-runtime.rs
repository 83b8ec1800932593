// MedRec node. Copyright (C) the MedRec authors.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public
// License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later
// version. It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
// warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.

//! Tries a runtime upgrade on the state of a live chain, before anybody votes on it.
//!
//! The blob must have been built with `MEDREC_WASM_CHECKS=1`; `scripts/try-runtime` does that.

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::{ArgGroup, Parser};
use codec::Decode;
use cumulus_primitives_proof_size_hostfunction::storage_proof_size::HostFunctions as ProofSize;
use frame_remote_externalities::{
    Builder, Mode, OfflineConfig, OnlineConfig, RemoteExternalities, SnapshotConfig,
};
use medrec_runtime::{Block, Hash};
use sc_executor::{RuntimeVersionOf, WasmExecutor};
use sc_executor_common::runtime_blob::RuntimeBlob;
use sp_core::traits::{RuntimeCode, WrappedRuntimeCode};
use sp_runtime::traits::{BlakeTwo256, Hash as _};
use sp_weights::Weight;

/// Everything that hooks may ask of the host.
type HostFunctions = (sp_io::SubstrateHostFunctions, ProofSize);

/// What of it is tried: `UpgradeCheckSelect::All`, by its place in that type, which only code with the feature `try-runtime` has.
const ALL_CHECKS: [u8; 1] = [1];

/// Try a runtime upgrade on the state of a live chain.
///
/// Fetches the whole state of a block, checks every invariant (try_state), runs all migrations to their end with what each
/// checks before and after, and checks every invariant again. The chain is only read. Ends with status 1 when anything fails.
///
/// Examples:
///   medrec-try-runtime --runtime <blob>.wasm --url ws://127.0.0.1:9944
///   medrec-try-runtime --runtime <blob>.wasm --url ws://127.0.0.1:9944 --snapshot state.snap
///   medrec-try-runtime --runtime <blob>.wasm --snapshot state.snap
///   RUST_LOG=warn,runtime=info medrec-try-runtime ...               says which pallet and migration is tried
#[derive(Parser)]
#[command(name = "medrec-try-runtime", version, verbatim_doc_comment)]
#[command(group(ArgGroup::new("state").required(true).multiple(true).args(["url", "snapshot"])))]
struct Cli {
    /// The new runtime, built with its feature `try-runtime`.
    #[arg(long, value_name = "FILE")]
    runtime: PathBuf,

    /// A node with the state to try it on (ws:// or wss://), a full node or an archive.
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// The block with that state; the last final one unless said.
    #[arg(long, value_name = "HASH", requires = "url")]
    at: Option<Hash>,

    /// With --url: where the state is kept, too. Alone: where it is read from.
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), String> {
    let blob = std::fs::read(&cli.runtime).map_err(|error| format!("{}: {error}", cli.runtime.display()))?;
    let executor = WasmExecutor::<HostFunctions>::builder().build();
    let mut state = fetch(&cli).await?;
    let (before, after) = (version_of_state(&executor, &mut state)?, version(&executor, &blob)?);
    println!("State of block {} (spec_version {before}), code of spec_version {after}.", state.header.number);
    if before >= after {
        println!("A chain takes only code of a higher version than its own: this is a rehearsal.");
    }

    let started = Instant::now();
    let code = RuntimeBlob::uncompress_if_needed(&blob).map_err(|error| error.to_string())?;
    let answer = executor
        .uncached_call(code, &mut state.ext(), true, "TryRuntime_on_runtime_upgrade", &ALL_CHECKS)
        .map_err(explain)?;
    let (used, block) = <(Weight, Weight)>::decode(&mut answer.as_slice())
        .map_err(|error| format!("the answer of the runtime does not decode: {error}"))?;
    println!(
        "All migrations and checks passed in {:.1} s. What runs in the upgrade's own block takes {:.1} % of its time and {:.1} % \
         of its proof.",
        started.elapsed().as_secs_f64(),
        share(used.ref_time(), block.ref_time()),
        share(used.proof_size(), block.proof_size()),
    );
    if used.any_gt(block) {
        return Err("that is more than a block has: make it a migration over several blocks".into());
    }
    Ok(())
}

/// The state, from a node or a file.
async fn fetch(cli: &Cli) -> Result<RemoteExternalities<Block>, String> {
    let file = cli.snapshot.clone().map(SnapshotConfig::new);
    let mode = match (&cli.url, file) {
        (Some(url), state_snapshot) => {
            eprintln!("Fetching the state from {url} ...");
            let transport_uris = vec![url.clone()];
            Mode::Online(OnlineConfig { at: cli.at, state_snapshot, transport_uris, ..Default::default() })
        }
        (None, Some(state_snapshot)) => Mode::Offline(OfflineConfig { state_snapshot }),
        (None, None) => return Err("say where the state is: --url or --snapshot".into()),
    };
    let state = Builder::<Block>::new().mode(mode).build().await;
    state.map_err(|error| format!("the state was not read: {error}. Is the address or file right, and does the node keep this block?"))
}

/// The version of the code that the state itself has.
fn version_of_state(
    executor: &WasmExecutor<HostFunctions>,
    state: &mut RemoteExternalities<Block>,
) -> Result<u32, String> {
    let code = state.execute_with(|| sp_io::storage::get(sp_core::storage::well_known_keys::CODE));
    version(executor, &code.ok_or("the state has no code")?)
}

fn version(executor: &WasmExecutor<HostFunctions>, blob: &[u8]) -> Result<u32, String> {
    let wrapped = WrappedRuntimeCode(blob.into());
    let code =
        RuntimeCode { code_fetcher: &wrapped, heap_pages: None, hash: BlakeTwo256::hash(blob).0.to_vec() };
    let mut empty = sp_io::TestExternalities::default();
    let version = executor.runtime_version(&mut empty.ext(), &code);
    Ok(version.map_err(|error| format!("the code does not say its version: {error}"))?.spec_version)
}

/// What went wrong, in words for whoever called it.
fn explain(error: sc_executor_common::error::Error) -> String {
    let text = error.to_string();
    if text.contains("TryRuntime_on_runtime_upgrade") && text.contains("not found") {
        return "this code was not built for it: build it with MEDREC_WASM_CHECKS=1 (scripts/try-runtime does)".into();
    }
    format!("the upgrade fails: {text}")
}

/// Per cent.
fn share(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
