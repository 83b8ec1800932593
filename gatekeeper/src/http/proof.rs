//! Answers with proofs: beneath `/proof` what is beneath `/fhir`, wrapped up in a document that can be checked against the chain.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{header, HeaderValue},
    response::{IntoResponse, Response},
};

use super::{
    fhir::{is_everything, FhirProblem},
    problem::Problem,
    receive::receive,
    Front,
};
use crate::{
    auth::Asker,
    pipeline::{Ask, Gatekeeper, Interface, Refused},
};

/// How much longer the address of an answer with proofs is than the answer's own.
pub const PREFIX: &str = "/proof";

/// `GET /proof/fhir/{type}/{id}`.
pub async fn read(
    State(front): State<Arc<Front>>,
    Path((resource_type, id)): Path<(String, String)>,
    request: Request,
) -> Result<Response, FhirProblem> {
    answer(&front, request, |gatekeeper, _, query| gatekeeper.ask_read(&resource_type, &id, query)).await
}

/// `GET /proof/fhir/{type}?...`.
pub async fn search(
    State(front): State<Arc<Front>>,
    Path(resource_type): Path<String>,
    request: Request,
) -> Result<Response, FhirProblem> {
    answer(&front, request, |gatekeeper, asker, query| {
        gatekeeper.ask_search(asker, &resource_type, query, false)
    })
    .await
}

/// `GET /proof/fhir/Patient/{id}/$everything`.
pub async fn operation(
    State(front): State<Arc<Front>>,
    Path((resource_type, id, operation)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, FhirProblem> {
    if !is_everything(&resource_type, &operation) {
        return Err(Problem::not_found().into());
    }
    answer(&front, request, |gatekeeper, asker, query| gatekeeper.ask_everything(asker, &id, query, false))
        .await
}

async fn answer(
    front: &Front,
    request: Request,
    ask: impl FnOnce(&Gatekeeper, &Asker, &str) -> Result<Ask, Refused>,
) -> Result<Response, FhirProblem> {
    let gatekeeper = &front.gatekeeper;
    let incoming = receive(gatekeeper, request).await?;
    let asker = incoming.authenticate(gatekeeper).await?;
    let query = incoming.parts.uri.query().unwrap_or("");
    let ask = ask(gatekeeper, &asker, query);
    let target = incoming.target.as_str();
    let plain = target.strip_prefix(PREFIX).unwrap_or(target);
    let answer = match ask {
        Ok(ask) => gatekeeper.answer_proven(&asker, &ask, plain, target, Interface::Fhir).await,
        Err(refused) => gatekeeper.refuse(&asker, &refused, target),
    };
    let shown = answer.status == 200;
    let mut response = answer.into_response();
    if shown {
        let kind = HeaderValue::from_static(medrec_proof::answer::MEDIA_TYPE);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}

/// Tells in a header where the same answer is to be had with proofs.
pub fn point_to(response: &mut Response, public_url: &str, target: &str) {
    let link = format!("<{public_url}{PREFIX}{target}>; rel=\"urn:medrec:proof\"");
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().append(header::LINK, link);
    }
}
