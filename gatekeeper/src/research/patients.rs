//! What patients can do here without the chain: take back what they release, and ask whether they were counted.

use medrec_client::research::messages::{CountedAnswer, CountedBody};
use medrec_primitives::{CustodianRights, RelationshipId};

use super::{deliver::Said, Research, ResearchError};
use crate::{auth::Asker, log::Entry, pipeline::Answer};

/// How many answers a patient is told of, the newest.
const TOLD: u32 = 1_000;

/// What everybody else is told, whether there is such a relationship or not.
const DENIED: &str = "access is not permitted, or there is nothing to be found";

impl Research {
    /// Takes back what a relationship releases, or lets its choice on chain count again. It works when the chain cannot be reached, and
    /// for everything that is computed from now on.
    pub async fn withdraw(&self, asker: &Asker, of: RelationshipId, withdrawn: bool, target: &str) -> Answer {
        let may = async {
            // What widens is for whom the chain names now: the key that was enrolled here may have been lost since.
            let may = self.is_patients_side(asker, of).await?;
            Ok::<_, ResearchError>(may && (withdrawn || self.is_named_now(asker, of).await?))
        };
        match may.await {
            Ok(true) => {}
            Ok(false) => {
                let said = Said::problem(403, "forbidden", DENIED);
                return self.logged(asker, of, "update", target, said).await;
            }
            Err(error) => return self.logged(asker, of, "update", target, Said::failed(&error)).await,
        }
        // On the log before it is done.
        if self.parts.log.append(&self.entry(asker, of, "update", 200)).await.is_err() {
            return self.signed(asker, target, internal());
        }
        let done = async {
            let now = self.parts.time.now().wall;
            self.parts.store.set_withdrawn(of, withdrawn, now).await?;
            self.counted_body(of).await
        };
        match done.await {
            Ok(body) => self.signed(asker, target, Said::ok(&body)),
            Err(error) => self.logged(asker, of, "update", target, Said::failed(&error)).await,
        }
    }

    /// Whether a relationship was counted, answer by answer.
    pub async fn counted(&self, asker: &Asker, of: RelationshipId, target: &str) -> Answer {
        let told = async {
            match self.is_patients_side(asker, of).await? {
                true => Ok(Said::ok(&self.counted_body(of).await?)),
                false => Ok::<_, ResearchError>(Said::problem(403, "forbidden", DENIED)),
            }
        };
        let said = told.await.unwrap_or_else(|error| Said::failed(&error));
        self.logged(asker, of, "read", target, said).await
    }

    async fn counted_body(&self, of: RelationshipId) -> Result<CountedBody, ResearchError> {
        let withdrawn = self.parts.store.withdrawn(of.member).await?.contains(&of.index);
        let kept = self.parts.store.kept_answers(TOLD).await?;
        let told = |kept: crate::store::research::KeptAnswer| CountedAnswer {
            table: kept.table,
            epoch: kept.epoch,
            counted: kept.counted.binary_search(&of.index).is_ok(),
            title: kept.title,
            made: kept.made,
        };
        let answers = kept.into_iter().map(told).collect();
        Ok(CountedBody { patient: of.to_string(), withdrawn, answers })
    }

    /// Whether it is the patient who asks, by the key that was enrolled here; or a custodian who may set the choice on chain.
    async fn is_patients_side(&self, asker: &Asker, of: RelationshipId) -> Result<bool, ResearchError> {
        let other = asker.app.is_some() || asker.patient.is_some_and(|patient| patient != of);
        if of.member != self.parts.member || other {
            return Ok(false);
        }
        let Some(bound) = self.parts.store.record(of).await? else { return Ok(false) };
        if bound.key == asker.account {
            return Ok(true);
        }
        let at = self.heads()?.finalised.hash;
        let facts = self.parts.chain.facts(at, of, &asker.account).await?;
        let rights = CustodianRights(CustodianRights::GRANT.0 | CustodianRights::READ.0);
        Ok(facts.is_some_and(|facts| {
            facts.custodians.iter().any(|custodian| {
                custodian.key == asker.account
                    && custodian.rights.contains(rights)
                    && !custodian.rights.contains(CustodianRights::DORMANT)
                    && custodian.not_before <= facts.now
                    && custodian.not_after.is_none_or(|end| facts.now < end)
            })
        }))
    }

    /// Whether every state that counts names who asks: as the patient, or as a custodian, who was looked up there already.
    async fn is_named_now(&self, asker: &Asker, of: RelationshipId) -> Result<bool, ResearchError> {
        let bound = self.parts.store.record(of).await?;
        if bound.is_none_or(|bound| bound.key != asker.account) {
            return Ok(true);
        }
        for head in self.heads()?.all() {
            let standing = self.parts.reader.standings(head.hash, &[of.index]).await?;
            if standing.into_iter().flatten().all(|standing| standing.patient != asker.account) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Logs what was asked and told; without that, nothing is told.
    async fn logged(
        &self,
        asker: &Asker,
        of: RelationshipId,
        action: &str,
        target: &str,
        said: Said,
    ) -> Answer {
        match self.parts.log.append(&self.entry(asker, of, action, said.status)).await {
            Ok(()) => self.signed(asker, target, said),
            Err(_) => self.signed(asker, target, internal()),
        }
    }

    fn entry(&self, asker: &Asker, of: RelationshipId, action: &str, status: u16) -> Entry {
        Entry {
            capacity: (status == 200).then(|| "patient".to_owned()),
            action: action.into(),
            reason: (status == 403).then(|| "NotThePatient".to_owned()),
            ..self.asked(asker, of.to_string(), status)
        }
    }

    /// What stands in the log of whoever asks about statistics, of a patient or of a claim.
    pub(super) fn asked(&self, asker: &Asker, about: String, status: u16) -> Entry {
        let (now, purpose) = (self.parts.time.now().wall, asker.purpose.to_string());
        let who = (&asker.account, purpose.as_str());
        Entry {
            permitted: status == 200,
            status,
            ..Entry::new(now, about, who, ("read", "Consent"), "research")
        }
    }
}

/// What is told where the log cannot be written.
pub(super) fn internal() -> Said {
    Said::problem(500, "internal", "the gatekeeper cannot answer this")
}
