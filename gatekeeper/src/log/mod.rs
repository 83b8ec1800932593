//! The log: who asked for what, and what they were told. The last stage of every request.
//!
//! Permits and denials are both kept, and an entry is on disk before the answer leaves. Entries of requests that are in
//! flight at the same time share one commit. Each entry carries the hash of the one before, so that none can be changed, moved or taken out of the middle
//! unnoticed; whoever keeps a copy of the newest hash elsewhere also notices when the end is cut off.
//!
//! No medical content is kept: resource ids are pseudonyms, of a search only the names of its parameters remain. What an entry says
//! is sealed by a key of its relationship and year ([`sealed`]), which is destroyed after retention ([`shred`]).

use std::{
    collections::HashMap,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    time::Instant,
};

use medrec_client::messages;
use medrec_primitives::{AccountId, Moment, RelationshipId};
use prometheus::Histogram;
use serde::{Deserialize, Serialize};
use sp_core::crypto::Ss58Codec;
use tokio::{
    sync::{mpsc, oneshot, Mutex},
    task::JoinHandle,
};

pub use medrec_client::log::hash;

use crate::{metrics, probe::Probe};
use sealed::{EntryKey, KeyId, Keyring};

use crate::store::{
    inbox::NewItem,
    log::{LogRow, NewEntry},
    recall::AsOf,
    Store, StoreError,
};

pub mod audit_event;
pub mod inclusion;
pub mod root;
pub mod sealed;
pub mod shred;
pub mod standing;
pub mod verify;

/// Entries that share one commit, at most.
const BATCH: usize = 256;

/// Entries of one page of a patient's own view.
pub const PAGE: u32 = 500;

/// One request and its outcome. The order of the fields is the order in the text that is hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When the answer was ready (ms).
    pub time: Moment,
    /// The relationship asked for.
    pub patient: String,
    /// Who asked: SS58.
    pub account: String,
    /// Who that is on a member's staff, if anyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<String>,
    /// In which capacity, if permitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<String>,
    /// The purpose as claimed.
    pub purpose: String,
    /// `read`, `search`, `create` or `update`.
    pub action: String,
    /// The FHIR resource type.
    pub resource: String,
    /// The pseudonym of the resource, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The names of search parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
    /// Whether it was permitted.
    pub permitted: bool,
    /// The HTTP status of the answer.
    pub status: u16,
    /// Why not, for those who keep and those who own the records; never for the asker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The grants that permitted it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<u32>,
    /// How many records were shown.
    pub records: u32,
    /// The blocks decided on, the finalised one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<String>,
    /// `fhir`, `rpc` or `chain`.
    pub interface: String,
}

impl Entry {
    /// What an account did about a patient, for a purpose: permitted, with status 200, and nothing more said. Whoever logs it completes it.
    pub fn new(
        time: Moment,
        patient: impl Into<String>,
        (account, purpose): (&AccountId, &str),
        (action, resource): (&str, &str),
        interface: impl Into<String>,
    ) -> Self {
        Self {
            time,
            patient: patient.into(),
            account: account.to_ss58check(),
            staff: None,
            capacity: None,
            purpose: purpose.into(),
            action: action.into(),
            resource: resource.into(),
            id: None,
            parameters: Vec::new(),
            permitted: true,
            status: 200,
            reason: None,
            grants: Vec::new(),
            records: 0,
            blocks: Vec::new(),
            interface: interface.into(),
        }
    }
}

/// Why an entry was not kept. The answer must not leave then.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The store complains.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The writer has stopped or its last commit failed.
    #[error("the log cannot be written")]
    Stopped,
    /// What was remembered for the answer is no longer so. Nothing was kept; the answer can be made anew.
    #[error("what the answer rests on has changed meanwhile")]
    Stale,
}

struct Append {
    entry: NewEntry,
    done: oneshot::Sender<Result<(), LogError>>,
}

/// The log, open for appending.
#[derive(Clone, Debug)]
pub struct AuditLog {
    store: Store,
    appends: mpsc::Sender<Append>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    keys: Keyring,
    /// Whether the last commit failed.
    failing: AtomicBool,
    /// Whether it can be written.
    probe: Probe,
    /// Held while an entry's proof is made.
    proving: Mutex<()>,
    seconds: Histogram,
}

