//! Starts networks of a relay chain and our parachain on this machine. `zombienet/networks/*.toml` say what they are made of.

use std::{env, path::PathBuf};

use anyhow::Context;
use clap::{Parser, Subcommand};
use zombienet_sdk::{NetworkConfig, NetworkConfigExt};

/// How long a network may take until its nodes answer (s).
const PATIENCE: u64 = 300;

#[derive(Parser)]
#[command(name = "medrec-zombienet", about = "Networks of a relay chain and our parachain on one machine")]
struct Cli {
    /// The folder with the built programs
    #[arg(long, env = "MEDREC_BIN_DIR")]
    programs: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a network, print its addresses, and keep it until Ctrl-C
    #[command(after_help = "Example:\n  medrec-zombienet start small")]
    Start {
        /// The name of a file in zombienet/networks
        network: String,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter("warn").init();
    let cli = Cli::parse();
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let blob = cli.programs.join("wbuild/medrec-relay-runtime/westend_runtime.compact.compressed.wasm");
    let paths = [cli.programs.clone(), here.clone()]
        .into_iter()
        .chain(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    env::set_var("PATH", env::join_paths(paths)?);
    env::set_var("MEDREC_RELAY_RUNTIME", &blob);
    match cli.command {
        Command::Start { network } => start(here.join("networks").join(format!("{network}.toml"))).await,
    }
}

async fn start(file: PathBuf) -> anyhow::Result<()> {
    let file = file.to_str().context("a path that is text")?;
    let network = NetworkConfig::load_from_toml(file)?.spawn_native().await?;
    network.wait_until_is_up(PATIENCE).await?;
    for node in network.nodes() {
        println!("{:<16} {}", node.name(), node.ws_uri());
    }
    println!("files: {}", network.base_dir().unwrap_or("-"));
    let parachain = network.parachain(1000).context("the parachain")?;
    let collator = parachain.collators().into_iter().next().context("a collator")?;
    // `finalized`, as Substrate spells it.
    collator.wait_metric_with_timeout("block_height{status=\"finalized\"}", |height| height >= 1.0, PATIENCE).await?;
    println!("the parachain finalises blocks; Ctrl-C ends the network");
    tokio::signal::ctrl_c().await?;
    network.destroy().await?;
    Ok(())
}
