//! Tokens of apps. A token says through which app somebody asks, what for, about whom and how far at most; it permits nothing.

use std::sync::Arc;

use medrec_policy::{scope::Scope, Action, ElementMask, Row};

use super::{session::hash, Asker, AuthError, Authenticator};
use crate::store::{recall::AsOf, smart::StoredToken, StoreError};

/// What the tokens of apps begin with. Those of sessions cannot: they have no full stop.
pub const TOKEN_PREFIX: &str = "app.";

/// How long codes and tokens are remembered after their expiry (ms).
pub(super) const REMEMBERED: u64 = 24 * 3_600_000;

/// An app that asks for somebody, and how far at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The app's id.
    pub client: String,
    /// What its user consented to.
    pub scopes: Arc<[Scope]>,
}

impl App {
    /// Whether some scope is about this action on this type.
    pub fn covers(&self, action: Action, resource_type: &str) -> bool {
        self.scopes.iter().any(|scope| scope.covers(action, resource_type))
    }

    /// What of a row the scopes cover. As in a rule, a scope reaches a labelled row only if it names every label.
    pub fn mask(&self, action: Action, row: &Row<'_>) -> ElementMask {
        self.scopes.iter().fold(ElementMask::Nothing, |union, scope| match union {
            ElementMask::All => union,
            _ => union.union(&scope.allowed(action, row)),
        })
    }
}

impl Authenticator {
    pub(super) async fn app(&self, token: &str) -> Result<Asker, AuthError> {
        asker(self.store.app_token(&hash(token), self.time.now().wall).await?)
    }

    pub(super) async fn app_as_of(&self, token: &str) -> Result<(Asker, AsOf), AuthError> {
        let stored = self.store.app_token_as_of(&hash(token), self.time.now().wall).await?;
        let (stored, as_of) = stored.unzip();
        Ok((asker(stored)?, as_of.unwrap_or_default()))
    }
}

fn asker(stored: Option<StoredToken>) -> Result<Asker, AuthError> {
    let stored = stored.filter(|stored| !stored.refresh).ok_or(AuthError::NoSession)?.grant;
    let corrupt = || AuthError::Store(StoreError::Corrupt("app_tokens"));
    let scopes = stored.scope.split(' ').filter(|text| is_data_scope(text)).map(str::parse);
    let scopes: Arc<[Scope]> = scopes.collect::<Result<_, _>>().map_err(|_| corrupt())?;
    Ok(Asker {
        account: stored.account,
        purpose: stored.purpose.parse().map_err(|_| corrupt())?,
        patient: Some(stored.patient.parse().map_err(|_| corrupt())?),
        app: Some(App { client: stored.client, scopes }),
    })
}

/// Whether a scope is about records, and not about the launch.
pub fn is_data_scope(text: &str) -> bool {
    text.starts_with("patient/")
}
