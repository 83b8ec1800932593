//! What must go with an element that is shown, so that it is not read as something else.

use serde_json::{Map, Value};

use crate::fhir::definitions::Property;

/// Elements of a data type that say nothing right without the others beside them, as (type, shown, completed by).
const GROUPS: &[(&str, &[&str], &[&str])] = &[
    ("Quantity", &["value"], QUANTITY),
    ("SimpleQuantity", &["value"], QUANTITY),
    ("Age", &["value"], QUANTITY),
    ("Count", &["value"], QUANTITY),
    ("Distance", &["value"], QUANTITY),
    ("Duration", &["value"], QUANTITY),
    ("Money", &["value"], &["currency"]),
    ("Ratio", &["numerator", "denominator"], &["numerator", "denominator"]),
    ("SampledData", &["data"], &["origin", "period", "factor", "lowerLimit", "upperLimit", "dimensions"]),
    // A code means something in its system only.
    ("Coding", &["code", "display"], &["system", "version"]),
    ("Identifier", &["value"], &["system"]),
    ("ContactPoint", &["value"], &["system"]),
];

const QUANTITY: &[&str] = &["unit", "system", "code", "comparator"];

/// Whether an element must be shown because of what is already shown of the same object.
///
/// Modifier elements always must. A Range without one of its ends, a Period without its start say less, not something else.
pub(super) fn completes(fhir_type: &str, property: &Property, shown: &Map<String, Value>) -> bool {
    property.element.modifier
        || GROUPS.iter().any(|(group, triggers, completed)| {
            *group == fhir_type
                && completed.contains(&property.element.name)
                && triggers.iter().any(|trigger| shown.contains_key(*trigger))
        })
}
