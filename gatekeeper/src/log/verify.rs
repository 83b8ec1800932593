//! Checks that the log is whole.

use std::collections::{BTreeMap, HashMap};

use medrec_primitives::Moment;

use super::{
    hash, open,
    sealed::{outside, year, EntryKey, KeyId},
    shred::first_kept,
};
use crate::{
    config::SHORTEST_RETENTION,
    store::{
        log::{start, LogRow},
        Store, StoreError,
    },
};

const ROWS: u32 = 1000;

/// Keys held at most.
const KEYS: usize = 10_000;

/// What was found in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries.
    pub entries: u64,
    /// How many of them were shredded after retention.
    pub shredded: u64,
    /// The newest hash of each gatekeeper's chain, by its name: one without a name where it is alone. Empty for an empty log.
    pub heads: BTreeMap<String, [u8; 32]>,
}

/// Why the log is not what was written.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An entry is missing.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// An entry does not follow the one before.
    #[error("entry {0} does not follow the one before it in its chain: one of them was changed, or one was taken out")]
    Broken(u64),
    /// An entry was changed.
    #[error("entry {0} was changed")]
    Changed(u64),
    /// An entry cannot be read, and is not old enough to be shredded.
    #[error("entry {0} cannot be read: its key was destroyed before its time")]
    Unreadable(u64),
    /// The hash that was noted elsewhere is not in the log.
    #[error("the hash given is not in the log: its end was cut off, or it is another log")]
    CutOff,
}

/// Recomputes every hash, and opens every entry that is not past retention at `now`. With `noted`, a hash that was written down
/// elsewhere, checks that the log still reaches it.
pub async fn verify(store: &Store, noted: Option<[u8; 32]>, now: Moment) -> Result<Verified, VerifyError> {
    let mut verified = Verified { entries: 0, shredded: 0, heads: BTreeMap::new() };
    let mut met = noted.is_none_or(|noted| noted == [0; 32]);
    let mut keys = HashMap::new();
    loop {
        let rows = store.log_rows(verified.entries, ROWS).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let number = verified.entries + 1;
            if row.number != number {
                return Err(VerifyError::Missing(number));
            }
            let before = verified.heads.get(&row.instance).copied().unwrap_or_else(|| start(&row.instance));
            if row.previous != before {
                return Err(VerifyError::Broken(number));
            }
            if row.hash != hash(number, &row.previous, &row.entry) {
                return Err(VerifyError::Changed(number));
            }
            verified.shredded += u64::from(is_shredded(store, &row, &mut keys, now).await?);
            met |= noted == Some(row.hash);
            verified.heads.insert(row.instance, row.hash);
            verified.entries = number;
        }
    }
    if met {
        Ok(verified)
    } else {
        Err(VerifyError::CutOff)
    }
}

