//! Sessions, known by the hash of their token only.

use medrec_primitives::{AccountId, Moment};
use zeroize::Zeroizing;

use super::{
    account,
    recall::{changes, AsOf},
    signed,
    sql::{self, Topic},
    unsigned, Store, StoreError,
};

/// What sign-in texts are known again by, where several gatekeepers give them.
pub(super) const CHALLENGE_KEY: &str = "challenge_key";

/// A session as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Who.
    pub account: AccountId,
    /// What for.
    pub purpose: String,
    /// The one relationship it is about, if any.
    pub patient: Option<String>,
    /// Until when (ms).
    pub expires: Moment,
}

impl Store {
    /// Keeps a session and drops the account's oldest beyond `most`.
    pub async fn add_session(
        &self,
        token_hash: &[u8; 32],
        session: &StoredSession,
        now: Moment,
        most: u32,
    ) -> Result<(), StoreError> {
        let account: &[u8] = session.account.as_ref();
        let mut transaction = self.begin(Topic::Sessions).await?;
        sql::query("INSERT INTO sessions (token, account, purpose, patient, created, expires) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(token_hash.as_slice())
            .bind(account)
            .bind(&session.purpose)
            .bind(&session.patient)
            .bind(signed(now))
            .bind(signed(session.expires))
            .execute(&mut transaction)
            .await?;
        sql::query(
            "DELETE FROM sessions WHERE account = $1 AND token <> $2 AND token NOT IN
             (SELECT token FROM sessions WHERE account = $1 ORDER BY token = $2 DESC, created DESC LIMIT $3)",
        )
        .bind(account)
        .bind(token_hash.as_slice())
        .bind(i64::from(most))
        .execute(&mut transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The session of a token, unless it has expired.
    pub async fn session(
        &self,
        token_hash: &[u8; 32],
        now: Moment,
    ) -> Result<Option<StoredSession>, StoreError> {
        let row = sql::query(concat!(
            "SELECT account, purpose, patient, expires, ",
            changes!(),
            " AS changes FROM sessions WHERE token = $1 AND expires > $2",
        ))
        .bind(token_hash.as_slice())
        .bind(signed(now))
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let session = StoredSession {
            account: account(row.try_get("account")?, "sessions")?,
            purpose: row.try_get("purpose")?,
            patient: row.try_get("patient")?,
            expires: unsigned(row.try_get("expires")?, "sessions")?,
        };
        self.recall.sessions.keep(*token_hash, session.clone(), row.try_get("changes")?);
        Ok(Some(session))
    }

    /// The same, remembered or read.
    pub async fn session_as_of(
        &self,
        token_hash: &[u8; 32],
        now: Moment,
    ) -> Result<Option<(StoredSession, AsOf)>, StoreError> {
        let is_good = |session: &StoredSession| session.expires > now;
        self.recall.sessions.or_read(token_hash, is_good, self.session(token_hash, now)).await
    }

    /// The key by which gatekeepers that share this store know their sign-in texts: `fresh`, if there is none yet.
    pub async fn challenge_key(&self, fresh: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        if let Some(key) = self.meta(CHALLENGE_KEY).await? {
            return read_key(&key);
        }
        sql::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(CHALLENGE_KEY)
            .bind(hex::encode(fresh))
            .execute(&self.write)
            .await?;
        let key = self.meta(CHALLENGE_KEY).await?.ok_or(StoreError::Corrupt("meta"))?;
        read_key(&key)
    }

    /// Ends a session.
    pub async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        sql::query("DELETE FROM sessions WHERE token = $1")
            .bind(token_hash.as_slice())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Forgets sessions that expired at `before` or earlier.
    pub async fn prune_sessions(&self, before: Moment) -> Result<(), StoreError> {
        sql::query("DELETE FROM sessions WHERE expires <= $1")
            .bind(signed(before))
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

fn read_key(digits: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits, key.as_mut()).map_err(|_| StoreError::Corrupt("meta"))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::temporary;

    fn session(expires: Moment) -> StoredSession {
        StoredSession {
            account: [1; 32].into(),
            purpose: "TREAT".into(),
            patient: Some("r0-3".into()),
            expires,
        }
    }

    #[tokio::test]
    async fn session_should_be_found_until_it_expires() {
        let (store, _folder) = temporary().await;
        store.add_session(&[7; 32], &session(100), 0, 8).await.unwrap();
        assert_eq!(store.session(&[7; 32], 99).await.unwrap(), Some(session(100)));
        assert_eq!(store.session(&[7; 32], 100).await.unwrap(), None);
        assert_eq!(store.session(&[8; 32], 0).await.unwrap(), None);
    }

    #[tokio::test]
    async fn session_should_be_gone_when_ended() {
        let (store, _folder) = temporary().await;
        store.add_session(&[7; 32], &session(100), 0, 8).await.unwrap();
        store.end_session(&[7; 32]).await.unwrap();
        assert_eq!(store.session(&[7; 32], 0).await.unwrap(), None);
    }

    #[tokio::test]
    async fn session_should_push_out_the_oldest_when_there_are_too_many() {
        let (store, _folder) = temporary().await;
        for n in 0..4 {
            store.add_session(&[n; 32], &session(100), u64::from(n), 2).await.unwrap();
        }
        for (n, there) in [(0, false), (1, false), (2, true), (3, true)] {
            assert_eq!(store.session(&[n; 32], 50).await.unwrap().is_some(), there, "{n}");
        }
    }
}
