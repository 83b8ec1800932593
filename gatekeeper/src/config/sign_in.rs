//! Sign-in, signed requests and enrolment.

use serde::Deserialize;

/// Sign-in and signed requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// How long a challenge may be answered (s).
    pub challenge_s: u64,
    /// How long a session lasts (s).
    pub session_s: u64,
    /// Sessions of one account at a time; the oldest goes first.
    pub sessions_per_account: u32,
    /// How far ahead a signed request may set its expiry (s).
    pub request_s: u64,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { challenge_s: 300, session_s: 900, sessions_per_account: 8, request_s: 300 }
    }
}

/// Enrolment of patients.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Enrolment {
    /// How long a ticket may be used (s).
    pub ticket_s: u64,
}

impl Default for Enrolment {
    fn default() -> Self {
        Self { ticket_s: 3600 }
    }
}
