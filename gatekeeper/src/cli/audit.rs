//! `audit verify`, `audit show`, `audit shred`, `audit accept-loss`.

use std::{io::Write, process::ExitCode};

use anyhow::Context;
use clap::{Args, Subcommand};
use medrec_primitives::RelationshipId;
use serde_json::json;

use super::WithConfig;
use crate::{
    clock::{SystemTimeSource, Time},
    log::{self, shred, verify::verify},
    store::{log::LogRow, Store},
};

/// Rows read at a time.
const ROWS: u32 = 500;

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Recompute every hash and open every entry. Ends with status 1 if the log is not what was written.
    ///
    /// Example: medrec-gatekeeper audit verify --head 0x3b6a...
    Verify(Verify),
    /// Print entries, one JSON object a line. What was shredded is left out.
    ///
    /// Example: medrec-gatekeeper audit show --patient r0-3 --after 1200
    Show(Show),
    /// Destroy the keys of entries that are past retention. The chain of hashes stays whole. There is no way back.
    ///
    /// `serve` does the same once a day. Without --yes this only says what would be destroyed.
    ///
    /// Example: medrec-gatekeeper audit shred --yes
    Shred(Shred),
    /// Let a gatekeeper start whose log does not reach the last anchor, because what came after is lost for good.
    ///
    /// `serve` names the interval when it refuses. Later anchors are not accepted by it.
    ///
    /// Example: medrec-gatekeeper audit accept-loss --interval 2938112
    AcceptLoss(AcceptLoss),
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

/// Arguments of `audit show`.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    file: WithConfig,
    /// Entries about this relationship only.
    #[arg(long)]
    patient: Option<RelationshipId>,
    /// Entries that follow this one.
    #[arg(long, default_value_t = 0)]
    after: u64,
}

/// Arguments of `audit shred`.
#[derive(Debug, Args)]
pub struct Shred {
    #[command(flatten)]
    file: WithConfig,
    /// Do it.
    #[arg(long)]
    yes: bool,
}

/// Arguments of `audit accept-loss`.
#[derive(Debug, Args)]
pub struct AcceptLoss {
    #[command(flatten)]
    file: WithConfig,
    /// The interval whose anchor the log does not reach.
    #[arg(long)]
    interval: u32,
}

impl Audit {
    /// Does it.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify(verify) => verify.run().await,
            Self::Show(show) => show.run().await,
            Self::Shred(shred) => shred.run().await,
            Self::AcceptLoss(accept) => accept.run().await,
        }
    }
}

impl Verify {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let noted = self.head.as_deref().map(parse).transpose()?;
        let store = Store::connect(&config.store).await?;
        let verified = verify(&store, noted, SystemTimeSource.now().wall).await;
        store.close().await;
        match verified {
            Ok(verified) => {
                let shredded = match verified.shredded {
                    0 => String::new(),
                    count => format!(" ({count} of them shredded after retention)"),
                };
                let head = match verified.heads.len() {
                    0 => format!(", head 0x{}", hex::encode([0; 32])),
                    1 => verified
                        .heads
                        .values()
                        .map(|head| format!(", head 0x{}", hex::encode(head)))
                        .collect(),
                    chains => format!(", in {chains} chains"),
                };
                println!("the log is whole: {} entries{shredded}{head}", verified.entries);
                if verified.heads.len() > 1 {
                    for (instance, head) in &verified.heads {
                        let name = if instance.is_empty() { "(without a name)" } else { instance };
                        println!("  {name}: head 0x{}", hex::encode(head));
                    }
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                eprintln!("the log is NOT whole: {error}");
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

impl Show {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let store = Store::connect(&config.store).await?;
        let mut after = self.after;
        loop {
            let rows = match self.patient {
                Some(patient) => store.log_rows_of(patient, after, ROWS).await?,
                None => store.log_rows(after, ROWS).await?,
            };
            let Some(last) = rows.last() else { break };
            after = last.number;
            for row in &rows {
                if let Some(line) = line(&store, row).await? {
                    // Whoever reads may have seen enough.
                    if writeln!(std::io::stdout(), "{line}").is_err() {
                        return Ok(ExitCode::SUCCESS);
                    }
                }
            }
        }
        store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// An entry as a line; none if it was shredded.
async fn line(store: &Store, row: &LogRow) -> anyhow::Result<Option<String>> {
    let key = match row.key {
        Some(id) => match store.log_key(&id).await? {
            Some(key) => Some(key),
            None => return Ok(None),
        },
        None => None,
    };
    let mut shown = json!(log::open(row, key.as_ref()).with_context(|| format!("entry {}", row.number))?);
    shown["number"] = json!(row.number);
    Ok(Some(shown.to_string()))
}

impl Shred {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let (now, years) = (SystemTimeSource.now().wall, config.audit.retention_years);
        let store = Store::connect(&config.store).await?;
        let first = shred::first_kept(now, years);
        if self.yes {
            let done = shred::shred(&store, now, years).await?;
            println!(
                "destroyed {} keys; {} entries from before {first} can no more be read",
                done.keys, done.entries
            );
        } else {
            let due = shred::due(&store, now, years).await?;
            println!(
                "would destroy {} keys, for {} entries from before {first}; nothing was done: add --yes",
                due.keys, due.entries
            );
        }
        store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

impl AcceptLoss {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let store = Store::connect(&config.store).await?;
        store.accept_loss(self.interval).await?;
        store.close().await;
        println!("entries up to interval {} are taken for lost; keep a note of why", self.interval);
        Ok(ExitCode::SUCCESS)
    }
}

fn parse(text: &str) -> anyhow::Result<[u8; 32]> {
    let mut hash = [0; 32];
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode_to_slice(digits, &mut hash).context("--head takes 0x and 64 hexadecimal digits")?;
    Ok(hash)
}
