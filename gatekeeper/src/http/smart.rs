//! SMART App Launch: see [`crate::smart`].

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{header, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use medrec_client::messages::{ChallengeRequest, SessionRequest};
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

use super::{problem::Problem, receive::receive, Front};
use crate::{
    auth::AuthError,
    config::origin_of,
    form::{only, pairs},
    smart::{
        pages,
        proof::SignedIn,
        request::{Authorization, Unauthorized},
        OauthError,
    },
};

type Shared = State<Arc<Front>>;

/// `GET /fhir/.well-known/smart-configuration`.
pub async fn configuration(State(front): Shared) -> Response {
    Json(front.gatekeeper.smart.configuration()).into_response()
}

/// `GET /smart/wallet.js`.
pub async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], pages::SCRIPT).into_response()
}

/// `GET /smart/style.css`.
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], pages::STYLE).into_response()
}

/// `GET /smart/authorize`: who are you?
pub async fn authorize(State(front): Shared, request: Request) -> Result<Response, Response> {
    let Step { query, .. } = step(&front, request, false).await?;
    let request = front.gatekeeper.smart.authorization(&query).map_err(unauthorized)?;
    Ok(html(StatusCode::OK, pages::account(&request, &query, None), None))
}

/// `POST /smart/authorize`: the same with the app's request in the body.
pub async fn authorize_form(State(front): Shared, request: Request) -> Result<Response, Response> {
    let Step { query, form } = step(&front, request, true).await?;
    let asked = [query, pages::repeated(&form)];
    let asked =
        asked.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("&");
    let request = front.gatekeeper.smart.authorization(&asked).map_err(unauthorized)?;
    Ok(html(StatusCode::OK, pages::account(&request, &asked, None), None))
}

/// `POST /smart/challenge`: the text to sign.
pub async fn challenge(State(front): Shared, request: Request) -> Result<Response, Response> {
    let Step { query, form } = step(&front, request, true).await?;
    let request = front.gatekeeper.smart.authorization(&query).map_err(unauthorized)?;
    let get = |name| only(&form, name).ok().flatten().unwrap_or_default().trim().to_owned();
    let asked = ChallengeRequest { account: get("account"), purpose: get("purpose"), patient: None };
    Ok(match front.gatekeeper.auth.challenge_for(Some(&request.client.id), &asked).await {
        Ok(challenge) => {
            html(StatusCode::OK, pages::sign(&asked.account, &challenge.message, &query, None), None)
        }
        Err(error) => {
            let problem = error.to_string();
            html(StatusCode::BAD_REQUEST, pages::account(&request, &query, Some(&problem)), None)
        }
    })
}

/// `POST /smart/sign-in`: whose records, and how far?
pub async fn sign_in(State(front): Shared, request: Request) -> Result<Response, Response> {
    let Step { query, form } = step(&front, request, true).await?;
    let smart = &front.gatekeeper.smart;
    let request = smart.authorization(&query).map_err(unauthorized)?;
    let get = |name| only(&form, name).ok().flatten().unwrap_or_default();
    // Browsers send line ends of forms as two characters; the text has one.
    let message = get("message").replace("\r\n", "\n");
    let signed = SessionRequest { message, signature: get("signature").trim().to_owned(), key_type: None };
    let asker = match front.gatekeeper.auth.redeem(Some(&request.client.id), &signed).await {
        Ok(asker) => asker,
        Err(AuthError::Signature(error)) => {
            let account = medrec_client::signin::SignIn::parse(&signed.message);
            let account = account.map(|text| text.account.to_ss58check()).unwrap_or_default();
            let page = pages::sign(&account, &signed.message, &query, Some(&error.to_string()));
            return Ok(html(StatusCode::UNAUTHORIZED, page, None));
        }
        Err(error) => return Err(page_of(&Problem::from(error))),
    };
    let signed_in = smart.signed_in(asker.account, asker.purpose);
    let proof = smart.prove(&signed_in, &query);
    ask_consent(&front, &request, &query, &signed_in, &proof, None).await
}

async fn ask_consent(
    front: &Front,
    request: &Authorization<'_>,
    query: &str,
    signed_in: &SignedIn,
    proof: &str,
    problem: Option<&str>,
) -> Result<Response, Response> {
    let SignedIn { account, purpose, .. } = signed_in;
    let choices = front.gatekeeper.choices(account, *purpose, &request.scopes.data).await;
    let choices = choices.map_err(|_| page_of(&unavailable()))?;
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let page = pages::consent(request, query, proof, &choices, problem);
    Ok(html(status, page, Some(&request.redirect)))
}

