//! Follows a node by `chainHead_v1_follow` and asks it by `state_call`.
//!
//! Whatever goes wrong ends the subscription: from that moment there are no heads and every decision refuses, until a
//! new subscription has shown finality move. A node of another chain, or one whose finalised chain is not the one
//! followed before, is never relied on.
//!
//! Where further nodes stand in for the gatekeeper's own, the next one is followed when one is lost or its finality stands still,
//! and its own again when that is back. What is known of the chain stays: blocks of all of them are judged by the same rules, and
//! in the moment between two there are no heads.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use codec::{DecodeAll, Encode};
use medrec_client::chain::{
    block_hash_key,
    custody::{handover_key, rekey_key, Custody},
    staff::{staff_id_key, staff_key},
    storage_key,
};
use medrec_primitives::{
    AccessRequest, AccountId, Facts, Member, MemberId, Moment, RelationshipId, RelationshipStatus, RequestId,
    SealingKey, SealingKeyId, Staff, StaffFacts, StaffId,
};
use subxt::{
    config::{Header, RpcConfigFor},
    rpcs::{
        methods::chain_head::{Finalized, FollowEvent, FollowSubscription, Initialized, NewBlock},
        rpc_params, ChainHeadRpcMethods, LegacyRpcMethods, RpcClient,
    },
    PolkadotConfig,
};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    nodes::Nodes,
    tree::{BlockTree, Contradiction},
    ChainError, ChainState, Hash, Head, Heads, Source,
};
use crate::clock::{Now, Time};

type Rpc = RpcConfigFor<PolkadotConfig>;

/// Without any event for this long, the node is asked whether it is still there.
const QUIET: Duration = Duration::from_secs(20);

/// Between attempts to connect.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Between looks at whether the gatekeeper's own node is back.
const RETURN: Duration = Duration::from_secs(30);

/// A node that has told of a block and cannot yet answer about it is asked again after this time.
const AGAIN: Duration = Duration::from_millis(200);

/// The blocks whose hashes a state remembers.
const REMEMBERED: u64 = 4_096;

/// So many headers are walked back through, at most, to a block that was relied on before: more than a day of blocks.
const LONGEST_WALK: u64 = 20_000;

/// Answers kept for the current heads, at most.
pub const CACHED_FACTS: usize = 20_000;

/// What is known of the chain right now.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The states to decide on.
    pub heads: Option<Arc<Heads>>,
    /// The highest finalised block ever relied on.
    pub floor: Option<(u64, Hash)>,
    /// Why there are no heads, in words for the operator.
    pub problem: Option<String>,
    /// What is followed.
    pub source: Option<Source>,
}

/// Why a subscription ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the node is on another chain: genesis {found:#x}, expected {expected:#x}")]
    OtherChain { found: Hash, expected: Hash },
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    #[error("the node ended the subscription")]
    Stopped,
    #[error("the node tells of a block without its parent")]
    Gap,
    #[error("the node's finality stands still; trying the next")]
    StandsStill,
    #[error("the gatekeeper's own node is back")]
    OwnIsBack,
    #[error(
        "block {0}, which was final before, is too far back for a light client to show that it is on the same chain: \
         let the gatekeeper follow a full node once"
    )]
    TooFar(u64),
    #[error(transparent)]
    Chain(#[from] ChainError),
}

type FactsKey = (Hash, RelationshipId, AccountId);

struct Shared {
    nodes: Arc<Nodes>,
    genesis: Hash,
    timeout: Duration,
    /// Without finality moving for this long, the next node is tried.
    patience: Duration,
    time: Arc<dyn Time>,
    view: watch::Sender<View>,
    connection: RwLock<Option<LegacyRpcMethods<Rpc>>>,
    /// Facts at a block never change, so they are asked for once per block.
    facts: Mutex<HashMap<FactsKey, Option<Facts>>>,
}

