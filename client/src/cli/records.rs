//! `medrec read`, `search`, `log`.

use anyhow::Context as _;
use clap::Args;
use medrec_policy::purpose::Purpose;
use medrec_primitives::RelationshipId;
use medrec_proof::answer::ProvenAnswer;
use serde_json::{json, Value};

use super::{
    context::{address, Context},
    output::{pretty, time, Output},
    verify::{self, judge_text},
};
use crate::{
    gatekeeper::{Access, Gatekeeper, OpenSession, Verified},
    log::LogProofError,
    messages::LogEntry,
    KeyPair,
};

/// How the asker shows who it is.
#[derive(Debug, Args)]
struct How {
    /// What for, a code of HL7's PurposeOfUse
    #[arg(long, value_name = "CODE", default_value = "TREAT")]
    purpose: Purpose,
    /// Sign in and ask within the session, instead of signing this one request
    #[arg(long)]
    session: bool,
    /// Have the answer sealed to a fresh key: nobody between here and the gatekeeper can read it
    #[arg(long)]
    sealed: bool,
    /// Check every record against the chain, and keep the answer with its proofs in this file
    #[arg(long, value_name = "FILE")]
    proof: Option<std::path::PathBuf>,
}

/// Read one resource.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @doctor.key read r0-3 Patient r0-3
  medrec --key @doctor.key read r0-3 Observation r0-3.4f0c... --purpose TREAT --session
  medrec --key @doctor.key read r0-3 Patient r0-3 --sealed --proof patient.json

What is printed was checked against the provider's key on chain.")]
pub struct Read {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// The FHIR resource type
    resource_type: String,
    /// The resource's id
    id: String,
    #[command(flatten)]
    how: How,
}

/// Search the resources of one type.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @doctor.key search r0-3 Observation
  medrec --key @doctor.key search r0-3 Observation category=laboratory date=ge2020-01-01 --purpose TREAT

What is printed was checked against the provider's key on chain.")]
pub struct Search {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// The FHIR resource type
    resource_type: String,
    /// Search parameters, each as name=value
    #[arg(value_parser = parameter, value_name = "NAME=VALUE")]
    parameters: Vec<(String, String)>,
    #[command(flatten)]
    how: How,
}

/// See who asked for your records, and what they were told.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  medrec --key @carol.key log r0-3\n  medrec --key @carol.key log r0-3 --prove 17"
)]
pub struct Log {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// Check this entry against the root that is anchored on chain, and show all that it says
    #[arg(long, value_name = "NUMBER")]
    prove: Option<u64>,
    /// Sign in and ask within the session, instead of signing this one request
    #[arg(long)]
    session: bool,
}

pub async fn read(context: &Context, command: Read) -> anyhow::Result<Output> {
    let asker = Asker::new(context, command.relationship, &command.how).await?;
    let target = Gatekeeper::read_target(&command.resource_type, &command.id);
    asker.show(context, &target, &command.how).await
}

pub async fn search(context: &Context, command: Search) -> anyhow::Result<Output> {
    let asker = Asker::new(context, command.relationship, &command.how).await?;
    let target = Gatekeeper::search_target(&command.resource_type, command.relationship, &command.parameters);
    asker.show(context, &target, &command.how).await
}

pub async fn log(context: &Context, command: Log) -> anyhow::Result<Output> {
    let how = How { purpose: Purpose::PatientRequest, session: command.session, sealed: false, proof: None };
    let asker = Asker::new(context, command.relationship, &how).await?;
    if let Some(number) = command.prove {
        return prove(context, asker, command.relationship, number).await;
    }
    let page = asker.gatekeeper.log(&asker.access(), command.relationship).await;
    asker.leave().await;
    let page = page?;
    let output = Output::new(serde_json::to_value(&page).context("the log cannot be shown")?);
    Ok(if page.entries.is_empty() {
        output.line("nobody has asked yet")
    } else {
        output.lines(page.entries.iter().map(entry))
    })
}

