//! `record`: suspends records that the hospital merges or splits, and goes on with them.

use std::process::ExitCode;

use anyhow::{bail, Context};
use clap::{Args, Subcommand, ValueEnum};
use medrec_client::chain::{
    calls::{relationships, Call},
    ChainError, Wait,
};
use medrec_primitives::{Moment, RelationshipId, RelationshipStatus};

use super::{enrol::ensure_patient, identify::identify, WithConfig};
use crate::{
    clock::{SystemTimeSource, Time},
    config::Config,
    keys::Secrets,
    log::{AuditLog, Entry},
    store::Store,
};

/// Why nothing is shown of any record, and what to do.
pub const IN_DOUBT: &str = "nothing is shown of any record, since the store is a restored back-up, or its marker was gone: records that were \
    suspended, or got another number, since it was made would be shown as before. Enter those again (medrec-gatekeeper record suspend, record \
    resume --as), then say so by medrec-gatekeeper record confirm --yes";

/// The pallet's name for what has been said already.
const WRONG_STATUS: &str = "Relationships::WrongStatus";

/// Arguments of `record`.
#[derive(Debug, Subcommand)]
pub enum Record {
    /// Show nothing of a record from now on, and suspend its relationships on chain.
    #[command(after_help = "\
Examples:
  medrec-gatekeeper record suspend --record MRN-1042 --ground merge     two records turned out to be of one person
  medrec-gatekeeper record suspend --record MRN-1042 --ground split     one record turned out to be of two persons

Suspend every record that is concerned before the hospital touches any of them.")]
    Suspend(Suspend),
    /// Show a record again, under another number if it has got one, and consent on chain to resuming.
    #[command(after_help = "\
Examples:
  medrec-gatekeeper record resume --record MRN-1042                     the record has kept its number and its patient
  medrec-gatekeeper record resume --record MRN-1042 --as MRN-0007       the patient's records are under MRN-0007 now

Who sees what is decided by the number: make sure that it is this very patient's. The patient then resumes each relationship by
medrec resume.")]
    Resume(Resume),
    /// Show records again after a back-up was restored, once suspensions and new numbers that it may lack are entered again.
    #[command(after_help = "\
Examples:
  medrec-gatekeeper record list               what the store knows of
  medrec-gatekeeper record confirm            says whether anything is to be confirmed
  medrec-gatekeeper record confirm --yes      and confirms it

Who is shown what is decided by record numbers. A back-up has those of its time: ask those who merge and split records what they have done
since, and enter it again. Where several gatekeepers share the store, start all of them first.")]
    Confirm(Confirm),
    /// List the suspended records.
    #[command(after_help = "Examples:\n  medrec-gatekeeper record list")]
    List(WithConfig),
}

/// Arguments of `record suspend`.
#[derive(Debug, Args)]
pub struct Suspend {
    #[command(flatten)]
    file: WithConfig,
    /// The record's number.
    #[arg(long)]
    record: String,
    /// Why.
    #[arg(long, value_enum)]
    ground: Ground,
}

/// Why a record is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Ground {
    /// Two records turned out to be of one person.
    Merge,
    /// One record turned out to be of two persons.
    Split,
    /// Anything else that makes it doubtful whose it is.
    Doubt,
}

impl Ground {
    fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Doubt => "doubt",
        }
    }
}

/// Arguments of `record resume`.
#[derive(Debug, Args)]
pub struct Resume {
    #[command(flatten)]
    file: WithConfig,
    /// The record's number when it was suspended.
    #[arg(long)]
    record: String,
    /// Its number now, if that is another.
    #[arg(long = "as", value_name = "RECORD")]
    now_called: Option<String>,
}

/// Arguments of `record confirm`.
#[derive(Debug, Args)]
pub struct Confirm {
    #[command(flatten)]
    file: WithConfig,
    /// Do it.
    #[arg(long)]
    yes: bool,
}

impl Record {
    /// Does it.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Suspend(suspend) => suspend.run().await,
            Self::Resume(resume) => resume.run().await,
            Self::Confirm(confirm) => confirm.run().await,
            Self::List(file) => list(file).await,
        }
    }
}

impl Suspend {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let secrets = Secrets::load(&config.keys)?;
        let store = Store::connect(&config.store).await?;
        let record = &self.record;
        let bound = store.relationships_of(record).await?;
        let now = SystemTimeSource.now().wall;
        log(&store, &secrets, &bound, "suspend", now).await?;
        if store.suspend_record(record, self.ground.word(), now).await? {
            println!("{record}: nothing is shown of it from now on, and no ticket for it counts");
        } else {
            println!("{record} was suspended before");
        }
        let told = tell_chain(&config, &secrets, &store, &bound, relationships::suspend).await;
        store.close().await;
        for (id, told) in told.context(format!(
            "the record is suspended here, but the chain was not told; once the node answers, give this command again: \
             the relationships are {}",
            names(&bound)
        ))? {
            println!("{id}: {}", if told { "suspended on chain" } else { "no longer open, or suspended before" });
        }
        println!("{}", self.how_to_go_on());
        Ok(ExitCode::SUCCESS)
    }

    fn how_to_go_on(&self) -> String {
        let record = &self.record;
        let first = match self.ground {
            Ground::Merge => {
                "Suspend the other record too, if it is enrolled, and merge. Then, for the number that stays and for the one that goes:"
            }
            Ground::Split => "Split the record. Then, once it is sure whose relationship this was:",
            Ground::Doubt => "Then, once it is sure whose record this is:",
        };
        format!(
            "\nHow to go on. {first}\n  \
             medrec-gatekeeper record resume --record {record}                  if the patient's records keep this number\n  \
             medrec-gatekeeper record resume --record {record} --as NEW-NUMBER  if they are under another one now\n\
             and tell the patient to resume by medrec resume. Where it cannot be told whose relationship it was, end it with the\n\
             hospital's key (medrec end) and enrol each patient anew. The other person of a split record is enrolled as anybody is."
        )
    }
}