/// A chain behind the WebSocket addresses of its nodes.
pub struct Follower {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Asks a node which chain it is on.
pub async fn genesis_of(url: &str, timeout: Duration) -> Result<Hash, ChainError> {
    let client = connect(url, timeout).await?;
    within(timeout, ChainHeadRpcMethods::<Rpc>::new(client).chainspec_v1_genesis_hash()).await
}

impl Follower {
    /// Starts to follow. `floor` is the last finalised block that an earlier run relied on. An answer may take `timeout`; the next node is
    /// tried when finality has stood still for `patience`.
    pub fn start(
        nodes: Arc<Nodes>,
        genesis: Hash,
        floor: Option<(u64, Hash)>,
        (timeout, patience): (Duration, Duration),
        time: Arc<dyn Time>,
    ) -> Self {
        let view = watch::Sender::new(View { floor, ..View::default() });
        let shared = Arc::new(Shared {
            nodes,
            genesis,
            timeout,
            patience,
            time,
            view,
            connection: RwLock::default(),
            facts: Mutex::default(),
        });
        let task = tokio::spawn(follow_for_ever(shared.clone(), BlockTree::with_floor(floor)));
        Self { shared, task }
    }

    /// Tells of every change of what is known.
    pub fn watch(&self) -> watch::Receiver<View> {
        self.shared.view.subscribe()
    }

    async fn call<T: DecodeAll>(
        &self,
        at: Hash,
        function: &str,
        arguments: Vec<u8>,
    ) -> Result<T, ChainError> {
        let connection = self.shared.connection.read().unwrap_or_else(PoisonError::into_inner).clone();
        let connection = connection.ok_or(ChainError::NotReady)?;
        let bytes =
            within(self.shared.timeout, connection.state_call(function, Some(&arguments), Some(at))).await?;
        T::decode_all(&mut bytes.as_slice())
            .map_err(|error| ChainError::Answer(format!("{function}: {error}")))
    }

