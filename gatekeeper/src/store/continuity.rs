//! Whether the store is the one that was in use last, or a restored back-up.
//!
//! A back-up knows nothing of what was used up since it was made: nonces that were accepted, sessions that were ended, tickets that
//! were redeemed. So store and a marker beside it carry the same random value, which is renewed while the gatekeeper runs. A store
//! whose value is neither the marker's nor one step ahead of it was not the last one in use, or cannot show that it was. Gatekeepers that
//! share a store have a value and a marker each.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use medrec_primitives::Moment;
use rand::RngCore;

use super::{
    sessions::CHALLENGE_KEY,
    sql::{self, Topic},
    suspended_records::DOUBTED,
    Store, StoreError,
};

/// The store's own values, the newest first; for each gatekeeper that shares it, its name after a space.
const EPOCH: &str = "epoch";

/// When this was renewed last (ms), by the gatekeeper's clock.
const RENEWED: &str = "epoch-renewed";

/// A store without its marker that was in use until this long ago (ms) is that of a machine that was started anew.
pub const RESTART: Moment = 600_000;

/// What no store ever holds.
const DISTRUSTED: &str = "another";

/// Signed requests that expire at this moment or earlier may have been used before a back-up was restored.
pub(super) const SIGNED_FLOOR: &str = "signed_floor";

/// The same for those who have signed in on the page of an app and not consented yet.
pub(super) const PAGE_FLOOR: &str = "page_floor";

/// For how long such a sign-in is good (ms).
pub const PAGE_PATIENCE: Moment = 600_000;

/// What became of a store since it was last in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// It was never in use.
    New,
    /// It was the last one in use.
    Same,
    /// It is a back-up, or cannot show that it is none.
    Restored,
}

impl Store {
    /// Compares the store with its marker. Nothing is changed.
    pub async fn continuity(&self, marker: &Path) -> Result<Continuity, StoreError> {
        let marked = read(marker)?;
        let marked = marked.trim();
        // Nothing here says what was in use last; but others are at work on this very store, and would not be on a back-up.
        if marked.is_empty() && self.has_company().await? {
            return Ok(Continuity::Same);
        }
        let Some(epoch) = self.epoch().await? else {
            let used: bool =
                sql::query_scalar("SELECT EXISTS (SELECT 1 FROM nonces) OR EXISTS (SELECT 1 FROM sessions)")
                    .fetch_one(&self.read)
                    .await?;
            return Ok(if used { Continuity::Restored } else { Continuity::New });
        };
        // The store is written first: a crash in between leaves the marker one step behind.
        let known = !marked.is_empty() && epoch.split(' ').any(|value| value == marked);
        Ok(if known { Continuity::Same } else { Continuity::Restored })
    }

    /// Whether a restored store may lack what was done to it for long. Not where nothing but the marker is gone, as it is where a restart of
    /// the machine empties its place, and the store was in use until a moment ago: a back-up would be as fresh as that.
    pub async fn may_be_old(&self, marker: &Path, now: Moment) -> Result<bool, StoreError> {
        let gone = read(marker)?.trim().is_empty();
        let renewed = self.meta(&self.own(RENEWED)).await?.and_then(|text| text.parse::<Moment>().ok());
        let fresh = renewed.is_some_and(|at| (at..=at.saturating_add(RESTART)).contains(&now));
        Ok(!(gone && fresh))
    }

    /// This gatekeeper's own values.
    async fn epoch(&self) -> Result<Option<String>, StoreError> {
        self.meta(&self.own(EPOCH)).await
    }

    /// The key of something that each gatekeeper has for itself.
    fn own(&self, key: &str) -> String {
        match self.instance() {
            "" => key.to_owned(),
            instance => format!("{key} {instance}"),
        }
    }

    /// Takes care that this gatekeeper finds its store to be a restored one at its next start.
    pub fn distrust(marker: &Path) -> Result<(), StoreError> {
        Ok(write(marker, DISTRUSTED)?)
    }

