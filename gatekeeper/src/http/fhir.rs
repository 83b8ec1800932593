//! FHIR R4: read, search, capabilities.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, Request, State},
    http::{header, HeaderMap, HeaderValue, Method, StatusCode},
    response::{IntoResponse, Response},
};

use super::{negotiate, problem::Problem, receive::receive, Front};
use crate::{
    auth::Asker,
    fhir::{outcome, query::read_format, IssueCode},
    form,
    pipeline::{Answer, Ask, Interface, Refused},
};

const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";
const JSON: &str = "application/json";

type Shared = State<Arc<Front>>;

/// `GET /fhir/metadata`. Of its query, only `_format` says something: `mode` has one answer.
pub async fn metadata(
    State(front): Shared,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, FhirProblem> {
    let query = query.unwrap_or_default();
    negotiate::accepts(&headers, &query)?;
    let pairs = form::pairs(&query).map_err(|_| Problem::malformed("the query cannot be decoded"))?;
    let mut formats = pairs.iter().filter(|(name, _)| name == "_format");
    if formats.any(|(_, format)| read_format(format).is_err()) {
        return Err(negotiate::json_only().into());
    }
    let body = front.gatekeeper.capabilities().to_string();
    Ok(([(header::CONTENT_TYPE, FHIR_JSON)], body).into_response())
}

/// `GET /fhir/{type}/{id}`.
pub async fn read(
    State(front): Shared,
    Path((resource_type, id)): Path<(String, String)>,
    request: Request,
) -> Result<Response, FhirProblem> {
    let gatekeeper = front.gatekeeper.clone();
    answer(&front, request, move |asked| gatekeeper.ask_read(&resource_type, &id, asked.query)).await
}

/// `GET /fhir/{type}?...`.
pub async fn search(
    State(front): Shared,
    Path(resource_type): Path<String>,
    request: Request,
) -> Result<Response, FhirProblem> {
    let gatekeeper = front.gatekeeper.clone();
    answer(&front, request, move |Asked { asker, query, lenient, .. }| {
        gatekeeper.ask_search(asker, &resource_type, query, lenient)
    })
    .await
}

/// `POST /fhir/{type}`: into the inbox.
pub async fn create(
    State(front): Shared,
    Path(resource_type): Path<String>,
    request: Request,
) -> Result<Response, FhirProblem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let conditional = request.headers().contains_key("if-none-exist");
    let gatekeeper = front.gatekeeper.clone();
    answer(&front, request, move |Asked { asker, body, .. }| {
        if conditional {
            return Err(Refused::condition("a create is not conditional here: leave If-None-Exist out"));
        }
        if !matches!(kind.as_str(), "application/fhir+json" | "application/json") {
            return Err(Refused::media_type("send JSON: Content-Type: application/fhir+json"));
        }
        gatekeeper.ask_create(asker, &resource_type, body)
    })
    .await
}

/// `GET /fhir/Patient/{id}/$everything`.
pub async fn operation(
    State(front): Shared,
    Path((resource_type, id, operation)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, FhirProblem> {
    if !is_everything(&resource_type, &operation) {
        return Err(Problem::not_found().into());
    }
    let gatekeeper = front.gatekeeper.clone();
    answer(&front, request, move |Asked { asker, query, lenient, .. }| {
        gatekeeper.ask_everything(asker, &id, query, lenient)
    })
    .await
}

/// The one operation that there is.
pub(super) fn is_everything(resource_type: &str, operation: &str) -> bool {
    resource_type == "Patient" && operation == "$everything"
}

/// `POST /fhir/{type}/_search`: the same with the parameters in the body, which keeps them out of the logs of proxies.
pub async fn search_form(
    State(front): Shared,
    Path(resource_type): Path<String>,
    request: Request,
) -> Result<Response, FhirProblem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or("").to_ascii_lowercase();
    let gatekeeper = front.gatekeeper.clone();
    answer(&front, request, move |Asked { asker, query, body, lenient }| {
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Refused::media_type("send a form: Content-Type: application/x-www-form-urlencoded"));
        }
        let form = std::str::from_utf8(body).map_err(|_| Refused::malformed("the form is not text"))?;
        let both = [query, form].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&");
        gatekeeper.ask_search(asker, &resource_type, &both, lenient)
    })
    .await
}

/// What a request says, once it is known who sent it.
struct Asked<'a> {
    asker: &'a Asker,
    query: &'a str,
    body: &'a [u8],
    lenient: bool,
}

async fn answer(
    front: &Front,
    request: Request,
    ask: impl FnOnce(Asked<'_>) -> Result<Ask, Refused>,
) -> Result<Response, FhirProblem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let headers = &incoming.parts.headers;
    // A search form's parameters count as those of the address.
    if !incoming.form().is_some_and(negotiate::names_format) {
        negotiate::accepts(headers, incoming.query())?;
    }
    let lenient = negotiate::is_lenient(headers);
    let (gatekeeper, target) = (&front.gatekeeper, &incoming.target);
    let (asker, as_of) = incoming.recognise(gatekeeper).await?;
    let look_up = || incoming.authenticate(gatekeeper);
    let asked = Asked { asker: &asker, query: incoming.query(), body: &incoming.body, lenient };
    let (answer, provable) = match ask(asked) {
        Ok(ask) => {
            let provable = incoming.parts.method == Method::GET && ask.has_proofs();
            let known = (&asker, as_of);
            (gatekeeper.answer_as_of(known, &ask, target, Interface::Fhir, look_up).await?, provable)
        }
        Err(refused) => {
            // Nothing of this is on the log: whoever is told it is looked up.
            let asker = if as_of.is_now() { asker } else { look_up().await? };
            (gatekeeper.refuse(&asker, &refused, target), false)
        }
    };
    let proven = provable && answer.status == 200;
    let mut response = answer.into_response();
    if proven {
        super::proof::point_to(&mut response, &gatekeeper.settings.public_url, target);
    }
    Ok(response)
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        // Every status that the pipeline gives is one.
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self.seal.clone());
        let headers = response.headers_mut();
        let kind = if self.fhir { FHIR_JSON } else { JSON };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(medrec_client::answer::DATE_HEADER, HeaderValue::from(self.seal.date));
        if let Ok(signature) = HeaderValue::from_str(&self.seal.signature.to_string()) {
            headers.insert(medrec_client::answer::SIGNATURE_HEADER, signature);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A [`Problem`] as an OperationOutcome.
pub struct FhirProblem(Problem);

impl From<Problem> for FhirProblem {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for FhirProblem {
    fn into_response(self) -> Response {
        let Self(problem) = self;
        let code = match problem.status {
            StatusCode::UNAUTHORIZED => IssueCode::Login,
            StatusCode::BAD_REQUEST => IssueCode::Invalid,
            StatusCode::PAYLOAD_TOO_LARGE => IssueCode::TooLong,
            StatusCode::TOO_MANY_REQUESTS => IssueCode::Throttled,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => IssueCode::Transient,
            StatusCode::NOT_FOUND => IssueCode::NotFound,
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_ACCEPTABLE => IssueCode::NotSupported,
            _ => IssueCode::Exception,
        };
        let body = outcome(code, &problem.message).to_string();
        let mut response = problem.into_response();
        *response.body_mut() = body.into();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FHIR_JSON));
        response
    }
}
