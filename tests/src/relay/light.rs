//! `medrec-light` (the workspace `light/`), on a network of [`RelayNetwork`].

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};
use medrec_client::Chain;

use super::{RelayNetwork, PATIENCE};
use crate::{ports, process::Process, scratch::Scratch};

/// What says where the program is: `scripts/network test` builds it.
const PROGRAM: &str = "MEDREC_LIGHT";

/// A light client of the network's parachain.
pub struct LightClient {
    process: Process,
    port: u16,
}

impl LightClient {
    /// Starts one with the specifications of a network.
    pub fn start(scratch: &Arc<Scratch>, network: &RelayNetwork) -> Result<Self> {
        let program = std::env::var_os(PROGRAM)
            .with_context(|| format!("{PROGRAM} is not set: run these tests by scripts/network test"))?;
        let port = ports::free_port()?;
        let mut command = Command::new(program);
        command.arg("--relay-chain").arg(network.folder().join("westend-local.json"));
        command.arg("--parachain").arg(network.folder().join("medrec-local.json"));
        command.args(["--listen", &format!("127.0.0.1:{port}"), "--database"]).arg(scratch.join("light"));
        Ok(Self { process: Process::start(scratch, "light", command)?, port })
    }

    /// `ws://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Waits until it tells of a final block, and connects. Gives how long that took, too.
    pub async fn connect(&mut self) -> Result<(Chain, Duration)> {
        let started = Instant::now();
        loop {
            self.process.ensure_running()?;
            let found = async {
                let chain = Chain::connect(&self.url()).await?;
                let number = chain.number(chain.finalised_head().await?).await?;
                Ok::<_, anyhow::Error>((chain, number))
            };
            match tokio::time::timeout(Duration::from_secs(30), found).await {
                Ok(Ok((chain, 1..))) => return Ok((chain, started.elapsed())),
                _ if started.elapsed() > PATIENCE => bail!("no final block:\n{}", self.process.log_text()),
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}
