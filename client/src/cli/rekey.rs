//! `medrec rekey`: a fresh key in the place of a lost one.

use anyhow::bail;
use clap::Subcommand;
use medrec_primitives::{AccountId, RelationshipId, TicketDigest};
use serde_json::json;

use super::{
    args::Address,
    context::{address, Context},
    enrol,
    output::{time, Output},
    relationships::act,
};
use crate::chain::{
    calls,
    custody::{Custody, RekeyStage},
};

/// A fresh key in the place of a lost one.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Redeem the ticket that the provider gave you for a fresh key, or after a veto for the key that goes on
    #[command(after_help = "\
Examples:
  medrec keys new --out fresh.key
  medrec --key @fresh.key rekey redeem --number 0 @ticket.txt      a fresh key, where the old one is lost
  medrec --key @carol.key rekey redeem --number 0 @ticket.txt      after a veto: this key is not lost

The provider then asks the chain for the rekey. A week after the last approval: medrec rekey finish. Until then the old key
goes on, and can veto.")]
    Redeem {
        /// The ticket, or @FILE with the ticket
        ticket: String,
        /// Use the key itself instead of one beneath it
        #[arg(long)]
        as_is: bool,
    },
    /// Show whether a rekey is under way, who has to act, and from when it can be finished
    #[command(after_help = "Examples:\n  medrec rekey status r0-3\n  medrec rekey status r0-3 --json")]
    Status {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
    },
    /// Ask that a fresh key takes the lost one's place
    #[command(after_help = "\
Examples:
  medrec --key @guardian.key rekey request r0-3 5Fv9...                             a custodian with manage
  medrec --key @gatekeeper.key rekey request r0-3 5Fv9... --ticket @ticket.txt      the provider, by hand

The gatekeeper does the provider's part by itself when a ticket of medrec-gatekeeper enrol --rekey is redeemed, and follows no rekey
that it has not asked for or approved itself.")]
    Request {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
        /// The fresh key's address
        fresh: Address,
        /// The lost key's address, where it is a guardian's of a child; else it is the patient's
        #[arg(long, value_name = "ADDRESS")]
        lost: Option<Address>,
        /// The ticket that its holder presented to the provider, or @FILE with it
        #[arg(long)]
        ticket: Option<String>,
    },
    /// Approve a rekey for the other side
    #[command(after_help = "\
Examples:
  medrec --key @guardian.key rekey approve r0-3 5Fv9...
  medrec --key @gatekeeper.key rekey approve r0-3 5Fv9... --ticket @ticket.txt")]
    Approve {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
        /// The fresh key's address
        fresh: Address,
        /// The ticket that its holder presented to the provider, or @FILE with it
        #[arg(long)]
        ticket: Option<String>,
    },
    /// Finish a rekey, a week after its last approval
    #[command(after_help = "Examples:\n  medrec --key @fresh.key rekey finish r0-3 --number 0")]
    Finish {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
    },
    /// Veto a rekey: your key is not lost. All is frozen until the provider has checked who you are
    #[command(after_help = "Examples:\n  medrec --key @carol.key rekey veto r0-3")]
    Veto {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
    },
    /// Say, after a veto, which key goes on (provider)
    #[command(
        after_help = "Examples:\n  medrec --key @gatekeeper.key rekey reproof r0-3 5Fv9... --ticket @ticket.txt"
    )]
    Reproof {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
        /// The address of the key that goes on: the present one, or the fresh one
        patient: Address,
        /// The ticket that its holder presented, or @FILE with it
        #[arg(long)]
        ticket: String,
    },
    /// Take a rekey back (provider)
    #[command(after_help = "Examples:\n  medrec --key @gatekeeper.key rekey cancel r0-3")]
    Cancel {
        /// The relationship, such as r0-3
        relationship: RelationshipId,
    },
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    let (relationship, call, done) = match command {
        Command::Redeem { ticket, as_is } => return enrol::redeem(context, &ticket, as_is, false).await,
        Command::Status { relationship } => return status(context, relationship).await,
        Command::Request { relationship, fresh, lost, ticket } => {
            let lost = match lost {
                Some(lost) => lost.0,
                None => patient(context, relationship).await?,
            };
            let call = calls::relationships::request_rekey(relationship, &lost, &fresh.0, digest(ticket)?);
            (relationship, call, "rekey requested")
        }
        Command::Approve { relationship, fresh, ticket } => {
            let call = calls::relationships::approve_rekey(relationship, &fresh.0, digest(ticket)?);
            (relationship, call, "rekey approved")
        }
        Command::Finish { relationship } => {
            (relationship, calls::relationships::finish_rekey(relationship), "rekeyed")
        }
        Command::Veto { relationship } => {
            (relationship, calls::relationships::veto_rekey(relationship), "rekey vetoed")
        }
        Command::Reproof { relationship, patient, ticket } => {
            let ticket = enrol::read(&ticket)?.secret.digest();
            (
                relationship,
                calls::relationships::reproof(relationship, &patient.0, ticket),
                "identity proofed anew",
            )
        }
        Command::Cancel { relationship } => {
            (relationship, calls::relationships::cancel_rekey(relationship), "rekey cancelled")
        }
    };
    act(context, relationship, call, done).await
}

