//! `medrec release`: whether one's records count in statistics, taking that back, and having been counted.

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};
use medrec_policy::purpose::Purpose;
use medrec_primitives::{
    research::{DuoPurposes, ReleaseChoice},
    Moment, RelationshipId, DAY_MS,
};
use serde_json::json;

use super::{
    args::When,
    context::Context,
    output::{time, Output},
    relationships::{block, in_block},
    spread::{self, Spread},
};
use crate::{
    chain::calls,
    gatekeeper::Access,
    research::{
        choice::{purpose, purpose_words, seal_choice, ReleaseContext, PURPOSES},
        messages::{CountedBody, WithdrawalBody},
    },
};

/// What a patient asks for as a patient (HL7 PurposeOfUse).
const AS_PATIENT: &str = "PATRQT";

/// Whether your records count in statistics for research.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set your choice, sealed to the provider: nobody else sees whether it is yes or no
    Set(Set),
    /// Take it back at the provider's gatekeeper, at once and without the chain
    Withdraw(Withdraw),
    /// Ask the provider's gatekeeper in which statistics you were counted
    Counted(Counted),
}

/// Set your choice.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec release set r0-3 --no                                        counts in nothing, as it is by default
  medrec release set r0-3 --yes                                       counts for every purpose
  medrec release set r0-3 --yes --exclude commercial --until 2028-01-01
  medrec release set r0-3 r1-7 --yes --spread 3d                      two providers, at different times

It is free of charge, and one and the same size on chain whatever it says. Whoever reads the chain's blocks sees that your key once
said something, and when: say yes or no when you enrol, as everybody should. What can be learnt about you is told in docs/research.md.")]
pub struct Set {
    /// The relationship, such as r0-3, or several
    #[arg(required = true, value_name = "RELATIONSHIP")]
    relationships: Vec<RelationshipId>,
    /// My records count
    #[arg(long, conflicts_with = "no", required_unless_present = "no")]
    yes: bool,
    /// My records do not count
    #[arg(long)]
    no: bool,
    /// But not for this purpose; may be given several times: general, biomedical, disease, ancestry, methods, commercial
    #[arg(long, value_name = "PURPOSE", conflicts_with = "no", value_parser = read_purpose)]
    exclude: Vec<DuoPurposes>,
    /// Until this day: 2028-01-01, or +365d
    #[arg(long, value_name = "WHEN", conflicts_with = "no")]
    until: Option<When>,
    #[command(flatten)]
    spread: Spread,
}

/// Take it back at the provider's gatekeeper.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec release withdraw r0-3
  medrec release withdraw r0-3 --undo          your choice on chain counts again

From now on you are in no statistic that is computed. What was computed before stays as it is. The choice on chain is not changed by
it: medrec release set r0-3 --no does that.")]
pub struct Withdraw {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// Let the choice on chain count again
    #[arg(long)]
    undo: bool,
}

/// Ask in which statistics you were counted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec release counted r0-3")]
pub struct Counted {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
}

pub fn read_purpose(text: &str) -> Result<DuoPurposes, String> {
    let words: Vec<&str> = PURPOSES.iter().map(|(word, _)| *word).collect();
    purpose(text).ok_or_else(|| format!("one of {}", words.join(", ")))
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    match command {
        Command::Set(command) => set(context, command).await,
        Command::Withdraw(command) => withdraw(context, command).await,
        Command::Counted(command) => counted(context, command).await,
    }
}

async fn set(context: &Context, command: Set) -> anyhow::Result<Output> {
    let Set { relationships, yes, exclude, until, spread, .. } = command;
    let now = context.chain().await?.finalised().await?.timestamp().await?;
    let choice = choice(yes, &exclude, until, now)?;
    let act =
        async |context: &Context, relationship: RelationshipId| set_one(context, relationship, choice).await;
    // What narrows is done at once.
    match yes {
        true => spread::spread(context, &relationships, &spread, act).await,
        false => spread::at_once(context, &relationships, act).await,
    }
}

/// The choice that was written on the command line.
fn choice(
    yes: bool,
    exclude: &[DuoPurposes],
    until: Option<When>,
    now: Moment,
) -> anyhow::Result<ReleaseChoice> {
    let excluded = exclude.iter().fold(DuoPurposes::default(), |all, one| DuoPurposes(all.0 | one.0));
    let until = until.map(|when| when.exact(now).div_ceil(DAY_MS));
    let until = until.map(u32::try_from).transpose().ok().filter(|day| *day != Some(u32::MAX));
    let Some(until) = until else { bail!("the day lies too far ahead") };
    ensure!(
        until.is_none_or(|day| u64::from(day).saturating_mul(DAY_MS) > now),
        "the day lies in the chain's past; its time is {}",
        time(now)
    );
    Ok(ReleaseChoice { release: yes, excluded, until })
}

