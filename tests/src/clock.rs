//! Other times than now: a process whose clock runs ahead, by Debian's `libfaketime`.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result};

/// Where Debian installs it.
const FOLDERS: &str = "/usr/lib";
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// Has `command` start with its wall clock this far ahead of this machine's, less so far behind. Its monotonic clock stays as it is.
pub fn set_ahead(command: &mut Command, ahead: Duration, behind: Duration) -> Result<()> {
    if ahead == behind {
        return Ok(());
    }
    let offset = match ahead.checked_sub(behind) {
        Some(ahead) => format!("+{}s", ahead.as_secs()),
        None => format!("-{}s", behind.saturating_sub(ahead).as_secs()),
    };
    command
        .env("LD_PRELOAD", library()?)
        .env("FAKETIME", offset)
        .env("DONT_FAKE_MONOTONIC", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    Ok(())
}

fn library() -> Result<PathBuf> {
    let folders = std::fs::read_dir(FOLDERS).with_context(|| format!("cannot read {FOLDERS}"))?;
    let mut candidates = folders.flatten().map(|folder| folder.path().join(LIBRARY));
    candidates.find(|path| path.is_file()).context(
        "libfaketime is not installed: run scripts/setup, or apt-get install libfaketime; without it nothing can be tested that takes days",
    )
}
