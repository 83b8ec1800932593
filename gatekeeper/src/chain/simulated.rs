//! A chain made up by hand, for tests of what a development chain never shows: forks, late finality, lost nodes.
//!
//! It keeps its blocks in the same [`BlockTree`] as the real follower and stands behind the same traits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

use async_trait::async_trait;
use codec::Encode;
use medrec_client::{
    chain::{
        custody::{minor_account, Custody, Rekey, RekeyStage},
        offline::Turn,
    },
    Signature,
};
use medrec_primitives::{
    AccessRequest, AccountId, Custodian, CustodianRights, EmergencyFacts, Facts, Member, MemberId,
    MemberStatus, Moment, ReasonDigest, RelationshipFlags, RelationshipId, RelationshipStatus, RequestId,
    SealingKey, SealingKeyId, StaffFacts, StaffId, TicketDigest, DAY_MS,
};

use super::{
    emergency::{Drafts, EmergencySource},
    tree::BlockTree,
    ChainError, ChainState, Hash, Head, Heads, KeyChange, KeyStep, Proposals, ProposeError, Source,
};
use crate::clock::Time;

/// What holds at one block.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Facts of relationships without a viewer; the viewer's own are added when asked for.
    pub relationships: HashMap<RelationshipId, Facts>,
    /// Staff by key.
    pub staff: HashMap<AccountId, StaffFacts>,
    /// Broken glasses, by relationship and key of who broke.
    pub glasses: HashMap<(RelationshipId, AccountId), EmergencyFacts>,
    /// Members by number.
    pub members: HashMap<MemberId, Member>,
    /// Sealing keys by member.
    pub sealing_keys: HashMap<MemberId, Vec<(SealingKeyId, SealingKey)>>,
    /// Open requests.
    pub requests: HashMap<RequestId, AccessRequest>,
    /// Rekeys under way, and handovers of minors.
    pub custody: HashMap<RelationshipId, Custody>,
}

impl State {
    /// Adds an active relationship without any rule.
    pub fn relate(&mut self, id: RelationshipId, patient: AccountId) {
        let facts = Facts {
            now: 0,
            relationship: id,
            provider: MemberStatus::Active,
            status: RelationshipStatus::Active,
            patient: patient.clone(),
            custodians: Vec::new(),
            flags: RelationshipFlags::default(),
            viewer: patient,
            staff: None,
            grants: Vec::new(),
            emergency: None,
        };
        self.relationships.insert(id, facts);
    }
}

struct Inner {
    tree: BlockTree,
    states: HashMap<Hash, State>,
    /// All blocks with their parents, whoever knows them.
    blocks: HashMap<Hash, (Hash, Head)>,
    next: u64,
    connected: bool,
    stand_in: bool,
    proposals: Vec<(AccountId, TicketDigest)>,
    changes: Vec<KeyChange>,
    breaks: Vec<Vec<u8>>,
    refuse_proposals: Option<ProposeError>,
    lose_next_proposal_answer: bool,
}

/// See the module.
pub struct SimulatedChain {
    genesis: Hash,
    member: MemberId,
    time: Arc<dyn Time>,
    inner: Mutex<Inner>,
}

