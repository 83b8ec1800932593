//! Answers with proofs, and the looks at records that proofs and anchors rest on.

use std::{collections::BTreeSet, sync::Arc};

use medrec_client::{
    sealed::{seal_answer, Envelope, SealedContext},
    sealing::SealingError,
};
use medrec_primitives::{AccountId, Moment, RelationshipId};
use medrec_proof::{
    answer::{resources, ProvenAnswer, VERSION},
    disclose::Proof,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sp_core::crypto::Ss58Codec;

use super::{outcome::internal_error, Answer, Ask, Gatekeeper, Interface, Refused};
use crate::{
    anchor::{AnchorError, Anchors},
    auth::Asker,
    fetch::{self, FetchError},
    fhir::{outcome, IssueCode},
    seal::Seal,
};

/// How often an answer is made anew because a record changed while it was made.
const ATTEMPTS: u32 = 3;

/// Why records could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The database complains.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The gatekeeper's own part.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
}

impl From<crate::store::StoreError> for LookError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Anchor(error.into())
    }
}

impl Gatekeeper {
    /// Versions, proofs and anchors.
    pub fn anchors(&self) -> &Arc<Anchors> {
        &self.anchors
    }

    /// Answers as [`Gatekeeper::answer`] does, to `plain`, and wraps the answer up with proofs of all that it shows, as the
    /// answer to `target`.
    pub async fn answer_proven(
        &self,
        asker: &Asker,
        ask: &Ask,
        plain: &str,
        target: &str,
        interface: Interface,
    ) -> Answer {
        match self.answer_with_proofs(asker, ask, plain, interface).await {
            Ok((answer, proven)) => {
                self.sealed_again(asker, target, Answer { body: proven.to_text(), ..answer })
            }
            Err(answer) => self.sealed_again(asker, target, answer),
        }
    }

