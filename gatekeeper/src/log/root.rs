//! The root of the log that goes into anchors.
//!
//! Each anchored interval has a tree over the hashes of the entries that were added since the anchored interval before it. An
//! entry's hash covers all entries before it, so the trees together are over the whole log, and none grows with it.

use medrec_primitives::merkle::{position, Kind, Leaf, Proof, Tree};
use sha2::{Digest, Sha256};

use super::{AuditLog, LogError};
use crate::store::{Store, StoreError};

/// Entries read at a time.
const ROWS: u32 = 1000;

impl AuditLog {
    /// The root over the entries after number `after` up to number `until`. The interval's secret says where they stand.
    pub async fn root_between(
        &self,
        secret: &[u8; 32],
        after: u64,
        until: u64,
    ) -> Result<[u8; 32], LogError> {
        Ok(root_between(&self.store, secret, after, until).await?)
    }

    /// That the entry of this number is under the same root; `None` if it is not one of those. The value that is proven is
    /// the entry's hash.
    pub async fn proof_between(
        &self,
        secret: &[u8; 32],
        after: u64,
        until: u64,
        number: u64,
    ) -> Result<Option<Proof>, LogError> {
        let (filling, leaves) = leaves(&self.store, secret, after, until).await?;
        let tree = Tree::new(Kind::Log, &filling, leaves).ok_or(StoreError::Corrupt("log"))?;
        Ok(tree.proof(place(secret, number)))
    }
}

/// As [`AuditLog::root_between`], of a log that is not open.
pub async fn root_between(
    store: &Store,
    secret: &[u8; 32],
    after: u64,
    until: u64,
) -> Result<[u8; 32], StoreError> {
    let (filling, leaves) = leaves(store, secret, after, until).await?;
    Ok(Tree::new(Kind::Log, &filling, leaves).ok_or(StoreError::Corrupt("log"))?.root())
}

async fn leaves(
    store: &Store,
    secret: &[u8; 32],
    after: u64,
    until: u64,
) -> Result<([u8; 32], Vec<Leaf>), StoreError> {
    let filling = Sha256::new_with_prefix(b"medrec/log/filling/v1").chain_update(secret).finalize().into();
    let (mut leaves, mut last) = (Vec::new(), after);
    while last < until {
        let rows = store.log_rows(last, ROWS).await?;
        let Some(end) = rows.last() else { break };
        last = end.number;
        let within = rows.iter().filter(|row| row.number <= until);
        leaves.extend(within.map(|row| Leaf { position: place(secret, row.number), value: row.hash }));
    }
    Ok((filling, leaves))
}

fn place(secret: &[u8; 32], number: u64) -> u64 {
    position(secret, Kind::Log, &number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use medrec_primitives::merkle::includes;

    use super::*;
    use crate::{log::tests::entry, store::tests::temporary};

    #[tokio::test]
    async fn root_should_be_over_the_entries_between_and_no_others() {
        let (store, _folder) = temporary().await;
        let (log, _) = AuditLog::start(store.clone());
        for n in 0..5 {
            log.append(&entry(&format!("r0-{n}"))).await.unwrap();
        }
        let secret = [3; 32];
        let root = log.root_between(&secret, 1, 4).await.unwrap();
        assert_ne!(root, log.root_between(&secret, 1, 5).await.unwrap());
        assert_ne!(root, log.root_between(&[4; 32], 1, 4).await.unwrap());
        let hashes: Vec<_> = store.log_rows(0, 10).await.unwrap().iter().map(|row| row.hash).collect();
        for number in 1..=5 {
            let proof = log.proof_between(&secret, 1, 4, number).await.unwrap();
            assert_eq!(proof.is_some(), (2..=4).contains(&number), "{number}");
            if let Some(proof) = proof {
                assert!(includes(Kind::Log, &root, &hashes[number as usize - 1], &proof));
            }
        }
        // There is a root over nothing, too, and it is another each time.
        assert_ne!(
            log.root_between(&[1; 32], 4, 4).await.unwrap(),
            log.root_between(&[2; 32], 4, 4).await.unwrap()
        );
    }
}
