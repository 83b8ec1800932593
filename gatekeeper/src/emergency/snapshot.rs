//! What is kept of the last finalised block that was read, for the time that no other can be: in memory, and up to date block by block.
//!
//! What cannot be brought up to date is taken out: nothing is opened by what may be old.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock},
};

use codec::Decode;
use futures::{stream, StreamExt, TryStreamExt};
use medrec_client::chain::events::Event;
use medrec_primitives::{AccountId, Facts, MemberId, RelationshipId, StaffFacts, StaffRole};

use crate::{
    chain::{
        emergency::{Drafts, EmergencySource},
        ChainError, Hash, Head,
    },
    clock::Time,
    notices::events::said,
    store::{Store, StoreError},
};

/// In how many blocks the nonces of emergency staff are looked up again, whatever happens.
const NONCES: u64 = 10;

/// Where what staff signs is told of: after that, their nonces are looked up at once.
const SIGNED_BY_STAFF: [&str; 2] = ["Permissions", "Access"];

/// What says how a member stands: of what the registry says, only this is in what is known of each relationship.
const STANDING: [&str; 4] = ["Admitted", "Suspended", "Reinstated", "Removed"];

/// How many relationships are read at a time.
const AT_ONCE: usize = 32;

/// See the module.
#[derive(Default)]
pub struct Snapshot(RwLock<Inner>);

#[derive(Default)]
struct Inner {
    head: Option<Head>,
    facts: HashMap<RelationshipId, Facts>,
    staff: HashMap<AccountId, (StaffFacts, u64)>,
    drafts: Option<Arc<dyn Drafts>>,
    /// Whether all relationships were read.
    whole: bool,
    /// Whether the staff was read.
    staffed: bool,
}

