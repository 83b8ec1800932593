//! The grants of both sides, and what is asked about them: made by number, so that both have the same.
//!
//! This file is compiled into `medrec-bench` and into `bench/cedar`, so it uses nothing but the standard library.

/// Grants that a relationship has.
pub const PER_RELATIONSHIP: u32 = 10;

/// What grants are about, in turn.
pub const TYPES: [&str; 4] = ["Observation", "Condition", "MedicationRequest", "Encounter"];

/// What grants are for.
pub const PURPOSE: &str = "TREAT";

/// Until when they stand (ms): 2100.
pub const UNTIL: u64 = 4_102_444_800_000;

/// The time of the decisions (ms): some day in 2026.
pub const NOW: u64 = 1_790_000_000_000;

/// A grant: search and read all of one type, for treatment, until a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose records.
    pub relationship: u32,
    /// Who may read them.
    pub viewer: u32,
    /// Its place in [`TYPES`].
    pub kind: usize,
}

/// Grant number `n`. Viewers of one relationship differ; a viewer turns up in several relationships.
pub fn grant(n: u32) -> Grant {
    let relationship = n / PER_RELATIONSHIP;
    Grant { relationship, viewer: viewer(relationship, n % PER_RELATIONSHIP), kind: n as usize % TYPES.len() }
}

fn viewer(relationship: u32, place: u32) -> u32 {
    // Of a thousand colleagues, ten next to each other know one patient.
    relationship.wrapping_mul(2_654_435_761) % 1_000 * PER_RELATIONSHIP + place
}

/// Question `k` of one run over `count` grants, and whether the answer is yes. Every other one is about a type that was not granted.
pub fn question(k: u32, count: u32) -> (Grant, bool) {
    let n = (u64::from(k).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % u64::from(count);
    let grant = grant(u32::try_from(n).unwrap_or(0));
    match k % 2 {
        0 => (grant, true),
        _ => (Grant { kind: (grant.kind + 1) % TYPES.len(), ..grant }, false),
    }
}
