//! Hands an answer to the researcher whose claim won, once the finalised chain holds the commitment to it.

use medrec_client::{
    messages::Problem,
    research::messages::{part_name, AnswerBody, PartBody},
};
use medrec_primitives::{
    research::{AnswerKey, AnswerStatus, ClaimId},
    MemberStatus,
};
use medrec_release::Variance;
use serde_json::{json, Value};

use super::{patients::internal, Research, ResearchError};
use crate::{auth::Asker, log::Entry, pipeline::Answer, store::research::KeptAnswer};

/// What is said of every claim that is not the asker's, whether there is one or not.
const NOTHING: &str = "there is no granted claim of yours with this number that is not closed";

/// When to ask again for an answer that is not committed to yet (s).
const LATER: u64 = 60;

/// What is answered, before it is signed.
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) retry_after: Option<u64>,
}

impl Said {
    pub(super) fn ok(body: &impl serde::Serialize) -> Self {
        match serde_json::to_value(body) {
            Ok(body) => Self { status: 200, body, retry_after: None },
            Err(_) => Self::problem(500, "internal", "the gatekeeper cannot answer this"),
        }
    }

    pub(super) fn problem(status: u16, error: &str, message: &str) -> Self {
        let problem = Problem { error: error.into(), message: message.into() };
        Self { status, body: json!(problem), retry_after: None }
    }

    pub(super) fn failed(error: &ResearchError) -> Self {
        tracing::error!(%error, "cannot answer about research");
        let said = Self::problem(503, "unavailable", "the gatekeeper cannot answer this now: try again");
        Self { retry_after: Some(LATER), ..said }
    }
}

impl Research {
    /// The answer to a claim, for its researcher.
    pub async fn deliver(&self, asker: &Asker, claim: ClaimId, target: &str) -> Answer {
        let said = match self.delivery(asker, claim).await {
            Ok(said) => said,
            Err(error) => Said::failed(&error),
        };
        // On the log before it leaves, about the claim: it is about no patient.
        let entry = Entry {
            capacity: (said.status == 200).then(|| "researcher".to_owned()),
            resource: "MeasureReport".into(),
            ..self.asked(asker, format!("claim {claim}"), said.status)
        };
        match self.parts.log.append(&entry).await {
            Ok(()) => self.signed(asker, target, said),
            Err(_) => self.signed(asker, target, internal()),
        }
    }

    async fn delivery(&self, asker: &Asker, id: ClaimId) -> Result<Said, ResearchError> {
        let parts = &self.parts;
        let at = self.heads()?.finalised.hash;
        let nothing = || Ok(Said::problem(404, "not-found", NOTHING));
        let Some(claim) = parts.reader.claim(at, id).await? else { return nothing() };
        let own = claim.answer.provider == parts.member;
        let researcher = parts.reader.member(at, claim.researcher).await?;
        let entitled = researcher
            .is_some_and(|member| member.account == asker.account && member.status == MemberStatus::Active);
        // An app's token stands for an app, not for the researcher.
        if !own || !entitled || asker.app.is_some() || asker.patient.is_some() {
            return nothing();
        }
        let Some(answer) = parts.reader.answer(at, claim.answer).await? else { return nothing() };
        let commitment =
            match answer.status {
                _ if claim.attempt < answer.attempt => return Ok(Said::problem(
                    410,
                    "timed-out",
                    "the answer did not come in time for this claim: close it, which gives back what it cost",
                )),
                AnswerStatus::Failed => {
                    return Ok(Said::problem(
                        410,
                        "lost",
                        "there will never be an answer: close the claim, which gives back what it cost",
                    ))
                }
                AnswerStatus::Awaited => {
                    let said =
                        Said::problem(409, "not-yet", "the answer is not committed to yet: try again later");
                    return Ok(Said { retry_after: Some(LATER), ..said });
                }
                AnswerStatus::Committed { commitment, .. } => commitment,
            };
        let kept = parts.store.kept_answer(claim.answer.table, claim.answer.epoch).await?;
        // The one place where numbers leave: only those that the finalised chain holds the commitment to.
        let Some(kept) = kept.filter(|kept| kept.commitment == commitment) else {
            return Ok(Said::problem(
                410,
                "not-here",
                "this gatekeeper does not have the answer that was committed to: ask the provider, or dispute the claim",
            ));
        };
        let Some(table) = parts.reader.table(at, claim.answer.table).await? else { return nothing() };
        let body = body(claim.answer, &kept, table.spec.kind).ok_or(ResearchError::OtherTable)?;
        Ok(Said::ok(&body))
    }

    /// Signs what is said.
    pub(super) fn signed(&self, asker: &Asker, target: &str, said: Said) -> Answer {
        let (body, date) = (said.body.to_string(), self.parts.time.now().wall);
        let seal = self.parts.sealer.seal(target, &asker.account, said.status, body.as_bytes(), date);
        Answer { status: said.status, body, fhir: false, retry_after: said.retry_after, seal }
    }
}

fn body(
    key: AnswerKey,
    kept: &KeptAnswer,
    kind: medrec_primitives::research::TableKind,
) -> Option<AnswerBody> {
    let planned: Vec<_> = kind.parts(kept.rho)?.into_iter().flatten().collect();
    let part = |(planned, numbers): (&medrec_primitives::research::Part, &Vec<i128>)| {
        let variance = Variance::of(planned)?;
        Some(PartBody {
            part: part_name(planned.kind).into(),
            numbers: numbers.iter().map(ToString::to_string).collect(),
            variance: [variance.numerator().to_string(), variance.denominator().to_string()],
        })
    };
    let parts: Option<Vec<_>> = planned.iter().zip(&kept.parts).map(part).collect();
    Some(AnswerBody {
        version: 1,
        provider: key.provider,
        table: key.table,
        epoch: key.epoch,
        rho: kept.rho,
        definition: hex::encode(kept.definition),
        salt: hex::encode(kept.salt),
        parts: parts.filter(|parts| parts.len() == kept.parts.len())?,
    })
}
