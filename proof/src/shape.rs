//! How a resource falls apart into leaves, and which marks a gatekeeper may add to what it shows.

use serde_json::Value;

/// URL of HL7's extension for what is absent.
pub const ABSENT_REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// URL of the extension that says on which ground a record is withheld.
pub const WITHHELD_GROUND: &str = "urn:medrec:fhir:withheld-ground";

/// System of the marks `REDACTED` and `SUBSETTED`.
pub const OBSERVATION_VALUE: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";

/// Codes of [`ABSENT_REASON`] that gatekeepers use.
const REASONS: [&str; 4] = ["masked", "unknown", "error", "unsupported"];

/// What an element is made of.
#[derive(Debug)]
pub(crate) enum Shape<'a> {
    /// One leaf: a scalar, an array of scalars, or what stands beside a primitive.
    Whole,
    /// An object with elements of its own.
    Object(&'a serde_json::Map<String, Value>),
    /// Objects in an order.
    Items(&'a [Value]),
}

/// The shape of the element `name`.
pub(crate) fn shape<'a>(name: &str, value: &'a Value) -> Shape<'a> {
    match value {
        _ if name.starts_with('_') => Shape::Whole,
        Value::Object(object) if !object.is_empty() => Shape::Object(object),
        Value::Array(items) if !items.is_empty() && items.iter().all(is_filled) => Shape::Items(items),
        _ => Shape::Whole,
    }
}

fn is_filled(value: &Value) -> bool {
    value.as_object().is_some_and(|object| !object.is_empty())
}

/// Whether an item of the array at `place` is one that gatekeepers add: a reason for what is absent, the ground of withholding,
/// `REDACTED`, `SUBSETTED`, or an element that has nothing but reasons.
pub(crate) fn is_added_item(place: &str, value: &Value) -> bool {
    let Some(object) = value.as_object() else { return false };
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let only =
        |names: &[&str]| object.len() == names.len() && names.iter().all(|name| object.contains_key(*name));
    if place == "extension" && only(&["url", "valueString"]) {
        return text("url") == Some(WITHHELD_GROUND);
    }
    if ["meta/security", "meta/tag"].contains(&place) && only(&["system", "code", "display"]) {
        let code = text("code").filter(|code| ["REDACTED", "SUBSETTED"].contains(code));
        return text("system") == Some(OBSERVATION_VALUE)
            && code.is_some_and(|code| text("display") == Some(code.to_lowercase().as_str()));
    }
    let is_extension = place == "extension" || place.ends_with("/extension");
    (is_extension && is_reason(value)) || is_only_reasons(value)
}

/// Whether a whole element is one that gatekeepers add: what stands beside a primitive that is absent, and `[null]` in its place.
pub(crate) fn is_added_whole(name: &str, value: &Value) -> bool {
    match value {
        Value::Array(items) if name.starts_with('_') => {
            items.iter().any(is_only_reasons)
                && items.iter().all(|item| item.is_null() || is_only_reasons(item))
        }
        Value::Array(items) => matches!(items.as_slice(), [Value::Null]),
        value => name.starts_with('_') && is_only_reasons(value),
    }
}

/// The extension that says why something is absent.
fn is_reason(value: &Value) -> bool {
    let Some(object) = value.as_object().filter(|object| object.len() == 2) else { return false };
    object.get("url").is_some_and(|url| url == ABSENT_REASON)
        && object.get("valueCode").and_then(Value::as_str).is_some_and(|code| REASONS.contains(&code))
}

/// An element that has nothing but reasons why it, or all of its parts, are absent.
fn is_only_reasons(value: &Value) -> bool {
    let Some(object) = value.as_object().filter(|object| !object.is_empty()) else { return false };
    object.iter().all(|(name, value)| match value {
        Value::Array(items) if name == "extension" => !items.is_empty() && items.iter().all(is_reason),
        value if is_added_whole(name, value) => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(is_only_reasons),
        value => !name.starts_with('_') && is_only_reasons(value),
    })
}
