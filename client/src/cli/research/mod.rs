//! The `medrec-research` command: what there is to claim and what it costs, claiming it, fetching and checking what came, and the
//! numbers of several providers together, with their error.

mod answers;
mod chart;
mod claims;
mod combine;
mod fetch;
mod plans;
mod studies;
mod table;

use std::process::ExitCode;

use anyhow::{bail, Context as _};
use clap::{Parser, Subcommand};
use medrec_primitives::{MemberId, MemberRole};

use super::{args::Options, context::Context, finish, output::Output};

const EXAMPLES: &str = "\
Examples:
  export MEDREC_KEY=@institute.key MEDREC_NODE=wss://node.example.org
  medrec-research credits
  medrec-research plans
  medrec-research claim --study 4 0/3/1 2/1/1            epoch 1 of table 3 of provider 0, and of table 1 of provider 2
  medrec-research fetch 0/3/1 2/1/1 --out results        waits, checks, adds up, writes CSV and a chart

Each command has examples of its own: medrec-research fetch --help

Exit status: 0 done, 1 failed, 2 wrong use, 3 refused by the chain or a gatekeeper.";

/// Census-level statistics from MedRec, for researchers.
#[derive(Debug, Parser)]
#[command(name = "medrec-research", version, after_help = EXAMPLES, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Register an account that makes blocks as your collator
    RegisterCollator(studies::RegisterCollator),
    /// Say, with a collator's own key, that it makes blocks for a researcher who has registered it
    AcceptResearcher(studies::AcceptResearcher),
    /// Propose a study
    ProposeStudy(studies::ProposeStudy),
    /// Show what you have earned
    Credits(plans::Credits),
    /// Show what providers plan to answer, what it costs, and what is left of their budgets
    Plans(plans::Plans),
    /// Claim epochs of planned tables
    Claim(claims::Claim),
    /// List your claims that were granted
    Claims(claims::Claims),
    /// Wait for answers, fetch and check them, add them up, and write them down
    Fetch(fetch::Fetch),
    /// Say that what came is not what was committed to, or that nothing came
    Dispute(claims::Dispute),
    /// Close a claim: gives back what it cost if no answer came in time
    Close(claims::Close),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    finish(cli.options.json, run(cli))
}

async fn run(cli: Cli) -> anyhow::Result<Output> {
    let context = Context::new(cli.options);
    match cli.command {
        Command::RegisterCollator(command) => studies::register(&context, command).await,
        Command::AcceptResearcher(command) => studies::accept(&context, command).await,
        Command::ProposeStudy(command) => studies::propose(&context, command).await,
        Command::Credits(command) => plans::credits(&context, command).await,
        Command::Plans(command) => plans::plans(&context, command).await,
        Command::Claim(command) => claims::claim(&context, command).await,
        Command::Claims(command) => claims::list(&context, command).await,
        Command::Fetch(command) => fetch::fetch(&context, command).await,
        Command::Dispute(command) => claims::dispute(&context, command).await,
        Command::Close(command) => claims::close(&context, command).await,
    }
}

/// The researcher whose account acts.
async fn researcher(context: &Context) -> anyhow::Result<MemberId> {
    let account = context.key()?.account();
    let state = context.chain().await?.finalised().await?;
    let member = state.member_of(&account).await?;
    let member = member
        .context("this key is no member's account: become a researcher first (medrec provider apply)")?;
    match state.member(member).await? {
        Some(found) if found.role == MemberRole::Researcher => Ok(member),
        _ => bail!("member {member} is no researcher"),
    }
}

#[cfg(test)]
mod unit {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_should_be_consistent_and_every_command_have_examples() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("medrec-research "), "{} has no examples", sub.get_name());
            for argument in sub.get_arguments() {
                assert!(argument.get_help().is_some() || argument.is_global_set(), "{}", argument.get_id());
            }
        }
    }

    #[test]
    fn commands_should_be_read_when_as_in_the_examples() {
        for line in [
            "medrec-research credits",
            "medrec-research propose-study --purpose disease --purpose methods --protocol p.pdf --until +365d",
            "medrec-research plans --provider 0",
            "medrec-research claim --study 4 0/3/1 2/1/1",
            "medrec-research fetch 0/3/1 2/1/1 --out results",
            "medrec-research fetch 0/3/1 --no-wait",
            "medrec-research close 17",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
        assert!(Cli::try_parse_from(["medrec-research", "claim", "0/3/1"]).is_err());
        assert!(Cli::try_parse_from(["medrec-research", "fetch"]).is_err());
    }
}
