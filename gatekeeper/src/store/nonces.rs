//! What was used up: nonces of sign-ins and signed requests count once, whatever happens to the program or the clock.

use medrec_primitives::{AccountId, Moment};

use super::{
    continuity::{PAGE_FLOOR, SIGNED_FLOOR},
    signed,
    sql::{self, Topic},
    Store, StoreError,
};

/// Nonces that expired before this moment were forgotten; whatever claims to have expired no later is refused.
const PRUNED: &str = "nonces_pruned";

impl Store {
    /// Uses up a nonce. Returns whether it was fresh.
    ///
    /// A nonce is forgotten some time after it expired. The moment up to which nonces were forgotten is kept, so that a
    /// clock set back does not make an old request new.
    pub async fn use_nonce(
        &self,
        account: &AccountId,
        nonce: &[u8],
        expires: Moment,
    ) -> Result<bool, StoreError> {
        self.use_up(account, nonce, expires, PRUNED).await
    }

    /// Uses up the nonce of a signed request. Returns whether it was fresh, and surely so: it is not known of a request that may have
    /// been made before a back-up was restored ([`Store::invalidate`]).
    pub async fn use_signed_nonce(
        &self,
        account: &AccountId,
        nonce: &[u8],
        expires: Moment,
    ) -> Result<bool, StoreError> {
        self.use_up(account, nonce, expires, SIGNED_FLOOR).await
    }

    /// Uses up the nonce of a sign-in that was carried from page to page. Returns whether it was fresh, and surely so.
    pub async fn use_page_nonce(
        &self,
        account: &AccountId,
        nonce: &[u8],
        expires: Moment,
    ) -> Result<bool, StoreError> {
        self.use_up(account, nonce, expires, PAGE_FLOOR).await
    }

    async fn use_up(
        &self,
        account: &AccountId,
        nonce: &[u8],
        expires: Moment,
        floor: &'static str,
    ) -> Result<bool, StoreError> {
        let bytes: &[u8] = account.as_ref();
        let done = sql::query(
            "INSERT INTO nonces (account, nonce, expires)
             SELECT $1, $2, $3
             WHERE $3 > coalesce((SELECT max(CAST(value AS BIGINT)) FROM meta WHERE key IN ($4, $5)), -1)
             ON CONFLICT DO NOTHING",
        )
        .bind(bytes)
        .bind(nonce)
        .bind(signed(expires))
        .bind(PRUNED)
        .bind(floor)
        .execute(&self.write)
        .await?;
        Ok(done == 1)
    }

    /// Forgets nonces that expired at `before` or earlier.
    pub async fn prune_nonces(&self, before: Moment) -> Result<(), StoreError> {
        let mut transaction = self.begin(Topic::Meta).await?;
        sql::query(
            "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE
             SET value = excluded.value WHERE CAST(meta.value AS BIGINT) < CAST(excluded.value AS BIGINT)",
        )
        .bind(PRUNED)
        .bind(before.to_string())
        .execute(&mut transaction)
        .await?;
        sql::query("DELETE FROM nonces WHERE expires <= $1")
            .bind(signed(before))
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::{again, beside, temporary};

    fn alice() -> AccountId {
        [1; 32].into()
    }

    #[tokio::test]
    async fn nonce_should_count_once_when_used_by_one_account() {
        let (store, _folder) = temporary().await;
        assert!(store.use_nonce(&alice(), b"n", 100).await.unwrap());
        assert!(!store.use_nonce(&alice(), b"n", 100).await.unwrap());
        assert!(!store.use_nonce(&alice(), b"n", 200).await.unwrap());
        assert!(store.use_nonce(&[2; 32].into(), b"n", 100).await.unwrap());
    }

    #[tokio::test]
    async fn nonce_should_stay_used_when_the_store_is_opened_again() {
        let (store, folder) = temporary().await;
        assert!(store.use_nonce(&alice(), b"n", 100).await.unwrap());
        store.close().await;
        let store = again(&folder).await;
        assert!(!store.use_nonce(&alice(), b"n", 100).await.unwrap());
    }

    #[tokio::test]
    async fn nonce_should_be_refused_when_its_time_was_forgotten() {
        let (store, _folder) = temporary().await;
        assert!(store.use_nonce(&alice(), b"n", 100).await.unwrap());
        store.prune_nonces(150).await.unwrap();
        store.prune_nonces(120).await.unwrap();
        assert!(!store.use_nonce(&alice(), b"n", 100).await.unwrap());
        assert!(!store.use_nonce(&alice(), b"m", 150).await.unwrap());
        assert!(store.use_nonce(&alice(), b"m", 151).await.unwrap());
    }

    #[tokio::test]
    async fn nonce_should_count_once_when_used_at_the_same_time() {
        let (store, folder) = temporary().await;
        let other = beside(&folder).await;
        let tries = (0..20).map(|n| {
            let store = if n % 2 == 0 { store.clone() } else { other.clone() };
            async move { store.use_nonce(&alice(), b"n", 100).await.unwrap() }
        });
        let fresh = futures::future::join_all(tries).await;
        assert_eq!(fresh.into_iter().filter(|fresh| *fresh).count(), 1);
    }
}