    /// Answers as [`Gatekeeper::answer`] does, and gives proofs of all that the answer shows; what shows nothing comes back as an
    /// error.
    pub async fn answer_with_proofs(
        &self,
        asker: &Asker,
        ask: &Ask,
        target: &str,
        interface: Interface,
    ) -> Result<(Answer, ProvenAnswer), Answer> {
        if !ask.has_proofs() {
            let refused = Refused::unsupported("only what is read from the provider's database has proofs");
            return Err(self.refuse(asker, &refused, target));
        }
        let ask = &ask.clone().of_the_database();
        for _ in 0..ATTEMPTS {
            let answer = self.answer(asker, ask, target, interface.clone()).await;
            if answer.status != 200 {
                return Err(answer);
            }
            match self.proofs_of(ask.relationship(), &answer.body).await {
                Ok(proofs) => {
                    let proven = self.proven(asker, target, &answer, proofs);
                    return Ok((answer, proven));
                }
                Err(LookError::Anchor(AnchorError::Changed)) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot prove an answer");
                    return Err(self.seal(asker, target, 500, internal_error(), true, None));
                }
            }
        }
        let again = outcome(IssueCode::Transient, "the records changed while they were shown: try again");
        Err(self.seal(asker, target, 503, again, true, Some(1)))
    }

    /// Proofs for all resources of an answer, in its order.
    pub async fn proofs_of(&self, of: RelationshipId, body: &str) -> Result<Vec<Proof>, LookError> {
        let body: Value = serde_json::from_str(body).map_err(|_| AnchorError::Changed)?;
        let shown = resources(&body);
        let type_of = |resource: &Value| resource["resourceType"].as_str().unwrap_or_default().to_owned();
        let types: BTreeSet<String> = shown.iter().map(|resource| type_of(resource)).collect();
        let whole = self.whole_records(of, types.iter().map(String::as_str)).await?.unwrap_or_default();
        let find = |resource: &Value| {
            let same = |whole: &&Value| {
                whole["resourceType"] == resource["resourceType"] && whole["id"] == resource["id"]
            };
            whole.iter().find(same).cloned().ok_or(AnchorError::Changed)
        };
        let mut pairs = Vec::with_capacity(shown.len());
        for resource in shown {
            pairs.push((find(resource)?, resource.clone()));
        }
        Ok(self.anchors.prove(of, pairs, self.time.now().wall).await?)
    }

    /// Looks at a relationship's records, as a whole if anything in a change column is not what it was, if some mapping has none, or
    /// if the last whole look is `whole_after` ms ago. Gives how many records were new or changed, and how many gone.
    pub async fn look(
        &self,
        of: RelationshipId,
        record: &str,
        whole_after: Moment,
    ) -> Result<(usize, usize), LookError> {
        let now = self.time.now().wall;
        let marks = self.marks(record).await?;
        if let Some((looked, before)) = self.store.last_look(of).await? {
            if marks.is_some() && before == marks && now.saturating_sub(looked) < whole_after {
                return Ok((0, 0));
            }
        }
        let types: BTreeSet<&str> =
            self.mapping.resources().iter().map(|resource| resource.resource_type).collect();
        // A record that is suspended is not gone: its versions stay until it can be looked at again.
        let Some(whole) = self.whole_records(of, types.into_iter()).await? else { return Ok((0, 0)) };
        let found = self.anchors.note_all(of, whole, now).await?;
        self.store.set_look(of, now, marks.as_deref()).await?;
        Ok(found)
    }

    /// Looks at the records of everybody who is bound. What cannot be looked at now is left as it was.
    pub async fn look_at_all(&self, whole_after: Moment) -> Result<(), LookError> {
        for (of, record) in self.store.bound_records().await? {
            match self.look(of, &record, whole_after).await {
                Ok((0, 0)) => {}
                Ok((new, gone)) => tracing::info!(new, gone, "records changed"),
                Err(error) => tracing::warn!(%error, "cannot look for changes"),
            }
        }
        Ok(())
    }

    /// A digest of what the change columns say of one patient; `None` if some mapping has none.
    async fn marks(&self, record: &str) -> Result<Option<Vec<u8>>, LookError> {
        let mut hasher = Sha256::new_with_prefix(b"medrec/anchor/marks/v1");
        for resource in self.mapping.resources() {
            let limit = self.settings.max_rows;
            let Some(marks) = fetch::change_marks(&self.database, resource, record, limit).await? else {
                return Ok(None);
            };
            hasher.update((marks.len() as u64).to_be_bytes());
            for (key, mark) in marks {
                for part in key.iter().chain([&mark]) {
                    hasher.update((part.len() as u64).to_be_bytes());
                    hasher.update(part);
                }
            }
        }
        Ok(Some(hasher.finalize().to_vec()))
    }

    /// All that there is of these types, whoever may see it; `None` while nothing is shown of the record.
    async fn whole_records<'a>(
        &self,
        of: RelationshipId,
        types: impl Iterator<Item = &'a str>,
    ) -> Result<Option<Vec<Value>>, LookError> {
        let Some(bound) = self.store.record(of).await? else { return Ok(None) };
        let mut whole = Vec::new();
        for resource_type in types {
            let records = fetch::fetch(
                &self.database,
                &self.mapping,
                &bound.number,
                resource_type,
                &self.pseudonyms,
                of,
                self.settings.max_rows,
            );
            whole.extend(records.await?.into_iter().map(|record| record.resource));
        }
        Ok(Some(whole))
    }

    fn proven(&self, asker: &Asker, target: &str, answer: &Answer, proofs: Vec<Proof>) -> ProvenAnswer {
        let (genesis, member) = self.sealer.place();
        ProvenAnswer {
            version: VERSION,
            genesis: format!("{genesis:#x}"),
            member,
            target: target.to_owned(),
            asker: asker.account.to_ss58check(),
            status: answer.status,
            date: answer.seal.date,
            signature: answer.seal.signature.to_string(),
            answer: answer.body.clone(),
            proofs,
        }
    }

    /// An answer, sealed to a key that the asker named, and signed as it is sent.
    pub fn seal_to(
        &self,
        target: &str,
        asker: &AccountId,
        status: u16,
        envelope: &Envelope,
        key: &[u8; 32],
    ) -> Result<(String, Seal), SealingError> {
        let (genesis, member) = self.sealer.place();
        let context = SealedContext { genesis, member, target, asker, status };
        let text = seal_answer(envelope, key, &context)?;
        let seal = self.sealer.seal(target, asker, status, text.as_bytes(), self.time.now().wall);
        Ok((text, seal))
    }

    fn sealed_again(&self, asker: &Asker, target: &str, answer: Answer) -> Answer {
        let date = self.time.now().wall;
        let seal = self.sealer.seal(target, &asker.account, answer.status, answer.body.as_bytes(), date);
        Answer { seal, ..answer }
    }
}
