//! `.well-known/smart-configuration`: what is here, and nothing that is not.

use serde_json::{json, Value};

use super::Smart;

impl Smart {
    /// The document.
    pub fn configuration(&self) -> Value {
        let url = |name: &str| format!("{}/smart/{name}", self.public_url);
        let offline = self.settings.refresh_s > 0;
        let mut scopes = vec!["launch/patient", "patient/*.rs", "patient/*.crs"];
        let mut grants = vec!["authorization_code"];
        let mut capabilities = vec![
            "launch-standalone",
            "client-public",
            "context-standalone-patient",
            "permission-patient",
            "permission-v2",
            "authorize-post",
        ];
        if offline {
            scopes.push("offline_access");
            grants.push("refresh_token");
            capabilities.push("permission-offline");
        }
        json!({
            "authorization_endpoint": url("authorize"),
            "token_endpoint": url("token"),
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint": url("revoke"),
            "introspection_endpoint": url("introspect"),
            "grant_types_supported": grants,
            "response_types_supported": ["code"],
            "scopes_supported": scopes,
            "code_challenge_methods_supported": ["S256"],
            "capabilities": capabilities,
        })
    }
}
