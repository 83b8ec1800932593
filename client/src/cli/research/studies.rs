//! `medrec-research register-collator`, `accept-researcher`, `propose-study`: what the consortium then approves.

use std::path::PathBuf;

use anyhow::{ensure, Context as _};
use clap::Args;
use medrec_primitives::{research::DuoPurposes, MemberId};
use serde_json::json;
use sp_crypto_hashing::blake2_256;

use super::researcher;
use crate::{
    chain::{calls, events::StudyProposed},
    cli::{
        args::{Address, When},
        context::{address, Context},
        output::{time, Output},
        relationships::{block, in_block},
        release::read_purpose,
    },
};

/// Register an account that makes blocks as your collator.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec-research register-collator 5FHneW46...

Its blocks earn you credits once its own key has accepted (medrec-research accept-researcher) and the consortium has approved it
(medrec council approve-collator).")]
pub struct RegisterCollator {
    /// The account
    collator: Address,
}

/// Say, with a collator's own key, that it makes blocks for a researcher who has registered it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec-research --key @collator.key accept-researcher 7

The consortium approves it next (medrec council approve-collator).")]
pub struct AcceptResearcher {
    /// The researcher's number among the members
    researcher: MemberId,
}

/// Propose a study.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec-research propose-study --purpose disease --protocol protocol.pdf --until 2028-01-01
  medrec-research propose-study --purpose biomedical --purpose methods --protocol protocol.pdf --until +365d

The chain gets the protocol's digest alone: hand the file to the consortium, which approves (medrec council approve-study).")]
pub struct ProposeStudy {
    /// What it is for: general, biomedical, disease, ancestry, methods, commercial; several if need be
    #[arg(long, required = true, value_parser = read_purpose, value_name = "PURPOSE")]
    purpose: Vec<DuoPurposes>,
    /// Its protocol, as the consortium gets it
    #[arg(long, value_name = "FILE")]
    protocol: PathBuf,
    /// Until when it may claim: 2028-01-01, or +365d from now
    #[arg(long, value_name = "WHEN")]
    until: When,
}

pub async fn register(context: &Context, command: RegisterCollator) -> anyhow::Result<Output> {
    let own = researcher(context).await?;
    let call = calls::research::register_collator(&command.collator.0);
    let done = context.submit(&call, &context.key()?).await?;
    let name = address(&command.collator.0);
    let json = json!({ "collator": name, "done": "registered", "block": block(&done) });
    let line = format!(
        "collator {name} registered, {}; its own key accepts you next (accept-researcher {own})",
        in_block(&done)
    );
    Ok(Output::new(json).line(line))
}

pub async fn accept(context: &Context, command: AcceptResearcher) -> anyhow::Result<Output> {
    let researcher = command.researcher;
    let done = context.submit(&calls::research::accept_researcher(researcher), &context.key()?).await?;
    let json = json!({ "researcher": researcher, "done": "accepted", "block": block(&done) });
    let line =
        format!("accepted researcher {researcher}, {}; the consortium approves it next", in_block(&done));
    Ok(Output::new(json).line(line))
}

pub async fn propose(context: &Context, command: ProposeStudy) -> anyhow::Result<Output> {
    researcher(context).await?;
    let ProposeStudy { purpose, protocol, until } = command;
    let purposes = purpose.iter().fold(DuoPurposes::default(), |all, one| DuoPurposes(all.0 | one.0));
    let file = std::fs::read(&protocol).with_context(|| format!("cannot read {}", protocol.display()))?;
    ensure!(!file.is_empty(), "{} is empty", protocol.display());
    let digest = blake2_256(&file);
    let now = context.chain().await?.finalised().await?.timestamp().await?;
    let until = until.rounded(now);
    ensure!(until > now, "the study would be over before it begins; the chain's time is {}", time(now));
    let call = calls::research::propose_study(purposes, digest, until);
    let done = context.submit(&call, &context.key()?).await?;
    let study = done.expect::<StudyProposed>()?.study;
    let json = json!({
        "study": study,
        "protocol": crate::text::hex0x(digest),
        "until": until,
        "block": block(&done),
    });
    let line = format!(
        "study {study} proposed until {}, {}; the consortium approves it next",
        time(until),
        in_block(&done)
    );
    Ok(Output::new(json).line(line))
}