async fn set_one(
    context: &Context,
    relationship: RelationshipId,
    choice: ReleaseChoice,
) -> anyhow::Result<Output> {
    let chain = context.chain().await?;
    let state = chain.finalised().await?;
    let Some((key_id, key)) = state.current_sealing_key(relationship.member).await? else {
        bail!("member {} has no key that anything could be sealed to", relationship.member);
    };
    let place = ReleaseContext { genesis: chain.genesis(), relationship };
    let sealed = seal_choice(choice, &key.public, key_id, &place)?;
    let call = calls::research::set_release(relationship, &sealed);
    let done = context.submit(&call, &context.key_in(relationship).await?).await?;
    let excluded = purpose_words(choice.excluded);
    let json = json!({
        "relationship": relationship.to_string(),
        "done": "set",
        "release": choice.release,
        "excluded": excluded,
        "until": choice.until.map(|day| u64::from(day).saturating_mul(DAY_MS)),
        "block": block(&done),
    });
    let says = match choice.release {
        true => "your records count in statistics",
        false => "your records count in no statistic",
    };
    let but = match excluded.is_empty() {
        true => String::new(),
        false => format!(", but not for {}", excluded.join(", ")),
    };
    let until = choice.until.map(|day| format!(", until {}", time(u64::from(day).saturating_mul(DAY_MS))));
    let line = format!("{relationship}: {says}{but}{}, {}", until.unwrap_or_default(), in_block(&done));
    Ok(Output::new(json).line(line).note("what you chose is sealed; that you chose shows in the block"))
}

async fn withdraw(context: &Context, command: Withdraw) -> anyhow::Result<Output> {
    let Withdraw { relationship, undo } = command;
    let body = WithdrawalBody { patient: relationship.to_string(), withdrawn: !undo };
    let key = context.key_in(relationship).await?;
    let gatekeeper = context.gatekeeper(relationship.member).await?;
    let access = Access::Signed { key: &key, purpose: as_patient()? };
    let answer = gatekeeper.send(&access, "/research/withdrawal", &body).await?;
    let told: CountedBody = serde_json::from_slice(&answer.body)?;
    let line = match told.withdrawn {
        true => format!("{relationship}: withdrawn; you are in no statistic that is computed from now on"),
        false => format!("{relationship}: your choice on chain counts again"),
    };
    Ok(Output::new(json!(told)).line(line))
}

async fn counted(context: &Context, command: Counted) -> anyhow::Result<Output> {
    let relationship = command.relationship;
    let key = context.key_in(relationship).await?;
    let gatekeeper = context.gatekeeper(relationship.member).await?;
    let access = Access::Signed { key: &key, purpose: as_patient()? };
    let answer = gatekeeper.get(&access, &format!("/research/counted?patient={relationship}")).await?;
    let told: CountedBody = serde_json::from_slice(&answer.body)?;
    let lines: Vec<String> = told
        .answers
        .iter()
        .map(|answer| {
            let word = if answer.counted { "counted    " } else { "not counted" };
            format!(
                "{word}  {}  {} (table {}, epoch {})",
                time(answer.made),
                answer.title,
                answer.table,
                answer.epoch
            )
        })
        .collect();
    let output = Output::new(json!(told));
    let output = if lines.is_empty() {
        output.line("this gatekeeper has made no statistic yet")
    } else {
        output.lines(lines)
    };
    Ok(if told.withdrawn { output.note("you have withdrawn here: nothing new counts you") } else { output })
}

fn as_patient() -> anyhow::Result<Purpose> {
    AS_PATIENT.parse().map_err(|_| anyhow::anyhow!("{AS_PATIENT} is no purpose"))
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn command_should_be_read_when_as_in_the_examples_and_say_one_thing() {
        use clap::Parser;

        let read = |line: &str| crate::cli::Cli::try_parse_from(line.split(' ')).is_ok();
        for line in [
            "medrec release set r0-3 --no",
            "medrec release set r0-3 --yes --exclude commercial --until 2028-01-01",
            "medrec release set r0-3 r1-7 --yes --spread 3d",
            "medrec release withdraw r0-3 --undo",
            "medrec release counted r0-3",
        ] {
            assert!(read(line), "{line}");
        }
        for line in [
            "medrec release set r0-3",
            "medrec release set r0-3 --yes --no",
            "medrec release set r0-3 --no --exclude commercial",
            "medrec release set r0-3 --yes --exclude marketing",
            "medrec release set --yes",
        ] {
            assert!(!read(line), "{line}");
        }
    }

    #[test]
    fn choice_should_end_with_the_day_that_was_written() {
        let now = 100 * DAY_MS + 5;
        let of = |until: &str| choice(true, &[], Some(until.parse().unwrap()), now);
        assert_eq!(of("+1d").unwrap().until, Some(102));
        assert_eq!(of("1970-05-01").unwrap().until, Some(120));
        assert!(of("1970-01-02").is_err());
        let excluded = choice(true, &[DuoPurposes::METHODS, DuoPurposes::COMMERCIAL], None, now).unwrap();
        assert_eq!(excluded.excluded, DuoPurposes(48));
        assert_eq!(choice(false, &[], None, now).unwrap(), ReleaseChoice::default());
    }
}
