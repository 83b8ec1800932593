//! Answers sealed to a key that the asker names in the address: whatever is asked for, and whatever is answered.

use std::sync::Arc;

use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{header, HeaderValue, StatusCode, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use medrec_client::{
    answer::{DATE_HEADER, SIGNATURE_HEADER},
    sealed::{split_key, Envelope, MEDIA_TYPE},
};

use super::{problem::Problem, Front};
use crate::seal::Seal;

/// Path and query as they were sent, before the key was taken out of the query.
#[derive(Clone, Debug)]
pub struct SentTarget(pub String);

/// Takes the key out of the query, and seals the answer to it.
pub async fn seal(State(front): State<Arc<Front>>, mut request: Request, next: Next) -> Response {
    let (rest, key) = match split_key(request.uri().query().unwrap_or("")) {
        Ok((_, None)) => return next.run(request).await,
        Ok((rest, Some(key))) => (rest, key),
        Err(_) => {
            return Problem::malformed("_sealed takes one X25519 key: 64 lower-case hexadecimal digits")
                .into_response()
        }
    };
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let path = request.uri().path();
    let without = if rest.is_empty() { path.to_owned() } else { format!("{path}?{rest}") };
    let Ok(uri) = without.parse::<Uri>() else {
        return Problem::malformed("the address makes no sense").into_response();
    };
    *request.uri_mut() = uri;
    request.extensions_mut().insert(SentTarget(target.clone()));
    let response = next.run(request).await;
    // What nobody signed, such as that nobody is known, is no answer to anybody.
    let Some(seal) = response.extensions().get::<Seal>().cloned() else { return response };
    sealed(&front, &target, &seal, &key, response).await.unwrap_or_else(|| {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the answer cannot be sealed")
            .into_response()
    })
}

async fn sealed(
    front: &Front,
    target: &str,
    seal: &Seal,
    key: &[u8; 32],
    response: Response,
) -> Option<Response> {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?;
    let envelope = Envelope {
        body: String::from_utf8(body.to_vec()).ok()?,
        content_type: parts.headers.get(header::CONTENT_TYPE)?.to_str().ok()?.to_owned(),
        date: seal.date,
        signature: seal.signature.to_string(),
    };
    let status = parts.status.as_u16();
    let (text, outer) = front.gatekeeper.seal_to(target, &seal.asker, status, &envelope, key).ok()?;
    for (name, value) in [
        (header::CONTENT_TYPE.as_str(), MEDIA_TYPE.to_owned()),
        (DATE_HEADER, outer.date.to_string()),
        (SIGNATURE_HEADER, outer.signature.to_string()),
    ] {
        let name = header::HeaderName::from_bytes(name.as_bytes()).ok()?;
        parts.headers.insert(name, HeaderValue::from_str(&value).ok()?);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Some(Response::from_parts(parts, text.into()))
}
