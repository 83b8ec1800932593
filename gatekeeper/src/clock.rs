//! The two local clocks, behind a trait so that tests can set them.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use medrec_primitives::Moment;

/// A reading of both clocks at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Milliseconds since the Unix epoch, as the operating system has it. Can jump.
    pub wall: Moment,
    /// The monotonic clock, which cannot.
    pub monotonic: Instant,
}

/// Where the time comes from.
pub trait Time: Send + Sync {
    /// Reads both clocks.
    fn now(&self) -> Now;
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTimeSource;

impl Time for SystemTimeSource {
    fn now(&self) -> Now {
        // A clock before 1970 reads as 0, which no clock gap tolerates.
        let wall =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as Moment);
        Now { wall, monotonic: Instant::now() }
    }
}

/// Clocks that stand still until they are moved.
#[derive(Debug)]
pub struct ManualTime(std::sync::Mutex<Now>);

impl ManualTime {
    /// Clocks that stand at `wall`.
    pub fn new(wall: Moment) -> Self {
        Self(std::sync::Mutex::new(Now { wall, monotonic: Instant::now() }))
    }

    /// Moves both clocks forward together.
    pub fn advance(&self, milliseconds: u64) {
        let mut now = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        now.wall += milliseconds;
        now.monotonic += std::time::Duration::from_millis(milliseconds);
    }

    /// Sets the wall clock alone, as an operator or an attacker might.
    pub fn set_wall(&self, wall: Moment) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).wall = wall;
    }
}

impl Time for ManualTime {
    fn now(&self) -> Now {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
