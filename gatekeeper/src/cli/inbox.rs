//! `inbox`: what was sent to be added to the records.

use std::process::ExitCode;

use anyhow::{anyhow, bail, Context};
use clap::{Args, Subcommand};
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

use super::WithConfig;
use crate::{
    clock::{SystemTimeSource, Time},
    fetch::Pseudonyms,
    inbox::{is_label, reference},
    keys::Secrets,
    store::{
        inbox::{Item, Status},
        Store,
    },
};

/// What to do with the inbox.
#[derive(Debug, Subcommand)]
pub enum Inbox {
    /// List what waits.
    ///
    /// Example: medrec-gatekeeper inbox list
    List(List),
    /// Show one item as it was sent.
    ///
    /// Example: medrec-gatekeeper inbox show 17
    Show(One),
    /// Accept an item: from now on it is served beside the database's records. Say how sensitive it is.
    ///
    /// Example: medrec-gatekeeper inbox accept 16 --unlabelled
    /// Example: medrec-gatekeeper inbox accept 17 --label 'http://terminology.hl7.org/CodeSystem/v3-ActCode|PSY'
    Accept(Accept),
    /// Reject an item, for good.
    ///
    /// Example: medrec-gatekeeper inbox reject 17 --reason 'not a measurement'
    Reject(Reject),
}

/// Arguments of `inbox list`.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    file: WithConfig,
    /// Also what was accepted or rejected.
    #[arg(long)]
    all: bool,
    /// Print JSON, one item a line.
    #[arg(long)]
    json: bool,
}

/// Arguments of `inbox show`.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    file: WithConfig,
    /// The item's number.
    number: u64,
}

/// Arguments of `inbox accept`.
#[derive(Debug, Args)]
pub struct Accept {
    #[command(flatten)]
    one: One,
    /// A security label, as system|code. A labelled record is reached only by scopes that name all its labels.
    #[arg(long = "label", required_unless_present = "unlabelled")]
    labels: Vec<String>,
    /// It is nothing that any label is for: every scope of its kind reaches it.
    #[arg(long, conflicts_with = "labels")]
    unlabelled: bool,
}

/// Arguments of `inbox reject`.
#[derive(Debug, Args)]
pub struct Reject {
    #[command(flatten)]
    one: One,
    /// Why. Kept in the gatekeeper's store.
    #[arg(long)]
    reason: String,
}

impl Inbox {
    /// Does it.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        let now = SystemTimeSource.now().wall;
        match self {
            Self::List(List { file, all, json }) => {
                let store = open(file).await?;
                let items = store.inbox((!all).then_some(Status::Pending)).await?;
                for item in &items {
                    if *json {
                        println!("{}", told(item));
                    } else {
                        let Item { number, sent, status, .. } = item;
                        println!(
                            "{number}\t{}\t{}\t{}\t{}",
                            sent.relationship,
                            sent.resource_type,
                            sent.capacity,
                            status.word()
                        );
                    }
                }
                if items.is_empty() && !json {
                    println!("nothing waits");
                }
            }
            Self::Show(one) => {
                let store = open(&one.file).await?;
                let item = store.inbox_item(one.number).await?;
                println!(
                    "{:#}",
                    told(&item.context("there is no item of this number: see `inbox list --all`")?)
                );
            }
            Self::Accept(Accept { one, labels, .. }) => {
                for label in labels {
                    if !is_label(label) {
                        bail!("--label is system|code, such as 'http://terminology.hl7.org/CodeSystem/v3-ActCode|PSY'");
                    }
                }
                let config = one.file.load()?;
                let pseudonyms = Pseudonyms::new(*Secrets::load(&config.keys)?.pseudonyms);
                let store = Store::connect(&config.store).await?;
                let item = store.inbox_item(one.number).await?;
                let item = item.context("there is no item of this number: see `inbox list --all`")?;
                let relationship = item.sent.relationship.parse();
                let relationship = relationship.map_err(|_| anyhow!("the item is about no relationship"))?;
                let reference = reference(&item, relationship, &pseudonyms);
                decided(store.accept_item(one.number, labels, &reference, now).await?)?;
                println!("accepted: it is served from now on, and whoever may see it is told");
            }
            Self::Reject(Reject { one, reason }) => {
                let store = open(&one.file).await?;
                decided(store.reject_item(one.number, reason, now).await?)?;
                println!("rejected");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn open(file: &WithConfig) -> anyhow::Result<Store> {
    Ok(Store::connect(&file.load()?.store).await?)
}

fn decided(done: bool) -> anyhow::Result<()> {
    if !done {
        bail!("no item of this number waits: see `inbox list --all`");
    }
    Ok(())
}

fn told(item: &Item) -> Value {
    let Item { number, sent, status, decided, labels, reason } = item;
    json!({
        "number": number,
        "relationship": sent.relationship,
        "account": sent.account.to_ss58check(),
        "capacity": sent.capacity,
        "purpose": sent.purpose,
        "received": sent.received,
        "status": status.word(),
        "decided": decided,
        "labels": labels,
        "reason": reason,
        "resource": serde_json::from_str::<Value>(&sent.resource).unwrap_or(Value::Null),
    })
}
