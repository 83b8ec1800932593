//! `medrec upgrade`: new code for the chain, by the consortium's vote.

use std::path::PathBuf;

use anyhow::{ensure, Context as _};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    args::KeySource,
    context::Context,
    council::signers,
    output::Output,
    relationships::{block, in_block},
};
use crate::{chain::code_hash, text::hex0x};

/// What blobs begin with: WebAssembly, and what Substrate puts before compressed code.
const MAGIC: [&[u8]; 2] = [b"\0asm", &[82, 188, 83, 118, 70, 219, 142, 5]];

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the version of the runtime, and the code that may replace it
    #[command(after_help = "Examples:\n  medrec upgrade show")]
    Show,
    /// Propose that code becomes the runtime, and vote for it: two motions, one that allows it and one that schedules it
    #[command(after_help = "\
Examples:
  medrec --key @alice.key upgrade propose medrec_runtime.compact.compressed.wasm
  medrec --key //Alice upgrade propose medrec_runtime.compact.compressed.wasm --with //Bob --with //Charlie    carries both at once

Compare the printed hash with the one in release.json, which scripts/release --verify makes out of the source.")]
    Propose(Propose),
    /// Send code that is authorised: it becomes the runtime when the relay chain says so
    #[command(
        after_help = "Examples:\n  medrec --key @anyone.key upgrade apply medrec_runtime.compact.compressed.wasm"
    )]
    Apply {
        /// The code
        code: PathBuf,
    },
}

/// Which code, when.
#[derive(Debug, Args)]
pub struct Propose {
    /// The code
    code: PathBuf,
    /// How many blocks after the second motion carried the code is authorised; the runtime asks for a day at least
    #[arg(long, value_name = "BLOCKS", default_value_t = 14_400)]
    after: u32,
    /// Others of the council whose keys are at hand, each @FILE or a secret URI: all vote, and the motions are closed
    #[arg(long, value_name = "@FILE|SURI")]
    with: Vec<KeySource>,
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    match command {
        Command::Show => show(context).await,
        Command::Propose(command) => propose(context, command).await,
        Command::Apply { code } => apply(context, &code).await,
    }
}

async fn show(context: &Context) -> anyhow::Result<Output> {
    let chain = context.chain().await?;
    let version = chain.spec_version().await?;
    let authorized = chain.authorized_upgrade().await?.map(|upgrade| hex0x(upgrade.code));
    let output = Output::new(json!({ "spec_version": version, "authorized": authorized }))
        .line(format!("the runtime has version {version}"));
    Ok(output.line(match authorized {
        Some(hash) => format!("code with the hash {hash} may replace it: medrec upgrade apply"),
        None => "no other code is authorised".into(),
    }))
}

async fn propose(context: &Context, command: Propose) -> anyhow::Result<Output> {
    let Propose { code, after, with } = command;
    let code = read(&code)?;
    let chain = context.chain().await?;
    let key = context.key()?;
    let upgrade = chain.upgrade(&code, after).await?;
    chain.note(&upgrade, &key).await?;
    let hash = hex0x(upgrade.code);
    let line = format!("the code has the hash {hash}");
    if with.is_empty() {
        let mut motions = Vec::new();
        let mut lines = vec![line];
        for call in [&upgrade.whitelist, &upgrade.schedule] {
            let motion = chain.propose(call, &key).await?;
            chain.vote(&motion, true, &key).await?;
            let (title, index) = (call.title(), motion.index);
            lines.push(format!(
                "motion {index} is open: {title}; this key has voted for it, others with: medrec council vote {index} yes"
            ));
            motions.push(index);
        }
        lines.push("close them in this order, the second after the first: medrec council close".into());
        return Ok(Output::new(json!({ "code": hash, "motions": motions })).lines(lines));
    }
    let signers = signers(context, key, &with)?;
    chain.carry(&upgrade.whitelist, &signers).await?;
    let done = chain.carry(&upgrade.schedule, &signers).await?;
    Ok(Output::new(json!({ "code": hash, "after": after, "block": block(&done) })).line(line).line(format!(
        "scheduled by {} votes, {}; {after} blocks later anyone may apply it",
        signers.len(),
        in_block(&done)
    )))
}

async fn apply(context: &Context, code: &std::path::Path) -> anyhow::Result<Output> {
    let code = read(code)?;
    let chain = context.chain().await?;
    let hash = hex0x(code_hash(&code));
    let authorized = chain.authorized_upgrade().await?.map(|upgrade| hex0x(upgrade.code));
    let authorized = authorized.context("no code is authorised (medrec upgrade propose, then the delay)")?;
    ensure!(authorized == hash, "the hash of this code is {hash}, and authorised is {authorized}");
    let done = chain.apply_upgrade(&code, &context.key()?).await?;
    Ok(Output::new(json!({ "code": hash, "block": block(&done) })).line(format!(
        "applied, {}; the relay chain says when it takes over (medrec upgrade show)",
        in_block(&done)
    )))
}

/// Reads code, and checks that it may be some.
fn read(path: &std::path::Path) -> anyhow::Result<Vec<u8>> {
    let code = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(
        MAGIC.iter().any(|magic| code.starts_with(magic)),
        "{} is no runtime: name a file like medrec_runtime.compact.compressed.wasm",
        path.display()
    );
    Ok(code)
}
