//! Reading the chain's state at one block.

use std::collections::HashMap;

use codec::{Decode, DecodeAll, Encode};
use medrec_primitives::{
    AccessRequest, AccountId, Anchor, DecisionSummary, Facts, Glass, GlassId, GlassReview, GrantFacts,
    GroupId, Member, MemberId, Moment, Receipt, RelationshipId, RelationshipStatus, RequestId, SealingKey,
    SealingKeyId,
};
use sp_core::H256;
use sp_crypto_hashing::{twox_128, twox_64};

use super::{connect::Chain, error::ChainError};

/// How many members are asked for at once.
const MEMBERS_PAGE: u32 = 64;

/// How many open reviews are asked for at once.
const REVIEWS_PAGE: u32 = 100;

/// The chain's state at one block.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    chain: &'a Chain,
    block: H256,
}

impl Chain {
    /// The state at `block`.
    pub fn at(&self, block: H256) -> State<'_> {
        State { chain: self, block }
    }

    /// The state at the finalised head.
    pub async fn finalised(&self) -> Result<State<'_>, ChainError> {
        Ok(self.at(self.finalised_head().await?))
    }

    /// The state at the best block, which may still be taken back.
    pub async fn best(&self) -> Result<State<'_>, ChainError> {
        Ok(self.at(self.best_head().await?))
    }
}

