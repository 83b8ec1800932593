//! What counts as refused, and what as a leak.

use std::{collections::BTreeSet, future::Future, pin::Pin, sync::Mutex, time::Instant};

use anyhow::{bail, ensure, Context, Result};
use futures::{stream, StreamExt};
use medrec_tests::{
    canaries::Canaries,
    practice::{ask::Ask, eventually, rules::Rule, Patient, World},
    wire::RawAnswer,
};
use serde_json::Value;

/// How many cases run side by side.
const SIDE_BY_SIDE: usize = 12;

/// A case: its name, and how it goes.
pub struct Case<'a> {
    name: &'static str,
    story: Pin<Box<dyn Future<Output = Result<()>> + 'a>>,
}

/// Makes a case.
pub fn case<'a>(name: &'static str, story: impl Future<Output = Result<()>> + 'a) -> Case<'a> {
    Case { name, story: Box::pin(story) }
}

/// Runs all cases and gives what failed.
pub async fn run(cases: Vec<Case<'_>>) -> Vec<String> {
    let stories = cases.into_iter().map(|Case { name, story }| async move {
        let started = Instant::now();
        let outcome = story.await;
        let seconds = started.elapsed().as_secs_f32();
        println!("{} {name} ({seconds:.1} s)", if outcome.is_ok() { "ok    " } else { "FAILED" });
        outcome.err().map(|error| format!("- {name}: {error:#}"))
    });
    stream::iter(stories)
        .buffer_unordered(SIDE_BY_SIDE)
        .filter_map(|failure| async { failure })
        .collect()
        .await
}

/// Looks at answers.
pub struct Judge<'a> {
    /// Where it all happens.
    pub world: &'a World,
    /// Somebody for cases that change nothing.
    pub patient: Patient,
    /// What must be nowhere in a refusal.
    canaries: BTreeSet<String>,
    /// The same, in all its disguises.
    disguised: Canaries,
    /// The one refusal of whoever may not read, head and body.
    refusal: Mutex<Option<(Vec<String>, String)>>,
}

impl<'a> Judge<'a> {
    /// For this world.
    pub async fn new(world: &'a World) -> Result<Self> {
        let canaries = world.practices.iter().flat_map(|practice| practice.canaries()).collect();
        let patient = world.admit_patient('a').await?;
        let disguised = world.canaries();
        Ok(Self { world, patient, canaries, disguised, refusal: Mutex::default() })
    }

    /// Every laboratory result and vital sign of a patient of practice `a`.
    pub fn observations(&self, patient: &Patient) -> Ask {
        Ask::search('a', &patient.key, "Observation", patient.relationship)
    }

    /// Waits until this is permitted: a control. It must show something of the patient.
    pub async fn permits(&self, ask: &Ask) -> Result<RawAnswer> {
        let answer = ask.until(self.world, 200).await.context("the control")?;
        ensure!(self.leaks(&answer).next().is_some(), "the control shows nothing: {}", answer.text());
        Ok(answer)
    }

    /// This is refused now, as whoever may not read is refused.
    pub async fn refuses(&self, ask: &Ask) -> Result<()> {
        let answer = ask.send(self.world).await?;
        self.is_the_refusal(&answer)
    }

    /// Waits until this is refused, as whoever may not read is refused.
    pub async fn comes_to_refuse(&self, ask: &Ask) -> Result<()> {
        let answer = ask.until(self.world, 403).await?;
        self.is_the_refusal(&answer)
    }

    /// The refusal of whoever may not read: always the same, letter by letter, whatever the reason.
    pub fn is_the_refusal(&self, answer: &RawAnswer) -> Result<()> {
        self.is_refusal(answer, 403)?;
        let outcome = answer.json()?;
        ensure!(outcome["resourceType"] == "OperationOutcome", "not an OperationOutcome: {outcome}");
        ensure!(outcome["issue"][0]["code"] == "forbidden", "not forbidden: {outcome}");
        let names: Vec<_> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
        let found = (names, answer.text());
        let mut first = self.refusal.lock().unwrap();
        match &*first {
            None => *first = Some(found),
            Some(first) => ensure!(*first == found, "refusals differ: {first:?} and {found:?}"),
        }
        Ok(())
    }

