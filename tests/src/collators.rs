//! A development chain with three collators, as research needs: a researcher's earns credits only while others are the majority.
//!
//! One node makes the blocks of all three, since a development node asks for no keys; they take turns as on any chain.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};
use codec::{Decode, Encode};
use medrec_client::chain::storage_key;
use medrec_primitives::{AccountId, Moment};
use serde_json::Value;

use crate::{binaries, network::dev_key, process::run, scratch::Scratch};

/// The three, by their secret URIs. The last is not a provider's.
pub const COLLATORS: [&str; 3] = ["//Alice", "//Bob", "//Charlie"];

/// Writes the specification of such a chain, and gives its path. `grace`: for how long an answer may be late by the chain's clock, if not as
/// the preset says (ms).
pub fn specification(scratch: &Scratch, grace: Option<Moment>) -> Result<PathBuf> {
    let mut command = Command::new(binaries::binary(binaries::NODE)?);
    let text = run(command.args(["export-chain-spec", "--chain", "dev", "--raw"]))?;
    let mut specification: Value =
        serde_json::from_str(&text).context("the development chain's specification")?;
    let mut accounts: Vec<AccountId> =
        COLLATORS.iter().map(|suri| Ok(dev_key(suri)?.account())).collect::<Result<_>>()?;
    // The chain keeps them in this order.
    accounts.sort();
    let top = specification["genesis"]["raw"]["top"].as_object_mut().context("a raw genesis")?;
    let rhythm = format!("0x{}", hex::encode(storage_key("Research", "Rhythm")));
    if let Some(grace) = grace {
        let found =
            top.get(&rhythm).and_then(Value::as_str).context("the preset has a rhythm of research")?;
        let found = hex::decode(found.trim_start_matches("0x"))?;
        let mut rhythm_of_preset = <[Moment; 5]>::decode(&mut found.as_slice())?;
        rhythm_of_preset[3] = grace;
        top.insert(rhythm, Value::String(format!("0x{}", hex::encode(rhythm_of_preset.encode()))));
    }
    let mut put = |pallet: &str, item: &str, value: Vec<u8>| {
        let key = format!("0x{}", hex::encode(storage_key(pallet, item)));
        top.insert(key, Value::String(format!("0x{}", hex::encode(value))));
    };
    // Development accounts' public keys are their session keys, too.
    put("CollatorSelection", "Invulnerables", accounts.encode());
    put("Session", "Validators", accounts.encode());
    let queued: Vec<(&AccountId, &AccountId)> = accounts.iter().map(|account| (account, account)).collect();
    put("Session", "QueuedKeys", queued.encode());
    put("Aura", "Authorities", accounts.encode());
    put("AuraExt", "Authorities", accounts.encode());
    let path = scratch.join("three-collators.json");
    std::fs::write(&path, specification.to_string())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
