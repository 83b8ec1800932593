//! Another network namespace, joined to this one by a cable that can be cut.
//!
//! It lives as long as a process in it, and leaves nothing behind: no name, no address, no rule.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};

use crate::{
    process::{run, Process},
    scratch::Scratch,
    wire::{self, RawAnswer},
};

/// This side's end of the cable, and its address.
const NEAR: (&str, &str) = ("medrec-near", "10.77.0.1");
/// The other side's.
const FAR: (&str, &str) = ("medrec-far", "10.77.0.2");

/// The namespace, beyond the cable.
pub struct Namespace {
    /// Nothing but a process that keeps it.
    keeper: Process,
}

impl Namespace {
    /// Makes one, and lays the cable.
    pub fn new(scratch: &Arc<Scratch>) -> Result<Self> {
        let mut command = Command::new("unshare");
        command.args(["--net", "sleep", "infinity"]);
        let namespace = Self { keeper: Process::start(scratch, "namespace", command)? };
        namespace.wait_until_apart()?;
        let id = namespace.keeper.id().to_string();
        ip(&["link", "add", "name", NEAR.0, "type", "veth", "peer", "name", FAR.0, "netns", &id])
            .context("network namespaces need root: run this by scripts/network test")?;
        ip(&["address", "add", &format!("{}/24", NEAR.1), "dev", NEAR.0])?;
        ip(&["link", "set", NEAR.0, "up"])?;
        for arguments in [
            ["address", "add", &format!("{}/24", FAR.1), "dev", FAR.0].as_slice(),
            &["link", "set", FAR.0, "up"],
            &["link", "set", "lo", "up"],
        ] {
            run(namespace.inside("ip").args(arguments))?;
        }
        Ok(namespace)
    }

    /// This side's address, as the other side sees it.
    pub fn near_address(&self) -> &'static str {
        NEAR.1
    }

    /// The words that run what follows them inside.
    pub fn prefix(&self) -> Vec<String> {
        vec!["nsenter".to_owned(), format!("--net=/proc/{}/ns/net", self.keeper.id()), "--".to_owned()]
    }

    /// A program that runs inside.
    pub fn inside(&self, program: &str) -> Command {
        let prefix = self.prefix();
        let mut command = Command::new(&prefix[0]);
        command.args(&prefix[1..]).arg(program);
        command
    }

    /// Cuts the cable: packets of both sides are lost, connections are not closed.
    pub fn cut(&self) -> Result<()> {
        ip(&["link", "set", NEAR.0, "down"])
    }

    /// Mends it.
    pub fn heal(&self) -> Result<()> {
        ip(&["link", "set", NEAR.0, "up"])
    }

    /// Sends a request to an address inside, from inside: whatever the cable does.
    pub async fn send(&self, address: &str, request: &[u8]) -> Result<RawAnswer> {
        let (host, port) = address.split_once(':').context("host:port")?;
        let mut command = self.inside("timeout");
        // Both ways over one connection, until the server closes it.
        let script = format!("exec 3<>/dev/tcp/{host}/{port} && cat >&3 && cat <&3");
        command.args(["30", "bash", "-c", &script]);
        let request = request.to_vec();
        let bytes = tokio::task::spawn_blocking(move || -> Result<Vec<u8>> {
            let mut child = command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .context("cannot start nsenter")?;
            child.stdin.take().context("standard input")?.write_all(&request)?;
            let output = child.wait_with_output()?;
            if output.stdout.is_empty() {
                bail!("no answer: {}", String::from_utf8_lossy(&output.stderr));
            }
            Ok(output.stdout)
        })
        .await??;
        wire::read(&bytes)
    }

    /// `unshare` has made it when the process is no longer in ours.
    fn wait_until_apart(&self) -> Result<()> {
        let ours = std::fs::read_link("/proc/self/ns/net")?;
        let started = Instant::now();
        loop {
            let theirs = std::fs::read_link(format!("/proc/{}/ns/net", self.keeper.id()));
            if theirs.is_ok_and(|theirs| theirs != ours) {
                return Ok(());
            }
            if started.elapsed() > Duration::from_secs(10) {
                bail!("no network namespace: {}", self.keeper.log_text());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Runs `ip` of iproute2.
fn ip(arguments: &[&str]) -> Result<()> {
    run(Command::new("ip").args(arguments)).map(drop)
}
