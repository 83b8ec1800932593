//! Research on chain: what is asked for, who releases what, and commitments, submitted with the gatekeeper's own key.

use std::sync::Arc;

use async_trait::async_trait;
use medrec_client::chain::{
    calls::{self, Call},
    research::{Balance, Standing},
    State,
};
use medrec_primitives::{
    research::{Answer, AnswerKey, Claim, ClaimId, Table, TableId, TableSpec},
    Member, MemberId, Moment, SealedTerms, SealingKey, SealingKeyId,
};

use super::{
    proposer::{failed, NodeProposals},
    ChainError, Hash, ProposeError,
};

/// The chain, as far as research goes. What is read is read at a block that the caller relies on.
#[async_trait]
pub trait Researching: Send + Sync {
    /// Claims from a number on that are not closed, and the number from which to ask next.
    async fn claims_from(
        &self,
        at: Hash,
        start: ClaimId,
    ) -> Result<(Vec<(ClaimId, Claim<Balance>)>, ClaimId), ChainError>;

    /// A claim that was granted and is not closed.
    async fn claim(&self, at: Hash, claim: ClaimId) -> Result<Option<Claim<Balance>>, ChainError>;

    /// An answer that was paid for.
    async fn answer(&self, at: Hash, answer: AnswerKey) -> Result<Option<Answer>, ChainError>;

    /// A table of any of this member's plans.
    async fn table(&self, at: Hash, table: TableId) -> Result<Option<Table<Balance>>, ChainError>;

    /// Where relationships of this member stand, in their order.
    async fn standings(&self, at: Hash, relationships: &[u32]) -> Result<Vec<Option<Standing>>, ChainError>;

    /// Any member.
    async fn member(&self, at: Hash, member: MemberId) -> Result<Option<Member>, ChainError>;

    /// The key that may be sealed to now, with its number.
    async fn sealing_key(&self, at: Hash) -> Result<Option<(SealingKeyId, SealingKey)>, ChainError>;

    /// The hash of a block of the finalised chain, by its number.
    async fn hash_of(&self, number: u32) -> Result<Option<Hash>, ChainError>;

    /// The time of a block (ms).
    async fn timestamp(&self, at: Hash) -> Result<Moment, ChainError>;

    /// Commits to an answer, and waits until that is final.
    async fn commit(&self, table: TableId, epoch: u16, commitment: [u8; 32]) -> Result<(), ProposeError>;

    /// Says that an answer is lost for good.
    async fn declare_lost(&self, table: TableId, epoch: u16) -> Result<(), ProposeError>;

    /// Places what is sealed for patients who have said nothing.
    async fn place(&self, choices: &[(u32, SealedTerms)]) -> Result<(), ProposeError>;

    /// Publishes a plan.
    async fn publish(
        &self,
        starts: Moment,
        tables: &[TableSpec<Balance>],
        bounty: Option<u32>,
    ) -> Result<(), ProposeError>;
}

/// Research of one member through its node.
pub struct NodeResearch {
    node: Arc<NodeProposals>,
    member: MemberId,
}

impl NodeResearch {
    /// Of `member`, over the connection and with the key of its proposals, so that all transactions of that key are counted together.
    pub fn new(node: Arc<NodeProposals>, member: MemberId) -> Self {
        Self { node, member }
    }

    async fn submit(&self, call: &Call) -> Result<(), ProposeError> {
        self.node.submit(call).await.map(drop).map_err(failed)
    }
}

#[async_trait]
impl Researching for NodeResearch {
    async fn claims_from(
        &self,
        at: Hash,
        start: ClaimId,
    ) -> Result<(Vec<(ClaimId, Claim<Balance>)>, ClaimId), ChainError> {
        let chain = self.node.asked().await?;
        self.node.checked(chain.at(at).claims_from(start).await).await
    }

    async fn claim(&self, at: Hash, claim: ClaimId) -> Result<Option<Claim<Balance>>, ChainError> {
        let chain = self.node.asked().await?;
        self.node.checked(chain.at(at).claim(claim).await).await
    }

    async fn answer(&self, at: Hash, answer: AnswerKey) -> Result<Option<Answer>, ChainError> {
        let chain = self.node.asked().await?;
        self.node.checked(chain.at(at).answer(answer).await).await
    }

    async fn table(&self, at: Hash, table: TableId) -> Result<Option<Table<Balance>>, ChainError> {
        let chain = self.node.asked().await?;
        self.node.checked(chain.at(at).table(self.member, table).await).await
    }

    async fn standings(&self, at: Hash, relationships: &[u32]) -> Result<Vec<Option<Standing>>, ChainError> {
        let chain = self.node.asked().await?;
        self.node.checked(chain.at(at).standings(self.member, relationships).await).await
    }

    async fn member(&self, at: Hash, member: MemberId) -> Result<Option<Member>, ChainError> {
        let chain = self.node.asked().await?;
        self.node.checked(chain.at(at).member(member).await).await
    }

    async fn sealing_key(&self, at: Hash) -> Result<Option<(SealingKeyId, SealingKey)>, ChainError> {
        let chain = self.node.asked().await?;
        self.node.checked(chain.at(at).current_sealing_key(self.member).await).await
    }

    async fn hash_of(&self, number: u32) -> Result<Option<Hash>, ChainError> {
        let chain = self.node.asked().await?;
        self.node.checked(chain.hash_of(number.into()).await).await
    }

    async fn timestamp(&self, at: Hash) -> Result<Moment, ChainError> {
        let chain = self.node.asked().await?;
        self.node.checked(State::timestamp(&chain.at(at)).await).await
    }

    async fn commit(&self, table: TableId, epoch: u16, commitment: [u8; 32]) -> Result<(), ProposeError> {
        self.submit(&calls::research::commit(table, epoch, commitment)).await
    }

    async fn declare_lost(&self, table: TableId, epoch: u16) -> Result<(), ProposeError> {
        self.submit(&calls::research::declare_lost(table, epoch)).await
    }

    async fn place(&self, choices: &[(u32, SealedTerms)]) -> Result<(), ProposeError> {
        self.submit(&calls::research::place_releases(choices)).await
    }

    async fn publish(
        &self,
        starts: Moment,
        tables: &[TableSpec<Balance>],
        bounty: Option<u32>,
    ) -> Result<(), ProposeError> {
        self.submit(&calls::research::publish_plan(starts, tables, bounty)).await
    }
}
