//! Follows what is asked for, and does about each answer what is to be done: make it, commit to it, or leave it for ever.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use medrec_primitives::{
    research::{Answer, AnswerKey, AnswerStatus, ClaimId},
    Moment, DAY_MS,
};
use medrec_release::Fresh;

use super::{
    bound::Epoch,
    cohort::{cohort, form_of, Opener, Person, Snapshot},
    compute, noise, Research, ResearchError,
};
use crate::{
    chain::{Hash, Heads},
    store::research::{BoundPatient, Kept, KeptAnswer, LIMITS},
};

/// How often it is looked whether something is asked for.
const LOOK: Duration = Duration::from_secs(2);

/// After something failed, it is tried again no sooner than this. What the chain refuses can cost a fee.
const PAUSE: Duration = Duration::from_secs(30);

/// How far the chain's claims were followed. Lost at a stop, and made anew from the chain.
#[derive(Debug, Default)]
pub struct Following {
    /// The claim from which to ask next.
    next: ClaimId,
    /// Answers of this provider that claims are for, and that are not settled.
    open: BTreeSet<AnswerKey>,
    failed: BTreeMap<AnswerKey, Instant>,
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing more is to be done about it, until it is claimed again.
    Settled,
    /// It is kept, and it is not time yet to commit to it.
    Waiting,
    /// It was committed to now.
    Committed,
}

/// Makes and commits answers, for ever.
pub async fn keep_answering(research: Arc<Research>) {
    let mut following = Following::default();
    loop {
        tokio::time::sleep(LOOK).await;
        match research.step(&mut following).await {
            Ok(()) | Err(ResearchError::NotReady) => {}
            Err(error) => tracing::warn!(%error, "cannot follow what is asked for research"),
        }
    }
}

impl Research {
    /// Does what is to be done now.
    pub async fn step(&self, following: &mut Following) -> Result<(), ResearchError> {
        let heads = self.heads()?;
        let (claims, next) = self.parts.reader.claims_from(heads.finalised.hash, following.next).await?;
        following.next = next;
        let own = claims.into_iter().map(|(_, claim)| claim.answer);
        following.open.extend(own.filter(|key| key.provider == self.parts.member));
        for key in following.open.clone() {
            if following.failed.get(&key).is_some_and(|when| when.elapsed() < PAUSE) {
                continue;
            }
            match self.advance(key, &heads).await {
                Ok(Progress::Settled) => {
                    following.open.remove(&key);
                    following.failed.remove(&key);
                }
                Ok(Progress::Waiting) => {}
                Ok(Progress::Committed) => {
                    tracing::info!(table = key.table, epoch = key.epoch, "committed to an answer");
                }
                Err(error) => {
                    tracing::error!(table = key.table, epoch = key.epoch, %error, "an answer is not there yet");
                    following.failed.insert(key, Instant::now());
                }
            }
        }
        Ok(())
    }

    /// Brings one answer as far as it can be brought now.
    pub async fn advance(&self, key: AnswerKey, heads: &Heads) -> Result<Progress, ResearchError> {
        let (at, now) = (heads.finalised.hash, heads.finalised.timestamp);
        let Some(answer) = self.parts.reader.answer(at, key).await? else { return Ok(Progress::Settled) };
        let kept = self.parts.store.kept_answer(key.table, key.epoch).await?;
        match answer.status {
            AnswerStatus::Failed => return Ok(Progress::Settled),
            AnswerStatus::Committed { commitment, .. } => {
                match kept {
                    Some(kept) if kept.commitment == commitment => {}
                    Some(_) => tracing::warn!(
                        table = key.table,
                        epoch = key.epoch,
                        "another gatekeeper of this provider committed first: what was made here is never handed over"
                    ),
                    None => tracing::error!(
                        table = key.table,
                        epoch = key.epoch,
                        "this store does not have an answer that was committed to, and there will never be another: if no other \
                         gatekeeper of this provider has it, say so with `medrec-gatekeeper research lost`"
                    ),
                }
                return Ok(Progress::Settled);
            }
            AnswerStatus::Awaited if answer.deadline <= now => return Ok(Progress::Settled),
            AnswerStatus::Awaited => {}
        }
        let kept = match kept {
            Some(kept) => kept,
            None => self.make(key, &answer, heads).await?,
        };
        if kept.rho != answer.rho {
            return Err(ResearchError::OtherTable);
        }
        if now < answer.due {
            return Ok(Progress::Waiting);
        }
        self.parts.reader.commit(key.table, key.epoch, kept.commitment).await?;
        Ok(Progress::Committed)
    }

