//! Who asks, and what for. Says nothing of what they may see.
//!
//! Three ways lead here, all by a signature of the asker's account (sr25519, ed25519, ecdsa; raw or `<Bytes>`-wrapped):
//!
//! - a **session**: the gatekeeper writes a sign-in text (CAIP-122), the wallet signs it, and a token stands for it
//!   until it expires ([`challenge`], [`session`]);
//! - an **app's token** ([`app`]), which it got after such a sign-in on our own page ([`crate::smart`]);
//! - a **single signed request** ([`signed`]), for programs.
//!
//! Sign-in texts and signed requests count once, also across restarts and after the clock was set back.

use std::sync::Arc;

use medrec_client::request::{Authorization, SCHEME};
use medrec_policy::Purpose;
use medrec_primitives::{AccountId, RelationshipId};

use crate::{
    chain::Hash,
    clock::Time,
    config::SignIn,
    store::{recall::AsOf, Store, StoreError},
};

pub mod app;
pub mod challenge;
pub mod session;
pub mod signed;

pub use app::App;

/// Who asks, as proven by a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The account.
    pub account: AccountId,
    /// What for, as claimed.
    pub purpose: Purpose,
    /// The one patient that the session is about, if it is about one.
    pub patient: Option<RelationshipId>,
    /// The app that asks for them, if one does.
    pub app: Option<App>,
}

/// Why nobody is known to ask. The asker may be told: it is about the proof alone.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There is no proof at all.
    #[error("sign in first, or sign the request: send Authorization: Bearer <token> or {SCHEME} ...")]
    Missing,
    /// The proof is not in a form that is accepted.
    #[error("the Authorization header is neither a Bearer token nor a {SCHEME} in its one spelling")]
    Malformed,
    /// No such session, or it has expired or was ended.
    #[error("the session is unknown or has expired: sign in again")]
    NoSession,
    /// A sign-in text that is not one of ours, or not for us, or too late.
    #[error(transparent)]
    SignIn(#[from] medrec_client::signin::SignInError),
    /// The text was not written by this gatekeeper since it started, nor by another that shares its store.
    #[error(
        "this sign-in text was not given by this gatekeeper, or before its last start: ask for a new one"
    )]
    NotOurs,
    /// The signature is wrong.
    #[error(transparent)]
    Signature(#[from] medrec_client::signature::SignatureError),
    /// The request is not what was signed.
    #[error("the signature does not cover this request: method, target, body, audience and chain must be what was signed")]
    Request,
    /// It was used before, or that cannot be ruled out.
    #[error("this proof was used before, or may have been: each counts once, so make a new one with a later expiry")]
    Replay,
    /// Its time is over.
    #[error("the signed request has expired: check the clock")]
    Expired,
    /// Its expiry lies further ahead than accepted.
    #[error("the signed request expires too far in the future: sign for a shorter time")]
    TooFarAhead,
    /// A value in a request for a challenge makes no sense.
    #[error("{0}")]
    Value(&'static str),
    /// The store fails.
    #[error("the gatekeeper cannot check this now")]
    Store(#[from] StoreError),
}

/// A proof as it came, not yet checked.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A session's token.
    Bearer(String),
    /// A single signed request.
    Signed(Box<Authorization>),
}

impl Credential {
    /// Reads an `Authorization` header.
    pub fn parse(header: &str) -> Result<Self, AuthError> {
        // Names of schemes are written in capital letters or small ones (RFC 9110, section 11.1).
        let bearer = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
        if let Some((_, token)) = bearer {
            return Ok(Self::Bearer(token.to_owned()));
        }
        let signed = Authorization::parse(header).map_err(|_| AuthError::Malformed)?;
        Ok(Self::Signed(Box::new(signed)))
    }
}

/// Checks proofs.
pub struct Authenticator {
    store: Store,
    time: Arc<dyn Time>,
    settings: SignIn,
    /// The gatekeeper's public address: audience of signed requests, URI of sign-ins.
    audience: String,
    genesis: Hash,
    challenges: challenge::ChallengeKey,
}

impl Authenticator {
    /// Checks proofs for the gatekeeper at `audience` on the chain `genesis`.
    pub fn new(store: Store, time: Arc<dyn Time>, settings: SignIn, audience: String, genesis: Hash) -> Self {
        Self { store, time, settings, audience, genesis, challenges: challenge::ChallengeKey::generate() }
    }

    /// Who a credential stands for.
    pub async fn authenticate(
        &self,
        credential: &Credential,
        method: &str,
        target: &str,
        body: &[u8],
    ) -> Result<Asker, AuthError> {
        match credential {
            Credential::Bearer(token) if token.starts_with(app::TOKEN_PREFIX) => self.app(token).await,
            Credential::Bearer(token) => self.session(token).await,
            Credential::Signed(authorization) => self.signed(authorization, method, target, body).await,
        }
    }

    /// The same, from what is remembered of sessions and tokens if that may do: for answers that hold it against the store before they
    /// leave ([`crate::pipeline::Gatekeeper::answer_as_of`]).
    pub async fn recognise(
        &self,
        credential: &Credential,
        method: &str,
        target: &str,
        body: &[u8],
    ) -> Result<(Asker, AsOf), AuthError> {
        match credential {
            Credential::Bearer(token) if token.starts_with(app::TOKEN_PREFIX) => self.app_as_of(token).await,
            Credential::Bearer(token) => self.session_as_of(token).await,
            Credential::Signed(_) => {
                Ok((self.authenticate(credential, method, target, body).await?, AsOf::NOW))
            }
        }
    }

    /// Forgets what has long expired. To be called now and then.
    pub async fn prune(&self) -> Result<(), StoreError> {
        let now = self.time.now().wall;
        self.store.prune_sessions(now).await?;
        // A code that is used again is known again for a while, and ends what came of it.
        self.store.prune_apps(now.saturating_sub(app::REMEMBERED)).await?;
        // Well after the expiry, so that a request on its way is refused as expired and not as unknown.
        self.store
            .prune_nonces(
                now.saturating_sub(2 * 1000 * self.settings.request_s.max(self.settings.challenge_s)),
            )
            .await
    }
}

#[cfg(test)]
mod tests;
