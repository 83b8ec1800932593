//! Whether a gatekeeper can do its work, and how it is doing. Nothing here is about any patient.

use std::{sync::atomic::Ordering, time::Duration};

use super::Gatekeeper;
use crate::{chain::Source, decide::clock::chain_time, metrics::NoticeVitals, store::PoolVitals};

/// How a gatekeeper is doing.
#[derive(Clone, Debug)]
pub struct Vitals {
    /// Whether it can answer, or why not.
    pub ready: Result<(), String>,
    /// The chain, where anything is known of it.
    pub chain: Option<ChainVitals>,
    /// Connections to the provider's database.
    pub database: PoolVitals,
    /// Connections to the store.
    pub store: PoolVitals,
    /// Entries that wait for the log.
    pub log_queue: usize,
    /// Whether the last write to the log failed.
    pub log_failing: bool,
    /// Notices.
    pub notices: NoticeVitals,
}

/// The chain as it is known.
#[derive(Clone, Copy, Debug)]
pub struct ChainVitals {
    /// The last finalised block.
    pub finalised: u64,
    /// Unfinalised blocks without children.
    pub leaves: usize,
    /// Since finality last moved.
    pub finality_age: Duration,
    /// The local clock minus chain time (ms).
    pub clock_gap_ms: i64,
}

impl Default for Vitals {
    fn default() -> Self {
        Self {
            ready: Err("not looked at".into()),
            chain: None,
            database: PoolVitals::default(),
            store: PoolVitals::default(),
            log_queue: 0,
            log_failing: false,
            notices: NoticeVitals::default(),
        }
    }
}

impl Gatekeeper {
    /// Whether it can decide, look things up and write its log, and is not about to stop. The reason names no patient.
    pub async fn ready(&self) -> Result<(), String> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err("the gatekeeper is about to stop".into());
        }
        self.decider.heads().map_err(|unavailable| unavailable.to_string())?;
        if !self.log.writable().await {
            return Err("the log cannot be written: is the disk full?".into());
        }
        // Whoever asks, and however often: the provider's database is not asked each time.
        match self.database_works.works(async { self.database.ping().await.is_ok() }).await {
            true => Ok(()),
            false => Err("the database does not answer".to_owned()),
        }
    }

    /// What the chain is read by, in words for operators: `node`, `stand-in`, `light-client`, `light-client-stand-in`, or `none` right now.
    pub fn chain_source(&self) -> &'static str {
        match self.decider.source() {
            None => "none",
            Some(Source { stand_in: false, light: false }) => "node",
            Some(Source { stand_in: true, light: false }) => "stand-in",
            Some(Source { stand_in: false, light: true }) => "light-client",
            Some(Source { stand_in: true, light: true }) => "light-client-stand-in",
        }
    }

    /// From now on it is not ready; it goes on answering.
    pub fn about_to_stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// How it is doing now.
    pub async fn vitals(&self) -> Vitals {
        let chain = self.decider.known().map(|heads| {
            let now = self.time.now();
            let chain = chain_time(&heads.finalised, &now);
            ChainVitals {
                finalised: heads.finalised.number,
                leaves: heads.leaves.len(),
                finality_age: now.monotonic.saturating_duration_since(heads.finalised_at),
                clock_gap_ms: i64::try_from(i128::from(now.wall) - i128::from(chain)).unwrap_or(i64::MAX),
            }
        });
        Vitals {
            ready: self.ready().await,
            chain,
            database: self.database.vitals(),
            store: self.store.vitals(),
            log_queue: self.log.queued(),
            log_failing: self.log.is_failing(),
            notices: self.notice_vitals().await,
        }
    }

    async fn notice_vitals(&self) -> NoticeVitals {
        let (webhooks, failing) = self.store.webhook_counts().await.unwrap_or_default();
        let position = self.store.notices_position().await.ok().flatten();
        let block = position.map_or(0, |(number, _)| number);
        NoticeVitals { streams: self.notices.open_streams(), webhooks, failing, block }
    }

    /// Whether it was asked to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
