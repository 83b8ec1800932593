//! `medrec link`: what somebody without a key may see, by a text or a QR code.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use medrec_policy::purpose::Purpose;
use medrec_primitives::{RelationshipId, Viewer};
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

use super::{
    args::{Address, When},
    context::Context,
    output::{pretty, time, Output},
    rules,
};
use crate::{
    gatekeeper::{shared, Access, Gatekeeper},
    messages::{LinkEntry, LinkRequest},
    share_link::Payload,
    KeyPair,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a link and grant it something
    Make(Box<Make>),
    /// List the links of a relationship
    List(List),
    /// End a link: take back what it was granted, and have the gatekeeper forget it
    End(End),
    /// Open a link that you were given
    Open(Open),
}

/// Make a link and grant it something.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec link make r0-3 --until +7d --scope 'patient/Observation.rs?category=laboratory' --purpose TREAT
  medrec link make r0-3 --until +1d --scope 'patient/*.rs' --purpose TREAT --passcode 'blue horse' --label 'For Dr Ng'

Whoever holds the link sees what the grant covers, as the records are then, until it ends. Show it as a QR code, or send it; tell a
passcode by another way. medrec link end takes it all back.")]
pub struct Make {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// Until when, within 366 days: 2027-01-31, 2027-01-31T12:00:00Z, or +7d from now
    #[arg(long, value_name = "WHEN")]
    until: When,
    /// What whoever holds the link must be told besides, 4 to 64 characters. After ten wrong ones the link leads nowhere
    #[arg(long, value_name = "TEXT")]
    passcode: Option<String>,
    /// What it is, for whoever opens it. It stands in the link
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Lead to the file directly (flag U), for programs that cannot read a manifest. Without a passcode, and its opening is a plain GET
    #[arg(long, conflicts_with = "passcode")]
    direct: bool,
    #[command(flatten)]
    covers: rules::Covers,
}

/// List the links of a relationship.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec link list r0-3")]
pub struct List {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
}

/// End a link.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  medrec link end r0-3 5FHneW46...")]
pub struct End {
    /// The relationship, such as r0-3
    relationship: RelationshipId,
    /// The link's account, as make and list show it
    account: Address,
}

/// Open a link that you were given.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  medrec link open 'shlink:/eyJ1cmwi...' --recipient 'Dr Ng, Hillcrest'
  medrec link open 'shlink:/eyJ1cmwi...' --recipient 'Dr Ng, Hillcrest' --passcode 'blue horse'

Needs no key and no chain. The patient sees who says to have opened it.")]
pub struct Open {
    /// The link
    link: String,
    /// Who you are, for the patient to read
    #[arg(long, value_name = "NAME")]
    recipient: String,
    /// What you were told besides
    #[arg(long, value_name = "TEXT")]
    passcode: Option<String>,
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    match command {
        Command::Make(command) => make(context, *command).await,
        Command::List(command) => list(context, &command).await,
        Command::End(command) => end(context, &command).await,
        Command::Open(command) => open(&command).await,
    }
}

async fn make(context: &Context, command: Make) -> anyhow::Result<Output> {
    let Make { relationship, until, passcode, label, direct, covers } = command;
    let now = context.chain().await?.finalised().await?.timestamp().await?;
    let expires = until.rounded(now);
    let (gatekeeper, key) = own(context, relationship).await?;
    let purpose =
        covers.purpose().context("add --purpose TREAT, or another: what whoever opens the link reads for")?;
    let request = LinkRequest {
        patient: relationship.to_string(),
        purpose: purpose.to_string(),
        expires,
        passcode,
        label,
        direct,
    };
    let made = gatekeeper.make_link(&access(&key), &request).await?;
    let account = made.account.parse::<Address>().map_err(anyhow::Error::msg)?;
    let granted = rules::grant_until(context, relationship, account.clone(), expires, covers).await;
    let granted = match granted {
        Ok(granted) => granted,
        Err(error) => {
            // A link that shows nothing is of no use. That it could not be ended is less than why it was granted nothing.
            let _ = gatekeeper.end_link(&access(&key), relationship, &account.0).await;
            return Err(error);
        }
    };
    let json = json!({
        "relationship": relationship.to_string(),
        "account": made.account,
        "rule": granted,
        "expires": expires,
        "link": made.link,
    });
    Ok(Output::new(json).line(made.link).note(format!(
        "{relationship}: rule {granted} lets whoever holds this link read for {purpose} until {}",
        time(expires)
    )))
}

async fn list(context: &Context, command: &List) -> anyhow::Result<Output> {
    let (gatekeeper, key) = own(context, command.relationship).await?;
    let found = gatekeeper.links(&access(&key), command.relationship).await?;
    let output = Output::new(serde_json::to_value(&found)?);
    Ok(match found.links.is_empty() {
        true => output.line("there are no links"),
        false => output.lines(found.links.iter().map(line)),
    })
}

async fn end(context: &Context, command: &End) -> anyhow::Result<Output> {
    // First on chain: what is revoked there shows nothing, whatever becomes of the gatekeeper's store.
    rules::revoke_whatever(context, command.relationship, Viewer::Key(command.account.0.clone())).await?;
    let (gatekeeper, key) = own(context, command.relationship).await?;
    gatekeeper.end_link(&access(&key), command.relationship, &command.account.0).await?;
    let account = command.account.0.to_ss58check();
    let json =
        json!({ "relationship": command.relationship.to_string(), "account": account, "done": "ended" });
    Ok(Output::new(json).line(format!("{}: the link of {account} leads nowhere now", command.relationship)))
}

async fn open(command: &Open) -> anyhow::Result<Output> {
    let link = Payload::parse(&command.link)?;
    let files = shared::open(&link, &command.recipient, command.passcode.as_deref()).await?;
    let files = files.iter().map(|file| serde_json::from_slice(file)).collect::<Result<Vec<Value>, _>>()?;
    let lines: Vec<String> = files.iter().map(pretty).collect();
    let output = Output::new(Value::Array(files)).lines(lines);
    Ok(match &link.label {
        Some(label) => output.note(super::output::printable(label.as_bytes())),
        None => output,
    })
}

async fn own(context: &Context, relationship: RelationshipId) -> anyhow::Result<(Gatekeeper, KeyPair)> {
    let key = context.key_in(relationship).await?;
    Ok((context.gatekeeper(relationship.member).await?, key))
}

fn access(key: &KeyPair) -> Access<'_> {
    Access::Signed { key, purpose: Purpose::PatientRequest }
}

fn line(link: &LinkEntry) -> String {
    let passcode = match link.tries_left {
        None => String::new(),
        Some(0) => ", closed by wrong passcodes".to_owned(),
        Some(left) => format!(", with a passcode, {left} wrong ones left"),
    };
    format!(
        "{} for {} from {} until {}{passcode}",
        link.account,
        link.purpose,
        time(link.made),
        time(link.expires)
    )
}
