//! That an entry is under a root on chain, for the patient whom it is about.

use medrec_client::log::{LogAnchor, LogProof};
use medrec_primitives::RelationshipId;

use super::{AuditLog, LogError};

impl AuditLog {
    /// An entry about a relationship with what opens it and, once its interval is anchored, the proof. `None` if there is no such
    /// entry about this relationship, or it was shredded.
    pub async fn proof(
        &self,
        relationship: RelationshipId,
        number: u64,
    ) -> Result<Option<LogProof>, LogError> {
        let rows = self.store.log_rows_of(relationship, number.saturating_sub(1), 1).await?;
        let Some(row) = rows.into_iter().find(|row| row.number == number) else { return Ok(None) };
        let key = match row.key {
            None => None,
            Some(id) => match self.store.log_key(&id).await? {
                Some(key) => Some(format!("0x{}", hex::encode(key.key.as_slice()))),
                None => return Ok(None),
            },
        };
        // A tree is made anew for each proof: one at a time, whoever asks for how many.
        let _turn = self.shared.proving.lock().await;
        let anchor = match self.store.anchored_over(number).await? {
            None => None,
            Some(interval) => self
                .proof_between(&interval.secret, interval.log_after, interval.log_until, number)
                .await?
                .map(|proof| LogAnchor::new(interval.interval, &proof)),
        };
        let previous = format!("0x{}", hex::encode(row.previous));
        Ok(Some(LogProof { number, previous, stored: row.entry, key, anchor }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        log::tests::entry,
        store::{proofs::IntervalState, tests::temporary},
    };

    #[tokio::test]
    async fn proof_should_verify_when_the_interval_is_anchored() {
        let (store, _folder) = temporary().await;
        let (log, _) = AuditLog::start(store.clone());
        for patient in ["r0-3", "r0-4", "r0-3"] {
            log.append(&entry(patient)).await.unwrap();
        }
        let patient = RelationshipId::new(0, 3);
        let pending = log.proof(patient, 3).await.unwrap().unwrap();
        assert_eq!(pending.anchor, None);
        let interval = store.open_interval(7, &[3; 32]).await.unwrap();
        let root = log.root_between(&interval.secret, interval.log_after, interval.log_until).await.unwrap();
        store.prepare_interval(7, &[0; 32], &root, &[]).await.unwrap();
        store.settle_interval(7, IntervalState::Anchored).await.unwrap();
        for number in [1, 3] {
            let proof = log.proof(patient, number).await.unwrap().unwrap();
            assert_eq!(proof.anchor.as_ref().unwrap().interval, 7);
            assert_eq!(proof.verify(&root).unwrap(), serde_json::to_value(entry("r0-3")).unwrap());
            assert!(proof.verify(&[0; 32]).is_err());
        }
        // Another's entry is as absent as one that was never made.
        for number in [0, 2, 4] {
            assert_eq!(log.proof(patient, number).await.unwrap(), None, "{number}");
        }
        // What comes later is pending until the next interval.
        log.append(&entry("r0-3")).await.unwrap();
        assert_eq!(log.proof(patient, 4).await.unwrap().unwrap().anchor, None);
    }
}
