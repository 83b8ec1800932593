//! Where the built programs are.

use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

/// The chain's node.
pub const NODE: &str = "medrec-node";
/// The service in front of a provider's database.
pub const GATEKEEPER: &str = "medrec-gatekeeper";
/// The command for patients, viewers and providers.
pub const CLIENT: &str = "medrec";

/// Tries a runtime upgrade on a live chain's state.
pub const TRY_RUNTIME: &str = "medrec-try-runtime";

/// The path of the built program `name`.
///
/// It is looked for in `MEDREC_BIN_DIR`, where that is set, and else in the folder that cargo put the running
/// executable into (and the one above, for tests).
pub fn binary(name: &str) -> Result<PathBuf> {
    let executable = std::env::current_exe().context("this executable's own path")?;
    let here = executable.parent().context("this executable's folder")?;
    let mut folders = vec![here.to_path_buf()];
    folders.extend(here.parent().map(Path::to_path_buf));
    if let Some(folder) = std::env::var_os("MEDREC_BIN_DIR") {
        folders.insert(0, folder.into());
    }
    match folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!(
            "{name} is not built: not in {}. Run `scripts/test`, or `cargo build --release --workspace`",
            folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(" nor ")
        ),
    }
}

/// The blob `file` that the build of the package `package` made beside the programs.
pub fn blob(package: &str, file: &str) -> Result<PathBuf> {
    let node = binary(NODE)?;
    let path = node.with_file_name("wbuild").join(package).join(file);
    if !path.is_file() {
        bail!("{} is not there: scripts/network build makes it", path.display());
    }
    Ok(path)
}
