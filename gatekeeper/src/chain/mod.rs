//! What the chain says, and at which blocks.
//!
//! [`ChainState`] is the border: behind it stands [`follower::Follower`] with a node, or [`simulated::SimulatedChain`]
//! in tests. Both keep the blocks they know in the same [`tree::BlockTree`].

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use medrec_client::chain::custody::Custody;
use medrec_primitives::{
    AccessRequest, AccountId, Facts, Member, MemberId, Moment, RelationshipId, RelationshipStatus, RequestId,
    SealingKey, SealingKeyId, StaffFacts, TicketDigest,
};

pub mod anchorer;
pub mod emergency;
pub mod events;
pub mod follower;
pub mod nodes;
pub mod proposer;
pub mod research;
pub mod simulated;
pub mod tree;

/// A block's hash.
pub type Hash = sp_core::H256;

/// A block as the gatekeeper knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its hash.
    pub hash: Hash,
    /// Its height.
    pub number: u64,
    /// Its own time (ms).
    pub timestamp: Moment,
    /// When it was first seen here, on the monotonic clock.
    pub imported: Instant,
}

/// The states that a decision must hold on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    /// The last finalised block.
    pub finalised: Head,
    /// When finality last moved, on the monotonic clock.
    pub finalised_at: Instant,
    /// Every known unfinalised block without children.
    pub leaves: Vec<Head>,
}

impl Heads {
    /// The finalised block first, then the leaves.
    pub fn all(&self) -> impl Iterator<Item = &Head> {
        std::iter::once(&self.finalised).chain(&self.leaves)
    }
}

/// Why the chain has no answer. Never a reason to permit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// There is no connection, or no state that may be relied on yet.
    #[error("the chain is not reachable, or not yet known well enough")]
    NotReady,
    /// The node could not answer.
    #[error("the node does not answer: {0}")]
    Node(String),
    /// The node's answer makes no sense to this version.
    #[error("the node's answer cannot be read: {0}")]
    Answer(String),
}

/// Why a proposal did not come through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    /// The key has been in use before, or still is. It can never be enrolled.
    #[error("the chain refuses the patient's key: it was used before")]
    KeyUsed,
    /// The chain refuses it for another reason, which may go away: the member is not active, no funds.
    #[error("the chain refuses the proposal: {0}")]
    Refused(String),
    /// Not known; may be tried again.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// What the chain is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whether it stands in for the gatekeeper's own node.
    pub stand_in: bool,
    /// Whether it is a light client, which keeps no chain: what is long past cannot be asked.
    pub light: bool,
}

/// The chain, read.
#[async_trait]
pub trait ChainState: Send + Sync {
    /// Which chain.
    fn genesis(&self) -> Hash;

    /// The states that a decision must hold on; `None` while there is none to rely on.
    fn heads(&self) -> Option<Arc<Heads>>;

    /// What it is read by right now; `None` while there is nothing.
    fn source(&self) -> Option<Source>;

    /// What the chain knows, at a block, of a viewer and a relationship.
    async fn facts(
        &self,
        at: Hash,
        relationship: RelationshipId,
        viewer: &AccountId,
    ) -> Result<Option<Facts>, ChainError>;

    /// The relationships of a key at a block.
    async fn relationships(
        &self,
        at: Hash,
        account: &AccountId,
    ) -> Result<Vec<(RelationshipId, RelationshipStatus)>, ChainError>;

    /// A member at a block.
    async fn member(&self, at: Hash, member: MemberId) -> Result<Option<Member>, ChainError>;

    /// Members from a number on, at a block.
    async fn members(
        &self,
        at: Hash,
        start: MemberId,
        count: u32,
    ) -> Result<Vec<(MemberId, Member)>, ChainError>;

    /// A member's sealing keys at a block.
    async fn sealing_keys(
        &self,
        at: Hash,
        member: MemberId,
    ) -> Result<Vec<(SealingKeyId, SealingKey)>, ChainError>;

    /// A request that is open at a block.
    async fn request(&self, at: Hash, request: RequestId) -> Result<Option<AccessRequest>, ChainError>;

    /// Who an account is on a member's staff at a block, its member's groups left out.
    async fn staff(&self, at: Hash, account: &AccountId) -> Result<Option<StaffFacts>, ChainError>;

    /// What a block knows of a relationship's rekey, and of its handover.
    async fn custody(&self, at: Hash, relationship: RelationshipId) -> Result<Custody, ChainError>;
}

/// The chain, written: what the gatekeeper signs itself.
#[async_trait]
pub trait Proposals: Send + Sync {
    /// Proposes a relationship to a patient's key and waits until the proposal is finalised.
    async fn propose(
        &self,
        patient: &AccountId,
        ticket: TicketDigest,
    ) -> Result<RelationshipId, ProposeError>;

    /// Proposes a relationship for a minor, who comes of age at `handover` (ms), to a guardian's key; waits as above.
    async fn propose_minor(
        &self,
        guardian: &AccountId,
        handover: Moment,
        ticket: TicketDigest,
    ) -> Result<RelationshipId, ProposeError>;

    /// Asks for a change of keys and waits until that is finalised. Tells the number of the block it is in.
    async fn change_key(&self, change: &KeyChange) -> Result<u64, ProposeError>;
}

/// What a provider has to say of the keys of a relationship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The relationship.
    pub relationship: RelationshipId,
    /// What it says.
    pub step: KeyStep,
}

/// See [`KeyChange`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStep {
    /// A fresh key shall take the place of a lost one.
    Request {
        /// The lost one.
        lost: AccountId,
        /// The fresh one.
        key: AccountId,
        /// Digest of the ticket it came with.
        ticket: TicketDigest,
    },
    /// So it shall, as a custodian has asked.
    Approve {
        /// The fresh key.
        key: AccountId,
        /// Digest of the ticket it came with.
        ticket: TicketDigest,
    },
    /// After a veto, this key goes on.
    Reproof {
        /// The present key, or the fresh one.
        key: AccountId,
        /// Digest of the ticket it came with.
        ticket: TicketDigest,
    },
    /// It shall not.
    Cancel,
    /// A patient who has come of age has this key.
    Enrol {
        /// The patient's own.
        key: AccountId,
        /// Digest of the ticket it came with.
        ticket: TicketDigest,
    },
}