    /// Makes an answer that the finalised chain has paid for, and keeps it. Gives what is kept.
    async fn make(
        &self,
        key: AnswerKey,
        answer: &Answer,
        heads: &Heads,
    ) -> Result<KeptAnswer, ResearchError> {
        let parts = &self.parts;
        if let Some(reason) = parts.store.research_paused().await? {
            return Err(ResearchError::Paused(reason));
        }
        let (at, now) = (heads.finalised.hash, heads.finalised.timestamp);
        let planned = parts.reader.table(at, key.table).await?;
        let spec = planned.filter(|table| !table.withdrawn).ok_or(ResearchError::NotPlanned)?.spec;
        let epoch =
            Epoch::of(&spec, key.epoch).filter(|epoch| epoch.ends <= now).ok_or(ResearchError::NotPlanned)?;
        let definition = parts
            .definitions
            .get(&spec.definition)
            .ok_or_else(|| ResearchError::NoDefinition(hex::encode(spec.definition)))?;
        if definition.kind() != Some(spec.kind) || spec.rho != answer.rho {
            return Err(ResearchError::OtherTable);
        }
        let persons = self.cohort(answer.snapshot, heads, spec.purposes).await?;
        let records: Vec<String> = persons.iter().map(|person| person.record.clone()).collect();
        let exact = compute::exact(&parts.database, &parts.mapping, definition, epoch, &records).await?;
        let noisy = noise::noisy(&mut Fresh::default(), self.genesis, key, spec.kind, spec.rho, &exact)?;
        let mut counted: Vec<u32> = persons.into_iter().flat_map(|person| person.relationships).collect();
        counted.sort_unstable();
        let made = KeptAnswer {
            table: key.table,
            epoch: key.epoch,
            rho: spec.rho,
            day: u32::try_from(now / DAY_MS).unwrap_or(u32::MAX),
            definition: spec.definition,
            title: definition.title().to_owned(),
            parts: noisy.parts,
            salt: noisy.salt,
            commitment: noisy.commitment,
            counted,
            made: now,
        };
        match parts.store.keep_answer(&made, &LIMITS).await? {
            Kept::Stands(kept) => {
                tracing::info!(table = key.table, epoch = key.epoch, "an answer was made and kept");
                Ok(*kept)
            }
            Kept::OverBudget => Err(ResearchError::OverBudget),
        }
    }

    /// Who counts, by the state of the snapshot and by every state that counts now.
    async fn cohort(
        &self,
        snapshot: u32,
        heads: &Heads,
        purposes: medrec_primitives::research::DuoPurposes,
    ) -> Result<Vec<Person>, ResearchError> {
        let parts = &self.parts;
        let block = parts.reader.hash_of(snapshot).await?;
        let block = block.ok_or(ResearchError::SnapshotGone(snapshot))?;
        let then = parts.reader.timestamp(block).await?;
        let patients = parts.store.bound_patients(parts.member).await?;
        // For an end, the later of chain and local clock counts.
        let wall = parts.time.now().wall;
        let mut blocks: Vec<(Hash, Moment)> = vec![(block, then)];
        blocks.extend(heads.all().map(|head| (head.hash, head.timestamp.max(wall))));
        let mut states = Vec::new();
        for (block, now) in blocks {
            states.push(Snapshot { now, standings: self.standings(block, &patients).await? });
        }
        // Last, so that what is taken back while the chain is asked counts.
        let withdrawn = parts.store.withdrawn(parts.member).await?;
        let opener = Opener { genesis: self.genesis, member: parts.member, secrets: parts.sealing.clone() };
        let form = form_of(&parts.mapping);
        let opening = tokio::task::spawn_blocking(move || {
            cohort(&opener, &patients, &states, &withdrawn, purposes, form)
        });
        opening.await.map_err(|_| ResearchError::Broken)
    }

    async fn standings(
        &self,
        block: Hash,
        patients: &[BoundPatient],
    ) -> Result<Vec<Option<medrec_client::chain::research::Standing>>, ResearchError> {
        let indices: Vec<u32> = patients.iter().map(|patient| patient.index).collect();
        Ok(self.parts.reader.standings(block, &indices).await?)
    }
}
