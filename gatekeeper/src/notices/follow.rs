//! Reads the events of finalised blocks into the queue, one block after the other, each once.

use std::{sync::Arc, time::Duration};

use medrec_client::{chain::events::Event, notices::Details};
use medrec_primitives::{MemberId, RequestId};
use sp_core::crypto::Ss58Codec;
use tokio::sync::Mutex;

use super::events::{said, viewer_text, Said};
use crate::{
    chain::{events::BlockEvents, ChainError, Hash},
    clock::Time,
    emergency::snapshot::Keeper,
    store::{notices::NewNotice, Store, StoreError},
};

/// How often it is looked whether there is a new block.
const LOOK: Duration = Duration::from_secs(1);

/// Blocks read in one step.
const BATCH: u64 = 100;

/// So far behind, it is caught up first.
const BEHIND: u64 = 8;

/// Nodes keep the state of so many blocks for sure; what is older may be gone, and its events with it.
const KEPT: u64 = 200;

/// Why the chain could not be read on.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The node does not answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads events for one member.
pub struct Reader {
    /// The chain.
    pub chain: Arc<dyn BlockEvents>,
    /// Where notices are kept.
    pub store: Store,
    /// Whose relationships they are about.
    pub member: MemberId,
    /// The clock that says when something was noticed.
    pub time: Arc<dyn Time>,
    /// What else is kept of each block, if anything is.
    pub keeper: Option<Keeper>,
    /// How far this gatekeeper has read, once it has: others that share its store read for themselves.
    pub position: Mutex<Option<(u64, Hash)>>,
}

