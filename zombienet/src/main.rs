//! Starts networks of a relay chain and our parachain on this machine. `zombienet/networks/*.toml` say what they are made of.

mod description;

use std::{
    env,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{bail, Context};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{signal, SignalKind};
use zombienet_sdk::{GlobalSettingsBuilder, LocalFileSystem, Network, NetworkConfig, NetworkConfigExt};

/// Our parachain's identifier.
const PARACHAIN: u32 = 1_000;

/// How long a network may take until the parachain's first block is final: validators compile its runtime in this time.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// What Substrate calls the number that is watched.
const FINALISED: &str = "block_height{status=\"finalized\"}";

#[derive(Parser)]
#[command(name = "medrec-zombienet", about = "Networks of a relay chain and our parachain on one machine")]
struct Cli {
    /// The folder with the built programs: polkadot and its two workers, medrec-node
    #[arg(long, env = "MEDREC_BIN_DIR")]
    programs: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a network, print its addresses, and keep it until Ctrl-C
    #[command(
        after_help = "Examples:\n  medrec-zombienet start small\n  medrec-zombienet start consortium --folder /tmp/consortium"
    )]
    Start {
        /// The name of a file in zombienet/networks
        network: String,
        /// Where databases, logs, chain specifications and network.json go; a temporary folder, unless said. What a network before
        /// left there is overwritten
        #[arg(long)]
        folder: Option<PathBuf>,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into());
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).init();
    let cli = Cli::parse();
    prepare_environment(&cli.programs)?;
    match cli.command {
        Command::Start { network, folder } => start(&network, folder).await,
    }
}

/// The folder of this package: of the checkout in use, since several may share what was compiled.
fn here() -> PathBuf {
    match env::var_os("MEDREC_ROOT") {
        Some(root) => Path::new(&root).join("zombienet"),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")),
    }
}

/// What zombienet and `network-spec` look for: programs in `PATH`, and the runtimes, unless the caller names others.
fn prepare_environment(programs: &Path) -> anyhow::Result<()> {
    for program in ["polkadot", "polkadot-execute-worker", "polkadot-prepare-worker", "medrec-node"] {
        if !programs.join(program).is_file() {
            bail!("{program} is not in {}: scripts/network builds it", programs.display());
        }
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let paths = [programs.to_path_buf(), here()].into_iter().chain(env::split_paths(&path));
    env::set_var("PATH", env::join_paths(paths)?);
    for (variable, blob) in [
        ("MEDREC_RELAY_RUNTIME", "medrec-relay-runtime/westend_runtime.compact.compressed.wasm"),
        ("MEDREC_PARACHAIN_RUNTIME", "medrec-relay-runtime/medrec_runtime_fast.compact.compressed.wasm"),
    ] {
        let named = env::var_os(variable).map(PathBuf::from);
        let path = named.unwrap_or_else(|| programs.join("wbuild").join(blob));
        if !path.is_file() {
            bail!("{} is not there: scripts/network builds it, or set {variable}", path.display());
        }
        env::set_var(variable, path);
    }
    Ok(())
}

async fn start(name: &str, folder: Option<PathBuf>) -> anyhow::Result<()> {
    let began = Instant::now();
    let file = here().join("networks").join(format!("{name}.toml"));
    let file = file.to_str().filter(|_| file.is_file()).with_context(|| {
        format!("there is no network {name}: zombienet/networks has {}", networks().join(", "))
    })?;
    let mut config = NetworkConfig::load_from_toml(file)?;
    if let Some(folder) = folder {
        std::fs::create_dir_all(&folder)?;
        let settings = config.global_settings();
        let settings = GlobalSettingsBuilder::new()
            .with_network_spawn_timeout(settings.network_spawn_timeout())
            .with_node_spawn_timeout(settings.node_spawn_timeout())
            .with_tear_down_on_failure(settings.tear_down_on_failure())
            .with_base_dir(folder.canonicalize()?)
            .build()
            .map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
        config = NetworkConfig::load_from_toml_with_settings(file, &settings)?;
    }
    println!("starting the network {name}: specifications, validators, then collators");
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let network = tokio::select! {
        network = config.spawn_native() => network?,
        // Nodes that were started end with this process's pipes and its namespace.
        _ = interrupted.recv() => return Ok(()),
        _ = terminated.recv() => return Ok(()),
    };
    let outcome = tokio::select! {
        outcome = watch(&network, began) => outcome,
        _ = interrupted.recv() => Ok(()),
        _ = terminated.recv() => Ok(()),
    };
    println!("ending the network");
    network.destroy().await?;
    outcome
}

/// Says where everything is, waits for the parachain's first final block, and then for ever.
async fn watch(network: &Network<LocalFileSystem>, began: Instant) -> anyhow::Result<()> {
    for node in network.nodes() {
        println!("{:<14} {}", node.name(), node.ws_uri());
    }
    println!(
        "nodes are up after {} s; waiting until the parachain's first block is final",
        began.elapsed().as_secs()
    );
    let collators = network.parachain(PARACHAIN).context("the parachain")?.collators();
    let collator = collators.first().context("a collator")?;
    while !collator.reports(FINALISED).await.is_ok_and(|height| height >= 1.0) {
        if began.elapsed() > PATIENCE {
            bail!("no block of the parachain is final after {} s: see the logs", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        if began.elapsed().as_secs() % 30 < 2 {
            let best = collator.reports("block_height{status=\"best\"}").await.unwrap_or_default();
            println!("  after {} s: best block {best}", began.elapsed().as_secs());
        }
    }
    let written = description::write(network, PARACHAIN)?;
    println!(
        "the parachain finalises blocks, after {} s. Ctrl-C ends the network",
        began.elapsed().as_secs()
    );
    println!("Apps:  https://polkadot.js.org/apps/?rpc={}", collator.ws_uri());
    println!("files: {}", written.display());
    std::future::pending().await
}

/// The names of the networks that there are.
fn networks() -> Vec<String> {
    let files = std::fs::read_dir(here().join("networks")).into_iter().flatten().flatten();
    let mut names: Vec<_> =
        files.filter_map(|file| Some(file.path().file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    names
}
