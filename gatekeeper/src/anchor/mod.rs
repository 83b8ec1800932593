//! Proofs of what is shown, and the anchors that they lead to.
//!
//! Every record has a version here: seed and root of its tree (`medrec-proof`), never the record itself. A version that no anchored
//! interval has seen is *pending*: the gatekeeper signs its root. At the end of each interval the roots of all current
//! versions go, relationship by relationship, into one root on chain, together with one over the log.
//!
//! | Module | |
//! |---|---|
//! | `versions` | which version a record is |
//! | `prove` | proofs of what is shown |
//! | `intervals` | roots of an interval, and anchoring it |
//!
//! What is done can be stopped anywhere. Which versions an interval is over is settled in one step, its roots follow from that and
//! from a secret that is kept with it, and they are kept before they are submitted: after any stop, the same roots are made
//! again, and the chain takes an interval once.

use std::sync::Arc;

use medrec_primitives::merkle::Leaf;
use sha2::{Digest, Sha256};

use crate::{
    log::{AuditLog, LogError},
    seal::Sealer,
    store::{proofs::Interval, Store, StoreError},
};

mod intervals;
mod prove;
mod versions;

pub use intervals::{keep_anchoring, Step, INTERVAL};

/// Versions, proofs and anchors of one gatekeeper.
pub struct Anchors {
    store: Store,
    log: AuditLog,
    sealer: Sealer,
    /// The provider's tree of the interval that proofs lead to now.
    provider_tree: tokio::sync::Mutex<Option<(u32, Arc<Vec<Leaf>>)>>,
}

/// Why nothing can be proven now.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log complains.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A record is none that can be proven.
    #[error("a record cannot be proven: {0}")]
    Record(#[from] medrec_proof::TooLarge),
    /// What was shown is not of the record as it is now: it has changed in between.
    #[error("a record changed while it was shown")]
    Changed,
    /// The computation did not come to its end.
    #[error("a computation broke off")]
    Broken,
}

impl Anchors {
    /// Over the gatekeeper's own store and log.
    pub fn new(store: Store, log: AuditLog, sealer: Sealer) -> Self {
        Self { store, log, sealer, provider_tree: tokio::sync::Mutex::default() }
    }
}

/// What fills the empty places of one tree of an interval.
fn filling(interval: &Interval, tree: &str) -> [u8; 32] {
    let hasher = Sha256::new_with_prefix(b"medrec/anchor/filling/v1");
    hasher.chain_update(interval.secret).chain_update(tree).finalize().into()
}
