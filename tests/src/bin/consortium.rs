//! The network `consortium` with gatekeepers and databases: three providers, each with a gatekeeper in front of its database on its own
//! collator, and a researcher's collator. Prints the addresses, and keeps all of it until Ctrl-C.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Parser;
use medrec_client::chain::calls;
use medrec_primitives::MemberRole;
use medrec_tests::{practice::World, relay::RelayNetwork, scratch::Scratch};

/// Whose gatekeeper stands on which collator.
const PROVIDERS: [(char, &str); 3] = [('a', "provider-1"), ('b', "provider-2"), ('c', "provider-3")];

/// Three providers with gatekeepers and databases and a researcher, on a relay chain of this machine.
#[derive(Parser)]
#[command(after_help = "Example:\n  scripts/network consortium")]
struct Cli {
    /// Where chains, databases and logs go; a temporary folder, unless said
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tokio::select! {
        outcome = run(Cli::parse()) => match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("Error: {error:#}");
                ExitCode::FAILURE
            }
        },
        _ = tokio::signal::ctrl_c() => ExitCode::SUCCESS,
    }
}

async fn run(cli: Cli) -> Result<()> {
    let scratch = match cli.folder {
        Some(folder) => Scratch::at(&folder)?,
        None => Scratch::new("consortium")?,
    };
    println!("starting relay chain and collators; logs are in {}", scratch.path().display());
    let network = RelayNetwork::start(&scratch, "consortium").await?;
    let urls = PROVIDERS.map(|(letter, node)| (letter, network.node(node).rpc.url()));
    let collator = network.node("researcher").key()?;
    let mut world = World::on_node("consortium", network, &urls[0].1, scratch).await?;
    println!("three providers apply and are voted in; each gets a database and a gatekeeper");
    let practices: Vec<_> = urls.iter().map(|(letter, url)| (*letter, url.as_str())).collect();
    world.open_practices(&practices, &[]).await?;
    println!("b moves its records into a PostgreSQL, c into a MariaDB; a keeps its file (SQLite)");
    let _servers = (world.move_to_postgres('b').await?, world.move_to_mariadb('c').await?);
    println!("a researcher's collator is approved");
    let (institute, key) = world.member("Institute", MemberRole::Researcher).await?;
    world.fund(&collator.account()).await?;
    world.submit(&calls::research::register_collator(&collator.account()), &key).await?;
    world.submit(&calls::research::accept_researcher(institute), &collator).await?;
    world.council_carries(calls::research::approve_collator(&collator.account())).await?;
    for node in world.node.nodes() {
        println!("{:<14} {}", node.name, node.rpc.url());
    }
    for practice in &world.practices {
        let (letter, gatekeeper) = (practice.letter, &practice.gatekeeper);
        let folder = gatekeeper.folder().display();
        println!("practice {letter}     {} (member {}; {folder})", gatekeeper.url(), practice.member);
    }
    println!("researcher     member {institute}");
    println!("files: {}. Ctrl-C ends all of it", world.node.folder().display());
    std::future::pending().await
}
