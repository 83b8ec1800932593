//! The page for people, built as it is hosted, and looked at in Debian's Chromium.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

fn folder() -> PathBuf {
    crate::checkout().join("portal")
}

/// The folder with the built page (`portal/dist`). Test programs run side by side and read it, so that none of them may build it:
/// `scripts/test`, `scripts/demo` and `scripts/network` do, before they start any.
///
/// # Errors
/// If it was not built.
pub fn page() -> Result<PathBuf> {
    let page = folder().join("dist");
    let built = page.join("index.html").is_file().then_some(page);
    built.context("the portal is not built: run `scripts/portal`")
}

/// Runs files of browser tests (`portal/tests/NAME.spec.ts`), in the order of their names; `world` is what they know of the world.
///
/// # Errors
/// With all that Playwright wrote, if one of them fails.
pub async fn browse(names: &[&str], world: &Value) -> Result<()> {
    let mut command = Command::new("npx");
    command
        .args(["--no-install", "playwright", "test"])
        // Playwright empties this folder when it starts: a run beside this one needs its own.
        .args(["--output", &format!("test-results/{}", names.join("-"))])
        .args(names.iter().map(|name| format!("/{name}.spec.ts")))
        .current_dir(folder())
        .env("MEDREC_WORLD", world.to_string());
    let run = tokio::task::spawn_blocking(move || process::run(&mut command)).await?;
    println!("{}", run?);
    Ok(())
}
