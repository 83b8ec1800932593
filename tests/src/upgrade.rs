//! An upgrade, tried on a chain's state before anybody votes on it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{binaries, checkout, process};

/// The version of the last release.
pub const LAST_RELEASE: u32 = 1_002;

/// The runtime of the last release, with sessions and delays of minutes; `zombienet/releases/README.md` says where it comes from.
pub fn last_release() -> PathBuf {
    checkout().join(format!("zombienet/releases/medrec-runtime-{LAST_RELEASE}-fast.wasm"))
}

/// Runs `medrec-try-runtime` with this blob and further arguments; what it said. An error if the upgrade would fail.
pub fn try_runtime(blob: &Path, arguments: &[&str]) -> Result<String> {
    let program = binaries::binary(binaries::TRY_RUNTIME)?;
    process::run(Command::new(program).arg("--runtime").arg(blob).args(arguments))
}

/// The runtime of this source, built so that it can be tried.
pub fn with_checks() -> Result<PathBuf> {
    binaries::blob("medrec-runtime", "medrec_runtime_try_runtime.compact.compressed.wasm")
}
