//! Whether the store's log reaches what was anchored last.
//!
//! A log that ends before its last anchor has lost entries: it is a back-up, or was cut off. Whoever starts it would go on from
//! there as if they had never been.

use medrec_primitives::Anchor;

use super::root::root_between;
use crate::store::{proofs::IntervalState, Store, StoreError};

/// Where a log stands towards the member's last anchor on the finalised chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was anchored yet.
    Unanchored,
    /// It has what was anchored in this interval.
    Reaches(u32),
    /// Another gatekeeper of the member, with a store of its own, anchored this interval.
    Foreign(u32),
    /// It does not know what was anchored in this interval.
    Behind(u32),
    /// It was there in this interval, and is not what was anchored any more.
    Altered(u32),
}

impl Standing {
    /// Why a gatekeeper must not start on this log, and what to do; `None` if it may. `accepted` is the interval up to which the
    /// operator has accepted that entries are lost.
    pub fn refusal(self, accepted: Option<u32>) -> Option<String> {
        match self {
            Self::Behind(interval) if accepted < Some(interval) => Some(format!(
                "the store is behind the chain: its log does not reach the anchor of interval {interval}. It is an old back-up, or \
                 another store: put the newest one in its place. If what came after is lost for good, say so: \
                 medrec-gatekeeper audit accept-loss --interval {interval}"
            )),
            Self::Foreign(interval) if accepted < Some(interval) => Some(format!(
                "the chain has another anchor of interval {interval} than this store made: another gatekeeper of the member anchored it from a \
                 store of its own, or this log was cut and written anew. If you know which, and that it is well, say so: \
                 medrec-gatekeeper audit accept-loss --interval {interval}"
            )),
            Self::Altered(interval) => Some(format!(
                "the log is not what was anchored in interval {interval}: entries were changed or taken out. \
                 `medrec-gatekeeper audit verify` says which; put a back-up in its place"
            )),
            _ => None,
        }
    }
}

/// Compares the log with the member's last anchor.
pub async fn standing(store: &Store, last: Option<&Anchor>) -> Result<Standing, StoreError> {
    let Some(anchor) = last else { return Ok(Standing::Unanchored) };
    let Some(known) = store.interval(anchor.interval).await? else {
        return Ok(Standing::Behind(anchor.interval));
    };
    let Some(prepared) = known.log else { return Ok(Standing::Behind(anchor.interval)) };
    if known.state == IntervalState::Foreign || prepared != anchor.log {
        return Ok(Standing::Foreign(anchor.interval));
    }
    let now = root_between(store, &known.secret, known.log_after, known.log_until).await?;
    Ok(if now == anchor.log {
        Standing::Reaches(anchor.interval)
    } else {
        Standing::Altered(anchor.interval)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        log::{tests::entry, AuditLog},
        store::tests::{tamper, temporary},
    };

    /// A store whose interval 7 is over three entries, and what the chain has of it.
    async fn anchored() -> (Store, tempfile::TempDir, Anchor) {
        let (store, folder) = temporary().await;
        let (log, _) = AuditLog::start(store.clone());
        for _ in 0..3 {
            log.append(&entry("r0-3")).await.unwrap();
        }
        let interval = store.open_interval(7, &[3; 32]).await.unwrap();
        let root = log.root_between(&interval.secret, interval.log_after, interval.log_until).await.unwrap();
        store.prepare_interval(7, &[1; 32], &root, &[]).await.unwrap();
        (store, folder, Anchor { interval: 7, records: [1; 32], log: root })
    }

    #[tokio::test]
    async fn log_should_reach_its_anchor_when_it_is_whole() {
        let (store, _folder, anchor) = anchored().await;
        assert_eq!(standing(&store, None).await.unwrap(), Standing::Unanchored);
        // Whether the store has heard of its own anchor or not.
        assert_eq!(standing(&store, Some(&anchor)).await.unwrap(), Standing::Reaches(7));
        store.settle_interval(7, IntervalState::Anchored).await.unwrap();
        assert_eq!(standing(&store, Some(&anchor)).await.unwrap(), Standing::Reaches(7));
        assert_eq!(Standing::Reaches(7).refusal(None), None);
    }

    #[tokio::test]
    async fn log_should_be_behind_when_it_does_not_know_the_anchor() {
        let (store, _folder, anchor) = anchored().await;
        let later = Anchor { interval: 8, ..anchor };
        let behind = standing(&store, Some(&later)).await.unwrap();
        assert_eq!(behind, Standing::Behind(8));
        assert!(behind.refusal(None).unwrap().contains("accept-loss --interval 8"));
        assert!(behind.refusal(Some(7)).is_some());
        assert_eq!(behind.refusal(Some(8)), None);
        // Begun before the back-up was made, and anchored after.
        store.open_interval(8, &[4; 32]).await.unwrap();
        assert_eq!(standing(&store, Some(&later)).await.unwrap(), Standing::Behind(8));
    }

    #[tokio::test]
    async fn log_should_be_refused_when_its_end_was_cut_off_after_it_was_anchored() {
        let (store, _folder, anchor) = anchored().await;
        tamper(&store, "DELETE FROM log WHERE number = 3").await;
        let standing = standing(&store, Some(&anchor)).await.unwrap();
        assert_eq!(standing, Standing::Altered(7));
        assert!(standing.refusal(Some(9)).is_some());
    }

    #[tokio::test]
    async fn log_should_be_refused_when_it_says_that_another_gatekeeper_anchored_until_that_is_accepted() {
        let (store, _folder, anchor) = anchored().await;
        // Whoever cuts the log can say so, too.
        let other = Anchor { log: [9; 32], ..anchor };
        let standing = standing(&store, Some(&other)).await.unwrap();
        assert_eq!(standing, Standing::Foreign(7));
        assert!(standing.refusal(None).unwrap().contains("accept-loss --interval 7"));
        assert_eq!(standing.refusal(Some(7)), None);
    }
}
