//! `medrec collator`: session keys of a node that makes blocks.

use anyhow::Context as _;
use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;

use super::{
    context::{address, Context},
    output::Output,
    relationships::{block, in_block},
};
use crate::chain::calls;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Have the node make new session keys, and name them on chain for the account of --key
    #[command(
        long_about = "Have the node make new session keys, and name them on chain for the account of --key.\n\n\
                      --node is the collator's own, from the same machine: others may not ask it for keys. The secrets stay in its \
                      keystore. They count from the session after the next on.",
        after_help = "Examples:\n  medrec --key @collator.key --node ws://127.0.0.1:9944 collator set-keys"
    )]
    SetKeys,
    /// Give the session keys of the account of --key up, and get the deposit back
    #[command(after_help = "Examples:\n  medrec --key @collator.key collator purge-keys")]
    PurgeKeys,
}

/// What `author_rotateKeysWithOwner` answers.
#[derive(Deserialize)]
struct Rotated {
    keys: String,
    proof: Option<String>,
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<Output> {
    let key = context.key()?;
    let who = address(&key.account());
    match command {
        Command::SetKeys => {
            let owner = crate::text::hex0x(key.account());
            let parameters = subxt::rpcs::rpc_params![owner];
            let rotated: Rotated = context
                .chain()
                .await?
                .rpc_client()
                .request("author_rotateKeysWithOwner", parameters)
                .await
                .context("the node makes no session keys: ask the collator's own, from its machine")?;
            let keys = decode(&rotated.keys)?;
            let proof = rotated.proof.as_deref().map(decode).transpose()?.unwrap_or_default();
            let done = context.submit(&calls::collators::set_keys(&keys, &proof), &key).await?;
            let json = json!({ "collator": who, "keys": rotated.keys, "block": block(&done) });
            Ok(Output::new(json)
                .line(format!("{who} makes blocks with {}, {}", rotated.keys, in_block(&done)))
                .line("once the council has let it, from the session after the next on"))
        }
        Command::PurgeKeys => {
            let done = context.submit(&calls::collators::purge_keys(), &key).await?;
            Ok(Output::new(json!({ "collator": who, "block": block(&done) }))
                .line(format!("{who} has no session keys any more, {}", in_block(&done))))
        }
    }
}

fn decode(text: &str) -> anyhow::Result<Vec<u8>> {
    hex::decode(text.trim_start_matches("0x")).with_context(|| format!("not hexadecimal digits: {text}"))
}
