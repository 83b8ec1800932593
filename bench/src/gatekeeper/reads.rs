//! Authorised reads through the gatekeeper and the same SQL through bare `axum`, in turn.

use std::time::Duration;

use serde_json::{json, Value};

use super::{load::Outcome, stage::Stage};
use crate::stats::{quantile, Spread};

/// Before the first round, so that connections, plans and remembered terms are there on both sides.
const WARM_UP: Duration = Duration::from_millis(500);

/// Both sides over so many connections.
pub async fn measure(
    stage: &Stage,
    connections: usize,
    rounds: u32,
    span: Duration,
) -> anyhow::Result<Value> {
    let (ours, bare) = (stage.through_gatekeeper(&stage.viewer).await?, stage.through_bare());
    ours.ask(connections, WARM_UP).await?;
    bare.ask(connections, WARM_UP).await?;
    let (mut of_ours, mut of_bare) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // Whoever is first may be the one that meets a busy moment.
        if round % 2 == 0 {
            of_bare.push(bare.ask(connections, span).await?);
            of_ours.push(ours.ask(connections, span).await?);
        } else {
            of_ours.push(ours.ask(connections, span).await?);
            of_bare.push(bare.ask(connections, span).await?);
        }
    }
    let ratio = |of: fn(&Outcome) -> f64| {
        Spread::of(of_ours.iter().zip(&of_bare).map(|(ours, bare)| of(ours) / of(bare))).json()
    };
    let each = |of: &[Outcome]| {
        json!({
            "p50_us": Spread::of(of.iter().map(p50)).json(),
            "p99_us": Spread::of(of.iter().map(p99)).json(),
            "per_second": Spread::of(of.iter().map(rate)).json(),
        })
    };
    Ok(json!({
        "connections": connections,
        "gatekeeper": each(&of_ours),
        "bare": each(&of_bare),
        "ratio": { "p50": ratio(p50), "p99": ratio(p99), "per_second": ratio(rate) },
    }))
}

fn p50(outcome: &Outcome) -> f64 {
    quantile(&outcome.micros, 0.5)
}

fn p99(outcome: &Outcome) -> f64 {
    quantile(&outcome.micros, 0.99)
}

fn rate(outcome: &Outcome) -> f64 {
    outcome.per_second
}
