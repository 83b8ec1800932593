//! `medrec notices`, `medrec webhook`.

use std::{io::Write, time::Duration};

use anyhow::{bail, Context as _};
use clap::{Args, Subcommand};
use medrec_policy::purpose::Purpose;
use medrec_primitives::{MemberId, RelationshipId};
use serde_json::json;

use super::{
    context::Context,
    output::{time, Output},
};
use crate::{
    gatekeeper::{Access, Gatekeeper, GatekeeperError},
    notices::{Change, NewWebhook, Notice, NoticePage, Webhook},
    KeyPair,
};

/// Between attempts to follow on.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Whose notices, by which gatekeeper.
#[derive(Debug, Args)]
struct Whose {
    /// The relationship, such as r0-3
    relationship: Option<RelationshipId>,
    /// All that you may be told by this member's gatekeeper, instead of one relationship (for staff)
    #[arg(long, value_name = "NUMBER", conflicts_with = "relationship")]
    member: Option<MemberId>,
    /// What for, a code of HL7's PurposeOfUse
    #[arg(long, value_name = "CODE", default_value = "TREAT")]
    purpose: Purpose,
}

/// See what there is to tell you: new and changed records, rules, requests, breaks of the glass.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key notices r0-3
  medrec --key @carol.key notices r0-3 --follow
  medrec --key @carol.key notices r0-3 --since 6XlU...
  medrec --key @doctor.key notices --member 0 --follow --json

Who has read is told with each grant that is taken back. With --follow each notice is shown as it comes, until Ctrl-C; with --json
each on a line of its own. What is shown was checked against the provider's key on chain.")]
pub struct Notices {
    #[command(flatten)]
    whose: Whose,
    /// Only what came after this: the id of a notice, or what was printed as the place to go on from
    #[arg(long, value_name = "ID")]
    since: Option<String>,
    /// Go on showing what comes
    #[arg(long)]
    follow: bool,
}

/// Have a gatekeeper tell an address of yours when there is something.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key webhook add r0-3 https://hooks.example.org/medrec
  medrec --key @carol.key webhook list r0-3
  medrec --key @carol.key webhook remove r0-3 3f0c...

A webhook says that there is something and nothing else: fetch it with `medrec notices`. It goes to public addresses over https.
Its deliveries are signed after Standard Webhooks with the secret that `add` prints, once.")]
pub enum Command {
    /// Add one
    Add(Add),
    /// List those of your key
    List(List),
    /// Remove one
    Remove(Remove),
}

/// Add a webhook.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key webhook add r0-3 https://hooks.example.org/medrec
  medrec --key @doctor.key webhook add --member 0 --url https://hooks.example.org/medrec")]
pub struct Add {
    #[command(flatten)]
    whose: Whose,
    /// Where to
    #[arg(value_name = "URL", required_unless_present = "url")]
    to: Option<String>,
    /// Where to, where no relationship stands before it
    #[arg(long, value_name = "URL", conflicts_with = "to")]
    url: Option<String>,
}

/// List webhooks.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec --key @carol.key webhook list r0-3")]
pub struct List {
    #[command(flatten)]
    whose: Whose,
}

/// Remove a webhook.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key webhook remove r0-3 3f0c...
  medrec --key @doctor.key webhook remove --member 0 --id 3f0c...")]
pub struct Remove {
    #[command(flatten)]
    whose: Whose,
    /// Which, as `list` names it
    #[arg(value_name = "ID", required_unless_present = "id")]
    which: Option<String>,
    /// Which, where no relationship stands before it
    #[arg(long, value_name = "ID", conflicts_with = "which")]
    id: Option<String>,
}

/// Who asks whom about what.
struct Asker {
    gatekeeper: Gatekeeper,
    key: KeyPair,
    purpose: Purpose,
    patient: Option<RelationshipId>,
}

impl Asker {
    async fn new(context: &Context, whose: &Whose) -> anyhow::Result<Self> {
        let Some(member) = whose.relationship.map(|id| id.member).or(whose.member) else {
            bail!("name a relationship, such as r0-3, or a member with --member");
        };
        let key = match whose.relationship {
            // Where the relationship is unknown, or none of the patient's, the key asks as it is.
            Some(relationship) => match context.key_in(relationship).await {
                Ok(key) => key,
                Err(_) => context.key()?,
            },
            None => context.key()?,
        };
        let gatekeeper = context.gatekeeper(member).await?;
        Ok(Self { gatekeeper, key, purpose: whose.purpose, patient: whose.relationship })
    }

    /// Everything after a place, and the place after that.
    async fn all(&self, since: Option<String>) -> Result<(Vec<Notice>, String), GatekeeperError> {
        let access = Access::Signed { key: &self.key, purpose: self.purpose };
        let (mut notices, mut since) = (Vec::new(), since);
        loop {
            let NoticePage { notices: page, next, more } =
                self.gatekeeper.notices(&access, self.patient, since.as_deref()).await?;
            notices.extend(page);
            if !more {
                return Ok((notices, next));
            }
            since = Some(next);
        }
    }

    /// Shows what comes until the stream ends. Gives the place after what was shown.
    async fn follow_once(&self, since: &mut Option<String>, json: bool) -> Result<(), GatekeeperError> {
        let session = self.gatekeeper.sign_in(&self.key, self.purpose, self.patient).await?;
        loop {
            let (notices, next) = self.all(since.take()).await?;
            show(&notices, json);
            *since = Some(next.clone());
            let mut stream = self.gatekeeper.follow_notices(&session, self.patient, Some(&next)).await?;
            if !stream.changed().await? {
                return Ok(());
            }
        }
    }
}

