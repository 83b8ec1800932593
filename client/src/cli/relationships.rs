//! `medrec relationships`, `accept`, `reject`, `end`, `suspend`, `resume`, `acknowledge`, `emergency`.

use clap::Args;
use medrec_primitives::{RelationshipFlags, RelationshipId};
use serde_json::{json, Value};

use super::{
    context::{address, Context},
    output::Output,
    spread::{at_once, spread, Spread},
};
use crate::chain::{calls, calls::Call, events::ResumptionAllowed, Submitted};

/// List your relationships with providers.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key relationships             of the key itself and of the first 8 beneath it
  medrec --key @carol.key relationships --count 20

The node that is asked sees these accounts asked for together. Ask your own.")]
pub struct Relationships {
    /// How many of the patient's keys to look at
    #[arg(long, value_name = "N", default_value_t = 8)]
    count: u32,
}

/// Accept a relationship that a provider proposed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key accept r0-3
  medrec --key @carol.key accept r0-3 r1-7 r2-0       spread over a week, so that nobody sees that they are one person's")]
pub struct Accept {
    /// The relationship, such as r0-3, or several
    #[arg(required = true, value_name = "RELATIONSHIP")]
    relationships: Vec<RelationshipId>,
    #[command(flatten)]
    spread: Spread,
}

/// Reject a relationship that a provider proposed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec --key @carol.key reject r0-3")]
pub struct Reject {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
}

/// End a relationship, for good.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key end r0-3          as the patient
  medrec --key @hospital.key end r0-3       as the provider")]
pub struct End {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
}

/// Suspend a relationship.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key suspend r0-3          as the patient
  medrec --key @carol.key suspend r0-3 r1-7     both, at once
  medrec --key @hospital.key suspend r0-3       as the provider")]
pub struct Suspend {
    /// The relationship, such as r0-3, or several
    #[arg(required = true, value_name = "RELATIONSHIP")]
    relationships: Vec<RelationshipId>,
}

/// Resume a suspended relationship.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key resume r0-3         as the patient
  medrec --key @carol.key resume r0-3 r1-7    both, spread over a week
  medrec --key @hospital.key resume r0-3      as the provider that suspended it, to consent: the patient's side then resumes it")]
pub struct Resume {
    /// The relationship, such as r0-3, or several
    #[arg(required = true, value_name = "RELATIONSHIP")]
    relationships: Vec<RelationshipId>,
    #[command(flatten)]
    spread: Spread,
}

/// Acknowledge a version of a pointer.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec --key @carol.key acknowledge r0-3 0 2")]
pub struct Acknowledge {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// Which pointer: 0 to 7
    slot: u8,
    /// The version that you have seen
    version: u32,
}

/// Choose what may happen in an emergency.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @carol.key emergency r0-3 --opt-out true           nobody may break the glass
  medrec --key @carol.key emergency r0-3 --over-denials true      an emergency beats your denials")]
pub struct Emergency {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// Whether nobody may break the glass
    #[arg(long, value_name = "BOOL", required_unless_present = "over_denials")]
    opt_out: Option<bool>,
    /// Whether an emergency beats your denials
    #[arg(long, value_name = "BOOL")]
    over_denials: Option<bool>,
}

impl Emergency {
    /// What to set, and what to clear.
    fn flags(&self) -> [RelationshipFlags; 2] {
        let flags = [
            (self.opt_out, RelationshipFlags::EMERGENCY_OPT_OUT),
            (self.over_denials, RelationshipFlags::EMERGENCY_OVER_DENIALS),
        ];
        [true, false].map(|way| {
            let chosen = flags.iter().filter(|(choice, _)| *choice == Some(way));
            RelationshipFlags(chosen.fold(0, |bits, (_, flag)| bits | flag.0))
        })
    }
}

pub async fn list(context: &Context, command: Relationships) -> anyhow::Result<Output> {
    let state = context.chain().await?.finalised().await?;
    let keys = context.patient_keys()?;
    let mut accounts = vec![(None, context.key()?.account())];
    if context.options.number.is_none() {
        for n in 0..command.count {
            accounts.push((Some(n), keys.key(n)?.account()));
        }
    }
    let (mut json, mut lines) = (Vec::<Value>::new(), Vec::new());
    for (number, account) in accounts {
        for (relationship, status) in state.my_relationships(&account).await? {
            let account = address(&account);
            let key = number.map_or_else(|| "the key itself".to_owned(), |n| format!("--number {n}"));
            lines.push(format!(
                "{:<8} {:<10} {key:<14} {account}",
                relationship.to_string(),
                format!("{status:?}")
            ));
            json.push(json!({
                "relationship": relationship.to_string(),
                "status": format!("{status:?}"),
                "number": number,
                "account": account,
            }));
        }
    }
    let output = Output::new(json!(json));
    Ok(if lines.is_empty() {
        output.line("none; a provider proposes one after you redeem its ticket (medrec enrol)")
    } else {
        output.lines(lines)
    })
}

