//! Codes and tokens: given out, redeemed, rotated, revoked.

use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use medrec_primitives::{AccountId, Moment, RelationshipId};
use rand::RngCore;
use serde_json::{json, Value};
use sp_core::crypto::Ss58Codec;

use super::{
    proof::SignedIn,
    request::{verifies, Authorization},
    scopes::{as_granted, Scopes, OFFLINE},
    OauthError, Smart,
};
use crate::{
    auth::{
        app::{is_data_scope, TOKEN_PREFIX},
        session::hash,
    },
    form::{only, pairs},
    store::{
        smart::{AppGrant, NewToken, StoredCode, StoredToken},
        StoreError,
    },
};

/// What refresh tokens begin with, so that people can tell what leaked.
const REFRESH_PREFIX: &str = "refresh.";

/// The answer to an app.
pub type Told = Result<Value, OauthError>;

impl From<StoreError> for OauthError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "cannot give out tokens");
        Self::server()
    }
}

impl Smart {
    /// A code for what a user has just consented to.
    pub async fn code(
        &self,
        request: &Authorization<'_>,
        signed_in: &SignedIn,
        patient: RelationshipId,
        scopes: &Scopes,
    ) -> Result<String, StoreError> {
        let mut family = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut family);
        let code = secret("");
        let stored = StoredCode {
            grant: AppGrant {
                family,
                client: request.client.id.clone(),
                account: signed_in.account.clone(),
                purpose: signed_in.purpose.to_string(),
                patient: patient.to_string(),
                scope: scopes.to_string(),
            },
            redirect: request.redirect.clone(),
            challenge: request.challenge.clone(),
            expires: self.now().saturating_add(1000 * self.settings.code_s),
            used: false,
        };
        self.store.add_code(&hash(&code), &stored).await?;
        Ok(code)
    }

    /// The token endpoint: a form in, an answer for the app out.
    pub async fn token(&self, form: &str) -> Told {
        let pairs = pairs(form).map_err(|_| OauthError::request("the form is not well formed"))?;
        let get = |name: &str| {
            only(&pairs, name).map_err(|_| OauthError::request(&format!("{name} is there twice")))
        };
        let need = |name: &str| get(name)?.ok_or_else(|| OauthError::request(&format!("{name} is missing")));
        let grant_type = need("grant_type")?;
        let client = need("client_id")?;
        if self.client(client).is_none() {
            return Err(OauthError::client("this app is not registered here"));
        }
        match grant_type {
            "authorization_code" => {
                self.redeem(client, need("code")?, need("redirect_uri")?, need("code_verifier")?).await
            }
            "refresh_token" => self.refresh(client, need("refresh_token")?, get("scope")?).await,
            _ => Err(OauthError::grant_type()),
        }
    }

    async fn redeem(&self, client: &str, code: &str, redirect: &str, verifier: &str) -> Told {
        let not_good = || OauthError::grant("the code is unknown, used, too old, or not for this app");
        let digest = hash(code);
        let stored = self.store.code(&digest).await?.ok_or_else(not_good)?;
        // Who cannot show the verifier has the code from somebody else, and uses nothing up.
        if stored.grant.client != client
            || stored.redirect != redirect
            || !verifies(verifier, &stored.challenge)
        {
            return Err(not_good());
        }
        let now = self.now();
        let family_end = now.saturating_add(1000 * self.settings.refresh_s);
        let given = self.tokens(&stored.grant, &stored.grant.scope, now, family_end);
        if self.store.redeem_code(&digest, now, &given.new).await? {
            return Ok(given.told);
        }
        if stored.used || self.store.code(&digest).await?.is_some_and(|stored| stored.used) {
            self.store.end_family(&stored.grant.family).await?;
        }
        Err(not_good())
    }

    async fn refresh(&self, client: &str, token: &str, scope: Option<&str>) -> Told {
        let not_good =
            || OauthError::grant("the refresh token is unknown, used, too old, or not for this app");
        let now = self.now();
        let digest = hash(token);
        let stored = self.store.app_token(&digest, now).await?;
        let stored =
            stored.filter(|stored| stored.refresh && stored.grant.client == client).ok_or_else(not_good)?;
        let scope = match scope {
            None => stored.grant.scope.clone(),
            Some(scope) => narrowed(&stored.grant.scope, scope).ok_or_else(|| {
                OauthError::scope(
                    "a refresh gives of the scopes consented to: name some of them, or leave scope out",
                )
            })?,
        };
        let given = self.tokens(&stored.grant, &scope, now, stored.expires);
        if !stored.used && self.store.rotate_token(&digest, now, &given.new).await? {
            return Ok(given.told);
        }
        // Two hold it: one of them stole it.
        self.store.end_family(&stored.grant.family).await?;
        Err(not_good())
    }

    /// An access token for `scope`, which may be less than the grant's, and where the app may have one, a refresh token for all of it.
    fn tokens(&self, grant: &AppGrant, scope: &str, now: Moment, family_end: Moment) -> Given {
        let seconds = self.settings.access_s;
        let token = |refresh, expires| StoredToken {
            grant: match refresh {
                true => grant.clone(),
                false => AppGrant { scope: scope.to_owned(), ..grant.clone() },
            },
            refresh,
            issued: now,
            expires,
            used: false,
        };
        let access = secret(TOKEN_PREFIX);
        let expires = now.saturating_add(1000 * seconds);
        let mut new = vec![NewToken { digest: hash(&access), token: token(false, expires) }];
        let mut told = json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": seconds,
            "scope": scope,
            "patient": grant.patient,
        });
        if grant.scope.split(' ').any(|scope| scope == OFFLINE) && self.settings.refresh_s > 0 {
            let refresh = secret(REFRESH_PREFIX);
            new.push(NewToken { digest: hash(&refresh), token: token(true, family_end) });
            told["refresh_token"] = refresh.into();
        }
        Given { new, told }
    }

    /// The revocation endpoint (RFC 7009): ends everything that came of the same consent. Unknown tokens are none of ours, and that
    /// is as good; those of another app are refused (section 2.1).
    pub async fn revoke(&self, form: &str) -> Result<(), OauthError> {
        let pairs = pairs(form).map_err(|_| OauthError::request("the form is not well formed"))?;
        let get = |name: &str| {
            let value = only(&pairs, name).ok().flatten();
            value.ok_or_else(|| OauthError::request(&format!("{name} is missing or there twice")))
        };
        let (token, client) = (get("token")?, get("client_id")?);
        if self.client(client).is_none() {
            return Err(OauthError::client("this app is not registered here"));
        }
        match self.store.app_token(&hash(token), self.now()).await? {
            Some(stored) if stored.grant.client == client => {
                Ok(self.store.end_family(&stored.grant.family).await?)
            }
            Some(_) => Err(OauthError::grant("this token was issued to another app")),
            None => Ok(()),
        }
    }

    /// The introspection endpoint (RFC 7662), for tokens of the asker's own account.
    pub async fn introspect(&self, form: &str, asker: &AccountId) -> Told {
        let pairs = pairs(form).map_err(|_| OauthError::request("the form is not well formed"))?;
        let token = only(&pairs, "token").ok().flatten();
        let token = token.ok_or_else(|| OauthError::request("token is missing or there twice"))?;
        let stored = self.store.app_token(&hash(token), self.now()).await?;
        Ok(match stored.filter(|stored| stored.grant.account == *asker && !stored.used) {
            None => json!({ "active": false }),
            Some(StoredToken { grant, issued, expires, .. }) => json!({
                "active": true,
                "scope": grant.scope,
                "client_id": grant.client,
                "sub": grant.account.to_ss58check(),
                "patient": grant.patient,
                "iat": issued / 1000,
                "exp": expires / 1000,
                "iss": self.fhir_url,
            }),
        })
    }

    fn now(&self) -> Moment {
        self.time.now().wall
    }
}