async fn status(context: &Context, relationship: RelationshipId) -> anyhow::Result<Output> {
    let state = context.chain().await?.finalised().await?;
    let Custody { rekey, handover } = state.custody(relationship).await?;
    let json = json!({
        "relationship": relationship.to_string(),
        "patient": address(&patient(context, relationship).await?),
        "handover": handover,
        "rekey": rekey.map(|rekey| json!({
            "lost": address(&rekey.lost),
            "fresh": address(&rekey.key),
            "provider_approved": rekey.ticket.is_some(),
            "custodian_approved": rekey.custodian.as_ref().map(address),
            "stage": match rekey.stage {
                RekeyStage::Asked => "asked",
                RekeyStage::Vetoed => "vetoed",
                RekeyStage::Reproofed => "reproofed",
            },
            "asked": rekey.asked,
            "ready": rekey.ready,
            "lapses": rekey.lapses(),
        })),
    });
    Ok(Output::new(json).lines(lines(context, relationship).await?))
}

/// What there is to say of a relationship's rekey, for people.
pub async fn lines(context: &Context, relationship: RelationshipId) -> anyhow::Result<Vec<String>> {
    let state = context.chain().await?.finalised().await?;
    let now = state.timestamp().await?;
    let Custody { rekey, handover } = state.custody(relationship).await?;
    let mut lines = Vec::new();
    if let Some(date) = handover {
        lines.push(if date <= now {
            format!("{relationship} rests since {}: the patient has come of age, and enrols a key with medrec enrol", time(date))
        } else {
            format!("{relationship} is a minor's until {}", time(date))
        });
    }
    let Some(rekey) = rekey else {
        lines.push(format!("{relationship}: no rekey is under way"));
        return Ok(lines);
    };
    lines.push(format!(
        "{relationship}: {} is to take the place of {}, asked for on {}",
        address(&rekey.key),
        address(&rekey.lost),
        time(rekey.asked)
    ));
    let provider = match (&rekey.ticket, rekey.stage) {
        (None, _) => "not approved by the provider yet: get a ticket there, and medrec rekey redeem it with the fresh key",
        (Some(_), RekeyStage::Vetoed) => "vetoed: all that would widen access is frozen until the provider has checked who is who",
        (Some(_), _) => "approved by the provider",
    };
    lines.push(provider.to_owned());
    lines.push(match &rekey.custodian {
        Some(key) => format!("approved by the custodian {}", address(key)),
        None => "not approved by a custodian; it needs that if one has had manage for a week, by medrec rekey approve".to_owned(),
    });
    if let (Some(end), Some(_)) = (rekey.lapses(), &rekey.ticket) {
        lines.push(if rekey.has_lapsed(now) {
            format!("lapsed on {}: ask the provider for a new ticket, and take a fresh key", time(end))
        } else {
            format!(
                "to be finished from {} to {}, by medrec rekey finish {relationship}; each approval begins the week anew",
                time(rekey.ready),
                time(end)
            )
        });
    }
    Ok(lines)
}

/// The patient's present key.
async fn patient(context: &Context, relationship: RelationshipId) -> anyhow::Result<AccountId> {
    match context.chain().await?.finalised().await?.relationship(relationship).await? {
        Some((patient, _)) => Ok(patient),
        None => bail!("there is no relationship {relationship}"),
    }
}

fn digest(ticket: Option<String>) -> anyhow::Result<Option<TicketDigest>> {
    ticket.map(|ticket| enrol::read(&ticket).map(|ticket| ticket.secret.digest())).transpose()
}
