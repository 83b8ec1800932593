//! Routes of emergencies while the chain cannot be reached. All take requests that the person signs itself.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    Json,
};

use super::{problem::Problem, receive::receive_signed, Front};
use crate::{emergency::window::NotNow, pipeline::EmergencyRefusal};

type Shared = State<Arc<Front>>;

/// `POST /emergency/find`: whose a record number is.
pub async fn find(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let (asker, incoming) = receive_signed(&front.gatekeeper, request).await?;
    let found = front.gatekeeper.find_in_emergency(&asker, &incoming.json()?).await;
    Ok(Json(found.map_err(refused)?).into_response())
}

/// `POST /emergency/draft`: a transaction to sign.
pub async fn draft(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let (asker, incoming) = receive_signed(&front.gatekeeper, request).await?;
    let drafted = front.gatekeeper.draft_break(&asker, &incoming.json()?).await;
    Ok(Json(drafted.map_err(refused)?).into_response())
}

/// `POST /emergency/break`: the glass is broken.
pub async fn break_glass(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let (asker, incoming) = receive_signed(&front.gatekeeper, request).await?;
    let broken = front.gatekeeper.break_offline(&asker, &incoming.json()?).await;
    Ok(Json(broken.map_err(refused)?).into_response())
}

fn refused(refusal: EmergencyRefusal) -> Problem {
    let message = refusal.to_string();
    match refusal {
        EmergencyRefusal::Malformed(_) => Problem::malformed(message),
        EmergencyRefusal::Denied => Problem::new(StatusCode::FORBIDDEN, "forbidden", message),
        EmergencyRefusal::Quota => Problem::new(StatusCode::FORBIDDEN, "quota-used-up", message),
        EmergencyRefusal::Throttled(seconds) => Problem::too_many(seconds),
        EmergencyRefusal::NotNow(NotNow::ChainThere) => {
            Problem::new(StatusCode::CONFLICT, "chain-there", message)
        }
        EmergencyRefusal::NotNow(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-now", message),
        EmergencyRefusal::Chain(_) | EmergencyRefusal::Store(_) | EmergencyRefusal::Log(_) => {
            tracing::error!(error = message, "an emergency");
            let message = "the gatekeeper cannot do this now";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
        }
    }
}
