//! What goes wrong before anything is decided, in words for programs and people.

use axum::{
    http::{header, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use medrec_client::messages;

use crate::{auth::AuthError, enrol::EnrolError};

/// A refusal outside the pipeline. Never about a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A word for programs.
    pub word: &'static str,
    /// A sentence for people.
    pub message: String,
    /// When to try again (s).
    pub retry_after: Option<u64>,
    /// Whether a token was sent that is good for nothing (any more).
    pub invalid_token: bool,
}

impl Problem {
    /// A problem.
    pub fn new(status: StatusCode, word: &'static str, message: impl Into<String>) -> Self {
        Self { status, word, message: message.into(), retry_after: None, invalid_token: false }
    }

    /// Malformed.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", message)
    }

    /// No such route.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is nothing at this address")
    }

    /// The route takes other methods.
    pub fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "not-supported", "this address does not take this method")
    }

    /// The body is too large.
    pub fn too_large(most: usize) -> Self {
        let message = format!("the body may have {most} bytes at most");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
    }

    /// Too many requests.
    pub fn too_many(seconds: u64) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "too many requests: slow down");
        Self { retry_after: Some(seconds), ..problem }
    }

    /// Too much to do.
    pub fn busy(seconds: u64) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too busy: try again");
        Self { retry_after: Some(seconds), ..problem }
    }

    /// The body for programs and people.
    pub fn body(&self) -> messages::Problem {
        messages::Problem { error: self.word.into(), message: self.message.clone() }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let message = error.to_string();
        match error {
            AuthError::Value(_) => Self::malformed(message),
            AuthError::Store(error) => {
                tracing::error!(%error, "cannot authenticate");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
            }
            _ => Self {
                invalid_token: matches!(error, AuthError::NoSession),
                ..Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
            },
        }
    }
}

impl From<EnrolError> for Problem {
    fn from(error: EnrolError) -> Self {
        let message = error.to_string();
        match error {
            EnrolError::Malformed => Self::malformed(message),
            EnrolError::Signature(_) => Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message),
            EnrolError::Refused => Self::new(StatusCode::FORBIDDEN, "refused", message),
            EnrolError::Unfit(_) => Self::new(StatusCode::CONFLICT, "not-now", message),
            EnrolError::Key => Self::new(StatusCode::CONFLICT, "key-used", message),
            EnrolError::Later => {
                Self { retry_after: Some(5), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "later", message) }
            }
            EnrolError::Store(error) => {
                tracing::error!(%error, "cannot enrol");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 6750, section 3.1: by this an app knows that it is time to refresh.
            let schemes = HeaderValue::from_static(match self.invalid_token {
                true => "Bearer error=\"invalid_token\", MedRec-Signature",
                false => "Bearer, MedRec-Signature",
            });
            response.headers_mut().insert(header::WWW_AUTHENTICATE, schemes);
        }
        response
    }
}
