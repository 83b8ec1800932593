//! `medrec provider staff`: people on a member's staff.

use clap::{Subcommand, ValueEnum};
use medrec_primitives::StaffRole;
use serde_json::json;

use super::{
    args::{Address, When},
    context::{address, Context},
    output::{time, Output},
    provider::simple,
    relationships::{block, in_block},
};
use crate::chain::{calls, events::StaffAdded};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put a person on the staff, by a key of their own
    #[command(after_help = "\
Examples:
  medrec --key @hospital.key provider staff add 5FHneW46... --role clinician --until +365d")]
    Add {
        /// The person's account, used for nothing else
        account: Address,
        /// What the person may act as
        #[arg(long, value_enum)]
        role: Role,
        /// Until when: 2027-01-31, or +365d from now
        #[arg(long, value_name = "WHEN")]
        until: When,
    },
    /// Give a person a new key
    #[command(after_help = "Examples:\n  medrec --key @hospital.key provider staff rotate 4 5DAAnrj7...")]
    Rotate {
        /// The person's number: 4 of s0-4
        index: u32,
        /// The person's new account
        account: Address,
    },
    /// Take a person off the staff
    #[command(after_help = "Examples:\n  medrec --key @hospital.key provider staff remove 4")]
    Remove {
        /// The person's number: 4 of s0-4
        index: u32,
    },
}

/// What a person may act as.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// Treats patients
    Clinician,
    /// Treats patients in an emergency room
    Emergency,
    /// Dispenses medication
    Pharmacist,
    /// Looks after records and enrolment
    Steward,
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    match command {
        Command::Add { account, role, until } => {
            let role = match role {
                Role::Clinician => StaffRole::Clinician,
                Role::Emergency => StaffRole::Emergency,
                Role::Pharmacist => StaffRole::Pharmacist,
                Role::Steward => StaffRole::Steward,
            };
            let now = context.chain().await?.finalised().await?.timestamp().await?;
            let until = until.exact(now);
            let done =
                context.submit(&calls::registry::add_staff(&account.0, role, until), &context.key()?).await?;
            let staff = done.expect::<StaffAdded>()?.staff.to_string();
            let line = format!(
                "{} is {staff}, {role:?} until {}, {}",
                address(&account.0),
                time(until),
                in_block(&done)
            );
            Ok(Output::new(json!({ "staff": staff, "until": until, "done": "added", "block": block(&done) }))
                .line(line))
        }
        Command::Rotate { index, account } => {
            let call = calls::registry::rotate_staff_key(index, &account.0);
            simple(context, call, &format!("person {index} has a new key")).await
        }
        Command::Remove { index } => {
            simple(
                context,
                calls::registry::remove_staff(index),
                &format!("person {index} taken off the staff"),
            )
            .await
        }
    }
}
