//! Requests that were made on chain: handed over by the provider's own node, picked up by who asked.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Path, Request, State},
    http::{header, HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use codec::{DecodeAll, Encode};
use medrec_client::question::SALT_HEADER;
use medrec_primitives::{
    access::{HAND_OVER, HAND_OVER_HEADER},
    RequestId,
};

use super::{problem::Problem, receive::receive, Front};
use crate::keys::HandOverSecret;

type Shared = State<Arc<Front>>;

/// `POST /chain/requests`: the node beside this gatekeeper names requests and gets receipts. For everybody else there is
/// nothing here.
pub async fn hand_over(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let Some(secret) = front.gatekeeper.hand_over.as_ref() else { return Err(Problem::not_found()) };
    if !is_beside_us(&request) {
        return Err(Problem::not_found());
    }
    if !knows(request.headers(), secret) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "refused",
            "the secret is not the one configured here",
        ));
    }
    let incoming = receive(&front.gatekeeper, request).await?;
    let ids = Vec::<RequestId>::decode_all(&mut &*incoming.body)
        .map_err(|_| Problem::malformed("not a list of requests"))?;
    if ids.len() > HAND_OVER {
        return Err(Problem::malformed("more requests than are taken at once"));
    }
    let gatekeeper = front.gatekeeper.clone();
    // On its own, so that what was begun is kept even if the node hangs up.
    let settling = tokio::spawn(async move { gatekeeper.settle(&ids).await });
    match settling.await {
        Ok(receipts) => {
            Ok(([(header::CONTENT_TYPE, "application/octet-stream")], receipts.encode()).into_response())
        }
        Err(error) => {
            tracing::error!(%error, "settling requests broke off");
            Err(internal())
        }
    }
}

/// `GET /chain/requests/{id}`: the answer, for who asked.
pub async fn pick_up(
    State(front): Shared,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    let id = id.parse().map_err(|_| Problem::malformed("not a request of this chain, such as q0-3"))?;
    let picked_up = front.gatekeeper.pick_up(&asker, id, &incoming.target).await.map_err(|error| {
        tracing::error!(%error, "cannot look up a request");
        internal()
    })?;
    let salt =
        picked_up.salt.and_then(|salt| HeaderValue::from_str(&format!("0x{}", hex::encode(salt))).ok());
    let mut response = picked_up.answer.into_response();
    if let (Some(salt), Ok(name)) = (salt, HeaderName::try_from(SALT_HEADER)) {
        response.headers_mut().insert(name, salt);
    }
    Ok(response)
}

/// Whether a request comes from this machine, and not through a proxy on it.
fn is_beside_us(request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let forwarded = ["x-forwarded-for", "forwarded", "via"];
    peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback())
        && !forwarded.iter().any(|name| request.headers().contains_key(*name))
}

fn knows(headers: &HeaderMap, secret: &HandOverSecret) -> bool {
    let mut values = headers.get_all(HAND_OVER_HEADER).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => secret.is(value.as_bytes()),
        _ => false,
    }
}

fn internal() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the gatekeeper cannot answer this now")
}
