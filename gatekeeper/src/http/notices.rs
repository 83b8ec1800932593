//! Routes of notices.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    Json,
};
use medrec_client::notices::NewWebhook;

use super::{
    problem::Problem,
    receive::{credential, receive, Incoming},
    Front,
};
use crate::{
    auth::{Asker, AuthError, Credential},
    metrics::Way,
    notices::{
        deliver::{feed::Feed, socket, sse},
        Wanted,
    },
    pipeline::{Interface, WebhookRefusal},
    store::StoreError,
};

type Shared = State<Arc<Front>>;

/// `GET /notices`: what there is to tell, a page at a time.
pub async fn list(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    on(&front)?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    let wanted = wanted(&front, &asker, &incoming)?;
    Ok(front
        .gatekeeper
        .answer_notices(&asker, &wanted, &incoming.target, Interface::Fhir)
        .await
        .into_response())
}

/// `GET /notices/stream`: the same as they come, for as long as the session lasts.
pub async fn stream(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    on(&front)?;
    let session = credential(&incoming.parts.headers)?.ok_or(AuthError::Missing)?;
    if let Credential::Signed(_) = &session {
        return Err(Problem::malformed(
            "a stream lasts longer than a signed request counts: sign in for a session",
        ));
    }
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    let wanted = wanted(&front, &asker, &incoming)?;
    let feed = Feed::open(front.gatekeeper.clone(), &asker, session, wanted, Way::Stream, Interface::Fhir);
    Ok(sse::response(feed.map_err(socket::problem)?))
}

/// `GET /notices/webhooks`: an account's own.
pub async fn webhooks(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = by_itself(&front, &incoming).await?;
    Ok(Json(front.gatekeeper.webhooks(&asker).await.map_err(internal)?).into_response())
}

/// `POST /notices/webhooks`: another one.
pub async fn add_webhook(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = by_itself(&front, &incoming).await?;
    let asked: NewWebhook = incoming.json()?;
    match front.gatekeeper.add_webhook(&asker, &asked).await {
        Ok(made) => Ok((StatusCode::CREATED, Json(made)).into_response()),
        Err(refusal) => Err(refused(refusal)),
    }
}

/// `DELETE /notices/webhooks/{id}`: not any more.
pub async fn remove_webhook(
    State(front): Shared,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = by_itself(&front, &incoming).await?;
    match front.gatekeeper.remove_webhook(&asker, &id).await.map_err(internal)? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(Problem::not_found()),
    }
}

fn on(front: &Front) -> Result<(), Problem> {
    front.gatekeeper.notices.settings.enabled.then_some(()).ok_or_else(Problem::not_found)
}

/// What is asked for: by the query and, as browsers go on after a break, the header `Last-Event-ID`, which beats `since`.
fn wanted(front: &Front, asker: &Asker, incoming: &Incoming) -> Result<Wanted, Problem> {
    let notices = &front.gatekeeper.notices;
    let malformed = |error: crate::notices::Malformed| Problem::malformed(error.to_string());
    let wanted = notices.wanted_by_query(&asker.account, incoming.query()).map_err(malformed)?;
    let Some(last) = incoming.parts.headers.get("last-event-id") else { return Ok(wanted) };
    let last = last.to_str().map_err(|_| malformed(crate::notices::Malformed))?;
    let Wanted { after, .. } = notices.wanted(&asker.account, None, Some(last)).map_err(malformed)?;
    Ok(Wanted { after, ..wanted })
}

/// Where records are told of to is for the account alone to say, by a signature over the very request: neither a session nor an app's token
/// is enough.
async fn by_itself(front: &Front, incoming: &Incoming) -> Result<Asker, Problem> {
    on(front)?;
    match credential(&incoming.parts.headers)?.ok_or(AuthError::Missing)? {
        Credential::Signed(_) => incoming.authenticate(&front.gatekeeper).await,
        Credential::Bearer(_) => Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "webhooks take requests that the account signs itself (MedRec-Signature), not sessions",
        )),
    }
}

fn refused(refusal: WebhookRefusal) -> Problem {
    let message = refusal.to_string();
    match refusal {
        WebhookRefusal::Malformed(_) | WebhookRefusal::Target(_) => Problem::malformed(message),
        WebhookRefusal::Denied => Problem::new(StatusCode::FORBIDDEN, "forbidden", message),
        WebhookRefusal::TooMany => Problem::new(StatusCode::CONFLICT, "too-many", message),
        WebhookRefusal::Throttled(seconds) => Problem::too_many(seconds),
        WebhookRefusal::Unavailable(_) => {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "later", message);
            Problem { retry_after: Some(2), ..problem }
        }
        WebhookRefusal::Store(error) => internal(error),
    }
}

fn internal(error: StoreError) -> Problem {
    tracing::error!(%error, "webhooks");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the gatekeeper cannot do this now")
}
