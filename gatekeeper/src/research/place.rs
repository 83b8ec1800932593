//! Places a sealed "nothing" for patients who have said nothing, so that the state of the chain has an entry for everyone, and who has
//! said something is not told by it. What a patient sealed is never replaced: the chain sees to that.

use std::{sync::Arc, time::Duration};

use medrec_client::research::choice::{seal_choice, ReleaseContext};
use medrec_primitives::{research::ReleaseChoice, RelationshipId, RelationshipStatus};

use super::{Research, ResearchError};

/// How often it is looked whether somebody has no entry.
const LOOK: Duration = Duration::from_secs(60);

/// How many entries are placed at once: `MAX_PLACED` of `pallet-research`.
const MOST: usize = 32;

/// Places entries, for ever.
pub async fn keep_placing(research: Arc<Research>) {
    loop {
        match research.place().await {
            Ok(0) | Err(ResearchError::NotReady) => {}
            Ok(placed) => tracing::info!(placed, "placed a sealed nothing for patients without a choice"),
            Err(error) => {
                tracing::warn!(%error, "cannot place what patients without a choice release: nothing")
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Research {
    /// Places what is missing, and tells how much that was.
    pub async fn place(&self) -> Result<usize, ResearchError> {
        let parts = &self.parts;
        let at = self.heads()?.finalised.hash;
        let patients = parts.store.bound_patients(parts.member).await?;
        let indices: Vec<u32> = patients.iter().map(|patient| patient.index).collect();
        let standings = parts.reader.standings(at, &indices).await?;
        let missing = indices.iter().zip(standings).filter_map(|(index, standing)| {
            let standing = standing?;
            let missing = standing.status == RelationshipStatus::Active && standing.choice.is_none();
            missing.then_some(*index)
        });
        let missing: Vec<u32> = missing.collect();
        if missing.is_empty() {
            return Ok(0);
        }
        let Some((id, key)) = parts.reader.sealing_key(at).await? else { return Ok(0) };
        let mut placed = 0;
        for some in missing.chunks(MOST) {
            let mut choices = Vec::new();
            for index in some {
                let relationship = RelationshipId::new(parts.member, *index);
                let context = ReleaseContext { genesis: self.genesis, relationship };
                let sealed = seal_choice(ReleaseChoice::default(), &key.public, id, &context);
                choices.push((*index, sealed.map_err(|_| ResearchError::Broken)?));
            }
            parts.reader.place(&choices).await?;
            placed += choices.len();
        }
        Ok(placed)
    }
}
