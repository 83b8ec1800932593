//! The `medrec` command: a terminal's way to everything that a wallet and a viewer do, for demonstrations, tests
//! and people who like one.

mod args;
mod collator;
mod context;
mod council;
mod custody;
mod enrol;
mod glass;
mod keys;
mod links;
mod members;
mod notices;
mod offline;
mod output;
mod people;
mod provider;
mod records;
mod rekey;
mod relationships;
mod release;
mod requests;
pub mod research;
mod rules;
mod scope;
mod spread;
mod upgrade;
pub mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use args::Options;
use context::Context;
use output::Output;

use crate::{chain::ChainError, gatekeeper::GatekeeperError};

/// The answer is no: the chain or a gatekeeper refused.
const REFUSED: u8 = 3;

const EXAMPLES: &str = "\
Examples:
  medrec keys new --out carol.key
  export MEDREC_KEY=@carol.key
  medrec enrol --number 0 'medrec-ticket:v1:https%3A%2F%2Fhillcrest.example:...' --accept
  medrec grant r0-3 --to 5FHneW46... --scope 'patient/Observation.rs?category=laboratory' --purpose TREAT --until +30d
  medrec revoke r0-3 0
  medrec log r0-3
  medrec --key @doctor.key search r0-3 Observation --purpose TREAT

Each command has examples of its own: medrec grant --help

Exit status: 0 done, 1 failed, 2 wrong use, 3 refused by the chain or a gatekeeper.";

/// Patients, viewers, providers and the consortium of MedRec, from a terminal.
#[derive(Debug, Parser)]
#[command(name = "medrec", version, after_help = EXAMPLES, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make and show keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// List the members of the consortium
    Members(members::Members),
    /// List your relationships with providers
    Relationships(relationships::Relationships),
    /// Redeem a provider's ticket with a fresh key
    Enrol(enrol::Enrol),
    /// Accept a relationship that a provider proposed
    Accept(relationships::Accept),
    /// Reject a relationship that a provider proposed
    Reject(relationships::Reject),
    /// End a relationship, for good
    End(relationships::End),
    /// Suspend a relationship: nobody reads until it is resumed
    Suspend(relationships::Suspend),
    /// Resume a suspended relationship
    Resume(relationships::Resume),
    /// Say that you have seen a version of a pointer to records
    Acknowledge(relationships::Acknowledge),
    /// Choose what may happen in an emergency
    Emergency(relationships::Emergency),
    /// Look after those who act for you
    #[command(subcommand)]
    Custodian(custody::Command),
    /// Set after how many days of your silence custodians may step in
    Inactivity(custody::Inactivity),
    /// Give a sign of life
    Touch(custody::Touch),
    /// Ask to step in for a patient who has been silent
    StepIn(custody::StepIn),
    /// Undo stepping in
    StepOut(custody::StepOut),
    /// Put a fresh key in the place of a lost one
    #[command(subcommand)]
    Rekey(rekey::Command),
    /// Allow someone to see something
    Grant(rules::Grant),
    /// Deny someone something, whatever any grant says
    Deny(rules::Deny),
    /// Share onward what you were granted, or a part of it
    Share(rules::Share),
    /// Take a grant or a denial back, or what you shared onward
    Revoke(rules::Revoke),
    /// Take back everything that allows someone something
    RevokeAll(rules::RevokeAll),
    /// Share by a link or QR code, with somebody who has no key
    #[command(subcommand)]
    Link(links::Command),
    /// List the rules of a relationship
    Rules(rules::Rules),
    /// Read in an emergency, without a grant and in everybody's sight
    BreakGlass(glass::Break),
    /// Read the emergency summary while the chain cannot be reached
    BreakGlassOffline(offline::Break),
    /// Print the card that emergency staff need when the chain cannot be reached
    EmergencyCard(offline::Card),
    /// Close a broken glass before its time
    CloseGlass(glass::Close),
    /// List the broken glasses of a relationship
    Glasses(glass::Glasses),
    /// Ask the chain whether someone may read anything
    MayRead(rules::MayRead),
    /// Read one resource
    Read(records::Read),
    /// Search the resources of one type
    Search(records::Search),
    /// Check answers that were kept with their proofs
    Verify(verify::Verify),
    /// See who asked for your records, and what they were told
    Log(records::Log),
    /// See what there is to tell you, and follow it as it comes
    Notices(notices::Notices),
    /// Have a gatekeeper tell an address of yours when there is something
    #[command(subcommand)]
    Webhook(notices::Command),
    /// Choose whether your records count in statistics for research
    #[command(subcommand)]
    Release(release::Command),
    /// Ask for something on the chain alone
    Request(requests::Request),
    /// List the open requests for a relationship, or your own
    Requests(requests::Requests),
    /// Let the provider answer a request, once
    Approve(requests::Approve),
    /// Decline a request
    Decline(requests::Decline),
    /// Take your own request back
    Cancel(requests::Cancel),
    /// Pick up the answer to your own request
    PickUp(requests::PickUp),
    /// Apply for membership and look after it
    #[command(subcommand)]
    Provider(provider::Command),
    /// Vote as the consortium's council
    #[command(subcommand)]
    Council(council::Command),
    /// Set up a node that makes blocks
    #[command(subcommand)]
    Collator(collator::Command),
    /// Vote for new code of the chain, and apply it
    #[command(subcommand)]
    Upgrade(upgrade::Command),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    finish(cli.options.json, run(cli))
}

