//! `init`: a configuration and fresh keys.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use serde_json::json;
use sp_core::crypto::Ss58Codec;

use crate::{config::Config, keys::Secrets};

/// Gap that a development chain needs: its time starts hours behind the wall clock and may run ahead of it later.
const DEVELOPMENT_CLOCK_GAP_MS: u64 = 24 * 60 * 60 * 1000;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder to write into. Made if it is not there; nothing in it is overwritten.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// The gatekeeper's public address, as it will be registered on chain.
    #[arg(long)]
    public_url: String,
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// WebSocket address of the provider's node.
    #[arg(long, default_value = "ws://127.0.0.1:9944")]
    node: String,
    /// Address of the provider's database: sqlite:, postgres: or mysql:.
    #[arg(long)]
    database: String,
    /// The mapping file. Default: mapping.toml in the folder.
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// The member's number, if it is known already.
    #[arg(long)]
    member: Option<u32>,
    /// For a development chain: tolerate chain time that is hours away from the wall clock.
    #[arg(long)]
    development: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Init {
    /// Does it.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let path = self.dir.join("gatekeeper.toml");
        let text = self.text()?;
        // Refused before anything is written.
        let config = Config::parse(&text, &path)?;
        std::fs::create_dir_all(&self.dir).with_context(|| format!("cannot make {}", self.dir.display()))?;
        write_new(&path, &text)?;
        Secrets::generate(&config.keys)?;
        let secrets = Secrets::load(&config.keys)?;
        let account = secrets.signing.account().to_ss58check();
        let sealing = secrets
            .sealing
            .first()
            .map(|secret| format!("0x{}", hex::encode(secret.public())))
            .unwrap_or_default();
        let url = &config.gatekeeper.public_url;
        if self.json {
            let told = json!({ "config": path, "account": account, "sealing_key": sealing, "url": url });
            println!("{told}");
        } else {
            println!(
                "Wrote {} and fresh keys beside it. Back the keys up where nobody else reads them:",
                path.display()
            );
            println!("what is sealed to a lost key is lost, and pseudonyms change with theirs.\n");
            println!("To apply for membership (Registry.apply), you need:");
            println!("  gatekeeper   {account}");
            println!("  sealing key  {sealing}");
            println!("  url          {url}\n");
            println!("The gatekeeper's account pays the fee of each proposal: transfer a little to it.");
            println!(
                "Then write the mapping file ({}) and run `medrec-gatekeeper check`.",
                config.database.mapping.display()
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    fn text(&self) -> anyhow::Result<String> {
        let mapping = match &self.mapping {
            None => "mapping.toml".into(),
            Some(path) => std::path::absolute(path).with_context(|| format!("{}", path.display()))?,
        };
        let member = match self.member {
            Some(member) => format!("member = {member}"),
            None => "# member = 0".into(),
        };
        let gap = if self.development { DEVELOPMENT_CLOCK_GAP_MS } else { 30_000 };
        Ok(format!(
            include_str!("gatekeeper.toml.in"),
            public_url = quoted(&self.public_url),
            listen = quoted(&self.listen.to_string()),
            member = member,
            node = quoted(&self.node),
            gap = gap,
            database = quoted(&self.database),
            mapping = quoted(&mapping.to_string_lossy()),
        ))
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    // The database's address may hold a password.
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot make {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn init(dir: &Path) -> Init {
        Init {
            dir: dir.to_owned(),
            public_url: "https://gate.example.org".into(),
            listen: "127.0.0.1:1".parse().unwrap(),
            node: "ws://127.0.0.1:2".into(),
            database: "sqlite:with \"quotes\".sqlite".into(),
            mapping: None,
            member: Some(3),
            development: false,
            json: true,
        }
    }

    #[test]
    fn init_should_write_what_loads_when_run_in_an_empty_folder() {
        let folder = tempfile::tempdir().unwrap();
        init(&folder.path().join("new")).run().unwrap();
        let config = Config::load(&folder.path().join("new/gatekeeper.toml")).unwrap();
        assert_eq!(config.gatekeeper.member, Some(3));
        assert_eq!(config.database.url, "sqlite:with \"quotes\".sqlite");
        assert_eq!(config.chain.max_clock_gap_ms, 30_000);
        Secrets::load(&config.keys).unwrap();
    }

    #[test]
    fn init_should_overwrite_nothing_when_run_twice() {
        let folder = tempfile::tempdir().unwrap();
        init(folder.path()).run().unwrap();
        let before = std::fs::read(folder.path().join("signing.key")).unwrap();
        assert!(init(folder.path()).run().is_err());
        assert_eq!(std::fs::read(folder.path().join("signing.key")).unwrap(), before);
    }

    #[test]
    fn init_should_write_nothing_when_a_value_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let bad = Init { public_url: "http://gate.example.org".into(), ..init(folder.path()) };
        assert!(bad.run().is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