    /// A refusal with this status that shows nothing of anybody.
    pub fn is_refusal(&self, answer: &RawAnswer, status: u16) -> Result<()> {
        ensure!(answer.status == status, "{} instead of {status}: {}", answer.status, answer.text());
        self.shows_nothing(answer)
    }

    /// Any answer that is neither a success nor the server's fault, and shows nothing of anybody.
    pub fn is_client_error(&self, answer: &RawAnswer) -> Result<()> {
        ensure!((400..500).contains(&answer.status), "{}: {}", answer.status, answer.text());
        self.shows_nothing(answer)
    }

    /// Nothing of anybody, and no word of the machinery behind.
    pub fn shows_nothing(&self, answer: &RawAnswer) -> Result<()> {
        if let Some(leak) = self.leaks(answer).next() {
            bail!("{leak:?} leaks in {} {:?} {}", answer.status, answer.headers, answer.text());
        }
        self.disguised.not_in(&answer.body, || format!("{} {}", answer.status, answer.text()))?;
        let text = answer.text().to_ascii_lowercase();
        for word in ["sqlite", "select ", "syntax error", "file_no", "panicked", "sqlx", "stack backtrace"] {
            ensure!(!text.contains(word), "{word:?} is of no concern to the asker: {}", answer.text());
        }
        Ok(())
    }

    /// Nothing of anybody that the asker did not write: a Bundle repeats what was searched for.
    pub fn shows_nothing_new(&self, ask: &Ask, answer: &RawAnswer) -> Result<()> {
        match self.leaks(answer).find(|leak| !ask.target.contains(leak)) {
            Some(leak) => bail!("{leak:?} leaks in {} {:?} {}", answer.status, answer.headers, answer.text()),
            None => Ok(()),
        }
    }

    /// What of anybody is in an answer.
    pub fn leaks<'b>(&'b self, answer: &'b RawAnswer) -> impl Iterator<Item = &'b str> + 'b {
        let head: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        let all = head + &answer.text();
        self.canaries.iter().map(String::as_str).filter(move |canary| all.contains(canary))
    }

    /// A patient of practice `a` who has granted everything to a viewer who reads it.
    pub async fn open_patient(&self, viewer: &str) -> Result<(Patient, Ask)> {
        let patient = self.world.admit_patient('a').await?;
        let viewer = self.world.key(viewer);
        self.world.rule(&patient, &Rule::everything(&viewer)).await?;
        let ask = self.observations(&patient).by(&viewer);
        self.permits(&ask).await?;
        Ok((patient, ask))
    }

    /// A patient of practice `a` who has granted these terms to a viewer who reads it.
    pub async fn patient_granting(&self, viewer: &str, terms: &str) -> Result<(Patient, Ask)> {
        let patient = self.world.admit_patient('a').await?;
        let viewer = self.world.key(viewer);
        self.world.rule(&patient, &Rule::allow(&viewer, terms)).await?;
        let ask = self.observations(&patient).by(&viewer);
        self.permits(&ask).await?;
        Ok((patient, ask))
    }

    /// Waits until an answer is as this says.
    pub async fn until(&self, ask: &Ask, what: &str, is: impl Fn(&RawAnswer) -> bool) -> Result<RawAnswer> {
        eventually(what, || async {
            let answer = ask.send(self.world).await?;
            Ok(if is(&answer) { Ok(answer) } else { Err(format!("{} {}", answer.status, answer.text())) })
        })
        .await
    }
}

/// The resources of a Bundle.
pub fn entries(answer: &RawAnswer) -> Result<Vec<Value>> {
    let bundle = answer.json()?;
    ensure!(bundle["resourceType"] == "Bundle", "not a Bundle: {bundle}");
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    Ok(entries.into_iter().map(|mut entry| entry["resource"].take()).collect())
}
