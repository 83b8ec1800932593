//! The desk: routes for the provider's stewards. All take requests that the person signs itself.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    Json,
};

use super::{problem::Problem, receive::receive_signed, Front};
use crate::{enrol::WishError, pipeline::DeskRefusal};

type Shared = State<Arc<Front>>;

/// `POST /desk/tickets`: an enrolment ticket.
pub async fn ticket(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let (asker, incoming) = receive_signed(&front.gatekeeper, request).await?;
    let made = front.gatekeeper.issue_ticket(&asker, &incoming.json()?).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// `GET /desk/inbox`: what waits.
pub async fn inbox(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let (asker, _) = receive_signed(&front.gatekeeper, request).await?;
    Ok(Json(front.gatekeeper.waiting_items(&asker).await?).into_response())
}

/// `POST /desk/inbox/{number}`: accepts or rejects an item.
pub async fn decide(
    State(front): Shared,
    Path(number): Path<u64>,
    request: Request,
) -> Result<Response, Problem> {
    let (asker, incoming) = receive_signed(&front.gatekeeper, request).await?;
    front.gatekeeper.decide_item(&asker, number, &incoming.json()?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /desk/records`: of what nothing, or not all, is shown.
pub async fn records(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let (asker, _) = receive_signed(&front.gatekeeper, request).await?;
    Ok(Json(front.gatekeeper.kept_back(&asker).await?).into_response())
}

impl From<DeskRefusal> for Problem {
    fn from(refusal: DeskRefusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            DeskRefusal::Malformed(_) => Self::malformed(message),
            DeskRefusal::Denied => Self::new(StatusCode::FORBIDDEN, "forbidden", message),
            DeskRefusal::Throttled(seconds) => Self::too_many(seconds),
            DeskRefusal::Unknown => Self::new(StatusCode::NOT_FOUND, "no-such-record", message),
            DeskRefusal::NotWaiting => Self::new(StatusCode::CONFLICT, "not-waiting", message),
            DeskRefusal::Wish(WishError::Store(_))
            | DeskRefusal::Fetch(_)
            | DeskRefusal::Store(_)
            | DeskRefusal::Log(_) => {
                tracing::error!(error = message, "at the desk");
                let message = "the gatekeeper cannot do this now";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
            }
            DeskRefusal::Wish(error) => {
                let word = match error {
                    WishError::Enrolled => "enrolled",
                    WishError::Suspended => "suspended",
                    WishError::Doubted => "doubted",
                    WishError::NobodyEnrolled => "nobody-enrolled",
                    WishError::Several(_) => "several",
                    _ => "not-now",
                };
                Self::new(StatusCode::CONFLICT, word, message)
            }
            DeskRefusal::Unavailable(unavailable) => unavailable.into(),
        }
    }
}
