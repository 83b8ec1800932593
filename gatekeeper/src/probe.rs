//! Whether something works, tried seldom and told often.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

/// So long what was found counts.
const COUNTS: Duration = Duration::from_secs(2);

/// What was found last. Whoever asks while it is tried waits for that.
#[derive(Debug, Default)]
pub struct Probe(Mutex<Option<(Instant, bool)>>);

impl Probe {
    /// What was found last, or is found now if that was a while ago.
    pub async fn works(&self, tried: impl Future<Output = bool>) -> bool {
        let mut last = self.0.lock().await;
        match *last {
            Some((at, found)) if at.elapsed() < COUNTS => found,
            _ => {
                let found = tried.await;
                *last = Some((Instant::now(), found));
                found
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn probe_should_be_tried_once_when_many_ask() {
        let (probe, tries) = (Probe::default(), AtomicU32::new(0));
        let ask = || probe.works(async { tries.fetch_add(1, Ordering::Relaxed) == 0 });
        let found = futures::future::join_all((0..50).map(|_| ask())).await;
        assert!(found.into_iter().all(|found| found));
        assert_eq!(tries.load(Ordering::Relaxed), 1);
        tokio::time::sleep(COUNTS).await;
        assert!(!ask().await && !ask().await);
        assert_eq!(tries.load(Ordering::Relaxed), 2);
    }
}
