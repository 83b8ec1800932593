//! `medrec council`: vote as the consortium.

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use medrec_primitives::{research::StudyId, GlassId, MemberId, ReviewOutcome};
use serde_json::json;

use super::{
    args::{Address, KeySource},
    context::{address, read_key, Context},
    output::{time, Output},
    relationships::{block, in_block},
};
use crate::{
    chain::{
        calls::{self, Call},
        Closed, OpenMotion,
    },
    KeyPair,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show who sits on the council
    #[command(after_help = "Examples:\n  medrec council seats")]
    Seats,
    /// Show the motions that are open
    #[command(after_help = "Examples:\n  medrec council motions")]
    Motions,
    /// Propose to admit an applicant, and vote for it
    #[command(after_help = "\
Examples:
  medrec --key @alice.key council admit 0
  medrec --key //Alice council admit 0 --with //Bob --with //Charlie     carries it at once")]
    Admit(About),
    /// Propose to suspend a member, and vote for it
    #[command(after_help = "Examples:\n  medrec --key @alice.key council suspend 0")]
    Suspend(About),
    /// Propose to reinstate a suspended member, and vote for it
    #[command(after_help = "Examples:\n  medrec --key @alice.key council reinstate 0")]
    Reinstate(About),
    /// Propose to remove a member for good, and vote for it
    #[command(after_help = "Examples:\n  medrec --key @alice.key council remove 0")]
    Remove(About),
    /// Propose to approve a researcher's study, and vote for it
    #[command(after_help = "Examples:\n  medrec --key @alice.key council approve-study 4")]
    ApproveStudy {
        /// The study's number
        study: StudyId,
        /// Others of the council whose keys are at hand, each @FILE or a secret URI: all vote, and the motion is closed
        #[arg(long, value_name = "@FILE|SURI")]
        with: Vec<KeySource>,
    },
    /// Propose to approve a researcher's collator, and vote for it: its blocks earn credits from then on
    #[command(after_help = "Examples:\n  medrec --key @alice.key council approve-collator 5FHneW46...")]
    ApproveCollator(Collator),
    /// Propose that an account's node makes blocks, and vote for it; it needs session keys (medrec collator set-keys)
    #[command(after_help = "Examples:\n  medrec --key @alice.key council add-collator 5FHneW46...")]
    AddCollator(Collator),
    /// Propose that an account's node makes no blocks any more, and vote for it
    #[command(after_help = "Examples:\n  medrec --key @alice.key council remove-collator 5FHneW46...")]
    RemoveCollator(Collator),
    /// Show the breaks of the glass that wait for review
    #[command(after_help = "\
Examples:
  medrec council reviews
  medrec council reviews --of 1")]
    Reviews {
        /// Only those by staff of this member
        #[arg(long, value_name = "MEMBER")]
        of: Option<MemberId>,
    },
    /// Propose what breaks of the glass were, and vote for it
    #[command(after_help = "\
Examples:
  medrec --key @alice.key council review justified g1-0 g1-1
  medrec --key //Alice council review unjustified g1-2 --with //Bob --with //Charlie     carries it at once")]
    Review(Review),
    /// Vote for or against a motion
    #[command(after_help = "Examples:\n  medrec --key @bob.key council vote 3 yes")]
    Vote {
        /// The motion's number
        motion: u32,
        /// For it or against it
        #[arg(value_enum)]
        vote: Vote,
    },
    /// Close a motion that has votes enough, and do what it agreed to
    #[command(after_help = "Examples:\n  medrec --key @bob.key council close 3")]
    Close {
        /// The motion's number
        motion: u32,
    },
}

/// A vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Vote {
    /// For the motion
    Yes,
    /// Against it
    No,
}

/// What a review finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Finding {
    /// There was an emergency
    Justified,
    /// There was none: the glass is closed if it is still open
    Unjustified,
}

/// What a review is about.
#[derive(Debug, Args)]
pub struct Review {
    /// What was found
    #[arg(value_enum)]
    finding: Finding,
    /// The breaks, such as g1-0
    #[arg(required = true, num_args = 1..=64)]
    glasses: Vec<GlassId>,
    /// Others of the council whose keys are at hand, each @FILE or a secret URI: all vote, and the motion is closed
    #[arg(long, value_name = "@FILE|SURI")]
    with: Vec<KeySource>,
}

