//! README.md, "Clock".

use super::model::Ask;

/// The grant's reading of the clock.
pub fn in_force_to_widen(from: Option<u64>, until: Option<u64>, ask: &Ask) -> bool {
    started_to_widen(from, ask) && !ended_to_widen(until, ask)
}

pub fn started_to_widen(from: Option<u64>, ask: &Ask) -> bool {
    from.is_none_or(|from| from <= ask.earliest)
}

pub fn ended_to_widen(until: Option<u64>, ask: &Ask) -> bool {
    until.is_some_and(|until| ask.latest >= until)
}

/// The denial's reading of the clock.
pub fn in_force_to_narrow(from: Option<u64>, until: Option<u64>, ask: &Ask) -> bool {
    let not_yet = from.is_some_and(|from| ask.latest < from);
    let over = until.is_some_and(|until| until <= ask.earliest);
    !(not_yet || over)
}
