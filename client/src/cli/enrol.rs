//! `medrec enrol`: redeem a ticket.

use std::time::Duration;

use anyhow::{bail, ensure, Context as _};
use clap::Args;
use medrec_primitives::{RelationshipId, RelationshipStatus};
use serde_json::json;

use super::{
    context::{address, Context},
    output::{printable, Output},
    rekey,
    relationships::in_block,
};
use crate::{
    chain::{calls, custody::minor_account},
    enrol::Ticket,
    keys::KeyPair,
    messages::EnrolmentStage,
};

/// How long to wait until the proposed relationship is final.
const PATIENCE: Duration = Duration::from_secs(120);

/// Redeem a provider's ticket with a fresh key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key enrol --number 0 'medrec-ticket:v1:...' --accept
  medrec --key @carol.key enrol --number 1 @ticket.txt
  medrec --key @guardian.key enrol --as-is @ticket.txt --accept      a child's guardian, with a key for this child alone
  medrec --key @carol.key enrol --number 2 @ticket.txt --accept      of age now: the own first key at a hospital of one's childhood

For a lost key: medrec rekey redeem. Take a number that you have used for no provider before: one key, one relationship.")]
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
    redeem(context, &command.ticket, command.as_is, command.accept).await
}

/// Redeems a ticket, whatever it is for, and says how to go on.
pub async fn redeem(context: &Context, ticket: &str, as_is: bool, accept: bool) -> anyhow::Result<Output> {
    let ticket = read(ticket)?;
    if context.options.number.is_none() && !as_is {
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
    ensure!(
        relationship.member == ticket.member,
        "the gatekeeper named a relationship with another provider"
    );
    let status = confirm(context, relationship, &key, enrolment.stage).await?;

    let name = printable(&member.name);
    let account = address(&key.account());
    let json = |accepted: bool| {
        json!({
            "relationship": relationship.to_string(),
            "member": ticket.member,
            "account": account,
            "stage": enrolment.stage,
            "accepted": accepted,
        })
    };
    let line = match enrolment.stage {
        EnrolmentStage::Proposed => format!("{name} has proposed {relationship} to {account}"),
        EnrolmentStage::Waiting => {
            let output = Output::new(json(false));
            let line = format!("{name} has said its word on {account} in {relationship}");
            return Ok(output.line(line).lines(rekey::lines(context, relationship).await?));
        }
        EnrolmentStage::Named => format!("{account} is the key in {relationship} with {name} now"),
    };
    let output = |accepted: bool| Output::new(json(accepted)).line(line);
    // A key that took a lost one's place has nothing to accept.
    let open = match enrolment.stage {
        EnrolmentStage::Named => status == RelationshipStatus::Suspended,
        _ => status == RelationshipStatus::Proposed,
    };
    if !open {
        return Ok(output(false));
    }
    if !accept {
        return Ok(output(false).line(match enrolment.stage {
            EnrolmentStage::Named => format!(
                "it rests: a patient who has come of age goes on with medrec accept {relationship}, anybody else with medrec resume {relationship}"
            ),
            _ => format!("accept it with: medrec accept {relationship}"),
        }));
    }
    let submitted = context.submit(&calls::relationships::accept(relationship), &key).await?;
    Ok(output(true).line(format!("{relationship} accepted, {}", in_block(&submitted))))
}

/// Waits until the chain itself says what the gatekeeper said, and tells where the relationship stands.
async fn confirm(
    context: &Context,
    relationship: RelationshipId,
    key: &KeyPair,
    stage: EnrolmentStage,
) -> anyhow::Result<RelationshipStatus> {
    let chain = context.chain().await?;
    let account = key.account();
    let look = async {
        loop {
            let state = chain.finalised().await?;
            if let Some(facts) = state.facts(relationship, &account).await? {
                let is_guardian = facts.patient == minor_account(relationship)
                    && facts.custodians.iter().any(|custodian| custodian.key == account);
                let is_party = facts.patient == account || is_guardian;
                let is_pending = async || {
                    let rekey = state.custody(relationship).await?.rekey;
                    anyhow::Ok(rekey.is_some_and(|rekey| rekey.key == account || rekey.lost == account))
                };
                let is_as_said = match stage {
                    EnrolmentStage::Proposed | EnrolmentStage::Named => is_party,
                    EnrolmentStage::Waiting => is_pending().await?,
                };
                if is_as_said {
                    return Ok(facts.status);
                }
                ensure!(
                    stage != EnrolmentStage::Proposed,
                    "{relationship} is not the one that was proposed to this key; do not accept it"
                );
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
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
