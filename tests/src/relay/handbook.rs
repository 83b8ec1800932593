//! The commands of `docs/operators.md`, run as they stand there: who follows the handbook to the letter gets what it promises.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

const HANDBOOK: &str = include_str!("../../../docs/operators.md");

/// The blocks of commands under this heading of the handbook, in order: its indented lines, one block for each run of them.
pub fn blocks(heading: &str) -> Result<Vec<String>> {
    let (_, rest) =
        HANDBOOK.split_once(&format!("\n## {heading}\n")).context("no such heading in the handbook")?;
    let section = rest.split("\n## ").next().unwrap_or_default();
    let mut blocks = vec![String::new()];
    for line in section.lines() {
        let last = blocks.last_mut().context("never empty")?;
        match line.strip_prefix("    ") {
            Some(command) => last.push_str(&format!("{command}\n")),
            None if last.is_empty() => {}
            None => blocks.push(String::new()),
        }
    }
    blocks.retain(|block| !block.is_empty());
    Ok(blocks)
}

/// A shell that runs a block in `folder`, on the network in `network`, with the built programs in its path. `prefix` runs it elsewhere.
pub fn shell(block: &str, folder: &Path, network: &Path, prefix: &[String]) -> Result<Command> {
    let node = crate::binaries::binary(crate::binaries::NODE)?;
    let programs = node.parent().context("the programs' folder")?;
    let path = std::env::var("PATH").unwrap_or_default();
    let words = [prefix, &["bash".to_owned(), "-euc".to_owned(), block.to_owned()]].concat();
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("NETWORK", network);
    Ok(command)
}
