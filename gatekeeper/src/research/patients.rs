//! What patients can do here without the chain: take back what they release, and ask whether they were counted.

use medrec_client::research::messages::{CountedAnswer, CountedBody};
use medrec_primitives::{CustodianRights, RelationshipId};
use sp_core::crypto::Ss58Codec;

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
        let done = async {
            if !self.is_patients_side(asker, of).await? {
                return Ok(false);
            }
            let now = self.parts.time.now().wall;
            self.parts.store.set_withdrawn(of, withdrawn, now).await?;
            Ok::<_, ResearchError>(true)
        };
        let said = match done.await {
            Ok(true) => match self.counted_body(of).await {
                Ok(body) => Said::ok(&body),
                Err(error) => Said::failed(&error),
            },
            Ok(false) => Said::problem(403, "forbidden", DENIED),
            Err(error) => Said::failed(&error),
        };
        self.logged(asker, of, "update", target, said).await
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
        let Some((_, account)) = self.parts.store.record(of).await? else { return Ok(false) };
        if account == asker.account {
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

    /// Logs what was asked and told; without that, nothing is told.
    async fn logged(
        &self,
        asker: &Asker,
        of: RelationshipId,
        action: &str,
        target: &str,
        said: Said,
    ) -> Answer {
        let entry = Entry {
            time: self.parts.time.now().wall,
            patient: of.to_string(),
            account: asker.account.to_ss58check(),
            staff: None,
            capacity: (said.status == 200).then(|| "patient".to_owned()),
            purpose: asker.purpose.to_string(),
            action: action.into(),
            resource: "Consent".into(),
            id: None,
            parameters: Vec::new(),
            permitted: said.status == 200,
            status: said.status,
            reason: (said.status == 403).then(|| "NotThePatient".to_owned()),
            grants: Vec::new(),
            records: 0,
            blocks: Vec::new(),
            interface: "research".into(),
        };
        match self.parts.log.append(&entry).await {
            Ok(()) => self.signed(asker, target, said),
            Err(_) => {
                let internal = Said::problem(500, "internal", "the gatekeeper cannot answer this");
                self.signed(asker, target, internal)
            }
        }
    }
}
