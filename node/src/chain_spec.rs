// MedRec node. Copyright (C) the MedRec authors.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public
// License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later
// version. It is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
// warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.

//! The chains that the node can be asked for by name.

use medrec_runtime::constants::{SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL};
use medrec_runtime::genesis::DEVELOPMENT_PARA_ID;
use polkadot_omni_node_lib::chain_spec::{
    ChainSpec, DiskChainSpecLoader, Extensions, GenericChainSpec, LoadSpec,
};
use sc_chain_spec::{ChainType, Properties};
use sp_core::storage::well_known_keys;
use sp_runtime::BuildStorage;

/// The relay chain that development chains name. What it really is, is said after `--`.
const RELAY_CHAIN: &str = "rococo-local";

/// Finds a chain by its name, and else reads the file of that name.
pub struct ChainsByName;

impl LoadSpec for ChainsByName {
    fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
        match id {
            "" => Err("Which chain? This program knows no public MedRec network. Say --dev for a chain of your own, \
                       --chain local for a network on this machine, or --chain <spec.json>."
                .into()),
            "dev" | "development" => Ok(Box::new(development()?)),
            "local" | "local_testnet" => Ok(Box::new(local()?)),
            path => DiskChainSpecLoader.load_spec(path),
        }
    }
}

/// One node, sealing its own blocks.
///
/// Its genesis is built natively: to compile the blob only for that would double the time until the first block.
fn development() -> Result<GenericChainSpec, String> {
    let mut spec = by_preset("MedRec Development", "medrec_dev", ChainType::Development, "development")?;
    let mut storage = medrec_runtime::genesis::config(&"development".into())
        .ok_or("The runtime inside this program has no preset for development.")?
        .build_storage()?;
    storage.top.insert(well_known_keys::CODE.to_vec(), code()?.to_vec());
    spec.set_storage(storage);
    Ok(spec)
}

/// A network on one machine, below a relay chain.
fn local() -> Result<GenericChainSpec, String> {
    by_preset("MedRec Local Testnet", "medrec_local", ChainType::Local, "local_testnet")
}

/// The blob of the runtime inside this program.
fn code() -> Result<&'static [u8], String> {
    Ok(medrec_runtime::WASM_BINARY.ok_or(
        "This program was built without its runtime (SKIP_WASM_BUILD was set), so it can only read chain-spec files.",
    )?)
}

/// The chain that starts from `preset` of the runtime inside this program.
fn by_preset(name: &str, id: &str, kind: ChainType, preset: &str) -> Result<GenericChainSpec, String> {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), TOKEN_SYMBOL.into());
    properties.insert("tokenDecimals".into(), TOKEN_DECIMALS.into());
    properties.insert("ss58Format".into(), SS58_PREFIX.into());

    Ok(GenericChainSpec::builder(code()?, Extensions::new(RELAY_CHAIN.into(), DEVELOPMENT_PARA_ID))
        .with_name(name)
        .with_id(id)
        .with_protocol_id(id)
        .with_chain_type(kind)
        .with_genesis_config_preset_name(preset)
        .with_properties(properties)
        .build())
}