impl SimulatedChain {
    /// A chain of one finalised block above genesis, with the given state, at the local time.
    pub fn new(member: MemberId, time: Arc<dyn Time>, state: State) -> Self {
        let genesis = Hash::repeat_byte(0x6e);
        let now = time.now();
        let mut tree = BlockTree::default();
        let root = Head { hash: genesis, number: 0, timestamp: now.wall, imported: now.monotonic };
        // A new tree has nothing to contradict.
        let _ = tree.start(root.clone());
        let inner = Inner {
            tree,
            states: HashMap::from([(genesis, state)]),
            blocks: HashMap::from([(genesis, (genesis, root))]),
            next: 1,
            connected: true,
            stand_in: false,
            proposals: Vec::new(),
            changes: Vec::new(),
            breaks: Vec::new(),
            refuse_proposals: None,
            lose_next_proposal_answer: false,
        };
        let chain = Self { genesis, member, time, inner: Mutex::new(inner) };
        let first = chain.add(genesis, |_| {});
        chain.finalise(first);
        chain
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The last finalised block.
    pub fn finalised(&self) -> Hash {
        self.inner().tree.finalised().map_or(self.genesis, |head| head.hash)
    }

    /// Adds a block on `parent`, at the local time, whose state is the parent's after `change`.
    pub fn add(&self, parent: Hash, change: impl FnOnce(&mut State)) -> Hash {
        self.add_at(parent, self.time.now().wall, change)
    }

    /// As [`Self::add`], with a time of its own.
    pub fn add_at(&self, parent: Hash, timestamp: Moment, change: impl FnOnce(&mut State)) -> Hash {
        let head = self.make(parent, timestamp, change);
        let hash = head.hash;
        self.inner().tree.add(parent, head);
        hash
    }

    /// A block that the node which is followed does not know.
    pub fn add_elsewhere(&self, parent: Hash, change: impl FnOnce(&mut State)) -> Hash {
        self.make(parent, self.time.now().wall, change).hash
    }

    fn make(&self, parent: Hash, timestamp: Moment, change: impl FnOnce(&mut State)) -> Head {
        let imported = self.time.now().monotonic;
        let mut inner = self.inner();
        let hash = Hash::from_low_u64_be(inner.next);
        inner.next += 1;
        let mut state = inner.states.get(&parent).cloned().unwrap_or_default();
        change(&mut state);
        for facts in state.relationships.values_mut() {
            facts.now = timestamp;
        }
        inner.states.insert(hash, state);
        let number = inner.blocks.get(&parent).map_or(0, |(_, head)| head.number + 1);
        let head = Head { hash, number, timestamp, imported };
        inner.blocks.insert(hash, (parent, head.clone()));
        head
    }

    /// Makes a block final.
    pub fn finalise(&self, hash: Hash) {
        let now: Instant = self.time.now().monotonic;
        // Tests finalise blocks that they added.
        let _ = self.inner().tree.finalise(&hash, now);
    }

    /// Adds a block on the last finalised one and makes it final.
    pub fn advance(&self, change: impl FnOnce(&mut State)) -> Hash {
        let hash = self.add(self.finalised(), change);
        self.finalise(hash);
        hash
    }

    /// Loses or finds the node.
    pub fn connect(&self, connected: bool) {
        self.inner().connected = connected;
    }

    /// Follows another node than before, which holds `finalised` final and knows these blocks above it. As in the follower, what is
    /// known of the chain stays. Gives whether that node may be relied on.
    pub fn switch(&self, finalised: Hash, above: &[Hash]) -> bool {
        let now = self.time.now().monotonic;
        let mut inner = self.inner();
        inner.stand_in = !inner.stand_in;
        let seen = |inner: &Inner, hash: &Hash| {
            let (parent, head) = inner.blocks.get(hash).cloned()?;
            Some((parent, Head { imported: now, ..head }))
        };
        inner.connected = seen(&inner, &finalised).is_some_and(|(_, head)| inner.tree.start(head).is_ok());
        for hash in above {
            if let Some((parent, head)) = seen(&inner, hash) {
                inner.tree.add(parent, head);
            }
        }
        inner.connected
    }

    /// Proposals that reached the chain, in order.
    pub fn proposals(&self) -> Vec<(AccountId, TicketDigest)> {
        self.inner().proposals.clone()
    }

    /// Changes of keys that reached the chain, in order.
    pub fn key_changes(&self) -> Vec<KeyChange> {
        self.inner().changes.clone()
    }

    /// Transactions that break the glass and reached the chain, in order.
    pub fn breaks(&self) -> usize {
        self.inner().breaks.len()
    }

    /// Makes proposals and changes of keys fail, or lets them pass.
    pub fn refuse_proposals(&self, error: Option<ProposeError>) {
        self.inner().refuse_proposals = error;
    }

    /// The next proposal, or change of keys, reaches the chain, but nobody hears of it: a crash after the submission.
    pub fn lose_next_proposal_answer(&self) {
        self.inner().lose_next_proposal_answer = true;
    }

    fn state<T>(&self, at: Hash, read: impl FnOnce(&State) -> T) -> Result<T, ChainError> {
        let inner = self.inner();
        if !inner.connected {
            return Err(ChainError::NotReady);
        }
        inner.states.get(&at).map(read).ok_or_else(|| ChainError::Node("unknown block".into()))
    }
}

#[async_trait]
impl ChainState for SimulatedChain {
    fn genesis(&self) -> Hash {
        self.genesis
    }

