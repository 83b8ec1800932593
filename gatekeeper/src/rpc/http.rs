//! How JSON-RPC comes in: by `POST`, or by a WebSocket.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use tower::Service;

use super::{Caller, Proof};
use crate::{
    auth::{AuthError, Credential},
    http::{
        problem::Problem,
        receive::{address, credential, receive},
        Front,
    },
};

/// `POST /rpc`. A signed request proves all calls of its body, and counts once.
pub async fn call(State(front): State<Arc<Front>>, request: Request) -> Result<Response, Problem> {
    let address = address(&request, &front.gatekeeper.settings);
    let incoming = receive(&front.gatekeeper, request).await?;
    let proof = match credential(&incoming.parts.headers)? {
        None => Proof::None,
        Some(Credential::Bearer(token)) => Proof::Token(token),
        Some(Credential::Signed(_)) => {
            Proof::Proven(Box::new(incoming.authenticate(&front.gatekeeper).await?))
        }
    };
    let mut request = Request::from_parts(incoming.parts, Body::from(incoming.body));
    request.extensions_mut().insert(Caller { address, proof });
    Ok(respond(&front, request).await)
}

/// `GET /rpc` with an upgrade to WebSocket. A session may come with it, and is looked up at each call; a signed request may not:
/// it would count for as long as the connection lasts.
pub async fn upgrade(State(front): State<Arc<Front>>, mut request: Request) -> Result<Response, Problem> {
    if !request.headers().contains_key(header::UPGRADE) {
        return Err(Problem::method());
    }
    let address = address(&request, &front.gatekeeper.settings);
    let proof = match credential(request.headers())? {
        None => Proof::None,
        Some(Credential::Bearer(token)) => Proof::Token(token),
        Some(Credential::Signed(_)) => return Err(AuthError::Malformed.into()),
    };
    let held = front.sockets.hold(address).ok_or_else(|| Problem::too_many(60))?;
    request.extensions_mut().insert(Caller { address, proof });
    // Goes with the connection, as all that came with its first request.
    request.extensions_mut().insert(Arc::new(held));
    Ok(respond(&front, request).await)
}

async fn respond(front: &Front, request: Request) -> Response {
    let service = &front.rpc;
    let mut service = service.builder.clone().build(service.methods.clone(), service.stop.clone());
    match service.call(request).await {
        Ok(response) => response.map(Body::new).into_response(),
        Err(error) => {
            tracing::error!(%error, "JSON-RPC");
            Problem::busy(1).into_response()
        }
    }
}
