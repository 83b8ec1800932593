//! What an answer rests on beside what is read for it: see [`crate::store::recall`].

use std::sync::{Mutex, PoisonError};

use crate::store::recall::AsOf;

/// Gathers it while an answer is made.
pub(super) struct Basis {
    remembers: bool,
    as_of: Mutex<AsOf>,
}

impl Basis {
    /// Nothing but what is read.
    pub fn anew() -> Self {
        Self { remembers: false, as_of: Mutex::new(AsOf::NOW) }
    }

    /// What is remembered will do; who asks is known as of then.
    pub fn remembering(as_of: AsOf) -> Self {
        Self { remembers: true, as_of: Mutex::new(as_of) }
    }

    /// Whether what is remembered will do.
    pub fn remembers(&self) -> bool {
        self.remembers
    }

    /// The answer rests on this, too.
    pub fn rests_on(&self, as_of: AsOf) {
        let mut all = self.as_of.lock().unwrap_or_else(PoisonError::into_inner);
        *all = all.and(as_of);
    }

    /// All that it rests on.
    pub fn as_of(&self) -> AsOf {
        *self.as_of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
