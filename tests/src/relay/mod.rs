//! Networks with a relay chain: validators, and collators of our parachain that must have their blocks backed and finalised.
//!
//! `medrec-zombienet` (the workspace `zombienet/`) starts them; `scripts/network test` builds it and names it in `MEDREC_ZOMBIENET`.
//!
//! | Module | Holds |
//! |---|---|
//! | [`namespace`] | another network namespace, joined to this one by a cable that can be cut |
//! | [`handbook`] | the commands of `docs/operators.md`, run as they stand there |
//! | [`light`] | a light client of the parachain |

pub mod handbook;
pub mod light;
pub mod namespace;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};
use medrec_client::KeyPair;
use medrec_primitives::AccountId;
use serde::Deserialize;

use crate::{
    binaries,
    network::dev_key,
    process::{run, Process},
    rpc::Rpc,
    scratch::Scratch,
};

/// How long anything on such a network may take: machines that build at the same time are slow.
pub const PATIENCE: Duration = Duration::from_secs(900);

/// What says where `medrec-zombienet` is.
const PROGRAM: &str = "MEDREC_ZOMBIENET";

/// A running network.
pub struct RelayNetwork {
    nodes: Vec<NetworkNode>,
    folder: PathBuf,
    zombienet: Process,
    scratch: Arc<Scratch>,
}

/// One of its nodes.
pub struct NetworkNode {
    /// What the network's file calls it.
    pub name: String,
    /// Asks it about its chain: collators about the parachain, validators about the relay chain.
    pub rpc: Rpc,
    collates: bool,
    id: u32,
    folder: PathBuf,
    /// The process that was started in the place of the first.
    again: Option<Process>,
}

/// `network.json`, as far as it is needed here.
#[derive(Deserialize)]
struct Described {
    nodes: Vec<DescribedNode>,
}

#[derive(Deserialize)]
struct DescribedNode {
    name: String,
    role: String,
    ws: String,
    folder: PathBuf,
    process: u32,
}

impl RelayNetwork {
    /// Starts the network of `zombienet/networks/<name>.toml`, and waits until the parachain finalises blocks.
    pub async fn start(scratch: &Arc<Scratch>, name: &str) -> Result<Self> {
        Self::start_with(scratch, name, &[]).await
    }

    /// As [`RelayNetwork::start`], with these variables in the environment of what starts it: `MEDREC_PARACHAIN_RUNTIME` names another runtime.
    pub async fn start_with(
        scratch: &Arc<Scratch>,
        name: &str,
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let Some(program) = std::env::var_os(PROGRAM) else {
            bail!("{PROGRAM} is not set: run these tests by scripts/network test");
        };
        let folder = scratch.folder("network")?;
        let programs = binaries::binary(binaries::NODE)?;
        let mut command = Command::new(program);
        command.args(["start", name, "--folder"]).arg(&folder);
        command.env("MEDREC_BIN_DIR", programs.parent().context("the programs' folder")?);
        command.envs(environment.iter().copied());
        let mut zombienet = Process::start(scratch, "zombienet", command)?;
        let described = folder.join("network.json");
        let started = Instant::now();
        while !described.is_file() {
            zombienet.ensure_running()?;
            if started.elapsed() > PATIENCE * 2 {
                bail!("the network {name} is not up:\n{}", zombienet.log_text());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        println!("the network {name} finalises blocks after {} s", started.elapsed().as_secs());
        let described: Described = serde_json::from_slice(&std::fs::read(&described)?)?;
        let nodes = described.nodes.into_iter().map(|node| NetworkNode {
            rpc: Rpc::new(node.ws.trim_start_matches("ws://").trim_end_matches('/')),
            collates: node.role == "collator",
            name: node.name,
            id: node.process,
            folder: node.folder,
            again: None,
        });
        Ok(Self { nodes: nodes.collect(), folder, zombienet, scratch: scratch.clone() })
    }

    /// The node with this name.
    pub fn node(&self, name: &str) -> &NetworkNode {
        self.nodes.iter().find(|node| node.name == name).expect("a node of this network")
    }

    /// All of them: validators, then collators.
    pub fn nodes(&self) -> &[NetworkNode] {
        &self.nodes
    }

    /// The nodes that collate.
    pub fn collators(&self) -> impl Iterator<Item = &NetworkNode> {
        self.nodes.iter().filter(|node| node.collates)
    }

    /// The memory that a node has in use (KiB).
    pub fn memory(&self, name: &str) -> Result<u64> {
        memory_of(self.node(name).id)
    }

    /// Kills a node, as a power failure would.
    pub fn kill(&mut self, name: &str) -> Result<()> {
        let node = self.node_mut(name);
        match node.again.as_mut() {
            Some(process) => process.kill().map(drop),
            None => run(Command::new("sh").args(["-c", &format!("kill -KILL {}", node.id)])).map(drop),
        }
    }

    /// The command line with which a node runs, to start it again after [`RelayNetwork::kill`].
    pub fn command_line(&self, name: &str) -> Result<Vec<String>> {
        let node = self.node(name);
        let line = std::fs::read(format!("/proc/{}/cmdline", node.id))
            .with_context(|| format!("{name} does not run"))?;
        // By its path: what started it may have found it in a `PATH` of its own.
        let program = std::fs::read_link(format!("/proc/{}/exe", node.id))?;
        let words = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
        let arguments = words.skip(1).filter(|word| !word.is_empty());
        Ok(std::iter::once(program.to_string_lossy().into_owned()).chain(arguments).collect())
    }

    /// Starts a node on its database by this command line.
    pub fn start_again(&mut self, name: &str, command_line: &[String]) -> Result<()> {
        let scratch = self.scratch.clone();
        let node = self.node_mut(name);
        let (program, arguments) = command_line.split_first().context("a command line")?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&node.folder);
        node.again = Some(Process::start(&scratch, name, command)?);
        Ok(())
    }

    /// The folder with everything of this network: chains, logs, specifications, `network.env`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn node_mut(&mut self, name: &str) -> &mut NetworkNode {
        self.nodes.iter_mut().find(|node| node.name == name).expect("a node of this network")
    }
}

/// The memory that a process has in use (KiB).
pub fn memory_of(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    line.split_whitespace().next().and_then(|number| number.parse().ok()).context("a number of kB")
}

impl NetworkNode {
    /// The key that makes its blocks, and signs for the account that it makes them for: zombienet derives both from the node's name.
    pub fn key(&self) -> Result<KeyPair> {
        let mut letters = self.name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter();
        dev_key(&format!("//{}", first.chain(letters).collect::<String>()))
    }

    /// The account of [`NetworkNode::key`].
    pub fn account(&self) -> Result<AccountId> {
        Ok(self.key()?.account())
    }
}

impl Drop for RelayNetwork {
    fn drop(&mut self) {
        // In good order, since it ends the nodes that it started.
        if let Err(error) = self.zombienet.stop() {
            eprintln!("cannot end the network: {error:#}");
        }
    }
}