    async fn stored<T: DecodeAll>(&self, at: Hash, key: &[u8]) -> Result<Option<T>, ChainError> {
        let connection = self.shared.connection.read().unwrap_or_else(PoisonError::into_inner).clone();
        let connection = connection.ok_or(ChainError::NotReady)?;
        let bytes = within(self.shared.timeout, connection.state_get_storage(key, Some(at))).await?;
        bytes
            .map(|bytes| T::decode_all(&mut bytes.as_slice()))
            .transpose()
            .map_err(|error| ChainError::Answer(format!("storage: {error}")))
    }
}

async fn follow_for_ever(shared: Arc<Shared>, mut tree: BlockTree) {
    let (mut pause, mut place) = (SHORTEST_PAUSE, 0);
    loop {
        let started = shared.time.now().monotonic;
        let ended = shared.follow(&mut tree, place).await;
        shared.disconnect(&tree, ended.to_string());
        let url = shared.nodes.url(place);
        match &ended {
            Ended::OtherChain { .. } | Ended::Contradiction(_) | Ended::TooFar(_) => {
                tracing::error!(reason = %ended, url, "the node cannot be relied on; every request is refused");
            }
            Ended::OwnIsBack => tracing::info!(url, "leaving what stood in: {ended}"),
            _ => {
                tracing::warn!(reason = %ended, url, "lost the chain; every request is refused until it is back")
            }
        }
        place = match &ended {
            Ended::OwnIsBack => 0,
            _ => shared.nodes.after(place),
        };
        // What held for a while is tried again at once.
        if started.elapsed() > LONGEST_PAUSE {
            pause = SHORTEST_PAUSE;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Shared {
    /// Follows a node until something goes wrong.
    async fn follow(&self, tree: &mut BlockTree, place: usize) -> Ended {
        match self.try_follow(tree, place).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn try_follow(
        &self,
        tree: &mut BlockTree,
        place: usize,
    ) -> Result<std::convert::Infallible, Ended> {
        let client = connect(self.nodes.url(place), self.timeout).await?;
        let methods = ChainHeadRpcMethods::<Rpc>::new(client.clone());
        let legacy = LegacyRpcMethods::<Rpc>::new(client.clone());
        let found = within(self.timeout, methods.chainspec_v1_genesis_hash()).await?;
        if found != self.genesis {
            return Err(Ended::OtherChain { found, expected: self.genesis });
        }
        let mut subscription = within(self.timeout, methods.chainhead_v1_follow(false)).await?;
        let id: String = subscription
            .subscription_id()
            .ok_or_else(|| ChainError::Answer("a subscription without an identifier".into()))?
            .into();
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = Some(legacy.clone());
        let source = Source { stand_in: place != 0, light: self.is_light(&client).await };
        if place != 0 || source.light {
            let url = self.nodes.url(place);
            tracing::info!(url, stand_in = source.stand_in, light_client = source.light, "following");
        }
        self.nodes.choose(place);
        let session = Session { shared: self, methods, legacy, id };
        let own_is_back = self.own_is_back(place);
        tokio::pin!(own_is_back);
        let mut moved = tokio::time::Instant::now();
        loop {
            let event = tokio::select! {
                event = session.next(&mut subscription) => event?,
                () = &mut own_is_back => return Err(Ended::OwnIsBack),
                () = tokio::time::sleep_until(moved + self.patience), if self.nodes.urls().len() > 1 => {
                    return Err(Ended::StandsStill)
                }
            };
            let now = self.time.now();
            let unpin = match event {
                FollowEvent::Initialized(event) => session.initialised(tree, event, now).await?,
                FollowEvent::NewBlock(event) => session.new_block(tree, event, now).await?,
                FollowEvent::Finalized(event) => {
                    moved = tokio::time::Instant::now();
                    Session::finalised(tree, event, now)?
                }
                FollowEvent::Stop => return Err(Ended::Stopped),
                // The best block is a leaf like any other; operations are never started.
                _ => continue,
            };
            self.publish(tree, source);
            session.unpin(unpin);
        }
    }

    async fn is_light(&self, client: &RpcClient) -> bool {
        let roles = client.request::<Vec<String>>("system_nodeRoles", rpc_params![]);
        within(self.timeout, roles)
            .await
            .is_ok_and(|roles| roles.iter().any(|role| role.starts_with("Light")))
    }

    /// Ends when the gatekeeper's own node holds final what was final here, while another one stands in for it.
    async fn own_is_back(&self, place: usize) {
        if place == 0 {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(RETURN).await;
            let final_here = self.view.borrow().floor.map_or(0, |(number, _)| number);
            if self.own_number().await.is_ok_and(|number| number >= final_here) {
                return;
            }
        }
    }

    /// What the gatekeeper's own node holds final.
    async fn own_number(&self) -> Result<u64, ChainError> {
        let client = connect(self.nodes.url(0), self.timeout).await?;
        let methods = ChainHeadRpcMethods::<Rpc>::new(client.clone());
        if within(self.timeout, methods.chainspec_v1_genesis_hash()).await? != self.genesis {
            return Err(ChainError::Answer("the node is on another chain".into()));
        }
        let legacy = LegacyRpcMethods::<Rpc>::new(client);
        let head = within(self.timeout, legacy.chain_get_finalized_head()).await?;
        let header = within(self.timeout, legacy.chain_get_header(Some(head))).await?;
        Ok(header.ok_or_else(|| ChainError::Answer("no finalised header".into()))?.number())
    }

    fn publish(&self, tree: &BlockTree, source: Source) {
        let heads = tree.heads().map(Arc::new);
        let problem = match (&heads, tree.finalised(), tree.floor()) {
            (Some(_), _, _) => None,
            (None, Some(finalised), Some((number, _))) if finalised.number < number => Some(format!(
                "the node is at finalised block {}, behind block {number} which was final before",
                finalised.number
            )),
            _ => Some("waiting to see finality move".into()),
        };
        {
            let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
            match &heads {
                Some(heads) => facts.retain(|(at, _, _), _| heads.all().any(|head| head.hash == *at)),
                None => facts.clear(),
            }
        }
        self.view.send_replace(View { heads, floor: tree.floor(), problem, source: Some(source) });
    }

    /// There are no heads until [`Self::publish`] says what they are.
    fn hold(&self, problem: &str) {
        self.view.send_modify(|view| {
            view.heads = None;
            view.problem = Some(problem.into());
        });
    }

    fn disconnect(&self, tree: &BlockTree, problem: String) {
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.view.send_replace(View { floor: tree.floor(), problem: Some(problem), ..View::default() });
    }
}

/// One subscription.
struct Session<'a> {
    shared: &'a Shared,
    methods: ChainHeadRpcMethods<Rpc>,
    legacy: LegacyRpcMethods<Rpc>,
    id: String,
}

impl Session<'_> {
    async fn next(&self, subscription: &mut FollowSubscription<Hash>) -> Result<FollowEvent<Hash>, Ended> {
        loop {
            match tokio::time::timeout(QUIET, subscription.next()).await {
                Ok(Some(Ok(event))) => return Ok(event),
                Ok(Some(Err(error))) => return Err(ChainError::Node(error.to_string()).into()),
                Ok(None) => return Err(Ended::Stopped),
                // A dead connection is silent too.
                Err(_) => {
                    within(self.shared.timeout, self.methods.chainspec_v1_genesis_hash()).await?;
                }
            }
        }
    }

    async fn initialised(
        &self,
        tree: &mut BlockTree,
        event: Initialized<Hash>,
        now: Now,
    ) -> Result<Vec<Hash>, Ended> {
        let mut hashes = event.finalized_block_hashes;
        let hash = hashes.pop().ok_or_else(|| ChainError::Answer("no finalised block".into()))?;
        let header = within(self.shared.timeout, self.methods.chainhead_v1_header(&self.id, hash)).await?;
        let number = header.ok_or_else(|| ChainError::Answer("no finalised header".into()))?.number();
        if let Some((floor, known)) = tree.floor() {
            if number >= floor && self.hash_below((number, hash), floor).await? != Some(known) {
                return Err(Contradiction { number: floor }.into());
            }
        }
        let timestamp = self.timestamp(hash).await?;
        tree.start(Head { hash, number, timestamp, imported: now.monotonic })?;
        Ok(hashes)
    }

    async fn new_block(
        &self,
        tree: &mut BlockTree,
        event: NewBlock<Hash>,
        now: Now,
    ) -> Result<Vec<Hash>, Ended> {
        let number = tree.child_number(&event.parent_block_hash).ok_or(Ended::Gap)?;
        let timestamp = self.timestamp(event.block_hash).await?;
        let migrating = self.is_migrating(event.block_hash).await?;
        let head = Head { hash: event.block_hash, number, timestamp, imported: now.monotonic };
        tree.add(event.parent_block_hash, head);
        if migrating {
            tracing::info!(number, "the chain migrates its storage and takes no transactions");
            tree.close(&event.block_hash);
        }
        Ok(Vec::new())
    }

    fn finalised(tree: &mut BlockTree, event: Finalized<Hash>, now: Now) -> Result<Vec<Hash>, Ended> {
        let mut unpin: Vec<Hash> = tree.finalised().map(|head| head.hash).into_iter().collect();
        for hash in &event.finalized_block_hashes {
            if !tree.finalise(hash, now.monotonic)? {
                return Err(Ended::Gap);
            }
        }
        tree.prune(&event.pruned_block_hashes);
        let root = tree.finalised().map(|head| head.hash);
        unpin.extend(event.finalized_block_hashes);
        unpin.extend(event.pruned_block_hashes);
        unpin.retain(|hash| Some(*hash) != root);
        Ok(unpin)
    }

    /// Tells the node which blocks it may forget, without waiting for it.
    fn unpin(&self, hashes: Vec<Hash>) {
        if hashes.is_empty() {
            return;
        }
        let (methods, id) = (self.methods.clone(), self.id.clone());
        tokio::spawn(async move {
            for hash in hashes {
                if let Err(error) = methods.chainhead_v1_unpin(&id, hash).await {
                    tracing::debug!(%error, "cannot unpin");
                }
            }
        });
    }

    /// The hash of the block of this number on the finalised chain, which is not above its `head`.
    async fn hash_below(&self, head: (u64, Hash), number: u64) -> Result<Option<Hash>, Ended> {
        if number == head.0 {
            return Ok(Some(head.1));
        }
        if let Some(hash) = self.hash_at(number).await? {
            return Ok(Some(hash));
        }
        // A light client keeps no list of blocks. States remember the last hashes, and headers name their parents'.
        if let Some(hash) = self.remembered(head.1, number).await? {
            return Ok(Some(hash));
        }
        let mut at = head.0.saturating_sub(REMEMBERED).saturating_add(1);
        if at.saturating_sub(number) > LONGEST_WALK {
            return Err(Ended::TooFar(number));
        }
        let mut hash = self.remembered(head.1, at).await?;
        while let Some(from) = hash.filter(|_| at > number) {
            let header = within(self.shared.timeout, self.legacy.chain_get_header(Some(from))).await?;
            hash = header.map(|header| header.parent_hash);
            at = at.saturating_sub(1);
        }
        Ok(hash)
    }

    async fn hash_at(&self, number: u64) -> Result<Option<Hash>, ChainError> {
        within(self.shared.timeout, self.legacy.chain_get_block_hash(Some(short(number)?.into()))).await
    }

    /// The same as the state of a later block remembers it.
    async fn remembered(&self, at: Hash, number: u64) -> Result<Option<Hash>, ChainError> {
        let bytes = self.stored(&block_hash_key(short(number)?), at).await?;
        bytes
            .map(|bytes| Hash::decode_all(&mut bytes.as_slice()))
            .transpose()
            .map_err(|error| ChainError::Answer(format!("a block's hash: {error}")))
    }

    /// What a block's state holds under a key. A light client may know of a block before those whom it asks do: then there are no heads
    /// until it can answer.
    async fn stored(&self, key: &[u8], at: Hash) -> Result<Option<Vec<u8>>, ChainError> {
        let asked = tokio::time::Instant::now();
        loop {
            let answer = self.legacy.state_get_storage(key, Some(at));
            match tokio::time::timeout(self.shared.timeout, answer).await {
                Ok(Err(subxt::rpcs::Error::User(error))) if asked.elapsed() < self.shared.timeout => {
                    tracing::debug!(reason = error.message, "the node cannot answer about a block yet");
                    self.shared.hold("the node cannot answer about its newest block yet");
                    tokio::time::sleep(AGAIN).await;
                }
                answer => return answered(answer),
            }
        }
    }

    /// Whether the chain's storage is being migrated after an upgrade, or got stuck there: then blocks have no transactions.
    async fn is_migrating(&self, at: Hash) -> Result<bool, ChainError> {
        let key = storage_key("MultiBlockMigrations", "Cursor");
        Ok(self.stored(&key, at).await?.is_some())
    }

    async fn timestamp(&self, at: Hash) -> Result<Moment, ChainError> {
        let key = storage_key("Timestamp", "Now");
        match self.stored(&key, at).await? {
            // Genesis has no time yet.
            None => Ok(0),
            Some(bytes) => Moment::decode_all(&mut bytes.as_slice())
                .map_err(|error| ChainError::Answer(format!("timestamp: {error}"))),
        }
    }
}

async fn connect(url: &str, timeout: Duration) -> Result<RpcClient, ChainError> {
    within(timeout, RpcClient::from_insecure_url(url)).await
}

async fn within<T>(
    timeout: Duration,
    answer: impl Future<Output = Result<T, subxt::rpcs::Error>>,
) -> Result<T, ChainError> {
    answered(tokio::time::timeout(timeout, answer).await)
}

fn answered<T>(
    answer: Result<Result<T, subxt::rpcs::Error>, tokio::time::error::Elapsed>,
) -> Result<T, ChainError> {
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(ChainError::Node(error.to_string())),
        Err(_) => Err(ChainError::Node("no answer in time".into())),
    }
}

/// A block's number as the chain writes it.
fn short(number: u64) -> Result<u32, ChainError> {
    u32::try_from(number).map_err(|_| ChainError::Answer("a block number beyond bounds".into()))
}

#[async_trait]
impl ChainState for Follower {
    fn genesis(&self) -> Hash {
        self.shared.genesis
    }

    fn heads(&self) -> Option<Arc<Heads>> {
        self.shared.view.borrow().heads.clone()
    }

    fn source(&self) -> Option<Source> {
        self.shared.view.borrow().source
    }

    async fn facts(
        &self,
        at: Hash,
        relationship: RelationshipId,
        viewer: &AccountId,
    ) -> Result<Option<Facts>, ChainError> {
        let key = (at, relationship, viewer.clone());
        let cached = self.shared.facts.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(facts) = cached {
            return Ok(facts);
        }
        let facts: Option<Facts> = self.call(at, "MedRecApi_facts", (relationship, viewer).encode()).await?;
        let mut cache = self.shared.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHED_FACTS {
            cache.clear();
        }
        cache.insert(key, facts.clone());
        Ok(facts)
    }

    async fn relationships(
        &self,
        at: Hash,
        account: &AccountId,
    ) -> Result<Vec<(RelationshipId, RelationshipStatus)>, ChainError> {
        self.call(at, "MedRecApi_my_relationships", account.encode()).await
    }

    async fn member(&self, at: Hash, member: MemberId) -> Result<Option<Member>, ChainError> {
        self.call(at, "MedRecApi_member", member.encode()).await
    }

    async fn members(
        &self,
        at: Hash,
        start: MemberId,
        count: u32,
    ) -> Result<Vec<(MemberId, Member)>, ChainError> {
        self.call(at, "MedRecApi_members", (start, count).encode()).await
    }

    async fn sealing_keys(
        &self,
        at: Hash,
        member: MemberId,
    ) -> Result<Vec<(SealingKeyId, SealingKey)>, ChainError> {
        self.call(at, "MedRecApi_sealing_keys", member.encode()).await
    }

    async fn request(&self, at: Hash, request: RequestId) -> Result<Option<AccessRequest>, ChainError> {
        self.call(at, "MedRecApi_request", request.encode()).await
    }

    async fn staff(&self, at: Hash, account: &AccountId) -> Result<Option<StaffFacts>, ChainError> {
        let Some(id) = self.stored::<StaffId>(at, &staff_id_key(account)).await? else { return Ok(None) };
        // Keys stay known when who had them is gone, or has another.
        let staff: Option<Staff> = self.stored(at, &staff_key(id)).await?;
        let Some(staff) = staff.filter(|staff| staff.key == *account) else { return Ok(None) };
        let Some(member) = self.member(at, id.member).await? else { return Ok(None) };
        let Staff { role, from, until, .. } = staff;
        Ok(Some(StaffFacts { id, role, from, until, member_status: member.status, groups: Vec::new() }))
    }

    async fn custody(&self, at: Hash, relationship: RelationshipId) -> Result<Custody, ChainError> {
        Ok(Custody {
            rekey: self.stored(at, &rekey_key(relationship)).await?,
            handover: self.stored(at, &handover_key(relationship)).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn follower_should_have_no_heads_when_there_is_no_node() {
        let time = Arc::new(crate::clock::SystemTimeSource);
        let nodes = Arc::new(Nodes::new("ws://127.0.0.1:1".into(), ["ws://127.0.0.1:2".to_owned()]));
        let patience = (Duration::from_secs(1), Duration::from_secs(60));
        let follower = Follower::start(nodes, Hash::zero(), None, patience, time);
        let mut watch = follower.watch();
        watch.changed().await.unwrap();
        assert!(follower.heads().is_none());
        assert!(watch.borrow().problem.is_some());
        let viewer = AccountId::new([0; 32]);
        let facts = follower.facts(Hash::zero(), RelationshipId::new(0, 0), &viewer).await;
        assert_eq!(facts, Err(ChainError::NotReady));
    }
}