/// Why the snapshot could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The node does not answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Snapshot {
    /// The last finalised block that was read.
    pub fn head(&self) -> Option<Head> {
        self.read(|inner| inner.head.clone())
    }

    /// What it knew of a relationship, with all of its rules.
    pub fn facts(&self, relationship: RelationshipId) -> Option<Facts> {
        self.read(|inner| inner.facts.get(&relationship).cloned())
    }

    /// A person on emergency staff, and how many transactions of its were included.
    pub fn staff(&self, account: &AccountId) -> Option<(StaffFacts, u64)> {
        self.read(|inner| inner.staff.get(account).cloned())
    }

    /// What writes transactions for the runtime of then.
    pub fn drafts(&self) -> Option<Arc<dyn Drafts>> {
        self.read(|inner| inner.drafts.clone())
    }

    fn read<T>(&self, read: impl FnOnce(&Inner) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, write: impl FnOnce(&mut Inner) -> T) -> T {
        write(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps a snapshot up to date.
pub struct Keeper {
    /// The snapshot.
    pub snapshot: Arc<Snapshot>,
    /// The chain.
    pub chain: Arc<dyn EmergencySource>,
    /// Which relationships are bound.
    pub store: Store,
    /// Whose they are.
    pub member: MemberId,
    /// The clock by which blocks are seen.
    pub time: Arc<dyn Time>,
}

impl Keeper {
    /// Forgets everything: blocks are passed over, and what happened in them is not known. The next block brings it back.
    pub fn forget(&self) {
        self.snapshot.write(|inner| *inner = Inner::default());
    }

    /// Takes up a finalised block and what happened in it.
    pub async fn take(&self, number: u64, hash: Hash, events: &[Event]) -> Result<(), SnapshotError> {
        if events.iter().any(|event| said(event, self.member).is_err()) {
            // What cannot be read may be about anybody.
            self.forget();
        }
        let touched: BTreeSet<RelationshipId> =
            events.iter().filter_map(|event| said(event, self.member).ok().flatten()?.relationship).collect();
        let registry = events.iter().any(|event| event.pallet == "Registry");
        let standing = events.iter().any(|event| is_about_standing(event, self.member));
        // Until they are read again, nothing is known of those to whom something happened.
        self.snapshot.write(|inner| {
            touched.iter().for_each(|of| drop(inner.facts.remove(of)));
            if registry {
                inner.staffed = false;
                inner.staff.clear();
            }
            if standing {
                inner.whole = false;
                inner.facts.clear();
            }
        });
        let upgraded = events.iter().any(|event| event.pallet == "System" && event.name == "CodeUpdated");
        if upgraded {
            // What is written for the runtime of before is refused by the one of now.
            self.snapshot.write(|inner| inner.drafts = None);
        }
        let imported = self.time.now().monotonic;
        let timestamp = self.chain.timestamp(hash).await?;
        let (whole, staffed, drafts) =
            self.snapshot.read(|inner| (inner.whole, inner.staffed, inner.drafts.is_some()));
        if !drafts {
            let drafts = self.chain.drafts().await?;
            self.snapshot.write(|inner| inner.drafts = Some(drafts));
        }
        self.take_facts(hash, whole, touched).await?;
        let signed = events.iter().any(|event| SIGNED_BY_STAFF.contains(&event.pallet.as_str()));
        if !staffed || signed || number.is_multiple_of(NONCES) {
            self.take_staff(hash, staffed).await?;
        }
        self.snapshot.write(|inner| inner.head = Some(Head { hash, number, timestamp, imported }));
        Ok(())
    }

    async fn take_facts(
        &self,
        at: Hash,
        whole: bool,
        touched: BTreeSet<RelationshipId>,
    ) -> Result<(), SnapshotError> {
        let bound = self.store.bound_records().await?.into_iter().map(|(of, _)| of);
        let missing: Vec<RelationshipId> =
            bound.filter(|of| !whole || touched.contains(of) || self.snapshot.facts(*of).is_none()).collect();
        let read =
            stream::iter(missing).map(|of| async move { Ok((of, self.chain.all_facts(at, of).await?)) });
        let keep = |(of, facts)| {
            if let Some(facts) = facts {
                self.snapshot.write(|inner| inner.facts.insert(of, facts));
            }
            std::future::ready(Ok::<_, ChainError>(()))
        };
        read.buffer_unordered(AT_ONCE).try_for_each(keep).await?;
        self.snapshot.write(|inner| inner.whole = true);
        Ok(())
    }

    async fn take_staff(&self, at: Hash, only_nonces: bool) -> Result<(), SnapshotError> {
        let accounts = match only_nonces {
            true => self.snapshot.read(|inner| inner.staff.keys().cloned().collect()),
            false => self.chain.staff(at).await?,
        };
        // Any relationship does: who is on a staff, is so towards all.
        let Some((any, _)) = self.store.bound_records().await?.into_iter().next() else { return Ok(()) };
        for account in accounts {
            let found = self.chain.facts(at, any, &account).await?.and_then(|facts| facts.staff);
            let Some(staff) = found.filter(|staff| staff.role == StaffRole::Emergency) else {
                self.snapshot.write(|inner| inner.staff.remove(&account));
                continue;
            };
            let nonce = self.chain.nonce(at, &account).await?;
            self.snapshot.write(|inner| inner.staff.insert(account, (staff, nonce)));
        }
        self.snapshot.write(|inner| inner.staffed = true);
        Ok(())
    }
}

/// Whether it says how this provider stands. What names no member that can be read may.
fn is_about_standing(event: &Event, member: MemberId) -> bool {
    event.pallet == "Registry"
        && STANDING.contains(&event.name.as_str())
        && MemberId::decode(&mut event.fields.as_slice()).map_or(true, |named| named == member)
}

#[cfg(test)]
mod tests {
    use codec::Encode;

    use super::*;

    #[test]
    fn all_relationships_should_be_read_again_when_this_provider_stands_otherwise_and_not_when_another_does()
    {
        let said = |pallet: &str, name: &str, fields: Vec<u8>| {
            is_about_standing(&Event { pallet: pallet.into(), name: name.into(), fields }, 3)
        };
        assert!(said("Registry", "Suspended", 3u32.encode()));
        assert!(said("Registry", "Reinstated", Vec::new()));
        assert!(!said("Registry", "Suspended", 4u32.encode()));
        assert!(!said("Registry", "StaffAdded", 3u32.encode()));
        assert!(!said("Relationships", "Suspended", 3u32.encode()));
    }
}
