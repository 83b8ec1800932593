//! Sessions. A token says who signed in and what for; each request is decided on its own.

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use medrec_client::messages::{Session, SessionRequest};
use rand::RngCore;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Asker, AuthError, Authenticator};
use crate::store::{recall::AsOf, sessions::StoredSession, StoreError};

const TOKEN_BYTES: usize = 32;

impl Authenticator {
    /// Opens a session for a signed sign-in text.
    pub async fn open_session(&self, request: &SessionRequest) -> Result<Session, AuthError> {
        let asker = self.redeem(None, request).await?;
        let now = self.time.now().wall;
        let expires = now.saturating_add(1000 * self.settings.session_s);
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        rand::rngs::OsRng.fill_bytes(bytes.as_mut());
        let token = URL_SAFE_NO_PAD.encode(bytes.as_ref());
        let stored = StoredSession {
            account: asker.account,
            purpose: asker.purpose.to_string(),
            patient: asker.patient.map(|patient| patient.to_string()),
            expires,
        };
        self.store.add_session(&hash(&token), &stored, now, self.settings.sessions_per_account).await?;
        Ok(Session { token, expires })
    }

    /// Ends a session.
    pub async fn end_session(&self, token: &str) -> Result<(), AuthError> {
        Ok(self.store.end_session(&hash(token)).await?)
    }

    pub(super) async fn session(&self, token: &str) -> Result<Asker, AuthError> {
        let stored = self.store.session(&hash(token), self.time.now().wall).await?;
        asker(stored.ok_or(AuthError::NoSession)?)
    }

    pub(super) async fn session_as_of(&self, token: &str) -> Result<(Asker, AsOf), AuthError> {
        let stored = self.store.session_as_of(&hash(token), self.time.now().wall).await?;
        let (session, as_of) = stored.ok_or(AuthError::NoSession)?;
        Ok((asker(session)?, as_of))
    }
}

fn asker(session: StoredSession) -> Result<Asker, AuthError> {
    let corrupt = || AuthError::Store(StoreError::Corrupt("sessions"));
    Ok(Asker {
        account: session.account,
        purpose: session.purpose.parse().map_err(|_| corrupt())?,
        patient: session.patient.map(|text| text.parse()).transpose().map_err(|_| corrupt())?,
        app: None,
    })
}

/// The store learns no token: who reads it cannot use a session. A token has 256 random bits, so a plain hash will do.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
