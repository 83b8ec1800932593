//! Share links: which there are, and how often a wrong passcode was tried.

use medrec_primitives::{AccountId, Moment};

use super::{
    account, signed,
    sql::{self, Row, Topic},
    unsigned, Store, StoreError,
};

/// A share link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLink {
    /// What whoever holds it reads as.
    pub account: AccountId,
    /// The digest of what its address ends with.
    pub token: [u8; 32],
    /// The one relationship.
    pub relationship: String,
    /// What for.
    pub purpose: String,
    /// The keyed digest of its passcode, if it has one.
    pub passcode: Option<[u8; 32]>,
    /// How many wrong passcodes were tried, ever.
    pub failures: u32,
    /// Since when (ms).
    pub made: Moment,
    /// Until when (ms).
    pub expires: Moment,
}

impl Store {
    /// Keeps a link, unless the relationship has `most` of them whose time is not over. Returns whether it was kept.
    pub async fn keep_link(&self, link: &StoredLink, most: u32) -> Result<bool, StoreError> {
        let (account, token): (&[u8], &[u8]) = (link.account.as_ref(), &link.token);
        let mut transaction = self.begin(Topic::Links).await?;
        let kept = sql::query(
            "INSERT INTO share_links (account, token, relationship, purpose, passcode, failures, made, expires)
             SELECT $1, $2, $3, $4, $5, 0, $6, $7
             WHERE (SELECT count(*) FROM share_links WHERE relationship = $3 AND expires > $6) < $8",
        )
        .bind(account)
        .bind(token)
        .bind(&link.relationship)
        .bind(&link.purpose)
        .bind(link.passcode.as_ref().map(|digest| &digest[..]))
        .bind(signed(link.made))
        .bind(signed(link.expires))
        .bind(i64::from(most))
        .execute(&mut transaction)
        .await?;
        transaction.commit().await?;
        Ok(kept == 1)
    }

    /// The link whose address ends with what has this digest, if its time is not over.
    pub async fn link(&self, token: &[u8; 32], now: Moment) -> Result<Option<StoredLink>, StoreError> {
        let row = sql::query("SELECT * FROM share_links WHERE token = $1 AND expires > $2")
            .bind(&token[..])
            .bind(signed(now))
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(stored).transpose()
    }

    /// The links of a relationship, the newest first.
    pub async fn links(&self, relationship: &str) -> Result<Vec<StoredLink>, StoreError> {
        let rows =
            sql::query("SELECT * FROM share_links WHERE relationship = $1 ORDER BY made DESC, account")
                .bind(relationship)
                .fetch_all(&self.read)
                .await?;
        rows.iter().map(stored).collect()
    }

    /// Takes one of `most` wrong passcodes for tried, on disk before it is looked at. Returns how many are left; `None` if none was.
    pub async fn try_passcode(&self, token: &[u8; 32], most: u32) -> Result<Option<u32>, StoreError> {
        let tried: Option<i64> = sql::query_scalar(
            "UPDATE share_links SET failures = failures + 1 WHERE token = $1 AND failures < $2 RETURNING failures",
        )
        .bind(&token[..])
        .bind(i64::from(most))
        .fetch_optional(&self.write)
        .await?;
        let Some(tried) = tried else { return Ok(None) };
        let tried = u32::try_from(tried).map_err(|_| StoreError::Corrupt("share_links"))?;
        Ok(Some(most.saturating_sub(tried)))
    }

