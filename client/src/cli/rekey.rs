//! `medrec rekey`: a fresh key in the place of a lost one.

use anyhow::bail;
use clap::Subcommand;
use medrec_primitives::{AccountId, RelationshipId, TicketDigest};

use super::{args::Address, context::Context, enrol, output::Output, relationships::act};
use crate::chain::calls;

/// A fresh key in the place of a lost one.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask that a fresh key takes the lost one's place
    #[command(after_help = "\
Examples:
  medrec --key @gatekeeper.key rekey request r0-3 5Fv9... --ticket @ticket.txt      the provider
  medrec --key @guardian.key rekey request r0-3 5Fv9...                             a custodian with manage")]
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
    #[command(after_help = "Examples:\n  medrec --key @fresh.key rekey finish r0-3")]
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