    /// Renews the value in the store and then in the marker. To be called at the start and every now and then.
    pub async fn renew_marker(&self, marker: &Path, now: Moment) -> Result<(), StoreError> {
        let mut value = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut value);
        let value = hex::encode(value);
        let last = self.epoch().await?.and_then(|epoch| Some(epoch.split(' ').next()?.to_owned()));
        let epoch = last.map_or_else(|| value.clone(), |last| format!("{value} {last}"));
        self.set_meta(&self.own(RENEWED), now.to_string()).await?;
        self.set_meta(&self.own(EPOCH), epoch).await?;
        Ok(write(marker, &value)?)
    }

    /// Takes everything for used that may have been used since a back-up was made: sessions, codes and tokens of apps, open tickets,
    /// and signed requests that expire no later than `until`. If it may be old, all records are in doubt from `now` on ([`Store::doubted_since`]).
    pub async fn invalidate(&self, now: Moment, until: Moment, old: bool) -> Result<(), StoreError> {
        let mut transaction = self.begin(Topic::Meta).await?;
        for tokens in ["DELETE FROM sessions", "DELETE FROM app_codes", "DELETE FROM app_tokens"] {
            sql::query(tokens).execute(&mut transaction).await?;
        }
        sql::query("UPDATE tickets SET expires = $1 WHERE used IS NULL AND expires > $1")
            .bind(super::signed(now))
            .execute(&mut transaction)
            .await?;
        for (floor, until) in [(SIGNED_FLOOR, until), (PAGE_FLOOR, now.saturating_add(PAGE_PATIENCE))] {
            sql::query(
                "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE
                 SET value = excluded.value WHERE CAST(meta.value AS BIGINT) < CAST(excluded.value AS BIGINT)",
            )
            .bind(floor)
            .bind(until.to_string())
            .execute(&mut transaction)
            .await?;
        }
        if old {
            sql::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(DOUBTED)
                .bind(now.to_string())
                .execute(&mut transaction)
                .await?;
        }
        // What was signed in to before, with a text that a back-up knows, is not known any more.
        sql::query("DELETE FROM meta WHERE key = $1").bind(CHALLENGE_KEY).execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// What the marker says; nothing if there is none.
fn read(marker: &Path) -> std::io::Result<String> {
    match std::fs::read_to_string(marker) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => read,
    }
}