/// Reads on for ever.
pub async fn keep_following(reader: Reader) {
    let mut failing = false;
    loop {
        match reader.step().await {
            // There may be more to catch up with.
            Ok(BATCH) => continue,
            Ok(_) => failing = false,
            Err(error) => {
                // Told once: while the node is away, this happens every second.
                if !failing {
                    tracing::warn!(reason = %error, "cannot read the chain's events; notices wait");
                }
                failing = true;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Reader {
    /// Reads what there is to read now. Gives how many blocks.
    pub async fn step(&self) -> Result<u64, FollowError> {
        let newest = self.chain.finalised().await?;
        let mut position = self.position.lock().await;
        let from = match *position {
            Some(position) => Some(position),
            None => self.store.notices_position().await?,
        };
        let Some((last, mut parent)) = from else {
            // What was before the first start, nobody waits for.
            self.store.add_notices(&[], self.time.now().wall, newest).await?;
            *position = Some(newest);
            return Ok(0);
        };
        let until = newest.0.min(last.saturating_add(BATCH));
        for number in last.saturating_add(1)..=until {
            // A light client does not even know the hashes of blocks that are long past.
            let found = match self.chain.block(number).await? {
                Some(hash) => self.chain.events(hash).await.map(|events| (hash, events)),
                None => Err(ChainError::NotReady),
            };
            let (hash, events) = match found {
                Ok(found) => found,
                Err(error) => {
                    *position = Some(self.pass_over(number, newest.0, error).await?);
                    return Ok(BATCH);
                }
            };
            let notices = self.notices(hash, parent, &events).await?;
            self.store.add_notices(&notices, self.time.now().wall, (number, hash)).await?;
            if let Some(keeper) = &self.keeper {
                self.keep(keeper, newest.0.saturating_sub(number), (number, hash), &events).await;
            }
            *position = Some((number, hash));
            parent = hash;
        }
        Ok(until.saturating_sub(last))
    }

    /// Has what emergencies need kept up to date, but not while there is much to catch up with: the last blocks bring all of it.
    async fn keep(&self, keeper: &Keeper, behind: u64, (number, hash): (u64, Hash), events: &[Event]) {
        if behind > BEHIND {
            return keeper.forget();
        }
        // What could not be read is taken out; the next block brings it back.
        if let Err(error) = keeper.take(number, hash, events).await {
            tracing::warn!(reason = %error, "what emergencies need of the chain is not up to date");
        }
    }

    /// Goes on behind blocks whose events the node does not have any more, and says so to everybody, unless another gatekeeper has read
    /// them. Gives where to go on.
    async fn pass_over(
        &self,
        first: u64,
        newest: u64,
        error: ChainError,
    ) -> Result<(u64, Hash), FollowError> {
        let last = newest.saturating_sub(KEPT);
        // Young enough to be there, or the node is gone altogether: that passes.
        if first >= last || self.chain.finalised().await.is_err() {
            return Err(error.into());
        }
        let hash = self.chain.block(last).await?.ok_or(ChainError::NotReady)?;
        self.keeper.iter().for_each(Keeper::forget);
        if let Some(read) = self.store.notices_position().await?.filter(|(number, _)| *number >= last) {
            return Ok(read);
        }
        tracing::error!(
            first,
            last,
            "the node has no events of these blocks any more; everybody is told that notices are missing"
        );
        let missed = NewNotice {
            relationship: None,
            kind: "missed".into(),
            subject: None,
            source: format!("missed {first}"),
            details: Details { blocks: Some((first, last)), ..Details::default() },
        };
        self.store.add_notices(&[missed], self.time.now().wall, (last, hash)).await?;
        Ok((last, hash))
    }

    async fn notices(&self, at: Hash, parent: Hash, events: &[Event]) -> Result<Vec<NewNotice>, FollowError> {
        let mut notices: Vec<NewNotice> = Vec::new();
        for (index, event) in events.iter().enumerate() {
            let said = match said(event, self.member) {
                Ok(Some(said)) => said,
                Ok(None) => continue,
                Err(error) => {
                    tracing::error!(pallet = event.pallet, name = event.name, %error, "an event is of another form than known here");
                    continue;
                }
            };
            let said = self.filled(said, at, parent, &notices).await?;
            // A request of which nobody knows any more whose records it is about.
            let Some(relationship) = said.relationship else { continue };
            notices.push(NewNotice {
                relationship: Some(relationship),
                subject: said.subject(),
                kind: said.kind,
                source: format!("event {at:#x} {index}"),
                details: said.details,
            });
        }
        Ok(notices)
    }

    /// With what the event leaves out: whom a rule was about, who broke the glass, who asked whom.
    async fn filled(
        &self,
        mut said: Said,
        at: Hash,
        parent: Hash,
        before: &[NewNotice],
    ) -> Result<Said, FollowError> {
        let lacks_viewer = said.grant.is_some() && said.details.viewer.is_none();
        let lacks_staff = said.glass.is_some() && said.details.staff.is_none();
        if !(lacks_viewer || lacks_staff || said.request.is_some()) {
            return Ok(said);
        }
        let subject = said.subject();
        let same = |notice: &&NewNotice| {
            notice.subject == subject
                && (said.relationship.is_none() || notice.relationship == said.relationship)
        };
        let known = match before.iter().find(same) {
            Some(notice) => Some((notice.relationship, notice.details.clone())),
            None => {
                let subject = subject.as_deref().unwrap_or_default();
                let found = self.store.first_notice_about(subject, said.relationship).await?;
                found.map(|notice| (notice.relationship, notice.details))
            }
        };
        if let Some((relationship, details)) = known {
            said.relationship = said.relationship.or(relationship);
            said.details.viewer = said.details.viewer.or(details.viewer);
            said.details.staff = said.details.staff.or(details.staff);
            said.details.asker = said.details.asker.or(details.asker);
        }
        if let (Some(of), Some(grant), None) = (said.relationship, said.grant, &said.details.viewer) {
            said.details.viewer = self.chain.viewer(parent, of, grant).await?.as_ref().map(viewer_text);
        }
        if let (Some(request), None) = (said.request, &said.details.asker) {
            if let Some((relationship, asker)) = self.request(at, parent, request).await? {
                said.relationship = Some(relationship);
                said.details.asker = Some(asker);
            }
        }
        Ok(said)
    }

    async fn request(
        &self,
        at: Hash,
        parent: Hash,
        request: RequestId,
    ) -> Result<Option<(medrec_primitives::RelationshipId, String)>, FollowError> {
        // What is over has left the state with the event that says so.
        for block in [at, parent] {
            if let Some(found) = self.chain.request(block, request).await? {
                return Ok(Some((found.relationship, found.asker.to_ss58check())));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Mutex as Lock;

    use async_trait::async_trait;
    use codec::Encode;
    use medrec_primitives::{AccessRequest, GrantId, RelationshipId, Viewer};

    use super::*;
    use crate::{clock::SystemTimeSource, store::tests::temporary};

    const ID: RelationshipId = RelationshipId::new(0, 3);

    /// Blocks whose events are gone before some number, as a node that prunes has them.
    struct Pruned {
        newest: Lock<u64>,
        from: u64,
        events: fn(u64) -> Vec<Event>,
    }

    fn number(hash: Hash) -> u64 {
        hash.to_low_u64_be()
    }

    #[async_trait]
    impl BlockEvents for Pruned {
        async fn finalised(&self) -> Result<(u64, Hash), ChainError> {
            let newest = *self.newest.lock().unwrap();
            Ok((newest, Hash::from_low_u64_be(newest)))
        }

        async fn block(&self, number: u64) -> Result<Option<Hash>, ChainError> {
            Ok(Some(Hash::from_low_u64_be(number)))
        }

        async fn events(&self, at: Hash) -> Result<Vec<Event>, ChainError> {
            if number(at) < self.from {
                return Err(ChainError::Node("State already discarded".into()));
            }
            Ok((self.events)(number(at)))
        }

        async fn viewer(&self, _: Hash, _: RelationshipId, _: GrantId) -> Result<Option<Viewer>, ChainError> {
            Ok(Some(Viewer::Group(7)))
        }

        async fn request(&self, _: Hash, _: RequestId) -> Result<Option<AccessRequest>, ChainError> {
            Ok(None)
        }
    }

    fn event(name: &str, fields: impl Encode) -> Event {
        Event { pallet: "Permissions".into(), name: name.into(), fields: fields.encode() }
    }

    async fn reader(chain: Pruned) -> (Reader, Arc<Pruned>, tempfile::TempDir) {
        let (store, folder) = temporary().await;
        let chain = Arc::new(chain);
        let time = Arc::new(SystemTimeSource);
        let reader =
            Reader { chain: chain.clone(), store, member: 0, time, keeper: None, position: Mutex::default() };
        // The first step takes what is final for known.
        assert_eq!(reader.step().await.unwrap(), 0);
        (reader, chain, folder)
    }

    #[tokio::test]
    async fn events_should_be_read_once_each_and_filled_by_what_came_before() {
        let events = |number| match number {
            11 => vec![event("Granted", (ID, 4u32, Viewer::Member(5)))],
            12 => vec![event("Revoked", (ID, 4u32)), event("Revoked", (ID, 9u32))],
            _ => Vec::new(),
        };
        let (reader, chain, _folder) = reader(Pruned { newest: Lock::new(10), from: 0, events }).await;
        *chain.newest.lock().unwrap() = 13;
        assert_eq!(reader.step().await.unwrap(), 3);
        assert_eq!(reader.step().await.unwrap(), 0);
        let notices = reader.store.notices_after(0, Some(ID), 9).await.unwrap();
        let said: Vec<_> = notices
            .iter()
            .map(|notice| (notice.kind.as_str(), notice.details.viewer.as_deref().unwrap()))
            .collect();
        // The first rule is known from its notice, the other from the state before its block.
        assert_eq!(said, [("granted", "member:5"), ("revoked", "member:5"), ("revoked", "group:7")]);
    }

    #[tokio::test]
    async fn blocks_should_be_told_as_missed_when_their_events_are_gone() {
        let events = |_| vec![event("GlassClosed", (ID, medrec_primitives::GlassId::new(1, 0)))];
        let (reader, chain, _folder) = reader(Pruned { newest: Lock::new(10), from: 500, events }).await;
        *chain.newest.lock().unwrap() = 700;
        assert_eq!(reader.step().await.unwrap(), BATCH);
        let notices = reader.store.notices_after(0, None, 9).await.unwrap();
        assert_eq!((notices.len(), notices[0].kind.as_str()), (1, "missed"));
        assert_eq!(notices[0].details.blocks, Some((11, 500)));
        while reader.step().await.unwrap() > 0 {}
        assert_eq!(reader.store.notices_after(1, None, 999).await.unwrap().len(), 200);
    }

    #[tokio::test]
    async fn nothing_should_be_passed_over_when_events_may_come_yet() {
        let (reader, chain, _folder) =
            reader(Pruned { newest: Lock::new(10), from: 500, events: |_| Vec::new() }).await;
        *chain.newest.lock().unwrap() = 20;
        assert!(reader.step().await.is_err());
        assert_eq!(reader.store.notices_position().await.unwrap().unwrap().0, 10);
    }
}
