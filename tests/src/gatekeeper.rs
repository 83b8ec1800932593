//! A gatekeeper in front of a hospital's database.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{anyhow, bail, Context, Result};
use medrec_client::enrol::Ticket;
use medrec_primitives::AccountId;
use serde_json::Value;
use sp_core::crypto::Ss58Codec;

use crate::{
    binaries, ports,
    process::{run, Process},
    scratch::Scratch,
    wire,
};

/// How long a gatekeeper may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a gatekeeper is put in front of.
#[derive(Clone, Debug)]
pub struct GatekeeperOptions {
    /// Names its folder and its log.
    pub name: String,
    /// The node it follows.
    pub chain_url: String,
    /// The address of the hospital's database, e.g. `sqlite:/path`.
    pub database_url: String,
    /// The mapping file's text.
    pub mapping: String,
    /// The port that people would look for; another is taken where it is in use. `None`: any.
    pub port: Option<u16>,
    /// Settings that differ from the defaults: (section, key) to a value as TOML spells it, e.g.
    /// `(("chain", "max_finality_age_ms"), "3000")`.
    pub settings: BTreeMap<(String, String), String>,
}

/// A gatekeeper with keys and a configuration of its own, running or not.
pub struct Gatekeeper {
    name: String,
    scratch: Arc<Scratch>,
    folder: PathBuf,
    port: u16,
    metrics_port: u16,
    process: Option<Process>,
    /// Words before its commands, which run it elsewhere.
    prefix: Vec<String>,
    /// What `init` said: the public keys to register on chain.
    pub public: PublicKeys,
}

/// The public halves of a gatekeeper's keys, as `apply` takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKeys {
    /// Signs answers and proposals.
    pub account: AccountId,
    /// X25519: patients seal to it.
    pub sealing: [u8; 32],
}

impl PublicKeys {
    fn read(said: &str) -> Result<Self> {
        let said: Value = serde_json::from_str(said).context("what `init` said")?;
        let account = said["account"].as_str().context("no account in what `init` said")?;
        let key = said["sealing_key"].as_str().context("no sealing key in what `init` said")?;
        let mut sealing = [0; 32];
        hex::decode_to_slice(key.trim_start_matches("0x"), &mut sealing)?;
        let account = AccountId::from_ss58check(account).map_err(|error| anyhow!("{account}: {error:?}"))?;
        Ok(Self { account, sealing })
    }
}

impl Gatekeeper {
    /// Has `init` make keys and a configuration, and adds mapping and settings. Nothing runs yet.
    pub fn init(scratch: &Arc<Scratch>, options: GatekeeperOptions) -> Result<Self> {
        let port = match options.port {
            Some(port) => ports::port_or_free(port)?,
            None => ports::free_port()?,
        };
        let folder = scratch.join(format!("gatekeeper-{}", options.name));
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(binaries::binary(binaries::GATEKEEPER)?);
        command
            .arg("init")
            .arg("--dir")
            .arg(&folder)
            .args(["--public-url", &format!("http://{address}"), "--listen", &address])
            .args(["--node", &options.chain_url, "--database", &options.database_url])
            .args(["--development", "--json"]);
        let public = PublicKeys::read(&run(&mut command)?)?;
        fs::write(folder.join("mapping.toml"), &options.mapping)?;
        let mut gatekeeper = Self {
            name: options.name,
            scratch: scratch.clone(),
            folder,
            port,
            metrics_port: ports::free_port()?,
            process: None,
            prefix: Vec::new(),
            public,
        };
        gatekeeper.serve_metrics()?;
        for ((section, key), value) in options.settings {
            gatekeeper.set(&section, &key, &value)?;
        }
        Ok(gatekeeper)
    }

    /// Another one behind the same name: with the same keys, mapping and settings, in a folder of its own, listening elsewhere. Nothing
    /// runs yet. Requests to it go to [`Gatekeeper::address`], and are signed for the public address of the first.
    pub fn second(&self, name: &str) -> Result<Self> {
        let (folder, port) = (self.scratch.join(format!("gatekeeper-{name}")), ports::free_port()?);
        fs::create_dir(&folder)?;
        for file in fs::read_dir(&self.folder)? {
            let file = file?;
            let kind = file.path().extension().unwrap_or_default().to_owned();
            if kind == "toml" || kind == "key" {
                fs::copy(file.path(), folder.join(file.file_name()))?;
            }
        }
        let (account, sealing) = (self.public.account.clone(), self.public.sealing);
        let public = PublicKeys { account, sealing };
        let mut second = Self {
            name: name.to_owned(),
            scratch: self.scratch.clone(),
            folder,
            port,
            metrics_port: ports::free_port()?,
            process: None,
            prefix: Vec::new(),
            public,
        };
        second.set("gatekeeper", "listen", &format!("\"127.0.0.1:{port}\""))?;
        second.serve_metrics()?;
        Ok(second)
    }

    fn serve_metrics(&mut self) -> Result<()> {
        let address = format!("\"{}\"", self.metrics_address());
        self.set("metrics", "listen", &address)
    }

