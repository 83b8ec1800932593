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
        tracing::info!(number = queued.number, ended, "a break of the glass reached the chain");
        store.end_break(queued.number, &ended).await?;
    }
    Ok(())
}

async fn submit_one(queued: &QueuedBreak, chain: &dyn EmergencySource) -> Option<String> {
    // A transaction counts once by its nonce, however often it is submitted.
    match chain.submit(queued.made.extrinsic.clone()).await {
        Ok(glass) => Some(glass),
        Err(ProposeError::Chain(_)) => None,
        Err(ProposeError::Refused(reason)) => {
            // An earlier submission may have got there, and its answer not here.
            match chain.glass(queued.made.relationship, queued.made.staff).await {
                Ok(Some(glass)) => Some(glass),
                Ok(None) => Some(format!("refused: {reason}")),
                Err(_) => None,
            }
        }
        Err(ProposeError::KeyUsed) => Some("refused".into()),
    }
}
