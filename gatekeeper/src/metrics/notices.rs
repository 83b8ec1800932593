//! What is counted of notices. No label says whom, what or where to.

use prometheus::{IntCounterVec, IntGauge, Opts, Registry};

use super::registered;

/// How a notice is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On request.
    List,
    /// By server-sent events.
    Stream,
    /// Over a WebSocket.
    Socket,
}

impl Way {
    const ALL: [Self; 3] = [Self::List, Self::Stream, Self::Socket];

    fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Stream => "stream",
            Self::Socket => "socket",
        }
    }
}

/// What became of a webhook's delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The receiver has it.
    Taken,
    /// It is tried again.
    Failed,
    /// It is not tried any more.
    GivenUp,
}

impl Delivery {
    const ALL: [Self; 3] = [Self::Taken, Self::Failed, Self::GivenUp];

    fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Failed => "failed",
            Self::GivenUp => "given-up",
        }
    }
}

/// Counters and gauges of notices.
#[derive(Clone)]
pub struct NoticeMetrics {
    told: IntCounterVec,
    deliveries: IntCounterVec,
    streams: IntGauge,
    webhooks: IntGauge,
    failing: IntGauge,
    block: IntGauge,
}

/// How notices are doing now.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoticeVitals {
    /// Streams and subscriptions that are open.
    pub streams: u32,
    /// Webhooks that are delivered to.
    pub webhooks: u64,
    /// Of these, those whose deliveries fail.
    pub failing: u64,
    /// The last block whose events were read.
    pub block: u64,
}

impl NoticeMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let gauge = |name, help| registered(registry, IntGauge::new(name, help)?);
        let told = IntCounterVec::new(
            Opts::new("notices_told_total", "Notices that were told, by the way of telling"),
            &["way"],
        )?;
        let deliveries = IntCounterVec::new(
            Opts::new("webhook_deliveries_total", "Attempts to deliver to webhooks, by outcome"),
            &["outcome"],
        )?;
        for way in Way::ALL {
            told.with_label_values(&[way.word()]).reset();
        }
        for delivery in Delivery::ALL {
            deliveries.with_label_values(&[delivery.word()]).reset();
        }
        Ok(Self {
            told: registered(registry, told)?,
            deliveries: registered(registry, deliveries)?,
            streams: gauge("notice_streams", "Streams and subscriptions of notices that are open")?,
            webhooks: gauge("webhooks", "Webhooks that are delivered to")?,
            failing: gauge("webhooks_failing", "Of these, those whose deliveries fail")?,
            block: gauge("notices_block", "The last block whose events were read for notices")?,
        })
    }

    /// Counts notices that were told.
    pub fn told(&self, way: Way, count: usize) {
        self.told.with_label_values(&[way.word()]).inc_by(count as u64);
    }

    /// Counts a delivery to a webhook.
    pub fn delivered(&self, delivery: Delivery) {
        self.deliveries.with_label_values(&[delivery.word()]).inc();
    }

    pub(super) fn set(&self, vitals: &NoticeVitals) {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.streams.set(vitals.streams.into());
        self.webhooks.set(whole(vitals.webhooks));
        self.failing.set(whole(vitals.failing));
        self.block.set(whole(vitals.block));
    }
}
