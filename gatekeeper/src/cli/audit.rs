//! `audit verify`.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::WithConfig;
use crate::{log::verify::verify, store::Store};

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Recompute every hash. Ends with status 1 if the log is not what was written.
    Verify(Verify),
}

/// Arguments of `audit verify`.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    file: WithConfig,
    /// A head that an earlier run printed and that was kept elsewhere: the log must still reach it.
    #[arg(long)]
    head: Option<String>,
}

impl Audit {
    /// Does it.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        let Self::Verify(Verify { file, head }) = self;
        let config = file.load()?;
        let noted = head.as_deref().map(parse).transpose()?;
        let store = Store::open(&config.store.path).await?;
        let verified = verify(&store, noted).await;
        store.close().await;
        match verified {
            Ok(verified) => {
                println!(
                    "the log is whole: {} entries, head 0x{}",
                    verified.entries,
                    hex::encode(verified.head)
                );
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                eprintln!("the log is NOT whole: {error}");
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

fn parse(text: &str) -> anyhow::Result<[u8; 32]> {
    let mut hash = [0; 32];
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode_to_slice(digits, &mut hash).context("--head takes 0x and 64 hexadecimal digits")?;
    Ok(hash)
}
