//! `medrec emergency-card`, `medrec break-glass-offline`.

use anyhow::{ensure, Context as _};
use clap::Args;
use medrec_policy::purpose::Purpose;
use medrec_primitives::RelationshipId;
use serde_json::{json, Value};

use super::{
    context::Context,
    glass::{digest, fresh_salt},
    output::{pretty, time, Output},
};
use crate::{
    emergency::EmergencyCard,
    gatekeeper::{Access, Gatekeeper},
    text::hex0x,
};

/// Print the card that emergency staff need when the chain cannot be reached.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec emergency-card r0-3

The card names the hospital's gatekeeper, the key that it is known by, and the relationship. It opens nothing by itself. Carry it as text
or have any program make a QR code of it.")]
pub struct Card {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
}

/// Read the emergency summary while the chain cannot be reached.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec --key @er-doctor.key break-glass-offline 'medrec-card:v1:https%3A%2F%2Fhillcrest.example:...' --reason 'unconscious after a fall'
  medrec --key @er-doctor.key break-glass-offline 'medrec-card:v1:...' --record QF-7310 --reason 'wristband, no card of the patient'

For emergency staff. Needs no node. Works only while the gatekeeper cannot reach the chain either, and for some hours; shows allergies,
problems and medication, what the patient denied excepted. You sign the very transaction that breaks the glass on chain, which the
gatekeeper submits when it can: the patient is told, the consortium reviews it. Keep the reason and the salt that is printed.
With --record the card may be that of any patient of the hospital: the relationship is looked up by the record number, to the letter.")]
pub struct Break {
    /// The patient's card
    card: EmergencyCard,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The record number, instead of the relationship on the card
    #[arg(long, value_name = "NUMBER")]
    record: Option<String>,
}

pub async fn card(context: &Context, command: Card) -> anyhow::Result<Output> {
    let relationship = command.relationship;
    let card = context.gatekeeper(relationship.member).await?.card(relationship).to_string();
    Ok(Output::new(json!({ "relationship": relationship.to_string(), "card": card })).line(card))
}

pub async fn break_glass(context: &Context, command: Break) -> anyhow::Result<Output> {
    let Break { card, reason, record } = command;
    ensure!(!reason.trim().is_empty(), "say why: the consortium will ask");
    let (key, gatekeeper) = (context.key()?, Gatekeeper::of_card(&card)?);
    let relationship = match record {
        None => card.relationship,
        Some(record) => {
            let found = gatekeeper.find_in_emergency(&key, &record).await?.patient;
            found.parse().map_err(|error| anyhow::anyhow!("{found}: {error}"))?
        }
    };
    let salt = fresh_salt();
    let digest = digest(&salt, &reason);
    let broken = gatekeeper.break_glass(&key, relationship, &digest).await?;
    let (mut summary, mut lines) = (serde_json::Map::new(), Vec::new());
    for resource_type in &broken.types {
        let access = Access::Signed { key: &key, purpose: Purpose::EmergencyTreatment };
        let target = Gatekeeper::search_target(resource_type, relationship, &[]);
        // What a hospital does not serve is no reason to show nothing of the rest.
        let found: Value = match gatekeeper.get(&access, &target).await {
            Ok(answer) => answer.json().context("an answer")?,
            Err(error) => {
                lines.push(format!("{resource_type}: {error}"));
                continue;
            }
        };
        lines.push(pretty(&found));
        summary.insert(resource_type.clone(), found);
    }
    let output = Output::new(json!({
        "relationship": relationship.to_string(),
        "until": broken.until,
        "reason": reason,
        "salt": hex0x(salt),
        "digest": hex0x(digest),
        "summary": summary,
    }));
    Ok(output
        .lines(lines)
        .note(format!("{relationship}: open until {}; queued for the chain", time(broken.until)))
        .note(format!("keep for the review, with the reason as written: salt {}", hex0x(salt))))
}
