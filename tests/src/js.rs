//! Scripts in Node.js, with the packages that set-up installs.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{ensure, Context, Result};
use serde_json::Value;

use crate::process;

/// Runs `js/{script}` in this folder, with a file that has the input, and gives what it said. What else it imports must be there: see
/// [`copy`].
pub async fn run(folder: &Path, script: &str, input: Value) -> Result<String> {
    // Scripts find their packages beside themselves.
    let modules = folder.join("node_modules");
    if !modules.exists() {
        symlink(packages()?, &modules)?;
    }
    let copy = copy(folder, script)?;
    let file = folder.join("input.json");
    fs::write(&file, input.to_string())?;
    let run = move || process::run(Command::new("node").arg(copy).arg(file));
    tokio::task::spawn_blocking(run).await.context("the script's task")?
}

/// Puts `js/{script}` into this folder.
pub fn copy(folder: &Path, script: &str) -> Result<PathBuf> {
    let copy = folder.join(script);
    fs::copy(crate::file("js").join(script), &copy).with_context(|| format!("cannot copy {script}"))?;
    Ok(copy)
}

/// Where set-up installs the packages of `js/package.json`.
fn packages() -> Result<PathBuf> {
    let folder = match std::env::var_os("MEDREC_NPM") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(&std::env::var_os("HOME").context("HOME is not set")?).join(".cache/medrec/npm"),
    };
    let modules = folder.join("node_modules");
    ensure!(
        modules.join("@medplum/core").is_dir(),
        "packages are missing in {}: run `scripts/setup`",
        modules.display()
    );
    Ok(modules)
}
