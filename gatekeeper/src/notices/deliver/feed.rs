//! Notices as they come, for one session: what server-sent events and WebSocket subscriptions have in common.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use medrec_client::notices::Notice;
use tokio::sync::watch;

use crate::{
    auth::{Asker, AuthError, Credential},
    metrics::Way,
    notices::{Slot, Wanted},
    pipeline::{Gatekeeper, Interface},
};

/// How often it is looked whether there is something new, where nobody says so, and whether the session goes on.
const LOOK: Duration = Duration::from_secs(1);

/// After something could not be decided: the chain, the database or the log is away.
const PAUSE: Duration = Duration::from_secs(2);

/// Notices looked up together.
const AT_ONCE: usize = 50;

/// How long a decision holds until it is handed over: rights may be taken away meanwhile.
const FRESH: Duration = Duration::from_secs(2);

/// Why a stream is not opened.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Nobody is known to ask.
    #[error(transparent)]
    Proof(#[from] AuthError),
    /// The account has as many streams as it may.
    #[error("too many streams are open: close another first")]
    TooMany,
    /// Notices are switched off.
    #[error("this gatekeeper gives no notices")]
    Off,
}

/// Notices as they come.
pub struct Feed {
    gatekeeper: Arc<Gatekeeper>,
    session: Credential,
    wanted: Wanted,
    way: Way,
    interface: Interface,
    ready: VecDeque<(u64, Notice)>,
    /// When `ready` was decided on, and up to which number.
    decided: (Instant, u64),
    news: watch::Receiver<u64>,
    _slot: Slot,
}

impl Feed {
    /// Opens a stream of a session. The session is looked up at each delivery; the stream ends with it.
    pub fn open(
        gatekeeper: Arc<Gatekeeper>,
        asker: &Asker,
        session: Credential,
        wanted: Wanted,
        way: Way,
        interface: Interface,
    ) -> Result<Self, FeedError> {
        // A signature over one request would count for as long as the connection lasts.
        let Credential::Bearer(_) = &session else { return Err(AuthError::NoSession.into()) };
        if !gatekeeper.notices.settings.enabled {
            return Err(FeedError::Off);
        }
        let slot = gatekeeper.notices.stream(&asker.account).ok_or(FeedError::TooMany)?;
        let news = gatekeeper.notices.watch();
        let ready = VecDeque::new();
        let decided = (Instant::now(), wanted.after);
        Ok(Self { gatekeeper, session, wanted, way, interface, ready, decided, news, _slot: slot })
    }

    /// The next notice; `None` when the session is over or the gatekeeper is about to stop.
    pub async fn next(&mut self) -> Option<Notice> {
        loop {
            // A reader who takes long gets what it may see when it takes it.
            if self.decided.0.elapsed() > FRESH {
                self.ready.clear();
            }
            if let Some((number, notice)) = self.ready.pop_front() {
                self.wanted.after = if self.ready.is_empty() { self.decided.1 } else { number };
                return Some(notice);
            }
            if self.gatekeeper.is_stopping() {
                return None;
            }
            let asker = match self.gatekeeper.auth.authenticate(&self.session, "", "", b"").await {
                Ok(asker) => asker,
                Err(AuthError::Store(error)) => {
                    tracing::warn!(%error, "cannot look up a session");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(_) => return None,
            };
            let told = match self.gatekeeper.notices_for(&asker, &self.wanted, AT_ONCE).await {
                Ok(told) => told,
                Err(error) => {
                    tracing::debug!(%error, "notices wait");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            if self.gatekeeper.log_notices(&asker, &told, self.interface.clone()).await.is_err() {
                // What is not on the log does not leave; it is told when it can be.
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            self.decided = (Instant::now(), told.until);
            self.gatekeeper.metrics.notices.told(self.way, told.notices.len());
            if told.notices.is_empty() {
                self.wanted.after = told.until;
            }
            let idle = told.notices.is_empty();
            self.ready.extend(told.notices);
            if idle && told.more {
                tokio::time::sleep(PAUSE).await;
            } else if idle {
                // An error is the sender's end, which the flag above tells of, too.
                let _ = tokio::time::timeout(LOOK, self.news.changed()).await;
            }
        }
    }
}
