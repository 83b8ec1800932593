//! Codes and tokens of apps, known by their digests only. Both count once where they must, whatever happens to the program.

use medrec_primitives::{AccountId, Moment};

use super::{
    account,
    recall::{changes, AsOf},
    signed,
    sql::{self, Row, Topic, Transaction},
    unsigned, Store, StoreError,
};

/// What came of one consent: who, through which app, what for, about whom, how far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppGrant {
    /// All that came of one consent shares this.
    pub family: [u8; 16],
    /// The app.
    pub client: String,
    /// Who consented.
    pub account: AccountId,
    /// What for.
    pub purpose: String,
    /// The one relationship.
    pub patient: String,
    /// The scopes, with spaces between them.
    pub scope: String,
}

/// A code, and what it must be redeemed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCode {
    /// What it stands for.
    pub grant: AppGrant,
    /// The address that it was sent to.
    pub redirect: String,
    /// The PKCE challenge.
    pub challenge: String,
    /// Until when (ms).
    pub expires: Moment,
    /// Whether it was redeemed.
    pub used: bool,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// What it stands for.
    pub grant: AppGrant,
    /// Whether it gets new tokens; otherwise it gets records.
    pub refresh: bool,
    /// Since when (ms).
    pub issued: Moment,
    /// Until when (ms).
    pub expires: Moment,
    /// Whether a refresh token was used.
    pub used: bool,
}

/// A token with its digest, to be kept.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The digest.
    pub digest: [u8; 32],
    /// The token.
    pub token: StoredToken,
}

