//! A development chain of its own for each network of processes.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{bail, Result};
use serde_json::Value;

use crate::{binaries, clock, ports, process::Process, rpc::Rpc, scratch::Scratch};

/// How long a node may take to its first block. The runtime's WASM is compiled in this time, more than once.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a node is started.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// A block is made, and finalised at once, each so many milliseconds.
    pub block_time_ms: u64,
    /// The port that people would look for; another is taken where it is in use. `None`: any.
    pub rpc_port: Option<u16>,
    /// Where numbers for Prometheus are served on loopback; `None`: nowhere.
    pub prometheus_port: Option<u16>,
    /// Further arguments.
    pub arguments: Vec<String>,
    /// How far its clock is behind at first: for what takes time on chain and has to be over by everybody's clock.
    pub behind: Duration,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            block_time_ms: 1_000,
            rpc_port: None,
            prometheus_port: None,
            arguments: Vec::new(),
            behind: Duration::ZERO,
        }
    }
}

/// A running `medrec-node --dev`, which keeps its chain in the scratch folder, across restarts.
pub struct Node {
    process: Process,
    scratch: Arc<Scratch>,
    options: NodeOptions,
    base: PathBuf,
    rpc_port: u16,
    ahead: Duration,
}

impl Node {
    /// Starts a node and waits for its first block.
    pub async fn start(scratch: &Arc<Scratch>, options: NodeOptions) -> Result<Self> {
        let rpc_port = match options.rpc_port {
            Some(port) => ports::port_or_free(port)?,
            None => ports::free_port()?,
        };
        let base = scratch.folder(&format!("chain-{rpc_port}"))?;
        let ahead = Duration::ZERO;
        let process = launch(scratch, &options, &base, rpc_port, ahead)?;
        let mut node = Self { process, scratch: scratch.clone(), options, base, rpc_port, ahead };
        node.wait_until_up().await?;
        Ok(node)
    }

    /// `ws://127.0.0.1:<port>`.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address())
    }

    /// `127.0.0.1:<port>`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.rpc_port)
    }

    /// `127.0.0.1:<port>`, where it serves numbers for Prometheus, if it does.
    pub fn metrics_address(&self) -> Option<String> {
        self.options.prometheus_port.map(|port| format!("127.0.0.1:{port}"))
    }

    /// The process, to pause it for instance.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends it in good order. The chain stays in the scratch folder.
    pub fn stop(&mut self) -> Result<()> {
        self.process.stop().map(drop)
    }

    /// Starts it again on the same port and chain after [`Node::stop`], and waits for a block.
    pub async fn start_again(&mut self) -> Result<()> {
        self.process = launch(&self.scratch, &self.options, &self.base, self.rpc_port, self.ahead)?;
        self.wait_until_up().await
    }

    /// Ends it and starts it again on the same port and chain, with its clock further ahead by `span`: a development chain's time is that of
    /// its node's start.
    pub async fn pass_time(&mut self, span: Duration) -> Result<()> {
        self.stop()?;
        self.ahead += span;
        self.start_again().await
    }

    /// Starts another chain with another genesis on the same port after [`Node::stop`]: `id` is any other preset's
    /// or specification's name.
    pub async fn start_other_chain(&mut self, id: &str) -> Result<()> {
        let mut options = self.options.clone();
        options.arguments.extend(["--chain".to_owned(), id.to_owned()]);
        let base = self.scratch.folder(&format!("chain-{}-{id}", self.rpc_port))?;
        self.process = launch(&self.scratch, &options, &base, self.rpc_port, self.ahead)?;
        self.wait_until_up().await
    }

    /// One JSON-RPC call.
    pub async fn rpc(&self, method: &str, params: Value) -> Result<Value> {
        Rpc::new(self.address()).call(method, params).await
    }

    /// The number of the best block.
    pub async fn best_number(&self) -> Result<u64> {
        Rpc::new(self.address()).best_number().await
    }

    /// The number of the last finalised block.
    pub async fn finalised_number(&self) -> Result<u64> {
        Rpc::new(self.address()).finalised_number().await
    }

    /// Waits until `count` more blocks are finalised.
    pub async fn wait_blocks(&self, count: u64) -> Result<()> {
        let goal = self.finalised_number().await? + count;
        let started = Instant::now();
        while self.finalised_number().await? < goal {
            if started.elapsed() > PATIENCE {
                bail!("no {count} blocks in {} s", PATIENCE.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(self.options.block_time_ms.clamp(20, 1_000) / 4)).await;
        }
        Ok(())
    }

    async fn wait_until_up(&mut self) -> Result<()> {
        let started = Instant::now();
        let mut before = None;
        loop {
            self.process.ensure_running()?;
            // Restarted, it is up when it adds to the blocks it had.
            match (self.best_number().await, before) {
                (Ok(now), Some(then)) if now > then => return Ok(()),
                (Ok(now), None) => before = Some(now),
                _ => {}
            }
            if started.elapsed() > PATIENCE {
                bail!(
                    "the node made no block in {} s; its log is {}",
                    PATIENCE.as_secs(),
                    self.process.log().display()
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn launch(
    scratch: &Arc<Scratch>,
    options: &NodeOptions,
    base: &Path,
    rpc_port: u16,
    ahead: Duration,
) -> Result<Process> {
    let mut command = Command::new(binaries::binary(binaries::NODE)?);
    command
        .arg("--dev")
        .args(["--dev-block-time", &options.block_time_ms.to_string()])
        .arg("--base-path")
        .arg(base)
        .args(["--rpc-port", &rpc_port.to_string()])
        .args(["--port", &ports::free_port()?.to_string()])
        .args(["--offchain-worker", "always"])
        .args(["--no-telemetry", "--no-mdns", "--no-hardware-benchmarks"])
        .args(&options.arguments);
    match options.prometheus_port {
        Some(port) => command.args(["--prometheus-port", &port.to_string()]),
        None => command.arg("--no-prometheus"),
    };
    clock::set_ahead(&mut command, ahead, options.behind)?;
    Process::start(scratch, &format!("node-{rpc_port}"), command)
}
