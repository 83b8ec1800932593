//! The events of finalised blocks, one block after the other.

use std::sync::Arc;

use async_trait::async_trait;
use medrec_client::chain::events::Event;
use medrec_primitives::{AccessRequest, GrantId, RelationshipId, RequestId, Viewer};

use super::{proposer::NodeProposals, ChainError, Hash};

/// The chain, as far as events go.
#[async_trait]
pub trait BlockEvents: Send + Sync {
    /// Number and hash of the last finalised block.
    async fn finalised(&self) -> Result<(u64, Hash), ChainError>;

    /// The hash of a finalised block.
    async fn block(&self, number: u64) -> Result<Option<Hash>, ChainError>;

    /// The events of a block.
    async fn events(&self, at: Hash) -> Result<Vec<Event>, ChainError>;

    /// Whom a rule is about, in the state of a block.
    async fn viewer(
        &self,
        at: Hash,
        of: RelationshipId,
        grant: GrantId,
    ) -> Result<Option<Viewer>, ChainError>;

    /// A request that is open, in the state of a block.
    async fn request(&self, at: Hash, request: RequestId) -> Result<Option<AccessRequest>, ChainError>;
}

/// Events through a member's node.
pub struct NodeEvents(Arc<NodeProposals>);

impl NodeEvents {
    /// Over the connection that proposals go over.
    pub fn new(node: Arc<NodeProposals>) -> Self {
        Self(node)
    }
}

#[async_trait]
impl BlockEvents for NodeEvents {
    async fn finalised(&self) -> Result<(u64, Hash), ChainError> {
        let chain = self.0.asked().await?;
        let found = async {
            let hash = chain.finalised_head().await?;
            Ok((chain.number(hash).await?, hash))
        };
        self.0.checked(found.await).await
    }

    async fn block(&self, number: u64) -> Result<Option<Hash>, ChainError> {
        let chain = self.0.asked().await?;
        let found = chain.hash_of(number).await;
        self.0.checked(found).await
    }

    async fn events(&self, at: Hash) -> Result<Vec<Event>, ChainError> {
        let chain = self.0.asked().await?;
        let found = chain.events(at).await;
        self.0.checked(found).await
    }

    async fn viewer(
        &self,
        at: Hash,
        of: RelationshipId,
        grant: GrantId,
    ) -> Result<Option<Viewer>, ChainError> {
        let chain = self.0.asked().await?;
        let rules = chain.at(at).rules(of).await;
        let rules = self.0.checked(rules).await?;
        Ok(rules.into_iter().find(|rule| rule.id == grant).map(|rule| rule.grant.viewer))
    }

    async fn request(&self, at: Hash, request: RequestId) -> Result<Option<AccessRequest>, ChainError> {
        let chain = self.0.asked().await?;
        let found = chain.at(at).request(request).await;
        self.0.checked(found).await
    }
}
