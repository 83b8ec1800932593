// MedRec node. Copyright (C) the MedRec authors.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public
// License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later
// version. It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
// warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.

//! The MedRec node: collator, full node, chain-spec and key tool.
//!
//! Everything a parachain node does comes from `polkadot-omni-node-lib`; what is ours is the runtime inside and the
//! chains that it can be asked for by name.

mod chain_spec;

use std::process::ExitCode;

use polkadot_omni_node_lib::{
    chain_spec::ChainSpec,
    run,
    runtime::{AuraConsensusId, BlockNumber, Consensus, Runtime, RuntimeResolver},
    CliConfig, RunConfig,
};

/// What the program says of itself.
struct About;

impl CliConfig for About {
    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn description(executable_name: String) -> String {
        format!(
            "The MedRec node.\n\n\
             A chain to try things on:     {executable_name} --dev\n\
             A collator of a network:      {executable_name} --collator --chain <spec.json> -- --chain <relay-spec.json>\n\
             The chain spec of a network:  {executable_name} export-chain-spec --chain local\n\n\
             Arguments before -- are for the parachain, those after it for the relay chain."
        )
    }

    fn author() -> String {
        "The MedRec authors".into()
    }

    fn support_url() -> String {
        "the README.md beside the source".into()
    }

    fn copyright_start_year() -> u16 {
        2026
    }
}

/// What every MedRec runtime is built of. To look it up in the blob, as the library does by default, would compile the
/// blob twice at each start.
struct AlwaysTheSame;

impl RuntimeResolver for AlwaysTheSame {
    fn runtime(&self, _: &dyn ChainSpec) -> sc_cli::Result<Runtime> {
        Ok(Runtime::Omni(BlockNumber::U32, Consensus::Aura(AuraConsensusId::Sr25519)))
    }
}

fn main() -> ExitCode {
    let config = RunConfig::new(Box::new(AlwaysTheSame), Box::new(chain_spec::ChainsByName));
    match run::<About>(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}
