//! A light client of our parachain that is asked like a node.
//!
//! It follows relay chain and parachain by smoldot: finality by GRANDPA's justifications, storage by Merkle proofs, nothing on disk. The
//! parachain's JSON-RPC is served on a WebSocket of this machine, so that `medrec-gatekeeper`, `medrec` and polkadot.js Apps
//! connect to it as to a node. See `README.md`.

mod arguments;
mod client;
mod kept;
mod progress;
mod server;
mod spec;

use std::{io::IsTerminal, process::ExitCode};

use anyhow::Context;
use arguments::Arguments;
use clap::Parser;
use client::LightClient;
use kept::Kept;
use spec::Spec;
use tokio::{
    net::TcpListener,
    signal::unix::{signal, SignalKind},
    sync::watch,
};
use tracing_subscriber::EnvFilter;

/// What is logged, unless said: our own progress, and of smoldot what matters for it. That gatekeepers ask by older methods is no news.
const LOGGED: &str = "warn,medrec_light=info,sync-service=info,json-rpc=error";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("MEDREC_LOG").unwrap_or_else(|_| EnvFilter::new(LOGGED));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours).with_env_filter(filter).init();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("medrec-light: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let relay_chain = Spec::read(&arguments.relay_chain, &arguments.relay_bootnodes)?;
    let parachain = Spec::read(&arguments.parachain, &arguments.bootnodes)?;
    parachain.expect_parachain_of(&relay_chain)?;
    let kept = |name| arguments.database.as_deref().map(|folder| Kept::new(folder, name)).transpose();
    let (kept_relay, kept_parachain) = (kept("relay-chain")?, kept("parachain")?);
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}: does another program?", arguments.listen))?;
    let listen = listener.local_addr()?;
    tracing::info!(
        url = %format!("ws://{listen}"),
        relay_chain = relay_chain.id,
        parachain = parachain.id,
        version = env!("CARGO_PKG_VERSION"),
        "serving; answers come once the chains are synchronised"
    );

    let read = |kept: &Option<Kept>| kept.as_ref().map(Kept::read).unwrap_or_default();
    let (client, relay_session) = LightClient::start(&relay_chain, parachain, &read(&kept_relay))?;
    let session = client.session(&read(&kept_parachain))?;
    let (stopping, stop) = watch::channel(false);
    let tasks = [
        tokio::spawn(server::serve(
            listener,
            client,
            arguments.origins,
            arguments.max_connections,
            stop.clone(),
        )),
        tokio::spawn({
            let stop = stop.clone();
            async move { progress::follow("relay chain", relay_session, kept_relay, stop).await }
        }),
        tokio::spawn(async move { progress::follow("parachain", session, kept_parachain, stop).await }),
    ];
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    stopping.send_replace(true);
    for task in tasks {
        task.await.context("a task failed")?;
    }
    Ok(())
}
