//! `research`: what an operator does about statistics.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{bail, Context};
use clap::{Args, Subcommand};

use super::{identify::identify, serve, WithConfig};
use crate::{
    chain::{proposer::NodeProposals, research::NodeResearch, research::Researching},
    config,
    keys::Secrets,
    research::{compile::compile, plan::Planned, Definitions},
    store::{research::LIMITS, Store},
};

/// How many answers are listed, the newest.
const LISTED: u32 = 10_000;

/// Arguments of `research`.
#[derive(Debug, Subcommand)]
pub enum Research {
    /// Say of each definition whether it can be answered from the mapping.
    #[command(after_help = "Examples:\n  medrec-gatekeeper research check")]
    Check(WithConfig),
    /// Show what a plan file costs, and with --yes put it on chain, for a year.
    #[command(after_help = "\
Examples:
  medrec-gatekeeper research publish --plan plan-2027.toml              shows tables and costs
  medrec-gatekeeper research publish --plan plan-2027.toml --yes        and publishes them

Once the year has begun the plan holds; only single tables can be taken back. docs/research.md says how to plan a year.")]
    Publish(Publish),
    /// List the answers that were made, and what they cost.
    #[command(after_help = "Examples:\n  medrec-gatekeeper research list")]
    List(WithConfig),
    /// Say on chain that an answer which was committed to is lost, for ever.
    #[command(after_help = "\
Examples:
  medrec-gatekeeper research lost --table 3 --epoch 0 --yes

Only where no gatekeeper of this provider has the answer. Whoever claimed it gets its credits back; the rho stays spent, and there
will never be another answer to this epoch.")]
    Lost(Lost),
    /// Go on after a back-up was restored, once withdrawals that it may lack are entered again.
    #[command(after_help = "Examples:\n  medrec-gatekeeper research resume")]
    Resume(WithConfig),
}

/// Arguments of `research publish`.
#[derive(Debug, Args)]
pub struct Publish {
    #[command(flatten)]
    file: WithConfig,
    /// The plan file.
    #[arg(long)]
    plan: PathBuf,
    /// Do it.
    #[arg(long)]
    yes: bool,
}

/// Arguments of `research lost`.
#[derive(Debug, Args)]
pub struct Lost {
    #[command(flatten)]
    file: WithConfig,
    /// The table's number.
    #[arg(long)]
    table: u32,
    /// The epoch's.
    #[arg(long)]
    epoch: u16,
    /// Do it. It cannot be undone.
    #[arg(long)]
    yes: bool,
}

impl Research {
    /// Does it.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check(file) => check(file),
            Self::Publish(publish) => publish.run().await,
            Self::List(file) => list(file).await,
            Self::Lost(lost) => lost.run().await,
            Self::Resume(file) => resume(file).await,
        }
    }
}

fn section(config: &config::Config) -> anyhow::Result<&config::Research> {
    config.research.as_ref().context("the configuration has no section [research]")
}

fn check(file: &WithConfig) -> anyhow::Result<ExitCode> {
    let config = file.load()?;
    let definitions = Definitions::load(&section(&config)?.definitions)?;
    let mapping = serve::mapping(&config)?;
    let mut right = true;
    for definition in definitions.all() {
        let verdict = match compile(&mapping, definition) {
            Ok(_) => "ok  ".to_owned(),
            Err(error) => {
                right = false;
                format!("FAIL  {error}:")
            }
        };
        println!("{verdict}  {}  0x{}", definition.title(), hex::encode(definition.digest()));
    }
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Publish {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let planned = Planned::load(&self.plan)?;
        let served = Definitions::load(&section(&config)?.definitions)?;
        let mapping = serve::mapping(&config)?;
        for (table, definition) in planned.tables.iter().zip(&planned.definitions) {
            println!("{:>7} millionths of rho, {:>3} times: {}", table.rho, table.epochs, definition.title());
            if served.get(&table.definition).is_none() {
                bail!("put the definition of \"{}\" into research.definitions first", definition.title());
            }
            compile(&mapping, definition)
                .with_context(|| format!("\"{}\" could never be answered", definition.title()))?;
        }
        println!("{:>7} in the year, of {} that it may cost", planned.rho(), LIMITS.yearly);
        if !self.yes {
            println!("Nothing was published: add --yes.");
            return Ok(ExitCode::SUCCESS);
        }
        let chain = chain(&config).await?;
        chain.publish(planned.starts, &planned.tables, planned.bounty).await?;
        println!("Published.");
        Ok(ExitCode::SUCCESS)
    }
}

impl Lost {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let store = Store::connect(&config.store).await?;
        if store.kept_answer(self.table, self.epoch).await?.is_some() {
            bail!("this gatekeeper has that answer; if another's was committed to, ask that one's operator");
        }
        if !self.yes {
            bail!("this cannot be undone: add --yes if no gatekeeper of this provider has the answer");
        }
        chain(&config).await?.declare_lost(self.table, self.epoch).await?;
        println!("Said so: there will never be an answer to epoch {} of table {}.", self.epoch, self.table);
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(file: &WithConfig) -> anyhow::Result<ExitCode> {
    let config = file.load()?;
    let store = Store::connect(&config.store).await?;
    let answers = store.kept_answers(LISTED).await?;
    for answer in &answers {
        println!(
            "table {:>4} epoch {:>3}  {:>6} millionths of rho on day {}  {}",
            answer.table, answer.epoch, answer.rho, answer.day, answer.title
        );
    }
    let life: u64 = answers.iter().map(|answer| u64::from(answer.rho)).sum();
    println!("{life} in all, of {} that there may ever be", LIMITS.lifetime);
    if let Some(reason) = store.research_paused().await? {
        println!("Paused: {reason}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn resume(file: &WithConfig) -> anyhow::Result<ExitCode> {
    let store = Store::connect(&file.load()?.store).await?;
    match store.research_paused().await? {
        Some(_) => {
            store.pause_research(None).await?;
            println!("Answers are made again.");
        }
        None => println!("Nothing was paused."),
    }
    Ok(ExitCode::SUCCESS)
}

async fn chain(config: &config::Config) -> anyhow::Result<NodeResearch> {
    let secrets = Secrets::load(&config.keys)?;
    let store = Store::connect(&config.store).await?;
    let identity = identify(config, &secrets, &store).await?;
    store.close().await;
    let nodes = Arc::new(config.chain.nodes());
    let node = NodeProposals::new(nodes, identity.genesis, secrets.signing);
    Ok(NodeResearch::new(Arc::new(node), identity.member))
}
