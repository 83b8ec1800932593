//! The small universes.

use crate::naive::model::Key;

pub const TYPES: [&str; 3] = ["Observation", "Patient", "Condition"];
pub const PURPOSES: [&str; 3] = ["TREAT", "HRESCH", "PATRQT"];
pub const CODES: [&str; 3] = ["laboratory", "718-7", "R"];
pub const SYSTEMS: [&str; 2] = ["http://loinc.org", "http://x"];
/// The elements that are granted and denied.
pub const ELEMENTS: [&str; 8] = [
    "code",
    "code.coding",
    "code.coding.code",
    "code.text",
    "code2",
    "status",
    "valueQuantity",
    "valueQuantity.value",
];
/// The paths a mask is asked about.
pub const PROBES: [&str; 13] = [
    "code",
    "code.coding",
    "code.coding.code",
    "code.coding.system",
    "code.text",
    "code2",
    "code2.text",
    "cod",
    "status",
    "valueQuantity",
    "valueQuantity.unit",
    "valueQuantity.value",
    "subject",
];
/// Moments are below this.
pub const END_OF_TIME: u64 = 12;
pub const KEYS: [Key; 4] = [0, 1, 2, 3];
/// Members and groups count from 0.
pub const MEMBERS: u32 = 3;
pub const GROUPS: u32 = 3;
/// The numbers of a member's staff, in another order as numbers than as text.
pub const STAFF: [u32; 2] = [2, 10];
/// The number of no rule.
pub const MISSING: u32 = 100;
