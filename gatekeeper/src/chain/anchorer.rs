//! Anchors on chain, submitted with the gatekeeper's own key.

use std::sync::Arc;

use async_trait::async_trait;
use medrec_client::chain::{calls, Chain, ChainError as ClientError};
use medrec_primitives::{Anchor, MemberId, MemberStatus, Moment};

use super::{
    proposer::{failed, NodeProposals},
    ChainError, ProposeError,
};

/// The chain, as far as anchors go. All is asked of the last finalised block.
#[async_trait]
pub trait Anchoring: Send + Sync {
    /// The chain's time (ms).
    async fn now(&self) -> Result<Moment, ChainError>;

    /// What the chain has of an interval.
    async fn anchored(&self, interval: u32) -> Result<Option<Anchor>, ChainError>;

    /// Anchors an interval, and waits until that is final.
    async fn anchor(&self, anchor: Anchor) -> Result<(), ProposeError>;
}

/// Anchors of one member through its node.
pub struct NodeAnchors {
    node: Arc<NodeProposals>,
    member: MemberId,
}

impl NodeAnchors {
    /// Of `member`, over the connection and with the key of its proposals, so that all transactions of that key are counted
    /// together.
    pub fn new(node: Arc<NodeProposals>, member: MemberId) -> Self {
        Self { node, member }
    }

    async fn connection(&self) -> Result<Chain, ChainError> {
        Ok(self.node.connection().await.map_err(unanswered)?.0)
    }

    /// A connection that fails is made anew the next time.
    async fn checked<T>(&self, answer: Result<T, ClientError>) -> Result<T, ChainError> {
        if answer.is_err() {
            self.node.forget_connection().await;
        }
        answer.map_err(unanswered)
    }
}

#[async_trait]
impl Anchoring for NodeAnchors {
    async fn now(&self) -> Result<Moment, ChainError> {
        let chain = self.connection().await?;
        let now = async { chain.finalised().await?.timestamp().await };
        self.checked(now.await).await
    }

    async fn anchored(&self, interval: u32) -> Result<Option<Anchor>, ChainError> {
        let chain = self.connection().await?;
        let found = async { chain.finalised().await?.anchor(self.member, interval).await };
        self.checked(found.await).await
    }

    async fn anchor(&self, anchor: Anchor) -> Result<(), ProposeError> {
        // A call that fails in its block costs its fee.
        let chain = self.connection().await?;
        let found = async { chain.finalised().await?.member(self.member).await };
        let member = self.checked(found.await).await?;
        if !member.is_some_and(|member| member.status == MemberStatus::Active) {
            return Err(ProposeError::Refused("the member is not active".into()));
        }
        self.node.submit(&calls::access::anchor(&anchor)).await.map(drop).map_err(failed)
    }
}

fn unanswered(error: ClientError) -> ChainError {
    ChainError::Node(error.to_string())
}
