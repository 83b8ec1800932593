//! What of the chain is kept for the time that it cannot be reached, and what is submitted when it is back.

use std::sync::Arc;

use async_trait::async_trait;
use medrec_client::{
    chain::{
        calls::{self, Call},
        events::GlassBroken,
        offline::{OfflineSigning, Turn},
        ChainError as ClientError,
    },
    Signature,
};
use medrec_primitives::{AccountId, Facts, Moment, ReasonDigest, RelationshipId, StaffId};

use super::{
    proposer::{failed, unanswered, NodeProposals},
    ChainError, Hash, ProposeError,
};

/// Writes transactions that break the glass, without asking a node.
pub trait Drafts: Send + Sync {
    /// The bytes to sign.
    fn payload(
        &self,
        relationship: RelationshipId,
        reason: &ReasonDigest,
        turn: &Turn,
    ) -> Result<Vec<u8>, ChainError>;

    /// The transaction with its signature.
    fn extrinsic(
        &self,
        relationship: RelationshipId,
        reason: &ReasonDigest,
        turn: &Turn,
        account: &AccountId,
        signature: Signature,
    ) -> Result<Vec<u8>, ChainError>;
}

/// The chain, as far as emergencies without it go.
#[async_trait]
pub trait EmergencySource: Send + Sync {
    /// The keys of all persons on all members' staffs.
    async fn staff(&self, at: Hash) -> Result<Vec<AccountId>, ChainError>;

    /// How many transactions of an account were included.
    async fn nonce(&self, at: Hash, account: &AccountId) -> Result<u64, ChainError>;

    /// What the chain knows of a viewer and a relationship.
    async fn facts(
        &self,
        at: Hash,
        relationship: RelationshipId,
        viewer: &AccountId,
    ) -> Result<Option<Facts>, ChainError>;

    /// The same with all rules of the relationship, whoever they are about, and nobody as viewer.
    async fn all_facts(&self, at: Hash, relationship: RelationshipId) -> Result<Option<Facts>, ChainError>;

    /// A block's own time (ms).
    async fn timestamp(&self, at: Hash) -> Result<Moment, ChainError>;

    /// What writes transactions for the present runtime.
    async fn drafts(&self) -> Result<Arc<dyn Drafts>, ChainError>;

    /// Submits a transaction that breaks the glass, and waits until that is final. Gives the break.
    async fn submit(&self, extrinsic: Vec<u8>) -> Result<String, ProposeError>;

    /// Whether a transaction can be in no block any more: its place was taken, or the last block that may have it was, finally.
    async fn is_over(&self, account: &AccountId, nonce: u64, last_block: u64) -> Result<bool, ChainError>;

    /// A person's break of the glass at a relationship, if the chain has one.
    async fn glass(&self, relationship: RelationshipId, staff: StaffId)
        -> Result<Option<String>, ChainError>;
}

/// Emergencies through a member's node.
pub struct NodeEmergencies(Arc<NodeProposals>);

impl NodeEmergencies {
    /// Over the connection that proposals go over.
    pub fn new(node: Arc<NodeProposals>) -> Self {
        Self(node)
    }
}

#[async_trait]
impl EmergencySource for NodeEmergencies {
    async fn staff(&self, at: Hash) -> Result<Vec<AccountId>, ChainError> {
        let chain = self.0.asked().await?;
        let found = chain.staff_keys(at).await;
        self.0.checked(found).await
    }

    async fn nonce(&self, at: Hash, account: &AccountId) -> Result<u64, ChainError> {
        let chain = self.0.asked().await?;
        let found = chain.nonce_at(at, account).await;
        self.0.checked(found).await
    }

    async fn facts(
        &self,
        at: Hash,
        relationship: RelationshipId,
        viewer: &AccountId,
    ) -> Result<Option<Facts>, ChainError> {
        let chain = self.0.asked().await?;
        let found = chain.at(at).facts(relationship, viewer).await;
        self.0.checked(found).await
    }

    async fn all_facts(&self, at: Hash, relationship: RelationshipId) -> Result<Option<Facts>, ChainError> {
        let chain = self.0.asked().await?;
        let nobody = AccountId::new([0; 32]);
        let facts = chain.at(at).facts(relationship, &nobody).await;
        let Some(facts) = self.0.checked(facts).await? else { return Ok(None) };
        let rules = chain.at(at).rules(relationship).await;
        Ok(Some(Facts { grants: self.0.checked(rules).await?, ..facts }))
    }

    async fn timestamp(&self, at: Hash) -> Result<Moment, ChainError> {
        let chain = self.0.asked().await?;
        let found = chain.at(at).timestamp().await;
        self.0.checked(found).await
    }

    async fn drafts(&self) -> Result<Arc<dyn Drafts>, ChainError> {
        let chain = self.0.asked().await?;
        let found = chain.offline_signing().await;
        Ok(Arc::new(self.0.checked(found).await?))
    }

    async fn submit(&self, extrinsic: Vec<u8>) -> Result<String, ProposeError> {
        let chain = self.0.asked().await?;
        let submitted = chain.submit_signed(extrinsic).await;
        if let Err(ClientError::Rpc { .. } | ClientError::Unreachable { .. } | ClientError::TimedOut { .. }) =
            &submitted
        {
            self.0.forget_connection().await;
        }
        let broken: GlassBroken = submitted.and_then(|submitted| submitted.expect()).map_err(failed)?;
        Ok(broken.glass.to_string())
    }

    async fn is_over(&self, account: &AccountId, nonce: u64, last_block: u64) -> Result<bool, ChainError> {
        let chain = self.0.asked().await?;
        let found = async {
            let head = chain.finalised().await?.block();
            let taken = chain.nonce_at(head, account).await? > nonce;
            Ok(taken || chain.number(head).await? > last_block)
        };
        self.0.checked(found.await).await
    }

    async fn glass(
        &self,
        relationship: RelationshipId,
        staff: StaffId,
    ) -> Result<Option<String>, ChainError> {
        let chain = self.0.asked().await?;
        let found = async { chain.finalised().await?.glasses(relationship).await };
        let glasses = self.0.checked(found.await).await?;
        Ok(glasses.into_iter().find(|glass| glass.staff == staff).map(|glass| glass.id.to_string()))
    }
}

impl Drafts for OfflineSigning {
    fn payload(
        &self,
        relationship: RelationshipId,
        reason: &ReasonDigest,
        turn: &Turn,
    ) -> Result<Vec<u8>, ChainError> {
        OfflineSigning::payload(self, &call(relationship, reason), turn).map_err(unanswered)
    }

    fn extrinsic(
        &self,
        relationship: RelationshipId,
        reason: &ReasonDigest,
        turn: &Turn,
        account: &AccountId,
        signature: Signature,
    ) -> Result<Vec<u8>, ChainError> {
        let call = call(relationship, reason);
        OfflineSigning::extrinsic(self, &call, turn, account, signature).map_err(unanswered)
    }
}

fn call(relationship: RelationshipId, reason: &ReasonDigest) -> Call {
    calls::permissions::break_glass(relationship, *reason)
}