    /// Gives a try back: the passcode was right.
    pub async fn untry_passcode(&self, token: &[u8; 32]) -> Result<(), StoreError> {
        sql::query("UPDATE share_links SET failures = failures - 1 WHERE token = $1 AND failures > 0")
            .bind(&token[..])
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Ends a link of a relationship. Returns whether there was one.
    pub async fn end_link(&self, relationship: &str, account: &AccountId) -> Result<bool, StoreError> {
        let bytes: &[u8] = account.as_ref();
        let done = sql::query("DELETE FROM share_links WHERE relationship = $1 AND account = $2")
            .bind(relationship)
            .bind(bytes)
            .execute(&self.write)
            .await?;
        Ok(done == 1)
    }

    /// Forgets links whose time was over at `before`.
    pub async fn prune_links(&self, before: Moment) -> Result<(), StoreError> {
        sql::query("DELETE FROM share_links WHERE expires <= $1")
            .bind(signed(before))
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

fn stored(row: &Row) -> Result<StoredLink, StoreError> {
    const PLACE: &str = "share_links";
    let digest = |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).map_err(|_| StoreError::Corrupt(PLACE));
    let passcode: Option<Vec<u8>> = row.try_get("passcode")?;
    let failures: i64 = row.try_get("failures")?;
    Ok(StoredLink {
        account: account(row.try_get("account")?, PLACE)?,
        token: digest(row.try_get("token")?)?,
        relationship: row.try_get("relationship")?,
        purpose: row.try_get("purpose")?,
        passcode: passcode.map(digest).transpose()?,
        failures: u32::try_from(failures).map_err(|_| StoreError::Corrupt(PLACE))?,
        made: unsigned(row.try_get("made")?, PLACE)?,
        expires: unsigned(row.try_get("expires")?, PLACE)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::{again, temporary};

    fn link(byte: u8) -> StoredLink {
        StoredLink {
            account: [byte; 32].into(),
            token: [byte; 32],
            relationship: "r0-3".into(),
            purpose: "TREAT".into(),
            passcode: Some([9; 32]),
            failures: 0,
            made: 10,
            expires: 100,
        }
    }

    #[tokio::test]
    async fn link_should_be_found_until_its_time_is_over_or_it_is_ended() {
        let (store, _folder) = temporary().await;
        assert!(store.keep_link(&link(1), 2).await.unwrap());
        assert_eq!(store.link(&[1; 32], 99).await.unwrap(), Some(link(1)));
        assert_eq!(store.link(&[1; 32], 100).await.unwrap(), None);
        assert_eq!(store.link(&[2; 32], 50).await.unwrap(), None);
        assert!(!store.end_link("r0-4", &[1; 32].into()).await.unwrap(), "another's");
        assert!(store.end_link("r0-3", &[1; 32].into()).await.unwrap());
        assert_eq!(store.link(&[1; 32], 50).await.unwrap(), None);
        assert!(store.keep_link(&link(2), 2).await.unwrap());
        store.prune_links(100).await.unwrap();
        assert!(store.links("r0-3").await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn link_should_not_be_kept_when_there_are_too_many_in_force() {
        let (store, _folder) = temporary().await;
        assert!(store.keep_link(&link(1), 2).await.unwrap());
        assert!(store.keep_link(&StoredLink { expires: 15, ..link(2) }, 2).await.unwrap());
        assert!(!store.keep_link(&link(3), 2).await.unwrap());
        assert!(store.keep_link(&StoredLink { relationship: "r0-4".into(), ..link(4) }, 2).await.unwrap());
        let later = StoredLink { made: 20, ..link(3) };
        assert!(store.keep_link(&later, 2).await.unwrap(), "one has run out");
        let found = store.links("r0-3").await.unwrap();
        assert_eq!(found.iter().map(|link| link.token[0]).collect::<Vec<_>>(), [3, 1, 2]);
    }

    #[tokio::test]
    async fn passcodes_should_run_out_when_tried_at_the_same_time_or_after_a_restart() {
        let (store, folder) = temporary().await;
        assert!(store.keep_link(&link(1), 2).await.unwrap());
        let tries = (0..20).map(|_| {
            let store = store.clone();
            async move { store.try_passcode(&[1; 32], 5).await.unwrap() }
        });
        let mut left: Vec<u32> = futures::future::join_all(tries).await.into_iter().flatten().collect();
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2, 3, 4]);
        store.close().await;
        let store = again(&folder).await;
        assert_eq!(store.try_passcode(&[1; 32], 5).await.unwrap(), None);
        store.untry_passcode(&[1; 32]).await.unwrap();
        assert_eq!(store.try_passcode(&[1; 32], 5).await.unwrap(), Some(0));
        assert_eq!(store.link(&[1; 32], 50).await.unwrap().unwrap().failures, 5);
    }
}