/// `POST /smart/consent`: back to the app.
pub async fn consent(State(front): Shared, request: Request) -> Result<Response, Response> {
    let Step { query, form } = step(&front, request, true).await?;
    let smart = &front.gatekeeper.smart;
    let request = smart.authorization(&query).map_err(unauthorized)?;
    let get = |name| only(&form, name).ok().flatten();
    let proof = get("proof").unwrap_or_default();
    let Some(signed_in) = smart.proven(proof, &query) else {
        return Err(page_of(&Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "You have not signed in, or too long ago.",
        )));
    };
    let denied = || redirect(&request.with_error(&OauthError::denied()));
    if get("answer") != Some("allow") {
        return Ok(denied());
    }
    let kept: Vec<&str> =
        form.iter().filter(|(name, _)| name == "scope").map(|(_, value)| value.as_str()).collect();
    let Some(scopes) = request.scopes.narrowed(&kept) else { return Ok(denied()) };
    let named = get("other").map(str::trim).filter(|text| !text.is_empty()).or_else(|| get("patient"));
    let patient = match named.and_then(|text| text.parse().ok()) {
        Some(patient) => {
            let SignedIn { account, purpose, .. } = &signed_in;
            let choice = front.gatekeeper.choice(account, *purpose, &scopes.data, patient).await;
            choice.map_err(|_| page_of(&unavailable()))?.map(|choice| choice.relationship)
        }
        None => None,
    };
    let Some(patient) = patient else {
        let problem = "Pick a relationship of which you may see something for this purpose.";
        return ask_consent(&front, &request, &query, &signed_in, proof, Some(problem)).await;
    };
    let given = async {
        if !smart.use_proof(&signed_in).await? {
            return Ok(None);
        }
        smart.code(&request, &signed_in, patient, &scopes).await.map(Some)
    };
    match given.await {
        Ok(Some(code)) => Ok(redirect(&request.with_code(&code))),
        Ok(None) => Err(page_of(&Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "You have answered this already.",
        ))),
        Err(error) => {
            tracing::error!(%error, "cannot keep a code");
            Ok(redirect(&request.with_error(&OauthError::server())))
        }
    }
}

/// `POST /smart/token`.
pub async fn token(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let told = match incoming.form() {
        Some(form) => front.gatekeeper.smart.token(form).await,
        None => Err(not_a_form()),
    };
    Ok(told_app(told))
}

/// `POST /smart/revoke`.
pub async fn revoke(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let done = match incoming.form() {
        Some(form) => front.gatekeeper.smart.revoke(form).await,
        None => Err(not_a_form()),
    };
    Ok(told_app(done.map(|()| json!({}))))
}

/// `POST /smart/introspect`: for who may prove to be the account that the token is of.
pub async fn introspect(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    let told = match incoming.form() {
        Some(form) => front.gatekeeper.smart.introspect(form, &asker.account).await,
        None => Err(not_a_form()),
    };
    Ok(told_app(told))
}

/// What every page needs.
struct Step {
    /// The app's request, in one spelling.
    query: String,
    form: Vec<(String, String)>,
}

async fn step(front: &Front, request: Request, posted: bool) -> Result<Step, Response> {
    let incoming = receive(&front.gatekeeper, request).await.map_err(|problem| page_of(&problem))?;
    let malformed = || page_of(&Problem::malformed("The request is not well formed."));
    let asked = pairs(incoming.query()).map_err(|_| malformed())?;
    let form = match posted {
        true => incoming.form().and_then(|form| pairs(form).ok()).ok_or_else(malformed)?,
        false => Vec::new(),
    };
    Ok(Step { query: pages::repeated(&asked), form })
}

fn not_a_form() -> OauthError {
    OauthError::request("send a form: Content-Type: application/x-www-form-urlencoded")
}

fn told_app(told: Result<Value, OauthError>) -> Response {
    match told {
        // RFC 6749, section 5.1: for caches of HTTP/1.0, too.
        Ok(body) => ([(header::PRAGMA, "no-cache")], Json(body)).into_response(),
        Err(OauthError { code, description }) => {
            let status = match code {
                "invalid_client" => StatusCode::UNAUTHORIZED,
                "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
                _ => StatusCode::BAD_REQUEST,
            };
            (status, Json(json!({ "error": code, "error_description": description }))).into_response()
        }
    }
}

fn unauthorized(refused: Unauthorized) -> Response {
    match refused {
        Unauthorized::Page(text) => html(StatusCode::BAD_REQUEST, pages::end(text), None),
        Unauthorized::Redirect(url) => redirect(&url),
    }
}

fn unavailable() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "later", "The chain cannot be relied on right now.")
}

fn page_of(problem: &Problem) -> Response {
    html(problem.status, pages::end(&problem.message), None)
}

/// `303 See Other`, without telling the app's server where its user was.
fn redirect(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(url) => {
            let headers =
                [(header::LOCATION, url), (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(_) => html(StatusCode::BAD_REQUEST, pages::end("The app's address cannot be followed."), None),
    }
}

/// A page that may do nothing but be itself. `back`: where its form may lead, beside here.
fn html(status: StatusCode, body: String, back: Option<&str>) -> Response {
    let back = back.and_then(|uri| match origin_of(uri) {
        Some(origin) if uri.starts_with("http") => Some(origin.to_owned()),
        _ => uri.split_once(':').map(|(scheme, _)| format!("{scheme}:")),
    });
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        back.unwrap_or_default()
    );
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(policy.trim()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