impl Store {
    /// Keeps a code.
    pub async fn add_code(&self, digest: &[u8; 32], code: &StoredCode) -> Result<(), StoreError> {
        let StoredCode { grant, redirect, challenge, expires, .. } = code;
        let account: &[u8] = grant.account.as_ref();
        sql::query(
            "INSERT INTO app_codes (code, family, client, redirect, challenge, account, purpose, patient, scope, expires)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(digest.as_slice())
        .bind(grant.family.as_slice())
        .bind(&grant.client)
        .bind(redirect)
        .bind(challenge)
        .bind(account)
        .bind(&grant.purpose)
        .bind(&grant.patient)
        .bind(&grant.scope)
        .bind(signed(*expires))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// A code, used or not, expired or not.
    pub async fn code(&self, digest: &[u8; 32]) -> Result<Option<StoredCode>, StoreError> {
        let row = sql::query("SELECT * FROM app_codes WHERE code = $1")
            .bind(digest.as_slice())
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| {
            Ok(StoredCode {
                grant: grant(&row, "app_codes")?,
                redirect: row.try_get("redirect")?,
                challenge: row.try_get("challenge")?,
                expires: unsigned(row.try_get("expires")?, "app_codes")?,
                used: row.try_get::<Option<i64>>("used")?.is_some(),
            })
        })
        .transpose()
    }

    /// Uses up a code and keeps the tokens that it was redeemed for, both or neither. Returns whether the code was fresh.
    pub async fn redeem_code(
        &self,
        digest: &[u8; 32],
        now: Moment,
        tokens: &[NewToken],
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin(Topic::Apps).await?;
        let used =
            sql::query("UPDATE app_codes SET used = $2 WHERE code = $1 AND used IS NULL AND expires > $2")
                .bind(digest.as_slice())
                .bind(signed(now))
                .execute(&mut transaction)
                .await?;
        if used != 1 {
            return Ok(false);
        }
        add_tokens(&mut transaction, tokens).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Uses up a refresh token and keeps those that take its place, both or neither. Returns whether it was fresh.
    pub async fn rotate_token(
        &self,
        digest: &[u8; 32],
        now: Moment,
        tokens: &[NewToken],
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin(Topic::Apps).await?;
        let used = sql::query(
            "UPDATE app_tokens SET used = $2 WHERE token = $1 AND refresh = 1 AND used IS NULL AND expires > $2",
        )
        .bind(digest.as_slice())
        .bind(signed(now))
        .execute(&mut transaction)
        .await?;
        if used != 1 {
            return Ok(false);
        }
        add_tokens(&mut transaction, tokens).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// A token, used or not, unless it has expired.
    pub async fn app_token(&self, digest: &[u8; 32], now: Moment) -> Result<Option<StoredToken>, StoreError> {
        let row = sql::query(concat!(
            "SELECT app_tokens.*, ",
            changes!(),
            " AS changes FROM app_tokens WHERE token = $1 AND expires > $2",
        ))
        .bind(digest.as_slice())
        .bind(signed(now))
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let token = StoredToken {
            grant: grant(&row, "app_tokens")?,
            refresh: row.try_get::<i64>("refresh")? == 1,
            issued: unsigned(row.try_get("issued")?, "app_tokens")?,
            expires: unsigned(row.try_get("expires")?, "app_tokens")?,
            used: row.try_get::<Option<i64>>("used")?.is_some(),
        };
        self.recall.app_tokens.keep(*digest, token.clone(), row.try_get("changes")?);
        Ok(Some(token))
    }

    /// The same, remembered or read.
    pub async fn app_token_as_of(
        &self,
        digest: &[u8; 32],
        now: Moment,
    ) -> Result<Option<(StoredToken, AsOf)>, StoreError> {
        let is_good = |token: &StoredToken| token.expires > now;
        self.recall.app_tokens.or_read(digest, is_good, self.app_token(digest, now)).await
    }

    /// Ends all tokens that came of one consent.
    pub async fn end_family(&self, family: &[u8; 16]) -> Result<(), StoreError> {
        // Not beside a rotation, whose tokens it would not see yet.
        let mut transaction = self.begin(Topic::Apps).await?;
        sql::query("DELETE FROM app_tokens WHERE family = $1")
            .bind(family.as_slice())
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Forgets codes and tokens that expired at `before` or earlier.
    pub async fn prune_apps(&self, before: Moment) -> Result<(), StoreError> {
        for statement in
            ["DELETE FROM app_codes WHERE expires <= $1", "DELETE FROM app_tokens WHERE expires <= $1"]
        {
            sql::query(statement).bind(signed(before)).execute(&self.write).await?;
        }
        Ok(())
    }
}

async fn add_tokens(transaction: &mut Transaction, tokens: &[NewToken]) -> Result<(), StoreError> {
    for NewToken { digest, token } in tokens {
        let StoredToken { grant, refresh, issued, expires, .. } = token;
        let account: &[u8] = grant.account.as_ref();
        sql::query(
            "INSERT INTO app_tokens (token, family, refresh, client, account, purpose, patient, scope, issued, expires)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(digest.as_slice())
        .bind(grant.family.as_slice())
        .bind(i64::from(*refresh))
        .bind(&grant.client)
        .bind(account)
        .bind(&grant.purpose)
        .bind(&grant.patient)
        .bind(&grant.scope)
        .bind(signed(*issued))
        .bind(signed(*expires))
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}

fn grant(row: &Row, place: &'static str) -> Result<AppGrant, StoreError> {
    let family: Vec<u8> = row.try_get("family")?;
    Ok(AppGrant {
        family: family.try_into().map_err(|_| StoreError::Corrupt(place))?,
        client: row.try_get("client")?,
        account: account(row.try_get("account")?, place)?,
        purpose: row.try_get("purpose")?,
        patient: row.try_get("patient")?,
        scope: row.try_get("scope")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::temporary;

    fn grant() -> AppGrant {
        AppGrant {
            family: [3; 16],
            client: "chart".into(),
            account: [1; 32].into(),
            purpose: "TREAT".into(),
            patient: "r0-3".into(),
            scope: "patient/Observation.rs".into(),
        }
    }

    fn code() -> StoredCode {
        let (redirect, challenge) = ("https://app.example/cb".to_owned(), "c".repeat(43));
        StoredCode { grant: grant(), redirect, challenge, expires: 100, used: false }
    }

    fn token(n: u8, refresh: bool) -> NewToken {
        let token = StoredToken { grant: grant(), refresh, issued: 0, expires: 1000, used: false };
        NewToken { digest: [n; 32], token }
    }

    #[tokio::test]
    async fn code_should_be_redeemed_once_and_in_time() {
        let (store, _folder) = temporary().await;
        store.add_code(&[7; 32], &code()).await.unwrap();
        assert!(!store.redeem_code(&[7; 32], 100, &[token(1, false)]).await.unwrap());
        assert_eq!(store.app_token(&[1; 32], 0).await.unwrap(), None);
        assert!(store.redeem_code(&[7; 32], 99, &[token(1, false)]).await.unwrap());
        assert_eq!(store.app_token(&[1; 32], 999).await.unwrap(), Some(token(1, false).token));
        assert_eq!(store.app_token(&[1; 32], 1000).await.unwrap(), None);
        assert!(!store.redeem_code(&[7; 32], 99, &[token(2, false)]).await.unwrap());
        assert_eq!(store.app_token(&[2; 32], 0).await.unwrap(), None);
        assert!(store.code(&[7; 32]).await.unwrap().unwrap().used);
    }

    #[tokio::test]
    async fn family_should_end_as_a_whole() {
        let (store, _folder) = temporary().await;
        store.add_code(&[7; 32], &code()).await.unwrap();
        assert!(store.redeem_code(&[7; 32], 9, &[token(1, false), token(2, true)]).await.unwrap());
        assert!(!store.rotate_token(&[1; 32], 9, &[]).await.unwrap());
        assert!(store.rotate_token(&[2; 32], 9, &[token(3, false)]).await.unwrap());
        assert!(!store.rotate_token(&[2; 32], 9, &[token(4, false)]).await.unwrap());
        store.end_family(&[3; 16]).await.unwrap();
        for n in 1..5 {
            assert_eq!(store.app_token(&[n; 32], 0).await.unwrap(), None);
        }
    }
}
