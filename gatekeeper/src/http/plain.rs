//! Routes that do not speak FHIR.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    Json,
};
use medrec_client::messages::{ChallengeRequest, EnrolRequest, SessionRequest};
use serde_json::json;

use super::{
    problem::Problem,
    receive::{credential, receive},
    Front,
};
use crate::{
    auth::{AuthError, Credential},
    enrol::EnrolError,
    pipeline::{Ask, Interface},
};

type Shared = State<Arc<Front>>;

/// `GET /health`: the process lives, and what it reads the chain by.
pub async fn health(State(front): Shared) -> Response {
    Json(json!({ "status": "ok", "chain": front.gatekeeper.chain_source() })).into_response()
}

/// `GET /ready`: it can decide, look things up and write its log.
pub async fn ready(State(front): Shared) -> Response {
    match front.gatekeeper.ready().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(reason) => {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", reason);
            Problem { retry_after: Some(1), ..problem }.into_response()
        }
    }
}

/// `POST /auth/challenge`: a text to sign.
pub async fn challenge(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asked: ChallengeRequest = incoming.json()?;
    Ok(Json(front.gatekeeper.auth.challenge(&asked).await?).into_response())
}

/// `POST /auth/session`: the signed text for a session.
pub async fn open_session(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asked: SessionRequest = incoming.json()?;
    Ok(Json(front.gatekeeper.auth.open_session(&asked).await?).into_response())
}

/// `DELETE /auth/session`: signs out.
pub async fn end_session(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    match credential(&incoming.parts.headers)? {
        Some(Credential::Bearer(token)) => {
            front.gatekeeper.auth.end_session(&token).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Err(AuthError::Missing.into()),
    }
}

/// `POST /enrol`: redeems a ticket.
pub async fn enrol(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asked: EnrolRequest = incoming.json()?;
    let gatekeeper = front.gatekeeper.clone();
    // On its own, so that it goes on if the patient's connection breaks or finality takes its time.
    let enrolling = tokio::spawn(async move { gatekeeper.enrolments.enrol(&asked).await });
    let patience = front.gatekeeper.settings.limits.request().mul_f32(0.9);
    match tokio::time::timeout(patience, enrolling).await {
        Ok(Ok(enrolled)) => Ok(Json(enrolled?).into_response()),
        Ok(Err(error)) => {
            tracing::error!(%error, "an enrolment broke off");
            Err(Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "the gatekeeper cannot enrol now",
            ))
        }
        Err(_) => Err(EnrolError::Later.into()),
    }
}

/// `GET /log`: who asked for a patient's records.
pub async fn log(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    let answer = match Ask::log(incoming.query()) {
        Ok(ask) => front.gatekeeper.answer(&asker, &ask, &incoming.target, Interface::Fhir).await,
        Err(refused) => front.gatekeeper.refuse(&asker, &refused, &incoming.target),
    };
    Ok(answer.into_response())
}

/// `GET /log/proof`: one entry, and that it is under a root on chain.
pub async fn log_proof(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    let answer = match Ask::log_proof(incoming.query()) {
        Ok(ask) => front.gatekeeper.answer(&asker, &ask, &incoming.target, Interface::Fhir).await,
        Err(refused) => front.gatekeeper.refuse(&asker, &refused, &incoming.target),
    };
    Ok(answer.into_response())
}