    fn heads(&self) -> Option<Arc<Heads>> {
        let inner = self.inner();
        if inner.connected {
            inner.tree.heads().map(Arc::new)
        } else {
            None
        }
    }

    fn source(&self) -> Option<Source> {
        let inner = self.inner();
        inner.connected.then_some(Source { stand_in: inner.stand_in, light: inner.stand_in })
    }

    async fn facts(
        &self,
        at: Hash,
        relationship: RelationshipId,
        viewer: &AccountId,
    ) -> Result<Option<Facts>, ChainError> {
        self.state(at, |state| {
            let mut facts = state.relationships.get(&relationship)?.clone();
            facts.viewer = viewer.clone();
            facts.staff = state.staff.get(viewer).cloned();
            facts.emergency = state.glasses.get(&(relationship, viewer.clone())).cloned();
            Some(facts)
        })
    }

    async fn relationships(
        &self,
        at: Hash,
        account: &AccountId,
    ) -> Result<Vec<(RelationshipId, RelationshipStatus)>, ChainError> {
        self.state(at, |state| {
            let is_party = |facts: &&Facts| {
                facts.patient == *account || facts.custodians.iter().any(|c| c.key == *account)
            };
            let own = state.relationships.values().filter(is_party);
            own.map(|facts| (facts.relationship, facts.status)).collect()
        })
    }

    async fn member(&self, at: Hash, member: MemberId) -> Result<Option<Member>, ChainError> {
        self.state(at, |state| state.members.get(&member).cloned())
    }

    async fn members(
        &self,
        at: Hash,
        start: MemberId,
        count: u32,
    ) -> Result<Vec<(MemberId, Member)>, ChainError> {
        self.state(at, |state| {
            let mut members: Vec<_> =
                state.members.iter().map(|(id, member)| (*id, member.clone())).collect();
            members.retain(|(id, _)| *id >= start);
            members.sort_by_key(|(id, _)| *id);
            members.truncate(count as usize);
            members
        })
    }

    async fn sealing_keys(
        &self,
        at: Hash,
        member: MemberId,
    ) -> Result<Vec<(SealingKeyId, SealingKey)>, ChainError> {
        self.state(at, |state| state.sealing_keys.get(&member).cloned().unwrap_or_default())
    }

    async fn request(&self, at: Hash, request: RequestId) -> Result<Option<AccessRequest>, ChainError> {
        self.state(at, |state| state.requests.get(&request).cloned())
    }

    async fn staff(&self, at: Hash, account: &AccountId) -> Result<Option<StaffFacts>, ChainError> {
        self.state(at, |state| state.staff.get(account).cloned())
    }

    async fn custody(&self, at: Hash, relationship: RelationshipId) -> Result<Custody, ChainError> {
        self.state(at, |state| state.custody.get(&relationship).cloned().unwrap_or_default())
    }
}

impl SimulatedChain {
    /// What every submission meets first; tells whether its answer gets lost.
    fn submit(&self, note: impl FnOnce(&mut Inner)) -> Result<bool, ProposeError> {
        let mut inner = self.inner();
        if !inner.connected {
            return Err(ChainError::NotReady.into());
        }
        if let Some(error) = &inner.refuse_proposals {
            return Err(error.clone());
        }
        note(&mut inner);
        Ok(std::mem::take(&mut inner.lose_next_proposal_answer))
    }