/// Those scopes of a grant that are asked for, in the grant's order; `None` if others are asked for, or none about records.
fn narrowed(granted: &str, asked: &str) -> Option<String> {
    let granted: Vec<&str> = granted.split(' ').collect();
    // An app may ask again as it did at first, for more than there is.
    let as_here = |word: &str| match granted.contains(&word) {
        true => word.to_owned(),
        false => as_granted(word),
    };
    let asked: Vec<String> = asked.split(' ').filter(|word| !word.is_empty()).map(as_here).collect();
    let within = asked.iter().all(|word| granted.contains(&word.as_str()));
    let about_records = asked.iter().any(|word| is_data_scope(word));
    let kept: Vec<&str> =
        granted.iter().copied().filter(|word| asked.iter().any(|asked| asked == word)).collect();
    (within && about_records).then(|| kept.join(" "))
}

struct Given {
    new: Vec<NewToken>,
    told: Value,
}

/// 256 random bits.
fn secret(prefix: &str) -> String {
    let mut bytes = [0; 32];
    rand::rngs::OsRng.fill_bytes(&mut bytes);
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::narrowed;

    #[test]
    fn refresh_should_give_what_was_consented_to_or_less() {
        let granted = "patient/Condition.rs patient/Observation.rs launch/patient offline_access";
        for (asked, given) in [
            (granted, Some(granted)),
            ("offline_access launch/patient patient/Observation.rs patient/Condition.rs", Some(granted)),
            ("patient/Observation.rs", Some("patient/Observation.rs")),
            ("patient/Observation.rs  offline_access", Some("patient/Observation.rs offline_access")),
            // Another spelling of less is not looked into.
            ("patient/Observation.r", None),
            ("patient/Observation.rs patient/Encounter.rs", None),
            ("offline_access", None),
            ("", None),
        ] {
            assert_eq!(narrowed(granted, asked).as_deref(), given, "{asked}");
        }
        // Asked again as at first, for what nobody is served.
        let granted = "patient/*.crs launch/patient";
        for (asked, given) in [
            ("patient/*.cruds launch/patient", Some(granted)),
            ("patient/*.crs", Some("patient/*.crs")),
            ("patient/*.ud", None),
            ("patient/*.rus", None),
        ] {
            assert_eq!(narrowed(granted, asked).as_deref(), given, "{asked}");
        }
        // As it was granted before updates were left out.
        assert_eq!(narrowed("patient/*.cruds", "patient/*.cruds").as_deref(), Some("patient/*.cruds"));
    }
}