impl Resume {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let secrets = Secrets::load(&config.keys)?;
        let store = Store::connect(&config.store).await?;
        let record = &self.record;
        let number = self.now_called.as_ref().unwrap_or(record);
        let identity = identify(&config, &secrets, &store).await?;
        if !store.is_suspended(record).await? && self.now_called.is_some() {
            bail!("{record} is not suspended: suspend it first, so that nothing is shown while its number changes");
        }
        if self.now_called.is_some() && store.is_suspended(number).await? {
            bail!("{number} is suspended itself: resume it first");
        }
        ensure_patient(&config, *secrets.pseudonyms, number, identity.member).await?;
        let before = store.relationships_of(record).await?;
        log(&store, &secrets, &before, "resume", SystemTimeSource.now().wall).await?;
        if store.resume_record(record, self.now_called.as_deref()).await? {
            println!("{number}: shown again, as the chain permits");
            if store.doubted_since().await?.is_some() {
                println!("but {IN_DOUBT}");
            }
        } else {
            println!("{record} is not suspended here");
        }
        let bound = store.relationships_of(number).await?;
        let told = tell_chain(&config, &secrets, &store, &bound, relationships::resume).await;
        store.close().await;
        for (id, told) in told.context(format!(
            "the chain was not told: once the node answers, consent by medrec --key @{} resume for {}",
            config.keys.signing.display(),
            names(&bound)
        ))? {
            println!(
                "{id}: {}",
                if told {
                    "the patient's side may resume it, by medrec resume"
                } else {
                    "not suspended on chain by you"
                }
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Confirm {
    async fn run(&self) -> anyhow::Result<ExitCode> {
        let config = self.file.load()?;
        let secrets = Secrets::load(&config.keys)?;
        let store = Store::connect(&config.store).await?;
        let said = match (store.doubted_since().await?, self.yes) {
            (None, _) => "Nothing is to be confirmed: no back-up was restored since it was last.".to_owned(),
            (Some(since), false) => format!("Since {}, {IN_DOUBT}", day(since)),
            (Some(_), true) => {
                log(&store, &secrets, &[], "confirm", SystemTimeSource.now().wall).await?;
                store.confirm_records().await?;
                "Records are shown again, as the chain permits, but for those that are suspended.".to_owned()
            }
        };
        println!("{said}");
        store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Puts on the log what is about to be done, of each relationship that it is about: the log is anchored, so a store that has forgotten a
/// suspension is behind its last anchor, and nothing is served from it. One that forgot it before it was anchored is in doubt as a whole.
async fn log(
    store: &Store,
    secrets: &Secrets,
    bound: &[RelationshipId],
    what: &str,
    now: Moment,
) -> anyhow::Result<()> {
    let (log, writer) = AuditLog::start(store.clone().by_command());
    let mut about: Vec<String> = bound.iter().map(ToString::to_string).collect();
    if about.is_empty() {
        // Nobody is enrolled yet, or it is about all of them. Numbers of records are the hospital's, and not for the log.
        about.push("record".into());
    }
    for patient in about {
        let who = (&secrets.signing.account(), "HOPERAT");
        let entry = Entry {
            capacity: Some("provider".into()),
            parameters: vec![what.to_owned()],
            ..Entry::new(now, patient, who, ("update", "Patient"), "command")
        };
        log.append(&entry).await?;
    }
    drop(log);
    Ok(writer.await?)
}

async fn list(file: &WithConfig) -> anyhow::Result<ExitCode> {
    let config = file.load()?;
    let store = Store::connect(&config.store).await?;
    let suspended = store.suspended_records().await?;
    if suspended.is_empty() {
        println!("none");
    }
    for record in suspended {
        let bound = names(&store.relationships_of(&record.record).await?);
        println!("{}  {:<6} since {}  {bound}", record.record, record.ground, day(record.since));
    }
    if store.doubted_since().await?.is_some() {
        println!("{IN_DOUBT}");
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Makes a call about each open relationship, signed by the gatekeeper's key, and tells of each whether it went through.
async fn tell_chain(
    config: &Config,
    secrets: &Secrets,
    store: &Store,
    bound: &[RelationshipId],
    call: fn(RelationshipId) -> Call,
) -> anyhow::Result<Vec<(RelationshipId, bool)>> {
    if bound.is_empty() {
        return Ok(Vec::new());
    }
    let identity = identify(config, secrets, store).await?;
    let chain = config.chain.nodes().connect(Some(identity.genesis)).await?;
    let mut told = Vec::new();
    for id in bound.iter().copied() {
        let state = chain.finalised().await?;
        let open = matches!(
            state.relationship(id).await?,
            Some((_, RelationshipStatus::Active | RelationshipStatus::Suspended))
        );
        told.push((id, open && said(chain.submit(&call(id), &secrets.signing, Wait::Finalised).await)?));
    }
    Ok(told)
}

/// Whether a call went through; one that had been made before is no error.
fn said<T>(submitted: Result<T, ChainError>) -> Result<bool, ChainError> {
    match submitted {
        Ok(_) => Ok(true),
        Err(ChainError::Failed(failure)) if failure.name == WRONG_STATUS => Ok(false),
        Err(error) => Err(error),
    }
}

fn day(moment: Moment) -> String {
    let time = i64::try_from(moment).ok().and_then(chrono::DateTime::from_timestamp_millis);
    time.map_or_else(|| format!("{moment} ms"), |time| time.format("%Y-%m-%d").to_string())
}

fn names(relationships: &[RelationshipId]) -> String {
    relationships.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
