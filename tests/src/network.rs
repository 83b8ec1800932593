//! A development chain with two admitted providers, each with a gatekeeper in front of its database.
//!
//! [`Network::start`] does all of it at once, for tests; the demo takes the steps one by one and tells of them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{bail, Context, Result};
use medrec_client::{
    chain::{calls, events, Chain, Submitted, Wait},
    gatekeeper as http,
    keys::{KeyPair, KeyType},
};
use medrec_primitives::{MemberId, MemberRole, RelationshipId, RelationshipStatus};

use crate::{
    canaries::{self, Canaries, Scanned},
    examples::Examples,
    gatekeeper::{Gatekeeper, GatekeeperOptions},
    hospitals::{Filled, Hospital},
    node::{Node, NodeOptions},
    scratch::Scratch,
};

/// A unit of the development chain's token.
pub const UNIT: u128 = 1_000_000_000_000;

/// What a hospital sets aside for fees, and as much for deposits.
pub const FUNDS: u128 = 1_000 * UNIT;

/// The council of the preset `development`.
pub const COUNCIL: [&str; 3] = ["//Alice", "//Bob", "//Charlie"];

/// How a network is started.
#[derive(Clone, Debug)]
pub struct NetworkOptions {
    /// Names its folder.
    pub name: String,
    /// The node.
    pub node: NodeOptions,
    /// The gatekeepers' ports; any free ones where `None`.
    pub ports: Option<[u16; 2]>,
    /// Settings of both gatekeepers, see [`GatekeeperOptions::settings`].
    pub settings: BTreeMap<(String, String), String>,
}

impl NetworkOptions {
    /// The usual one for tests: blocks each second, free ports.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), node: NodeOptions::default(), ports: None, settings: BTreeMap::new() }
    }

    /// With this setting in both gatekeepers' configurations; `value` as TOML spells it.
    pub fn with(mut self, section: &str, key: &str, value: impl Into<String>) -> Self {
        self.settings.insert((section.to_owned(), key.to_owned()), value.into());
        self
    }
}

/// A hospital's part of a network.
pub struct Provider {
    /// Which hospital.
    pub hospital: Hospital,
    /// Signs for it on chain.
    pub key: KeyPair,
    /// Its number on chain, once it has applied.
    pub member: MemberId,
    /// Its database.
    pub database: PathBuf,
    /// What was filled into it.
    pub filled: Filled,
    /// Its gatekeeper.
    pub gatekeeper: Gatekeeper,
}

/// All of it.
pub struct Network {
    /// Dropped after everything that runs in it.
    providers: Vec<Provider>,
    /// A connection to the node.
    pub chain: Chain,
    /// The node.
    pub node: Node,
    /// Where everything is kept.
    pub scratch: Arc<Scratch>,
}

impl Network {
    /// Starts node and gatekeepers, fills the databases, has both providers admitted.
    pub async fn start(options: NetworkOptions) -> Result<Self> {
        let mut network = Self::prepare(options).await?;
        for hospital in Hospital::ALL {
            network.apply(hospital).await?;
            network.fund(hospital).await?;
            network.admit(hospital).await?;
        }
        for hospital in Hospital::ALL {
            network.provider_mut(hospital).gatekeeper.start().await?;
        }
        Ok(network)
    }

    /// Starts the node, fills the databases, has the gatekeepers make their keys. Nobody has applied yet.
    pub async fn prepare(options: NetworkOptions) -> Result<Self> {
        let scratch = Scratch::new(&options.name)?;
        let prepared = Self::prepare_in(scratch.clone(), options).await;
        if prepared.is_err() {
            scratch.keep();
        }
        prepared
    }

    async fn prepare_in(scratch: Arc<Scratch>, options: NetworkOptions) -> Result<Self> {
        let node = Node::start(&scratch, options.node.clone()).await?;
        let chain = Chain::connect(&node.url()).await?;
        let examples = Examples::load()?;
        let mut providers = Vec::new();
        for (index, hospital) in Hospital::ALL.into_iter().enumerate() {
            let database = scratch.join(format!("{}.sqlite", hospital.slug()));
            let filled = hospital.fill(&examples, &database).await?;
            let gatekeeper = Gatekeeper::init(
                &scratch,
                GatekeeperOptions {
                    name: hospital.slug().to_owned(),
                    chain_url: node.url(),
                    database_url: format!("sqlite:{}", database.display()),
                    mapping: hospital.mapping().to_owned(),
                    port: options.ports.map(|ports| ports[index]),
                    settings: options.settings.clone(),
                },
            )?;
            let key = dev_key(hospital.account())?;
            providers.push(Provider { hospital, key, member: MemberId::MAX, database, filled, gatekeeper });
        }
        Ok(Self { providers, chain, node, scratch })
    }

    /// A hospital's part.
    pub fn provider(&self, hospital: Hospital) -> &Provider {
        self.providers.iter().find(|provider| provider.hospital == hospital).expect("there is one of each")
    }

    /// A hospital's part, to change it.
    pub fn provider_mut(&mut self, hospital: Hospital) -> &mut Provider {
        self.providers
            .iter_mut()
            .find(|provider| provider.hospital == hospital)
            .expect("there is one of each")
    }

