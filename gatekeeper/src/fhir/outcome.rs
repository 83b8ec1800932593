//! OperationOutcome: what went wrong, in a form that FHIR clients understand.

use serde_json::{json, Value};

/// Codes of HL7's issue types that this server uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueCode {
    /// The request is not well formed.
    Invalid,
    /// A value is not what it should be.
    Value,
    /// The server does not do this.
    NotSupported,
    /// Nobody has signed in.
    Login,
    /// Not permitted, or not there: the asker is not told which.
    Forbidden,
    /// There is no such thing among what the asker may see.
    NotFound,
    /// Too much at once.
    TooCostly,
    /// Too often.
    Throttled,
    /// The request is too long.
    TooLong,
    /// Try again later.
    Transient,
    /// A fault of the server's.
    Exception,
    /// Something is withheld.
    Suppressed,
    /// Something to know.
    Informational,
    /// A name or a shape that R4 does not have there.
    Structure,
    /// An element that must be there is missing.
    Required,
    /// A code that R4 does not have there.
    CodeInvalid,
    /// The resource breaks a rule of this server's.
    BusinessRule,
}

impl IssueCode {
    /// The code as HL7 writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Value => "value",
            Self::NotSupported => "not-supported",
            Self::Login => "login",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::TooCostly => "too-costly",
            Self::Throttled => "throttled",
            Self::TooLong => "too-long",
            Self::Transient => "transient",
            Self::Exception => "exception",
            Self::Suppressed => "suppressed",
            Self::Informational => "informational",
            Self::Structure => "structure",
            Self::Required => "required",
            Self::CodeInvalid => "code-invalid",
            Self::BusinessRule => "business-rule",
        }
    }
}

/// An OperationOutcome with one error.
pub fn outcome(code: IssueCode, text: &str) -> Value {
    issue("error", code, text)
}

/// An OperationOutcome that only tells something.
pub fn information(code: IssueCode, text: &str) -> Value {
    issue("information", code, text)
}

fn issue(severity: &str, code: IssueCode, text: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{ "severity": severity, "code": code.as_str(), "details": { "text": text } }]
    })
}
