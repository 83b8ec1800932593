//! Numbers for Prometheus, with health and readiness beside them, on a listener of their own.
//!
//! No label holds anything that a request brings along: routes are patterns, outcomes and methods a fixed few. So no number
//! names, or can be joined to, a patient, an account, a relationship or a purpose.

use std::{future::Future, sync::Arc};

use axum::{
    extract::State,
    http::{header, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
    Json, Router,
};
use prometheus::{
    exponential_buckets, Encoder, Gauge, Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge,
    Opts, Registry, TextEncoder,
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::pipeline::{Gatekeeper, Vitals};

mod notices;

pub use notices::{Delivery, NoticeMetrics, NoticeVitals, Way};

/// From 0.5 ms to about 16 s.
const FIRST_BUCKET: f64 = 0.0005;
const BUCKETS: usize = 16;

/// What became of a request for records or for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// Permitted and shown.
    Permitted,
    /// Permitted, and there was nothing.
    Absent,
    /// Denied.
    Denied,
    /// No state to decide on.
    Unavailable,
    /// More than the account may ask.
    Throttled,
    /// Could not be fetched or logged.
    Failed,
}

impl Decided {
    /// By the status that was answered.
    pub fn of_status(status: u16) -> Self {
        match status {
            403 => Self::Denied,
            404 => Self::Absent,
            429 => Self::Throttled,
            503 => Self::Unavailable,
            500.. => Self::Failed,
            _ => Self::Permitted,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Permitted => "permitted",
            Self::Absent => "absent",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
        }
    }

    const ALL: [Self; 6] =
        [Self::Permitted, Self::Absent, Self::Denied, Self::Unavailable, Self::Throttled, Self::Failed];
}

/// Everything that is counted and measured. Copies count together.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    decisions: IntCounterVec,
    decision_seconds: Histogram,
    /// What is counted of notices.
    pub notices: NoticeMetrics,
    gauges: Gauges,
}

/// What is looked at when somebody asks.
#[derive(Clone)]
struct Gauges {
    ready: IntGauge,
    chain_known: IntGauge,
    chain_block: IntGauge,
    chain_leaves: IntGauge,
    chain_age: Gauge,
    chain_lag: Gauge,
    pool_open: prometheus::IntGaugeVec,
    pool_idle: prometheus::IntGaugeVec,
    pool_most: prometheus::IntGaugeVec,
    log_queue: IntGauge,
    log_failing: IntGauge,
    requests_at_once: IntGauge,
}

impl Metrics {
    /// All at nothing. `log_seconds` is what the log measures its commits by.
    pub fn new(log_seconds: Histogram) -> Self {
        Self::try_new(log_seconds)
            .expect("names and labels are constants, sound and different, as the tests show")
    }

    fn try_new(log_seconds: Histogram) -> Result<Self, prometheus::Error> {
        let registry = Registry::new_custom(Some("medrec_gatekeeper".into()), None)?;
        let buckets = exponential_buckets(FIRST_BUCKET, 2.0, BUCKETS)?;
        let requests = registered(
            &registry,
            IntCounterVec::new(
                Opts::new("requests_total", "Requests over HTTP, by route, method and status"),
                &["route", "method", "status"],
            )?,
        )?;
        let request_seconds = registered(
            &registry,
            HistogramVec::new(
                HistogramOpts::new("request_seconds", "Time from a request to its answer, by route")
                    .buckets(buckets.clone()),
                &["route"],
            )?,
        )?;
        let decisions = registered(
            &registry,
            IntCounterVec::new(
                Opts::new(
                    "decisions_total",
                    "Requests for records or the log, by outcome, whichever way they came",
                ),
                &["outcome"],
            )?,
        )?;
        // What has not happened yet is 0, so that the first one is seen as a rise.
        for outcome in Decided::ALL {
            decisions.with_label_values(&[outcome.word()]).reset();
        }
        let decision_seconds = registered(
            &registry,
            Histogram::with_opts(
                HistogramOpts::new(
                    "decision_seconds",
                    "Time of a request for records or the log: decision, fetch, redaction, signature and commit of the log",
                )
                .buckets(buckets),
            )?,
        )?;
        registry.register(Box::new(log_seconds))?;
        let started = registered(
            &registry,
            Gauge::new("start_time_seconds", "When it started, since the Unix epoch")?,
        )?;
        started.set(chrono::Utc::now().timestamp_millis() as f64 / 1000.0);
        let version = registered(
            &registry,
            prometheus::IntGaugeVec::new(
                Opts::new("build_info", "Always 1; the version is the label"),
                &["version"],
            )?,
        )?;
        version.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let notices = NoticeMetrics::new(&registry)?;
        let gauges = Gauges::new(&registry)?;
        Ok(Self { registry, requests, request_seconds, decisions, decision_seconds, notices, gauges })
    }

    /// Counts a request over HTTP. `route` is a pattern of ours, never a path.
    pub fn request(&self, route: &str, method: &axum::http::Method, status: u16, seconds: f64) {
        // Anybody can make up methods.
        let method = match method.as_str() {
            known @ ("GET" | "POST" | "DELETE" | "OPTIONS" | "HEAD" | "PUT" | "PATCH") => known,
            _ => "other",
        };
        self.requests.with_label_values(&[route, method, &status.to_string()]).inc();
        self.request_seconds.with_label_values(&[route]).observe(seconds);
    }

    /// Counts a request for records or the log.
    pub fn decided(&self, outcome: Decided, seconds: f64) {
        self.decisions.with_label_values(&[outcome.word()]).inc();
        self.decision_seconds.observe(seconds);
    }

    /// A request is under way for as long as what this gives is held.
    pub fn under_way(&self) -> UnderWay {
        self.gauges.requests_at_once.inc();
        UnderWay(self.gauges.requests_at_once.clone())
    }