    /// `http://127.0.0.1:<port>`: its public address, to be registered on chain.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// `127.0.0.1:<port>`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `127.0.0.1:<port>`, where it serves numbers for Prometheus unless a setting says otherwise.
    pub fn metrics_address(&self) -> String {
        format!("127.0.0.1:{}", self.metrics_port)
    }

    /// Its configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.join("gatekeeper.toml")
    }

    /// The folder with its configuration, keys, mapping and store.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Changes a setting, from the next start on: `value` as TOML spells it.
    pub fn set(&mut self, section: &str, key: &str, value: &str) -> Result<()> {
        let path = self.config();
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        fs::write(&path, set_key(&text, section, key, value))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Runs it by a command that begins with these words, from the next start on: in another namespace.
    pub fn run_by(&mut self, prefix: Vec<String>) {
        self.prefix = prefix;
    }

    /// Starts it and waits until it says that it is ready.
    pub async fn start(&mut self) -> Result<()> {
        self.start_without_waiting()?;
        self.wait_until_ready().await
    }

    /// Starts it, ready or not.
    pub fn start_without_waiting(&mut self) -> Result<()> {
        self.process = None;
        let command = self.command(&["serve"])?;
        self.process = Some(Process::start(&self.scratch, &format!("gatekeeper-{}", self.name), command)?);
        Ok(())
    }

    /// Waits until `GET /ready` is 200: it follows the chain, and its database answers.
    pub async fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            self.process()?.ensure_running()?;
            let found = wire::get(&self.address(), "/ready").await;
            if found.as_ref().is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                let said = found.map(|answer| format!("{} {}", answer.status, answer.text()));
                bail!("{} is not ready after {} s: {said:?}", self.name, PATIENCE.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Its process, which must have been started.
    pub fn process(&mut self) -> Result<&mut Process> {
        self.process.as_mut().with_context(|| format!("the gatekeeper of {} was not started", self.name))
    }

    /// Ends it in good order.
    pub fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.stop().map(drop),
            None => Ok(()),
        }
    }

    /// Kills it, as a power failure would.
    pub fn kill(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().map(drop),
            None => Ok(()),
        }
    }

    /// A ticket for the patient with this record number, as the provider's staff would issue it.
    pub fn ticket(&self, record_number: &str) -> Result<Ticket> {
        self.ticket_for(record_number, &[])
    }

    /// As [`Gatekeeper::ticket`], with further arguments that say what it is for.
    pub fn ticket_for(&self, record_number: &str, purpose: &[&str]) -> Result<Ticket> {
        let arguments = [&["enrol", "--record", record_number, "--json"], purpose].concat();
        let said = run(&mut self.command(&arguments)?)?;
        let said: Value = serde_json::from_str(&said).context("what `enrol` said")?;
        Ok(said["ticket"].as_str().context("no ticket in what `enrol` said")?.parse()?)
    }

    /// What `check` says of configuration, mapping, database and chain.
    pub fn check(&self) -> Result<String> {
        run(&mut self.command(&["check"])?)
    }

    /// What `audit verify` says of the log.
    pub fn audit_verify(&self) -> Result<String> {
        run(&mut self.command(&["audit", "verify"])?)
    }

    /// The built program with this gatekeeper's configuration and these arguments.
    pub fn command(&self, arguments: &[&str]) -> Result<Command> {
        let program = binaries::binary(binaries::GATEKEEPER)?;
        let mut command = match self.prefix.split_first() {
            None => Command::new(program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        command.args(arguments).env("MEDREC_GATEKEEPER_CONFIG", self.config());
        Ok(command)
    }
}

/// Changes one key of a configuration's text, or adds it.
fn set_key(text: &str, section: &str, key: &str, value: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let head = format!("[{section}]");
    let Some(start) = lines.iter().position(|line| line.trim() == head) else {
        return format!("{text}\n{head}\n{key} = {value}\n");
    };
    let rest = &lines[start + 1..];
    let end = start + 1 + rest.iter().position(|line| line.starts_with('[')).unwrap_or(rest.len());
    let is_it = |line: &String| line.split_once('=').is_some_and(|(found, _)| found.trim() == key);
    match lines[start..end].iter().position(is_it) {
        Some(index) => lines[start + index] = format!("{key} = {value}"),
        None => lines.insert(start + 1, format!("{key} = {value}")),
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[a]\n# x = 0\nx = 1\n\n[b]\nx = 2\n";

    #[test]
    fn setting_should_be_replaced_when_it_is_there() {
        assert_eq!(set_key(TEXT, "b", "x", "3"), "[a]\n# x = 0\nx = 1\n\n[b]\nx = 3\n");
        assert_eq!(set_key(TEXT, "a", "x", "3"), "[a]\n# x = 0\nx = 3\n\n[b]\nx = 2\n");
    }

    #[test]
    fn setting_should_be_added_when_it_is_not_there() {
        assert_eq!(set_key(TEXT, "a", "y", "3"), "[a]\ny = 3\n# x = 0\nx = 1\n\n[b]\nx = 2\n");
        assert_eq!(set_key(TEXT, "c", "y", "3"), format!("{TEXT}\n[c]\ny = 3\n"));
    }
}
