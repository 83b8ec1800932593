//! `medrec break-glass`, `close-glass`, `glasses`.

use anyhow::ensure;
use clap::Args;
use medrec_primitives::{Glass, GlassId, ReasonDigest, RelationshipId};
use rand::RngCore;
use serde_json::json;
use sp_crypto_hashing::blake2_256;

use super::{
    args::Bytes32,
    context::Context,
    output::{time, Output},
    relationships::{block, in_block},
};
use crate::{
    chain::{calls, events::GlassBroken},
    text::hex0x,
};

/// What the digest of a reason begins with.
const REASON_CONTEXT: &[u8] = b"medrec/reason/v1";

/// Read in an emergency, without a grant and in everybody's sight.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @er-doctor.key break-glass r0-3 --reason 'unconscious after a fall, medication unknown'
  medrec --key @er-doctor.key search r0-3 AllergyIntolerance --purpose ETREAT

For emergency staff. It lasts some hours; the patient is told at once, and the consortium reviews it. The chain gets a salted
digest of the reason, nothing else: keep the reason and the salt that is printed, and show both at the review.")]
pub struct Break {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The salt, instead of a fresh one: 0x and 64 hexadecimal digits
    #[arg(long, value_name = "HEX")]
    salt: Option<Bytes32>,
}

/// Close a broken glass before its time.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @er-doctor.key close-glass r0-3 g1-0     who broke it
  medrec --key @carol.key close-glass r0-3 g1-0         the patient")]
pub struct Close {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// The break, such as g1-0
    glass: GlassId,
}

/// List the broken glasses of a relationship.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec glasses r0-3")]
pub struct Glasses {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
}

pub async fn break_glass(context: &Context, command: Break) -> anyhow::Result<Output> {
    let Break { relationship, reason, salt } = command;
    ensure!(!reason.trim().is_empty(), "say why: the consortium will ask");
    let salt = salt.map_or_else(fresh_salt, |salt| salt.0);
    let digest = digest(&salt, &reason);
    let call = calls::permissions::break_glass(relationship, digest);
    let done = context.submit(&call, &context.key()?).await?;
    let broken = done.expect::<GlassBroken>()?;
    Ok(Output::new(json!({
        "relationship": relationship.to_string(),
        "glass": broken.glass.to_string(),
        "staff": broken.staff.to_string(),
        "until": broken.until,
        "reason": reason,
        "salt": hex0x(salt),
        "digest": hex0x(digest),
        "block": block(&done),
    }))
    .line(format!(
        "{relationship}: glass {} broken until {}, {}",
        broken.glass,
        time(broken.until),
        in_block(&done)
    ))
    .line(format!("keep for the review, with the reason as written: salt {}", hex0x(salt))))
}

pub async fn close(context: &Context, command: Close) -> anyhow::Result<Output> {
    let Close { relationship, glass } = command;
    let call = calls::permissions::close_glass(relationship, glass);
    let done = context.submit(&call, &context.key_in(relationship).await?).await?;
    let json = json!({
        "relationship": relationship.to_string(),
        "glass": glass.to_string(),
        "done": "closed",
        "block": block(&done),
    });
    Ok(Output::new(json).line(format!("{relationship}: glass {glass} closed, {}", in_block(&done))))
}

pub async fn list(context: &Context, command: Glasses) -> anyhow::Result<Output> {
    let state = context.chain().await?.finalised().await?;
    let now = state.timestamp().await?;
    let mut glasses = state.glasses(command.relationship).await?;
    // What has expired opens nothing, and only waits to be cleared away.
    glasses.retain(|glass| now < glass.until);
    let json = glasses.iter().map(|glass| {
        json!({
            "glass": glass.id.to_string(),
            "staff": glass.staff.to_string(),
            "from": glass.from,
            "until": glass.until,
        })
    });
    let output = Output::new(json.collect());
    let line = |glass: &Glass| {
        format!(
            "{:<8} broken by {} of member {} from {} until {}",
            glass.id.to_string(),
            glass.staff,
            glass.staff.member,
            time(glass.from),
            time(glass.until)
        )
    };
    Ok(if glasses.is_empty() {
        output.line("none is broken")
    } else {
        output.lines(glasses.iter().map(line))
    })
}

/// The digest that the chain gets: salt and reason, after a word that no other digest begins with.
pub(super) fn digest(salt: &[u8; 32], reason: &str) -> ReasonDigest {
    blake2_256(&[REASON_CONTEXT, salt, reason.as_bytes()].concat())
}

pub(super) fn fresh_salt() -> [u8; 32] {
    let mut salt = [0; 32];
    rand::rngs::OsRng.fill_bytes(&mut salt);
    salt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_should_depend_on_salt_and_reason_when_made() {
        let one = digest(&[1; 32], "unconscious");
        assert_eq!(one, digest(&[1; 32], "unconscious"));
        assert_ne!(one, digest(&[2; 32], "unconscious"));
        assert_ne!(one, digest(&[1; 32], "unconscious "));
        assert_ne!(fresh_salt(), fresh_salt());
    }
}