async fn prove(
    context: &Context,
    asker: Asker,
    relationship: RelationshipId,
    number: u64,
) -> anyhow::Result<Output> {
    let proof = asker.gatekeeper.log_proof(&asker.access(), relationship, number).await;
    asker.leave().await;
    let proof = proof?;
    let Some(anchor) = &proof.anchor else { return Err(LogProofError::Pending.into()) };
    let chain = context.chain().await?;
    let member = relationship.member;
    let anchored = chain.finalised().await?.anchor(member, anchor.interval).await?.with_context(|| {
        format!("the chain keeps no anchor of interval {} of member {member} any more", anchor.interval)
    })?;
    let mut says = proof.verify(&anchored.log)?;
    says["number"] = number.into();
    says["interval"] = anchor.interval.into();
    let line = format!("entry {number} is under the root of interval {} on chain", anchor.interval);
    Ok(Output::new(says).line(line))
}

/// Who asks which gatekeeper, and how.
struct Asker {
    gatekeeper: Gatekeeper,
    key: KeyPair,
    purpose: Purpose,
    session: Option<OpenSession>,
}

impl Asker {
    async fn new(context: &Context, relationship: RelationshipId, how: &How) -> anyhow::Result<Self> {
        // Where the relationship is unknown, or none of the patient's, the key asks as it is.
        let key = match context.key_in(relationship).await {
            Ok(key) => key,
            Err(_) => context.key()?,
        };
        let gatekeeper = context.gatekeeper(relationship.member).await?;
        let session = match how.session {
            true => Some(gatekeeper.sign_in(&key, how.purpose, Some(relationship)).await?),
            false => None,
        };
        Ok(Self { gatekeeper, key, purpose: how.purpose, session })
    }

    /// Asks, and leaves.
    async fn show(self, context: &Context, target: &str, how: &How) -> anyhow::Result<Output> {
        let target = if how.proof.is_some() { format!("/proof{target}") } else { target.to_owned() };
        let access = self.access();
        let answer = match how.sealed {
            true => self.gatekeeper.get_sealed(&access, &target).await,
            false => self.gatekeeper.get(&access, &target).await,
        };
        self.leave().await;
        match &how.proof {
            Some(file) => proven(context, &answer?, file).await,
            None => shown(&answer?),
        }
    }

    /// Leaves no session behind. That the answer came is what counts, so a failure is passed over.
    async fn leave(self) {
        if let Some(session) = self.session {
            let _ = self.gatekeeper.sign_out(session).await;
        }
    }

    fn access(&self) -> Access<'_> {
        match &self.session {
            Some(session) => Access::Session(session),
            None => Access::Signed { key: &self.key, purpose: self.purpose },
        }
    }
}

fn shown(answer: &Verified) -> anyhow::Result<Output> {
    let body: Value = answer.json()?;
    let signer = address(&answer.signature.account);
    let note = format!("signed by {signer}, the gatekeeper that the chain names, at {}", time(answer.date));
    let line = pretty(&body);
    Ok(Output::new(json!({
        "answer": body,
        "signer": signer,
        "date": answer.date,
        "signature": crate::text::hex0x(&answer.signature.signature),
    }))
    .line(line)
    .note(note))
}

/// Keeps an answer with its proofs, and says what the chain says of it.
async fn proven(context: &Context, answer: &Verified, file: &std::path::Path) -> anyhow::Result<Output> {
    let text = std::str::from_utf8(&answer.body).context("the answer is not text")?;
    let verdicts = judge_text(context.chain().await?, text).await?;
    let inner: ProvenAnswer = ProvenAnswer::parse(text)?;
    let body: Value = serde_json::from_str(&inner.answer).context("the answer is not JSON")?;
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
    let output = Output::new(json!({
        "answer": body,
        "signer": address(&answer.signature.account),
        "date": inner.date,
        "verdicts": verify::as_json(&verdicts),
    }));
    let notes = verdicts.iter().map(|(resource, verdict)| format!("{resource}: {verdict}"));
    let output = notes.fold(output.line(pretty(&body)), Output::note);
    Ok(output.note(format!("kept with its proofs in {}", file.display())))
}

fn entry(entry: &LogEntry) -> String {
    let outcome = match (entry.permitted, &entry.reason) {
        (true, _) => format!("permitted as {}", entry.capacity.as_deref().unwrap_or("viewer")),
        (false, Some(reason)) => format!("refused ({reason})"),
        (false, None) => "refused".into(),
    };
    format!(
        "{:>5}  {}  {} {} {} for {}: {outcome}, {} shown",
        entry.number,
        time(entry.time),
        entry.account,
        entry.action,
        entry.resource,
        entry.purpose,
        entry.records,
    )
}

fn parameter(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("write name=value")?;
    Ok((name.into(), value.into()))
}
