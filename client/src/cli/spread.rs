//! One call in several relationships, at different times: calls of one sitting would tell that they are one person's.

use core::{fmt, str::FromStr, time::Duration};
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Args;
use medrec_primitives::RelationshipId;
use rand::{seq::SliceRandom, Rng};

use super::{args, context::Context, output::Output};

/// How often the clock is looked at while waiting: a machine that slept has not counted.
const LOOK: Duration = Duration::from_secs(30);

/// How often a long wait says that it goes on.
const REPORT: Duration = Duration::from_secs(6 * 60 * 60);

/// How calls in several relationships are spread.
#[derive(Clone, Debug, Args)]
pub struct Spread {
    /// With several relationships: the time over which the calls are spread at random, such as 7d, 12h, 30m. The first is made at
    /// once, and this program waits for the others
    #[arg(long, value_name = "SPAN", default_value = "7d")]
    spread: Span,
    /// Make them all at once: whoever reads the chain can then tell that they are one person's
    #[arg(long, conflicts_with = "spread")]
    at_once: bool,
}

/// A span of time as written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(Duration);

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let span = args::span(text).ok_or("write 7d, 12h, 45m or 90s")?;
        Ok(Self(Duration::from_millis(span.milliseconds())))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(self.0))
    }
}

/// Acts in each relationship, one after the other in no particular order, with waits in between as `spread` says.
pub async fn spread<A>(
    context: &Context,
    relationships: &[RelationshipId],
    spread: &Spread,
    act: A,
) -> anyhow::Result<Output>
where
    A: AsyncFn(&Context, RelationshipId) -> anyhow::Result<Output>,
{
    let over = if spread.at_once { Duration::ZERO } else { spread.spread.0 };
    let offsets = offsets(relationships.len(), over, &mut rand::rngs::OsRng);
    each(context, relationships, &offsets, act).await
}

/// Acts in each relationship without waiting: for what narrows access.
pub async fn at_once<A>(context: &Context, relationships: &[RelationshipId], act: A) -> anyhow::Result<Output>
where
    A: AsyncFn(&Context, RelationshipId) -> anyhow::Result<Output>,
{
    each(context, relationships, &vec![Duration::ZERO; relationships.len()], act).await
}

async fn each<A>(
    context: &Context,
    relationships: &[RelationshipId],
    offsets: &[Duration],
    act: A,
) -> anyhow::Result<Output>
where
    A: AsyncFn(&Context, RelationshipId) -> anyhow::Result<Output>,
{
    let mut order = relationships.to_vec();
    if let [one] = order[..] {
        return act(context, one).await;
    }
    order.shuffle(&mut rand::rngs::OsRng);
    let started = SystemTime::now();
    let count = order.len();
    let mut outputs = Vec::with_capacity(count);
    for (done, (relationship, offset)) in order.iter().copied().zip(offsets).enumerate() {
        let rest = || names(order.get(done..).unwrap_or_default());
        let remaining = || offset.saturating_sub(started.elapsed().unwrap_or_default());
        if !remaining().is_zero() {
            eprintln!(
                "medrec: {done} of {count} done. The next waits for {}, so that their times do not join your relationships. You can stop \
                 this and give the command again later, for {} (--at-once does not wait)",
                words(remaining()),
                rest()
            );
            wait(remaining, done, count).await;
        }
        // A connection that waited for days may have died.
        let fresh = Context::new(context.options.clone());
        let output = act(&fresh, relationship).await;
        outputs.push(output.with_context(|| format!("{done} of {count} done; still to do: {}", rest()))?);
        eprintln!("medrec: {relationship} done, {} of {count}", outputs.len());
    }
    Ok(Output::all(outputs))
}

async fn wait(remaining: impl Fn() -> Duration, done: usize, count: usize) {
    let mut since_report = Duration::ZERO;
    loop {
        let left = remaining();
        if left.is_zero() {
            return;
        }
        let pause = left.min(LOOK);
        tokio::time::sleep(pause).await;
        since_report += pause;
        if since_report >= REPORT {
            since_report = Duration::ZERO;
            eprintln!("medrec: {done} of {count} done; the next in {}", words(remaining()));
        }
    }
}

/// When each of `count` calls is made: the first at once, the others at random over the span, ascending.
fn offsets(count: usize, over: Duration, rng: &mut impl Rng) -> Vec<Duration> {
    let mut offsets: Vec<_> =
        (1..count).map(|_| if over.is_zero() { over } else { rng.gen_range(Duration::ZERO..over) }).collect();
    offsets.push(Duration::ZERO);
    offsets.sort_unstable();
    offsets
}

fn names(relationships: &[RelationshipId]) -> String {
    relationships.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// A span as people read it, coarse.
fn words(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600, seconds / 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{}s", seconds.max(1)),
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) if minutes % 60 == 0 => format!("{hours}h"),
        (0, hours, minutes) => format!("{hours}h {}m", minutes % 60),
        (days, hours, _) if hours % 24 == 0 => format!("{days}d"),
        (days, hours, _) => format!("{days}d {}h", hours % 24),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    const WEEK: Duration = Duration::from_secs(7 * 86_400);

    #[test]
    fn calls_should_be_spread_at_random_when_there_are_several() {
        let mut rng = rand::rngs::OsRng;
        let spread = offsets(5, WEEK, &mut rng);
        assert!(spread[0].is_zero() && spread.is_sorted() && spread.len() == 5);
        assert!(spread[1..].iter().all(|offset| !offset.is_zero() && *offset < WEEK));
        assert_ne!(spread, offsets(5, WEEK, &mut rng));
        assert_eq!(offsets(3, Duration::ZERO, &mut rng), [Duration::ZERO; 3]);
        assert_eq!(offsets(1, WEEK, &mut rng), [Duration::ZERO]);
    }

    #[test]
    fn span_should_return_unchanged_when_printed_and_parsed() {
        for text in ["7d", "12h", "45m", "20s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for text in ["", "7", "d", "+7d", "1w", "-1d"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        assert_eq!(words(Duration::from_secs(2 * 86_400 + 3 * 3_600 + 59)), "2d 3h");
        assert_eq!(words(Duration::from_secs(3_600 + 120)), "1h 2m");
    }

    #[tokio::test]
    async fn wait_should_end_when_the_time_has_come_and_not_before() {
        let (started, span) = (std::time::Instant::now(), Duration::from_millis(60));
        wait(|| span.saturating_sub(started.elapsed()), 1, 2).await;
        assert!(started.elapsed() >= span);
    }
}
