//! `medrec-research claim`, `claims`, `dispute`, `close`.

use clap::Args;
use codec::Encode;
use medrec_primitives::{
    research::{AnswerKey, AnswerStatus, Claim as Granted, ClaimId, StudyId},
    MemberId,
};
use rand::RngCore;
use serde_json::json;
use sp_crypto_hashing::blake2_256;

use super::{answers::AnswerName, researcher};
use crate::{
    chain::{calls, research::Balance, State},
    cli::{
        context::Context,
        output::{time, Output},
        relationships::{block, in_block},
    },
};

/// Claim epochs of planned tables.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec-research claim --study 4 0/3/1
  medrec-research claim --study 4 0/3/1 2/1/1            two providers

Claims of a day are drawn by lot after it is over; what is not granted is given back. `fetch` waits for all that.")]
pub struct Claim {
    /// Your approved study
    #[arg(long, value_name = "STUDY")]
    study: StudyId,
    /// What: provider/table/epoch, as `plans` shows them; several if need be
    #[arg(required = true, value_name = "ANSWER")]
    answers: Vec<AnswerName>,
}

/// List your claims that were granted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec-research claims")]
pub struct Claims {}

/// Dispute what came, or that nothing came.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec-research dispute 17 --grounds 'the numbers do not fit the commitment'

The chain gets a salted digest; keep what this prints, and show it to the consortium.")]
pub struct Dispute {
    /// The claim's number
    claim: ClaimId,
    /// Why
    #[arg(long, value_name = "TEXT")]
    grounds: String,
}

/// Close a claim.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec-research close 17")]
pub struct Close {
    /// The claim's number
    claim: ClaimId,
}

pub async fn claim(context: &Context, command: Claim) -> anyhow::Result<Output> {
    researcher(context).await?;
    let key = context.key()?;
    let mut outputs = Vec::new();
    for answer in command.answers {
        let done = context.submit(&calls::research::claim(command.study, answer.0), &key).await?;
        let json = json!({ "answer": answer.to_string(), "done": "entered", "block": block(&done) });
        let line = format!("{answer}: claimed, and waits to be drawn, {}", in_block(&done));
        outputs.push(Output::new(json).line(line));
    }
    Ok(Output::all(outputs))
}

pub async fn list(context: &Context, _: Claims) -> anyhow::Result<Output> {
    let member = researcher(context).await?;
    let state = context.chain().await?.finalised().await?;
    let (mut json, mut lines) = (Vec::new(), Vec::new());
    for (id, claim) in own(&state, member).await? {
        let answer = state.answer(claim.answer).await?;
        let (word, line) = match answer.map(|answer| (answer.attempt, answer.status, answer.due)) {
            None => ("gone", "there is no such answer".to_owned()),
            Some((attempt, ..)) if claim.attempt < attempt => ("timed-out", "timed out; close it".to_owned()),
            Some((_, AnswerStatus::Failed, _)) => ("lost", "lost; close it".to_owned()),
            Some((_, AnswerStatus::Awaited, due)) => ("awaited", format!("due from {}", time(due))),
            Some((_, AnswerStatus::Committed { at, .. }, _)) => {
                ("committed", format!("committed to at {}; fetch it", time(at)))
            }
        };
        let name = AnswerName(claim.answer);
        lines.push(format!("claim {id}: {name}, {} credits, {line}", claim.credits));
        json.push(
            json!({ "claim": id, "answer": name.to_string(), "credits": claim.credits, "status": word }),
        );
    }
    let output = Output::new(json!(json));
    Ok(if lines.is_empty() { output.line("none") } else { output.lines(lines) })
}

pub async fn dispute(context: &Context, command: Dispute) -> anyhow::Result<Output> {
    let mut salt = [0; 32];
    rand::rngs::OsRng.fill_bytes(&mut salt);
    let digest = blake2_256(&(b"medrec/research/dispute/v1", salt, command.grounds.as_bytes()).encode());
    let call = calls::research::dispute(command.claim, digest);
    let done = context.submit(&call, &context.key()?).await?;
    let salt = hex::encode(salt);
    Ok(Output::new(
        json!({ "claim": command.claim, "done": "disputed", "salt": salt, "block": block(&done) }),
    )
    .line(format!("claim {}: disputed, {}", command.claim, in_block(&done)))
    .line(format!("show the consortium your grounds, and this salt: {salt}")))
}

pub async fn close(context: &Context, command: Close) -> anyhow::Result<Output> {
    let done = context.submit(&calls::research::close_claim(command.claim), &context.key()?).await?;
    let json = json!({ "claim": command.claim, "done": "closed", "block": block(&done) });
    Ok(Output::new(json).line(format!("claim {}: closed, {}", command.claim, in_block(&done))))
}

/// A researcher's claims that were granted and are not closed.
pub async fn own(state: &State<'_>, member: MemberId) -> anyhow::Result<Vec<(ClaimId, Granted<Balance>)>> {
    let (claims, _) = state.claims_from(0).await?;
    Ok(claims.into_iter().filter(|(_, claim)| claim.researcher == member).collect())
}

/// The newest of a researcher's claims to an answer.
pub async fn to_answer(
    state: &State<'_>,
    member: MemberId,
    answer: AnswerKey,
) -> anyhow::Result<Option<(ClaimId, Granted<Balance>)>> {
    Ok(own(state, member).await?.into_iter().rev().find(|(_, claim)| claim.answer == answer))
}
