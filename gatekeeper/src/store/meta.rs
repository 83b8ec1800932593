//! Which chain this store belongs to, and how far it was followed.

use medrec_primitives::MemberId;

use super::{Store, StoreError};
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
        let read = |text: String| {
            let (number, hash) = text.split_once(' ')?;
            Some((number.parse().ok()?, hash.parse().ok()?))
        };
        self.meta(FLOOR).await?.map(|text| read(text).ok_or(StoreError::Corrupt("meta"))).transpose()
    }

    /// Remembers how far the chain was followed.
    pub async fn set_floor(&self, (number, hash): (u64, Hash)) -> Result<(), StoreError> {
        self.set_meta(FLOOR, format!("{number} {hash:#x}")).await
    }

    pub(super) async fn meta(&self, key: &'static str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT value FROM meta WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.read)
            .await?)
    }

    pub(super) async fn set_meta(&self, key: &'static str, value: String) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
            .bind(key)
            .bind(value)
            .execute(&self.write)
            .await?;
        Ok(())
    }
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
        store.set_member(7).await.unwrap();
        assert_eq!(store.genesis().await.unwrap(), Some(hash));
        assert_eq!(store.floor().await.unwrap(), Some((4, hash)));
        assert_eq!(store.member().await.unwrap(), Some(7));
    }
}
