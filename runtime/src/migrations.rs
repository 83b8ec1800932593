//! What to do to the state when this runtime replaces the one before it.

/// Migrations that run in the first block of this runtime. There is no earlier runtime.
pub type SingleBlock = ();