impl State<'_> {
    /// The block.
    pub fn block(&self) -> H256 {
        self.block
    }

    /// What the chain knows of `viewer` at `relationship`, or nothing where there is no such relationship.
    pub async fn facts(
        &self,
        relationship: RelationshipId,
        viewer: &AccountId,
    ) -> Result<Option<Facts>, ChainError> {
        self.api("facts", (relationship, viewer)).await
    }

    /// Whether `viewer` may read anything of `relationship`, as far as the chain can tell.
    pub async fn may_read(
        &self,
        relationship: RelationshipId,
        viewer: &AccountId,
    ) -> Result<DecisionSummary, ChainError> {
        self.api("may_read", (relationship, viewer)).await
    }

    /// The relationships of a patient's account: one, by our own tools' doing, or none.
    pub async fn my_relationships(
        &self,
        account: &AccountId,
    ) -> Result<Vec<(RelationshipId, RelationshipStatus)>, ChainError> {
        self.api("my_relationships", account).await
    }

    /// The patient's account and the status of a relationship.
    pub async fn relationship(
        &self,
        relationship: RelationshipId,
    ) -> Result<Option<(AccountId, RelationshipStatus)>, ChainError> {
        self.api("relationship", relationship).await
    }

    /// One member.
    pub async fn member(&self, member: MemberId) -> Result<Option<Member>, ChainError> {
        self.api("member", member).await
    }

    /// Up to `count` members from number `start` on.
    pub async fn members(&self, start: MemberId, count: u32) -> Result<Vec<(MemberId, Member)>, ChainError> {
        self.api("members", (start, count)).await
    }

    /// Every member, page by page.
    pub async fn all_members(&self) -> Result<Vec<(MemberId, Member)>, ChainError> {
        let mut all = Vec::new();
        let mut start = 0;
        loop {
            let page = self.members(start, MEMBERS_PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(all) };
            let Some(next) = last.checked_add(1).filter(|next| *next > start) else { return Ok(all) };
            start = next;
            all.extend(page);
        }
    }

    /// Every member of a group, ascending.
    pub async fn group_members(&self, group: GroupId) -> Result<Vec<MemberId>, ChainError> {
        let (mut all, mut after) = (Vec::new(), None::<MemberId>);
        loop {
            let page: Vec<MemberId> = self.api("group_members", (group, after, MEMBERS_PAGE)).await?;
            // Whatever a node answers, this ends.
            let Some(last) = page.last().copied().filter(|last| !all.contains(last)) else { break };
            after = Some(last);
            all.extend(page);
        }
        all.sort_unstable();
        Ok(all)
    }

    /// A member's sealing keys, past ones among them.
    pub async fn sealing_keys(
        &self,
        member: MemberId,
    ) -> Result<Vec<(SealingKeyId, SealingKey)>, ChainError> {
        self.api("sealing_keys", member).await
    }

    /// The key that may be sealed to now, with its number.
    pub async fn current_sealing_key(
        &self,
        member: MemberId,
    ) -> Result<Option<(SealingKeyId, SealingKey)>, ChainError> {
        let Some(current) = self.member(member).await?.map(|member| member.sealing_key) else {
            return Ok(None);
        };
        Ok(self.sealing_keys(member).await?.into_iter().find(|(id, _)| *id == current))
    }

    /// The member that an account signs for.
    pub async fn member_of(&self, account: &AccountId) -> Result<Option<MemberId>, ChainError> {
        self.api("member_of", account).await
    }

    /// All rules of a relationship, ascending.
    pub async fn rules(&self, relationship: RelationshipId) -> Result<Vec<GrantFacts>, ChainError> {
        self.api("rules", relationship).await
    }

    /// The broken glasses of a relationship. Expired ones stay a while.
    pub async fn glasses(&self, relationship: RelationshipId) -> Result<Vec<Glass>, ChainError> {
        self.api("glasses", relationship).await
    }

    /// Every break by staff of a member that waits for review, page by page, ascending.
    pub async fn open_reviews(&self, member: MemberId) -> Result<Vec<(GlassId, GlassReview)>, ChainError> {
        let mut all: Vec<(GlassId, GlassReview)> = Vec::new();
        loop {
            let start = match all.last() {
                None => 0,
                Some((last, _)) => match last.index.checked_add(1) {
                    None => return Ok(all),
                    Some(next) => next,
                },
            };
            let page: Vec<(GlassId, GlassReview)> =
                self.api("open_reviews", (member, start, REVIEWS_PAGE)).await?;
            // A node that repeats itself would never come to an end.
            if page.first().is_none_or(|(first, _)| first.index < start) {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// A request that is open.
    pub async fn request(&self, request: RequestId) -> Result<Option<AccessRequest>, ChainError> {
        self.api("request", request).await
    }

    /// How a request ended, for as long as the chain keeps that.
    pub async fn receipt(&self, request: RequestId) -> Result<Option<Receipt>, ChainError> {
        self.api("receipt", request).await
    }

    /// The open requests of an asker.
    pub async fn requests_of(
        &self,
        asker: &AccountId,
    ) -> Result<Vec<(RequestId, AccessRequest)>, ChainError> {
        self.api("requests_of", asker).await
    }

    /// The open requests for a relationship.
    pub async fn requests_at(
        &self,
        relationship: RelationshipId,
    ) -> Result<Vec<(RequestId, AccessRequest)>, ChainError> {
        self.api("requests_at", relationship).await
    }

    /// A member's latest anchor.
    pub async fn latest_anchor(&self, member: MemberId) -> Result<Option<Anchor>, ChainError> {
        self.api("latest_anchor", member).await
    }

    /// A member's anchor of an interval, for as long as the chain keeps it.
    pub async fn anchor(&self, member: MemberId, interval: u32) -> Result<Option<Anchor>, ChainError> {
        self.api("anchor", (member, interval)).await
    }

    /// The block's timestamp (ms).
    pub async fn timestamp(&self) -> Result<Moment, ChainError> {
        let now = self.storage("Timestamp", "Now", &[]).await?;
        now.ok_or_else(|| ChainError::undecodable("its timestamp", "there is none"))
    }

    /// A value of a pallet's storage; `key` is the hashed part for a map.
    pub async fn storage<T: Decode>(
        &self,
        pallet: &str,
        item: &str,
        key: &[u8],
    ) -> Result<Option<T>, ChainError> {
        let what = || format!("{pallet}.{item}");
        let key = [storage_key(pallet, item).as_slice(), key].concat();
        let value = self
            .chain
            .rpc
            .state_get_storage(&key, Some(self.block))
            .await
            .map_err(|error| ChainError::rpc(what(), &error))?;
        value
            .map(|bytes| T::decode_all(&mut bytes.as_slice()))
            .transpose()
            .map_err(|error| ChainError::undecodable(what(), error))
    }

    /// Values of storage by their whole keys; what is not there is left out.
    pub(super) async fn raw_values(&self, keys: &[Vec<u8>]) -> Result<HashMap<Vec<u8>, Vec<u8>>, ChainError> {
        let sets = self
            .chain
            .rpc
            .state_query_storage_at(keys.iter().map(Vec::as_slice), Some(self.block))
            .await
            .map_err(|error| ChainError::rpc("many values of storage", &error))?;
        let changes = sets.into_iter().flat_map(|set| set.changes);
        Ok(changes.filter_map(|(key, value)| Some((key.0, value?.0))).collect())
    }

    /// Calls a function of the runtime's `MedRecApi`.
    async fn api<R: Decode>(&self, function: &str, arguments: impl Encode) -> Result<R, ChainError> {
        self.call(&format!("MedRecApi_{function}"), &arguments.encode()).await
    }

    /// Calls any function of the runtime's declared interfaces.
    pub async fn call<R: Decode>(&self, function: &str, arguments: &[u8]) -> Result<R, ChainError> {
        let bytes = self
            .chain
            .rpc
            .state_call(function, Some(arguments), Some(self.block))
            .await
            .map_err(|error| not_answered(function, &error))?;
        R::decode_all(&mut bytes.as_slice()).map_err(|error| ChainError::undecodable(function, error))
    }
}

/// A runtime without the function is another chain's, or of another time.
fn not_answered(function: &str, error: &subxt::rpcs::Error) -> ChainError {
    match ChainError::rpc(function, error) {
        ChainError::Rpc { reason, .. } if reason.contains("is not found") => {
            ChainError::OtherCall { call: function.into(), reason: "the runtime does not offer it".into() }
        }
        other => other,
    }
}

/// Where a state keeps the hash of an earlier block: of the last 4,096 (`System::BlockHash`).
pub fn block_hash_key(number: u32) -> Vec<u8> {
    let number = number.encode();
    [&storage_key("System", "BlockHash")[..], &twox_64(&number), &number].concat()
}

/// The key of a storage value, or the prefix of a map.
pub fn storage_key(pallet: &str, item: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&twox_128(pallet.as_bytes()));
    key[16..].copy_from_slice(&twox_128(item.as_bytes()));
    key
}
