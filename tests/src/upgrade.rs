//! An upgrade, tried on a chain's state before anybody votes on it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{binaries, process};

/// Runs `medrec-try-runtime` with this blob and further arguments; what it said. An error if the upgrade would fail.
pub fn try_runtime(blob: &Path, arguments: &[&str]) -> Result<String> {
    let program = binaries::binary(binaries::TRY_RUNTIME)?;
    process::run(Command::new(program).arg("--runtime").arg(blob).args(arguments))
}

/// The runtime of this source, built so that it can be tried.
pub fn with_checks() -> Result<PathBuf> {
    binaries::blob("medrec-runtime", "medrec_runtime_try_runtime.compact.compressed.wasm")
}
