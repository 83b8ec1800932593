//! `store`: moves a gatekeeper's store from its file into a PostgreSQL.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{bail, Context};
use clap::{Args, Subcommand};

use super::WithConfig;
use crate::{
    clock::{SystemTimeSource, Time},
    config,
    log::verify::verify,
    store::{continuity::Continuity, sql::transfer::Table, Store},
};

/// Rows between two lines on how far it is.
const STEP: u64 = 50_000;

/// Arguments of `store`.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Move all that a single gatekeeper's file holds into the empty PostgreSQL that the configuration names, once and for all.
    #[command(after_help = "\
Examples:
  medrec-gatekeeper store move --from gatekeeper.sqlite --dry-run      says what would be moved, and whether it could be
  medrec-gatekeeper store move --from gatekeeper.sqlite                moves it

Before: stop the gatekeeper, make a back-up of the file, make the database (packaging/store.sql), and write url, password, instance and marker
into the section [store]. Everything goes along: bindings, tickets, sessions, used nonces, the log with its keys and anchors, the inbox, notices,
answers to planned tables and what they cost. The file is renamed to gatekeeper.sqlite.moved afterwards; destroy it when the
gatekeeper serves, since it holds the keys of the log.

It is all or nothing: whatever breaks off leaves the file as it was and the database empty. Give the command again then.")]
    Move(Move),
}

/// Arguments of `store move`.
#[derive(Debug, Args)]
pub struct Move {
    #[command(flatten)]
    file: WithConfig,
    /// The file that the gatekeeper has used so far.
    #[arg(long)]
    from: PathBuf,
    /// The marker of that file, where it is not beside it.
    #[arg(long)]
    from_marker: Option<PathBuf>,
    /// Look at everything, and move nothing.
    #[arg(long)]
    dry_run: bool,
}

impl StoreCommand {
    /// Does it.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Move(moving) => moving.run().await,
        }
    }
}

impl Move {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        if config.store.url.is_none() {
            bail!("store.url names no PostgreSQL to move to: write url, password, instance and marker into [store]");
        }
        if !self.from.exists() {
            bail!("there is no file {}", self.from.display());
        }
        let before =
            config::Store { path: self.from.clone(), marker: self.from_marker.clone(), ..Default::default() };
        let source = Store::open_alone(&self.from).await?;
        if source.continuity(&before.marker()).await? == Continuity::Restored {
            bail!(
                "{} is a restored back-up, or its marker {} is gone: start the gatekeeper on it once, and confirm what it asks for; or name \
                 the marker by --from-marker",
                self.from.display(),
                before.marker().display()
            );
        }
        let now = SystemTimeSource.now().wall;
        let log = verify(&source, None, now).await.context("the log in the file is not whole")?;
        println!("the log is whole: {} entries", log.entries);
        let target = Store::connect(&config.store).await?;
        let moved = source.move_into(&target, self.dry_run, &mut tell).await?;
        let rows: u64 = moved.tables.iter().map(|table| table.rows).sum();
        let size = format!("{rows} rows of {} tables", moved.tables.len());
        if self.dry_run {
            println!("{size} would be moved; nothing was. The PostgreSQL is empty and fits.");
            source.close().await;
            target.close().await;
            return Ok(ExitCode::SUCCESS);
        }
        let there = verify(&target, None, now).await.context("the log in the PostgreSQL is not whole")?;
        if there.heads != log.heads {
            bail!("the log in the PostgreSQL does not end as that in the file");
        }
        // By this the server's store is the last in use, and the file is not any more.
        target.renew_marker(&config.store.marker(), now).await?;
        source.close().await;
        target.close().await;
        let kept = retire(&self.from)?;
        if before.marker() != config.store.marker() {
            Store::distrust(&before.marker())?;
        }
        let again =
            if moved.before { " (they had come over before, in a move that was broken off)" } else { "" };
        println!(
            "{size} are in the PostgreSQL, compared one by one{again}; the log ends as it did.\n\
             Start the gatekeeper. The file is {} now: destroy it once the gatekeeper serves.",
            kept.display()
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(table: &Table, over: u64) {
    if over == table.rows || over.is_multiple_of(STEP) {
        println!("{}: {over} of {}", table.name, table.rows);
    }
}

/// Takes the file out of the way, so that no gatekeeper goes on with it by mistake.
fn retire(path: &Path) -> anyhow::Result<PathBuf> {
    let kept = PathBuf::from(format!("{}.moved", path.display()));
    std::fs::rename(path, &kept)
        .with_context(|| format!("cannot rename {}: do not use it any more", path.display()))?;
    Ok(kept)
}