/// Does what a command line asks for, and tells what came of it.
fn finish(json: bool, doing: impl std::future::Future<Output = anyhow::Result<Output>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("medrec: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(doing) {
        Ok(output) => output.print(json),
        Err(error) => {
            Output::print_error(&error, json);
            if is_refusal(&error) {
                ExitCode::from(REFUSED)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<Output> {
    let context = Context::new(cli.options);
    match cli.command {
        Command::Keys(command) => keys::run(&context, command),
        Command::Members(command) => members::run(&context, command).await,
        Command::Relationships(command) => relationships::list(&context, command).await,
        Command::Enrol(command) => enrol::run(&context, command).await,
        Command::Accept(command) => relationships::accept(&context, command).await,
        Command::Reject(command) => relationships::reject(&context, command).await,
        Command::End(command) => relationships::end(&context, command).await,
        Command::Suspend(command) => relationships::suspend(&context, command).await,
        Command::Resume(command) => relationships::resume(&context, command).await,
        Command::Acknowledge(command) => relationships::acknowledge(&context, command).await,
        Command::Emergency(command) => relationships::emergency(&context, command).await,
        Command::Custodian(command) => custody::run(&context, command).await,
        Command::Inactivity(command) => custody::inactivity(&context, command).await,
        Command::Touch(command) => custody::touch(&context, command).await,
        Command::StepIn(command) => custody::step_in(&context, command).await,
        Command::StepOut(command) => custody::step_out(&context, command).await,
        Command::Rekey(command) => rekey::run(&context, command).await,
        Command::Grant(command) => rules::grant(&context, command).await,
        Command::Deny(command) => rules::deny(&context, command).await,
        Command::Share(command) => rules::share(&context, command).await,
        Command::Revoke(command) => rules::revoke(&context, command).await,
        Command::RevokeAll(command) => rules::revoke_all(&context, command).await,
        Command::Link(command) => links::run(&context, command).await,
        Command::Rules(command) => rules::list(&context, command).await,
        Command::BreakGlass(command) => glass::break_glass(&context, command).await,
        Command::BreakGlassOffline(command) => offline::break_glass(&context, command).await,
        Command::EmergencyCard(command) => offline::card(&context, command).await,
        Command::CloseGlass(command) => glass::close(&context, command).await,
        Command::Glasses(command) => glass::list(&context, command).await,
        Command::MayRead(command) => rules::may_read(&context, command).await,
        Command::Read(command) => records::read(&context, command).await,
        Command::Search(command) => records::search(&context, command).await,
        Command::Verify(command) => verify::verify(&context, command).await,
        Command::Log(command) => records::log(&context, command).await,
        Command::Notices(command) => notices::notices(&context, command).await,
        Command::Webhook(command) => notices::webhook(&context, command).await,
        Command::Release(command) => release::run(&context, command).await,
        Command::Request(command) => requests::request(&context, command).await,
        Command::Requests(command) => requests::list(&context, command).await,
        Command::Approve(command) => requests::approve(&context, command).await,
        Command::Decline(command) => requests::decline(&context, command).await,
        Command::Cancel(command) => requests::cancel(&context, command).await,
        Command::PickUp(command) => requests::pick_up(&context, command).await,
        Command::Provider(command) => provider::run(&context, command).await,
        Command::Council(command) => council::run(&context, command).await,
        Command::Collator(command) => collator::run(&context, command).await,
        Command::Upgrade(command) => upgrade::run(&context, command).await,
    }
}

fn is_refusal(error: &anyhow::Error) -> bool {
    let by_chain = |error: &ChainError| matches!(error, ChainError::Failed(_) | ChainError::Refused { .. });
    match error.downcast_ref::<GatekeeperError>() {
        Some(GatekeeperError::Refused { .. }) => true,
        Some(GatekeeperError::Chain(error)) => by_chain(error),
        _ => error.downcast_ref::<ChainError>().is_some_and(by_chain),
    }
}

#[cfg(test)]
mod tests;