    /// Proposes a relationship, of which `change` makes what it is.
    fn begin(
        &self,
        key: &AccountId,
        ticket: TicketDigest,
        change: impl FnOnce(&mut State, RelationshipId),
    ) -> Result<RelationshipId, ProposeError> {
        let lost = self.submit(|inner| inner.proposals.push((key.clone(), ticket)))?;
        let id = RelationshipId::new(self.member, 999 + self.inner().proposals.len() as u32);
        self.advance(|state| {
            change(state, id);
            if let Some(facts) = state.relationships.get_mut(&id) {
                facts.status = RelationshipStatus::Proposed;
            }
        });
        if lost {
            return Err(ChainError::Node("connection lost".into()).into());
        }
        Ok(id)
    }

    /// Finishes a rekey, as the fresh key does after the delay.
    pub fn finish_rekey(&self, id: RelationshipId) -> Hash {
        self.advance(|state| {
            let rekey = state.custody.get_mut(&id).and_then(|custody| custody.rekey.take());
            if let (Some(rekey), Some(facts)) = (rekey, state.relationships.get_mut(&id)) {
                if facts.patient == rekey.lost {
                    facts.patient = rekey.key.clone();
                }
                for custodian in facts.custodians.iter_mut().filter(|c| c.key == rekey.lost) {
                    custodian.key = rekey.key.clone();
                }
            }
        })
    }
}

/// What a change of keys does to the state, if the chain lets it pass; the delay of a rekey is a week.
fn apply(state: &mut State, now: Moment, change: &KeyChange) -> Result<(), ProposeError> {
    let refused = |why: &str| Err(ProposeError::Refused(why.to_owned()));
    let id = change.relationship;
    let Some(facts) = state.relationships.get_mut(&id) else { return refused("UnknownRelationship") };
    let custody = state.custody.entry(id).or_default();
    let ready = now + 7 * DAY_MS;
    match (&change.step, &mut custody.rekey) {
        (KeyStep::Request { lost, key, ticket }, rekey @ None) => {
            *rekey = Some(Rekey {
                lost: lost.clone(),
                key: key.clone(),
                ticket: Some(*ticket),
                custodian: None,
                asked: now,
                ready,
                stage: RekeyStage::Asked,
            });
        }
        (KeyStep::Request { .. }, Some(_)) => return refused("AlreadyRequested"),
        (KeyStep::Approve { key, ticket }, Some(rekey)) if rekey.key == *key && !rekey.is_frozen() => {
            (rekey.ticket, rekey.ready) = (Some(*ticket), ready);
        }
        (KeyStep::Reproof { key, ticket }, Some(rekey)) if rekey.is_frozen() && rekey.key == *key => {
            (rekey.ticket, rekey.ready, rekey.stage) = (Some(*ticket), ready, RekeyStage::Reproofed);
        }
        (KeyStep::Reproof { key, .. }, rekey @ Some(_))
            if rekey.as_ref().is_some_and(|rekey| rekey.is_frozen() && rekey.lost == *key) =>
        {
            *rekey = None;
        }
        (KeyStep::Cancel, rekey @ Some(_)) if rekey.as_ref().is_some_and(|rekey| !rekey.is_frozen()) => {
            *rekey = None;
        }
        (KeyStep::Enrol { key, .. }, _) => {
            facts.patient = key.clone();
            facts.status = RelationshipStatus::Suspended;
            facts.custodians.clear();
            *custody = Custody::default();
        }
        _ => return refused("NotAllowed"),
    }
    Ok(())
}

#[async_trait]
impl Proposals for SimulatedChain {
    async fn propose(
        &self,
        patient: &AccountId,
        ticket: TicketDigest,
    ) -> Result<RelationshipId, ProposeError> {
        self.begin(patient, ticket, |state, id| state.relate(id, patient.clone()))
    }

    async fn propose_minor(
        &self,
        guardian: &AccountId,
        handover: Moment,
        ticket: TicketDigest,
    ) -> Result<RelationshipId, ProposeError> {
        let custodian = Custodian {
            key: guardian.clone(),
            rights: CustodianRights::ALL,
            not_before: 0,
            not_after: Some(handover),
        };
        self.begin(guardian, ticket, |state, id| {
            state.relate(id, minor_account(id));
            state.custody.insert(id, Custody { rekey: None, handover: Some(handover) });
            if let Some(facts) = state.relationships.get_mut(&id) {
                facts.custodians.push(custodian);
            }
        })
    }