/// Whether an entry was shredded, rightly. If not, it must open, and be found by whom it is about.
async fn is_shredded(
    store: &Store,
    row: &LogRow,
    keys: &mut HashMap<KeyId, EntryKey>,
    now: Moment,
) -> Result<bool, VerifyError> {
    let changed = || VerifyError::Changed(row.number);
    let mut found = None;
    if let Some(id) = row.key {
        let (time, named) = outside(&row.entry).ok_or_else(changed)?;
        if named != id {
            return Err(changed());
        }
        if !keys.contains_key(&id) {
            match store.log_key(&id).await? {
                Some(key) => {
                    if keys.len() >= KEYS {
                        keys.clear();
                    }
                    keys.insert(id, key);
                }
                None if year(time) >= first_kept(now, SHORTEST_RETENTION) => {
                    return Err(VerifyError::Unreadable(row.number));
                }
                None if row.relationship.is_some() => return Err(changed()),
                None => return Ok(true),
            }
        }
        found = keys.get(&id);
    }
    let entry = open(row, found).map_err(|_| changed())?;
    if row.relationship.as_ref() == Some(&entry.patient) {
        Ok(false)
    } else {
        Err(changed())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        log::{
            tests::{entry, NOW},
            AuditLog, Entry,
        },
        store::{
            sql,
            tests::{beside, change, tamper, temporary},
        },
    };

    async fn three() -> (Store, tempfile::TempDir) {
        let (store, folder) = temporary().await;
        let (log, _) = AuditLog::start(store.clone());
        for patient in ["r0-0", "r0-1", "r0-2"] {
            log.append(&entry(patient)).await.unwrap();
        }
        (store, folder)
    }

    fn newest(verified: &Verified) -> [u8; 32] {
        *verified.heads.values().last().unwrap()
    }

    #[tokio::test]
    async fn verify_should_give_the_head_when_the_log_is_whole() {
        let (store, _folder) = three().await;
        let verified = verify(&store, None, NOW).await.unwrap();
        assert_eq!(verified.entries, 3);
        let head = newest(&verified);
        assert_eq!(verify(&store, Some(head), NOW).await.unwrap(), verified);
    }

    #[tokio::test]
    async fn verify_should_pass_when_the_log_is_empty() {
        let (store, _folder) = temporary().await;
        assert_eq!(verify(&store, None, NOW).await.unwrap().entries, 0);
    }

    #[tokio::test]
    async fn verify_should_notice_when_an_entry_is_changed() {
        let (store, _folder) = three().await;
        tamper(
            &store,
            "UPDATE log SET entry = replace(entry, '1700000000000', '1700000000001') WHERE number = 2",
        )
        .await;
        assert!(matches!(verify(&store, None, NOW).await, Err(VerifyError::Changed(2))));
    }

    #[tokio::test]
    async fn verify_should_notice_when_an_entry_is_hidden_from_its_patient() {
        let (store, _folder) = three().await;
        tamper(&store, "UPDATE log SET relationship = 'r9-9' WHERE number = 2").await;
        assert!(matches!(verify(&store, None, NOW).await, Err(VerifyError::Changed(2))));
    }

    #[tokio::test]
    async fn verify_should_notice_when_an_entry_is_taken_out() {
        let (store, _folder) = three().await;
        tamper(&store, "DELETE FROM log WHERE number = 2").await;
        assert!(matches!(verify(&store, None, NOW).await, Err(VerifyError::Missing(2))));
    }

    #[tokio::test]
    async fn verify_should_notice_when_an_entry_is_rewritten_with_its_own_hash() {
        let (store, _folder) = three().await;
        let row = store.log_rows(1, 1).await.unwrap().remove(0);
        let key = store.log_key(&row.key.unwrap()).await.unwrap().unwrap();
        let told = key.open(&row.entry).unwrap();
        let forged = key.seal(&Entry { purpose: "HPAYMT".into(), ..told }).unwrap();
        let own = hash(2, &row.previous, &forged);
        let row = sql::query("UPDATE log SET entry = $1, hash = $2 WHERE number = 2");
        change(&store, row.bind(forged).bind(own.as_slice())).await;
        assert!(matches!(verify(&store, None, NOW).await, Err(VerifyError::Broken(3))));
    }

    #[tokio::test]
    async fn verify_should_follow_the_chain_of_each_gatekeeper_when_several_share_the_log() {
        let (store, folder) = three().await;
        let (other, _) = AuditLog::start(beside(&folder).await);
        let (own, _) = AuditLog::start(store.clone());
        for _ in 0..2 {
            other.append(&entry("r0-3")).await.unwrap();
            own.append(&entry("r0-4")).await.unwrap();
        }
        let verified = verify(&store, None, NOW).await.unwrap();
        let chains = if store.is_shared() { 2 } else { 1 };
        assert_eq!((verified.entries, verified.heads.len()), (7, chains));
        for head in verified.heads.values() {
            assert_eq!(verify(&store, Some(*head), NOW).await.unwrap(), verified);
        }
        // The newest entry of the other, in whichever chain it is.
        tamper(&store, "DELETE FROM log WHERE number = 6").await;
        assert!(matches!(verify(&store, None, NOW).await, Err(VerifyError::Missing(6))));
    }

    #[tokio::test]
    async fn verify_should_notice_when_the_end_is_cut_off_and_a_hash_was_noted() {
        let (store, _folder) = three().await;
        let head = newest(&verify(&store, None, NOW).await.unwrap());
        tamper(&store, "DELETE FROM log WHERE number = 3").await;
        assert_eq!(verify(&store, None, NOW).await.unwrap().entries, 2);
        assert!(matches!(verify(&store, Some(head), NOW).await, Err(VerifyError::CutOff)));
    }
}
