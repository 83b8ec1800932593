//! What was broken here is broken on chain once it is back, each once.

use std::{sync::Arc, time::Duration};

use crate::{
    chain::{emergency::EmergencySource, ProposeError},
    store::{emergency::QueuedBreak, Store, StoreError},
};

/// How often it is looked whether something waits and the chain is back.
const LOOK: Duration = Duration::from_secs(2);

/// Submits for ever.
pub async fn keep_submitting(store: Store, chain: Arc<dyn EmergencySource>) {
    loop {
        if let Err(error) = submit(&store, chain.as_ref()).await {
            tracing::error!(%error, "cannot look for breaks of the glass that wait for the chain");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Submits what waits. What cannot be said of it now, waits on.
pub async fn submit(store: &Store, chain: &dyn EmergencySource) -> Result<(), StoreError> {
    for queued in store.queued_breaks().await? {
        // In the order of their nonces: what follows one that waits would wait, too.
        let Some(ended) = submit_one(&queued, chain).await else { break };
        match &ended {
            Ended::Broken(glass) => {
                tracing::info!(number = queued.number, glass, "a break of the glass reached the chain");
            }
            Ended::Refused(reason) => {
                tracing::error!(
                    number = queued.number,
                    reason,
                    "a break of the glass is not on chain, and will never be"
                );
            }
        }
        store.end_break(queued.number, &ended.words()).await?;
    }
    Ok(())
}

/// What became of a break.
enum Ended {
    /// It is final on chain, as this glass.
    Broken(String),
    /// It can never be.
    Refused(String),
}

impl Ended {
    fn words(self) -> String {
        match self {
            Self::Broken(glass) => glass,
            Self::Refused(reason) => format!("refused: {reason}"),
        }
    }
}

async fn submit_one(queued: &QueuedBreak, chain: &dyn EmergencySource) -> Option<Ended> {
    let QueuedBreak { made, .. } = queued;
    // A transaction counts once by its nonce, however often it is submitted.
    let reason = match chain.submit(made.extrinsic.clone()).await {
        Ok(glass) => return Some(Ended::Broken(glass)),
        Err(ProposeError::Chain(_)) => return None,
        Err(ProposeError::Refused(reason)) => reason,
        Err(ProposeError::KeyUsed) => "the key is in use".to_owned(),
    };
    // It may wait in the pool, or be in a block that is not final, from an earlier submission.
    if !chain.is_over(&made.account, made.nonce, made.last_block).await.ok()? {
        return None;
    }
    match chain.glass(made.relationship, made.staff).await.ok()? {
        Some(glass) => Some(Ended::Broken(glass)),
        None => Some(Ended::Refused(reason)),
    }
}
