//! Research: definitions for everybody, answers for whoever claimed them, and patients' own say.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Path, Request, State},
    http::{header, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use medrec_client::research::messages::{DefinitionBody, DefinitionsBody, WithdrawalBody};
use medrec_primitives::RelationshipId;

use super::{problem::Problem, receive::receive, sealed::SentTarget, Front};
use crate::{auth::Asker, research::Research};

type Shared = State<Arc<Front>>;

fn research(front: &Front) -> Result<&Arc<Research>, Problem> {
    front.gatekeeper.research().ok_or_else(Problem::not_found)
}

fn within_limits(front: &Front, asker: &Asker) -> Result<(), Problem> {
    let taken = front.gatekeeper.rates.accounts.take(asker.account.clone(), Instant::now());
    taken.map_err(Problem::too_many)
}

/// `GET /research/definitions`: what the planned tables count or sum.
pub async fn definitions(State(front): Shared) -> Result<Response, Problem> {
    let all = research(&front)?.definitions().all();
    let body = |definition: &medrec_client::research::definition::Definition| DefinitionBody {
        digest: hex::encode(definition.digest()),
        title: definition.title().to_owned(),
    };
    Ok(Json(DefinitionsBody { definitions: all.into_iter().map(body).collect() }).into_response())
}

/// `GET /research/definitions/{digest}`: the text with this digest. It proves itself.
pub async fn definition(State(front): Shared, Path(digest): Path<String>) -> Result<Response, Problem> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(&digest, &mut bytes)
        .map_err(|_| Problem::malformed("a digest is 64 hexadecimal digits"))?;
    let found = research(&front)?.definitions().get(&bytes).ok_or_else(Problem::not_found)?;
    let kind = [(header::CONTENT_TYPE, "application/toml; charset=utf-8")];
    Ok((kind, found.text().to_owned()).into_response())
}

/// `GET /research/answers/{claim}?_sealed=KEY`: the answer to a claim, for its researcher, sealed.
pub async fn answer(
    State(front): Shared,
    Path(claim): Path<u32>,
    request: Request,
) -> Result<Response, Problem> {
    let research = research(&front)?.clone();
    let sealed = request.extensions().get::<SentTarget>().is_some();
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    within_limits(&front, &asker)?;
    if !sealed {
        return Err(Problem::malformed(
            "answers are handed over sealed: add _sealed=KEY, an X25519 key of your own",
        ));
    }
    Ok(research.deliver(&asker, claim, &incoming.target).await.into_response())
}

/// `GET /research/counted?patient=r0-3`: whether a patient was counted, for the patient's side.
pub async fn counted(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let research = research(&front)?.clone();
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    within_limits(&front, &asker)?;
    let patient = incoming.query().strip_prefix("patient=").unwrap_or_default();
    let of = relationship(patient)?;
    Ok(research.counted(&asker, of, &incoming.target).await.into_response())
}

/// `POST /research/withdrawal`: a patient takes back what it releases, or lets its choice on chain count again.
pub async fn withdrawal(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let research = research(&front)?.clone();
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    within_limits(&front, &asker)?;
    let asked: WithdrawalBody = incoming.json()?;
    let of = relationship(&asked.patient)?;
    Ok(research.withdraw(&asker, of, asked.withdrawn, &incoming.target).await.into_response())
}

fn relationship(text: &str) -> Result<RelationshipId, Problem> {
    text.parse().map_err(|_| {
        Problem::new(StatusCode::BAD_REQUEST, "malformed", "say whose: patient=r0-3, and nothing else")
    })
}
