//! The light client itself: smoldot, with one relay chain and one parachain.
//!
//! Each connection has a [`Session`] of its own, so that subscriptions of one are nobody else's. All of them stand on the same two
//! synchronised chains.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::anyhow;
use smoldot_light::{
    platform::DefaultPlatform, AddChainConfig, AddChainConfigJsonRpc, AddChainError, ChainId, Client,
    HandleRpcError, JsonRpcResponses,
};

use crate::spec::Spec;

type Platform = Arc<DefaultPlatform>;

/// Requests of a connection that wait for their answers, at most.
const PENDING: NonZero<u32> = NonZero::new(128).expect("is not 0");

/// Subscriptions of a connection, at most: polkadot.js Apps opens hundreds.
const SUBSCRIPTIONS: u32 = 1_024;

/// Both chains. Cheap to clone.
#[derive(Clone)]
pub struct LightClient {
    client: Arc<Mutex<Client<Platform>>>,
    relay_chain: ChainId,
    parachain: Arc<Spec>,
}

impl LightClient {
    /// Starts to synchronise the relay chain. The parachain is synchronised for as long as there is a session.
    pub fn start(relay_chain: &Spec, parachain: Spec, kept: &str) -> anyhow::Result<(Self, Session)> {
        let platform = DefaultPlatform::new(env!("CARGO_PKG_NAME").into(), env!("CARGO_PKG_VERSION").into());
        let client = Arc::new(Mutex::new(Client::new(platform)));
        let session = Session::open(&client, relay_chain, kept, None)
            .map_err(|error| in_words("the relay chain", relay_chain, &error))?;
        Ok((Self { client, relay_chain: session.chain, parachain: Arc::new(parachain) }, session))
    }

    /// Asks the parachain, with `kept` of an earlier run. Takes seconds of computing on a busy machine: smoldot reads the specification again.
    pub fn session(&self, kept: &str) -> anyhow::Result<Session> {
        Session::open(&self.client, &self.parachain, kept, Some(self.relay_chain))
            .map_err(|error| in_words("the parachain", &self.parachain, &error))
    }
}

/// Questions to one of the chains, with their answers and subscriptions.
pub struct Session {
    client: Arc<Mutex<Client<Platform>>>,
    chain: ChainId,
    answers: JsonRpcResponses<Platform>,
}

/// So many requests wait for their answers that this one was not taken. It is given back.
#[derive(Debug)]
pub struct Busy(pub String);

impl Session {
    fn open(
        client: &Arc<Mutex<Client<Platform>>>,
        spec: &Spec,
        kept: &str,
        relay_chain: Option<ChainId>,
    ) -> Result<Self, AddChainError> {
        let added = lock(client).add_chain(AddChainConfig {
            user_data: (),
            specification: &spec.text,
            database_content: kept,
            potential_relay_chains: relay_chain.into_iter(),
            json_rpc: AddChainConfigJsonRpc::Enabled {
                max_pending_requests: PENDING,
                max_subscriptions: SUBSCRIPTIONS,
            },
            statement_protocol_config: None,
        })?;
        let answers = added.json_rpc_responses.expect("JSON-RPC is enabled");
        Ok(Self { client: client.clone(), chain: added.chain_id, answers })
    }

    /// Takes a JSON-RPC request.
    pub fn ask(&self, request: String) -> Result<(), Busy> {
        lock(&self.client)
            .json_rpc_request(request, self.chain)
            .map_err(|HandleRpcError::TooManyPendingRequests { json_rpc_request }| Busy(json_rpc_request))
    }

    /// The next answer or notification. May be dropped before it is there: none is lost by it.
    pub async fn next(&mut self) -> Option<String> {
        self.answers.next().await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let () = lock(&self.client).remove_chain(self.chain);
    }
}

/// What smoldot says, with what is behind it where that is known.
fn in_words(chain: &str, spec: &Spec, error: &AddChainError) -> anyhow::Error {
    let said = error.to_string();
    let hint = match said.contains("RuntimeVersionDecode") {
        true => "its runtime has a `system_version` above 1, which smoldot does not read: ",
        false => "",
    };
    anyhow!("{chain} {}: {hint}{said}", spec.id)
}

fn lock(client: &Mutex<Client<Platform>>) -> MutexGuard<'_, Client<Platform>> {
    client.lock().unwrap_or_else(PoisonError::into_inner)
}
