//! The command: `init`, `check`, `serve`, `enrol`, `inbox`, `record`, `research`, `sealing-key`, `verify`, `audit`, `store`.

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Format, Logging};

pub mod audit;
pub mod check;
pub mod enrol;
pub mod identify;
pub mod inbox;
pub mod init;
pub mod record;
pub mod research;
pub mod sealing_key;
pub mod serve;
pub mod store;
pub mod verify;

/// Stands in front of a provider's database and answers only what the chain permits.
#[derive(Debug, Parser)]
#[command(name = "medrec-gatekeeper", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a configuration and fresh keys into a folder.
    ///
    /// Example: medrec-gatekeeper init --dir /etc/medrec --public-url https://gatekeeper.example.org
    /// --node ws://127.0.0.1:9944 --database postgres://reader@db/hospital
    Init(init::Init),
    /// Look at everything and say whether it is in order.
    Check(WithConfig),
    /// Answer requests until stopped.
    Serve(WithConfig),
    /// Issue a ticket with which the patient of a record can enrol, once.
    ///
    /// Example: medrec-gatekeeper enrol --record MRN-1042
    Enrol(enrol::Enrol),
    /// What patients and viewers sent to be added to the records.
    #[command(subcommand)]
    Inbox(inbox::Inbox),
    /// Suspend records that are merged or split, and say how to go on.
    #[command(subcommand)]
    Record(record::Record),
    /// Plan statistics for researchers, and look after them.
    #[command(subcommand)]
    Research(research::Research),
    /// Make a fresh sealing key, to be added to the configuration and published.
    ///
    /// Example: medrec-gatekeeper sealing-key --out /etc/medrec/sealing-1.key
    SealingKey(sealing_key::SealingKey),
    /// Check answers that were kept with their proofs: anchored, signed and pending, or altered.
    ///
    /// Example: medrec-gatekeeper verify --node ws://127.0.0.1:9944 answer.json
    Verify(verify::Verify),
    /// The log of who asked for what.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Move the gatekeeper's own store.
    #[command(subcommand)]
    Store(store::StoreCommand),
}

/// Where the configuration is.
#[derive(Clone, Debug, Args)]
pub struct WithConfig {
    /// The configuration file.
    #[arg(long, env = "MEDREC_GATEKEEPER_CONFIG", default_value = "gatekeeper.toml")]
    pub config: PathBuf,
}

impl WithConfig {
    /// Reads it.
    pub fn load(&self) -> anyhow::Result<Config> {
        Ok(Config::load(&self.config)?)
    }
}

impl Cli {
    /// Does what is asked.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        // Fails only where one was chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        match self.command {
            Command::Init(init) => init.run(),
            Command::Check(file) => check::run(&file).await,
            Command::Serve(file) => {
                let config = file.load()?;
                start_logs(&config.logging)?;
                serve::run(config).await
            }
            Command::Enrol(enrol) => enrol.run().await,
            Command::Inbox(inbox) => inbox.run().await,
            Command::Record(record) => record.run().await,
            Command::Research(research) => research.run().await,
            Command::SealingKey(command) => command.run(),
            Command::Verify(verify) => verify.run().await,
            Command::Audit(audit) => audit.run().await,
            Command::Store(store) => store.run().await,
        }
    }
}

/// Structured logs on standard error. `MEDREC_LOG` beats the configuration in what is told.
///
/// What libraries say in detail can hold addresses and headers of requests: that is never told.
fn start_logs(logging: &Logging) -> anyhow::Result<()> {
    let level = std::env::var("MEDREC_LOG").unwrap_or_else(|_| logging.level.clone());
    let filter = tracing_subscriber::EnvFilter::try_new(&level)
        .with_context(|| format!("logging.level or MEDREC_LOG: {level}"))?;
    let quiet = [
        "jsonrpsee=warn",
        "jsonrpsee-server=warn",
        "jsonrpsee-client=warn",
        "hyper=warn",
        "hyper_util=warn",
        "sqlx=warn",
        "soketto=warn",
        "rustls=warn",
    ];
    let filter = quiet
        .iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, |filter, directive| filter.add_directive(directive));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let text = match logging.format {
        Format::Auto => std::io::stderr().is_terminal(),
        Format::Json => false,
        Format::Text => true,
    };
    if text {
        logs.init();
    } else {
        logs.json().init();
    }
    Ok(())
}
