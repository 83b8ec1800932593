//! `medrec enrol`: redeem a ticket.

use std::time::Duration;

use anyhow::{bail, ensure, Context as _};
use clap::Args;
use medrec_primitives::{RelationshipId, RelationshipStatus};
use serde_json::json;

use super::{
    context::{address, Context},
    output::{printable, Output},
    relationships::in_block,
};
use crate::{chain::calls, enrol::Ticket, keys::KeyPair};

/// How long to wait until the proposed relationship is final.
const PATIENCE: Duration = Duration::from_secs(120);

/// Redeem a provider's ticket with a fresh key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key enrol --number 0 'medrec-ticket:v1:...' --accept
  medrec --key @carol.key enrol --number 1 @ticket.txt

Take a number that you have used for no provider before: one key, one relationship.")]
pub struct Enrol {
    /// The ticket, or @FILE with the ticket
    ticket: String,
    /// Use the key itself instead of one beneath it
    #[arg(long)]
    as_is: bool,
    /// Accept the relationship at once
    #[arg(long)]
    accept: bool,
}

pub async fn run(context: &Context, command: Enrol) -> anyhow::Result<Output> {
    let ticket = read(&command.ticket)?;
    if context.options.number.is_none() && !command.as_is {
        bail!(
            "say which of your keys is for this provider: --number 0 for your first, 1 for your second; \
             a number is used for one provider only (--as-is takes the key itself)"
        );
    }
    let key = context.key()?;
    let chain = context.chain().await?;
    chain.expect_genesis(ticket.genesis).context("the ticket is for another chain than this node's")?;
    let state = chain.finalised().await?;
    let Some(member) = state.member(ticket.member).await? else {
        bail!("the ticket is from member {}, whom the chain does not know", ticket.member);
    };
    // Whoever wrote the ticket must not be able to send the patient elsewhere.
    let url = printable(&member.url);
    ensure!(
        url.trim_end_matches('/') == ticket.gatekeeper,
        "the ticket names {} as the gatekeeper of {}, the chain names {url}",
        ticket.gatekeeper,
        printable(&member.name),
    );
    let gatekeeper = context.gatekeeper(ticket.member).await?;
    let enrolment = gatekeeper.enrol(&key, &ticket).await?;
    let relationship: RelationshipId =
        enrolment.relationship.parse().context("the gatekeeper gave no relationship")?;
    confirm(context, relationship, &ticket, &key).await?;

    let name = printable(&member.name);
    let account = address(&key.account());
    let output = |accepted: bool| {
        Output::new(json!({
            "relationship": relationship.to_string(),
            "member": ticket.member,
            "account": account,
            "accepted": accepted,
        }))
        .line(format!("{name} has proposed {relationship} to {account}"))
    };
    if !command.accept {
        return Ok(output(false).line(format!("accept it with: medrec accept {relationship}")));
    }
    let submitted = context.submit(&calls::relationships::accept(relationship), &key).await?;
    Ok(output(true).line(format!("{relationship} accepted, {}", in_block(&submitted))))
}

/// Waits until the chain itself says that this key has this relationship with this provider.
async fn confirm(
    context: &Context,
    relationship: RelationshipId,
    ticket: &Ticket,
    key: &KeyPair,
) -> anyhow::Result<()> {
    ensure!(
        relationship.member == ticket.member,
        "the gatekeeper named a relationship with another provider"
    );
    let chain = context.chain().await?;
    let look = async {
        loop {
            match chain.finalised().await?.relationship(relationship).await? {
                Some((patient, RelationshipStatus::Proposed)) if patient == key.account() => return Ok(()),
                Some(_) => {
                    bail!("{relationship} is not the one that was proposed to this key; do not accept it")
                }
                None => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
    };
    let late = || format!("{relationship} does not show on chain; try medrec relationships in a while");
    tokio::time::timeout(PATIENCE, look).await.with_context(late)?
}

/// The ticket, or the one that a file holds.
pub fn read(argument: &str) -> anyhow::Result<Ticket> {
    let text = match argument.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?,
        None => argument.to_owned(),
    };
    Ok(text.trim().parse()?)
}
