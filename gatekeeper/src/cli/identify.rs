//! Which chain and which member this gatekeeper belongs to: from the configuration, from its store, or found once and then
//! remembered.

use anyhow::{bail, Context};
use medrec_primitives::MemberId;

use crate::{chain::Hash, config::Config, keys::Secrets, store::Store};

/// Where a gatekeeper belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The chain.
    pub genesis: Hash,
    /// The member.
    pub member: MemberId,
}

/// Finds out, and remembers. Asks the node only for what is not known yet.
pub async fn identify(config: &Config, secrets: &Secrets, store: &Store) -> anyhow::Result<Identity> {
    let known = (store.genesis().await?, store.member().await?);
    if let (Some(kept), Some(configured)) = (known.0, config.chain.genesis) {
        if kept != configured {
            bail!("this store belongs to the chain {kept:#x}, the configuration names {configured:#x}");
        }
    }
    if let (Some(kept), Some(configured)) = (known.1, config.gatekeeper.member) {
        if kept != configured {
            bail!("this store belongs to member {kept}, the configuration names {configured}");
        }
    }
    let (genesis, member) = (config.chain.genesis.or(known.0), config.gatekeeper.member.or(known.1));
    let identity = match (genesis, member) {
        (Some(genesis), Some(member)) => Identity { genesis, member },
        (genesis, member) => ask(config, secrets, genesis, member).await?,
    };
    if known.0.is_none() {
        store.set_genesis(identity.genesis).await?;
    }
    if known.1.is_none() {
        store.set_member(identity.member).await?;
    }
    Ok(identity)
}

async fn ask(
    config: &Config,
    secrets: &Secrets,
    genesis: Option<Hash>,
    member: Option<MemberId>,
) -> anyhow::Result<Identity> {
    let chain = config.chain.nodes().connect(genesis).await?;
    let member = match member {
        Some(member) => member,
        None => {
            let members = chain.finalised().await?.all_members().await?;
            let account = secrets.signing.account();
            let own = members.into_iter().find(|(_, member)| member.gatekeeper == account);
            own.context("no member on this chain has this gatekeeper's key: apply for membership first, or set gatekeeper.member")?.0
        }
    };
    Ok(Identity { genesis: chain.genesis(), member })
}
