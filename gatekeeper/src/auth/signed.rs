//! Single signed requests.

use medrec_client::request::{Authorization, Request, RequestError};

use super::{Asker, AuthError, Authenticator};

impl Authenticator {
    /// Checks the proof that a request carries, and uses up its nonce.
    ///
    /// The nonce comes last, so that nobody without the account's key writes anything to the store.
    pub(super) async fn signed(
        &self,
        authorization: &Authorization,
        method: &str,
        target: &str,
        body: &[u8],
    ) -> Result<Asker, AuthError> {
        let now = self.time.now().wall;
        if authorization.expires <= now {
            return Err(AuthError::Expired);
        }
        if authorization.expires > now.saturating_add(1000 * self.settings.request_s) {
            return Err(AuthError::TooFarAhead);
        }
        let request = Request { method, target, body, audience: &self.audience, genesis: self.genesis };
        authorization.verify(&request).map_err(|error| match error {
            RequestError::Malformed => AuthError::Malformed,
            RequestError::Signature(_) => AuthError::Request,
        })?;
        let Authorization { account, purpose, nonce, expires, .. } = authorization;
        if !self.store.use_signed_nonce(account, nonce, *expires).await? {
            return Err(AuthError::Replay);
        }
        Ok(Asker { account: account.clone(), purpose: *purpose, patient: None, app: None })
    }
}