impl AuditLog {
    /// Starts the writer. It ends, after what is queued, when the last clone of the log is dropped.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (appends, queue) = mpsc::channel(4 * BATCH);
        let shared = Arc::new(Shared {
            keys: Keyring::default(),
            failing: AtomicBool::new(false),
            probe: Probe::default(),
            proving: Mutex::default(),
            seconds: metrics::log_seconds(),
        });
        let writer = tokio::spawn(write(store.clone(), queue, shared.clone()));
        (Self { store, appends, shared }, writer)
    }

    /// Keeps an entry. When this returns without error it is on disk.
    pub async fn append(&self, entry: &Entry) -> Result<(), LogError> {
        self.append_with(entry, None, AsOf::NOW).await
    }

    /// Keeps an entry together with what it says was added to the inbox, both or neither, as long as what its answer rests on is still so.
    pub async fn append_with(
        &self,
        entry: &Entry,
        item: Option<NewItem>,
        as_of: AsOf,
    ) -> Result<(), LogError> {
        let key = self.shared.keys.key(&entry.patient, sealed::year(entry.time));
        let text = key.seal(entry).map_err(|_| StoreError::Corrupt("log"))?;
        let (done, written) = oneshot::channel();
        let entry = NewEntry { key, entry: text, item, as_of };
        self.appends.send(Append { entry, done }).await.map_err(|_| LogError::Stopped)?;
        written.await.unwrap_or(Err(LogError::Stopped))
    }

    /// A patient's own view: entries about one relationship after a number, with the hash of the newest.
    pub async fn page(
        &self,
        relationship: RelationshipId,
        after: u64,
    ) -> Result<(Vec<(u64, Entry)>, Option<[u8; 32]>), LogError> {
        let keys = self.store.log_keys_of(relationship).await?;
        let keys: HashMap<KeyId, EntryKey> = keys.into_iter().map(|key| (key.id, key)).collect();
        let rows = self.store.log_rows_of(relationship, after, PAGE).await?;
        let head = rows.last().map(|row| row.hash);
        let entries = rows
            .iter()
            .map(|row| Ok((row.number, open(row, row.key.and_then(|id| keys.get(&id)))?)))
            .collect::<Result<_, StoreError>>()?;
        Ok((entries, head))
    }

    /// Whether the log can be written: whether the last commit came through and, every now and then, whether another one does.
    pub async fn writable(&self) -> bool {
        let tried = async {
            let found = !self.appends.is_closed() && self.store.probe().await.is_ok();
            if found {
                self.shared.failing.store(false, Ordering::Relaxed);
            }
            found
        };
        self.shared.probe.works(tried).await && !self.is_failing()
    }

    /// Whether the last commit failed.
    pub fn is_failing(&self) -> bool {
        self.shared.failing.load(Ordering::Relaxed)
    }

    /// Entries that wait to be written.
    pub fn queued(&self) -> usize {
        self.appends.max_capacity().saturating_sub(self.appends.capacity())
    }

    /// How long commits take.
    pub fn seconds(&self) -> Histogram {
        self.shared.seconds.clone()
    }
}

async fn write(store: Store, mut queue: mpsc::Receiver<Append>, shared: Arc<Shared>) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let (entries, waiting): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|append| (append.entry, append.done)).unzip();
        let started = Instant::now();
        let written = store.append_log(&entries, hash).await;
        shared.seconds.observe(started.elapsed().as_secs_f64());
        shared.failing.store(written.is_err(), Ordering::Relaxed);
        if let Err(error) = &written {
            tracing::error!(%error, "the log cannot be written; no answer leaves until it can");
        }
        let kept = written.ok().unwrap_or_default();
        for (place, done) in waiting.into_iter().enumerate() {
            let said = match kept.get(place) {
                Some(true) => Ok(()),
                Some(false) => Err(LogError::Stale),
                None => Err(LogError::Stopped),
            };
            // Whoever asked may have gone away.
            let _ = done.send(said);
        }
    }
}

/// What a row says, opened by its key. Rows of earlier versions are not sealed.
pub fn open(row: &LogRow, key: Option<&EntryKey>) -> Result<Entry, StoreError> {
    let entry = match (row.key, key) {
        (None, _) => serde_json::from_str(&row.entry).ok(),
        (Some(id), Some(key)) if id == key.id => key.open(&row.entry).ok(),
        (Some(_), _) => None,
    };
    entry.ok_or(StoreError::Corrupt("log"))
}

