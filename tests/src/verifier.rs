//! The verifier of proofs in JavaScript, in Node.js.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{ensure, Context, Result};
use serde_json::Value;

use crate::process;

/// Runs `js/proof.mjs` with this input, in a folder of its own, and gives what it said.
pub async fn run_verifier(folder: &Path, input: Value) -> Result<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Scripts find their packages, and the verifier, beside themselves.
    let proof = folder.join("proof");
    fs::create_dir_all(&proof)?;
    for name in ["index.js", "package.json"] {
        fs::copy(here.join("../proof/js").join(name), proof.join(name))?;
    }
    fs::copy(here.join("js/proof.mjs"), folder.join("proof.mjs"))?;
    let modules = folder.join("node_modules");
    if !modules.exists() {
        symlink(packages()?, &modules)?;
    }
    let file = folder.join("input.json");
    fs::write(&file, input.to_string())?;
    let script = folder.join("proof.mjs");
    let run = move || process::run(Command::new("node").arg(script).arg(file));
    tokio::task::spawn_blocking(run).await.context("the script's task")?
}

/// Where set-up installs the packages of `js/package.json`.
fn packages() -> Result<PathBuf> {
    let folder = match std::env::var_os("MEDREC_NPM") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(&std::env::var_os("HOME").context("HOME is not set")?).join(".cache/medrec/npm"),
    };
    let modules = folder.join("node_modules");
    ensure!(
        modules.join("@polkadot/util-crypto").is_dir(),
        "no @polkadot/util-crypto in {}: run `scripts/setup`",
        modules.display()
    );
    Ok(modules)
}
