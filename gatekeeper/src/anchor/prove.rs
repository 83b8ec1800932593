//! Proofs of what is shown of records.

use std::sync::Arc;

use medrec_primitives::{
    merkle::{position, Kind, Leaf, Tree},
    Moment, RelationshipId,
};
use medrec_proof::{
    disclose::{disclose, Anchored, Proof, State, Way},
    verify::{record_value, relationship_value},
    Committed, Seed,
};
use serde_json::Value;

use super::{filling, versions::blocking, AnchorError, Anchors};
use crate::store::proofs::{Interval, Version};

impl Anchors {
    /// Proves what is shown of records of one relationship: pairs of the whole record and of what is shown of it.
    pub async fn prove(
        &self,
        of: RelationshipId,
        records: Vec<(Value, Value)>,
        now: Moment,
    ) -> Result<Vec<Proof>, AnchorError> {
        let mut versions = Vec::with_capacity(records.len());
        for (whole, _) in &records {
            versions.push(self.version_of(of, whole, now).await?);
        }
        let latest = self.store.latest_anchored().await?;
        let ways = match &latest {
            Some(interval) => self.ways(interval, of).await?,
            None => None,
        };
        let states = versions.iter().map(|version| {
            let anchored =
                ways.as_ref().filter(|_| version.first.is_some()).and_then(|ways| ways.of(version));
            anchored.unwrap_or_else(|| State::Pending(self.sealer.sign_pending(&version.root, now)))
        });
        let states: Vec<State> = states.collect();
        let seeds: Vec<Seed> = versions.into_iter().map(|version| Seed::new(version.seed)).collect();
        blocking(move || {
            let parts = records.into_iter().zip(seeds).zip(states);
            let proofs = parts.map(|(((whole, shown), seed), state)| {
                let committed = Committed::new(&seed, &whole)?;
                disclose(&committed, &whole, &shown, state).map_err(|_| AnchorError::Changed)
            });
            proofs.collect()
        })
        .await?
    }

    /// The ways from a relationship's records to an interval's root; `None` if it is not in there.
    async fn ways(&self, interval: &Interval, of: RelationshipId) -> Result<Option<Ways>, AnchorError> {
        let Some(records) = interval.records else { return Ok(None) };
        let versions = self.store.versions_at(interval.interval, of).await?;
        let provider = self.provider_tree(interval).await?;
        let own = interval.clone();
        blocking(move || {
            let filling_of_all = filling(&own, "");
            let all = Tree::new(Kind::Records, &filling_of_all, provider.as_ref().clone())?;
            let way = Way::new(&all.proof(relationship_place(&own, of))?);
            let (tree_filling, leaves) = relationship_leaves(&own, of, &versions);
            let tree = Tree::new(Kind::Records, &tree_filling, leaves)?;
            let root = tree.root();
            let places = versions.iter().map(|(resource, root)| {
                let proof = tree.proof(record_place(&own, of, resource))?;
                Some((*root, Way::new(&proof)))
            });
            let records_of: Option<Vec<_>> = places.collect();
            let anchored = Anchored {
                member: of.member,
                interval: own.interval,
                relationship: of.to_string(),
                record: Way { position: String::new(), siblings: String::new() },
                relationship_root: hex::encode(root),
                way,
                records: hex::encode(records),
            };
            Some(Ways { anchored, records: records_of? })
        })
        .await
    }

    async fn provider_tree(&self, interval: &Interval) -> Result<Arc<Vec<Leaf>>, AnchorError> {
        let mut kept = self.provider_tree.lock().await;
        if let Some((_, leaves)) = kept.as_ref().filter(|(number, _)| *number == interval.interval) {
            return Ok(leaves.clone());
        }
        let roots = self.store.roots_at(interval.interval).await?;
        let leaves: Vec<Leaf> = roots.iter().map(|(of, root)| provider_leaf(interval, *of, root)).collect();
        let leaves = Arc::new(leaves);
        *kept = Some((interval.interval, leaves.clone()));
        Ok(leaves)
    }
}

struct Ways {
    anchored: Anchored,
    /// By the roots of versions.
    records: Vec<([u8; 32], Way)>,
}

impl Ways {
    fn of(&self, version: &Version) -> Option<State> {
        let (_, way) = self.records.iter().find(|(root, _)| *root == version.root)?;
        Some(State::Anchored(Anchored { record: way.clone(), ..self.anchored.clone() }))
    }
}

/// Filling and leaves of a relationship's tree in an interval.
pub(super) fn relationship_leaves(
    interval: &Interval,
    of: RelationshipId,
    versions: &[(String, [u8; 32])],
) -> ([u8; 32], Vec<Leaf>) {
    let leaves = versions.iter().map(|(resource, root)| Leaf {
        position: record_place(interval, of, resource),
        value: record_value(root),
    });
    (filling(interval, &of.to_string()), leaves.collect())
}

/// The leaf of a relationship in the provider's tree.
pub(super) fn provider_leaf(interval: &Interval, of: RelationshipId, root: &[u8; 32]) -> Leaf {
    Leaf { position: relationship_place(interval, of), value: relationship_value(of, root) }
}

fn relationship_place(interval: &Interval, of: RelationshipId) -> u64 {
    position(&interval.secret, Kind::Records, of.to_string().as_bytes())
}

fn record_place(interval: &Interval, of: RelationshipId, resource: &str) -> u64 {
    position(&interval.secret, Kind::Records, format!("{of}/{resource}").as_bytes())
}