pub async fn notices(context: &Context, command: Notices) -> anyhow::Result<Output> {
    let Notices { whose, mut since, follow } = command;
    let asker = Asker::new(context, &whose).await?;
    if !follow {
        let (notices, next) = asker.all(since).await?;
        let output = Output::new(json!({ "notices": notices, "next": next }));
        let output = match notices.is_empty() {
            true => output.line("there is nothing to tell"),
            false => output.lines(notices.iter().map(line)),
        };
        return Ok(output.note(format!("what comes after: --since {next}")));
    }
    let mut pause = SHORTEST_PAUSE;
    loop {
        match asker.follow_once(&mut since, context.options.json).await {
            Ok(()) => pause = SHORTEST_PAUSE,
            // It may pass: the gatekeeper, or the chain behind it, is away.
            Err(
                error @ (GatekeeperError::Unreachable { .. }
                | GatekeeperError::Refused { status: 429 | 503, .. }),
            ) => {
                eprintln!("medrec: {error}; trying again in {} s", pause.as_secs());
            }
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

pub async fn webhook(context: &Context, command: Command) -> anyhow::Result<Output> {
    match command {
        Command::Add(Add { whose, to, url }) => {
            let asker = Asker::new(context, &whose).await?;
            let url = to.or(url).context("say where to")?;
            let webhook = NewWebhook { url, patient: asker.patient.map(|id| id.to_string()) };
            let made = asker.gatekeeper.add_webhook(&asker.key, asker.purpose, &webhook).await?;
            Ok(Output::new(json!({ "id": made.id, "secret": made.secret, "url": webhook.url }))
                .line(format!("webhook {} made; its deliveries are signed with", made.id))
                .line(made.secret.clone())
                .note("keep the secret where the receiver finds it: it is not shown again"))
        }
        Command::List(List { whose }) => {
            let asker = Asker::new(context, &whose).await?;
            let found = asker.gatekeeper.webhooks(&asker.key, asker.purpose).await?.webhooks;
            let output = Output::new(json!(found));
            Ok(match found.is_empty() {
                true => output.line("there is none"),
                false => output.lines(found.iter().map(webhook_line)),
            })
        }
        Command::Remove(Remove { whose, which, id }) => {
            let asker = Asker::new(context, &whose).await?;
            let id = which.or(id).context("say which")?;
            asker.gatekeeper.remove_webhook(&asker.key, asker.purpose, &id).await?;
            Ok(Output::new(json!({ "id": id, "done": "removed" })).line(format!("webhook {id} removed")))
        }
    }
}

fn show(notices: &[Notice], json: bool) {
    let mut out = std::io::stdout().lock();
    for notice in notices {
        let text = if json { json!(notice).to_string() } else { line(notice) };
        // A reader that has seen enough ends this process with the next notice.
        if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
            std::process::exit(0);
        }
    }
}

fn webhook_line(webhook: &Webhook) -> String {
    let Webhook { id, url, patient, created, state } = webhook;
    let patient = patient.as_deref().unwrap_or("all");
    format!("{id}  {state:<8}  {patient:<8}  since {}  {url}", time(*created))
}

/// A notice in words.
fn line(notice: &Notice) -> String {
    let details = &notice.details;
    let mut parts = vec![time(notice.time), notice.patient.clone().unwrap_or_default(), notice.kind.clone()];
    parts.extend(details.grant.map(|grant| format!("rule {grant}")));
    parts.extend(details.viewer.as_ref().map(|viewer| format!("about {viewer}")));
    parts.extend(details.glass.clone());
    parts.extend(details.staff.as_ref().map(|staff| format!("by {staff}")));
    parts.extend(details.request.clone());
    parts.extend(details.asker.as_ref().map(|asker| format!("by {asker}")));
    parts.extend(details.outcome.clone());
    parts.extend(details.until.map(|until| format!("until {}", time(until))));
    parts.extend(details.blocks.map(|(first, last)| format!("what happened in blocks {first} to {last}")));
    parts.extend(details.records.iter().map(|changed| {
        let change = match changed.change {
            Change::New => "new",
            Change::Changed => "changed",
            Change::Gone => "gone",
        };
        format!("{change} {}", changed.reference)
    }));
    if let Some(readers) = &details.readers {
        let each = |reader: &crate::notices::Reader| {
            format!("{} ({} answers, the last {})", reader.account, reader.answers, time(reader.last))
        };
        let readers: Vec<String> = readers.iter().map(each).collect();
        parts.push(match readers.is_empty() {
            true => "nobody had read by it".into(),
            false => format!("read until then: {}", readers.join(", ")),
        });
    }
    parts.retain(|part| !part.is_empty());
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::{Changed, Details, Reader};

    #[test]
    fn line_should_say_who_had_read_when_a_rule_is_taken_back() {
        let reader = Reader { account: "5Grw".into(), answers: 3, records: 9, first: 0, last: 0 };
        let mut notice = Notice {
            id: "x".into(),
            time: 0,
            kind: "revoked".into(),
            patient: Some("r0-3".into()),
            details: Details { grant: Some(7), readers: Some(vec![reader]), ..Details::default() },
        };
        let said = line(&notice);
        assert!(said.contains("revoked  rule 7  read until then: 5Grw (3 answers"), "{said}");
        notice.details.readers = Some(Vec::new());
        assert!(line(&notice).contains("nobody had read by it"));
        let changed = Changed { reference: "Observation/r0-3.ab".into(), change: Change::New };
        notice.details = Details { records: vec![changed], ..Details::default() };
        assert!(line(&notice).contains("new Observation/r0-3.ab"));
    }
}
