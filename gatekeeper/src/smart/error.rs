//! Errors as OAuth 2 spells them (RFC 6749, sections 4.1.2.1 and 5.2).

/// What an app is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthError {
    /// The code.
    pub code: &'static str,
    /// A sentence for its developer. Plain ASCII without quotes, as the RFC demands.
    pub description: String,
}

impl OauthError {
    fn new(code: &'static str, description: &str) -> Self {
        let plain = |letter: &char| (' '..='~').contains(letter) && !matches!(letter, '"' | '\\');
        Self { code, description: description.chars().filter(plain).take(300).collect() }
    }

    /// A parameter is missing, twice there, or wrong.
    pub fn request(description: &str) -> Self {
        Self::new("invalid_request", description)
    }

    /// Unknown app.
    pub fn client(description: &str) -> Self {
        Self::new("invalid_client", description)
    }

    /// The code or refresh token is not good, or not for this.
    pub fn grant(description: &str) -> Self {
        Self::new("invalid_grant", description)
    }

    /// A scope cannot be read, or none is left.
    pub fn scope(description: &str) -> Self {
        Self::new("invalid_scope", description)
    }

    /// Not a grant type of ours.
    pub fn grant_type() -> Self {
        Self::new("unsupported_grant_type", "grant_type is authorization_code or refresh_token")
    }

    /// Not a response type of ours.
    pub fn response_type() -> Self {
        Self::new("unsupported_response_type", "response_type is code")
    }

    /// The user said no.
    pub fn denied() -> Self {
        Self::new("access_denied", "the user did not consent")
    }

    /// A fault here.
    pub fn server() -> Self {
        Self::new("server_error", "the gatekeeper cannot do this now")
    }
}
