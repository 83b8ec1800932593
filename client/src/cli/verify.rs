//! `medrec verify`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use medrec_proof::answer::ProvenAnswer;
use serde_json::{json, Value};

use super::{context::Context, output::Output};
use crate::{
    chain::Chain,
    proven::{judge, Verdict},
};

/// Check answers that were kept with their proofs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @doctor.key read r0-3 Patient r0-3 --proof answer.json
  medrec verify answer.json

Says of each record: anchored on chain, or signed and pending. Ends with status 1 if anything was altered.")]
pub struct Verify {
    /// Files that `read --proof`, or a gatekeeper beneath /proof, wrote
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) async fn verify(context: &Context, command: Verify) -> anyhow::Result<Output> {
    let chain = context.chain().await?;
    let mut output = Vec::new();
    let mut lines = Vec::new();
    for file in &command.files {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        let verdicts = judge_text(chain, &text).await.with_context(|| name.clone())?;
        lines.extend(verdicts.iter().map(|(resource, verdict)| format!("{name}: {resource}: {verdict}")));
        if verdicts.is_empty() {
            lines.push(format!("{name}: the answer is the gatekeeper's, and shows nothing"));
        }
        output.push(json!({ "file": name, "resources": as_json(&verdicts) }));
    }
    Ok(Output::new(Value::Array(output)).lines(lines))
}

/// Judges the text of a document of an answer with proofs by the last finalised block.
pub async fn judge_text(chain: &Chain, text: &str) -> anyhow::Result<Vec<(String, Verdict)>> {
    let answer = ProvenAnswer::parse(text)?;
    Ok(judge(&answer, chain.genesis(), &chain.finalised().await?).await?)
}

/// Verdicts for programs.
pub(super) fn as_json(verdicts: &[(String, Verdict)]) -> Value {
    let one = |(resource, verdict): &(String, Verdict)| match verdict {
        Verdict::Anchored { interval } => {
            json!({ "resource": resource, "verdict": "anchored", "interval": interval })
        }
        Verdict::Pending { date } => json!({ "resource": resource, "verdict": "pending", "date": date }),
    };
    verdicts.iter().map(one).collect()
}
