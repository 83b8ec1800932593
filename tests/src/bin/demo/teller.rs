//! Tells a story: one line a step, with what was really answered.

use std::{fmt::Display, future::Future};

use anyhow::{bail, Context, Result};
use medrec_client::gatekeeper::GatekeeperError;

/// How wide a step's words are before the answer begins.
const WORDS: usize = 66;

/// Counts and prints the steps.
#[derive(Default)]
pub struct Teller {
    steps: usize,
}

impl Teller {
    /// Begins a part of the story.
    pub fn part(&self, title: &str) {
        println!("\n{title}");
    }

    /// Takes one step and prints what was answered. Ends the story where it went otherwise than told.
    pub async fn step<T>(
        &mut self,
        words: &str,
        taken: impl Future<Output = Result<(T, String)>>,
    ) -> Result<T> {
        self.steps += 1;
        match taken.await {
            Ok((value, answer)) => {
                println!("{:>3}  {words:<WORDS$}  {answer}", self.steps);
                Ok(value)
            }
            Err(error) => {
                println!("{:>3}  {words:<WORDS$}  NOT AS TOLD", self.steps);
                Err(error.context(format!("step {}: {words}", self.steps)))
            }
        }
    }

    /// How many steps were taken.
    pub fn steps(&self) -> usize {
        self.steps
    }
}

/// What the gatekeeper says when it refuses, with the status that is expected; an error if it answers anything else.
pub fn refused<T>(answer: Result<T, GatekeeperError>, expected: u16) -> Result<((), String)> {
    match answer {
        Err(GatekeeperError::Refused { status, message, .. }) if status == expected => {
            Ok(((), format!("gatekeeper: {status} {message}")))
        }
        Err(error) => Err(error).with_context(|| format!("a refusal with status {expected} was expected")),
        Ok(_) => bail!("a refusal with status {expected} was expected, and an answer came"),
    }
}

/// What the chain says when a call is in a block.
pub fn in_block(done: &medrec_client::chain::Submitted, said: impl Display) -> String {
    format!("chain: {said}, block {}", done.block_number)
}
