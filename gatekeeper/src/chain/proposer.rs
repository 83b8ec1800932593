//! Proposes relationships and changes of keys, signed by the gatekeeper's own key.

use std::sync::Arc;

use async_trait::async_trait;
use medrec_client::{
    chain::{
        calls::{self, Call},
        events::{MinorProposed, Proposed},
        Chain, ChainError as ClientError, Submitted, Wait,
    },
    KeyPair,
};
use medrec_primitives::{AccountId, Moment, RelationshipId, TicketDigest};
use tokio::sync::Mutex;

use super::{nodes::Nodes, ChainError, Hash, KeyChange, KeyStep, Proposals, ProposeError};

/// The pallets' names for what is wrong with a key for good: it has been used before; the relationship has had too many.
const KEY_REFUSED: [&str; 2] = ["Registry::KeyUsed", "Relationships::TooManyKeys"];

/// Proposes through a node. Several proposals may be on their way at once.
pub struct NodeProposals {
    nodes: Arc<Nodes>,
    genesis: Hash,
    key: KeyPair,
    /// Kept while it works, with the node that was chosen when it was made; connections do not heal themselves. Its clones
    /// count nonces together.
    connection: Mutex<Option<(Chain, usize)>>,
}

impl NodeProposals {
    /// Proposes through whichever of these nodes is asked, which must be on the chain `genesis`.
    pub fn new(nodes: Arc<Nodes>, genesis: Hash, key: KeyPair) -> Self {
        Self { nodes, genesis, key, connection: Mutex::default() }
    }

    /// The connection, and whether it was kept from before.
    pub(super) async fn connection(&self) -> Result<(Chain, bool), ClientError> {
        let mut kept = self.connection.lock().await;
        let chosen = self.nodes.chosen();
        if let Some((chain, _)) = kept.as_ref().filter(|(_, when_made)| *when_made == chosen) {
            return Ok((chain.clone(), true));
        }
        let chain = self.nodes.connect(Some(self.genesis)).await?;
        *kept = Some((chain.clone(), chosen));
        Ok((chain, false))
    }

    /// The connection, to ask the node something.
    pub(super) async fn asked(&self) -> Result<Chain, ChainError> {
        Ok(self.connection().await.map_err(unanswered)?.0)
    }

    /// What the node answered. A connection that fails is made anew the next time.
    pub(super) async fn checked<T>(&self, answer: Result<T, ClientError>) -> Result<T, ChainError> {
        if let Err(ClientError::Rpc { .. } | ClientError::Unreachable { .. }) = &answer {
            self.forget_connection().await;
        }
        answer.map_err(unanswered)
    }

    /// Makes the connection anew the next time.
    pub(super) async fn forget_connection(&self) {
        *self.connection.lock().await = None;
    }

    pub(super) async fn submit(&self, call: &Call) -> Result<Submitted, ClientError> {
        match self.try_submit(call).await {
            // A connection that was kept may have died long ago. Submitting twice does no harm: the chain takes a key, and an
            // interval, once.
            (Err(ClientError::Rpc { .. } | ClientError::Unreachable { .. }), true) => {
                self.try_submit(call).await.0
            }
            (submitted, _) => submitted,
        }
    }

    /// What came of it, and whether it went over a connection that was kept from before.
    async fn try_submit(&self, call: &Call) -> (Result<Submitted, ClientError>, bool) {
        let (chain, was_kept) = match self.connection().await {
            Ok(connection) => connection,
            Err(error) => return (Err(error), false),
        };
        let submitted = chain.submit(call, &self.key, Wait::Finalised).await;
        if is_lost(&submitted) {
            self.forget_connection().await;
        }
        (submitted, was_kept)
    }
}

#[async_trait]
impl Proposals for NodeProposals {
    async fn propose(
        &self,
        patient: &AccountId,
        ticket: TicketDigest,
    ) -> Result<RelationshipId, ProposeError> {
        let submitted = self.submit(&calls::relationships::propose(patient, ticket)).await;
        let proposed: Proposed = submitted.and_then(|submitted| submitted.expect()).map_err(failed)?;
        if proposed.patient != *patient {
            return Err(ChainError::Answer("a proposal to another key".into()).into());
        }
        Ok(proposed.relationship)
    }

    async fn propose_minor(
        &self,
        guardian: &AccountId,
        handover: Moment,
        ticket: TicketDigest,
    ) -> Result<RelationshipId, ProposeError> {
        let submitted = self.submit(&calls::relationships::propose_minor(guardian, handover, ticket)).await;
        let proposed: MinorProposed = submitted.and_then(|submitted| submitted.expect()).map_err(failed)?;
        if proposed.guardian != *guardian {
            return Err(ChainError::Answer("a proposal to another guardian".into()).into());
        }
        Ok(proposed.relationship)
    }

    async fn change_key(&self, change: &KeyChange) -> Result<u64, ProposeError> {
        let id = change.relationship;
        let call = match &change.step {
            KeyStep::Request { lost, key, ticket } => {
                calls::relationships::request_rekey(id, lost, key, Some(*ticket))
            }
            KeyStep::Approve { key, ticket } => calls::relationships::approve_rekey(id, key, Some(*ticket)),
            KeyStep::Reproof { key, ticket } => calls::relationships::reproof(id, key, *ticket),
            KeyStep::Cancel => calls::relationships::cancel_rekey(id),
            KeyStep::Enrol { key, ticket } => calls::relationships::enrol_patient(id, key, *ticket),
        };
        Ok(self.submit(&call).await.map_err(failed)?.block_number)
    }
}

fn is_lost<T>(submitted: &Result<T, ClientError>) -> bool {
    matches!(
        submitted,
        Err(ClientError::Rpc { .. } | ClientError::Unreachable { .. } | ClientError::TimedOut { .. })
    )
}

pub(super) fn failed(error: ClientError) -> ProposeError {
    match error {
        ClientError::Failed(failure) if KEY_REFUSED.contains(&failure.name.as_str()) => ProposeError::KeyUsed,
        ClientError::Failed(_) | ClientError::Refused { .. } | ClientError::OtherCall { .. } => {
            ProposeError::Refused(error.to_string())
        }
        ClientError::Undecodable { .. } => ChainError::Answer(error.to_string()).into(),
        other => ChainError::Node(other.to_string()).into(),
    }
}

/// The node did not answer, in its own words.
pub(super) fn unanswered(error: ClientError) -> ChainError {
    ChainError::Node(error.to_string())
}
