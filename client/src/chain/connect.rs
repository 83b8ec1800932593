//! Connecting to a node.

use std::{sync::Arc, time::Duration};

use codec::DecodeAll;
use sp_core::H256;
use subxt::{
    backend::LegacyBackend,
    config::RpcConfigFor,
    rpcs::{rpc_params, LegacyRpcMethods, RpcClient},
    OnlineClient, SubstrateConfig,
};

use super::{
    error::{rpc_words, ChainError},
    state::block_hash_key,
    submit::Nonces,
};

/// The kind of chain that subxt is told it talks to.
pub type Connection = OnlineClient<SubstrateConfig>;

/// The node's JSON-RPC methods.
pub type Rpc = LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to a node. Cheap to clone; does not reconnect by itself.
#[derive(Clone, Debug)]
pub struct Chain {
    pub(super) client: Connection,
    pub(super) rpc: Rpc,
    rpc_client: RpcClient,
    genesis: H256,
    /// Held from asking for a nonce until the pool has it, so that transactions sent side by side get different ones.
    pub(super) one_at_a_time: Arc<tokio::sync::Mutex<()>>,
    pub(super) nonces: Nonces,
}

impl Chain {
    /// Connects to a node on this machine (`ws://`) or over an encrypted connection (`wss://`).
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        match subxt::rpcs::utils::url_is_secure(url) {
            Ok(true) => Self::connect_unencrypted(url).await,
            Ok(false) => Err(ChainError::Insecure { url: url.into() }),
            Err(error) => Err(ChainError::Unreachable { url: url.into(), reason: rpc_words(&error) }),
        }
    }

    /// Connects to a node at any address: for networks in which nobody else can answer.
    pub async fn connect_unencrypted(url: &str) -> Result<Self, ChainError> {
        crate::gatekeeper::install_crypto();
        let unreachable = |reason: String| ChainError::Unreachable { url: url.into(), reason };
        let client = tokio::time::timeout(CONNECT_TIMEOUT, RpcClient::from_insecure_url(url))
            .await
            .map_err(|_| unreachable(format!("no answer in {} s", CONNECT_TIMEOUT.as_secs())))?
            .map_err(|error| unreachable(rpc_words(&error)))?;
        Self::over(client).await
    }

    /// Uses a JSON-RPC client of the caller's.
    pub async fn over(rpc_client: RpcClient) -> Result<Self, ChainError> {
        let backend = LegacyBackend::builder().build(rpc_client.clone());
        let client = OnlineClient::from_backend_with_config(SubstrateConfig::new(), Arc::new(backend))
            .await
            .map_err(|error| ChainError::Rpc { what: "for its genesis".into(), reason: error.to_string() })?;
        let genesis = client.genesis_hash();
        let rpc = LegacyRpcMethods::new(rpc_client.clone());
        Ok(Self {
            client,
            rpc,
            rpc_client,
            genesis,
            one_at_a_time: Arc::default(),
            nonces: Nonces::default(),
        })
    }

    /// The chain's genesis hash, which tells it from all others.
    pub fn genesis(&self) -> H256 {
        self.genesis
    }

    /// Refuses a node that follows another chain.
    pub fn expect_genesis(&self, expected: H256) -> Result<(), ChainError> {
        (self.genesis == expected)
            .then_some(())
            .ok_or(ChainError::OtherChain { expected, found: self.genesis })
    }

    /// The node's JSON-RPC client, for what this library does not wrap.
    pub fn rpc_client(&self) -> &RpcClient {
        &self.rpc_client
    }

    /// The subxt client beneath.
    pub fn connection(&self) -> &Connection {
        &self.client
    }

    /// The finalised head's hash.
    pub async fn finalised_head(&self) -> Result<H256, ChainError> {
        self.rpc
            .chain_get_finalized_head()
            .await
            .map_err(|error| ChainError::rpc("for its finalised head", &error))
    }

    /// The best block's hash.
    pub async fn best_head(&self) -> Result<H256, ChainError> {
        let head = self
            .rpc
            .chain_get_block_hash(None)
            .await
            .map_err(|error| ChainError::rpc("for its head", &error))?;
        head.ok_or_else(|| ChainError::undecodable("its head", "no block at all"))
    }

    /// The number of a block.
    pub async fn number(&self, block: H256) -> Result<u64, ChainError> {
        let header = self.rpc.chain_get_header(Some(block)).await;
        let header = header.map_err(|error| ChainError::rpc("for a header", &error))?;
        let header = header.ok_or_else(|| ChainError::undecodable("a header", "there is no such block"))?;
        Ok(header.number)
    }

    /// The hash of the block of this number on the best chain; of a finalised one on any. A light client knows those of the last 4,096
    /// finalised blocks.
    pub async fn hash_of(&self, number: u64) -> Result<Option<H256>, ChainError> {
        let beyond = |_| ChainError::undecodable("a block", "its number is beyond bounds");
        let number = u32::try_from(number).map_err(beyond)?;
        let found = self.rpc.chain_get_block_hash(Some(number.into())).await;
        match found.map_err(|error| ChainError::rpc("for a block's hash", &error))? {
            None => self.remembered_hash(number).await,
            found => Ok(found),
        }
    }

    /// The same as the state of the last finalised block remembers it: a light client keeps no list of blocks.
    async fn remembered_hash(&self, number: u32) -> Result<Option<H256>, ChainError> {
        let head = self.finalised_head().await?;
        if self.number(head).await? == u64::from(number) {
            return Ok(Some(head));
        }
        let found = self.rpc.state_get_storage(&block_hash_key(number), Some(head)).await;
        let found = found.map_err(|error| ChainError::rpc("for a block's hash", &error))?;
        found
            .map(|bytes| H256::decode_all(&mut bytes.as_slice()))
            .transpose()
            .map_err(|error| ChainError::undecodable("a block's hash", error))
    }

    /// Whether it is a light client that answers, which keeps no chain and cannot tell of old blocks.
    pub async fn is_light(&self) -> Result<bool, ChainError> {
        let roles: Result<Vec<String>, _> = self.rpc_client.request("system_nodeRoles", rpc_params![]).await;
        let roles = roles.map_err(|error| ChainError::rpc("for its role", &error))?;
        Ok(roles.iter().any(|role| role == "Light" || role == "LightClient"))
    }

    /// The number and hash of the block before `block`, or of `block` itself at the genesis.
    ///
    /// A transaction that is born there is valid on every node that knows `block`, and on those that are one behind.
    pub(super) async fn birth(&self, block: H256) -> Result<(u64, H256), ChainError> {
        let header = self
            .rpc
            .chain_get_header(Some(block))
            .await
            .map_err(|error| ChainError::rpc("for a header", &error))?
            .ok_or_else(|| ChainError::undecodable("its finalised head", "there is no such block"))?;
        Ok(match header.number.checked_sub(1) {
            Some(number) => (number, header.parent_hash),
            None => (0, block),
        })
    }
}
