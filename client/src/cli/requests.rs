//! `medrec request`, `requests`, `approve`, `decline`, `cancel`, `pick-up`.

use anyhow::{bail, Context as _};
use clap::Args;
use medrec_policy::purpose::Purpose;
use medrec_primitives::{
    AccessRequest, RelationshipId, RequestId, RequestOutcome, RequestStatus, Settlement,
};
use serde_json::{json, Value};

use super::{
    args::When,
    context::{address, Context},
    output::{pretty, time, Output},
    relationships::{block, in_block},
};
use crate::{
    chain::{calls, events::Requested},
    gatekeeper::Access,
    question::{seal_question, Question, QuestionContext},
};

/// Ask for something on the chain alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @doctor.key request r0-3 'Observation?category=laboratory'
  medrec --key @doctor.key request r0-3 Patient/r0-3 --purpose TREAT --until +7d

What is asked is sealed to the provider. Where the chain cannot know whether you may read, the patient is asked first.
It costs a fee.")]
pub struct Request {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// What: <Type>?<query> or <Type>/<id>, as beneath /fhir, without the patient
    what: String,
    /// What for, a code of HL7's PurposeOfUse
    #[arg(long, value_name = "CODE", default_value = "TREAT")]
    purpose: Purpose,
    /// Until when it may be answered
    #[arg(long, value_name = "WHEN", default_value = "+7d")]
    until: When,
}

/// List the open requests for a relationship, or your own.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec requests r0-3                       as the patient: who asks
  medrec --key @doctor.key requests          what you have asked")]
pub struct Requests {
    /// The relationship, such as r0-3
    relationship: Option<RelationshipId>,
}

/// Let the provider answer a request, once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key approve q0-3

Approval opens nothing by itself: what the asker gets is what your grants allow. Without any, grant first.")]
pub struct Approve {
    /// The request, such as q0-3
    request: RequestId,
}

/// Decline a request.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec --key @carol.key decline q0-3")]
pub struct Decline {
    /// The request, such as q0-3
    request: RequestId,
}

/// Take your own request back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec --key @doctor.key cancel q0-3")]
pub struct Cancel {
    /// The request, such as q0-3
    request: RequestId,
}

/// Pick up the answer to your own request.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @doctor.key pick-up q0-3

What is printed was checked against the provider's key on chain, and compared with the receipt.")]
pub struct PickUp {
    /// The request, such as q0-3
    request: RequestId,
}

pub async fn request(context: &Context, command: Request) -> anyhow::Result<Output> {
    let Request { relationship, what, purpose, until } = command;
    let question: Question = format!("{purpose} {what}").parse()?;
    let chain = context.chain().await?;
    let state = chain.finalised().await?;
    let expires = until.exact(state.timestamp().await?);
    let Some((key_id, public)) = state.current_sealing_key(relationship.member).await? else {
        bail!("member {} has no key that anything could be sealed to", relationship.member);
    };
    let key = context.key_in(relationship).await?;
    let place = QuestionContext { genesis: chain.genesis(), relationship, asker: key.account(), expires };
    let sealed = seal_question(&question, &public.public, key_id, &place)?;
    let done = context.submit(&calls::access::request(relationship, &sealed, expires), &key).await?;
    let id = done.expect::<Requested>()?.request;
    let json = json!({
        "request": id.to_string(),
        "relationship": relationship.to_string(),
        "question": question.to_string(),
        "expires": expires,
        "block": block(&done),
    });
    Ok(Output::new(json)
        .line(format!("{id}: asked for {relationship} until {}, {}", time(expires), in_block(&done)))
        .line(format!("pick the answer up with: medrec pick-up {id}")))
}