pub async fn accept(context: &Context, command: Accept) -> anyhow::Result<Output> {
    spread(context, &command.relationships, &command.spread, async |context, id| {
        act(context, id, calls::relationships::accept(id), "accepted").await
    })
    .await
}

pub async fn reject(context: &Context, command: Reject) -> anyhow::Result<Output> {
    let call = calls::relationships::reject(command.relationship);
    act(context, command.relationship, call, "rejected").await
}

pub async fn end(context: &Context, command: End) -> anyhow::Result<Output> {
    let call = calls::relationships::end(command.relationship);
    act(context, command.relationship, call, "ended").await
}

pub async fn suspend(context: &Context, command: Suspend) -> anyhow::Result<Output> {
    at_once(context, &command.relationships, async |context, id| {
        act(context, id, calls::relationships::suspend(id), "suspended").await
    })
    .await
}

pub async fn resume(context: &Context, command: Resume) -> anyhow::Result<Output> {
    spread(context, &command.relationships, &command.spread, resume_one).await
}

/// The patient's side resumes; the provider consents, and nothing is active again by that.
async fn resume_one(context: &Context, relationship: RelationshipId) -> anyhow::Result<Output> {
    let key = context.key_in(relationship).await?;
    let submitted = context.submit(&calls::relationships::resume(relationship), &key).await?;
    let consented = submitted.find::<ResumptionAllowed>()?.is_some();
    let done = if consented { "consented" } else { "resumed" };
    let line = if consented {
        format!("{relationship}: the patient's side may resume it; it stays suspended until then")
    } else {
        format!("{relationship} resumed")
    };
    let json = json!({ "relationship": relationship.to_string(), "done": done, "block": block(&submitted) });
    Ok(Output::new(json).line(format!("{line}, {}", in_block(&submitted))))
}

pub async fn acknowledge(context: &Context, command: Acknowledge) -> anyhow::Result<Output> {
    let Acknowledge { relationship, slot, version } = command;
    let call = calls::relationships::acknowledge(relationship, slot, version);
    act(context, relationship, call, "acknowledged").await
}

pub async fn emergency(context: &Context, command: Emergency) -> anyhow::Result<Output> {
    let [set, clear] = command.flags();
    let call = calls::relationships::set_flags(command.relationship, set, clear);
    act(context, command.relationship, call, "emergency choices set").await
}

/// Submits a call about a relationship, after which there is nothing more to say than that it is done.
pub async fn act(
    context: &Context,
    relationship: RelationshipId,
    call: Call,
    done: &str,
) -> anyhow::Result<Output> {
    let key = context.key_in(relationship).await?;
    let submitted = context.submit(&call, &key).await?;
    Ok(Output::new(
        json!({ "relationship": relationship.to_string(), "done": done, "block": block(&submitted) }),
    )
    .line(format!("{relationship} {done}, {}", in_block(&submitted))))
}

/// The block for programs.
pub fn block(submitted: &Submitted) -> Value {
    json!({
        "number": submitted.block_number,
        "hash": crate::text::hex0x(submitted.block),
        "extrinsic": crate::text::hex0x(submitted.extrinsic),
        "bytes": submitted.length,
    })
}

/// The block for people.
pub fn in_block(submitted: &Submitted) -> String {
    format!("in block {}", submitted.block_number)
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn flags_should_be_set_and_cleared_as_chosen_and_else_left() {
        let flags = |opt_out, over_denials| {
            let relationship = RelationshipId::new(0, 0);
            Emergency { relationship, opt_out, over_denials }.flags().map(|flags| flags.0)
        };
        assert_eq!(flags(Some(true), None), [1, 0]);
        assert_eq!(flags(Some(false), Some(true)), [2, 1]);
        assert_eq!(flags(Some(true), Some(true)), [3, 0]);
        assert_eq!(flags(None, Some(false)), [0, 2]);
    }
}
