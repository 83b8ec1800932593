//! The page for people, built as it is hosted, and looked at in Debian's Chromium.

use std::{path::PathBuf, process::Command};

use anyhow::{ensure, Context, Result};
use serde_json::Value;

use crate::{binaries, process};

fn folder() -> PathBuf {
    crate::checkout().join("portal")
}

/// Builds the page as it is hosted, and gives its folder. Its packages are there since set-up.
pub fn build() -> Result<PathBuf> {
    let folder = folder();
    ensure!(folder.join("node_modules/.bin/vite").exists(), "portal/ has no packages: run `scripts/setup`");
    process::run(Command::new("npm").args(["run", "--silent", "build"]).current_dir(folder))?;
    binaries::page().context("the build left no page")
}

/// Runs files of browser tests (`portal/tests/NAME.spec.ts`), in the order of their names; `world` is what they know of the world.
pub async fn browse(names: &[&str], world: &Value) -> Result<()> {
    let mut command = Command::new("npx");
    command
        .args(["--no-install", "playwright", "test"])
        .args(names.iter().map(|name| format!("/{name}.spec.ts")))
        .current_dir(folder())
        .env("MEDREC_WORLD", world.to_string());
    let run = tokio::task::spawn_blocking(move || process::run(&mut command)).await?;
    println!("{}", run?);
    Ok(())
}
