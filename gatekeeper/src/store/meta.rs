//! Which chain this store belongs to, and how far it was followed.

use medrec_primitives::MemberId;

use super::{
    sql::{self, Topic, Transaction},
    Store, StoreError,
};
use crate::chain::Hash;

const GENESIS: &str = "genesis";
const MEMBER: &str = "member";
const FLOOR: &str = "finalised";

impl Store {
    /// The chain that was relied on first.
    pub async fn genesis(&self) -> Result<Option<Hash>, StoreError> {
        self.meta(GENESIS)
            .await?
            .map(|text| text.parse().map_err(|_| StoreError::Corrupt("meta")))
            .transpose()
    }

    /// Remembers the chain.
    pub async fn set_genesis(&self, genesis: Hash) -> Result<(), StoreError> {
        self.set_meta(GENESIS, format!("{genesis:#x}")).await
    }

    /// The member that this store belongs to.
    pub async fn member(&self) -> Result<Option<MemberId>, StoreError> {
        self.meta(MEMBER).await?.map(|text| text.parse().map_err(|_| StoreError::Corrupt("meta"))).transpose()
    }

    /// Remembers the member.
    pub async fn set_member(&self, member: MemberId) -> Result<(), StoreError> {
        self.set_meta(MEMBER, member.to_string()).await
    }

    /// The highest finalised block that was relied on.
    pub async fn floor(&self) -> Result<Option<(u64, Hash)>, StoreError> {
        self.meta(FLOOR).await?.map(|text| block(&text)).transpose()
    }

    /// Remembers how far the chain was followed, by whichever gatekeeper followed it furthest.
    pub async fn set_floor(&self, floor: (u64, Hash)) -> Result<(), StoreError> {
        let mut transaction = self.begin(Topic::Meta).await?;
        keep_later(&mut transaction, FLOOR, floor).await?;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(sql::query_scalar("SELECT value FROM meta WHERE key = $1")
            .bind(key)
            .fetch_optional(&self.read)
            .await?)
    }

    pub(super) async fn set_meta(&self, key: &str, value: String) -> Result<(), StoreError> {
        sql::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
            .bind(key)
            .bind(value)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

/// A block's number and hash as they are kept.
pub(super) fn block(text: &str) -> Result<(u64, Hash), StoreError> {
    let read = || {
        let (number, hash) = text.split_once(' ')?;
        Some((number.parse().ok()?, hash.parse().ok()?))
    };
    read().ok_or(StoreError::Corrupt("meta"))
}

/// Keeps a block, unless a later one is kept.
pub(super) async fn keep_later(
    transaction: &mut Transaction,
    key: &'static str,
    (number, hash): (u64, Hash),
) -> Result<(), StoreError> {
    let kept: Option<String> = sql::query_scalar("SELECT value FROM meta WHERE key = $1")
        .bind(key)
        .fetch_optional(&mut *transaction)
        .await?;
    if kept.map(|kept| block(&kept)).transpose()?.is_some_and(|(kept, _)| kept > number) {
        return Ok(());
    }
    sql::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(key)
        .bind(format!("{number} {hash:#x}"))
        .execute(transaction)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::tests::temporary;

    #[tokio::test]
    async fn meta_should_return_unchanged_when_written() {
        let (store, _folder) = temporary().await;
        assert_eq!(store.genesis().await.unwrap(), None);
        assert_eq!(store.floor().await.unwrap(), None);
        let hash = Hash::from_low_u64_be(0xabcdef);
        store.set_genesis(hash).await.unwrap();
        store.set_floor((3, hash)).await.unwrap();
        store.set_floor((4, hash)).await.unwrap();
        // Another gatekeeper may be behind.
        store.set_floor((2, hash)).await.unwrap();
        store.set_member(7).await.unwrap();
        assert_eq!(store.genesis().await.unwrap(), Some(hash));
        assert_eq!(store.floor().await.unwrap(), Some((4, hash)));
        assert_eq!(store.member().await.unwrap(), Some(7));
    }
}