pub async fn list(context: &Context, command: Requests) -> anyhow::Result<Output> {
    let state = context.chain().await?.finalised().await?;
    let open = match command.relationship {
        Some(relationship) => state.requests_at(relationship).await?,
        None => state.requests_of(&context.key()?.account()).await?,
    };
    let json: Vec<Value> = open.iter().map(|(id, request)| as_json(*id, request)).collect();
    let output = Output::new(json!(json));
    if open.is_empty() {
        return Ok(output.line("no request is open"));
    }
    Ok(output.lines(open.iter().map(|(id, request)| {
        format!(
            "{:<8} {:<8} {:<14} by {} until {}",
            id.to_string(),
            request.relationship.to_string(),
            status(request.status),
            address(&request.asker),
            time(request.expires),
        )
    })))
}

pub async fn approve(context: &Context, command: Approve) -> anyhow::Result<Output> {
    let id = command.request;
    let key = context.key_in(relationship_of(context, id).await?).await?;
    let done = context.submit(&calls::access::approve(id), &key).await?;
    Ok(said(id, "approved", block(&done)).line(format!("{id} approved, {}", in_block(&done))))
}

pub async fn decline(context: &Context, command: Decline) -> anyhow::Result<Output> {
    let id = command.request;
    let key = context.key_in(relationship_of(context, id).await?).await?;
    let done = context.submit(&calls::access::decline(id), &key).await?;
    Ok(said(id, "declined", block(&done)).line(format!("{id} declined, {}", in_block(&done))))
}

pub async fn cancel(context: &Context, command: Cancel) -> anyhow::Result<Output> {
    let id = command.request;
    let key = context.key_in(relationship_of(context, id).await?).await?;
    let done = context.submit(&calls::access::cancel(id), &key).await?;
    Ok(said(id, "cancelled", block(&done)).line(format!("{id} taken back, {}", in_block(&done))))
}

pub async fn pick_up(context: &Context, command: PickUp) -> anyhow::Result<Output> {
    let id = command.request;
    let state = context.chain().await?.finalised().await?;
    let Some(receipt) = state.receipt(id).await? else {
        if state.request(id).await?.is_some() {
            bail!("{id} is not answered yet; medrec requests shows where it stands");
        }
        bail!("the chain knows no request {id}: it was taken back, has expired, or ended long ago");
    };
    let digest = match receipt.outcome {
        RequestOutcome::Declined => bail!("{id} was declined by the patient's side"),
        RequestOutcome::Settled { settlement: Settlement::Refused(reason), .. } => {
            bail!("{id} was refused by the provider: {reason:?}")
        }
        RequestOutcome::Settled { settlement: Settlement::Fulfilled, digest } => digest,
    };
    let key = context.key_in(receipt.relationship).await?;
    // The purpose that counts is the question's.
    let access = Access::Signed { key: &key, purpose: Purpose::Treatment };
    let gatekeeper = context.gatekeeper(id.member).await?;
    let (answer, same) = gatekeeper.pick_up(&access, id, &digest).await?;
    let resource: Value = answer.json().context("the answer cannot be shown")?;
    let note = if same {
        "this is the answer that the receipt on chain is about"
    } else {
        "records or rules have changed since the receipt: this is the answer of now"
    };
    let text = pretty(&resource);
    Ok(Output::new(json!({ "request": id.to_string(), "same_as_receipt": same, "resource": resource }))
        .line(text)
        .note(note))
}

async fn relationship_of(context: &Context, id: RequestId) -> anyhow::Result<RelationshipId> {
    match context.chain().await?.finalised().await?.request(id).await? {
        Some(request) => Ok(request.relationship),
        None => bail!("no request {id} is open; a new one shows once its block is final"),
    }
}

fn said(id: RequestId, done: &str, block: Value) -> Output {
    Output::new(json!({ "request": id.to_string(), "done": done, "block": block }))
}

fn as_json(id: RequestId, request: &AccessRequest) -> Value {
    json!({
        "request": id.to_string(),
        "relationship": request.relationship.to_string(),
        "asker": address(&request.asker),
        "expires": request.expires,
        "status": status(request.status),
    })
}

fn status(status: RequestStatus) -> &'static str {
    match status {
        RequestStatus::Waiting => "waits-for-patient",
        RequestStatus::Ready => "ready",
    }
}
