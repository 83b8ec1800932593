//! Anchors each interval when it has ended.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use medrec_primitives::{merkle::Kind, merkle::Tree, Anchor, Moment};
use rand::RngCore;

use super::{
    filling,
    prove::{provider_leaf, relationship_leaves},
    versions::blocking,
    AnchorError, Anchors,
};
use crate::{
    chain::anchorer::Anchoring,
    store::proofs::{Interval, IntervalState},
    store::StoreError,
};

/// How long an interval is (ms): `Access::AnchorInterval` of the runtime. Were the chain's another, it would refuse every anchor.
pub const INTERVAL: Moment = 10 * 60 * 1000;

/// How often it is looked whether an interval has ended.
const LOOK: Duration = Duration::from_secs(1);

/// After the chain refused an anchor, it is asked again for the same interval no sooner than this. A refusal can cost a fee.
const PAUSE: Duration = Duration::from_secs(20);

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The interval that ended last is settled already.
    Idle,
    /// It was anchored now.
    Anchored(u32),
    /// It could not be anchored.
    Failed(u32),
}

/// Anchors interval after interval, for ever.
pub async fn keep_anchoring(anchors: Arc<Anchors>, chain: Arc<dyn Anchoring>) {
    let mut failed: Option<(u32, Instant)> = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let not_yet = failed.filter(|(_, when)| when.elapsed() < PAUSE).map(|(interval, _)| interval);
        match anchors.step(chain.as_ref(), not_yet).await {
            Ok(Step::Idle) => {}
            Ok(Step::Anchored(interval)) => {
                failed = None;
                tracing::info!(interval, "anchored");
            }
            Ok(Step::Failed(interval)) => failed = Some((interval, Instant::now())),
            Err(error) => tracing::error!(%error, "cannot anchor"),
        }
    }
}

impl Anchors {
    /// Does what is to be done now. An interval that failed a moment ago is left alone.
    pub async fn step(&self, chain: &dyn Anchoring, not_yet: Option<u32>) -> Result<Step, AnchorError> {
        let Ok(now) = chain.now().await else { return Ok(Step::Idle) };
        let Some(target) = ended(now) else { return Ok(Step::Idle) };
        self.settle_before(chain, target).await?;
        if not_yet == Some(target) {
            return Ok(Step::Idle);
        }
        let known = self.store.interval(target).await?;
        let settled =
            |interval: &Interval| !matches!(interval.state, IntervalState::Open | IntervalState::Prepared);
        if known.as_ref().is_some_and(settled) {
            return Ok(Step::Idle);
        }
        // What a run before this one submitted may be there.
        match chain.anchored(target).await {
            Ok(None) => {}
            Ok(Some(found)) => {
                let interval = match known {
                    Some(interval) => interval,
                    None => self.open(target).await?,
                };
                return self.found(&interval, &found).await;
            }
            Err(_) => return Ok(Step::Idle),
        }
        let anchor = self.prepare(target).await?;
        match chain.anchor(anchor).await {
            Ok(()) => {
                self.anchored(target).await?;
                Ok(Step::Anchored(target))
            }
            Err(error) => {
                tracing::warn!(interval = target, reason = %error, "an interval is not anchored yet");
                Ok(Step::Failed(target))
            }
        }
    }

    /// The roots of an interval; the same however often it is asked.
    pub async fn prepare(&self, number: u32) -> Result<Anchor, AnchorError> {
        let interval = self.open(number).await?;
        if let (Some(records), Some(log)) = (interval.records, interval.log) {
            return Ok(Anchor { interval: number, records, log });
        }
        let mut roots = Vec::new();
        for of in self.store.relationships_at(number).await? {
            let versions = self.store.versions_at(number, of).await?;
            let own = interval.clone();
            let root = blocking(move || {
                let (filling, leaves) = relationship_leaves(&own, of, &versions);
                Some(Tree::new(Kind::Records, &filling, leaves)?.root())
            });
            roots.push((of, root.await?.ok_or(StoreError::Corrupt("proof_versions"))?));
        }
        let leaves = roots.iter().map(|(of, root)| provider_leaf(&interval, *of, root)).collect();
        let own = interval.clone();
        let records = blocking(move || Some(Tree::new(Kind::Records, &filling(&own, ""), leaves)?.root()));
        let records = records.await?.ok_or(StoreError::Corrupt("proof_roots"))?;
        let log = self.log.root_between(&interval.secret, interval.log_after, interval.log_until).await?;
        self.store.prepare_interval(number, &records, &log, &roots).await?;
        Ok(Anchor { interval: number, records, log })
    }

    async fn open(&self, number: u32) -> Result<Interval, AnchorError> {
        let mut secret = [0; 32];
        rand::rngs::OsRng.fill_bytes(&mut secret);
        Ok(self.store.open_interval(number, &secret).await?)
    }

    /// Finds out what became of intervals that an earlier run, or an earlier step, left behind.
    async fn settle_before(&self, chain: &dyn Anchoring, target: u32) -> Result<(), AnchorError> {
        for interval in self.store.unsettled_intervals(target).await? {
            match chain.anchored(interval.interval).await {
                Ok(Some(found)) => {
                    self.found(&interval, &found).await?;
                }
                // Only the interval that ended last can be anchored.
                Ok(None) => {
                    tracing::warn!(interval = interval.interval, "an interval was missed");
                    self.store.settle_interval(interval.interval, IntervalState::Missed).await?;
                }
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// The chain has an anchor of this interval.
    async fn found(&self, interval: &Interval, found: &Anchor) -> Result<Step, AnchorError> {
        if (interval.records, interval.log) == (Some(found.records), Some(found.log)) {
            self.anchored(interval.interval).await?;
            return Ok(Step::Anchored(interval.interval));
        }
        tracing::warn!(
            interval = interval.interval,
            "the chain has other roots: another gatekeeper anchored"
        );
        self.store.settle_interval(interval.interval, IntervalState::Foreign).await?;
        Ok(Step::Failed(interval.interval))
    }

    async fn anchored(&self, interval: u32) -> Result<(), AnchorError> {
        self.store.settle_interval(interval, IntervalState::Anchored).await?;
        Ok(self.store.prune_proofs(interval).await?)
    }
}

/// The interval that ended last.
fn ended(now: Moment) -> Option<u32> {
    u32::try_from(now.checked_div(INTERVAL)?).ok()?.checked_sub(1)
}