/// An entry as the patient is shown it.
pub fn shown(number: u64, entry: &Entry) -> messages::LogEntry {
    messages::LogEntry {
        number,
        time: entry.time,
        patient: entry.patient.clone(),
        account: entry.account.clone(),
        capacity: entry.capacity.clone(),
        purpose: entry.purpose.clone(),
        action: entry.action.clone(),
        resource: entry.resource.clone(),
        permitted: entry.permitted,
        reason: entry.reason.clone(),
        grants: entry.grants.clone(),
        records: entry.records,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::{
        log::start,
        sql,
        tests::{beside, change, temporary},
    };

    /// A moment before anything is past retention.
    pub(crate) const NOW: Moment = 1_700_000_000_000;

    pub(crate) fn entry(patient: &str) -> Entry {
        let who = (&AccountId::new([1; 32]), "TREAT");
        Entry {
            staff: Some("s0-1".into()),
            capacity: Some("viewer".into()),
            parameters: vec!["code".into()],
            grants: vec![0],
            records: 2,
            blocks: vec!["0x01".into()],
            ..Entry::new(1_700_000_000_000, patient, who, ("search", "Observation"), "fhir")
        }
    }

    #[tokio::test]
    async fn log_should_show_a_patient_their_own_entries_only() {
        let (store, _folder) = temporary().await;
        let (log, _) = AuditLog::start(store);
        for patient in ["r0-0", "r0-1", "r0-0"] {
            log.append(&entry(patient)).await.unwrap();
        }
        let (entries, head) = log.page(RelationshipId::new(0, 0), 0).await.unwrap();
        assert_eq!(entries, [(1, entry("r0-0")), (3, entry("r0-0"))]);
        assert!(head.is_some());
        let (entries, _) = log.page(RelationshipId::new(0, 0), 1).await.unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(log.page(RelationshipId::new(0, 10), 0).await.unwrap(), (vec![], None));
    }

    #[tokio::test]
    async fn log_should_stay_one_chain_when_many_append_at_once() {
        let (store, _folder) = temporary().await;
        let (log, writer) = AuditLog::start(store.clone());
        let appends = (0..300).map(|n| {
            let log = log.clone();
            async move { log.append(&entry(&format!("r0-{n}"))).await.unwrap() }
        });
        futures::future::join_all(appends).await;
        drop(log);
        writer.await.unwrap();
        assert_eq!(verify::verify(&store, None, NOW).await.unwrap().entries, 300);
    }

    #[tokio::test]
    async fn log_should_stay_one_chain_when_two_programs_append() {
        let (store, folder) = temporary().await;
        let other = beside(&folder).await;
        let (one, _) = AuditLog::start(store.clone());
        let (two, _) = AuditLog::start(other);
        for _ in 0..10 {
            let (first, second) = (entry("r0-1"), entry("r0-2"));
            let (first, second) = tokio::join!(one.append(&first), two.append(&second));
            first.unwrap();
            second.unwrap();
        }
        assert_eq!(verify::verify(&store, None, NOW).await.unwrap().entries, 20);
    }

    #[tokio::test]
    async fn log_should_show_entries_of_earlier_versions_when_they_are_not_sealed() {
        let (store, _folder) = temporary().await;
        let plain = serde_json::to_string(&entry("r0-1")).unwrap();
        let before = start(store.instance());
        let first = hash(1, &before, &plain);
        let row = sql::query(
            "INSERT INTO log (number, relationship, entry, previous, hash, instance) VALUES (1, 'r0-1', $1, $2, $3, $4)",
        );
        let row = row.bind(&plain).bind(before.as_slice()).bind(first.as_slice()).bind(store.instance());
        change(&store, row).await;
        let (log, _) = AuditLog::start(store.clone());
        log.append(&entry("r0-1")).await.unwrap();
        let (entries, _) = log.page(RelationshipId::new(0, 1), 0).await.unwrap();
        assert_eq!(entries, [(1, entry("r0-1")), (2, entry("r0-1"))]);
        assert_eq!(verify::verify(&store, None, NOW).await.unwrap().entries, 2);
    }

    #[tokio::test]
    async fn log_should_not_be_writable_when_the_store_is_closed() {
        let (store, _folder) = temporary().await;
        let (log, _) = AuditLog::start(store.clone());
        assert!(log.writable().await);
        store.close().await;
        log.append(&entry("r0-0")).await.unwrap_err();
        assert!(!log.writable().await);
        assert!(log.is_failing());
    }

    #[tokio::test]
    async fn log_should_refuse_when_the_store_is_closed() {
        let (store, _folder) = temporary().await;
        let (log, _) = AuditLog::start(store.clone());
        store.close().await;
        assert!(matches!(log.append(&entry("r0-0")).await, Err(LogError::Stopped)));
    }
}
