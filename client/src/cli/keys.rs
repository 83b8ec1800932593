//! `medrec keys`: make and show keys.

use std::{io::Write, path::PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;

use super::{
    context::{address, Context},
    output::Output,
};
use crate::{keys::new_phrase, KeyPair};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a recovery phrase
    #[command(after_help = "\
Examples:
  medrec keys new --out carol.key      a file that only you can read
  medrec keys new                      shown once, to be written down")]
    New {
        /// Write the phrase into this new file, and show only the account
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show the account of --key
    #[command(
        after_help = "Examples:\n  medrec --key @carol.key keys show\n  medrec --key //Alice keys show"
    )]
    Show,
    /// Show the patient's account for one relationship, derived hard beneath --key
    #[command(after_help = "Examples:\n  medrec --key @carol.key keys derive 0")]
    Derive {
        /// The patient's own count of relationships, from 0
        n: u32,
    },
}

pub fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    match command {
        Command::New { out } => new(context, out),
        Command::Show => {
            let key = context.key()?;
            Ok(show(&key))
        }
        Command::Derive { n } => Ok(show(&context.patient_keys()?.key(n)?)),
    }
}

fn new(context: &Context, out: Option<PathBuf>) -> anyhow::Result<Output> {
    let phrase = new_phrase();
    let key = KeyPair::from_suri(&phrase, context.options.key_type)?;
    let account = address(&key.account());
    let Some(path) = out else {
        return Ok(Output::new(json!({ "phrase": *phrase, "account": account, "type": key.key_type() }))
            .line(format!("phrase   {}", *phrase))
            .line(format!("account  {account} ({})", key.key_type()))
            .note("Write the phrase down: whoever has it is you, and nobody can bring it back."));
    };
    write_secret(&path, &phrase)?;
    let file = path.display().to_string();
    Ok(Output::new(json!({ "file": file, "account": account, "type": key.key_type() }))
        .line(format!("account  {account} ({})", key.key_type()))
        .line(format!("phrase   in {file}, readable by you alone")))
}

fn show(key: &KeyPair) -> Output {
    let (account, public) = (address(&key.account()), crate::text::hex0x(key.public()));
    Output::new(json!({ "account": account, "public": public, "type": key.key_type() }))
        .line(format!("account  {account} ({})", key.key_type()))
        .line(format!("public   {public}"))
}

/// Writes a secret into a file that is new and its owner's alone.
fn write_secret(path: &std::path::Path, secret: &str) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("cannot make {}", path.display()))?;
    writeln!(file, "{secret}")
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))
}
