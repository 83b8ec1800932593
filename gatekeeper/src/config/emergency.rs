//! Settings of emergencies while the chain cannot be reached.

use serde::Deserialize;

/// The longest that a gatekeeper may go on without the chain in an emergency (hours): a drafted transaction is valid for 4096 blocks.
pub const LONGEST_OFFLINE_HOURS: u8 = 6;

/// Emergencies while the chain cannot be reached.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Emergency {
    /// For how long after the last finalised block emergency staff may break the glass here, and read. 0: not at all.
    pub offline_hours: u8,
    /// Breaks of one person in 24 hours while the chain is away.
    pub offline_per_staff: u32,
    /// Breaks of one member's staff in 24 hours while the chain is away.
    pub offline_per_member: u32,
}

impl Default for Emergency {
    fn default() -> Self {
        Self { offline_hours: 4, offline_per_staff: 8, offline_per_member: 100 }
    }
}
