//! The noise of each answer of the year that `docs/research.md` shows.

use std::{fmt, time::Instant};

use medrec_release::{answer, year::YEAR, Fresh};
use serde_json::{json, Value};

use crate::stats::Spread;

/// What came out: for each table its title, how many numbers an answer has, and milliseconds.
pub struct Measured(Vec<(&'static str, usize, Spread)>);

/// Measures.
pub fn measure(repetitions: u32) -> anyhow::Result<Measured> {
    let mut measured = Vec::new();
    for planned in &YEAR {
        let parts = planned.kind.parts(planned.rho).unwrap_or_default();
        let exact: Vec<Vec<i128>> =
            parts.iter().flatten().map(|part| vec![1_000; usize::from(part.width)]).collect();
        let mut times = Vec::new();
        for _ in 0..repetitions {
            let started = Instant::now();
            std::hint::black_box(answer(&mut Fresh::default(), planned.kind, planned.rho, &exact)?);
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        measured.push((planned.title, exact.iter().map(Vec::len).sum(), Spread::of(times)));
    }
    Ok(Measured(measured))
}

impl Measured {
    /// For programs.
    pub fn json(&self) -> Value {
        let one = |(title, numbers, times): &(&str, usize, Spread)| json!({ "title": title, "numbers": numbers, "ms": times.json() });
        self.0.iter().map(one).collect()
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| noise of an answer | numbers | ms | us each |\n|---|---|---|---|")?;
        for (title, numbers, times) in &self.0 {
            writeln!(
                f,
                "| {title} | {numbers} | {times:.3} | {:.1} |",
                times.median * 1e3 / *numbers as f64
            )?;
        }
        Ok(())
    }
}
