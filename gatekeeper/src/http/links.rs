//! Share links: made, listed and ended by the patient's side; opened by whoever holds one (SMART Health Links).

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{header, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use medrec_client::{
    messages::{LinkEntry, LinkRequest, Links, MadeLink},
    share_link::{File, Manifest, ManifestRequest, WrongPasscode, FHIR_JSON},
};
use medrec_policy::Capacity;
use medrec_primitives::RelationshipId;
use sp_core::crypto::Ss58Codec;
use zeroize::Zeroizing;

use super::{
    problem::Problem,
    receive::{receive, Incoming},
    Front,
};
use crate::{
    auth::Asker,
    decide::Unavailable,
    form,
    links::{Held, HeldError, Wish, WishError, PASSCODE_TRIES},
    log::LogError,
    pipeline::{FileError, Opened},
    store::{share_links::StoredLink, StoreError},
};

type Shared = State<Arc<Front>>;

/// How long a recipient's name may be (characters).
const RECIPIENT: usize = 120;

/// What is taken for the longest file in a manifest where the receiver does not say (characters).
const EMBEDDED: usize = 1 << 20;

const RECIPIENT_QUERY: &str = "say who asks, once: ?recipient=NAME";

const QUERY: &str = "say whose links: ?patient=r0-3";

/// `POST /links`.
pub async fn make(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    let LinkRequest { patient, purpose, expires, passcode, label, direct } = incoming.json()?;
    let relationship =
        patient.parse().map_err(|_| Problem::malformed("patient is a relationship, such as r0-3"))?;
    let purpose =
        purpose.parse().map_err(|_| Problem::malformed("purpose is a code of HL7's PurposeOfUse"))?;
    let capacity = patients_side(&front, &asker, relationship).await?;
    let passcode = passcode.map(Zeroizing::new);
    let wish = Wish { relationship, purpose, expires, passcode, label, direct };
    let made = front.gatekeeper.share_links.make(&wish).await?;
    // Until it is told to anybody it leads nowhere.
    front.gatekeeper.log_link(&asker, relationship, capacity, "create", &made.account).await?;
    let body = MadeLink { account: made.account.to_ss58check(), link: made.payload.link() };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// `GET /links?patient=r0-3`.
pub async fn list(State(front): Shared, request: Request) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    let relationship = relationship(&incoming)?;
    patients_side(&front, &asker, relationship).await?;
    let links = front.gatekeeper.share_links.list(relationship).await?;
    Ok(Json(Links { links: links.iter().map(entry).collect() }).into_response())
}

/// `DELETE /links/{account}?patient=r0-3`.
pub async fn end(
    State(front): Shared,
    Path(account): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asker = incoming.authenticate(&front.gatekeeper).await?;
    let relationship = relationship(&incoming)?;
    let account = Ss58Codec::from_ss58check(&account)
        .map_err(|_| Problem::malformed("an account is an SS58 address"))?;
    let capacity = patients_side(&front, &asker, relationship).await?;
    front.gatekeeper.log_link(&asker, relationship, capacity, "update", &account).await?;
    match front.gatekeeper.share_links.end(relationship, &account).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(Problem::not_found()),
    }
}

