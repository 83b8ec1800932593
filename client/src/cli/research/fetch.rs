//! `medrec-research fetch`: waits for answers, checks them, adds them up, and writes them down.

use std::{path::PathBuf, time::Duration};

use anyhow::{bail, ensure, Context as _};
use clap::Args;
use medrec_policy::purpose::Purpose;
use medrec_primitives::research::{AnswerStatus, ClaimId};
use serde_json::json;

use super::{
    answers::AnswerName,
    chart, claims,
    combine::{combine, Answered},
    researcher, table,
};
use crate::{
    cli::{
        context::Context,
        output::{time, Output},
    },
    gatekeeper::Access,
    research::{definition::Definition, messages::AnswerBody},
};

/// What a researcher asks for (HL7 PurposeOfUse).
const FOR_RESEARCH: &str = "HRESCH";

/// How often the chain is asked while waiting.
const LOOK: Duration = Duration::from_secs(6);

/// How often a long wait says that it goes on, in looks.
const REPORT: u32 = 100;

/// Wait for answers, fetch and check them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec-research fetch 0/3/1                                   prints the table with its errors
  medrec-research fetch 0/3/1 2/1/1 --out results               adds two providers up; writes answer-*.json, table.csv, table.svg
  medrec-research fetch 0/3/1 --no-wait                         fails if it is not there yet

Every answer is checked: the gatekeeper's signature, and the commitment on the finalised chain. Answers are added up if they are to one
and the same definition. The error is the distance within which the true number lies 95 times of 100: noise alone, and exact; noise of
several providers is independent, so variances add. Numbers below the larger of 11 and 2.33 standard deviations should not be shown to
the public; they are in the CSV file, and marked.")]
pub struct Fetch {
    /// What: provider/table/epoch; several providers' answers to one definition are added up
    #[arg(required = true, value_name = "ANSWER")]
    answers: Vec<AnswerName>,
    /// Write the answers as they came, the table as CSV and a chart as SVG into this folder
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Do not wait for what is not there yet
    #[arg(long)]
    no_wait: bool,
}

pub async fn fetch(context: &Context, command: Fetch) -> anyhow::Result<Output> {
    let mut answers = command.answers;
    answers.sort_unstable();
    answers.dedup();
    let mut fetched: Vec<Fetched> = Vec::new();
    for answer in answers {
        let one = fetch_one(context, answer, command.no_wait).await?;
        if let Some(first) = fetched.first() {
            ensure!(
                first.definition == one.definition,
                "{answer} is to another definition than {}: fetch them one by one",
                first.name
            );
        }
        fetched.push(one);
    }
    let first = fetched.first().context("say what to fetch")?;
    let parts: Vec<Answered> = fetched.iter().map(|one| one.answered.clone()).collect();
    let rows = combine(&first.definition, &parts);
    let names: Vec<String> = fetched.iter().map(|one| one.name.to_string()).collect();
    let mut output = Output::new(json!({
        "title": first.definition.title(),
        "unit": first.definition.unit(),
        "answers": names,
        "rows": rows.iter().map(table::json).collect::<Vec<_>>(),
    }))
    .line(first.definition.title())
    .lines(rows.iter().map(table::line));
    for one in &fetched {
        output = output.note(format!("{}: signed by {}, as committed to on chain", one.name, one.signer));
    }
    if let Some(folder) = &command.out {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let write = |name: String, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        for one in &fetched {
            write(format!("answer-{}.json", one.name.to_string().replace('/', "-")), &one.text)?;
        }
        write("table.csv".into(), &table::csv(&rows))?;
        write("table.svg".into(), &chart::svg(&first.definition, &rows, &names))?;
        output = output.note(format!("written to {}", folder.display()));
    }
    Ok(output)
}

/// An answer that was checked.
struct Fetched {
    name: AnswerName,
    definition: Definition,
    answered: Answered,
    /// As it came.
    text: String,
    signer: String,
}

async fn fetch_one(context: &Context, name: AnswerName, no_wait: bool) -> anyhow::Result<Fetched> {
    let (claim, commitment) = wait(context, name, no_wait).await?;
    let chain = context.chain().await?;
    let state = chain.finalised().await?;
    let table = state.table(name.0.provider, name.0.table).await?;
    let spec = table.with_context(|| format!("{name}: the table is gone"))?.spec;
    let gatekeeper = context.gatekeeper(name.0.provider).await?;
    let definition = gatekeeper.definition(&spec.definition).await?;
    ensure!(definition.kind() == Some(spec.kind), "{name}: the definition is not of the planned table");
    let key = context.key()?;
    let purpose: Purpose =
        FOR_RESEARCH.parse().map_err(|_| anyhow::anyhow!("{FOR_RESEARCH} is no purpose"))?;
    let access = Access::Signed { key: &key, purpose };
    let answer = gatekeeper.get_sealed(&access, &format!("/research/answers/{claim}")).await?;
    let text = String::from_utf8(answer.body).context("the answer is not text")?;
    let body: AnswerBody = serde_json::from_str(&text).context("the answer is in another form")?;
    let numbers = body
        .verified(chain.genesis(), name.0, spec.kind, spec.rho, &commitment)
        .with_context(|| format!("{name}, claim {claim}"))?;
    let answered = Answered::new(spec.kind, spec.rho, numbers).context("the planned table has no parts")?;
    let signer = crate::cli::context::address(&answer.signature.account);
    Ok(Fetched { name, definition, answered, text, signer })
}

/// Waits until an answer is committed to on the finalised chain. Gives the claim and the commitment.
async fn wait(context: &Context, name: AnswerName, no_wait: bool) -> anyhow::Result<(ClaimId, [u8; 32])> {
    let member = researcher(context).await?;
    let mut said = String::new();
    for look in 0u32.. {
        let state = context.chain().await?.finalised().await?;
        let progress = match claims::to_answer(&state, member, name.0).await? {
            None => "no claim of yours was granted yet: a day's claims are drawn when it is over, and some are not".to_owned(),
            Some((id, claim)) => {
                let answer = state.answer(name.0).await?;
                let answer = answer.with_context(|| format!("{name}: there is no such answer"))?;
                match answer.status {
                    _ if claim.attempt < answer.attempt => {
                        bail!("{name}: the provider did not answer in time; close claim {id}, and claim again")
                    }
                    AnswerStatus::Failed => {
                        bail!("{name}: there will never be an answer; close claim {id}")
                    }
                    AnswerStatus::Committed { commitment, .. } => return Ok((id, commitment)),
                    AnswerStatus::Awaited if answer.deadline <= state.timestamp().await? => {
                        bail!("{name}: the provider did not answer in time; close claim {id}, and claim again")
                    }
                    AnswerStatus::Awaited => format!("granted as claim {id}; it is due from {}", time(answer.due)),
                }
            }
        };
        if no_wait {
            bail!("{name}: {progress}");
        }
        if progress != said || look % REPORT == 0 {
            eprintln!("medrec-research: {name}: {progress}");
            said = progress;
        }
        tokio::time::sleep(LOOK).await;
    }
    bail!("{name}: waited for too long")
}