    /// Everything, in Prometheus' text format.
    pub fn text(&self, vitals: &Vitals) -> Result<Vec<u8>, prometheus::Error> {
        self.gauges.set(vitals);
        self.notices.set(&vitals.notices);
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// A request on its way. It may end early, when whoever asks hangs up.
pub struct UnderWay(IntGauge);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Gauges {
    fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let whole = |name, help| registered(registry, IntGauge::new(name, help)?);
        let real = |name, help| registered(registry, Gauge::new(name, help)?);
        let pool = |name, help| {
            registered(registry, prometheus::IntGaugeVec::new(Opts::new(name, help), &["pool"])?)
        };
        Ok(Self {
            ready: whole("ready", "Whether /ready says yes: 1 or 0")?,
            chain_known: whole(
                "chain_known",
                "Whether there is a finalised state to decide on, fresh or not: 1 or 0",
            )?,
            chain_block: whole("chain_finalised_block", "The last finalised block")?,
            chain_leaves: whole(
                "chain_leaves",
                "Unfinalised blocks without children, on all of which a permit must hold",
            )?,
            chain_age: real("chain_finality_age_seconds", "Since finality last moved, as it was seen here")?,
            chain_lag: real("chain_clock_gap_seconds", "Local clock minus chain time")?,
            pool_open: pool(
                "pool_connections",
                "Open connections: to the provider's database, to the store",
            )?,
            pool_idle: pool("pool_idle_connections", "Of these, those that wait for work")?,
            pool_most: pool("pool_connections_max", "As many may be open")?,
            log_queue: whole("log_queue", "Entries that wait to be written to the log")?,
            log_failing: whole(
                "log_failing",
                "Whether the last write to the log failed, so that no answer leaves: 1 or 0",
            )?,
            requests_at_once: whole("requests_in_flight", "Requests under way")?,
        })
    }

    fn set(&self, vitals: &Vitals) {
        self.ready.set(vitals.ready.is_ok().into());
        self.chain_known.set(vitals.chain.is_some().into());
        if let Some(chain) = &vitals.chain {
            self.chain_block.set(i64::try_from(chain.finalised).unwrap_or(i64::MAX));
            self.chain_leaves.set(i64::try_from(chain.leaves).unwrap_or(i64::MAX));
            self.chain_age.set(chain.finality_age.as_secs_f64());
            self.chain_lag.set(chain.clock_gap_ms as f64 / 1000.0);
        }
        for (name, pool) in [("database", vitals.database), ("store", vitals.store)] {
            self.pool_open.with_label_values(&[name]).set(pool.open.into());
            self.pool_idle.with_label_values(&[name]).set(i64::try_from(pool.idle).unwrap_or(i64::MAX));
            self.pool_most.with_label_values(&[name]).set(pool.most.into());
        }
        self.log_queue.set(i64::try_from(vitals.log_queue).unwrap_or(i64::MAX));
        self.log_failing.set(vitals.log_failing.into());
    }
}

/// What the log measures its commits by.
pub fn log_seconds() -> Histogram {
    let help = "Time of a commit of the log, which many entries can share";
    exponential_buckets(FIRST_BUCKET, 2.0, BUCKETS)
        .and_then(|buckets| {
            Histogram::with_opts(HistogramOpts::new("log_commit_seconds", help).buckets(buckets))
        })
        .expect("name and buckets are constants, and sound")
}

fn registered<T: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    collector: T,
) -> Result<T, prometheus::Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

/// `/metrics`, and `/health` and `/ready` as they are on the other listener.
pub fn router(gatekeeper: Arc<Gatekeeper>) -> Router {
    Router::new()
        .route("/metrics", get(show))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .with_state(gatekeeper)
}

/// Serves them until `stop` comes.
pub async fn serve(
    listener: TcpListener,
    gatekeeper: Arc<Gatekeeper>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(gatekeeper)).with_graceful_shutdown(stop).await
}

async fn show(State(gatekeeper): State<Arc<Gatekeeper>>) -> Response {
    match gatekeeper.metrics.text(&gatekeeper.vitals().await) {
        Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "cannot write metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn health(State(gatekeeper): State<Arc<Gatekeeper>>) -> Response {
    Json(json!({ "status": "ok", "chain": gatekeeper.chain_source() })).into_response()
}

async fn ready(State(gatekeeper): State<Arc<Gatekeeper>>) -> Response {
    match gatekeeper.ready().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(reason) => {
            let body = json!({ "error": "not-ready", "message": reason });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn metrics_should_show_every_outcome_when_nothing_has_happened() {
        let metrics = Metrics::new(log_seconds());
        let text = String::from_utf8(metrics.text(&Vitals::default()).unwrap()).unwrap();
        for outcome in Decided::ALL {
            let line = format!("medrec_gatekeeper_decisions_total{{outcome=\"{}\"}} 0", outcome.word());
            assert!(text.contains(&line), "{line} in {text}");
        }
    }

    #[test]
    fn metrics_should_count_what_is_made_up_as_other_when_methods_are() {
        let metrics = Metrics::new(log_seconds());
        let method = axum::http::Method::from_bytes(b"R0-3").unwrap();
        metrics.request("-", &method, 405, 0.1);
        metrics.decided(Decided::of_status(403), 0.1);
        let text = String::from_utf8(metrics.text(&Vitals::default()).unwrap()).unwrap();
        assert!(text.contains("method=\"other\"") && !text.contains("R0-3"), "{text}");
        assert!(text.contains("medrec_gatekeeper_decisions_total{outcome=\"denied\"} 1"), "{text}");
        assert!(text.contains("medrec_gatekeeper_ready 0"), "{text}");
    }
}