/// Writes the marker so that there is always a whole one.
fn write(marker: &Path, value: &str) -> std::io::Result<()> {
    let fresh = PathBuf::from(format!("{}.new", marker.display()));
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(value.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, marker)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::{
        sessions::StoredSession,
        tests::{back_up, temporary},
    };

    const NOW: Moment = 500;

    async fn marked() -> (Store, tempfile::TempDir, PathBuf) {
        let (store, folder) = temporary().await;
        let marker = folder.path().join("marker");
        assert_eq!(store.continuity(&marker).await.unwrap(), Continuity::New);
        store.renew_marker(&marker, NOW).await.unwrap();
        (store, folder, marker)
    }

    #[tokio::test]
    async fn store_should_be_the_same_when_it_was_the_last_in_use() {
        let (store, _folder, marker) = marked().await;
        assert_eq!(store.continuity(&marker).await.unwrap(), Continuity::Same);
        for _ in 0..3 {
            store.renew_marker(&marker, NOW).await.unwrap();
            assert_eq!(store.continuity(&marker).await.unwrap(), Continuity::Same);
        }
    }

    #[tokio::test]
    async fn store_should_be_the_same_when_a_crash_came_between_the_two_writes() {
        let (store, _folder, marker) = marked().await;
        let before = std::fs::read_to_string(&marker).unwrap();
        store.renew_marker(&marker, NOW).await.unwrap();
        std::fs::write(&marker, &before).unwrap();
        assert_eq!(store.continuity(&marker).await.unwrap(), Continuity::Same);
        store.renew_marker(&marker, NOW).await.unwrap();
        std::fs::write(&marker, before).unwrap();
        assert_eq!(store.continuity(&marker).await.unwrap(), Continuity::Restored);
    }

    #[tokio::test]
    async fn store_should_be_a_restored_one_when_it_is_behind_its_marker() {
        let (store, folder, marker) = marked().await;
        let restored = back_up(&store, &folder).await;
        store.renew_marker(&marker, NOW).await.unwrap();
        assert_eq!(restored.continuity(&marker).await.unwrap(), Continuity::Restored);
        // Once it is in use, it is the one.
        restored.renew_marker(&marker, NOW).await.unwrap();
        assert_eq!(restored.continuity(&marker).await.unwrap(), Continuity::Same);
        assert_eq!(store.continuity(&marker).await.unwrap(), Continuity::Restored);
    }

    #[tokio::test]
    async fn store_should_be_a_restored_one_when_its_marker_is_gone() {
        let (store, _folder, marker) = marked().await;
        std::fs::remove_file(&marker).unwrap();
        assert_eq!(store.continuity(&marker).await.unwrap(), Continuity::Restored);
        std::fs::write(&marker, "").unwrap();
        assert_eq!(store.continuity(&marker).await.unwrap(), Continuity::Restored);
    }

    #[tokio::test]
    async fn store_should_be_beyond_doubt_when_the_machine_was_started_anew_a_moment_ago() {
        let (store, folder, marker) = marked().await;
        let restored = back_up(&store, &folder).await;
        store.renew_marker(&marker, 1_000).await.unwrap();
        assert!(
            store.may_be_old(&marker, 1_001).await.unwrap(),
            "its marker is there, so it is not the last in use"
        );
        std::fs::remove_file(&marker).unwrap();
        assert!(!store.may_be_old(&marker, 1_000 + RESTART).await.unwrap());
        for now in [999, 1_001 + RESTART] {
            assert!(store.may_be_old(&marker, now).await.unwrap(), "{now}");
        }
        // A back-up of before is as old as it is.
        assert!(restored.may_be_old(&marker, 1_000 + RESTART).await.unwrap());
        store.invalidate(2_000, 3_000, false).await.unwrap();
        assert_eq!(store.doubted_since().await.unwrap(), None);
    }

    #[tokio::test]
    async fn proofs_should_be_refused_when_a_back_up_may_not_know_them() {
        let (store, folder, _marker) = marked().await;
        let alice = [1; 32].into();
        let session =
            StoredSession { account: [1; 32].into(), purpose: "TREAT".into(), patient: None, expires: 900 };
        store.add_session(&[7; 32], &session, 0, 8).await.unwrap();
        let restored = back_up(&store, &folder).await;
        // Since then, this was used up and that ended.
        assert!(store.use_signed_nonce(&alice, b"n", 300).await.unwrap());
        store.end_session(&[7; 32]).await.unwrap();
        restored.invalidate(100, 400, true).await.unwrap();
        assert!(!restored.use_signed_nonce(&alice, b"n", 300).await.unwrap());
        assert_eq!(restored.session(&[7; 32], 101).await.unwrap(), None);
        // What is signed from now on counts, and so does a sign-in: its text is of this process.
        assert!(restored.use_signed_nonce(&alice, b"m", 401).await.unwrap());
        assert!(restored.use_nonce(&alice, b"o", 300).await.unwrap());
        // Who signed in on an app's page before, signs in again.
        assert!(!restored.use_page_nonce(&alice, b"q", 100 + PAGE_PATIENCE).await.unwrap());
        assert!(restored.use_page_nonce(&alice, b"q", 101 + PAGE_PATIENCE).await.unwrap());
        // An earlier restore does not count for less by a clock set back.
        restored.invalidate(50, 350, true).await.unwrap();
        assert!(!restored.use_signed_nonce(&alice, b"p", 400).await.unwrap());
    }
}