    /// Has every gatekeeper serve the built page of this folder from its next start on, and lets each one's page ask the others.
    pub fn serve_page(&mut self, page: &Path) -> Result<()> {
        let urls: Vec<String> = self.providers.iter().map(|provider| provider.gatekeeper.url()).collect();
        let node = self.node.url();
        for provider in &mut self.providers {
            let own = provider.gatekeeper.url();
            let others: Vec<&String> = urls.iter().filter(|url| **url != own).collect();
            provider.gatekeeper.set("portal", "dir", &format!("{page:?}"))?;
            provider.gatekeeper.set("portal", "node", &format!("{node:?}"))?;
            provider.gatekeeper.set("cors", "origins", &format!("{others:?}"))?;
        }
        Ok(())
    }

    /// Applies for membership with the gatekeeper's public keys.
    pub async fn apply(&mut self, hospital: Hospital) -> Result<Submitted> {
        let chain = self.chain.clone();
        let provider = self.provider_mut(hospital);
        let public = &provider.gatekeeper.public;
        let url = provider.gatekeeper.url();
        let call = calls::registry::apply(
            MemberRole::Provider,
            hospital.name(),
            &url,
            &public.account,
            public.sealing,
        );
        let applied = chain.submit(&call, &provider.key, Wait::Finalised).await.context("apply")?;
        provider.member = applied.expect::<events::Applied>()?.member;
        Ok(applied)
    }

    /// Pays for what providers pay: the fees of the gatekeeper's own calls, the deposits of relationships.
    pub async fn fund(&self, hospital: Hospital) -> Result<()> {
        let provider = self.provider(hospital);
        let deposits = calls::balances::deposit_account(provider.member);
        for account in [&provider.gatekeeper.public.account, &deposits] {
            let call = calls::balances::transfer_keep_alive(account, FUNDS);
            self.chain.submit(&call, &provider.key, Wait::InBlock).await.context("a transfer")?;
        }
        Ok(())
    }

    /// Has the council admit a hospital.
    pub async fn admit(&self, hospital: Hospital) -> Result<Submitted> {
        self.council_carries(&calls::registry::admit(self.provider(hospital).member)).await.context("admit")
    }

    /// Has the whole council vote for a call.
    pub async fn council_carries(&self, call: &calls::Call) -> Result<Submitted> {
        let council = COUNCIL.into_iter().map(dev_key).collect::<Result<Vec<_>>>()?;
        Ok(self.chain.carry(call, &council).await?)
    }

    /// A client for a hospital's gatekeeper, with the address and key that the chain names.
    pub async fn gatekeeper(&self, hospital: Hospital) -> Result<http::Gatekeeper> {
        let member = self.provider(hospital).member;
        Ok(http::Gatekeeper::of_member(&self.chain.finalised().await?, self.chain.genesis(), member).await?)
    }

    /// Enrols the patient with this record number: ticket, proof, proposal. Not accepted yet.
    pub async fn enrol(
        &self,
        hospital: Hospital,
        record_number: &str,
        patient: &KeyPair,
    ) -> Result<RelationshipId> {
        let ticket = self.provider(hospital).gatekeeper.ticket(record_number)?;
        let enrolment = self.gatekeeper(hospital).await?.enrol(patient, &ticket).await.context("enrol")?;
        let relationship = enrolment.relationship.parse().map_err(|error| anyhow::anyhow!("{error}"))?;
        self.wait_for_status(relationship, RelationshipStatus::Proposed).await?;
        Ok(relationship)
    }

    /// Enrols and accepts.
    pub async fn enrol_and_accept(
        &self,
        hospital: Hospital,
        record_number: &str,
        patient: &KeyPair,
    ) -> Result<RelationshipId> {
        let relationship = self.enrol(hospital, record_number, patient).await?;
        let call = calls::relationships::accept(relationship);
        self.chain.submit(&call, patient, Wait::Finalised).await.context("accept")?;
        Ok(relationship)
    }

    /// Everything that names a patient or an illness in the hospitals' databases, in all its disguises.
    pub async fn canaries(&self) -> Result<Canaries> {
        let mut texts = Vec::new();
        for Provider { hospital, database, .. } in &self.providers {
            texts.extend(canaries::of_columns(database, hospital.telling_columns()).await?);
        }
        Ok(Canaries::new(texts))
    }

    /// Looks through all that this network has left behind: nothing of the databases may be there. Its node must have been
    /// started with [`canaries::KEEP_STATES`].
    pub async fn shows_nothing(&self) -> Result<Scanned> {
        let gatekeepers = self.providers.iter().map(|provider| &provider.gatekeeper);
        self.canaries().await?.scan(&self.node, &self.scratch, gatekeepers).await
    }

    /// Waits until the finalised chain shows this status.
    pub async fn wait_for_status(
        &self,
        relationship: RelationshipId,
        status: RelationshipStatus,
    ) -> Result<()> {
        for _ in 0..60 {
            let found = self.chain.finalised().await?.relationship(relationship).await?;
            if found.is_some_and(|(_, found)| found == status) {
                return Ok(());
            }
            self.node.wait_blocks(1).await?;
        }
        bail!("{relationship} is not {status:?} after 60 blocks")
    }
}

/// The sr25519 key of a secret URI, such as a development account's `//Alice`.
pub fn dev_key(suri: &str) -> Result<KeyPair> {
    Ok(KeyPair::from_suri(suri, KeyType::Sr25519)?)
}