/// Whose node a motion is about.
#[derive(Debug, Args)]
pub struct Collator {
    /// The account that makes blocks
    collator: Address,
    /// Others of the council whose keys are at hand, each @FILE or a secret URI: all vote, and the motion is closed
    #[arg(long, value_name = "@FILE|SURI")]
    with: Vec<KeySource>,
}

/// Whom a motion is about.
#[derive(Debug, Args)]
pub struct About {
    /// The member's number
    member: MemberId,
    /// Others of the council whose keys are at hand, each @FILE or a secret URI: all vote, and the motion is closed
    #[arg(long, value_name = "@FILE|SURI")]
    with: Vec<KeySource>,
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    match command {
        Command::Seats => {
            let chain = context.chain().await?;
            let seats: Vec<_> = chain.council().await?.iter().map(address).collect();
            let threshold = chain.council_threshold().await?;
            Ok(Output::new(json!({ "seats": seats, "threshold": threshold }))
                .lines(seats)
                .line(format!("{threshold} votes carry a motion")))
        }
        Command::Motions => motions(context).await,
        Command::Admit(about) => {
            on_member(context, calls::registry::admit(about.member), about, "admitted").await
        }
        Command::Suspend(about) => {
            on_member(context, calls::registry::suspend(about.member), about, "suspended").await
        }
        Command::Reinstate(about) => {
            on_member(context, calls::registry::reinstate(about.member), about, "reinstated").await
        }
        Command::Remove(about) => {
            on_member(context, calls::registry::remove(about.member), about, "removed").await
        }
        Command::ApproveStudy { study, with } => {
            let (call, what) = (calls::research::approve_study(study), format!("study {study}"));
            propose(context, call, &what, json!({ "study": study }), &with, "approved").await
        }
        Command::ApproveCollator(about) => {
            on_collator(context, calls::research::approve_collator(&about.collator.0), about, "approved")
                .await
        }
        Command::AddCollator(about) => {
            on_collator(context, calls::collators::add_invulnerable(&about.collator.0), about, "added").await
        }
        Command::RemoveCollator(about) => {
            on_collator(context, calls::collators::remove_invulnerable(&about.collator.0), about, "removed")
                .await
        }
        Command::Reviews { of } => reviews(context, of).await,
        Command::Review(Review { finding, glasses, with }) => {
            let (outcome, word) = match finding {
                Finding::Justified => (ReviewOutcome::Justified, "found justified"),
                Finding::Unjustified => (ReviewOutcome::Unjustified, "found unjustified"),
            };
            let names: Vec<_> = glasses.iter().map(ToString::to_string).collect();
            let what = format!("glass {}", names.join(", "));
            let call = calls::permissions::review_glass(&glasses, outcome);
            propose(context, call, &what, json!({ "glasses": names }), &with, word).await
        }
        Command::Vote { motion, vote } => {
            let open = find(context, motion).await?;
            let approve = vote == Vote::Yes;
            let done = context.chain().await?.vote(&open.motion, approve, &context.key()?).await?;
            let word = if approve { "for" } else { "against" };
            Ok(Output::new(json!({ "motion": motion, "approve": approve, "block": block(&done) }))
                .line(format!("voted {word} motion {motion}, {}", in_block(&done))))
        }
        Command::Close { motion } => {
            let open = find(context, motion).await?;
            let (done, word) = match context.chain().await?.close(&open.motion, &context.key()?).await? {
                Closed::Done(done) => (done, "carried and done"),
                Closed::TurnedDown(done) => (done, "turned down"),
            };
            Ok(Output::new(json!({ "motion": motion, "outcome": word, "block": block(&done) }))
                .line(format!("motion {motion} {word}, {}", in_block(&done))))
        }
    }
}

async fn on_member(context: &Context, call: Call, about: About, word: &str) -> anyhow::Result<Output> {
    let About { member, with } = about;
    propose(context, call, &format!("member {member}"), json!({ "member": member }), &with, word).await
}

async fn on_collator(context: &Context, call: Call, about: Collator, word: &str) -> anyhow::Result<Output> {
    let Collator { collator, with } = about;
    let name = address(&collator.0);
    propose(context, call, &format!("collator {name}"), json!({ "collator": name }), &with, word).await
}

