//! Proposes relationships, signed by the gatekeeper's own key.

use async_trait::async_trait;
use medrec_client::{
    chain::{calls, events::Proposed, Chain, ChainError as ClientError, Wait},
    KeyPair,
};
use medrec_primitives::{AccountId, RelationshipId, TicketDigest};
use tokio::sync::Mutex;

use super::{ChainError, Hash, Proposals, ProposeError};

/// The pallets' name for a key that has been used before.
const KEY_USED: &str = "Registry::KeyUsed";

/// Proposes through a node.
pub struct NodeProposals {
    url: String,
    genesis: Hash,
    key: KeyPair,
    /// Kept while it works; connections do not heal themselves.
    connection: Mutex<Option<Chain>>,
}

impl NodeProposals {
    /// Proposes through the node at `url`, which must be on the chain `genesis`.
    pub fn new(url: String, genesis: Hash, key: KeyPair) -> Self {
        Self { url, genesis, key, connection: Mutex::default() }
    }

    async fn connect(&self) -> Result<Chain, ClientError> {
        let chain = Chain::connect_unencrypted(&self.url).await?;
        chain.expect_genesis(self.genesis)?;
        Ok(chain)
    }
}

#[async_trait]
impl Proposals for NodeProposals {
    async fn propose(
        &self,
        patient: &AccountId,
        ticket: TicketDigest,
    ) -> Result<RelationshipId, ProposeError> {
        // Held throughout, so that nonces follow each other.
        let mut connection = self.connection.lock().await;
        let call = calls::relationships::propose(patient, ticket);
        let kept = connection.take();
        let was_kept = kept.is_some();
        let mut chain = match kept {
            Some(chain) => chain,
            None => self.connect().await.map_err(failed)?,
        };
        let mut submitted = chain.submit(&call, &self.key, Wait::Finalised).await;
        // A connection that was kept may have died long ago. Proposing twice does no harm: the chain takes a key once.
        if was_kept && is_lost(&submitted) {
            chain = self.connect().await.map_err(failed)?;
            submitted = chain.submit(&call, &self.key, Wait::Finalised).await;
        }
        if !is_lost(&submitted) {
            *connection = Some(chain);
        }
        let proposed: Proposed = submitted.and_then(|submitted| submitted.expect()).map_err(failed)?;
        if proposed.patient != *patient {
            return Err(ChainError::Answer("a proposal to another key".into()).into());
        }
        Ok(proposed.relationship)
    }
}

fn is_lost<T>(submitted: &Result<T, ClientError>) -> bool {
    matches!(
        submitted,
        Err(ClientError::Rpc { .. } | ClientError::Unreachable { .. } | ClientError::TimedOut { .. })
    )
}

fn failed(error: ClientError) -> ProposeError {
    match error {
        ClientError::Failed(failure) if failure.name == KEY_USED => ProposeError::KeyUsed,
        ClientError::Failed(_) | ClientError::Refused { .. } | ClientError::OtherCall { .. } => {
            ProposeError::Refused(error.to_string())
        }
        ClientError::Undecodable { .. } => ChainError::Answer(error.to_string()).into(),
        other => ChainError::Node(other.to_string()).into(),
    }
}
