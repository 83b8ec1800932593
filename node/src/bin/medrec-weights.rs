// MedRec node. Copyright (C) the MedRec authors.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public
// License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later
// version. It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
// warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.

//! Generates weights from the benchmarks in a runtime blob.
//!
//! Takes the options of `benchmark pallet`. The blob must have been built with `MEDREC_WASM_CHECKS=1`; see the
//! README of the runtime.

use std::process::ExitCode;

use clap::Parser;
use cumulus_primitives_proof_size_hostfunction::storage_proof_size::HostFunctions;
use frame_benchmarking_cli::PalletCmd;
use sp_runtime::traits::BlakeTwo256;

/// Generate weights from the benchmarks in a runtime blob.
///
/// Example: medrec-weights --runtime <blob>.wasm --pallet pallet_registry --extrinsic '*' --output weights.rs
#[derive(Parser)]
#[command(name = "medrec-weights", version)]
struct Cli {
    #[command(flatten)]
    pallet: PalletCmd,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();
    match cli.pallet.run_with_spec::<BlakeTwo256, HostFunctions>(None) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}