/// Proposes a call about `what`, for programs `json`, and votes for it; with others' keys at hand the motion is carried.
async fn propose(
    context: &Context,
    call: Call,
    what: &str,
    mut json: serde_json::Value,
    with: &[KeySource],
    word: &str,
) -> anyhow::Result<Output> {
    let chain = context.chain().await?;
    let key = context.key()?;
    if with.is_empty() {
        let motion = chain.propose(&call, &key).await?;
        let done = chain.vote(&motion, true, &key).await?;
        let (title, index) = (call.title(), motion.index);
        return Ok(Output::new(json!({
            "motion": index,
            "hash": crate::text::hex0x(motion.hash),
            "block": block(&done),
        }))
        .line(format!("motion {index} is open: {title} for {what}; this key has voted for it"))
        .line(format!("others vote with: medrec council vote {index} yes")));
    }
    let signers = signers(context, key, with)?;
    let done = chain.carry(&call, &signers).await?;
    json["done"] = json!(word);
    json["block"] = block(&done);
    Ok(Output::new(json).line(format!("{what} {word} by {} votes, {}", signers.len(), in_block(&done))))
}

/// The keys that vote: this one, and others that are at hand.
pub fn signers(context: &Context, own: KeyPair, with: &[KeySource]) -> anyhow::Result<Vec<KeyPair>> {
    let mut signers = vec![own];
    for source in with {
        signers.push(KeyPair::from_suri(&read_key(source)?, context.options.key_type)?);
    }
    Ok(signers)
}

async fn reviews(context: &Context, of: Option<MemberId>) -> anyhow::Result<Output> {
    let state = context.chain().await?.finalised().await?;
    let members = match of {
        Some(member) => vec![member],
        None => state.all_members().await?.into_iter().map(|(member, _)| member).collect(),
    };
    let mut open = Vec::new();
    for member in members {
        open.extend(state.open_reviews(member).await?);
    }
    let json = open.iter().map(|(glass, review)| {
        json!({
            "glass": glass.to_string(),
            "relationship": review.relationship.to_string(),
            "staff": review.staff.to_string(),
            "from": review.from,
            "until": review.until,
            "digest": crate::text::hex0x(review.reason),
        })
    });
    let output = Output::new(json.collect());
    if open.is_empty() {
        return Ok(output.line("no break of the glass waits for review"));
    }
    Ok(output.lines(open.iter().map(|(glass, review)| {
        format!(
            "{:<8} {} by {} at {}, digest of the reason {}",
            glass.to_string(),
            review.relationship,
            review.staff,
            time(review.from),
            crate::text::hex0x(review.reason)
        )
    })))
}

async fn motions(context: &Context) -> anyhow::Result<Output> {
    let open = context.chain().await?.motions().await?;
    let title = |open: &OpenMotion| open.title.clone().unwrap_or_else(|| "an unknown call".into());
    let json = open.iter().map(|open| {
        json!({
            "motion": open.motion.index,
            "hash": crate::text::hex0x(open.motion.hash),
            "call": title(open),
            "data": crate::text::hex0x(&open.call),
            "threshold": open.threshold,
            "ayes": open.ayes.iter().map(address).collect::<Vec<_>>(),
            "nays": open.nays.iter().map(address).collect::<Vec<_>>(),
            "end": open.end,
        })
    });
    let output = Output::new(json.collect());
    if open.is_empty() {
        return Ok(output.line("no motion is open"));
    }
    Ok(output.lines(open.iter().map(|open| {
        format!(
            "{:>4}  {} ({}), {} for, {} against, {} carry it, until block {}",
            open.motion.index,
            title(open),
            crate::text::hex0x(&open.call),
            open.ayes.len(),
            open.nays.len(),
            open.threshold,
            open.end,
        )
    })))
}

async fn find(context: &Context, index: u32) -> anyhow::Result<OpenMotion> {
    let open = context.chain().await?.motions().await?;
    match open.into_iter().find(|open| open.motion.index == index) {
        Some(open) => Ok(open),
        None => bail!("no motion {index} is open; medrec council motions lists them"),
    }
}