/// `POST /shl/{token}`: the manifest.
pub async fn manifest(
    State(front): Shared,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let asked: ManifestRequest = incoming.json()?;
    let recipient = recipient(&asked.recipient)?;
    let passcode = asked.passcode.map(Zeroizing::new);
    let passcode = passcode.as_ref().map(|code| code.as_str());
    let held = match front.gatekeeper.share_links.held(&token, passcode).await {
        Ok(held) => held,
        Err(HeldError::Passcode(remaining_attempts)) => {
            return Ok((StatusCode::UNAUTHORIZED, Json(WrongPasscode { remaining_attempts })).into_response())
        }
        Err(error) => return Err(error.into()),
    };
    let file = open(&front, &held, &recipient).await?;
    let most = asked.embedded_length_max.map_or(EMBEDDED, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let content_type = FHIR_JSON.to_owned();
    let file = match file.len() <= most {
        true => File { content_type, embedded: Some(file), location: None },
        false => {
            let location = front.gatekeeper.share_links.file_address(&token, &recipient);
            File { content_type, embedded: None, location }
        }
    };
    let status = Some("can-change".to_owned());
    Ok(Json(Manifest { status, files: vec![file] }).into_response())
}

/// `GET /shl/{token}?recipient=NAME`: the file itself, of a link without a passcode (flag `U`).
pub async fn direct(
    State(front): Shared,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let incoming = receive(&front.gatekeeper, request).await?;
    let pairs = form::pairs(incoming.query()).map_err(|_| Problem::malformed(RECIPIENT_QUERY))?;
    let named = form::only(&pairs, "recipient").ok().flatten();
    let recipient = recipient(named.ok_or_else(|| Problem::malformed(RECIPIENT_QUERY))?)?;
    let held = front.gatekeeper.share_links.held(&token, None).await.map_err(|error| match error {
        // There is no such way to it.
        HeldError::Passcode(_) => HeldError::Gone,
        error => error,
    })?;
    Ok(jose(open(&front, &held, &recipient).await?))
}

/// `GET /shl/{token}/files/{file}`: a file that was too long for the manifest.
pub async fn file(
    State(front): Shared,
    Path((token, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (held, recipient) = front.gatekeeper.share_links.held_file(&token, &file).await?;
    Ok(jose(open(&front, &held, &recipient).await?))
}

fn jose(jwe: String) -> Response {
    let kind = HeaderValue::from_static("application/jose");
    ([(header::CONTENT_TYPE, kind)], jwe).into_response()
}

async fn open(front: &Front, held: &Held, recipient: &str) -> Result<String, Problem> {
    // The address holds the secret, so what is sealed and logged names the link by its account.
    let target = format!("/links/{}", held.stored.account.to_ss58check());
    match front.gatekeeper.open_link(held, recipient, &target).await? {
        Opened::File(jwe) => Ok(jwe),
        Opened::Nothing => Err(HeldError::Gone.into()),
        Opened::Later(status, retry_after) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let message = "what the link leads to cannot be had now: try again later";
            Err(Problem { retry_after, ..Problem::new(status, "later", message) })
        }
    }
}

async fn patients_side(
    front: &Front,
    asker: &Asker,
    relationship: RelationshipId,
) -> Result<Capacity, Problem> {
    let account = asker.account.clone();
    front.gatekeeper.rates.accounts.take(account, std::time::Instant::now()).map_err(Problem::too_many)?;
    front.gatekeeper.on_the_patients_side(asker, relationship).await?.ok_or_else(|| {
        let message = "only the patient, or who acts for the patient, makes links, sees them and ends them";
        Problem::new(StatusCode::FORBIDDEN, "forbidden", message)
    })
}

fn relationship(incoming: &Incoming) -> Result<RelationshipId, Problem> {
    let named = incoming.query().strip_prefix("patient=").and_then(|text| text.parse().ok());
    named.ok_or_else(|| Problem::malformed(QUERY))
}

fn recipient(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let fits = (1..=RECIPIENT).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    match fits {
        true => Ok(text.to_owned()),
        false => {
            Err(Problem::malformed("recipient says who asks, in 1 to 120 characters, for whoever shares"))
        }
    }
}

fn entry(link: &StoredLink) -> LinkEntry {
    LinkEntry {
        account: link.account.to_ss58check(),
        purpose: link.purpose.clone(),
        made: link.made,
        expires: link.expires,
        passcode: link.passcode.is_some(),
        tries_left: link.passcode.map(|_| PASSCODE_TRIES.saturating_sub(link.failures)),
    }
}

fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "a share link");
    let message = "the gatekeeper cannot do this now";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        internal(&error)
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        internal(&error)
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        internal(&error)
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        tracing::warn!(%error, "cannot decide");
        let message = "the chain cannot be relied on right now: try again";
        Self { retry_after: Some(2), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message) }
    }
}

impl From<WishError> for Problem {
    fn from(error: WishError) -> Self {
        let message = error.to_string();
        match error {
            WishError::Store(error) => internal(&error),
            WishError::TooMany => Self::new(StatusCode::CONFLICT, "too-many-links", message),
            _ => Self::malformed(message),
        }
    }
}

impl From<HeldError> for Problem {
    fn from(error: HeldError) -> Self {
        let message = error.to_string();
        match error {
            HeldError::Store(error) => internal(&error),
            HeldError::Gone => Self::new(StatusCode::NOT_FOUND, "not-found", message),
            HeldError::Passcode(_) => Self::new(StatusCode::UNAUTHORIZED, "passcode", message),
        }
    }
}
