//! Which version a record is: a new one whenever anything in it is not what it was.

use std::collections::HashMap;

use medrec_primitives::{Moment, RelationshipId};
use medrec_proof::{canonical, Committed, Seed};
use rand::RngCore;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{AnchorError, Anchors};
use crate::store::proofs::Version;

impl Anchors {
    /// Notes all records of a relationship as they are now: new and changed ones get a new version, those that are not among them
    /// are gone. Gives how many were new or changed, and how many gone.
    pub async fn note_all(
        &self,
        of: RelationshipId,
        records: Vec<Value>,
        now: Moment,
    ) -> Result<(usize, usize), AnchorError> {
        let mut known: HashMap<String, Version> = self
            .store
            .current_versions(of)
            .await?
            .into_iter()
            .map(|version| (version.resource.clone(), version))
            .collect();
        let changed = records.into_iter().filter(|record| {
            !known.remove(&name(record)).is_some_and(|version| is_version(&version, record))
        });
        let changed: Vec<Value> = changed.collect();
        let gone: Vec<String> = {
            let changed: Vec<String> = changed.iter().map(name).collect();
            known.into_keys().filter(|name| !changed.contains(name)).collect()
        };
        let new = blocking(move || changed.iter().map(new_version).collect::<Result<Vec<_>, _>>()).await??;
        if !new.is_empty() || !gone.is_empty() {
            self.store.replace_versions(of, &new, &gone, now).await?;
        }
        Ok((new.len(), gone.len()))
    }

    /// The version that a record is now; a new one if it was not seen so before.
    pub(super) async fn version_of(
        &self,
        of: RelationshipId,
        record: &Value,
        now: Moment,
    ) -> Result<Version, AnchorError> {
        if let Some(version) = self.store.current_version(of, &name(record)).await? {
            if is_version(&version, record) {
                return Ok(version);
            }
        }
        let record = record.clone();
        let version = blocking(move || new_version(&record)).await??;
        self.store.replace_versions(of, std::slice::from_ref(&version), &[], now).await?;
        Ok(version)
    }
}

/// What is dear is not done where requests wait.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AnchorError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| AnchorError::Broken)
}

/// `Type/id`.
pub(super) fn name(record: &Value) -> String {
    let part = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{}/{}", part("resourceType"), part("id"))
}

fn new_version(record: &Value) -> Result<Version, AnchorError> {
    let mut seed = [0; 32];
    rand::rngs::OsRng.fill_bytes(&mut seed);
    let root = Committed::new(&Seed::new(seed), record)?.root();
    Ok(Version { resource: name(record), digest: digest(&seed, record), seed, root, first: None })
}

fn is_version(version: &Version, record: &Value) -> bool {
    digest(&version.seed, record) == version.digest
}

fn digest(seed: &[u8; 32], record: &Value) -> [u8; 32] {
    let hasher = Sha256::new_with_prefix(b"medrec/anchor/digest/v1");
    hasher.chain_update(seed).chain_update(canonical::text(record)).finalize().into()
}