    async fn change_key(&self, change: &KeyChange) -> Result<u64, ProposeError> {
        let lost = self.submit(|inner| inner.changes.push(change.clone()))?;
        let now = self.time.now().wall;
        let mut applied = Ok(());
        self.advance(|state| applied = apply(state, now, change));
        applied?;
        if lost {
            return Err(ChainError::Node("connection lost".into()).into());
        }
        Ok(self.inner().tree.finalised().map_or(0, |head| head.number))
    }
}

/// Transactions of the simulated chain: what they say, in plain bytes.
struct SimulatedDrafts(Hash);

impl Drafts for SimulatedDrafts {
    fn payload(
        &self,
        relationship: RelationshipId,
        reason: &ReasonDigest,
        turn: &Turn,
    ) -> Result<Vec<u8>, ChainError> {
        Ok(([0u8, 0], relationship, reason, turn.nonce, turn.birth.1, self.0).encode())
    }

    fn extrinsic(
        &self,
        relationship: RelationshipId,
        reason: &ReasonDigest,
        turn: &Turn,
        account: &AccountId,
        _signature: Signature,
    ) -> Result<Vec<u8>, ChainError> {
        Ok((account, turn.nonce, relationship, reason).encode())
    }
}

#[async_trait]
impl EmergencySource for SimulatedChain {
    async fn staff(&self, at: Hash) -> Result<Vec<AccountId>, ChainError> {
        self.state(at, |state| state.staff.keys().cloned().collect())
    }

    async fn nonce(&self, at: Hash, _account: &AccountId) -> Result<u64, ChainError> {
        self.state(at, |_| 0)
    }

    async fn facts(
        &self,
        at: Hash,
        relationship: RelationshipId,
        viewer: &AccountId,
    ) -> Result<Option<Facts>, ChainError> {
        ChainState::facts(self, at, relationship, viewer).await
    }

    async fn all_facts(&self, at: Hash, relationship: RelationshipId) -> Result<Option<Facts>, ChainError> {
        // Facts here hold all rules, whoever they are about.
        ChainState::facts(self, at, relationship, &AccountId::new([0; 32])).await
    }

    async fn timestamp(&self, at: Hash) -> Result<Moment, ChainError> {
        let now = self.time.now().wall;
        self.state(at, |state| state.relationships.values().map(|facts| facts.now).max().unwrap_or(now))
    }

    async fn drafts(&self) -> Result<Arc<dyn Drafts>, ChainError> {
        Ok(Arc::new(SimulatedDrafts(self.genesis)))
    }

    async fn submit(&self, extrinsic: Vec<u8>) -> Result<String, ProposeError> {
        let mut inner = self.inner();
        if !inner.connected {
            return Err(ChainError::NotReady.into());
        }
        if inner.breaks.contains(&extrinsic) {
            return Err(ProposeError::Refused("outdated".into()));
        }
        inner.breaks.push(extrinsic);
        if std::mem::take(&mut inner.lose_next_proposal_answer) {
            return Err(ChainError::Node("connection lost".into()).into());
        }
        Ok(format!("g4-{}", inner.breaks.len() - 1))
    }

    async fn is_over(&self, account: &AccountId, nonce: u64, _: u64) -> Result<bool, ChainError> {
        let inner = self.inner();
        if !inner.connected {
            return Err(ChainError::NotReady);
        }
        let place = (account, nonce).encode();
        Ok(inner.breaks.iter().any(|made| made.starts_with(&place)))
    }

    async fn glass(
        &self,
        relationship: RelationshipId,
        _staff: StaffId,
    ) -> Result<Option<String>, ChainError> {
        let needle = relationship.encode();
        let inner = self.inner();
        let at =
            inner.breaks.iter().position(|made| made.get(40..).is_some_and(|rest| rest.starts_with(&needle)));
        Ok(at.map(|at| format!("g4-{at}")))
    }
}
