//! Runs many random cases on two threads and says where they failed.

use super::coverage::{Branch, Coverage};
use super::random::Random;

const THREADS: u64 = 2;

/// How many cases, and which.
pub struct Run {
    pub cases: u64,
    pub seed: u64,
}

impl Run {
    /// `MEDREC_CASES` (a million unless told) and `MEDREC_SEED`.
    pub fn from_environment() -> Self {
        Self { cases: number("MEDREC_CASES", 1_000_000), seed: number("MEDREC_SEED", 20_260_901) }
    }

    /// Puts `cases` cases through `check`. Every case has random numbers of its own, so the outcome does
    /// not depend on the threads.
    pub fn check(
        &self,
        what: &str,
        cases: u64,
        check: impl Fn(&mut Random, &mut Coverage) -> Result<(), String> + Sync,
    ) -> Coverage {
        println!("{cases} {what}: MEDREC_SEED={} MEDREC_CASES={}", self.seed, self.cases);
        let part = |thread: u64| {
            let mut seen = Coverage::new();
            for case in (thread..cases).step_by(THREADS as usize) {
                if let Err(report) = check(&mut Random::of_case(self.seed, case), &mut seen) {
                    return Err((case, report));
                }
            }
            Ok(seen)
        };
        let parts: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || part(thread))).collect();
            threads.into_iter().map(|thread| thread.join()).collect()
        });
        let mut seen = Coverage::new();
        let mut first_failure: Option<(u64, String)> = None;
        for part in parts {
            match part {
                Ok(Ok(of_thread)) => seen.add(&of_thread),
                Ok(Err(failure)) => {
                    let earlier = first_failure.as_ref().is_none_or(|first| failure.0 < first.0);
                    if earlier {
                        first_failure = Some(failure);
                    }
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        if let Some((case, report)) = first_failure {
            panic!("{what}, case {case} of MEDREC_SEED={}:\n  {report}", self.seed);
        }
        seen
    }

    /// Fails if a branch from `first` to `last` was taken less than once in a thousand of the run's cases.
    /// Short runs say too little about that.
    pub fn assert_all_seen(&self, seen: &Coverage, first: Branch, last: Branch) {
        if self.cases < 100_000 {
            println!("too few cases to judge which branches they take");
            return;
        }
        let least = self.cases / 1000;
        let rare = seen.rarer_than(least, first, last);
        assert!(rare.is_empty(), "taken less than {least} times: {rare:?}");
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else {
        return otherwise;
    };
    text.parse().unwrap_or_else(|_| panic!("{variable} must be a number, not {text:?}"))
}
