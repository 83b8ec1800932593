//! `verify`: checks answers that were kept with their proofs.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Args;
use medrec_client::{cli::verify::judge_text, Chain};

use super::WithConfig;

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    file: WithConfig,
    /// The WebSocket address of a node, instead of the one in the configuration: whoever only verifies needs none.
    #[arg(long, value_name = "URL")]
    node: Option<String>,
    /// Files that a gatekeeper wrote beneath /proof.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Verify {
    /// Does it.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        let chain = match &self.node {
            Some(url) => Chain::connect_unencrypted(url).await?,
            None => self.file.load()?.chain.nodes().connect(None).await?,
        };
        let mut code = ExitCode::SUCCESS;
        for file in &self.files {
            let name = file.display();
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
            match judge_text(&chain, &text).await {
                Ok(verdicts) => {
                    for (resource, verdict) in &verdicts {
                        println!("{name}: {resource}: {verdict}");
                    }
                    if verdicts.is_empty() {
                        println!("{name}: the answer is the gatekeeper's, and shows nothing");
                    }
                }
                Err(error) => {
                    eprintln!("{name}: NOT verified: {error:#}");
                    code = ExitCode::FAILURE;
                }
            }
        }
        Ok(code)
    }
}
