//! Reads the events of finalised blocks into the queue, one block after the other, each once.

use std::{sync::Arc, time::Duration};

use medrec_client::{chain::events::Event, notices::Details};
use medrec_primitives::{MemberId, RequestId};
use sp_core::crypto::Ss58Codec;

use super::events::{said, viewer_text, Said};
use crate::{
    chain::{events::BlockEvents, ChainError, Hash},
    clock::Time,
    store::{notices::NewNotice, Store, StoreError},
};

/// How often it is looked whether there is a new block.
const LOOK: Duration = Duration::from_secs(1);

/// Blocks read in one step.
const BATCH: u64 = 100;

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
        let Some((last, mut parent)) = self.store.notices_position().await? else {
            // What was before the first start, nobody waits for.
            self.store.add_notices(&[], self.time.now().wall, newest).await?;
            return Ok(0);
        };
        let until = newest.0.min(last.saturating_add(BATCH));
        for number in last.saturating_add(1)..=until {
            let hash = self.chain.block(number).await?.ok_or(ChainError::NotReady)?;
            let events = match self.chain.events(hash).await {
                Ok(events) => events,
                Err(error) => return self.pass_over(number, newest.0, error).await,
            };
            let notices = self.notices(hash, parent, &events).await?;
            self.store.add_notices(&notices, self.time.now().wall, (number, hash)).await?;
            parent = hash;
        }
        Ok(until.saturating_sub(last))
    }

    /// Goes on behind blocks whose events the node does not have any more, and says so to everybody.
    async fn pass_over(&self, first: u64, newest: u64, error: ChainError) -> Result<u64, FollowError> {
        let last = newest.saturating_sub(KEPT);
        // Young enough to be there, or the node is gone altogether: that passes.
        if first >= last || self.chain.finalised().await.is_err() {
            return Err(error.into());
        }
        let hash = self.chain.block(last).await?.ok_or(ChainError::NotReady)?;
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
        Ok(BATCH)
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
